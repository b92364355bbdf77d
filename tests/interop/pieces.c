/* SPDX-License-Identifier: BSD-2-Clause */

#include "pieces.h"

#include <stdlib.h>
#include <string.h>

void *fresh(size_t n)
{
	void *p = malloc(n + !n);

	if (p == NULL)
		abort();
	return p;
}

gss_iov_buffer_t add(struct message *m, OM_uint32 type, size_t length)
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

gss_iov_buffer_t get(struct message *m, OM_uint32 type)
{
	int i;

	for (i = 0; i < m->n; i++) {
		if (GSS_IOV_BUFFER_TYPE(m->iov[i].type) == type)
			return &m->iov[i];
	}
	return NULL;
}

void clear_message(struct message *m)
{
	int i;

	for (i = 0; i < m->n; i++)
		free(m->iov[i].buffer.value);
	m->n = 0;
}

int is_message(const gss_iov_buffer_desc *b)
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

void data(struct message *m)
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

void resplit(struct message *to, const struct message *m)
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

gss_buffer_desc linear(const struct message *m, OM_uint32 type)
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

int equal(gss_buffer_desc a, gss_buffer_desc b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.value, b.value, a.length) == 0);
}

int spared(size_t at)
{
	return legacy ? at == 1 || (at >= 21 && at < 33) : at / 2 == 3;
}

int damage(struct message *m)
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

gss_buffer_desc stream(const struct message *m)
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

int sign_only_first(const struct message *m)
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
