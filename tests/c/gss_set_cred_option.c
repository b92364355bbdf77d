/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_set_cred_option: unknown OIDs, and the enctypes that gssd(8) sets. */
#include "harness.h"

int main(void)
{
	gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };
	gss_buffer_desc value = buffer("value");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	begin(60);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	result("an unknown OID", gss_set_cred_option(&minor, &cred, &nonsense, &value));
	check(cred != GSS_C_NO_CREDENTIAL, "the credential is gone");
	gss_release_cred(&minor, &cred);
#ifndef PEER_MIT /* an OID of FreeBSD's library: allowable enctypes, as 32-bit big-endian numbers */
	{
		gss_OID_desc allowable = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0e" };
		gss_OID_desc session_key = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05" };
		gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
		struct options o = { .flags = ALL_FLAGS };
		struct pair p;

		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
		need("gss_acquire_cred", major, minor);
		value.value = (void *)"\0\0\0\x11";
		value.length = 4;
		major = gss_set_cred_option(&minor, &cred, &allowable, &value);
		check(major == GSS_S_COMPLETE, "allowable enctypes: %s", major_text(major));
		o.init_cred = cred;
		need_pair(&p, &o);
		gss_inquire_sec_context_by_oid(&minor, p.init, &session_key, &set);
		check(set != GSS_C_NO_BUFFER_SET && set->elements[0].length == 16,
		    "the session key is not of enctype 17");
		gss_release_buffer_set(&minor, &set);
		release_pair(&p);
		value.length = 3;
		check(GSS_ERROR(gss_set_cred_option(&minor, &cred, &allowable, &value)) != 0, "three octets are taken");
		gss_release_cred(&minor, &cred);
	}
#endif
	return end();
}
