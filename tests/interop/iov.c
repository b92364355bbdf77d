/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iov: two libraries in one process protect messages for each other, in random pieces, sizes and ways.
 *
 *	iov OURS MITS SERVICE SECONDS LEGACY [SEED]
 *
 * Contexts are established in both roles, with and without GSS_C_DCE_STYLE. What one side makes the other must take,
 * whichever of their functions it is; what was damaged it must refuse; lengths and limits must be the same, and what is
 * said about replay and order, too. The seed is printed; the same seed does the same again, up to keys.
 */
#include "agree.h"
#include "pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* same_lengths asks both sides for the lengths of a token. */
static void same_lengths(struct side *s, struct side *r, struct message *m, int conf, int mic)
{
	gss_iov_buffer_desc a[PIECES], b[PIECES];
	OM_uint32 ma, mb, minor;
	int ca = -1, cb = -1, i;

	memcpy(a, m->iov, sizeof(a));
	memcpy(b, m->iov, sizeof(b));
	if (mic) {
		ma = s->l->gss_get_mic_iov_length(&minor, s->context, 0, a, m->n);
		mb = r->l->gss_get_mic_iov_length(&minor, r->context, 0, b, m->n);
	} else {
		ma = s->l->gss_wrap_iov_length(&minor, s->context, conf, 0, &ca, a, m->n);
		mb = r->l->gss_wrap_iov_length(&minor, r->context, conf, 0, &cb, b, m->n);
	}
	if (ma != mb || ca != cb)
		die("lengths, mic %d, conf %d: %s %x, conf %d; %s %x, conf %d", mic, conf, s->l->name, ma, ca, r->l->name, mb, cb);
	for (i = 0; i < m->n; i++) {
		/* Of old types MIT's library says more than it then uses: it counts a confounder of MICs, and what is
		   signed only as if the frame did. */
		if (a[i].buffer.length != b[i].buffer.length &&
		    !(legacy && (s->l == &ours) == (a[i].buffer.length < b[i].buffer.length)))
			die("lengths, mic %d, conf %d: buffer %d of type %u: %s %zu, %s %zu", mic, conf, i, a[i].type, s->l->name,
			    a[i].buffer.length, r->l->name, b[i].buffer.length);
		if (!is_message(&m->iov[i]) && m->iov[i].type != GSS_IOV_BUFFER_TYPE_EMPTY && !GSS_ERROR(ma)) {
			free(m->iov[i].buffer.value);
			m->iov[i].buffer.length = a[i].buffer.length + below(3) * below(20);
			m->iov[i].buffer.value = fresh(m->iov[i].buffer.length);
		}
	}
}

/* wrap_pieces has s make a token in m, in place, and returns the message as it was. */
static void wrap_pieces(struct side *s, struct side *r, struct message *m, int conf, int allocate)
{
	OM_uint32 major, minor;
	int i, is = -1, has_data = get(m, GSS_IOV_BUFFER_TYPE_DATA) != NULL;

	if (allocate) {
		for (i = 0; i < m->n; i++) {
			if (!is_message(&m->iov[i]) && m->iov[i].type != GSS_IOV_BUFFER_TYPE_EMPTY) {
				free(m->iov[i].buffer.value);
				m->iov[i].type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
				m->iov[i].buffer.value = NULL;
				m->iov[i].buffer.length = 0;
			}
		}
	} else {
		same_lengths(s, r, m, conf, 0);
	}
	major = s->l->gss_wrap_iov(&minor, s->context, conf, 0, &is, m->iov, m->n);
	need(s->l, "gss_wrap_iov", major, minor);
	if (is != (conf && has_data))
		die("conf_state %d of gss_wrap_iov of %s", is, s->l->name);
	for (i = 0; i < m->n; i++)
		m->iov[i].type = GSS_IOV_BUFFER_TYPE(m->iov[i].type);
}

