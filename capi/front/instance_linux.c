/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * instance_linux.c: one more instance of the engine.
 *
 * glibc takes two files for one object if device and inode agree, so each instance needs a file of its own. Of the
 * engine's, that one has what the linker reads and what is written to: the first segment and the writable ones. The
 * others, four fifths, are holes in it. Over these the engine's file itself is mapped, whose pages all processes share,
 * when the linker is done and before any of the code has run: the copy names no constructors, they are called here.
 */

#define _GNU_SOURCE

#include "platform.h"

#ifdef __linux__

#include <sys/mman.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_SEGMENTS 64
#define MAX_DYNAMIC 128
#define NAME_SIZE 256
#define IGNORED_TAG (DT_LOOS + 1) /* nobody's: the linker skips it */

/* No limit is known: a hundred generations were tried. */
#ifndef PLATFORM_INSTANCES
#define PLATFORM_INSTANCES UINT_MAX
#endif

/* Kernels since 6.3 may be told to give no memfd the right to be executed that was not asked for. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

typedef void constructor(int argc, char **argv, char **envp);

/* What of the engine's file is needed here. */
struct image {
	off_t size;
	Elf64_Phdr segments[MAX_SEGMENTS];
	size_t segment_count;
	Elf64_Dyn dynamic[MAX_DYNAMIC];
	size_t dynamic_size; /* octets */
	off_t dynamic_offset;
	/* Addresses within the object, or 0. */
	Elf64_Addr init, init_array;
	size_t init_count;
};

/* What the process was started with, for constructors. */
static struct {
	int argc;
	char **argv;
} started;

__attribute__((constructor)) static void
note_arguments(int argc, char **argv)
{
	started.argc = argc;
	started.argv = argv;
}

unsigned
platform_instances(void)
{
	return PLATFORM_INSTANCES;
}

/* shared tells whether a segment is mapped from the engine's own file. The linker's tables lie in the first one. */
static int
shared(const Elf64_Phdr *segment)
{
	return segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && segment->p_offset != 0;
}

/* read_image reads headers that front_check_image has found sound, and takes the constructors out of the dynamic section. */
static int
read_image(int fd, struct image *image)
{
	Elf64_Ehdr header;
	struct stat st;
	ssize_t size;
	size_t i;

	memset(image, 0, sizeof(*image));
	if (fstat(fd, &st) != 0 || pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return -1;
	image->size = st.st_size;
	image->segment_count = header.e_phnum < MAX_SEGMENTS ? header.e_phnum : MAX_SEGMENTS;
	size = (ssize_t)(image->segment_count * sizeof(image->segments[0]));
	if (pread(fd, image->segments, (size_t)size, (off_t)header.e_phoff) != size)
		return -1;
	for (i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];

		if (segment->p_type != PT_DYNAMIC)
			continue;
		size = segment->p_filesz < sizeof(image->dynamic) ? (ssize_t)segment->p_filesz : (ssize_t)sizeof(image->dynamic);
		image->dynamic_offset = (off_t)segment->p_offset;
		image->dynamic_size = (size_t)size;
		if (pread(fd, image->dynamic, (size_t)size, image->dynamic_offset) != size)
			return -1;
	}
	for (i = 0; i < image->dynamic_size / sizeof(image->dynamic[0]); i++) {
		Elf64_Dyn *entry = &image->dynamic[i];

		switch (entry->d_tag) {
		case DT_INIT:
			image->init = entry->d_un.d_ptr;
			break;
		case DT_INIT_ARRAY:
			image->init_array = entry->d_un.d_ptr;
			break;
		case DT_INIT_ARRAYSZ:
			image->init_count = entry->d_un.d_val / sizeof(Elf64_Addr);
			break;
		case DT_FINI:
		case DT_FINI_ARRAY:
		case DT_FINI_ARRAYSZ:
			break; /* an engine is never unloaded, and does nothing at exit(3) */
		default:
			continue;
		}
		entry->d_tag = IGNORED_TAG;
	}
	return 0;
}

static int
write_all(int fd, const char *data, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t n = pwrite(fd, data, length, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		length -= (size_t)n;
		offset += n;
	}
	return 0;
}

