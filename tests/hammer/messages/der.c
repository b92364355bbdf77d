/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * der.c: a token as a tree of values, one of which is changed; the lengths around it are right again, or not.
 */
#include "mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 600
#define DEPTH 24

enum form { MINIMAL, LONGER, LONGEST, INDEFINITE, WRONG };

struct node {
	int parent, child, next; /* their places; -1 for none */
	int raw;                 /* octets without tag and length */
	unsigned char tag;
	enum form form;
	size_t wrong; /* the length that a wrong one says */
	const unsigned char *octets;
	size_t length; /* of a node without children */
};

static struct node nodes[NODES];
static int used;
static unsigned char room[OCTETS]; /* for octets of nodes that are not the token's */
static size_t room_used;

static int new_node(int parent, unsigned char tag, const unsigned char *octets, size_t length)
{
	struct node *n;

	if (used == NODES)
		return -1;
	n = &nodes[used];
	memset(n, 0, sizeof(*n));
	n->parent = parent;
	n->child = n->next = -1;
	n->tag = tag;
	n->octets = octets;
	n->length = length;
	return used++;
}

/* header reads a tag and a length that fits; it gives the size of both, 0 if that is not what is there. */
static size_t header(const unsigned char *p, size_t n, size_t *length)
{
	size_t size, i;

	if (n < 2 || (p[0] & 0x1f) == 0x1f)
		return 0;
	*length = p[1];
	if (p[1] < 0x80)
		return *length <= n - 2 ? 2 : 0;
	size = p[1] & 0x7f;
	if (size == 0 || size > 4 || size > n - 2)
		return 0;
	for (*length = i = 0; i < size; i++)
		*length = *length << 8 | p[2 + i];
	return *length <= n - 2 - size ? 2 + size : 0;
}

static int values(int parent, const unsigned char *p, size_t n, int depth);

/* raw makes a node of octets that are no value. */
static int raw(int parent, const unsigned char *p, size_t n)
{
	int i = new_node(parent, 0, p, n);

	if (i >= 0)
		nodes[i].raw = 1;
	return i;
}

/* token reads what follows the OID of a frame, or stands alone: values, or two octets and values. */
static int token(int parent, const unsigned char *p, size_t n, int depth)
{
	int before = used, first = values(parent, p, n, depth), rest;

	if (first >= 0)
		return first;
	used = before;
	if (n < 4 || p[1] != 0 || p[0] > 4 || (first = raw(parent, p, 2)) < 0)
		return raw(parent, p, n);
	rest = values(parent, p + 2, n - 2, depth);
	if (rest < 0) {
		used = before;
		return raw(parent, p, n);
	}
	nodes[first].next = rest;
	return first;
}

/* children reads what is in a value, if there is something. */
static void children(int i, int depth)
{
	struct node *n = &nodes[i];
	const unsigned char *p = n->octets;
	size_t length;
	int before = used, first = -1;

	if (n->tag == 0x60) {
		size_t size = header(p, n->length, &length);

		if (size == 0 || p[0] != 0x06)
			return;
		first = values(i, p, size + length, depth + 1);
		if (first >= 0 && size + length < n->length)
			nodes[first].next = token(i, p + size + length, n->length - size - length, depth + 1);
	} else if ((n->tag & 0x20) != 0) {
		first = values(i, p, n->length, depth + 1);
	} else if (n->tag == 0x04 && n->length > 4 && (p[0] == 0x60 || (p[0] <= 3 && p[1] == 0 && p[2] >= 0x60 && p[2] < 0x80))) {
		first = token(i, p, n->length, depth + 1); /* a token in a token */
		if (first >= 0 && nodes[first].raw && nodes[first].next < 0)
			first = -1;
	}
	if (first < 0)
		used = before;
	nodes[i].child = first;
}

