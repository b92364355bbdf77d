/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.c: calls that protect messages, whole ones. What a context takes must be what its peer was given.
 */
#include "hammer.h"

#define MESSAGE SLOT_SIZE

/* What was protected, and what came of it. */
struct message {
	unsigned char plain[MESSAGE], token[MESSAGE + 512];
	size_t length, token_length;
	int whole; /* the token is as it was made */
};

static struct message *message_new(struct thread *t)
{
	struct message *m = malloc(sizeof(*m));
	size_t i;

	if (m == NULL)
		return NULL;
	m->length = random_length(t);
	if (m->length > MESSAGE)
		m->length = MESSAGE;
	for (i = 0; i < m->length; i += 8) {
		uint64_t r = rnd(t);

		memcpy(m->plain + i, &r, m->length - i < 8 ? m->length - i : 8);
	}
	m->token_length = 0;
	m->whole = 1;
	return m;
}

/* taken keeps a token of a call that succeeded. Of an input that was none, there is none. */
static int taken(struct thread *t, struct message *m, OM_uint32 major, gss_buffer_t token)
{
	if (major != GSS_S_COMPLETE || token == NULL || t->hollow || token->length > sizeof(m->token))
		return 0;
	memcpy(m->token, token->value, token->length);
	m->token_length = token->length;
	COUNTED(messages);
	if (one_in(t, 4)) {
		m->token[below(t, (unsigned)m->token_length)] ^= (unsigned char)(1u << below(t, 8));
		m->whole = 0;
	}
	if (one_in(t, 32)) {
		m->token_length -= 1 + below(t, (unsigned)m->token_length);
		m->whole = 0;
	}
	return 1;
}

static void same(struct thread *t, const struct message *m, OM_uint32 major, gss_buffer_t plain)
{
	if (GSS_ERROR(major) || t->hollow || plain == NULL)
		return;
	if (plain->length != m->length || memcmp(plain->value, m->plain, m->length) != 0)
		fail(t, "%zu octets became %zu others", m->length, plain->length);
}

static gss_qop_t qop(struct thread *t)
{
	return one_in(t, 16) ? (gss_qop_t)rnd(t) : GSS_C_QOP_DEFAULT;
}

static void wrap(struct thread *t)
{
	struct message *m = message_new(t);
	gss_buffer_t token = buffer_out(t), plain;
	struct handle here, there;
	OM_uint32 major;

	if (m == NULL)
		return;
	pick_pair(t, &here, &there);
	if (one_in(t, 4))
		major = CALL(t, gss_seal, minor_in(t), (gss_ctx_id_t)use(t, here), (int)below(t, 3), (int)qop(t),
		    buffer_in(t, m->plain, m->length), int_out(t), token);
	else
		major = CALL(t, gss_wrap, minor_in(t), (gss_ctx_id_t)use(t, here), (int)below(t, 3), qop(t),
		    buffer_in(t, m->plain, m->length), int_out(t), token);
	if (taken(t, m, major, token)) {
		forget(t);
		plain = buffer_out(t);
		if (one_in(t, 4))
			major = CALL(t, gss_unseal, minor_in(t), (gss_ctx_id_t)use(t, there),
			    buffer_in(t, m->token, m->token_length), plain, int_out(t), int_out(t));
		else
			major = CALL(t, gss_unwrap, minor_in(t), (gss_ctx_id_t)use(t, there),
			    buffer_in(t, m->token, m->token_length), plain, int_out(t), number_out(t));
		same(t, m, major, plain);
	}
	free(m);
}

static void mic(struct thread *t)
{
	struct message *m = message_new(t);
	gss_buffer_t token = buffer_out(t);
	struct handle here, there;
	OM_uint32 major;
	int changed;

	if (m == NULL)
		return;
	pick_pair(t, &here, &there);
	if (one_in(t, 4))
		major = CALL(t, gss_sign, minor_in(t), (gss_ctx_id_t)use(t, here), (int)qop(t),
		    buffer_in(t, m->plain, m->length), token);
	else
		major = CALL(t, gss_get_mic, minor_in(t), (gss_ctx_id_t)use(t, here), qop(t),
		    buffer_in(t, m->plain, m->length), token);
	if (taken(t, m, major, token)) {
		changed = m->length > 0 && one_in(t, 4);
		if (changed)
			m->plain[below(t, (unsigned)m->length)] ^= (unsigned char)(1u << below(t, 8));
		forget(t);
		if (one_in(t, 4))
			major = CALL(t, gss_verify, minor_in(t), (gss_ctx_id_t)use(t, there),
			    buffer_in(t, m->plain, m->length), buffer_in(t, m->token, m->token_length), int_out(t));
		else
			major = CALL(t, gss_verify_mic, minor_in(t), (gss_ctx_id_t)use(t, there),
			    buffer_in(t, m->plain, m->length), buffer_in(t, m->token, m->token_length), number_out(t));
		if (changed && !t->hollow && !GSS_ERROR(major))
			fail(t, "the MIC of another message was taken");
	}
	free(m);
}

static void aead(struct thread *t)
{
	struct message *m = message_new(t);
	gss_buffer_t token = buffer_out(t), plain;
	unsigned char associated[64];
	size_t length = one_in(t, 3) ? 0 : below(t, sizeof(associated)), i;
	struct handle here, there;
	OM_uint32 major;
	int changed = 0;

	if (m == NULL)
		return;
	for (i = 0; i < length; i++)
		associated[i] = (unsigned char)rnd(t);
	pick_pair(t, &here, &there);
	major = CALL(t, gss_wrap_aead, minor_in(t), (gss_ctx_id_t)use(t, here), (int)below(t, 3), qop(t),
	    length == 0 ? NULL : buffer_in(t, associated, length), buffer_in(t, m->plain, m->length), int_out(t), token);
	if (taken(t, m, major, token)) {
		if (length > 0 && one_in(t, 4)) {
			associated[below(t, (unsigned)length)] ^= 1;
			changed = 1;
		}
		forget(t);
		plain = buffer_out(t);
		major = CALL(t, gss_unwrap_aead, minor_in(t), (gss_ctx_id_t)use(t, there),
		    buffer_in(t, m->token, m->token_length), length == 0 ? NULL : buffer_in(t, associated, length), plain, int_out(t),
		    number_out(t));
		same(t, m, major, plain);
		if (changed && !t->hollow && !GSS_ERROR(major))
			fail(t, "a message with other associated data was taken");
	}
	free(m);
}

/* strangers are octets that no context has made. */
static void strangers(struct thread *t)
{
	CALL(t, gss_unwrap, minor_in(t), context_in(t), random_in(t), buffer_out(t), int_out(t), number_out(t));
	forget(t);
	CALL(t, gss_verify_mic, minor_in(t), context_in(t), random_in(t), random_in(t), number_out(t));
	forget(t);
	CALL(t, gss_unwrap_aead, minor_in(t), context_in(t), random_in(t), random_in(t), buffer_out(t), int_out(t),
	    number_out(t));
	forget(t);
	/* A message of any size. */
	CALL(t, gss_wrap, minor_in(t), context_in(t), (int)below(t, 2), 0, random_in(t), int_out(t), buffer_out(t));
}

const struct operation message_operations[] = {
	{ wrap, 30 }, { mic, 20 }, { aead, 15 }, { strangers, 6 }, { NULL, 0 },
};
