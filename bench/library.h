/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * library.h: a libgssapi that a benchmark is given by its path.
 */

#ifndef LIBRARY_H
#define LIBRARY_H

#include <gssapi/gssapi.h>

struct library {
	gss_OID *hostbased;
	OM_uint32 (*import_name)(OM_uint32 *, gss_buffer_t, gss_OID, gss_name_t *);
	OM_uint32 (*release_name)(OM_uint32 *, gss_name_t *);
	OM_uint32 (*release_buffer)(OM_uint32 *, gss_buffer_t);
	OM_uint32 (*indicate_mechs)(OM_uint32 *, gss_OID_set *);
	OM_uint32 (*release_oid_set)(OM_uint32 *, gss_OID_set *);
	OM_uint32 (*acquire_cred)(OM_uint32 *, gss_name_t, OM_uint32, gss_OID_set, gss_cred_usage_t, gss_cred_id_t *,
	    gss_OID_set *, OM_uint32 *);
	OM_uint32 (*init_sec_context)(OM_uint32 *, gss_cred_id_t, gss_ctx_id_t *, gss_name_t, gss_OID, OM_uint32, OM_uint32,
	    gss_channel_bindings_t, gss_buffer_t, gss_OID *, gss_buffer_t, OM_uint32 *, OM_uint32 *);
	OM_uint32 (*accept_sec_context)(OM_uint32 *, gss_ctx_id_t *, gss_cred_id_t, gss_buffer_t, gss_channel_bindings_t,
	    gss_name_t *, gss_OID *, gss_buffer_t, OM_uint32 *, OM_uint32 *, gss_cred_id_t *);
	OM_uint32 (*wrap)(OM_uint32 *, gss_ctx_id_t, int, gss_qop_t, gss_buffer_t, int *, gss_buffer_t);
	OM_uint32 (*unwrap)(OM_uint32 *, gss_ctx_id_t, gss_buffer_t, gss_buffer_t, int *, gss_qop_t *);
};

/* Loads the library, and nothing of it runs; ends the program if that fails. */
void library_open(struct library *gss, const char *path);

#endif
