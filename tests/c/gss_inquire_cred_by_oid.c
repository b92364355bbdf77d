/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_cred_by_oid: OIDs that nobody knows. */
#include "harness.h"

int main(void)
{
	gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	begin(60);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	result("an unknown OID", gss_inquire_cred_by_oid(&minor, cred, &nonsense, &set));
	check(set == GSS_C_NO_BUFFER_SET, "an error and a set");
	gss_release_cred(&minor, &cred);
#ifndef PEER_MIT /* an OID of FreeBSD's library: the name of the ccache */
	{
		gss_OID_desc ccache_name = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x01" };

		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
		need("gss_acquire_cred", major, minor);
		major = gss_inquire_cred_by_oid(&minor, cred, &ccache_name, &set);
		check(major == GSS_S_COMPLETE && set != GSS_C_NO_BUFFER_SET && set->count == 1 &&
		    set->elements[0].length >= strlen(getenv("KRB5CCNAME")) &&
		    memcmp(set->elements[0].value, getenv("KRB5CCNAME"), strlen(getenv("KRB5CCNAME"))) == 0,
		    "the name of the ccache: %s", major_text(major));
		gss_release_buffer_set(&minor, &set);
		gss_release_cred(&minor, &cred);
	}
#endif
	return end();
}
