/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * buffer.c: buffers, IOV buffers and buffer sets. Everything that is given away comes from malloc(3), and everything that
 * is released goes to free(3), because programs release blocks of their own as well.
 */

#include "front.h"
#include "platform.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A longer length is uninitialized or negative. */
#define MAX_BUFFER ((size_t)1 << 40)

int
front_readable(gss_const_buffer_t buffer)
{
	if (buffer == GSS_C_NO_BUFFER)
		return 0;
	return buffer->length == 0 || (buffer->value != NULL && buffer->length <= MAX_BUFFER);
}

void
front_clear_buffer(gss_buffer_t buffer)
{
	if (buffer != GSS_C_NO_BUFFER) {
		buffer->length = 0;
		buffer->value = NULL;
	}
}

int
front_give_octets(const void *data, size_t length, gss_buffer_t buffer)
{
	char *copy;

	if (length == SIZE_MAX || (copy = malloc(length + 1)) == NULL)
		return ENOMEM;
	if (length != 0)
		memcpy(copy, data, length);
	copy[length] = '\0';
	buffer->length = length;
	buffer->value = copy;
	return 0;
}

static void
release(gss_buffer_t buffer)
{
	if (buffer->value != NULL && buffer->length >= GSSAPI_ENGINE_LARGE)
		platform_free_large(buffer->value, buffer->length);
	else
		free(buffer->value);
}

OM_uint32
gss_release_buffer(OM_uint32 *minor_status, gss_buffer_t buffer)
{
	front_set_minor(minor_status, 0);
	if (buffer != GSS_C_NO_BUFFER) {
		release(buffer);
		front_clear_buffer(buffer);
	}
	return GSS_S_COMPLETE;
}

/* Releases what the library has allocated; the caller's own buffers stay. */
OM_uint32
gss_release_iov_buffer(OM_uint32 *minor_status, gss_iov_buffer_desc *iov, int iov_count)
{
	int i;

	front_set_minor(minor_status, 0);
	for (i = 0; iov != GSS_C_NO_IOV_BUFFER && i < iov_count; i++) {
		if ((iov[i].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) == 0)
			continue;
		release(&iov[i].buffer);
		front_clear_buffer(&iov[i].buffer);
		iov[i].type &= ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED;
	}
	return GSS_S_COMPLETE;
}

OM_uint32
gss_create_empty_buffer_set(OM_uint32 *minor_status, gss_buffer_set_t *buffer_set)
{
	front_set_minor(minor_status, 0);
	if (buffer_set == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*buffer_set = calloc(1, sizeof(**buffer_set));
	if (*buffer_set == NULL)
		return front_failure(minor_status, ENOMEM);
	return GSS_S_COMPLETE;
}

OM_uint32
gss_add_buffer_set_member(OM_uint32 *minor_status, const gss_buffer_t member_buffer, gss_buffer_set_t *buffer_set)
{
	gss_buffer_set_t set;
	gss_buffer_desc *elements;
	gss_buffer_desc copy;

	front_set_minor(minor_status, 0);
	if (buffer_set == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	if (!front_readable(member_buffer))
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (*buffer_set == GSS_C_NO_BUFFER_SET && gss_create_empty_buffer_set(minor_status, buffer_set) != GSS_S_COMPLETE)
		return GSS_S_FAILURE;
	set = *buffer_set;
	if (set->count >= SIZE_MAX / sizeof(copy) - 1 ||
	    front_give_octets(member_buffer->value, member_buffer->length, &copy) != 0)
		return front_failure(minor_status, ENOMEM);
	elements = realloc(set->elements, (set->count + 1) * sizeof(*elements));
	if (elements == NULL) {
		free(copy.value);
		return front_failure(minor_status, ENOMEM);
	}
	elements[set->count] = copy;
	set->elements = elements;
	set->count++;
	return GSS_S_COMPLETE;
}

void
front_wipe(void *octets, size_t length)
{
	volatile unsigned char *p = octets;

	while (length-- != 0)
		*p++ = 0;
}

OM_uint32
gss_release_buffer_set(OM_uint32 *minor_status, gss_buffer_set_t *buffer_set)
{
	size_t i;

	front_set_minor(minor_status, 0);
	if (buffer_set == NULL || *buffer_set == GSS_C_NO_BUFFER_SET)
		return GSS_S_COMPLETE;
	for (i = 0; i < (*buffer_set)->count; i++) {
		if ((*buffer_set)->elements[i].value != NULL)
			front_wipe((*buffer_set)->elements[i].value, (*buffer_set)->elements[i].length);
		free((*buffer_set)->elements[i].value);
	}
	free((*buffer_set)->elements);
	free(*buffer_set);
	*buffer_set = GSS_C_NO_BUFFER_SET;
	return GSS_S_COMPLETE;
}
