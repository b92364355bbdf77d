/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_set_neg_mechs: what SPNEGO may negotiate with a credential. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static gss_cred_id_t credential(gss_OID mech, gss_cred_usage_t usage)
{
	gss_OID_set_desc set = { 1, NULL };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	set.elements = mech;
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &set, usage, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	return cred;
}

/* limited prints the result of a negotiation with a credential that has this limit. */
static void limited(const char *label, gss_OID_set set, gss_cred_usage_t usage)
{
	gss_cred_id_t cred = credential(&spnego_mech, usage);
	struct options o = { .flags = ALL_FLAGS, .mech = &spnego_mech };
	OM_uint32 major, minor;
	struct pair p;

	major = gss_set_neg_mechs(&minor, cred, set);
	fact("%s: %s", label, major_text(major));
	if (usage == GSS_C_INITIATE)
		o.init_cred = cred;
	else
		o.accept_cred = cred;
	establish(&p, &o);
	fact("%s: initiator %s, acceptor %s", label, major_text(p.init_major), major_text(p.accept_major));
	release_pair(&p);
	gss_release_cred(&minor, &cred);
}

int main(void)
{
	gss_OID_desc oids[3];
	gss_OID_set_desc krb5 = { 1, NULL }, unknown = { 1, NULL }, all = { 3, NULL }, empty = { 0, NULL };
	gss_cred_id_t cred;
	OM_uint32 minor;

	begin(60);
	krb5.elements = &krb5_mech;
	unknown.elements = &unknown_mech;
	oids[0] = unknown_mech;
	oids[1] = spnego_mech;
	oids[2] = krb5_mech;
	all.elements = oids;
	limited("krb5 to initiate", &krb5, GSS_C_INITIATE);
	limited("krb5 to accept", &krb5, GSS_C_ACCEPT);
	limited("an unknown one, SPNEGO itself, krb5", &all, GSS_C_INITIATE);
	limited("an unknown one to initiate", &unknown, GSS_C_INITIATE);
	limited("an unknown one to accept", &unknown, GSS_C_ACCEPT);
	limited("none to initiate", &empty, GSS_C_INITIATE);

	cred = credential(&krb5_mech, GSS_C_INITIATE);
	result("a credential for krb5 alone", gss_set_neg_mechs(&minor, cred, &krb5));
	gss_release_cred(&minor, &cred);
	cred = credential(&spnego_mech, GSS_C_INITIATE);
	result("no set", gss_set_neg_mechs(&minor, cred, GSS_C_NO_OID_SET));
	gss_release_cred(&minor, &cred);
	result("no credential", gss_set_neg_mechs(&minor, GSS_C_NO_CREDENTIAL, &krb5));
	return end();
}
