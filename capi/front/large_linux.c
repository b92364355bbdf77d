/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * large_linux.c: the memory of large messages.
 *
 * glibc returns such memory to the system when it is freed, or a little later. Each page of the next message then costs a
 * fault, which adds up to a third of the time of sealing it. So two blocks that programs have released are wiped and kept
 * for later messages: one for wrapping and one for unwrapping. Still larger messages get large pages.
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
#define KEPT_SIZE ((size_t)2 << 20) /* the largest block that is kept */

#define LARGE_PAGE ((size_t)2 << 20) /* of x86-64; the kernel uses small ones if there are none */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

/* One instruction puts a block in or takes it out, so a fork or a signal finds nothing half done. */
static void *kept[KEPT];

/* whole reports whether one allocator has all these functions: some programs replace only part of libc's. */
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

/* is_kept reports whether a block was released before, by a copy of its buffer: two messages would share it. */
static int
is_kept(const void *memory)
{
	int i;

	for (i = 0; i < KEPT; i++)
		if (__atomic_load_n(&kept[i], __ATOMIC_ACQUIRE) == memory)
			return 1;
	return 0;
}

/* keep stores a block in a free place, or else in place of an older one. */
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

/* reuse returns a kept block of at least this size that is not much larger, or NULL. */
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

/* advise applies to the whole pages within these octets. */
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
	/* All of it will be written, so the pages are requested at once. Older systems ignore this. */
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
