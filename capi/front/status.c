/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * status.c: the texts of status codes. Those of major codes are here. The text of a minor code is what the failing call has
 * recorded for the thread, or else the system's or the engine's fixed text. A program that has lost the minor code gets the
 * recorded text with that of the major code.
 */

#define _POSIX_C_SOURCE 200809L /* strerror_r that returns an int */

#include "front.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SUPPLEMENTARY_BITS 16
#define ERRNO_END 256 /* smaller minor codes are those of errno */

/* The texts of RFC 2744, Section 3.9.1, in MIT krb5's wording, for which administrators search. */
static const char *const calling_errors[] = {
    NULL,
    "A required input parameter could not be read",
    "A required output parameter could not be written",
    "A parameter was malformed",
};

static const char *const routine_errors[] = {
    NULL,
    "An unsupported mechanism was requested",
    "An invalid name was supplied",
    "A supplied name was of an unsupported type",
    "Incorrect channel bindings were supplied",
    "An invalid status code was supplied",
    "A token had an invalid Message Integrity Check (MIC)",
    "No credentials were supplied, or the credentials were unavailable or inaccessible",
    "No context has been established",
    "Invalid token was supplied",
    "Invalid credential was supplied",
    "The referenced credential has expired",
    "The referenced context has expired",
    "Unspecified GSS failure.  Minor code may provide more information",
    "The quality-of-protection (QOP) requested could not be provided",
    "The operation is forbidden by local security policy",
    "The operation or option is not available or unsupported",
    "The requested credential element already exists",
    "The provided name was not mechanism specific (MN)",
    "An unknown mechanism attribute was supplied", /* RFC 5587; MIT has no text for it */
};

static const char *const supplementary_infos[] = {
    "The routine must be called again to complete its function",
    "The token was a duplicate of an earlier token",
    "The token's validity period has expired",
    "A later token has already been processed",
    "An expected per-message token was not received",
};

static const char unknown[] = "An invalid status code was supplied";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* part_text returns the text of part index of a major code, or NULL if it has no such part. */
static const char *
part_text(OM_uint32 major, OM_uint32 index)
{
	OM_uint32 calling = GSS_CALLING_ERROR_FIELD(major);
	OM_uint32 routine = GSS_ROUTINE_ERROR_FIELD(major);
	OM_uint32 bit;

	if (major == GSS_S_COMPLETE)
		return index == 0 ? "The routine completed successfully" : NULL;
	if (calling != 0 && index-- == 0)
		return calling < COUNT(calling_errors) ? calling_errors[calling] : unknown;
	if (routine != 0 && index-- == 0)
		return routine < COUNT(routine_errors) ? routine_errors[routine] : unknown;
	for (bit = 0; bit < SUPPLEMENTARY_BITS; bit++) {
		if ((major >> bit & 1) != 0 && index-- == 0)
			return bit < COUNT(supplementary_infos) ? supplementary_infos[bit] : unknown;
	}
	return NULL;
}

static OM_uint32
give_text(OM_uint32 *minor_status, const char *text, gss_buffer_t status_string)
{
	int error = front_give_octets(text, strlen(text), status_string);

	*minor_status = (OM_uint32)error;
	return error == 0 ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

/* *message_context is the index of the part to give. */
static OM_uint32
display_major(OM_uint32 *minor_status, OM_uint32 major, OM_uint32 *message_context, gss_buffer_t status_string)
{
	char with_cause[FRONT_TEXT_SIZE + 128];
	OM_uint32 index = *message_context;
	const char *text = part_text(major, index), *cause;
	OM_uint32 result;

	if (text == NULL) {
		*message_context = 0;
		*minor_status = EINVAL;
		return GSS_S_FAILURE;
	}
	if (index == 0 && GSS_ROUTINE_ERROR(major) != 0 && (cause = front_cause(major)) != NULL) {
		(void)snprintf(with_cause, sizeof(with_cause), "%s: %s", text, cause);
		text = with_cause;
	}
	result = give_text(minor_status, text, status_string);
	if (result == GSS_S_COMPLETE)
		*message_context = part_text(major, index + 1) != NULL ? index + 1 : 0;
	return result;
}

static OM_uint32
display_minor(OM_uint32 *minor_status, OM_uint32 minor, gss_OID mech_type, OM_uint32 *message_context,
    gss_buffer_t status_string)
{
	const struct engine_table *engine;
	const char *text = NULL;
	char words[256];

	/* An empty OID stands for the default mechanism, as everywhere. */
	if (mech_type == GSS_C_NO_OID || mech_type->length == 0 || front_is_mech(mech_type)) {
		text = minor == 0 ? "Success" : front_recorded_text(minor);
		if (text == NULL && minor < ERRNO_END && strerror_r((int)minor, words, sizeof(words)) == 0)
			text = words;
		if (text != NULL && *message_context != 0) {
			*message_context = 0;
			*minor_status = EINVAL;
			return GSS_S_FAILURE;
		}
	}
	if (text != NULL)
		return give_text(minor_status, text, status_string);
	engine = front_engine(minor_status);
	if (engine != NULL)
		return engine->gss_display_status(minor_status, minor, GSS_C_MECH_CODE, mech_type, message_context,
		    status_string);
	(void)snprintf(words, sizeof(words), "Minor code %u", (unsigned)minor);
	*message_context = 0;
	return give_text(minor_status, words, status_string);
}

OM_uint32
gss_display_status(OM_uint32 *minor_status, OM_uint32 status_value, int status_type, gss_OID mech_type,
    OM_uint32 *message_context, gss_buffer_t status_string)
{
	front_set_minor(minor_status, 0);
	front_clear_buffer(status_string);
	if (minor_status == NULL || message_context == NULL || status_string == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	switch (status_type) {
	case GSS_C_GSS_CODE:
		return display_major(minor_status, status_value, message_context, status_string);
	case GSS_C_MECH_CODE:
		return display_minor(minor_status, status_value, mech_type, message_context, status_string);
	default:
		*message_context = 0;
		*minor_status = EINVAL;
		return GSS_S_BAD_STATUS;
	}
}