static void taken(struct side *r, const char *what, OM_uint32 major, OM_uint32 minor, int is, int conf)
{
	need(r->l, what, major, minor);
	if (major != GSS_S_COMPLETE || is != conf)
		die("%s of %s: %x, conf_state %d", what, r->l->name, major, is);
}

/* pieces: gss_wrap_iov here, any way of unwrapping there. */
static void pieces(struct side *s, struct side *r, int dce)
{
	struct message m = { .n = 0 }, back = { .n = 0 };
	gss_buffer_desc plain, assoc, all = { 0, NULL }, got = { 0, NULL };
	int conf = below(4) != 0, has_trailer, i, is = -1, bad, whole = 0, turned = 0;
	gss_iov_buffer_desc iov[4];
	OM_uint32 major, minor;

	add(&m, GSS_IOV_BUFFER_TYPE_HEADER, 0);
	data(&m);
	if (legacy && dce) /* the caller pads */
		for (i = 0; i < m.n; i++)
			m.iov[i].buffer.length &= is_message(&m.iov[i]) ? ~(size_t)7 : ~(size_t)0;
	has_trailer = below(3) != 0;
	if (legacy || below(2))
		add(&m, GSS_IOV_BUFFER_TYPE_PADDING, 0);
	if (has_trailer)
		add(&m, GSS_IOV_BUFFER_TYPE_TRAILER, 0);
	plain = linear(&m, GSS_IOV_BUFFER_TYPE_DATA);
	assoc = linear(&m, GSS_IOV_BUFFER_TYPE_SIGN_ONLY);
	wrap_pieces(s, r, &m, conf, below(3) == 0);
	conf = conf && get(&m, GSS_IOV_BUFFER_TYPE_DATA) != NULL;

	bad = below(8) == 0;
	whole = !dce && sign_only_first(&m) ? below(4) : 0;
	if (whole == 2 && assoc.length > 0)
		whole = 1;
	if (dce && !legacy && assoc.length == 0 && below(3) == 0) {
		/* There are no streams in DCE style, but gss_unwrap takes what is not turned by EC. */
		whole = 2;
		turned = conf && !has_trailer;
	}
	if (whole == 0) {
		add(&back, GSS_IOV_BUFFER_TYPE_HEADER, get(&m, GSS_IOV_BUFFER_TYPE_HEADER)->buffer.length);
		memcpy(back.iov[0].buffer.value, get(&m, GSS_IOV_BUFFER_TYPE_HEADER)->buffer.value, back.iov[0].buffer.length);
		resplit(&back, &m);
		for (i = 0; i < m.n; i++) {
			if (m.iov[i].type == GSS_IOV_BUFFER_TYPE_PADDING || m.iov[i].type == GSS_IOV_BUFFER_TYPE_TRAILER)
				memcpy(add(&back, m.iov[i].type, m.iov[i].buffer.length)->buffer.value, m.iov[i].buffer.value,
				    m.iov[i].buffer.length);
		}
		bad = bad && damage(&back);
		major = r->l->gss_unwrap_iov(&minor, r->context, &is, NULL, back.iov, back.n);
		if (!bad) {
			taken(r, "gss_unwrap_iov", major, minor, is, conf);
			all = linear(&back, GSS_IOV_BUFFER_TYPE_DATA);
			/* RFC 1964's padding is taken off the last piece. */
			if (legacy && !dce && all.length > plain.length)
				die("padding is left");
			if (!equal(all, plain))
				die("another message comes back from gss_unwrap_iov of %s", r->l->name);
		}
	} else {
		all = stream(&m);
		if (bad) {
			size_t at = below((uint32_t)all.length);

			((unsigned char *)all.value)[spared(at) ? 0 : at] ^= (unsigned char)(1 << below(8));
		}
		memset(iov, 0, sizeof(iov));
		switch (whole) {
		case 1:
			iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
			iov[0].buffer = all;
			iov[1].type = GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
			iov[1].buffer = assoc;
			iov[2].type = GSS_IOV_BUFFER_TYPE_DATA | (below(2) ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0);
			major = r->l->gss_unwrap_iov(&minor, r->context, &is, NULL, iov, 3);
			if (!bad) {
				taken(r, "gss_unwrap_iov of a stream", major, minor, is, conf);
				got = iov[2].buffer;
				if (!equal(got, plain))
					die("another message comes back from a stream, %s", r->l->name);
			}
			r->l->gss_release_iov_buffer(&minor, iov, 3);
			break;
		case 2:
			major = r->l->gss_unwrap(&minor, r->context, &all, &got, &is, NULL);
			if (turned) {
				bad = 1;
			} else if (!bad) {
				taken(r, "gss_unwrap", major, minor, is, conf);
				if (!equal(got, plain))
					die("another message comes back from gss_unwrap of %s", r->l->name);
			}
			r->l->gss_release_buffer(&minor, &got);
			break;
		default:
			major = r->l->gss_unwrap_aead(&minor, r->context, &all, assoc.length ? &assoc : GSS_C_NO_BUFFER, &got, &is, NULL);
			if (!bad) {
				taken(r, "gss_unwrap_aead", major, minor, is, conf);
				if (!equal(got, plain))
					die("another message comes back from gss_unwrap_aead of %s", r->l->name);
				r->l->gss_release_buffer(&minor, &got);
			}
		}
	}
	if (bad && !GSS_ERROR(major))
		die("%s takes a damaged token, way %d, conf %d", r->l->name, whole, conf);
	free(all.value);
	free(plain.value);
	free(assoc.value);
	clear_message(&m);
	clear_message(&back);
}

