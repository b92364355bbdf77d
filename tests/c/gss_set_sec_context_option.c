/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_set_sec_context_option: unknown OIDs, with and without a context. */
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
	return end();
}
