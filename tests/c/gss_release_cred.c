/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_cred: the handle is gone afterwards, and a null handle is no error. */
#include "harness.h"

int main(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor = 77;
	int i;

	begin(60);
	result("GSS_C_NO_CREDENTIAL", gss_release_cred(&minor, &cred));
	for (i = 0; i < 200; i++) {
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET,
		    i % 2 ? GSS_C_ACCEPT : GSS_C_INITIATE, &cred, NULL, NULL);
		need("gss_acquire_cred", major, minor);
		major = gss_release_cred(&minor, &cred);
		if (major != GSS_S_COMPLETE || cred != GSS_C_NO_CREDENTIAL)
			break;
	}
	fact("credentials that came and went: %d, the last: %s, minor %lu, %s", i, major_text(major),
	    (unsigned long)minor, cred == GSS_C_NO_CREDENTIAL ? "GSS_C_NO_CREDENTIAL" : "still there");
	return end();
}
