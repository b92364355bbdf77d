/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_krb5_export_lucid_sec_context: both sides have the same keys, and each sends the number that the other expects. */
#include "harness.h"

#include <gssapi/gssapi_krb5.h>

#include <time.h>

static gss_krb5_lucid_context_v1_t *lucid(gss_ctx_id_t *context)
{
	void *kctx = NULL;
	OM_uint32 major, minor;

	major = gss_krb5_export_lucid_sec_context(&minor, context, 1, &kctx);
	need("gss_krb5_export_lucid_sec_context", major, minor);
	check(kctx != NULL, "no structure");
	return kctx;
}

static int same_key(const gss_krb5_lucid_key_t *a, const gss_krb5_lucid_key_t *b)
{
	return a->type == b->type && a->length == b->length && a->length > 0 && memcmp(a->data, b->data, a->length) == 0;
}

static void both_sides(const char *label, const struct options *o)
{
	gss_krb5_lucid_context_v1_t *i, *a;
	OM_uint32 minor, flags = o != NULL ? o->flags : GSS_C_MUTUAL_FLAG;
	gss_buffer_desc token;
	struct pair p;

	need_pair(&p, o);
	token = wrapped(p.init, 1, "one message before");
	gss_release_buffer(&minor, &token);
	i = lucid(&p.init);
	a = lucid(&p.accept);
	fact("%s: initiate %lu and %lu, version %lu, protocol %lu", label, (unsigned long)i->initiate,
	    (unsigned long)a->initiate, (unsigned long)i->version, (unsigned long)i->protocol);
	fact("%s: ends in the future: %s", label, i->endtime > (OM_uint32)time(NULL) ? "yes" : "no");
	fact("%s: acceptor's subkey: %lu and %lu", label, (unsigned long)i->cfx_kd.have_acceptor_subkey,
	    (unsigned long)a->cfx_kd.have_acceptor_subkey);
	fact("%s: the key is the same: %s", label, same_key(&i->cfx_kd.ctx_key, &a->cfx_kd.ctx_key) ? "yes" : "no");
	if (i->cfx_kd.have_acceptor_subkey) {
		fact("%s: the acceptor's subkey is the same: %s", label,
		    same_key(&i->cfx_kd.acceptor_subkey, &a->cfx_kd.acceptor_subkey) ? "yes" : "no");
		fact("%s: and it is another key: %s", label,
		    same_key(&i->cfx_kd.acceptor_subkey, &i->cfx_kd.ctx_key) ? "no" : "yes");
	}
	fact("%s: one message is under way: %s", label, i->send_seq == a->recv_seq + 1 ? "yes" : "no");
	fact("%s: and none the other way: %s", label, a->send_seq == i->recv_seq ? "yes" : "no");
	fact("%s: keys of enctype %lu", label, (unsigned long)i->cfx_kd.ctx_key.type);
	check((flags & GSS_C_MUTUAL_FLAG) != 0 || !i->cfx_kd.have_acceptor_subkey, "a subkey without an AP-REP");
	gss_krb5_free_lucid_sec_context(&minor, i);
	gss_krb5_free_lucid_sec_context(&minor, a);
	release_pair(&p);
}

int main(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	struct options o = { .flags = 0 };
	OM_uint32 major, minor;
	gss_buffer_desc token;
	gss_krb5_lucid_context_v1_t other = { .version = 2 };
	void *kctx = &context;
	struct pair p;

	begin(60);
	both_sides("default", NULL);
	both_sides("no flags", &o);
	o.flags = ALL_FLAGS;
	both_sides("all flags", &o);

	need_pair(&p, NULL);
	major = gss_krb5_export_lucid_sec_context(&minor, &p.init, 2, &kctx);
	fact("version 2: %s, %s", major_text(major), kctx == NULL ? "nothing" : "a structure");
	fact("the context after it: %s", p.init == GSS_C_NO_CONTEXT ? "gone" : "there");
	gss_krb5_free_lucid_sec_context(&minor, lucid(&p.init));
	fact("the context after version 1: %s", p.init == GSS_C_NO_CONTEXT ? "gone" : "there");
	release_pair(&p);

	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	major = gss_krb5_export_lucid_sec_context(&minor, &context, 1, &kctx);
	fact("half-open: %s, %s", major_text(major), kctx == NULL ? "nothing" : "a structure");
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);

	result("a structure of another version is not freed", gss_krb5_free_lucid_sec_context(&minor, &other));
	return end();
}