/* whole: gss_wrap or gss_wrap_aead here, unwrapping in pieces there. */
static void whole(struct side *s, struct side *r, int dce)
{
	gss_buffer_desc plain = { 0, NULL }, assoc = { 0, NULL }, token, got = GSS_C_EMPTY_BUFFER;
	struct message m = { .n = 0 };
	int conf = below(3) != 0, is = -1, aead = below(2);
	gss_iov_buffer_desc iov[3];
	OM_uint32 major, minor;

	plain = add(&m, GSS_IOV_BUFFER_TYPE_DATA, below(3) ? below(100) : below(5000))->buffer;
	assoc = add(&m, GSS_IOV_BUFFER_TYPE_SIGN_ONLY, aead && !legacy ? below(3) * below(50) : 0)->buffer;
	/* With associated data and old types MIT's library may leave a hole behind the header: see same_lengths. */
	if (dce) {
		/* no streams here: the plain functions are left */
		need(s->l, "gss_wrap", s->l->gss_wrap(&minor, s->context, conf, 0, &plain, &is, &token), minor);
		major = r->l->gss_unwrap(&minor, r->context, &token, &got, &is, NULL);
		taken(r, "gss_unwrap", major, minor, is, conf);
		if (!equal(got, plain))
			die("another message comes back from gss_unwrap of %s, DCE style", r->l->name);
		r->l->gss_release_buffer(&minor, &got);
		s->l->gss_release_buffer(&minor, &token);
		clear_message(&m);
		return;
	}
	if (aead)
		major = s->l->gss_wrap_aead(&minor, s->context, conf, 0, assoc.length ? &assoc : GSS_C_NO_BUFFER, &plain, &is, &token);
	else
		major = s->l->gss_wrap(&minor, s->context, conf, 0, &plain, &is, &token);
	need(s->l, aead ? "gss_wrap_aead" : "gss_wrap", major, minor);
	if (is != conf)
		die("conf_state %d of %s", is, s->l->name);
	memset(iov, 0, sizeof(iov));
	if (below(2)) {
		iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
		iov[0].buffer = token;
		iov[1].type = GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
		iov[1].buffer = assoc;
		iov[2].type = GSS_IOV_BUFFER_TYPE_DATA | (below(2) ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0);
		major = r->l->gss_unwrap_iov(&minor, r->context, &is, NULL, iov, 3);
		taken(r, "gss_unwrap_iov of a stream", major, minor, is, conf);
		if (!equal(iov[2].buffer, plain))
			die("another message comes back from a stream, %s", r->l->name);
		r->l->gss_release_iov_buffer(&minor, iov, 3);
	} else {
		major = r->l->gss_unwrap_aead(&minor, r->context, &token, assoc.length ? &assoc : GSS_C_NO_BUFFER, &got, &is, NULL);
		taken(r, "gss_unwrap_aead", major, minor, is, conf);
		if (!equal(got, plain))
			die("another message comes back from gss_unwrap_aead of %s", r->l->name);
		r->l->gss_release_buffer(&minor, &got);
	}
	s->l->gss_release_buffer(&minor, &token);
	clear_message(&m);
}

