/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate.c: changes of octets, blind ones and those of fields; and the list of known differences.
 */
#define _GNU_SOURCE
#include "mutate.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void insert(struct octets *o, size_t at, const void *octets, size_t length)
{
	if (at > o->length || length > sizeof(o->at) - o->length)
		return;
	memmove(o->at + at + length, o->at + at, o->length - at);
	memcpy(o->at + at, octets, length);
	o->length += length;
}

void cut(struct octets *o, size_t at, size_t length)
{
	if (at >= o->length)
		return;
	if (length > o->length - at)
		length = o->length - at;
	memmove(o->at + at, o->at + at + length, o->length - at - length);
	o->length -= length;
}

/* part names where an offset lies, in sixteenths of the whole, so that names do not depend on lengths. */
static int part(const struct octets *o, size_t at)
{
	return o->length == 0 ? 0 : (int)(at * 16 / o->length);
}

static void blind(struct octets *o, char *name)
{
	unsigned char some[32];
	size_t at = below((uint32_t)o->length), n = 1 + below(sizeof(some)), i;

	for (i = 0; i < sizeof(some); i++)
		some[i] = (unsigned char)rnd();
	switch (below(8)) {
	case 0:
		snprintf(name, NAME_SIZE, "blind-end");
		o->length = at;
		return;
	case 1:
		snprintf(name, NAME_SIZE, "blind-trail");
		insert(o, o->length, some, n);
		return;
	case 2:
		snprintf(name, NAME_SIZE, "blind-cut@%d", part(o, at));
		cut(o, at, n);
		return;
	case 3:
		snprintf(name, NAME_SIZE, "blind-insert@%d", part(o, at));
		insert(o, at, some, n);
		return;
	case 4:
		snprintf(name, NAME_SIZE, "blind-octets@%d", part(o, at));
		for (i = 0; i < n && at + i < o->length; i++)
			o->at[at + i] = some[i];
		return;
	case 5:
		snprintf(name, NAME_SIZE, "blind-copy@%d", part(o, at));
		if (o->length > n)
			memmove(o->at + (at < o->length - n ? at : o->length - n), o->at + below((uint32_t)(o->length - n)), n);
		return;
	default:
		snprintf(name, NAME_SIZE, "blind-bit@%d", part(o, at));
		if (o->length > 0)
			o->at[at] ^= (unsigned char)(1u << below(8));
	}
}

/* The fields of a header: where each begins; the last is the rest. */
struct field {
	size_t at;
	const char *name;
};

static const struct field cfx[] = {
	{ 0, "tok-id" }, { 2, "flags" }, { 3, "filler" }, { 4, "ec" }, { 6, "rrc" }, { 8, "snd-seq" }, { 16, "rest" },
};
static const struct field legacy_fields[] = {
	{ 0, "tok-id" }, { 2, "sgn-alg" }, { 4, "seal-alg" }, { 6, "filler" }, { 8, "snd-seq" }, { 16, "sgn-cksum" }, { 24, "rest" },
};
#define FIELDS 7

/* turn rotates what follows a header by some octets to the right, and says so in RRC: an honest change. */
static void turn(struct octets *o)
{
	unsigned char turned[OCTETS];
	size_t body = o->length - 16, i, n = below((uint32_t)body + 40), rrc;

	rrc = ((size_t)o->at[6] << 8 | o->at[7]) + n;
	for (i = 0; i < body; i++)
		turned[(i + n) % body] = o->at[16 + i];
	memcpy(o->at + 16, turned, body);
	o->at[6] = (unsigned char)(rrc >> 8);
	o->at[7] = (unsigned char)rrc;
}

static void field(struct octets *o, size_t header, const struct field *fields, char *name)
{
	int i = (int)below(FIELDS);
	size_t at = header + fields[i].at, end = i + 1 < FIELDS ? header + fields[i + 1].at : o->length;

	if (end <= at || end > o->length) {
		blind(o, name);
		return;
	}
	switch (below(6)) {
	case 0:
		snprintf(name, NAME_SIZE, "zero@%s", fields[i].name);
		memset(o->at + at, 0, end - at);
		break;
	case 1:
		snprintf(name, NAME_SIZE, "ones@%s", fields[i].name);
		memset(o->at + at, 0xff, end - at);
		break;
	case 2:
		snprintf(name, NAME_SIZE, "step@%s", fields[i].name);
		o->at[end - 1] = (unsigned char)(o->at[end - 1] + (below(2) ? 1 : -1));
		break;
	case 3:
		if (fields == cfx && o->length > 16) {
			snprintf(name, NAME_SIZE, "turn");
			turn(o);
			break;
		}
		/* fall through */
	default:
		snprintf(name, NAME_SIZE, "bit@%s", fields[i].name);
		o->at[at + below((uint32_t)(end - at))] ^= (unsigned char)(1u << below(8));
	}
}

static void change(struct octets *o, enum format format, char *name)
{
	if (below(5) == 0) {
		blind(o, name);
		return;
	}
	switch (format) {
	case MESSAGE:
		field(o, 0, cfx, name);
		return;
	case LEGACY: /* the header follows the frame: 60 length, 06 09 and the OID */
		if (below(3) != 0 && o->length > 40) {
			field(o, (o->at[1] < 0x80 ? 2 : 2u + (o->at[1] & 0x7f)) + 11, legacy_fields, name);
			return;
		}
		/* fall through */
	case DER:
		if (!mutate_values(o, name))
			blind(o, name);
	}
}

void mutate(struct octets *o, enum format format, char *name)
{
	static struct octets before;

	before = *o;
	change(o, format, name);
	if (before.length == o->length && memcmp(before.at, o->at, o->length) == 0)
		strcpy(name, "none");
}

/* The list: a kind, a mutation, both as patterns of a shell, and the reason. */
#define RULES 100
static struct {
	char kind[40], mutation[NAME_SIZE];
} rules[RULES];
static int rules_used;

void list_load(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1000];

	if (f == NULL)
		die("%s cannot be read", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (rules_used == RULES || sscanf(line, "%39s %159s %*s", rules[rules_used].kind, rules[rules_used].mutation) != 2)
			die("a line of %s is no rule: %s", path, line);
		rules_used++;
	}
	fclose(f);
}

int is_listed(const char *kind, const char *mutation)
{
	int i;

	for (i = 0; i < rules_used; i++) {
		if (fnmatch(rules[i].kind, kind, 0) == 0 && fnmatch(rules[i].mutation, mutation, 0) == 0)
			return 1;
	}
	return 0;
}
