/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_delete_sec_context: open and half-open contexts; the handle is gone, and a null handle is no error. */
#include "harness.h"

int main(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token, output = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor = 77;
	struct pair p;
	int i;

	begin(60);
	result("GSS_C_NO_CONTEXT", gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER));
	need_pair(&p, NULL);
	result("initiator", gss_delete_sec_context(&minor, &p.init, GSS_C_NO_BUFFER));
	fact("initiator: minor %lu, %s", (unsigned long)minor, p.init == GSS_C_NO_CONTEXT ? "no handle" : "a handle");
	result("acceptor, with a buffer", gss_delete_sec_context(&minor, &p.accept, &output));
	fact("the buffer: %lu octets", (unsigned long)output.length);
	result("acceptor once more", gss_delete_sec_context(&minor, &p.accept, GSS_C_NO_BUFFER));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	gss_release_buffer(&minor, &token);
	result("half-open", gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER));
	for (i = 0; i < 200; i++) {
		need_pair(&p, NULL);
		release_pair(&p);
	}
	fact("200 pairs came and went");
	return end();
}
