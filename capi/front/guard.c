/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * guard.c: releases that need no engine when there is nothing to release, so that clean-up code works where no engine
 * can be loaded, and the names of version 1 of the API.
 */

#include "front.h"

#include <limits.h>

OM_uint32
gss_release_name(OM_uint32 *minor_status, gss_name_t *input_name)
{
	const struct engine_table *engine;

	front_set_minor(minor_status, 0);
	if (input_name == NULL || *input_name == GSS_C_NO_NAME)
		return GSS_S_COMPLETE;
	engine = front_engine(minor_status);
	return engine != NULL ? engine->gss_release_name(minor_status, input_name) : GSS_S_FAILURE;
}

OM_uint32
gss_release_cred(OM_uint32 *minor_status, gss_cred_id_t *cred_handle)
{
	const struct engine_table *engine;

	front_set_minor(minor_status, 0);
	if (cred_handle == NULL || *cred_handle == GSS_C_NO_CREDENTIAL)
		return GSS_S_COMPLETE;
	engine = front_engine(minor_status);
	return engine != NULL ? engine->gss_release_cred(minor_status, cred_handle) : GSS_S_FAILURE;
}

OM_uint32
gss_delete_sec_context(OM_uint32 *minor_status, gss_ctx_id_t *context_handle, gss_buffer_t output_token)
{
	const struct engine_table *engine;

	front_set_minor(minor_status, 0);
	front_clear_buffer(output_token);
	if (context_handle == NULL || *context_handle == GSS_C_NO_CONTEXT)
		return GSS_S_COMPLETE;
	engine = front_engine(minor_status);
	return engine != NULL ? engine->gss_delete_sec_context(minor_status, context_handle, output_token) : GSS_S_FAILURE;
}

/* A quality of protection is an int in version 1. What does not fit in one does not exist. */

static void
give_qop(gss_qop_t qop, int *qop_state)
{
	if (qop_state != NULL)
		*qop_state = qop <= INT_MAX ? (int)qop : 0;
}

OM_uint32
gss_sign(OM_uint32 *minor_status, gss_ctx_id_t context_handle, int qop_req, gss_buffer_t message_buffer,
    gss_buffer_t message_token)
{
	return gss_get_mic(minor_status, context_handle, (gss_qop_t)qop_req, message_buffer, message_token);
}

OM_uint32
gss_verify(OM_uint32 *minor_status, gss_ctx_id_t context_handle, gss_buffer_t message_buffer, gss_buffer_t token_buffer,
    int *qop_state)
{
	gss_qop_t qop = GSS_C_QOP_DEFAULT;
	OM_uint32 major = gss_verify_mic(minor_status, context_handle, message_buffer, token_buffer, &qop);

	give_qop(qop, qop_state);
	return major;
}

OM_uint32
gss_seal(OM_uint32 *minor_status, gss_ctx_id_t context_handle, int conf_req_flag, int qop_req,
    gss_buffer_t input_message_buffer, int *conf_state, gss_buffer_t output_message_buffer)
{
	return gss_wrap(minor_status, context_handle, conf_req_flag, (gss_qop_t)qop_req, input_message_buffer, conf_state,
	    output_message_buffer);
}

OM_uint32
gss_unseal(OM_uint32 *minor_status, gss_ctx_id_t context_handle, gss_buffer_t input_message_buffer,
    gss_buffer_t output_message_buffer, int *conf_state, int *qop_state)
{
	gss_qop_t qop = GSS_C_QOP_DEFAULT;
	OM_uint32 major = gss_unwrap(minor_status, context_handle, input_message_buffer, output_message_buffer, conf_state,
	    &qop);

	give_qop(qop, qop_state);
	return major;
}