/* mics: gss_get_mic_iov or gss_get_mic here, gss_verify_mic_iov or gss_verify_mic there. */
static void mics(struct side *s, struct side *r)
{
	struct message m = { .n = 0 }, back = { .n = 0 };
	gss_buffer_desc text, token;
	gss_iov_buffer_t t = NULL;
	OM_uint32 major, minor;
	int i, bad = below(6) == 0, pieces_here = below(3), pieces_there = below(3);
	size_t n = 0;

	data(&m);
	for (i = 0; i < m.n; i++) /* so that the linear text is simple */
		m.iov[i].type = m.iov[i].type == GSS_IOV_BUFFER_TYPE_EMPTY ? m.iov[i].type : GSS_IOV_BUFFER_TYPE_DATA;
	text = linear(&m, GSS_IOV_BUFFER_TYPE_DATA);
	for (i = 0; i < m.n; i++)
		if (is_message(&m.iov[i]) && below(3) == 0)
			m.iov[i].type = GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
	if (pieces_here) {
		t = add(&m, GSS_IOV_BUFFER_TYPE_MIC_TOKEN, 0);
		if (below(2)) {
			free(t->buffer.value);
			t->buffer.value = NULL;
			t->type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
		} else {
			same_lengths(s, r, &m, 0, 1);
		}
		need(s->l, "gss_get_mic_iov", s->l->gss_get_mic_iov(&minor, s->context, 0, m.iov, m.n), minor);
		t->type = GSS_IOV_BUFFER_TYPE(t->type);
		token.length = t->buffer.length;
		token.value = fresh(token.length);
		memcpy(token.value, t->buffer.value, token.length);
	} else {
		need(s->l, "gss_get_mic", s->l->gss_get_mic(&minor, s->context, 0, &text, &token), minor);
	}
	if (bad) {
		size_t at = below((uint32_t)token.length);

		((unsigned char *)token.value)[legacy && spared(at) ? 0 : at] ^= (unsigned char)(1 << below(8));
	}
	if (pieces_there) {
		while (n < text.length) {
			size_t k = 1 + below((uint32_t)(text.length - n));

			if (back.n > PIECES - 4)
				k = text.length - n;
			memcpy(add(&back, below(2) ? GSS_IOV_BUFFER_TYPE_DATA : GSS_IOV_BUFFER_TYPE_SIGN_ONLY, k)->buffer.value,
			    (char *)text.value + n, k);
			n += k;
		}
		memcpy(add(&back, GSS_IOV_BUFFER_TYPE_MIC_TOKEN, token.length)->buffer.value, token.value, token.length);
		major = r->l->gss_verify_mic_iov(&minor, r->context, NULL, back.iov, back.n);
	} else {
		major = r->l->gss_verify_mic(&minor, r->context, &text, &token, NULL);
	}
	if (bad && !GSS_ERROR(major))
		die("%s takes a damaged MIC", r->l->name);
	if (!bad)
		taken(r, pieces_there ? "gss_verify_mic_iov" : "gss_verify_mic", major, minor, 0, 0);
	free(token.value);
	free(text.value);
	clear_message(&m);
	clear_message(&back);
}

