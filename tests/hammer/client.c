/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client: gets tickets from the KDC that part kdc of the hammer pretends to be (kdc/main.go), and shows what came of it.
 *
 *	client DIR
 *
 * DIR has a keytab of the user (user.keytab), one of services (krb5.keytab) and a login (tgt). Each line of the input is
 * a round: "as", "pw" or "tgs", the service's name, the flags of the context in decimal, and the krb5.conf. With "as" there
 * is no credential cache, and the user's keytab is all there is; with "pw" there is the user's password; with "tgs" there is a
 * login. The client makes a context with itself and answers with a line:
 *
 *	SECONDS MAJOR MINOR TOKEN MAJOR MINOR RESULT
 *
 * what the initiator's first step said, its token in hexadecimal or "-", what the acceptor said, and the result: "none"
 * without a context, "one", or what is wrong: what both sides do not agree on, or a fault that the library admits.
 */
#define _GNU_SOURCE
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *directory;
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };
static gss_OID_desc user_name = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01" };
static gss_OID_desc ticket_flags = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x02" };
static gss_OID_desc authtime = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0c" };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(2);
}

static char *path(const char *prefix, const char *name)
{
	char *text;

	must(asprintf(&text, "%s%s/%s", prefix, directory, name) > 0, "asprintf");
	return text;
}

static void copy_file(const char *from, const char *to)
{
	char octets[65536];
	FILE *f = fopen(from, "r");
	size_t n;

	must(f != NULL, from);
	n = fread(octets, 1, sizeof(octets), f);
	fclose(f);
	f = fopen(to, "w");
	must(f != NULL && fwrite(octets, 1, n, f) == n && fclose(f) == 0, to);
}

/* surroundings of a round: no cache, or one with a login. */
static void prepare(const char *kind, const char *conf)
{
	static char *cache, *tgt, *keytab;

	if (cache == NULL) {
		cache = path("", "cc");
		tgt = path("", "tgt");
		keytab = path("FILE:", "user.keytab");
		setenv("KRB5CCNAME", path("FILE:", "cc"), 1);
		setenv("KRB5_KTNAME", path("FILE:", "krb5.keytab"), 1);
		setenv("KRB5RCACHENAME", "none:", 1);
	}
	must(unlink(cache) == 0 || errno == ENOENT, cache);
	if (strcmp(kind, "tgs") == 0)
		copy_file(tgt, cache);
	setenv("KRB5_CLIENT_KTNAME", strcmp(kind, "as") == 0 ? keytab : "FILE:/nonexistent/keytab", 1);
	setenv("KRB5_CONFIG", conf, 1);
}

static void hex(const gss_buffer_desc *b)
{
	size_t i;

	for (i = 0; i < b->length; i++)
		printf("%02x", ((unsigned char *)b->value)[i]);
	printf(b->length == 0 ? "- " : " ");
}

/* same_answer asks both sides. */
static int same_answer(gss_ctx_id_t a, gss_ctx_id_t b, gss_OID what)
{
	gss_buffer_set_t x = NULL, y = NULL;
	OM_uint32 minor;
	int same = gss_inquire_sec_context_by_oid(&minor, a, what, &x) == GSS_S_COMPLETE &&
	    gss_inquire_sec_context_by_oid(&minor, b, what, &y) == GSS_S_COMPLETE &&
	    x->elements[0].length == y->elements[0].length &&
	    memcmp(x->elements[0].value, y->elements[0].value, x->elements[0].length) == 0;

	gss_release_buffer_set(&minor, &x);
	gss_release_buffer_set(&minor, &y);
	return same;
}

static int message(gss_ctx_id_t from, gss_ctx_id_t to)
{
	gss_buffer_desc text = { 5, (void *)(uintptr_t)"hello" }, token = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, from, 1, 0, &text, NULL, &token) == GSS_S_COMPLETE &&
	    !GSS_ERROR(gss_unwrap(&minor, to, &token, &out, NULL, NULL)) && out.length == 5 && memcmp(out.value, "hello", 5) == 0;

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &out);
	return ok;
}

