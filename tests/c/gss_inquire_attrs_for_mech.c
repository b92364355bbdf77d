/* SPDX-License-Identifier: BSD-2-Clause */
/* Mechanism attributes (RFC 5587): which krb5 has, their names, and mechanisms chosen by them. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void indicate(const char *label, gss_const_OID_set desired, gss_const_OID_set except, gss_const_OID_set critical)
{
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	OM_uint32 major, minor;
	int present = 0;

	major = gss_indicate_mechs_by_attrs(&minor, desired, except, critical, &mechs);
	if (!GSS_ERROR(major))
		gss_test_oid_set_member(&minor, &krb5_mech, mechs, &present);
	fact("%s: %s, krb5 %d", label, major_text(major), present);
	gss_release_oid_set(&minor, &mechs);
}

static gss_OID_set set_of(gss_const_OID oid)
{
	gss_OID_set set;
	OM_uint32 minor;

	gss_create_empty_oid_set(&minor, &set);
	need("add_oid_set_member", gss_add_oid_set_member(&minor, (gss_OID)oid, &set), minor);
	return set;
}

int main(void)
{
	gss_OID_set of_krb5 = GSS_C_NO_OID_SET, known = GSS_C_NO_OID_SET, wrap, pfs, stranger;
	gss_buffer_desc name, brief, text;
	OM_uint32 major, minor;
	size_t i;

	begin(60);
	major = gss_inquire_attrs_for_mech(&minor, &krb5_mech, &of_krb5, &known);
	need("inquire_attrs_for_mech", major, minor);
	for (i = 0; i < known->count; i++) {
		int present = 0;

		gss_test_oid_set_member(&minor, &known->elements[i], of_krb5, &present);
		major = gss_display_mech_attr(&minor, &known->elements[i], &name, &brief, &text);
		need("display_mech_attr", major, minor);
		fact("%s %s: %s, krb5 %d", oid_text(&known->elements[i]), quoted(&name), quoted(&brief), present);
		check(text.length != 0, "an attribute without a description");
		gss_release_buffer(&minor, &name);
		gss_release_buffer(&minor, &brief);
		gss_release_buffer(&minor, &text);
	}
	gss_release_oid_set(&minor, &of_krb5);
	gss_release_oid_set(&minor, &known);
	major = gss_inquire_attrs_for_mech(&minor, &unknown_mech, &of_krb5, NULL);
	fact("attributes of an unknown mechanism: %s", major_text(major));
	major = gss_display_mech_attr(&minor, &unknown_mech, &name, NULL, NULL);
	fact("an unknown attribute: %s", major_text(major));

	wrap = set_of(GSS_C_MA_WRAP);
	pfs = set_of(GSS_C_MA_PFS);
	stranger = set_of(&unknown_mech);
	indicate("no wish", NULL, NULL, NULL);
	indicate("wrap", wrap, NULL, NULL);
	indicate("forward secrecy", pfs, NULL, NULL);
	indicate("all but wrap", NULL, wrap, NULL);
	indicate("all but forward secrecy", NULL, pfs, NULL);
	indicate("an attribute that nobody has", stranger, NULL, NULL);
	indicate("all but one that nobody has", NULL, stranger, NULL);
	indicate("wrap is critical", NULL, NULL, wrap);
	indicate("critical, and not understood", NULL, NULL, stranger);
	gss_release_oid_set(&minor, &wrap);
	gss_release_oid_set(&minor, &pfs);
	gss_release_oid_set(&minor, &stranger);
	return end();
}