/* values reads values until the end; it gives the first, or -1. */
static int values(int parent, const unsigned char *p, size_t n, int depth)
{
	int first = -1, last = -1;

	if (n == 0 || depth > DEPTH)
		return -1;
	while (n > 0) {
		size_t length, size = header(p, n, &length);
		int i = size == 0 ? -1 : new_node(parent, p[0], p + size, length);

		if (i < 0)
			return -1;
		if (last >= 0)
			nodes[last].next = i;
		else
			first = i;
		last = i;
		children(i, depth);
		p += size + length;
		n -= size + length;
	}
	return first;
}

/* Writing */

static void put(struct octets *o, const void *octets, size_t length)
{
	insert(o, o->length, octets, length);
}

static void write_list(struct octets *o, int i);

static void write_length(struct octets *o, size_t length, enum form form)
{
	unsigned char b[6];
	size_t n = 0, size = length < 0x80 && form != LONGER && form != LONGEST ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;

	if (form == LONGER)
		size++;
	if (form == LONGEST)
		size = 4;
	b[n++] = (unsigned char)(size == 0 ? length : 0x80 | size);
	while (size-- > 0)
		b[n++] = (unsigned char)(length >> 8 * size);
	put(o, b, n);
}

static void write_node(struct octets *o, const struct node *n)
{
	struct octets *content = malloc(sizeof(*content));

	if (content == NULL)
		abort();
	content->length = 0;
	if (n->child >= 0)
		write_list(content, n->child);
	else
		put(content, n->octets, n->length);
	if (!n->raw) {
		put(o, &n->tag, 1);
		if (n->form == INDEFINITE)
			put(o, "\x80", 1);
		else
			write_length(o, n->form == WRONG ? n->wrong : content->length, n->form);
	}
	put(o, content->at, content->length);
	if (n->form == INDEFINITE)
		put(o, "\0\0", 2);
	free(content);
}

static void write_list(struct octets *o, int i)
{
	for (; i >= 0; i = nodes[i].next)
		write_node(o, &nodes[i]);
}

/* Changing */

/* place names a node by the tags on the way to it. */
static void place(int i, char *text)
{
	char part[8];

	if (nodes[i].parent >= 0)
		place(nodes[i].parent, text);
	snprintf(part, sizeof(part), nodes[i].raw ? "/raw" : "/%02x", nodes[i].tag);
	if (strlen(text) + strlen(part) < NAME_SIZE - 20 - 1)
		strcat(text, text[0] == '\0' ? part + 1 : part);
}

/* link gives the place that says which node i is. */
static int *link_to(int *first, int i)
{
	int *p = nodes[i].parent >= 0 ? &nodes[nodes[i].parent].child : first;

	while (*p != i)
		p = &nodes[*p].next;
	return p;
}

/* own gives a node without children octets of its own, with room for more. */
static unsigned char *own(struct node *n, size_t more)
{
	unsigned char *p = room + room_used;

	if (n->child >= 0 || room_used + n->length + more > sizeof(room))
		return NULL;
	memcpy(p, n->octets, n->length);
	room_used += n->length + more;
	n->octets = p;
	return p;
}

/* copy makes a node of the same content. */
static int copy(int i)
{
	int c = used;

	if (used == NODES)
		return -1;
	nodes[used++] = nodes[i];
	return c;
}

static const char *change_leaf(struct node *n)
{
	size_t more = 1 + below(20), i;
	unsigned char *p = own(n, more);

	if (p == NULL)
		return NULL;
	switch (below(6)) {
	case 0:
		if (n->length == 0)
			return NULL;
		n->length -= 1 + below((uint32_t)n->length);
		return "cut";
	case 1:
		for (i = 0; i < more; i++)
			p[n->length++] = (unsigned char)(below(2) ? rnd() : 0);
		return "grow";
	case 2: /* as a longer number of the same value, if it is a number */
		if (more + n->length > 64 && n->tag != 0x02)
			return NULL;
		more = 1 + below(4);
		memmove(p + more, p, n->length);
		memset(p, 0, more);
		n->length += more;
		return "pad";
	case 3:
		if (n->length == 0)
			return NULL;
		p[0] = (unsigned char[]){ 0, 1, 0x7f, 0x80, 0xff, 0x30 }[below(6)];
		return "first";
	case 4:
		if (n->length == 0)
			return NULL;
		p[n->length - 1] = (unsigned char)(p[n->length - 1] + (below(2) ? 1 : -1));
		return "last";
	default:
		if (n->length == 0)
			return NULL;
		p[below((uint32_t)n->length)] ^= (unsigned char)(1u << below(8));
		return "bit";
	}
}

