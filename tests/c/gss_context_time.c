/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_context_time: within the ticket's life on both sides, and of contexts that are not there yet. */
#include "harness.h"

int main(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc token;
	OM_uint32 major, minor, init = 0, accept = 0, lifetime = 0;
	struct pair p;

	begin(60);
	need_pair(&p, NULL);
	result("initiator", gss_context_time(&minor, p.init, &init));
	result("acceptor", gss_context_time(&minor, p.accept, &accept));
	fact("lifetimes: initiator %s, acceptor %s", lifetime_text(init), lifetime_text(accept));
	check(init > 60 && init <= 25 * 3600, "the initiator's lifetime is %lu s", (unsigned long)init);
	check(accept >= init && accept <= init + 310, "the acceptor's lifetime is %lu s, the initiator's %lu",
	    (unsigned long)accept, (unsigned long)init);
	check(init <= p.init_time && p.init_time - init < 10, "another lifetime than gss_init_sec_context gave");
	check(accept <= p.accept_time && p.accept_time - accept < 10,
	    "another lifetime than gss_accept_sec_context gave");
	gss_inquire_context(&minor, p.init, NULL, NULL, &lifetime, NULL, NULL, NULL, NULL);
	check(lifetime <= init && init - lifetime < 10, "another lifetime than gss_inquire_context gives");
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	major = gss_context_time(&minor, context, &lifetime);
	result("half-open", major);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime));
	return end();
}
