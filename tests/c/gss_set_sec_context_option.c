/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_set_sec_context_option: OIDs that nobody knows, with and without a context. */
#include "harness.h"

int main(void)
{
	gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };
	gss_buffer_desc value = buffer("value");
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 minor;
	struct pair p;

	begin(60);
	need_pair(&p, NULL);
	result("an unknown OID", gss_set_sec_context_option(&minor, &p.init, &nonsense, &value));
	check(p.init != GSS_C_NO_CONTEXT, "the context is gone");
	result("an unknown OID without a context", gss_set_sec_context_option(&minor, &context, &nonsense, &value));
	check(context == GSS_C_NO_CONTEXT, "a context came from nowhere");
	release_pair(&p);
#ifndef PEER_MIT /* an OID of FreeBSD's library: the keytab of acceptors to come */
	{
		gss_OID_desc identity = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x05" };
		gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
		const char *keytab = getenv("KRB5_KTNAME");
		OM_uint32 major;

		value = buffer("/nonexistent/keytab");
		major = gss_set_sec_context_option(&minor, &context, &identity, &value);
		check(major == GSS_S_COMPLETE, "acceptor identity: %s", major_text(major));
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
		check(GSS_ERROR(major) == GSS_S_NO_CRED, "with a keytab that is not there: %s", major_text(major));
		value = buffer(keytab);
		setenv("KRB5_KTNAME", "/nonexistent/keytab", 1);
		major = gss_set_sec_context_option(&minor, &context, &identity, &value);
		check(major == GSS_S_COMPLETE, "acceptor identity again: %s", major_text(major));
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
		check(major == GSS_S_COMPLETE, "with the right keytab: %s", major_text(major));
		gss_release_cred(&minor, &cred);
	}
#endif
	return end();
}