/* between has two libraries exchange messages for some milliseconds. */
static void between(struct library *initiator, struct library *acceptor, const char *service, OM_uint32 flags, long ms)
{
	struct side i = { initiator, NULL }, a = { acceptor, NULL };
	struct timespec start, now;
	static char text[200];
	unsigned long before = rounds;
	int dce = (flags & GSS_C_DCE_STYLE) != 0;

	snprintf(text, sizeof(text), "%s: initiator %s, acceptor %s%s%s", service, initiator->name, acceptor->name,
	    dce ? ", DCE style" : "", flags & GSS_C_MUTUAL_FLAG ? "" : ", not mutual");
	label = text;
	establish(&i, &a, service, flags);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		int turn = below(2);
		struct side *s = turn ? &i : &a, *r = turn ? &a : &i;

		rounds++;
		switch (below(8)) {
		case 0:
			limits(s, r);
			break;
		case 1:
		case 2:
			mics(s, r);
			break;
		case 3:
		case 4:
			whole(s, r, dce);
			break;
		default:
			pieces(s, r, dce);
		}
		/* What was damaged left a gap in the sequence: make it good. */
		{
			gss_buffer_desc t = { 1, "t" }, mic;
			OM_uint32 minor;

			s->l->gss_get_mic(&minor, s->context, 0, &t, &mic);
			r->l->gss_verify_mic(&minor, r->context, &t, &mic, NULL);
			s->l->gss_release_buffer(&minor, &mic);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
	drop(&i);
	drop(&a);
	printf("ok - %s: %lu messages\n", label, rounds - before);
}

int main(int argc, char **argv)
{
	OM_uint32 all = FLAGS;
	long ms;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 6) {
		fprintf(stderr, "usage: iov OURS MITS SERVICE SECONDS LEGACY [SEED]\n");
		return 2;
	}
	load(&ours, argv[1]);
	load(&mits, argv[2]);
	ms = atol(argv[4]) * 1000 / 8;
	legacy = atoi(argv[5]);
	state = argc > 6 ? strtoull(argv[6], NULL, 0) : (uint64_t)time(NULL) * 1000003 + 1;
	printf("# %s, seed %llu\n", argv[3], (unsigned long long)state);

	between(&ours, &mits, argv[3], all, ms);
	between(&mits, &ours, argv[3], all, ms);
	between(&ours, &mits, argv[3], all & ~GSS_C_MUTUAL_FLAG, ms);
	between(&mits, &ours, argv[3], all & ~GSS_C_MUTUAL_FLAG, ms);
	between(&ours, &mits, argv[3], all | GSS_C_DCE_STYLE, ms);
	between(&mits, &ours, argv[3], all | GSS_C_DCE_STYLE, ms);
	{
		static const OM_uint32 some[] = { FLAGS, FLAGS & ~GSS_C_SEQUENCE_FLAG, FLAGS & ~GSS_C_REPLAY_FLAG,
			FLAGS & ~(GSS_C_SEQUENCE_FLAG | GSS_C_REPLAY_FLAG) };
		size_t k;

		label = "keys and numbers";
		for (k = 0; k < 4; k++) {
			lucid(&ours, &mits, argv[3], k & 1 ? all : all & ~GSS_C_MUTUAL_FLAG);
			lucid(&mits, &ours, argv[3], k & 1 ? all : all & ~GSS_C_MUTUAL_FLAG);
		}
		printf("ok - %s: both export the same\n", label);
		label = "replay and order";
		for (k = 0; k < 4; k++) {
			struct side i = { &mits, NULL }, a = { &ours, NULL }, j = { &ours, NULL }, b = { &mits, NULL };
			int n;

			establish(&i, &a, argv[3], some[k]);
			establish(&j, &b, argv[3], some[k]);
			for (n = 0; n < 8; n++) {
				rounds++;
				order(&i, &a, &j, &b);
				order(&b, &j, &a, &i); /* and back: at_ours is ours again */
			}
			drop(&i);
			drop(&a);
			drop(&j);
			drop(&b);
		}
		printf("ok - %s: both say the same\n", label);
	}
	return 0;
}
