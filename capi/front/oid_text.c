/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * oid_text.c: an OID as text, "{ 1 2 840 113554 }", and back.
 *
 * DER writes each arc in groups of 7 bits, the first two together as 40 * first + second (X.690, Section 8.19).
 */

#include "front.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OCTETS 1024  /* of an OID; longer ones are not in use */
#define ARC_TEXT 21      /* digits of 2^64 - 1, and a blank */

/* read_arc reads an arc at *p. It fails if the arc exceeds 64 bits, is truncated, or is padded. */
static int
read_arc(const unsigned char **p, const unsigned char *end, uint64_t *arc)
{
	uint64_t value = 0;

	if (*p < end && **p == 0x80)
		return -1;
	while (*p < end) {
		unsigned char octet = *(*p)++;

		if (value >> 57 != 0)
			return -1;
		value = value << 7 | (octet & 0x7f);
		if ((octet & 0x80) == 0) {
			*arc = value;
			return 0;
		}
	}
	return -1;
}

OM_uint32
gss_oid_to_str(OM_uint32 *minor_status, gss_OID oid, gss_buffer_t oid_str)
{
	const unsigned char *p, *end;
	char *text;
	size_t size, n;
	uint64_t arc, first;

	front_set_minor(minor_status, 0);
	if (oid_str == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	front_clear_buffer(oid_str);
	if (oid == GSS_C_NO_OID || oid->length == 0 || oid->elements == NULL)
		return GSS_S_CALL_INACCESSIBLE_READ;
	front_set_minor(minor_status, EINVAL);
	if (oid->length > MAX_OCTETS)
		return GSS_S_FAILURE;
	size = ((size_t)oid->length + 1) * ARC_TEXT + sizeof("{ }");
	text = malloc(size);
	if (text == NULL)
		return front_failure(minor_status, ENOMEM);
	p = oid->elements;
	end = p + oid->length;
	if (read_arc(&p, end, &arc) != 0) {
		free(text);
		return GSS_S_FAILURE;
	}
	first = arc < 80 ? arc / 40 : 2;
	n = (size_t)snprintf(text, size, "{ %llu %llu ", (unsigned long long)first, (unsigned long long)(arc - 40 * first));
	while (p < end) {
		if (read_arc(&p, end, &arc) != 0) {
			free(text);
			return GSS_S_FAILURE;
		}
		n += (size_t)snprintf(text + n, size - n, "%llu ", (unsigned long long)arc);
	}
	n += (size_t)snprintf(text + n, size - n, "}");
	front_set_minor(minor_status, 0);
	oid_str->value = text;
	oid_str->length = n + 1;
	return GSS_S_COMPLETE;
}

/* The rest of a text. */
struct reader {
	const char *p, *end;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
trim(struct reader *r)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
	while (r->p < r->end && is_blank(r->end[-1]))
		r->end--;
}

static int
read_number(struct reader *r, uint64_t *number)
{
	const char *start = r->p;
	uint64_t value = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		unsigned digit = (unsigned)(*r->p++ - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -1;
		value = value * 10 + digit;
	}
	*number = value;
	return r->p > start ? 0 : -1;
}

/* write_arc appends an arc to n octets. It returns their new number, or 0 if there would be too many. */
static size_t
write_arc(unsigned char *octets, size_t n, uint64_t arc)
{
	int shift = 63;

	while (shift > 0 && arc >> shift == 0)
		shift -= 7;
	for (; shift >= 0; shift -= 7) {
		if (n == MAX_OCTETS)
			return 0;
		octets[n++] = (unsigned char)((arc >> shift & 0x7f) | (shift > 0 ? 0x80 : 0));
	}
	return n;
}

/* unwrap_text removes the NUL that gss_oid_to_str counts, blanks, and braces if there are any. */
static int
unwrap_text(struct reader *r)
{
	if (r->end > r->p && r->end[-1] == '\0')
		r->end--;
	trim(r);
	if (r->p == r->end || *r->p != '{')
		return 0;
	if (r->end - r->p < 2 || r->end[-1] != '}')
		return -1;
	r->p++;
	r->end--;
	trim(r);
	return 0;
}

/* read_separator reads the dot or the blanks between two arcs. */
static int
read_separator(struct reader *r)
{
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		return 0;
	}
	if (r->p == r->end || !is_blank(*r->p))
		return -1;
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
	return 0;
}

/* parse_text writes the octets of an OID and returns their number, or 0 if the text is not an OID. */
static size_t
parse_text(struct reader r, unsigned char *octets)
{
	uint64_t first, second, arc;
	size_t n;

	if (unwrap_text(&r) != 0 || read_number(&r, &first) != 0 || read_separator(&r) != 0 ||
	    read_number(&r, &second) != 0)
		return 0;
	if (first > 2 || (first < 2 && second > 39) || second > UINT64_MAX - 80)
		return 0;
	n = write_arc(octets, 0, 40 * first + second);
	while (n != 0 && r.p < r.end) {
		if (read_separator(&r) != 0 || read_number(&r, &arc) != 0)
			return 0;
		n = write_arc(octets, n, arc);
	}
	return n;
}

OM_uint32
gss_str_to_oid(OM_uint32 *minor_status, gss_buffer_t oid_str, gss_OID *oid)
{
	unsigned char octets[MAX_OCTETS];
	gss_OID_desc parsed = {0, octets};
	struct reader r;

	front_set_minor(minor_status, 0);
	if (oid == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*oid = GSS_C_NO_OID;
	if (!front_readable(oid_str) || oid_str->length == 0)
		return GSS_S_CALL_INACCESSIBLE_READ;
	r.p = oid_str->value;
	r.end = r.p + oid_str->length;
	parsed.length = (OM_uint32)parse_text(r, octets);
	if (parsed.length == 0)
		return front_failure(minor_status, EINVAL);
	return gss_duplicate_oid(minor_status, &parsed, oid);
}