/* copy_image writes what an instance does not share. */
static int
copy_image(int from, int to, const struct image *image)
{
	char *file = mmap(NULL, (size_t)image->size, PROT_READ, MAP_SHARED, from, 0);
	size_t i;
	int result = 0;

	if (file == MAP_FAILED)
		return -1;
	if (ftruncate(to, image->size) != 0)
		result = -1;
	for (i = 0; result == 0 && i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];

		if (segment->p_type == PT_LOAD && !shared(segment))
			result = write_all(to, file + segment->p_offset, segment->p_filesz, (off_t)segment->p_offset);
	}
	if (result == 0)
		result = write_all(to, (const char *)image->dynamic, image->dynamic_size, image->dynamic_offset);
	(void)munmap(file, (size_t)image->size);
	return result;
}

/* map_shared fills the holes of an object that the linker has loaded at base. */
static int
map_shared(int fd, const struct image *image, uintptr_t base)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];
		uintptr_t before = segment->p_vaddr % page;
		int protection = (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_X ? PROT_EXEC : 0);

		if (shared(segment) &&
		    mmap((void *)(base + segment->p_vaddr - before), segment->p_filesz + before, protection,
			MAP_PRIVATE | MAP_FIXED, fd, (off_t)(segment->p_offset - before)) == MAP_FAILED)
			return -1;
	}
	return 0;
}

static void
construct(const struct image *image, uintptr_t base)
{
	const uintptr_t *array = (const uintptr_t *)(base + image->init_array); /* relocated by the linker */
	size_t i;

	if (image->init != 0)
		((constructor *)(base + image->init))(started.argc, started.argv, environ);
	for (i = 0; i < image->init_count; i++)
		((constructor *)array[i])(started.argc, started.argv, environ);
}

static int
anonymous_file(void)
{
	int fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC);
	return fd;
}

/* spell adds the lowest bits of n to a path, from the highest on: "/" for a 0 and "/." for a 1, which mean nothing there. */
static size_t
spell(char *path, uint64_t n, int bits)
{
	size_t length = 0;

	while (bits-- > 0) {
		path[length++] = '/';
		if (n >> bits & 1)
			path[length++] = '.';
	}
	return length;
}

/*
 * glibc takes two names that agree for one object, too. So into the name goes which instance it is, and of which front
 * in the process.
 */
static void
unique_name(char name[NAME_SIZE], int fd, unsigned generation)
{
	char path[2 * (64 + 32) + 1];
	size_t length = spell(path, (uintptr_t)&started, 64);

	length += spell(path + length, generation, 32);
	path[length] = '\0';
	(void)snprintf(name, NAME_SIZE, "/proc/self/fd%s/%d", path, fd);
}

/* load has the linker load the copy, and makes it whole. */
static void *
load(int fd, int copy, const struct image *image, unsigned generation, char *why, size_t size)
{
	struct link_map *object;
	const char *reason;
	char name[NAME_SIZE];
	void *handle;

	unique_name(name, copy, generation);
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		reason = dlerror();
		if (access("/proc/self/fd", X_OK) != 0)
			reason = "/proc is not there, perhaps because the root directory was changed: call once before that";
		(void)snprintf(why, size, "%s", reason != NULL ? reason : "dlopen failed");
		return NULL;
	}
	if (dlinfo(handle, RTLD_DI_LINKMAP, &object) != 0) {
		(void)snprintf(why, size, "dlinfo failed");
		return NULL;
	}
	if (map_shared(fd, image, object->l_addr) != 0) {
		(void)snprintf(why, size, "mmap: %s", strerrordesc_np(errno));
		return NULL;
	}
	construct(image, object->l_addr);
	return handle;
}

void *
platform_fresh_instance(int fd, unsigned generation, char *why, size_t size)
{
	struct image image;
	void *handle = NULL;
	int copy;

	if (generation >= platform_instances()) {
		(void)snprintf(why, size, "the limit is %u", platform_instances());
		return NULL;
	}
	copy = anonymous_file();
	if (copy < 0) {
		(void)snprintf(why, size, "memfd_create: %s", strerrordesc_np(errno));
		return NULL;
	}
	if (read_image(fd, &image) != 0 || copy_image(fd, copy, &image) != 0)
		(void)snprintf(why, size, "copying the engine: %s", strerrordesc_np(errno));
	else
		handle = load(fd, copy, &image, generation, why, size);
	(void)close(copy);
	return handle;
}

#endif
