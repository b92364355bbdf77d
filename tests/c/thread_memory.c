/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread's first call gets no memory, at each of its first allocations in turn: the call fails or works, what was freed
 * is not freed again, and the next call works.
 */
#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#define ALLOCATIONS 40 /* more than a first call makes */

#ifdef __GLIBC__

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

/* Precedes each block. */
struct head {
	size_t size;
	uint64_t mark;
};

#define MARK 0x616c6c6f63617465u

static __thread int left; /* allocations until one fails; 0: none does */
static long strangers;

/* Does not call malloc(3) by name: the compiler would turn that and memset(3) into calloc(3), even in calloc(3) itself. */
static void *take(size_t size)
{
	struct head *head;

	if ((left > 0 && --left == 0) || size > SIZE_MAX / 2 || (head = __libc_malloc(sizeof(*head) + size)) == NULL) {
		errno = ENOMEM; /* on which glibc relies */
		return NULL;
	}
	head->size = size;
	head->mark = MARK;
	return head + 1;
}

void *malloc(size_t size)
{
	return take(size);
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
	head->mark = 0;
	__libc_free(head);
}

void *calloc(size_t n, size_t size)
{
	void *memory = take(size == 0 || n <= SIZE_MAX / size ? n * size : SIZE_MAX);

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

#else
static int left;
static long strangers;
#endif

static OM_uint32 call(void)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor, major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);

	gss_release_name(&minor, &name);
	return major;
}

static void *first(void *argument)
{
	int which = *(int *)argument;
	OM_uint32 major;

	left = which;
	major = call();
	left = 0;
	check(major == GSS_S_COMPLETE || GSS_ERROR(major) == GSS_S_FAILURE, "allocation %d: %s", which, major_text(major));
	major = call();
	check(major == GSS_S_COMPLETE, "after allocation %d: %s", which, major_text(major));
	return NULL;
}

int main(void)
{
	pthread_t id;
	int i;

	begin(60);
	check(call() == GSS_S_COMPLETE, "the first call of all");
	for (i = 1; i <= ALLOCATIONS; i++) {
		if (pthread_create(&id, NULL, first, &i) != 0)
			return 2;
		pthread_join(id, NULL);
	}
	check(strangers == 0, "%ld blocks were freed twice", strangers);
	fact("memory of threads: done");
	return end();
}
