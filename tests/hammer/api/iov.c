/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iov.c: calls that protect messages in pieces. What is only signed must not change; data is protected in place.
 */
#include "hammer.h"

#include <limits.h>

#define PIECES 8

struct pieces {
	gss_iov_buffer_desc *iov; /* in the thread's memory */
	int n;
	unsigned char plain[PIECES * 256]; /* of all data, one after the other */
	size_t length;
	int odd; /* it has pieces that do not belong there */
};

static void add(struct thread *t, struct pieces *p, OM_uint32 type, size_t length)
{
	gss_iov_buffer_desc *b = &p->iov[p->n++];

	b->type = type;
	b->buffer.length = length;
	b->buffer.value = NULL;
	switch (GSS_IOV_BUFFER_TYPE(type)) {
	case GSS_IOV_BUFFER_TYPE_SIGN_ONLY:
		b->buffer.value = in(t, NULL, length);
		break;
	case GSS_IOV_BUFFER_TYPE_DATA:
		b->buffer.value = in(t, NULL, length);
		t->inputs_used--; /* it changes */
		memcpy(p->plain + p->length, b->buffer.value, length);
		p->length += length;
	}
}

/* pieces makes a message: a header, data and what is only signed in any order, perhaps padding and a trailer. */
static void pieces(struct thread *t, struct pieces *p, OM_uint32 allocate, int mic)
{
	int n = 1 + (int)below(t, 4);

	t->sealed = 0;
	p->iov = room(t, PIECES * sizeof(*p->iov));
	p->n = 0;
	p->length = 0;
	p->odd = 0;
	add(t, p, (mic ? GSS_IOV_BUFFER_TYPE_MIC_TOKEN : GSS_IOV_BUFFER_TYPE_HEADER) | allocate, 0);
	while (n-- > 0)
		add(t, p, one_in(t, 4) ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_DATA, below(t, 8) * below(t, 33));
	if (!mic && one_in(t, 2))
		add(t, p, GSS_IOV_BUFFER_TYPE_PADDING | allocate, 0);
	if (!mic && !one_in(t, 3))
		add(t, p, GSS_IOV_BUFFER_TYPE_TRAILER | allocate, 0);
	if (p->n < PIECES && one_in(t, 12)) {
		add(t, p, one_in(t, 2) ? (OM_uint32)rnd(t) & ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED : below(t, 14), 0);
		p->odd = 1;
	}
}

/* rooms gives the pieces that a call has measured their memory. */
static void rooms(struct thread *t, struct pieces *p)
{
	int i;

	for (i = 0; i < p->n; i++) {
		OM_uint32 type = GSS_IOV_BUFFER_TYPE(p->iov[i].type);
		gss_buffer_desc *b = &p->iov[i].buffer;

		if (type == GSS_IOV_BUFFER_TYPE_DATA || type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY)
			continue;
		if (b->length > 1000)
			fail(t, "a piece of type %u needs %zu octets", type, b->length);
		if (one_in(t, 20) && b->length > 0)
			b->length--; /* not enough */
		b->value = b->length == 0 ? NULL : room(t, b->length);
	}
}

static void check_data(struct thread *t, struct pieces *p, const char *what)
{
	size_t at = 0;
	int i;

	if (p->odd)
		return;
	for (i = 0; i < p->n; i++) {
		gss_buffer_desc *b = &p->iov[i].buffer;

		if (GSS_IOV_BUFFER_TYPE(p->iov[i].type) != GSS_IOV_BUFFER_TYPE_DATA)
			continue;
		if (at + b->length > p->length || memcmp(b->value, p->plain + at, b->length) != 0)
			fail(t, "%s", what);
		at += b->length;
	}
	if (at != p->length)
		fail(t, "%zu octets of data became %zu", p->length, at);
}

/* release gives back what was allocated; nothing else may be touched. */
static void release(struct thread *t, struct pieces *p)
{
	unsigned fails = t->fails;
	int i;

	t->fails = 0;
	for (i = 0; i < p->n; i++) {
		gss_iov_buffer_desc *b = &p->iov[i];

		if ((b->type & GSS_IOV_BUFFER_FLAG_ALLOCATED) != 0 && memory_octets(b->buffer.value) < (long)b->buffer.length)
			fail(t, "a piece of %zu octets is in a block of %ld", b->buffer.length, memory_octets(b->buffer.value));
	}
	CALL(t, gss_release_iov_buffer, minor_in(t), p->iov, p->n);
	for (i = 0; i < p->n; i++) {
		if ((p->iov[i].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) != 0)
			fail(t, "a piece was not released");
	}
	t->fails = fails;
}

static int count(struct thread *t, const struct pieces *p)
{
	return one_in(t, 60) ? -(int)below(t, INT_MAX) : p->n;
}

