/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.c: what must hold after each call, whatever it was given.
 */
#include "hammer.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

struct api gss;
int mits_front;

const char *const function_names[FUNCTION_COUNT] = {
#define X(f) #f,
	FUNCTIONS(X)
#undef X
};

/* Functions that a front has cannot be looked up under a name that has been chosen wrongly. */
void library_load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL) {
		say("%s\n", dlerror());
		exit(2);
	}
#define X(f) *(void **)&gss.f = dlsym(library, #f);
	FUNCTIONS(X)
#undef X
	mits_front = gss.krb5_gss_use_kdc_context != NULL;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Lines are written whole, and without locks: other threads and processes write, too, or have ended in the middle. */
static void say_all(const char *format, va_list arguments)
{
	char line[2000];
	int length = vsnprintf(line, sizeof(line), format, arguments);
	ssize_t ignored = write(1, line, (size_t)(length < (int)sizeof(line) ? length : (int)sizeof(line) - 1));

	(void)ignored;
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_all(format, arguments);
	va_end(arguments);
}

void fail(struct thread *t, const char *format, ...)
{
	char text[1500];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say("not ok - seed %llu, thread %u, operation %lu, %s: %s\n", (unsigned long long)seed, t->number, t->operations,
	    t->function >= 0 ? function_names[t->function] : "no call", text);
	_exit(1);
}

void enter(struct thread *t, enum function f)
{
	t->function = (int)f;
	COUNTED(calls);
	COUNTED(called[f]);
	t->begun = now();
	memory_chance = rnd(t);
	memory_fails = t->fails;
}

void left(struct thread *t)
{
	double took = now() - t->begun;
	unsigned i;

	memory_fails = 0;
	if (took > figures->longest) {
		figures->longest = took;
		figures->longest_function = t->function;
	}
	for (i = 0; i < t->inputs_used; i++) {
		struct input *input = &t->inputs[i];

		if (memcmp(input->at, input->before, input->length) != 0)
			fail(t, "it has changed an input of %zu octets, number %u", input->length, i);
	}
}

/* texts asks for all texts of a status. They are short, end where they say, and admit no fault of the library's own. */
static void texts(struct thread *t, OM_uint32 status, int type)
{
	OM_uint32 major, minor, more = 0;
	gss_buffer_desc text;
	int n = 0;

	do {
		major = gss.gss_display_status(&minor, status, type, GSS_C_NO_OID, &more, &text);
		if (major != GSS_S_COMPLETE)
			fail(t, "status %#x of type %d has no text: %#x, minor %u", status, type, major, minor);
		if (text.length == 0 || text.length > 8192 || strlen(text.value) != text.length)
			fail(t, "a text of %zu octets", text.length);
		if (strstr(text.value, "internal error") != NULL)
			fail(t, "%s", (char *)text.value);
		gss.gss_release_buffer(&minor, &text);
	} while (more != 0 && ++n < 20);
	if (more != 0)
		fail(t, "the texts of status %#x of type %d do not end", status, type);
}

/* given checks what is in an output. */
static void given(struct thread *t, struct output *o, OM_uint32 major)
{
	gss_buffer_desc *b = o->at;
	const void *pointer = o->kind != OUT_NUMBER ? *(void **)o->at : NULL;
	int error = GSS_ERROR(major) != 0;

	switch (o->kind) {
	case OUT_NUMBER:
		if (*(uint32_t *)o->at == 0xdecaf0d5)
			fail(t, "%#x, and a number is as it was", major);
		break;
	case OUT_BUFFER:
	case OUT_TOKEN:
		if (error && o->kind == OUT_BUFFER && (b->length != 0 || b->value != NULL))
			fail(t, "%#x, and a buffer of %zu octets at %p", major, b->length, b->value);
		if (b->length != 0 && memory_octets(b->value) < (long)b->length)
			fail(t, "%#x, and %zu octets in a block of %ld", major, b->length, memory_octets(b->value));
		break;
	default:
		if (error && pointer != NULL)
			fail(t, "%#x, and an output of kind %d is %p", major, o->kind, pointer);
		if (pointer == (void *)0xdecaf0d5decaf0d5u)
			fail(t, "%#x, and an output of kind %d is as it was", major, o->kind);
	}
	o->checked = 1;
}

