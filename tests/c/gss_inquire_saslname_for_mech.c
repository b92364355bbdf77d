/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_saslname_for_mech and gss_inquire_mech_for_saslname (RFC 5801). */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void mech_of(const char *sasl_name)
{
	gss_buffer_desc name = buffer(sasl_name);
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor;

	major = gss_inquire_mech_for_saslname(&minor, &name, &mech);
	fact("\"%s\": %s, %s", sasl_name, major_text(major), oid_text(mech));
}

int main(void)
{
	gss_buffer_desc sasl, name, text;
	OM_uint32 major, minor;

	begin(60);
	major = gss_inquire_saslname_for_mech(&minor, &krb5_mech, &sasl, &name, &text);
	need("inquire_saslname_for_mech", major, minor);
	fact("krb5: %s, %s", quoted(&sasl), quoted(&name));
	check(text.length != 0, "no description");
	gss_release_buffer(&minor, &sasl);
	gss_release_buffer(&minor, &name);
	gss_release_buffer(&minor, &text);
	major = gss_inquire_saslname_for_mech(&minor, &krb5_mech, &sasl, NULL, NULL);
	fact("the first only: %s, %s", major_text(major), quoted(&sasl));
	gss_release_buffer(&minor, &sasl);
	mech_of("GS2-KRB5");
	mech_of("gs2-krb5");
	mech_of("GS2-KRB5 ");
	return end();
}
