/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_sec_context_by_oid: the session key that SSPI peers ask for, and OIDs that nobody knows. */
#include "harness.h"

static gss_OID_desc session_key = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05" };
static gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_set_t init, accept;
	gss_buffer_desc token;
	gss_ctx_id_t context;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		init = accept = GSS_C_NO_BUFFER_SET;
		major = gss_inquire_sec_context_by_oid(&minor, p.init, &session_key, &init);
		gss_inquire_sec_context_by_oid(&minor, p.accept, &session_key, &accept);
		fact("session key, %s: %s", enctypes[i].name, major_text(major));
		if (init != GSS_C_NO_BUFFER_SET && accept != GSS_C_NO_BUFFER_SET) {
			fact("session key, %s: %lu elements, %lu octets, %s", enctypes[i].name,
			    (unsigned long)init->count, (unsigned long)init->elements[0].length,
			    same(&init->elements[0], &accept->elements[0]) ? "both sides agree" : "both sides differ");
			if (init->count > 1)
				fact("session key, %s, second element: %s", enctypes[i].name,
				    hex(init->elements[1].value, init->elements[1].length));
		}
		gss_release_buffer_set(&minor, &init);
		gss_release_buffer_set(&minor, &accept);
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	init = GSS_C_NO_BUFFER_SET;
	result("an unknown OID", gss_inquire_sec_context_by_oid(&minor, p.init, &nonsense, &init));
	check(init == GSS_C_NO_BUFFER_SET, "an error and a set");
	result("no output", gss_inquire_sec_context_by_oid(&minor, p.init, &session_key, NULL));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_inquire_sec_context_by_oid(&minor, context, &session_key, &init));
	gss_release_buffer_set(&minor, &init);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_inquire_sec_context_by_oid(&minor, GSS_C_NO_CONTEXT, &session_key, &init));
	return end();
}
