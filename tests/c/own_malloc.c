/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program has an allocator of its own with only the classic functions: malloc, calloc, realloc and free. libc's other
 * functions know nothing of its blocks; the library must neither call those for them nor mix the two.
 */
#include "harness.h"

#include <stdint.h>

#ifdef __GLIBC__

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

/* Precedes each block. Where libc expects the size of a block, there is a large number. */
struct head {
	size_t size;
	uint32_t mark, filler;
	size_t nothing, misleading;
};

#define MARK 0x6d696e65u
#define MISLEADING (((size_t)1 << 20) + 1)

static long strangers;

void *malloc(size_t size)
{
	struct head *head = size < SIZE_MAX / 2 ? __libc_malloc(sizeof(*head) + size) : NULL;

	if (head == NULL)
		return NULL;
	head->size = size;
	head->mark = MARK;
	head->nothing = 0;
	head->misleading = MISLEADING;
	return head + 1;
}

void free(void *memory)
{
	struct head *head = (struct head *)memory - 1;

	if (memory == NULL)
		return;
	if (head->mark != MARK || head->misleading != MISLEADING) {
		(void)__atomic_add_fetch(&strangers, 1, __ATOMIC_RELAXED);
		return;
	}
	head->mark = 0;
	__libc_free(head);
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

#else
static long strangers;
#endif

int main(void)
{
	static const size_t sizes[] = { 100 << 10, 300 << 10, 1 << 20, (1 << 20) - 4096, 3 << 20, 6 << 20, 40 << 20 };
	gss_buffer_desc text, token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;

	begin(60);
	need_pair(&p, NULL);
	for (i = 0; i < 3 * COUNT(sizes); i++) {
		text.length = sizes[i % COUNT(sizes)];
		text.value = malloc(text.length);
		if (text.value == NULL)
			exit(2);
		memset(text.value, (int)i, text.length);
		major = gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);
		need("gss_wrap", major, minor);
		major = gss_unwrap(&minor, p.accept, &token, &back, NULL, NULL);
		need("gss_unwrap", major, minor);
		check(same(&text, &back), "a message of %zu octets came otherwise", text.length);
		gss_release_buffer(&minor, &token);
		if (i % 2 == 0)
			gss_release_buffer(&minor, &back);
		else
			free(back.value);
		gss_release_buffer(&minor, &text);
	}
	release_pair(&p);
	check(strangers == 0, "free was given %ld blocks of another malloc", strangers);
	fact("own malloc: done");
	return end();
}
