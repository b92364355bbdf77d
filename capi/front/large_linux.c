/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * large_linux.c: the memory of large messages.
 *
 * glibc gives such memory back to the system when it is freed, or a little later, and then each page of the next
 * message is a fault: a third of the time of sealing it. So two blocks that programs have released, wiped, are kept
 * for messages to come: one for what is wrapped and one for what is unwrapped. Of still larger messages the pages are
 * large.
 */

#define _GNU_SOURCE

#include "platform.h"

#ifdef __linux__

#include <sys/mman.h>

#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT 2
#define KEPT_SIZE ((size_t)2 << 20) /* at most, of one */

#define LARGE_PAGE ((size_t)2 << 20) /* of x86-64; where there are none the kernel takes small ones */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

/* Each is put in and taken out by one instruction, so a fork or a signal finds nothing half done. */
static void *kept[KEPT];

/* whole tells whether the process has one malloc: programs bring some of its functions and leave the others to libc. */
static int
whole(void)
{
	static const char *const functions[] = {"free", "malloc_usable_size", "posix_memalign"};
	static int known; /* 1: it has, -1: it has not */
	int has = __atomic_load_n(&known, __ATOMIC_RELAXED);
	Dl_info first = {0}, other;
	size_t i;

	if (has == 0) {
		has = dladdr(dlsym(RTLD_DEFAULT, "malloc"), &first) != 0 ? 1 : -1;
		for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			if (dladdr(dlsym(RTLD_DEFAULT, functions[i]), &other) == 0 || other.dli_fbase != first.dli_fbase)
				has = -1;
		__atomic_store_n(&known, has, __ATOMIC_RELAXED);
	}
	return has > 0;
}

/* is_kept tells whether a program releases a block once more, by a copy of its buffer: two messages would share it. */
static int
is_kept(const void *memory)
{
	int i;

	for (i = 0; i < KEPT; i++)
		if (__atomic_load_n(&kept[i], __ATOMIC_ACQUIRE) == memory)
			return 1;
	return 0;
}

/* keep puts a block into a free place; else one that has lain there gives way. */
static void
keep(void *memory)
{
	static unsigned turn;
	void *none;
	int i;

	for (i = 0; i < KEPT; i++) {
		none = NULL;
		if (__atomic_compare_exchange_n(&kept[i], &none, memory, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return;
	}
	i = (int)(__atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % KEPT);
	free(__atomic_exchange_n(&kept[i], memory, __ATOMIC_ACQ_REL));
}

/* reuse gives a kept block of at least this size that is not much larger, or NULL. */
static void *
reuse(size_t size)
{
	void *memory;
	size_t has;
	int i;

	for (i = 0; i < KEPT; i++) {
		memory = __atomic_exchange_n(&kept[i], NULL, __ATOMIC_ACQ_REL);
		if (memory == NULL)
			continue;
		has = malloc_usable_size(memory);
		if (has >= size && has / 4 * 3 <= size)
			return memory;
		keep(memory);
	}
	return NULL;
}

/* advise is for the whole pages of these octets. */
static void
advise(void *memory, size_t size, int advice)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)memory, to = from + size;

	from = (from + page - 1) / page * page;
	to = to / page * page;
	if (from < to)
		(void)madvise((void *)from, to - from, advice);
}

void *
platform_malloc_large(size_t size)
{
	void *memory = reuse(size);

	if (memory != NULL)
		return memory;
	if (size < 2 * LARGE_PAGE || !whole())
		memory = malloc(size);
	else if (posix_memalign(&memory, LARGE_PAGE, size) == 0)
		advise(memory, size, MADV_HUGEPAGE);
	else
		memory = NULL;
	/* All of it will be written, so the pages are asked for at once. Older systems know nothing of it. */
	if (memory != NULL)
		advise(memory, size, MADV_POPULATE_WRITE);
	return memory;
}

void
platform_free_large(void *memory, size_t length)
{
	size_t has;

	if (is_kept(memory))
		return; /* it is free already */
	has = whole() ? malloc_usable_size(memory) : 0;
	if (has < length || has > KEPT_SIZE) {
		free(memory);
		return;
	}
	explicit_bzero(memory, length);
	keep(memory);
}

#endif
