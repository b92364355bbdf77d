/* SPDX-License-Identifier: BSD-2-Clause */
/* The same thing many times: what fails leaves nothing behind, and what is open is small. The process's greatest size
   is what is looked at: the second round must not need more than the first. */
#include "condition.h"

#include <fcntl.h>

#define HALF_OPEN 10000
#define FAILURES 100000
#define SLACK (12L << 10) /* KiB that the garbage collector and malloc may need more */

static int descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* CONTINUE_NEEDED contexts that nobody continues, as peers of a name server made them (2026). */
static void half_open(void)
{
	static gss_ctx_id_t contexts[HALF_OPEN];
	gss_buffer_desc token;
	OM_uint32 ignored;
	long at[3];
	int i, round;

	for (round = 0; round < 2; round++) {
		at[round] = peak();
		for (i = 0; i < HALF_OPEN; i++) {
			token = first_token(&contexts[i], ALL_FLAGS);
			gss_release_buffer(&ignored, &token);
		}
		at[round + 1] = peak();
		for (i = 0; i < HALF_OPEN; i++)
			gss_delete_sec_context(&ignored, &contexts[i], GSS_C_NO_BUFFER);
	}
	verdict("half-open-contexts-are-small", at[1] - at[0] < 6L * HALF_OPEN,
	    "%d contexts took %ld KiB", HALF_OPEN, at[1] - at[0]);
	verdict("half-open-contexts-are-freed", at[2] - at[1] < SLACK, "the second round took %ld KiB more",
	    at[2] - at[1]);
}

static void established(void)
{
	static struct pair pairs[2000];
	static const struct options all = { .flags = ALL_FLAGS };
	long at[3];
	size_t i;
	int round;

	set("KRB5RCACHENAME", "none:");
	for (round = 0; round < 2; round++) {
		at[round] = peak();
		for (i = 0; i < COUNT(pairs); i++)
			need_pair(&pairs[i], &all);
		at[round + 1] = peak();
		for (i = 0; i < COUNT(pairs); i++)
			release_pair(&pairs[i]);
	}
	sane();
	verdict("contexts-are-small", at[1] - at[0] < 6L * 2 * (long)COUNT(pairs), "%d contexts took %ld KiB",
	    (int)COUNT(pairs) * 2, at[1] - at[0]);
	verdict("contexts-are-freed", at[2] - at[1] < SLACK, "the second round took %ld KiB more", at[2] - at[1]);
}

static struct pair pair;
static gss_buffer_desc bad_mic, bad_wrap, bad_request;

static void fail_accept_garbage(void)
{
	try_accept("\x60\x03\x06\x01\x00", 5);
}

/* The ticket decrypts, the authenticator does not: most of the work is done before it fails. */
static void fail_accept(void)
{
	struct answer a = try_accept(bad_request.value, bad_request.length);
	OM_uint32 ignored;

	gss_release_buffer(&ignored, &a.token);
}

static void fail_messages(void)
{
	gss_buffer_desc text = buffer("text"), out = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	if (!GSS_ERROR(gss_verify_mic(&minor, pair.accept, &text, &bad_mic, NULL)) ||
	    !GSS_ERROR(gss_unwrap(&minor, pair.accept, &bad_wrap, &out, NULL, NULL)) ||
	    !GSS_ERROR(gss_wrap(&minor, pair.init, 1, 77, &text, NULL, &out)))
		printf("not ok a bad message was taken\n");
	gss_release_buffer(&minor, &out);
}

static void fail_init(void)
{
	try_init(SERVICE);
}

static void fail_name(void)
{
	gss_name_t name;

	try_import("\4\1\0\1", 4, GSS_C_NT_EXPORT_NAME, &name);
}

static void fail_import(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = buffer("no context at all");
	OM_uint32 minor;

	gss_import_sec_context(&minor, &token, &context);
}

static void flat(const char *name, void (*fail)(void), int times)
{
	long before;
	int i, open = descriptors();

	for (i = 0; i < times / 10; i++)
		fail();
	before = peak();
	for (i = 0; i < times; i++)
		fail();
	verdict(name, peak() - before < SLACK && descriptors() <= open,
	    "%ld KiB more after %d failures; %d descriptors, then %d",
	    peak() - before, times, open, descriptors());
}

int main(void)
{
	gss_ctx_id_t context;
	OM_uint32 minor;
	const char *why;

	start(290);
	need_pair(&pair, NULL);
	bad_mic = mic_of(pair.init, "text");
	((unsigned char *)bad_mic.value)[bad_mic.length - 1] ^= 1;
	bad_wrap = wrapped(pair.init, 1, "text");
	((unsigned char *)bad_wrap.value)[bad_wrap.length - 1] ^= 1;
	bad_request = first_token(&context, ALL_FLAGS);
	((unsigned char *)bad_request.value)[bad_request.length - 1] ^= 1;
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);

	flat("cve-2024-26461-failing-messages", fail_messages, FAILURES);
	flat("failing-accepts-of-garbage", fail_accept_garbage, FAILURES);
	flat("failing-accepts", fail_accept, FAILURES);
	flat("failing-names", fail_name, FAILURES);
	flat("failing-imports", fail_import, FAILURES);
	set("KRB5CCNAME", "FILE:/nonexistent/cc");
	flat("failing-inits", fail_init, FAILURES);
	set("KRB5CCNAME", "FILE:%s", scratch("cc.bad"));
	put_text("cc.bad", "\5\4\xff\xff");
	flat("failing-inits-with-a-bad-cache", fail_init, FAILURES / 10);
	sane();
	set("KRB5_CONFIG", "%s", put_text("bad.conf", "[libdefaults]\n}\n"));
	flat("failing-inits-with-a-bad-config", fail_init, FAILURES / 10);
	sane();
	half_open();
	established();
	verdict("afterwards", went_on(&why), "nothing works: %s", why);
	gss_release_buffer(&minor, &bad_mic);
	gss_release_buffer(&minor, &bad_wrap);
	gss_release_buffer(&minor, &bad_request);
	release_pair(&pair);
	return finish(160L << 10);
}
