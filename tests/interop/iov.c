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
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#ifndef GSS_C_DCE_STYLE
#define GSS_C_DCE_STYLE 0x1000
#endif
#define FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define FUNCTIONS(X) X(gss_import_name) X(gss_release_name) X(gss_init_sec_context) X(gss_accept_sec_context) \
	X(gss_delete_sec_context) X(gss_release_buffer) X(gss_display_status) X(gss_wrap) X(gss_unwrap) X(gss_get_mic) \
	X(gss_verify_mic) X(gss_wrap_size_limit) X(gss_pseudo_random) X(gss_wrap_iov) X(gss_wrap_iov_length) \
	X(gss_unwrap_iov) X(gss_get_mic_iov) X(gss_get_mic_iov_length) X(gss_verify_mic_iov) X(gss_release_iov_buffer) \
	X(gss_wrap_aead) X(gss_unwrap_aead)

#if !defined(__GNUC__)
#error "typeof is needed"
#endif
struct library {
	const char *name;
	void *handle;
#define X(f) __typeof__(&f) f;
	FUNCTIONS(X)
#undef X
};

static struct library ours = { .name = "ours" }, mits = { .name = "MIT's" };
static gss_OID_desc krb5 = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };

/* A side of a context. */
struct side {
	struct library *l;
	gss_ctx_id_t context;
};

static uint64_t state;
static unsigned long rounds;
static const char *label = "";
static int legacy; /* the key is of an old type */

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static uint32_t below(uint32_t n)
{
	return n == 0 ? 0 : rnd() % n;
}

static void die(const char *format, ...)
{
	va_list arguments;

	printf("not ok - %s, round %lu: ", label, rounds);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

/* need wants a call to succeed. The call comes first: minor is its result. */
#define need(l, what, call, minor) do { OM_uint32 major_ = (call); failed(l, what, major_, minor); } while (0)

static void failed(struct library *l, const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 more = 0, ignored;

	if (!GSS_ERROR(major))
		return;
	l->gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5, &more, &text);
	die("%s of %s: %x, minor %u: %.*s", what, l->name, major, minor, (int)text.length, (char *)text.value);
}

