/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_context_time: within the ticket's lifetime on both sides; contexts that are not established. */
#include "harness.h"

#define SECONDS "3" /* lifetime of a short login */

/* need_short_pair establishes a context that expires soon. If it has already expired, on a busy machine, it tries again. */
static void need_short_pair(struct pair *p, OM_uint32 *lifetime)
{
	static const struct options all = { .flags = ALL_FLAGS };
	OM_uint32 major = GSS_S_FAILURE, minor;
	char command[4096];
	int tries;

	snprintf(command, sizeof(command), "'%s' kinit -p alice-password -l " SECONDS "s -c '%s' alice", getenv("KDC"),
	    scratch("cc.short"));
	for (tries = 0; tries < 10; tries++) {
		if (system(command) != 0)
			exit(2);
		with_login("cc.short");
		if (establish(p, &all) && (major = gss_context_time(&minor, p->init, lifetime)) == GSS_S_COMPLETE)
			break;
		release_pair(p);
	}
	result("short, initiator", major);
}

int main(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
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
	/* A context that expires: the acceptor allows for clock skew and continues for a while. */
	need_short_pair(&p, &init);
	check(init > 0 && init <= strtoul(SECONDS, NULL, 10) + 1, "a short lifetime of %lu s", (unsigned long)init);
	token = wrapped(p.accept, 1, "text");
	pause_for(init + 1.5);
	lifetime = 77;
	major = gss_context_time(&minor, p.init, &lifetime);
	fact("expired, initiator: %s, lifetime %s", major_text(major), lifetime_text(lifetime));
	major = gss_context_time(&minor, p.accept, &lifetime);
	fact("expired, acceptor: %s, lifetime %s", major_text(major), lifetime_text(lifetime));
	major = gss_inquire_context(&minor, p.init, NULL, NULL, &lifetime, NULL, NULL, NULL, NULL);
	fact("expired, gss_inquire_context: %s, lifetime %s", major_text(major), lifetime_text(lifetime));
	major = gss_unwrap(&minor, p.init, &token, &message, NULL, NULL);
	fact("expired, gss_unwrap: %s", major_text(major));
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);
	message = buffer("text");
	major = gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token);
	fact("expired, gss_wrap: %s", major_text(major));
	gss_release_buffer(&minor, &token);
	major = gss_export_sec_context(&minor, &p.init, &token);
	fact("expired, gss_export_sec_context: %s", major_text(major));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	with_login("cc.tgt");

	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	major = gss_context_time(&minor, context, &lifetime);
	result("half-open", major);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime));
	return end();
}
