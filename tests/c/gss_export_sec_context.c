/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_export_sec_context: established and half-open contexts of both sides; the exporter has nothing left. */
#include "harness.h"

static void export(const char *label, gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor = 77;

	major = gss_export_sec_context(&minor, context, &token);
	fact("%s: %s, %s, %s", label, major_text(major), token.length > 0 ? "a token" : "no token",
	    *context == GSS_C_NO_CONTEXT ? "no handle" : "the handle is there");
	gss_release_buffer(&minor, &token);
}

int main(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_buffer_desc token, moved, reply = GSS_C_EMPTY_BUFFER, message;
	gss_name_t target;
	struct options none = { .flags = 0 };
	OM_uint32 major, minor;
	struct pair p;

	begin(60);
	need_pair(&p, NULL);
	export("initiator", &p.init);
	export("acceptor", &p.accept);
	export("once more", &p.accept);
	release_pair(&p);
	need_pair(&p, &none);
	export("initiator without mutual", &p.init);
	export("acceptor without mutual", &p.accept);
	release_pair(&p);

	/* A half-open context can be moved as well, and is established after the import. */
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	major = gss_export_sec_context(&minor, &context, &moved);
	fact("half-open: %s, %s, %s", major_text(major), moved.length > 0 ? "a token" : "no token",
	    context == GSS_C_NO_CONTEXT ? "no handle" : "the handle is there");
	result("half-open, imported", gss_import_sec_context(&minor, &moved, &context));
	message.value = "text";
	message.length = 4;
	result("half-open, imported, gss_get_mic", gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &reply));
	gss_release_buffer(&minor, &moved);
	major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, NULL,
	    NULL, &reply, NULL, NULL, NULL);
	need("gss_accept_sec_context", major, minor);
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	message.length = 0;
	message.value = NULL;
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &message, NULL, NULL);
	fact("the exchange after it: %s", major_text(major));
	gss_release_name(&minor, &target);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &reply);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);

	context = GSS_C_NO_CONTEXT;
	result("GSS_C_NO_CONTEXT", gss_export_sec_context(&minor, &context, &token));
	result("no pointer", gss_export_sec_context(&minor, NULL, &token));
	need_pair(&p, NULL);
	result("no output", gss_export_sec_context(&minor, &p.init, NULL));
	fact("the context without an output: %s", p.init == GSS_C_NO_CONTEXT ? "gone" : "there");
	release_pair(&p);
	return end();
}