static void load(struct library *l, const char *path)
{
	if ((l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		die("%s", dlerror());
#define X(f) \
	*(void **)&l->f = dlsym(l->handle, #f); \
	if (l->f == NULL) \
		die("%s has no %s", path, #f);
	FUNCTIONS(X)
#undef X
}

static void establish(struct side *i, struct side *a, const char *service, OM_uint32 flags)
{
	gss_buffer_desc name = { strlen(service), (void *)service }, in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 im = GSS_S_CONTINUE_NEEDED, am = GSS_S_CONTINUE_NEEDED, minor, ignored, iflags = 0, aflags = 0;
	gss_name_t target;
	int legs = 0;

	i->context = a->context = GSS_C_NO_CONTEXT;
	need(i->l, "gss_import_name", i->l->gss_import_name(&minor, &name, &hostbased, &target), minor);
	while (im == GSS_S_CONTINUE_NEEDED || am == GSS_S_CONTINUE_NEEDED) {
		if (im == GSS_S_CONTINUE_NEEDED) {
			im = i->l->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &i->context, target, &krb5, flags, 0,
			    GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, &iflags, NULL);
			need(i->l, "gss_init_sec_context", im, minor);
			a->l->gss_release_buffer(&ignored, &in);
			legs += out.length > 0;
		}
		if (out.length == 0)
			break;
		am = a->l->gss_accept_sec_context(&minor, &a->context, GSS_C_NO_CREDENTIAL, &out,
		    GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &in, &aflags, NULL, NULL);
		need(a->l, "gss_accept_sec_context", am, minor);
		i->l->gss_release_buffer(&ignored, &out);
		legs += in.length > 0;
	}
	if (im != GSS_S_COMPLETE || am != GSS_S_COMPLETE)
		die("the context is not established: %x, %x", im, am);
	if (legs != 1 + !!(flags & GSS_C_MUTUAL_FLAG) + !!(flags & GSS_C_DCE_STYLE))
		die("%d tokens", legs);
	if ((flags & GSS_C_DCE_STYLE) != (iflags & GSS_C_DCE_STYLE) || (flags & GSS_C_DCE_STYLE) != (aflags & GSS_C_DCE_STYLE))
		die("flags %x asked, %x and %x", flags, iflags, aflags);
	i->l->gss_release_name(&ignored, &target);
}

static void drop(struct side *s)
{
	OM_uint32 minor;

	s->l->gss_delete_sec_context(&minor, &s->context, GSS_C_NO_BUFFER);
}

/* A message in pieces: type and memory of exactly the right size. */
#define PIECES 24
struct message {
	gss_iov_buffer_desc iov[PIECES];
	int n;
};

static void *fresh(size_t n)
{
	void *p = malloc(n + !n);

	if (p == NULL)
		abort();
	return p;
}

static gss_iov_buffer_t add(struct message *m, OM_uint32 type, size_t length)
{
	gss_iov_buffer_t b = &m->iov[m->n++];
	size_t i;

	if (m->n > PIECES)
		abort();
	b->type = type;
	b->buffer.length = length;
	b->buffer.value = fresh(length);
	for (i = 0; i < length; i++)
		((unsigned char *)b->buffer.value)[i] = (unsigned char)rnd();
	return b;
}

static gss_iov_buffer_t get(struct message *m, OM_uint32 type)
{
	int i;

	for (i = 0; i < m->n; i++) {
		if (GSS_IOV_BUFFER_TYPE(m->iov[i].type) == type)
			return &m->iov[i];
	}
	return NULL;
}

static void clear_message(struct message *m)
{
	int i;

	for (i = 0; i < m->n; i++)
		free(m->iov[i].buffer.value);
	m->n = 0;
}

static int is_message(const gss_iov_buffer_desc *b)
{
	OM_uint32 type = GSS_IOV_BUFFER_TYPE(b->type);

	return type == GSS_IOV_BUFFER_TYPE_DATA || type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
}

static size_t size_of_piece(void)
{
	switch (below(6)) {
	case 0:
		return 0;
	case 1:
		return below(4) * 16;
	case 2:
		return below(3000);
	default:
		return below(70);
	}
}

/* data puts random pieces of a message into m. */
static void data(struct message *m)
{
	int i, n = 1 + below(6);

	for (i = 0; i < n; i++) {
		switch (below(5)) {
		case 0:
			add(m, GSS_IOV_BUFFER_TYPE_SIGN_ONLY, size_of_piece());
			break;
		case 1:
			if (below(4) == 0)
				add(m, GSS_IOV_BUFFER_TYPE_EMPTY, 3);
			/* fall through */
		default:
			add(m, GSS_IOV_BUFFER_TYPE_DATA, size_of_piece());
		}
	}
}

/* resplit copies the message of m in other pieces: neighbours of one type may be joined or cut anywhere. */
static void resplit(struct message *to, const struct message *m)
{
	unsigned char *all[PIECES];
	size_t length[PIECES];
	OM_uint32 type[PIECES];
	int i, runs = 0;

	for (i = 0; i < m->n; i++) {
		const gss_iov_buffer_desc *b = &m->iov[i];

		if (!is_message(b))
			continue;
		if (runs == 0 || type[runs - 1] != GSS_IOV_BUFFER_TYPE(b->type)) {
			type[runs] = GSS_IOV_BUFFER_TYPE(b->type);
			length[runs] = 0;
			all[runs++] = fresh(0);
		}
		all[runs - 1] = realloc(all[runs - 1], length[runs - 1] + b->buffer.length + 1);
		memcpy(all[runs - 1] + length[runs - 1], b->buffer.value, b->buffer.length);
		length[runs - 1] += b->buffer.length;
	}
	for (i = 0; i < runs; i++) {
		size_t first = below(3) == 0 ? below((uint32_t)length[i] + 1) : length[i];

		memcpy(add(to, type[i], first)->buffer.value, all[i], first);
		if (first < length[i])
			memcpy(add(to, type[i], length[i] - first)->buffer.value, all[i] + first, length[i] - first);
		free(all[i]);
	}
}

/* linear is the data, or the sign-only octets, of a message, one after the other. */
static gss_buffer_desc linear(const struct message *m, OM_uint32 type)
{
	gss_buffer_desc all = { 0, fresh(0) };
	int i;

	for (i = 0; i < m->n; i++) {
		const gss_iov_buffer_desc *b = &m->iov[i];

		if (GSS_IOV_BUFFER_TYPE(b->type) != type)
			continue;
		all.value = realloc(all.value, all.length + b->buffer.length + 1);
		memcpy((char *)all.value + all.length, b->buffer.value, b->buffer.length);
		all.length += b->buffer.length;
	}
	return all;
}

static int equal(gss_buffer_desc a, gss_buffer_desc b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.value, b.value, a.length) == 0);
}

/* spared: octets of a token that nothing covers. The RRC is one; and RC4 encrypts the sequence number with a key of its
   own, so that anybody can flip its bits (RFC 4757, Section 7.3); and in DCE style the frame may have any length. */
static int spared(size_t at)
{
	return legacy ? at == 1 || (at >= 21 && at < 33) : at / 2 == 3;
}

/* damage flips a bit of one of the token's octets, or of those that it covers. */
static int damage(struct message *m)
{
	int i, tries;

	for (tries = 0; tries < 50; tries++) {
		i = below((uint32_t)m->n);
		if (GSS_IOV_BUFFER_TYPE(m->iov[i].type) != GSS_IOV_BUFFER_TYPE_EMPTY && m->iov[i].buffer.length > 0) {
			size_t at = below((uint32_t)m->iov[i].buffer.length);

			if (GSS_IOV_BUFFER_TYPE(m->iov[i].type) == GSS_IOV_BUFFER_TYPE_HEADER && spared(at))
				continue;
			((unsigned char *)m->iov[i].buffer.value)[at] ^= (unsigned char)(1 << below(8));
			return 1;
		}
	}
	return 0;
}

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

/* stream is a token in one piece: what is not signed only. */
static gss_buffer_desc stream(const struct message *m)
{
	static const OM_uint32 order[] = { GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_PADDING,
		GSS_IOV_BUFFER_TYPE_TRAILER };
	gss_buffer_desc all = { 0, fresh(0) }, part;
	size_t i;

	for (i = 0; i < 4; i++) {
		part = linear(m, order[i]);
		all.value = realloc(all.value, all.length + part.length + 1);
		memcpy((char *)all.value + all.length, part.value, part.length);
		all.length += part.length;
		free(part.value);
	}
	return all;
}

/* sign_only_first: associated data comes before all data, so that a stream can have it, too. */
static int sign_only_first(const struct message *m)
{
	int i, seen = 0;

	for (i = 0; i < m->n; i++) {
		OM_uint32 type = GSS_IOV_BUFFER_TYPE(m->iov[i].type);

		if (type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY && seen)
			return 0;
		seen = seen || (type == GSS_IOV_BUFFER_TYPE_DATA && m->iov[i].buffer.length > 0);
	}
	return 1;
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
	int conf = below(4) != 0, has_trailer, i, is = -1, bad, whole = 0;
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
			if (!bad) {
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

/* limits: gss_wrap_size_limit and gss_pseudo_random of both sides. */
static void limits(struct side *s, struct side *r)
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

/* order: the same messages reach both libraries in the same order, and both say the same about it. */
static void order(struct side *to_ours, struct side *at_ours, struct side *to_mits, struct side *at_mits)
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
