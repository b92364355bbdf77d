/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * oid_static.h: the OIDs that data symbols point to, by number.
 */

#ifndef LIBGSSAPI_OID_STATIC_H
#define LIBGSSAPI_OID_STATIC_H

#include <stdint.h>

#include <gssapi/gssapi.h>

enum front_oid {
	NT_USER_NAME,
	NT_MACHINE_UID_NAME,
	NT_STRING_UID_NAME,
	NT_HOSTBASED_SERVICE,
	NT_HOSTBASED_SERVICE_X,
	NT_ANONYMOUS,
	NT_EXPORT_NAME,
	NT_COMPOSITE_EXPORT,
	KRB5_NT_PRINCIPAL_NAME,
	KRB5_NT_PRINCIPAL,
	KRB5_NT_ENTERPRISE_NAME,
	KRB5_NT_X509_CERT,

	MECH_KRB5,
	MECH_KRB5_OLD, /* follows MECH_KRB5: gss_mech_set_krb5_both consists of these three */
	MECH_KRB5_WRONG,
	MECH_IAKERB,
	MECH_SPNEGO,

	MA_MECH_CONCRETE, /* 1 in RFC 5587, Section 3.3; the others follow in its order */
	MA_MECH_PSEUDO,
	MA_MECH_COMPOSITE,
	MA_MECH_NEGO,
	MA_MECH_GLUE,
	MA_NOT_MECH,
	MA_DEPRECATED,
	MA_NOT_DFLT_MECH,
	MA_ITOK_FRAMED,
	MA_AUTH_INIT,
	MA_AUTH_TARG,
	MA_AUTH_INIT_INIT,
	MA_AUTH_TARG_INIT,
	MA_AUTH_INIT_ANON,
	MA_AUTH_TARG_ANON,
	MA_DELEG_CRED,
	MA_INTEG_PROT,
	MA_CONF_PROT,
	MA_MIC,
	MA_WRAP,
	MA_PROT_READY,
	MA_REPLAY_DET,
	MA_OOS_DET,
	MA_CBINDINGS,
	MA_PFS,
	MA_COMPRESS,
	MA_CTX_TRANS,
	MA_NEGOEX_AND_SPNEGO,

	INQ_SSPI_SESSION_KEY,
	INQ_NEGOEX_KEY,
	INQ_NEGOEX_VERIFY_KEY,
	SEC_CONTEXT_SASL_SSF,
	KRB5_CRED_NO_CI_FLAGS_X,
	KRB5_GET_CRED_IMPERSONATOR,

	FRONT_OIDS
};

enum front_set { SET_KRB5, SET_KRB5_OLD, SET_KRB5_BOTH, FRONT_SETS };

extern const gss_OID_desc front_oids[FRONT_OIDS];
extern const gss_OID_set_desc front_sets[FRONT_SETS];

/* Octets and descriptors are never written, but gss_OID has no const. */
#define STATIC_OID(i) ((gss_OID)(uintptr_t)&front_oids[i])
#define STATIC_SET(i) ((gss_OID_set)(uintptr_t)&front_sets[i])

#endif