OM_uint32 leave(struct thread *t, OM_uint32 major)
{
	OM_uint32 minor = t->minor != NULL ? *t->minor : 0;
	unsigned i;

	left(t);
	if (GSS_CALLING_ERROR_FIELD(major) > 3 || GSS_ROUTINE_ERROR_FIELD(major) > 19 || GSS_SUPPLEMENTARY_INFO(major) > 31)
		fail(t, "major status %#x", major);
	if (t->minor != NULL && minor == 0xdecaf0d5)
		fail(t, "%#x, and the minor status is as it was", major);
	if (t->minor != NULL && minor == 0 && GSS_ERROR(major) == GSS_S_FAILURE)
		fail(t, "%#x without a minor status", major);
	if (t->dead && !GSS_ERROR(major))
		fail(t, "%#x with a handle that is none", major);
	for (i = 0; i < t->outputs_used; i++) {
		if (!t->outputs[i].checked)
			given(t, &t->outputs[i], major);
	}
	if (!GSS_ERROR(major)) {
		COUNTED(completed[t->function]);
	} else if (one_in(t, 3)) {
		texts(t, major, GSS_C_GSS_CODE);
		if (t->minor != NULL)
			texts(t, minor, GSS_C_MECH_CODE);
	}
	t->minor = NULL;
	return major;
}

/* release gives back what a call gave. Some programs use free(3) for buffers. */
static void release(struct thread *t, enum output_kind kind, const uint64_t *words)
{
	gss_buffer_desc *b;
	void **p;

	forget(t);
	p = room(t, sizeof(gss_buffer_desc));
	memcpy(p, words, sizeof(gss_buffer_desc));
	b = (gss_buffer_desc *)p;
	switch (kind) {
	case OUT_BUFFER:
	case OUT_TOKEN:
		if (b->value != NULL && one_in(t, 4))
			free(b->value);
		else if (CALL(t, gss_release_buffer, minor_in(t), b) != GSS_S_COMPLETE || b->length != 0 || b->value != NULL)
			fail(t, "a buffer was not released");
		return;
	case OUT_SET:
		if (CALL(t, gss_release_oid_set, minor_in(t), (gss_OID_set *)p) != GSS_S_COMPLETE || *p != NULL)
			fail(t, "a set was not released");
		return;
	case OUT_BUFFERS:
		if (CALL(t, gss_release_buffer_set, minor_in(t), (gss_buffer_set_t *)p) != GSS_S_COMPLETE || *p != NULL)
			fail(t, "a set was not released");
		return;
	case OUT_OID:
		if (CALL(t, gss_release_oid, minor_in(t), (gss_OID *)p) != GSS_S_COMPLETE || *p != NULL)
			fail(t, "an OID was not released");
		return;
	case OUT_NAME:
		keep(t, NAME, (uintptr_t)*p);
		return;
	case OUT_CREDENTIAL:
		keep(t, CREDENTIAL, (uintptr_t)*p);
		return;
	case OUT_CONTEXT:
		fail(t, "the hammer has forgotten a context");
	case OUT_NUMBER:
	case OUT_STATIC:
		return;
	}
}

void settle(struct thread *t)
{
	struct {
		enum output_kind kind;
		uint64_t words[2];
	} given[OUTPUTS];
	unsigned i, n = 0, fails = t->fails;

	for (i = 0; i < t->outputs_used; i++) {
		struct output *o = &t->outputs[i];

		if (!o->checked || o->kind == OUT_NUMBER || o->kind == OUT_STATIC)
			continue;
		given[n].kind = o->kind;
		memset(given[n].words, 0, sizeof(given[n].words));
		memcpy(given[n].words, o->at, o->kind == OUT_BUFFER || o->kind == OUT_TOKEN ? sizeof(gss_buffer_desc) : sizeof(void *));
		n += given[n].words[0] != 0 || given[n].words[1] != 0;
	}
	t->outputs_used = 0;
	t->fails = 0;
	for (i = 0; i < n; i++)
		release(t, given[i].kind, given[i].words);
	forget(t);
	t->fails = fails;
}
