/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * release.c: functions that need no engine if there is nothing to release, so that clean-up code works even if no engine
 * can be loaded.
 */

#include "front.h"

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
