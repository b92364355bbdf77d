/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * token.c: the frame around a mechanism's token (RFC 2743, Section 3.1; RFC 6339):
 *
 *	60 length 06 length OID token
 */

#include "front.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TAG_TOKEN 0x60
#define TAG_OID 0x06

/* length_size returns how many octets DER takes for a length (X.690, Section 10.1). */
static size_t
length_size(size_t length)
{
	size_t size = 1;

	if (length < 0x80)
		return 1;
	for (; length != 0; length >>= 8)
		size++;
	return size;
}

static unsigned char *
put_length(unsigned char *p, size_t length)
{
	size_t octets = length_size(length) - 1;

	if (octets == 0) {
		*p++ = (unsigned char)length;
		return p;
	}
	*p++ = (unsigned char)(0x80 | octets);
	while (octets-- != 0)
		*p++ = (unsigned char)(length >> (8 * octets));
	return p;
}

OM_uint32
gss_encapsulate_token(gss_const_buffer_t input_token, gss_const_OID token_oid, gss_buffer_t output_token)
{
	unsigned char *frame, *p;
	size_t inner, head;

	if (output_token == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	front_clear_buffer(output_token);
	if (!front_readable(input_token) || token_oid == GSS_C_NO_OID || token_oid->elements == NULL)
		return GSS_S_CALL_INACCESSIBLE_READ;
	head = 1 + length_size(token_oid->length) + token_oid->length;
	if (input_token->length > UINT32_MAX - head - 16)
		return GSS_S_FAILURE;
	inner = head + input_token->length;
	frame = malloc(1 + length_size(inner) + inner);
	if (frame == NULL)
		return GSS_S_FAILURE;
	p = frame;
	*p++ = TAG_TOKEN;
	p = put_length(p, inner);
	*p++ = TAG_OID;
	p = put_length(p, token_oid->length);
	memcpy(p, token_oid->elements, token_oid->length);
	p += token_oid->length;
	if (input_token->length != 0)
		memcpy(p, input_token->value, input_token->length);
	p += input_token->length;
	output_token->value = frame;
	output_token->length = (size_t)(p - frame);
	return GSS_S_COMPLETE;
}

/* The rest of the peer's octets. */
struct reader {
	const unsigned char *p;
	size_t left;
};

/*
 * read_header reads a tag and the length that follows, which must not exceed what is left. As everywhere
 * (internal/token/element.go), lengths may have more octets than in DER: only the value counts.
 */
static int
read_header(struct reader *r, unsigned char tag, size_t *length)
{
	uint64_t value;
	size_t octets;

	if (r->left < 2 || r->p[0] != tag)
		return -1;
	value = r->p[1];
	r->p += 2;
	r->left -= 2;
	if (value >= 0x80) {
		octets = (size_t)value & 0x7f;
		if (octets == 0 || octets > 4 || octets > r->left)
			return -1;
		for (value = 0; octets != 0; octets--) {
			value = value << 8 | *r->p++;
			r->left--;
		}
	}
	if (value > r->left)
		return -1;
	*length = (size_t)value;
	return 0;
}

OM_uint32
gss_decapsulate_token(gss_const_buffer_t input_token, gss_const_OID token_oid, gss_buffer_t output_token)
{
	struct reader r;
	size_t length;

	if (output_token == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	front_clear_buffer(output_token);
	if (!front_readable(input_token) || token_oid == GSS_C_NO_OID || token_oid->elements == NULL)
		return GSS_S_CALL_INACCESSIBLE_READ;
	r.p = input_token->value;
	r.left = input_token->length;
	if (read_header(&r, TAG_TOKEN, &length) != 0 || length != r.left)
		return GSS_S_DEFECTIVE_TOKEN;
	if (read_header(&r, TAG_OID, &length) != 0)
		return GSS_S_DEFECTIVE_TOKEN;
	if (length != token_oid->length || memcmp(r.p, token_oid->elements, length) != 0)
		return GSS_S_DEFECTIVE_TOKEN;
	if (front_give_octets(r.p + length, r.left - length, output_token) != 0)
		return GSS_S_FAILURE;
	return GSS_S_COMPLETE;
}
