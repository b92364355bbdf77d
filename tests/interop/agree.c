/* SPDX-License-Identifier: BSD-2-Clause */

#include "agree.h"
#include "pieces.h"

#include <stdio.h>
#include <string.h>

void limits(struct side *s, struct side *r)
{
	gss_buffer_desc a = GSS_C_EMPTY_BUFFER, b = GSS_C_EMPTY_BUFFER, in;
	OM_uint32 minor, la = 7, lb = 7, size = below(3) ? below(200) : rnd();
	struct message m = { .n = 0 };
	int conf = below(2), key = below(2);
	ssize_t n = (ssize_t)below(200);

	need(s->l, "gss_wrap_size_limit", s->l->gss_wrap_size_limit(&minor, s->context, conf, 0, size, &la), minor);
	need(r->l, "gss_wrap_size_limit", r->l->gss_wrap_size_limit(&minor, r->context, conf, 0, size, &lb), minor);
	/* Of old types MIT's library names less than fits. */
	if (legacy ? (s->l == &ours ? la < lb : lb < la) : la != lb)
		die("limit for %u octets, conf %d: %s %u, %s %u", size, conf, s->l->name, la, r->l->name, lb);
	in = add(&m, GSS_IOV_BUFFER_TYPE_DATA, below(100))->buffer;
	if (n > 0) {
		need(s->l, "gss_pseudo_random", s->l->gss_pseudo_random(&minor, s->context, key, &in, n, &a), minor);
		need(r->l, "gss_pseudo_random", r->l->gss_pseudo_random(&minor, r->context, key, &in, n, &b), minor);
		if (!equal(a, b) || a.length != (size_t)n)
			die("%zd pseudo-random octets of key %d differ", n, key);
	}
	s->l->gss_release_buffer(&minor, &a);
	r->l->gss_release_buffer(&minor, &b);
	clear_message(&m);
}

void order(struct side *to_ours, struct side *at_ours, struct side *to_mits, struct side *at_mits)
{
	enum { MESSAGES = 40 };
	gss_buffer_desc a[MESSAGES], b[MESSAGES], text = { 4, "text" };
	OM_uint32 minor, ma, mb;
	int i, k, far = below(3) == 0, at = 0;

	for (i = 0; i < MESSAGES; i++) {
		int skip = far ? (int)below(30) : 0;

		while (skip-- > 0) {
			need(to_ours->l, "gss_get_mic", to_ours->l->gss_get_mic(&minor, to_ours->context, 0, &text, &a[i]), minor);
			to_ours->l->gss_release_buffer(&minor, &a[i]);
			need(to_mits->l, "gss_get_mic", to_mits->l->gss_get_mic(&minor, to_mits->context, 0, &text, &b[i]), minor);
			to_mits->l->gss_release_buffer(&minor, &b[i]);
		}
		need(to_ours->l, "gss_get_mic", to_ours->l->gss_get_mic(&minor, to_ours->context, 0, &text, &a[i]), minor);
		need(to_mits->l, "gss_get_mic", to_mits->l->gss_get_mic(&minor, to_mits->context, 0, &text, &b[i]), minor);
	}
	/* Where numbers are left out no message is: MIT's library shifts its record of 64 numbers by the length of a gap,
	   which is no shift in C when the gap is longer, and takes new messages for duplicates. */
	for (i = 0; i < 2 * MESSAGES; i++) {
		k = below(3) ? at++ % MESSAGES : (int)below(far ? (uint32_t)(at < MESSAGES ? at + 1 : MESSAGES) : MESSAGES);
		ma = at_ours->l->gss_verify_mic(&minor, at_ours->context, &text, &a[k], NULL);
		mb = at_mits->l->gss_verify_mic(&minor, at_mits->context, &text, &b[k], NULL);
		if (ma != mb)
			die("message %d of %d: %s says %x, %s %x", k, MESSAGES, at_ours->l->name, ma, at_mits->l->name, mb);
	}
	for (i = 0; i < MESSAGES; i++) {
		to_ours->l->gss_release_buffer(&minor, &a[i]);
		to_mits->l->gss_release_buffer(&minor, &b[i]);
	}
}

static int same_key(const gss_krb5_lucid_key_t *a, const gss_krb5_lucid_key_t *b)
{
	return a->type == b->type && a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

void lucid(struct library *initiator, struct library *acceptor, const char *service, OM_uint32 flags)
{
	struct side i = { initiator, NULL }, a = { acceptor, NULL };
	gss_krb5_lucid_context_v1_t *x, *y;
	gss_buffer_desc text = { 4, "text" }, token;
	OM_uint32 minor;
	void *p = NULL;
	int n;

	establish(&i, &a, service, flags);
	for (n = 0; n < 3; n++) {
		struct side *s = n == 1 ? &a : &i, *r = n == 1 ? &i : &a;

		need(s->l, "gss_get_mic", s->l->gss_get_mic(&minor, s->context, 0, &text, &token), minor);
		need(r->l, "gss_verify_mic", r->l->gss_verify_mic(&minor, r->context, &text, &token, NULL), minor);
		s->l->gss_release_buffer(&minor, &token);
	}
	need(i.l, "lucid", i.l->gss_krb5_export_lucid_sec_context(&minor, &i.context, 1, &p), minor);
	x = p;
	need(a.l, "lucid", a.l->gss_krb5_export_lucid_sec_context(&minor, &a.context, 1, &p), minor);
	y = p;
	if (x->protocol != y->protocol || x->rfc1964_kd.sign_alg != y->rfc1964_kd.sign_alg ||
	    x->rfc1964_kd.seal_alg != y->rfc1964_kd.seal_alg || !same_key(&x->rfc1964_kd.ctx_key, &y->rfc1964_kd.ctx_key) ||
	    x->cfx_kd.have_acceptor_subkey != y->cfx_kd.have_acceptor_subkey ||
	    !same_key(&x->cfx_kd.ctx_key, &y->cfx_kd.ctx_key) ||
	    !same_key(&x->cfx_kd.acceptor_subkey, &y->cfx_kd.acceptor_subkey))
		die("%s exports protocol %u, algorithms %u and %u, key of type %u; %s protocol %u, %u and %u, %u", i.l->name,
		    x->protocol, x->rfc1964_kd.sign_alg, x->rfc1964_kd.seal_alg, x->rfc1964_kd.ctx_key.type, a.l->name, y->protocol,
		    y->rfc1964_kd.sign_alg, y->rfc1964_kd.seal_alg, y->rfc1964_kd.ctx_key.type);
	if ((x->protocol == 0) != legacy)
		die("protocol %u", x->protocol);
	/* In MIT's recv_seq is the first number of the peer, however many messages there were. */
	if (x->version != 1 || y->version != 1 || !x->initiate || y->initiate || x->endtime != y->endtime ||
	    (i.l == &ours ? x->recv_seq != y->send_seq : y->recv_seq != x->send_seq))
		die("%s exports version %u, end %u, numbers %llx and %llx; %s %u, %u, %llx and %llx", i.l->name, x->version,
		    x->endtime, (unsigned long long)x->send_seq, (unsigned long long)x->recv_seq, a.l->name, y->version, y->endtime,
		    (unsigned long long)y->send_seq, (unsigned long long)y->recv_seq);
	i.l->gss_krb5_free_lucid_sec_context(&minor, x);
	a.l->gss_krb5_free_lucid_sec_context(&minor, y);
	drop(&i);
	drop(&a);
}