static void wrapped(struct thread *t)
{
	struct pieces *p = malloc(sizeof(*p));
	OM_uint32 allocate = one_in(t, 2) ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0, major, inner;
	struct handle here, there;
	int conf = (int)below(t, 3), n, changed = 0, signed_only = 0;

	if (p == NULL)
		return;
	pick_pair(t, &here, &there);
	pieces(t, p, allocate, 0);
	n = count(t, p);
	major = GSS_S_COMPLETE;
	if (allocate == 0) {
		major = CALL(t, gss_wrap_iov_length, minor_in(t), (gss_ctx_id_t)use(t, here), conf, 0, int_out(t), p->iov, n);
		check_data(t, p, "the data changed while it was measured");
		if (major == GSS_S_COMPLETE)
			rooms(t, p);
	}
	t->dead = 0;
	if (major == GSS_S_COMPLETE || one_in(t, 4))
		major = CALL(t, gss_wrap_iov, minor_in(t), (gss_ctx_id_t)use(t, here), conf, 0, int_out(t), p->iov, n);
	if (major == GSS_S_COMPLETE && n == p->n) {
		if (one_in(t, 4)) {
			OM_uint32 type = p->iov[below(t, (unsigned)p->n)].type;
			gss_buffer_desc *b = NULL;
			int i;

			for (i = 0; i < p->n; i++) /* the first of that type */
				b = b == NULL && p->iov[i].type == type ? &p->iov[i].buffer : b;
			signed_only = GSS_IOV_BUFFER_TYPE(type) == GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
			if (b->length > 0) {
				((unsigned char *)b->value)[below(t, (unsigned)b->length)] ^= (unsigned char)(1u << below(t, 8));
				t->inputs_used = 0;
				changed = 1;
			}
		}
		t->dead = 0;
		inner = CALL(t, gss_unwrap_iov, minor_in(t), (gss_ctx_id_t)use(t, there), int_out(t), number_out(t), p->iov, p->n);
		if (!GSS_ERROR(inner) && changed && signed_only && !p->odd)
			fail(t, "changed associated data was taken");
		if (!GSS_ERROR(inner))
			check_data(t, p, changed ? "changed data was taken" : "the data is another one");
	}
	t->dead = 0;
	release(t, p);
	free(p);
}

static void mic(struct thread *t)
{
	struct pieces *p = malloc(sizeof(*p));
	OM_uint32 allocate = one_in(t, 2) ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0, major = GSS_S_COMPLETE;
	struct handle here, there;

	if (p == NULL)
		return;
	pick_pair(t, &here, &there);
	pieces(t, p, allocate, 1);
	if (allocate == 0) {
		major = CALL(t, gss_get_mic_iov_length, minor_in(t), (gss_ctx_id_t)use(t, here), 0, p->iov, p->n);
		if (major == GSS_S_COMPLETE)
			rooms(t, p);
	}
	t->dead = 0;
	if (major == GSS_S_COMPLETE)
		major = CALL(t, gss_get_mic_iov, minor_in(t), (gss_ctx_id_t)use(t, here), 0, p->iov, p->n);
	check_data(t, p, "the data changed while it was signed");
	t->dead = 0;
	if (major == GSS_S_COMPLETE)
		CALL(t, gss_verify_mic_iov, minor_in(t), (gss_ctx_id_t)use(t, there), number_out(t), p->iov, p->n);
	check_data(t, p, "the data changed while it was verified");
	t->dead = 0;
	release(t, p);
	free(p);
}

/* stream unwraps a whole token in place. */
static void stream(struct thread *t)
{
	struct handle here, there;
	gss_buffer_t token = buffer_out(t);
	unsigned char copy[2000];
	gss_iov_buffer_desc *iov;
	size_t length;
	gss_buffer_desc text = { below(t, 1000), NULL };
	const void *plain = text.value = in(t, NULL, text.length);
	unsigned char before[1000];

	memcpy(before, plain, text.length);
	pick_pair(t, &here, &there);
	if (CALL(t, gss_wrap, minor_in(t), (gss_ctx_id_t)use(t, here), (int)below(t, 2), 0, in(t, &text, sizeof(text)), NULL,
	    token) != GSS_S_COMPLETE || token == NULL || token->length > sizeof(copy))
		return;
	length = token->length;
	memcpy(copy, token->value, length);
	forget(t);
	iov = room(t, 2 * sizeof(*iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
	iov[0].buffer.length = length;
	iov[0].buffer.value = memcpy(room(t, length), copy, length);
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA | (one_in(t, 2) ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0);
	iov[1].buffer.length = 0;
	iov[1].buffer.value = NULL;
	if (one_in(t, 4))
		((unsigned char *)iov[0].buffer.value)[below(t, (unsigned)length)] ^= (unsigned char)(1u << below(t, 8));
	if (!GSS_ERROR(CALL(t, gss_unwrap_iov, minor_in(t), (gss_ctx_id_t)use(t, there), int_out(t), number_out(t), iov, 2)) &&
	    (iov[1].buffer.length != text.length || memcmp(iov[1].buffer.value, before, text.length) != 0))
		fail(t, "%zu octets became %zu others", text.length, iov[1].buffer.length);
	t->dead = 0;
	t->fails = 0;
	CALL(t, gss_release_iov_buffer, minor_in(t), iov, 2);
}

const struct operation iov_operations[] = {
	{ wrapped, 25 }, { mic, 10 }, { stream, 10 }, { NULL, 0 },
};