/* change_node gives what it did, or NULL if that is not to be done here. */
static const char *change_node(int *first, int i)
{
	struct node *n = &nodes[i];
	int c, other = (int)below((uint32_t)used), *p = link_to(first, i);
	static const unsigned char null[] = { 0 };

	switch (below(14)) {
	case 0:
		*p = n->next;
		if (n->parent >= 0 && nodes[n->parent].child < 0)
			nodes[n->parent].length = 0;
		return "remove";
	case 1:
		if ((c = copy(i)) < 0)
			return NULL;
		n->next = c;
		return "double";
	case 2:
		c = n->next;
		if (c < 0)
			return NULL;
		*p = c;
		n->next = nodes[c].next;
		nodes[c].next = i;
		return "swap";
	case 3:
		n->child = -1;
		n->length = 0;
		return "empty";
	case 4:
		if (n->raw)
			return NULL;
		n->tag ^= (unsigned char)(1u << below(8));
		return "tag";
	case 5:
		if (n->raw)
			return NULL;
		n->tag = (unsigned char)(n->tag + (below(2) ? 1 : -1));
		return "next-tag";
	case 6:
		if (n->raw)
			return NULL;
		n->form = below(2) ? LONGER : LONGEST;
		return "longer";
	case 7:
		if (n->raw)
			return NULL;
		n->form = INDEFINITE;
		return "indefinite";
	case 8:
		if (n->raw)
			return NULL;
		n->form = WRONG;
		n->wrong = (size_t[]){ 0, 1, 0x7f, 0x80, 0xff, 0xffff, 0xffffff }[below(7)];
		return "wrong";
	case 9: /* something that nobody knows, behind it */
		if ((c = new_node(n->parent, (unsigned char)(below(2) ? 0x05 : 0xa0 + below(16)), null, 0)) < 0)
			return NULL;
		n = &nodes[i];
		nodes[c].next = n->next;
		n->next = c;
		return "unknown";
	case 10: /* another value of the token in its place */
		if (other == i || nodes[other].raw || n->raw || (c = copy(other)) < 0)
			return NULL;
		for (; other >= 0; other = nodes[other].parent) { /* which it is not in */
			if (other == i)
				return NULL;
		}
		for (other = i; other >= 0; other = nodes[other].parent) { /* nor around it */
			if (nodes[other].child >= 0 && nodes[other].child == nodes[c].child)
				return NULL;
		}
		nodes[c].next = nodes[i].next;
		*p = c;
		return "graft";
	case 11: /* in a sequence of its own */
		if (n->raw || (c = copy(i)) < 0)
			return NULL;
		n = &nodes[i];
		nodes[c].next = -1;
		n->tag = 0x30;
		n->form = MINIMAL;
		n->child = c;
		return "inside";
	default:
		return change_leaf(n);
	}
}

int mutate_values(struct octets *o, char *name)
{
	static struct octets before;
	int first, all, i, tries;
	const char *done = NULL;
	char where[NAME_SIZE - 20];

	memcpy(before.at, o->at, o->length);
	before.length = o->length;
	used = 0;
	room_used = 0;
	first = token(-1, before.at, before.length, 0);
	if (first < 0 || (nodes[first].raw && nodes[first].next < 0))
		return 0;
	all = used;
	for (tries = 0; done == NULL && tries < 200; tries++) {
		i = (int)below((uint32_t)all);
		where[0] = '\0';
		place(i, where);
		done = change_node(&first, i);
	}
	if (done == NULL)
		return 0;
	snprintf(name, NAME_SIZE, "%s@%s", done, where);
	o->length = 0;
	write_list(o, first);
	return 1;
}
