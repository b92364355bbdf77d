/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of large messages may be reused: whoever frees it, and in whatever order, each message arrives unchanged,
 * released memory contains nothing of it, and no two messages share memory. Reuse itself is reported only on Linux.
 */
#include "harness.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define LEAST ((size_t)200 << 10)
#define MOST ((size_t)5 << 20)

/* next returns the next number of a sequence that depends on the seed. */
static unsigned long next(unsigned long *seed)
{
	*seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
	return *seed >> 33;
}

static void fill(unsigned char *octets, size_t length, unsigned long seed)
{
	size_t i;

	for (i = 0; i < length; i += sizeof(seed)) {
		unsigned long word = next(&seed) | 1;

		memcpy(octets + i, &word, length - i < sizeof(word) ? length - i : sizeof(word));
	}
}

/* let_go releases a result in one of the ways that programs use. */
static void let_go(gss_buffer_t buffer, unsigned long way)
{
	OM_uint32 minor;
	void *copy;

	switch (way % 4) {
	case 0:
		free(buffer->value);
		break;
	case 1: /* a block of the program's own */
		copy = malloc(buffer->length);
		if (copy == NULL)
			exit(2);
		memcpy(copy, buffer->value, buffer->length);
		free(buffer->value);
		buffer->value = copy;
		gss_release_buffer(&minor, buffer);
		break;
	case 2: /* only a part of it is used */
		buffer->length /= 2;
		gss_release_buffer(&minor, buffer);
		break;
	default:
		gss_release_buffer(&minor, buffer);
	}
}

/* talk returns how many messages arrived changed. */
static int talk(const struct pair *p, unsigned long seed, int messages, size_t most)
{
	unsigned char *message = malloc(most);
	int bad = 0;

	if (message == NULL)
		exit(2);
	while (messages-- > 0) {
		gss_buffer_desc text, token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
		OM_uint32 major, minor;

		text.length = LEAST + next(&seed) % (most - LEAST);
		text.value = message;
		fill(message, text.length, seed);
		major = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);
		need("gss_wrap", major, minor);
		major = gss_unwrap(&minor, p->accept, &token, &back, NULL, NULL);
		need("gss_unwrap", major, minor);
		bad += !same(&text, &back);
		let_go(&token, next(&seed));
		let_go(&back, next(&seed));
	}
	free(message);
	return bad;
}

static int failures;

static void *talk_in_thread(void *seed)
{
	struct pair p;

	need_pair(&p, NULL);
	(void)__atomic_add_fetch(&failures, talk(&p, (unsigned long)(size_t)seed, 60, MOST / 2), __ATOMIC_RELAXED);
	release_pair(&p);
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[4];
	size_t i;

	for (i = 0; i < COUNT(threads); i++)
		if (pthread_create(&threads[i], NULL, talk_in_thread, (void *)(i + 1)) != 0)
			exit(2);
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	check(failures == 0, "%d messages of threads came otherwise", failures);
	fact("in threads: done");
}

static void in_children(const struct pair *p)
{
	int i, status = 0;

	for (i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(talk(p, (unsigned long)i + 100, 20, MOST) != 0);
		check(talk(p, (unsigned long)i + 200, 20, MOST) == 0, "a parent's messages came otherwise");
		check(waitpid(pid, &status, 0) == pid && status == 0, "a child: status %#x", (unsigned)status);
	}
	fact("in children: done");
}

#ifdef __linux__
/* remains counts the nonzero octets at address, without accessing memory that may have been freed. */
static long remains(const void *address, size_t length)
{
	static unsigned char block[1 << 16];
	int memory = open("/proc/self/mem", O_RDONLY);
	size_t at, i;
	long n = 0;

	for (at = 0; at < length; at += sizeof(block)) {
		size_t want = length - at < sizeof(block) ? length - at : sizeof(block);
		ssize_t got = pread(memory, block, want, (off_t)((size_t)address + at));

		for (i = 0; got > 0 && i < (size_t)got; i++)
			n += block[i] != 0;
	}
	close(memory);
	return n;
}

/* Released memory is reused for the next result, and is wiped meanwhile. */
static void used_again(const struct pair *p)
{
	static unsigned char message[1 << 20];
	gss_buffer_desc text = { sizeof(message), message }, token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	void *places[2];
	OM_uint32 major, minor;
	int i;

	fill(message, sizeof(message), 1);
	for (i = 0; i < 4; i++) {
		major = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);
		need("gss_wrap", major, minor);
		major = gss_unwrap(&minor, p->accept, &token, &back, NULL, NULL);
		need("gss_unwrap", major, minor);
		if (i > 1)
			check((token.value == places[0] && back.value == places[1]) ||
			    (token.value == places[1] && back.value == places[0]), "other memory is used");
		places[0] = token.value;
		places[1] = back.value;
		gss_release_buffer(&minor, &token);
		gss_release_buffer(&minor, &back);
		check(remains(places[0], sizeof(message)) == 0, "octets of a token are left");
		check(remains(places[1], sizeof(message)) == 0, "octets of a message are left");
	}
}

/* A buffer that is released twice, through a copy, does not become the memory of two others. */
static void released_twice(const struct pair *p)
{
	static unsigned char message[1 << 20];
	gss_buffer_desc text = { sizeof(message), message }, tokens[3] = { GSS_C_EMPTY_BUFFER }, copy;
	OM_uint32 major, minor;
	int i, order;

	for (order = 0; order < 2; order++) {
		for (i = 0; i < 2; i++) {
			major = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &tokens[i]);
			need("gss_wrap", major, minor);
		}
		copy = tokens[0];
		gss_release_buffer(&minor, &tokens[0]);
		if (order == 0)
			gss_release_buffer(&minor, &tokens[1]);
		gss_release_buffer(&minor, &copy);
		if (order == 1)
			gss_release_buffer(&minor, &tokens[1]);
		for (i = 0; i < 3; i++) {
			major = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &tokens[i]);
			need("gss_wrap", major, minor);
		}
		check(tokens[0].value != tokens[1].value && tokens[1].value != tokens[2].value &&
		    tokens[2].value != tokens[0].value, "two tokens share memory");
		for (i = 0; i < 3; i++)
			gss_release_buffer(&minor, &tokens[i]);
	}
}
#else
static void released_twice(const struct pair *p) { (void)p; }
static void used_again(const struct pair *p) { (void)p; }
#endif

int main(void)
{
	struct pair p;

	begin(120);
	need_pair(&p, NULL);
	used_again(&p);
	fact("used again: done");
	released_twice(&p);
	fact("released twice: done");
	check(talk(&p, 1, 150, MOST) == 0, "messages came otherwise");
	fact("in turn: done");
	in_children(&p);
	in_threads();
	release_pair(&p);
	return end();
}
