/* SPDX-License-Identifier: BSD-2-Clause */

#define _DEFAULT_SOURCE

#include "renew.h"

#include <sys/mman.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* What internal/image writes into the file: addresses within the object, sizes in octets. */
struct engine_image {
	uint64_t layout;
	uint64_t parts, relro_parts, data_parts; /* the table of parts: those of relro first */
	uint64_t relro, relro_size;              /* read-only once it is relocated */
	uint64_t data, data_size, initial;       /* initial is a copy of the data, not relocated */
	uint64_t bss, bss_size;
	uint64_t constructors, constructor_count;
	uint64_t size;
};

/* A run of pages that all have addresses in them, and where: in the format of SHT_RELR. */
struct part {
	uint64_t address, size, relocations, relocations_count;
};

#define PREPARED 0x6773736170690001

/* Defined in assembly, so that the compiler assumes nothing about its content: a layout to be replaced, and zeros. */
__asm__(".pushsection gssapi_image,\"a\",@progbits\n"
	".balign 8\n"
	"engine_image:\n"
	".quad 0x6773736170690000\n"
	".fill 13, 8, 0\n"
	".size engine_image, . - engine_image\n"
	".type engine_image, @object\n"
	".popsection");
extern const struct engine_image image __asm__("engine_image") __attribute__((visibility("hidden")));

/* The object's address: its first segment begins with the ELF header. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* The linker's names for the bounds of the section of KEPT variables. */
extern char __start_gssapi_kept[] __attribute__((visibility("hidden")));
extern char __stop_gssapi_kept[] __attribute__((visibility("hidden")));

KEPT static int relro_is_done; /* once is enough: it is read-only afterwards */
KEPT static int used;          /* the image was renewed before, here or in an ancestor */

static char *
at(uint64_t address)
{
	return (char *)(uintptr_t)(__ehdr_start + address);
}

int
image_has(const void *address)
{
	return (uintptr_t)address - (uintptr_t)__ehdr_start < image.size;
}

/*
 * relocate_word adds the base to an address that lacks it. Doing so twice must do no harm, because a child may be forked
 * while its parent is relocating. The base is larger than the object, so the two kinds of address can be told apart.
 */
static void
relocate_word(uint64_t *word)
{
	if (*word <= image.size)
		*word += (uintptr_t)__ehdr_start;
}

/* have_pages makes pages private, all at once, which takes half as long as a fault for each. */
static void
have_pages(char *from, size_t size)
{
#ifdef MADV_POPULATE_WRITE
	uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1, first = (uintptr_t)from & ~mask;

	(void)madvise((void *)first, ((uintptr_t)from + size + mask - first) & ~mask, MADV_POPULATE_WRITE);
#else
	(void)from;
	(void)size;
#endif
}

/* relocate relocates so many parts, from the first on. */
static void
relocate(uint64_t first, uint64_t count)
{
	const struct part *part = (const struct part *)(const void *)at(image.parts) + first, *last = part + count;

	for (; part < last; part++) {
		const uint64_t *entry = (const uint64_t *)(const void *)at(part->relocations);
		const uint64_t *end = entry + part->relocations_count;
		uint64_t *next = NULL, bits;

		have_pages(at(part->address), part->size);
		for (; entry < end; entry++) {
			if ((*entry & 1) == 0) {
				next = (uint64_t *)(void *)at(*entry);
				relocate_word(next++);
				continue;
			}
			for (bits = *entry >> 1; bits != 0; bits &= bits - 1)
				relocate_word(next + __builtin_ctzll(bits));
			next += 63;
		}
	}
}

static int
relocate_relro(void)
{
	char *from = at(image.relro);

	if (mprotect(from, image.relro_size, PROT_READ | PROT_WRITE) != 0)
		return errno;
	relocate(0, image.relro_parts);
	if (mprotect(from, image.relro_size, PROT_READ) != 0)
		return errno;
	relro_is_done = 1;
	return 0;
}

/* put_back restores the initial data, except the KEPT variables in the middle of it. */
static void
put_back(void)
{
	char *data = at(image.data), *end = data + image.data_size;
	const char *initial = at(image.initial);
	char *start = __start_gssapi_kept, *stop = __stop_gssapi_kept;

	memcpy(data, initial, (size_t)(start - data));
	memcpy(stop, initial + (stop - data), (size_t)(end - stop));
}

/* clear_bss gives whole pages back to the system: that is cheaper than writing to them, and leaves no old content. */
static int
clear_bss(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), mask = page - 1;
	char *from = at(image.bss), *to = from + image.bss_size;
	char *first = (char *)(((uintptr_t)from + mask) & ~mask), *last = (char *)((uintptr_t)to & ~mask);

	if (first >= last) {
		memset(from, 0, image.bss_size);
		return 0;
	}
	memset(from, 0, (size_t)(first - from));
	memset(last, 0, (size_t)(to - last));
	return mmap(first, (size_t)(last - first), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0) ==
	    MAP_FAILED ? errno : 0;
}

int
image_relocate(void)
{
	if (image.layout != PREPARED || (uintptr_t)__ehdr_start <= image.size)
		return ENOEXEC;
	return relro_is_done ? 0 : relocate_relro();
}

int
image_renew(void)
{
	int error = image_relocate();

	if (error != 0)
		return error;
	if (used) {
		have_pages(at(image.data), image.data_size);
		put_back();
		if ((error = clear_bss()) != 0)
			return error;
	}
	have_pages(at(image.bss), image.bss_size);
	used = 1;
	relocate(image.relro_parts, image.data_parts);
	return 0;
}

typedef void constructor(int argc, char **argv, char **envp);

void
image_construct(int argc, char **argv, char **envp)
{
	constructor *const *array = (constructor *const *)(const void *)at(image.constructors);
	uint64_t i;

	for (i = 0; i < image.constructor_count; i++)
		array[i](argc, argv, envp);
}
