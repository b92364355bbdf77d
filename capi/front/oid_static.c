/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * oid_static.c: the library's data symbols. Each is a pointer variable, as programs built for FreeBSD expect: the linker
 * may have put a copy into the program, whose size must not change.
 */

#include "front.h"

#include <gssapi/gssapi_krb5.h>

#include "oid_static.h"

#include <string.h>

#define OCTETS(s) ((void *)(uintptr_t)(s))
#define OID(s) {sizeof(s) - 1, OCTETS(s)}

const gss_OID_desc front_oids[FRONT_OIDS] = {
    [NT_USER_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01"),                   /* 1.2.840.113554.1.2.1.1 */
    [NT_MACHINE_UID_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02"),            /* 1.2.840.113554.1.2.1.2 */
    [NT_STRING_UID_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03"),             /* 1.2.840.113554.1.2.1.3 */
    [NT_HOSTBASED_SERVICE] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"),           /* 1.2.840.113554.1.2.1.4 */
    [NT_HOSTBASED_SERVICE_X] = OID("\x2b\x06\x01\x05\x06\x02"),                         /* 1.3.6.1.5.6.2 */
    [NT_ANONYMOUS] = OID("\x2b\x06\x01\x05\x06\x03"),                                   /* 1.3.6.1.5.6.3 */
    [NT_EXPORT_NAME] = OID("\x2b\x06\x01\x05\x06\x04"),                                 /* 1.3.6.1.5.6.4 */
    [NT_COMPOSITE_EXPORT] = OID("\x2b\x06\x01\x05\x06\x06"),                            /* 1.3.6.1.5.6.6 */
    [KRB5_NT_PRINCIPAL_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"),         /* 1.2.840.113554.1.2.2.1 */
    [KRB5_NT_PRINCIPAL] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02"),              /* 1.2.840.113554.1.2.2.2 */
    [KRB5_NT_ENTERPRISE_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06"),        /* 1.2.840.113554.1.2.2.6 */
    [KRB5_NT_X509_CERT] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x07"),              /* 1.2.840.113554.1.2.2.7 */
    [MECH_KRB5] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"),                          /* 1.2.840.113554.1.2.2 */
    [MECH_KRB5_OLD] = OID("\x2b\x05\x01\x05\x02"),                                      /* 1.3.5.1.5.2 */
    [MECH_KRB5_WRONG] = OID("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"),                    /* 1.2.840.48018.1.2.2 */
    [MECH_IAKERB] = OID("\x2b\x06\x01\x05\x02\x05"),                                    /* 1.3.6.1.5.2.5 */
    [MECH_SPNEGO] = OID("\x2b\x06\x01\x05\x05\x02"),                                    /* 1.3.6.1.5.5.2 */
    [MA_MECH_CONCRETE] = OID("\x2b\x06\x01\x05\x05\x0d\x01"),                           /* 1.3.6.1.5.5.13.1 */
    [MA_MECH_PSEUDO] = OID("\x2b\x06\x01\x05\x05\x0d\x02"),                             /* 1.3.6.1.5.5.13.2 */
    [MA_MECH_COMPOSITE] = OID("\x2b\x06\x01\x05\x05\x0d\x03"),                          /* 1.3.6.1.5.5.13.3 */
    [MA_MECH_NEGO] = OID("\x2b\x06\x01\x05\x05\x0d\x04"),                               /* 1.3.6.1.5.5.13.4 */
    [MA_MECH_GLUE] = OID("\x2b\x06\x01\x05\x05\x0d\x05"),                               /* 1.3.6.1.5.5.13.5 */
    [MA_NOT_MECH] = OID("\x2b\x06\x01\x05\x05\x0d\x06"),                                /* 1.3.6.1.5.5.13.6 */
    [MA_DEPRECATED] = OID("\x2b\x06\x01\x05\x05\x0d\x07"),                              /* 1.3.6.1.5.5.13.7 */
    [MA_NOT_DFLT_MECH] = OID("\x2b\x06\x01\x05\x05\x0d\x08"),                           /* 1.3.6.1.5.5.13.8 */
    [MA_ITOK_FRAMED] = OID("\x2b\x06\x01\x05\x05\x0d\x09"),                             /* 1.3.6.1.5.5.13.9 */
    [MA_AUTH_INIT] = OID("\x2b\x06\x01\x05\x05\x0d\x0a"),                               /* 1.3.6.1.5.5.13.10 */
    [MA_AUTH_TARG] = OID("\x2b\x06\x01\x05\x05\x0d\x0b"),                               /* 1.3.6.1.5.5.13.11 */
    [MA_AUTH_INIT_INIT] = OID("\x2b\x06\x01\x05\x05\x0d\x0c"),                          /* 1.3.6.1.5.5.13.12 */
    [MA_AUTH_TARG_INIT] = OID("\x2b\x06\x01\x05\x05\x0d\x0d"),                          /* 1.3.6.1.5.5.13.13 */
    [MA_AUTH_INIT_ANON] = OID("\x2b\x06\x01\x05\x05\x0d\x0e"),                          /* 1.3.6.1.5.5.13.14 */
    [MA_AUTH_TARG_ANON] = OID("\x2b\x06\x01\x05\x05\x0d\x0f"),                          /* 1.3.6.1.5.5.13.15 */
    [MA_DELEG_CRED] = OID("\x2b\x06\x01\x05\x05\x0d\x10"),                              /* 1.3.6.1.5.5.13.16 */
    [MA_INTEG_PROT] = OID("\x2b\x06\x01\x05\x05\x0d\x11"),                              /* 1.3.6.1.5.5.13.17 */
    [MA_CONF_PROT] = OID("\x2b\x06\x01\x05\x05\x0d\x12"),                               /* 1.3.6.1.5.5.13.18 */
    [MA_MIC] = OID("\x2b\x06\x01\x05\x05\x0d\x13"),                                     /* 1.3.6.1.5.5.13.19 */
    [MA_WRAP] = OID("\x2b\x06\x01\x05\x05\x0d\x14"),                                    /* 1.3.6.1.5.5.13.20 */
    [MA_PROT_READY] = OID("\x2b\x06\x01\x05\x05\x0d\x15"),                              /* 1.3.6.1.5.5.13.21 */
    [MA_REPLAY_DET] = OID("\x2b\x06\x01\x05\x05\x0d\x16"),                              /* 1.3.6.1.5.5.13.22 */
    [MA_OOS_DET] = OID("\x2b\x06\x01\x05\x05\x0d\x17"),                                 /* 1.3.6.1.5.5.13.23 */
    [MA_CBINDINGS] = OID("\x2b\x06\x01\x05\x05\x0d\x18"),                               /* 1.3.6.1.5.5.13.24 */
    [MA_PFS] = OID("\x2b\x06\x01\x05\x05\x0d\x19"),                                     /* 1.3.6.1.5.5.13.25 */
    [MA_COMPRESS] = OID("\x2b\x06\x01\x05\x05\x0d\x1a"),                                /* 1.3.6.1.5.5.13.26 */
    [MA_CTX_TRANS] = OID("\x2b\x06\x01\x05\x05\x0d\x1b"),                               /* 1.3.6.1.5.5.13.27 */
    [MA_NEGOEX_AND_SPNEGO] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x12"),       /* 1.2.840.113554.1.2.2.5.18 */
    [INQ_SSPI_SESSION_KEY] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"),       /* 1.2.840.113554.1.2.2.5.5 */
    [INQ_NEGOEX_KEY] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x10"),             /* 1.2.840.113554.1.2.2.5.16 */
    [INQ_NEGOEX_VERIFY_KEY] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x11"),      /* 1.2.840.113554.1.2.2.5.17 */
    [SEC_CONTEXT_SASL_SSF] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0f"),       /* 1.2.840.113554.1.2.2.5.15 */
    [KRB5_CRED_NO_CI_FLAGS_X] = OID("\x2a\x85\x70\x2b\x0d\x1d"),                        /* 1.2.752.43.13.29 */
    [KRB5_GET_CRED_IMPERSONATOR] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0e"), /* 1.2.840.113554.1.2.2.5.14 */
};

const gss_OID_set_desc front_sets[FRONT_SETS] = {
    [SET_KRB5] = {1, STATIC_OID(MECH_KRB5)},
    [SET_KRB5_OLD] = {1, STATIC_OID(MECH_KRB5_OLD)},
    [SET_KRB5_BOTH] = {3, STATIC_OID(MECH_KRB5)},
};

gss_OID GSS_C_NT_USER_NAME = STATIC_OID(NT_USER_NAME);
gss_OID GSS_C_NT_MACHINE_UID_NAME = STATIC_OID(NT_MACHINE_UID_NAME);
gss_OID GSS_C_NT_STRING_UID_NAME = STATIC_OID(NT_STRING_UID_NAME);
gss_OID GSS_C_NT_HOSTBASED_SERVICE = STATIC_OID(NT_HOSTBASED_SERVICE);
gss_OID GSS_C_NT_HOSTBASED_SERVICE_X = STATIC_OID(NT_HOSTBASED_SERVICE_X);
gss_OID GSS_C_NT_ANONYMOUS = STATIC_OID(NT_ANONYMOUS);
gss_OID GSS_C_NT_EXPORT_NAME = STATIC_OID(NT_EXPORT_NAME);
gss_OID GSS_C_NT_COMPOSITE_EXPORT = STATIC_OID(NT_COMPOSITE_EXPORT);
gss_OID GSS_KRB5_NT_PRINCIPAL_NAME = STATIC_OID(KRB5_NT_PRINCIPAL_NAME);
gss_OID GSS_KRB5_NT_USER_NAME = STATIC_OID(NT_USER_NAME);
gss_OID GSS_KRB5_NT_MACHINE_UID_NAME = STATIC_OID(NT_MACHINE_UID_NAME);
gss_OID GSS_KRB5_NT_STRING_UID_NAME = STATIC_OID(NT_STRING_UID_NAME);

gss_OID gss_mech_krb5 = STATIC_OID(MECH_KRB5);
gss_OID_set gss_mech_set_krb5 = STATIC_SET(SET_KRB5);

/* RFC 5587, Section 3.3 */
gss_const_OID GSS_C_MA_MECH_CONCRETE = &front_oids[MA_MECH_CONCRETE];
gss_const_OID GSS_C_MA_MECH_PSEUDO = &front_oids[MA_MECH_PSEUDO];
gss_const_OID GSS_C_MA_MECH_COMPOSITE = &front_oids[MA_MECH_COMPOSITE];
gss_const_OID GSS_C_MA_MECH_NEGO = &front_oids[MA_MECH_NEGO];
gss_const_OID GSS_C_MA_MECH_GLUE = &front_oids[MA_MECH_GLUE];
gss_const_OID GSS_C_MA_NOT_MECH = &front_oids[MA_NOT_MECH];
gss_const_OID GSS_C_MA_DEPRECATED = &front_oids[MA_DEPRECATED];
gss_const_OID GSS_C_MA_NOT_DFLT_MECH = &front_oids[MA_NOT_DFLT_MECH];
gss_const_OID GSS_C_MA_ITOK_FRAMED = &front_oids[MA_ITOK_FRAMED];
gss_const_OID GSS_C_MA_AUTH_INIT = &front_oids[MA_AUTH_INIT];
gss_const_OID GSS_C_MA_AUTH_TARG = &front_oids[MA_AUTH_TARG];
gss_const_OID GSS_C_MA_AUTH_INIT_INIT = &front_oids[MA_AUTH_INIT_INIT];
gss_const_OID GSS_C_MA_AUTH_TARG_INIT = &front_oids[MA_AUTH_TARG_INIT];
gss_const_OID GSS_C_MA_AUTH_INIT_ANON = &front_oids[MA_AUTH_INIT_ANON];
gss_const_OID GSS_C_MA_AUTH_TARG_ANON = &front_oids[MA_AUTH_TARG_ANON];
gss_const_OID GSS_C_MA_DELEG_CRED = &front_oids[MA_DELEG_CRED];
gss_const_OID GSS_C_MA_INTEG_PROT = &front_oids[MA_INTEG_PROT];
gss_const_OID GSS_C_MA_CONF_PROT = &front_oids[MA_CONF_PROT];
gss_const_OID GSS_C_MA_MIC = &front_oids[MA_MIC];
gss_const_OID GSS_C_MA_WRAP = &front_oids[MA_WRAP];
gss_const_OID GSS_C_MA_PROT_READY = &front_oids[MA_PROT_READY];
gss_const_OID GSS_C_MA_REPLAY_DET = &front_oids[MA_REPLAY_DET];
gss_const_OID GSS_C_MA_OOS_DET = &front_oids[MA_OOS_DET];
gss_const_OID GSS_C_MA_CBINDINGS = &front_oids[MA_CBINDINGS];
gss_const_OID GSS_C_MA_PFS = &front_oids[MA_PFS];
gss_const_OID GSS_C_MA_COMPRESS = &front_oids[MA_COMPRESS];
gss_const_OID GSS_C_MA_CTX_TRANS = &front_oids[MA_CTX_TRANS];
gss_const_OID GSS_C_MA_NEGOEX_AND_SPNEGO = &front_oids[MA_NEGOEX_AND_SPNEGO];

gss_OID
front_static_oid(const void *elements, size_t length)
{
	size_t i;

	for (i = 0; i < FRONT_OIDS; i++) {
		if (front_oids[i].length == length && memcmp(front_oids[i].elements, elements, length) == 0)
			return STATIC_OID(i);
	}
	return GSS_C_NO_OID;
}

int
front_is_static_oid(gss_const_OID oid)
{
	uintptr_t p = (uintptr_t)oid;

	return p >= (uintptr_t)&front_oids[0] && p < (uintptr_t)&front_oids[FRONT_OIDS];
}

int
front_is_mech(gss_const_OID oid)
{
	return gss_oid_equal(oid, &front_oids[MECH_KRB5]) || gss_oid_equal(oid, &front_oids[MECH_SPNEGO]);
}

int
front_is_static_oid_set(gss_const_OID_set set)
{
	uintptr_t p = (uintptr_t)set;

	return p >= (uintptr_t)&front_sets[0] && p < (uintptr_t)&front_sets[FRONT_SETS];
}