/* agree tells what both sides have different ideas of, or "one". Lifetimes are those of one ticket, some time apart. */
static const char *agree(gss_ctx_id_t init, gss_ctx_id_t accept, gss_name_t source)
{
	static char other[300];
	gss_name_t name = GSS_C_NO_NAME, target = GSS_C_NO_NAME, theirs = GSS_C_NO_NAME;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, mine, its;
	int equal = 0, equal_target = 0;
	const char *result = "one";

	if (gss_inquire_context(&minor, init, &name, &target, &mine, NULL, NULL, NULL, NULL) != GSS_S_COMPLETE ||
	    gss_inquire_context(&minor, accept, NULL, &theirs, &its, NULL, NULL, NULL, NULL) != GSS_S_COMPLETE ||
	    gss_compare_name(&minor, name, source, &equal) != GSS_S_COMPLETE ||
	    gss_compare_name(&minor, target, theirs, &equal_target) != GSS_S_COMPLETE ||
	    gss_display_name(&minor, source, &text, NULL) != GSS_S_COMPLETE)
		result = "inquiries";
	else if (!equal || strcmp(text.value, "alice@DEMO.TEST") != 0) {
		snprintf(other, sizeof(other), "name:%s", (char *)text.value);
		result = other;
	} else if (!equal_target)
		result = "target";
	else if (mine > its + 400 || its > mine + 400) /* an acceptor adds the clock skew */
		result = "lifetime";
	else if (!same_answer(init, accept, &ticket_flags))
		result = "ticket-flags";
	else if (!same_answer(init, accept, &authtime))
		result = "authtime";
	else if (!message(init, accept) || !message(accept, init))
		result = "messages";
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &target);
	gss_release_name(&minor, &theirs);
	gss_release_buffer(&minor, &text);
	return result;
}

/* admits tells whether a failure was a fault of the library's own. */
static int admits(OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, more = 0;
	int found;

	if (!GSS_ERROR(major) || GSS_ERROR(gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text)))
		return 0;
	found = strstr(text.value, "internal error") != NULL;
	gss_release_buffer(&ignored, &text);
	return found;
}

static void one(const char *kind, const char *service, OM_uint32 flags)
{
	gss_buffer_desc text = { strlen(service), (void *)(uintptr_t)service }, token = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc reply = GSS_C_EMPTY_BUFFER, last = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc user = { 5, (void *)(uintptr_t)"alice" }, password = { 14, (void *)(uintptr_t)"alice-password" };
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor, ignored, am = GSS_S_CONTINUE_NEEDED, an = 0;
	gss_name_t target = GSS_C_NO_NAME, source = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	const char *result = "none";
	double begun = now();

	major = gss_import_name(&minor, &text, &hostbased, &target);
	if (major == GSS_S_COMPLETE && strcmp(kind, "pw") == 0) {
		major = gss_import_name(&minor, &user, &user_name, &source);
		if (major == GSS_S_COMPLETE)
			major = gss_acquire_cred_with_password(&minor, source, &password, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL,
			    NULL);
		gss_release_name(&ignored, &source);
	}
	if (major == GSS_S_COMPLETE && strcmp(kind, "as") == 0)
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	if (major == GSS_S_COMPLETE)
		major = gss_init_sec_context(&minor, cred, &init, target, GSS_C_NO_OID, flags, 0, GSS_C_NO_CHANNEL_BINDINGS, NULL,
		    NULL, &token, NULL, NULL);
	printf("%.3f %u %u ", now() - begun, major, minor);
	if (admits(major, minor))
		result = "internal-error";
	hex(&token);
	if (!GSS_ERROR(major))
		am = gss_accept_sec_context(&an, &accept, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, &source, NULL,
		    &reply, NULL, NULL, NULL);
	if (am == GSS_S_COMPLETE && (major & GSS_S_CONTINUE_NEEDED) != 0)
		major = gss_init_sec_context(&minor, cred, &init, target, GSS_C_NO_OID, flags, 0, GSS_C_NO_CHANNEL_BINDINGS, &reply,
		    NULL, &last, NULL, NULL);
	if (am == GSS_S_COMPLETE)
		result = major == GSS_S_COMPLETE ? agree(init, accept, source) : "half-open";
	printf("%u %u %s\n", am, an, result);
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &reply);
	gss_release_buffer(&ignored, &last);
	gss_release_name(&ignored, &target);
	gss_release_name(&ignored, &source);
	gss_release_cred(&ignored, &cred);
	gss_delete_sec_context(&ignored, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&ignored, &accept, GSS_C_NO_BUFFER);
}

int main(int argc, char **argv)
{
	char line[2000], kind[8], service[200], conf[1000];
	unsigned long flags;

	if (argc != 2) {
		fprintf(stderr, "usage: client DIR\n");
		return 2;
	}
	directory = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		must(sscanf(line, "%7s %199s %lu %999s", kind, service, &flags, conf) == 4, "a round");
		prepare(kind, conf);
		one(kind, service, (OM_uint32)flags);
	}
	return 0;
}
