/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.c: malloc(3) and its kin, as a program may bring them. Allocations of a thread fail at random while it says so;
 * blocks are counted, and what free(3) is given is one of them.
 */
#include "hammer.h"

#include <errno.h>

__thread unsigned memory_fails;
__thread uint64_t memory_chance;

static long live, strangers;

#ifdef __GLIBC__

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

/* Before each block. */
struct head {
	void *base; /* what libc gave */
	size_t size;
	uint64_t filler, mark;
};

#define MARK 0x68616d6d65726564u
#define FREED 0x6465616464656164u

static int fails(void)
{
	if (memory_fails == 0)
		return 0;
	memory_chance = memory_chance * 6364136223846793005u + 1442695040888963407u;
	return (memory_chance >> 33) % memory_fails == 0;
}

static void *allocate(size_t alignment, size_t size)
{
	struct head *head;
	char *base, *memory;

	if (size > SIZE_MAX / 2 || alignment > SIZE_MAX / 4 || fails() ||
	    (base = __libc_malloc(size + sizeof(*head) + alignment)) == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	memory = base + sizeof(*head);
	memory += -(uintptr_t)memory & (alignment - 1);
	head = (struct head *)(void *)memory - 1;
	head->base = base;
	head->size = size;
	head->mark = MARK;
	(void)__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return memory;
}

void *malloc(size_t size)
{
	return allocate(sizeof(struct head) / 2, size);
}

void free(void *memory)
{
	struct head *head = (struct head *)memory - 1;

	if (memory == NULL)
		return;
	if (head->mark != MARK) {
		(void)__atomic_add_fetch(&strangers, 1, __ATOMIC_RELAXED);
		return;
	}
	head->mark = FREED;
	memset(memory, 0xa5, head->size < 256 ? head->size : 256);
	(void)__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(head->base);
}

void *calloc(size_t n, size_t size)
{
	void *memory = size == 0 || n <= SIZE_MAX / 2 / size ? malloc(n * size) : NULL;

	return memory != NULL ? memset(memory, 0, n * size) : NULL;
}

void *realloc(void *memory, size_t size)
{
	void *other = malloc(size);

	if (memory != NULL && other != NULL) {
		size_t before = ((struct head *)memory - 1)->size;

		memcpy(other, memory, before < size ? before : size);
		free(memory);
	}
	return other;
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	void *block = allocate(alignment, size);

	if (block == NULL)
		return ENOMEM;
	*memory = block;
	return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return allocate(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
	return allocate(alignment, size);
}

size_t malloc_usable_size(void *memory)
{
	return memory == NULL ? 0 : ((struct head *)memory - 1)->size;
}

long memory_octets(const void *block)
{
	const struct head *head = (const struct head *)block - 1;

	return head->mark == MARK ? (long)head->size : -1;
}

#else

/* Elsewhere it is libc's, and nothing fails. */
long memory_octets(const void *block)
{
	return block != NULL ? INT32_MAX : -1;
}

#endif

long memory_live(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

long memory_strangers(void)
{
	return __atomic_load_n(&strangers, __ATOMIC_RELAXED);
}
