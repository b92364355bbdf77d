/* SPDX-License-Identifier: BSD-2-Clause */
/* KDCs that are down, silent, slow or mad. run.sh has one of each; those that are silent have a second. */
#include "condition.h"

/* config names the krb5.conf of one of run.sh's KDCs. */
static const char *config(const char *kdc)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/kdcs/%s.conf", getenv("CONDITIONS_DIR"), kdc);
	return path;
}

static struct answer ask(const char *service, const char *list)
{
	with_login("cc.tgt");
	set("KRB5_CONFIG", "%s", list);
	return try_init(service);
}

static void fails(const char *kdc, OM_uint32 minor, const char *why)
{
	struct answer a = ask(SERVICE, config(kdc));

	expect(kdc, &a, GSS_S_FAILURE, minor, words("DEMO.TEST|127.0.0.1:|%s", why));
}

static void works(const char *kdc)
{
	struct answer a = ask(SERVICE, config(kdc));

	succeed(kdc, &a);
}

/* realm writes a configuration whose KDC for the realm is what is given. */
static const char *realm(const char *name, const char *kdcs)
{
	static char path[512];
	char text[4096];

	snprintf(text, sizeof(text), "[libdefaults]\n\tdefault_realm = %s\n\tdns_lookup_kdc = false\n"
	    "\tdns_canonicalize_hostname = false\n\tkdc_timeout = 1\n\tmax_retries = 1\n[realms]\n\t%s = {\n%s\t}\n"
	    "[domain_realm]\n\t.demo.test = DEMO.TEST\n\t.other.test = OTHER.TEST\n", REALM, name, kdcs);
	snprintf(path, sizeof(path), "%s", put_text("realm.conf", text));
	return path;
}

static void configured(void)
{
	struct answer a;
	gss_buffer_desc conf = get(plain("KRB5_CONFIG"));
	char address[64] = "", text[4096], *at;
	int i;
	size_t used;

	a = ask(SERVICE, realm("DEMO.TEST", ""));
	expect("no-kdc-configured", &a, GSS_S_FAILURE, KRB5_REALM_UNKNOWN, "DEMO.TEST|krb5.conf|dns_lookup_kdc");
	a = ask(SERVICE, realm("DEMO.TEST", "\t\tkdc = 127.0.0.1:99999\n\t\tkdc = [::1\n\t\tkdc = :88\n"));
	expect("kdc-malformed", &a, GSS_S_FAILURE, ANY_MINOR, "DEMO.TEST");
	limit(60); /* of a name server that does not answer, too */
	a = ask(SERVICE, realm("DEMO.TEST", "\t\tkdc = nosuch.invalid:88\n"));
	expect("kdc-without-an-address", &a, GSS_S_FAILURE, KRB5_KDC_UNREACH, "DEMO.TEST|nosuch.invalid");
	limit(0);
	a = ask("demo@server.other.test", realm("DEMO.TEST", "\t\tkdc = 127.0.0.1:1\n"));
	expect("kdc-of-the-own-realm-is-down-for-another-realm", &a, GSS_S_FAILURE, KRB5_KDC_UNREACH,
	    "DEMO.TEST|127.0.0.1:1|refused");

	/* The sound KDC's address. */
	((char *)conf.value)[conf.length - 1] = '\0';
	at = strstr(conf.value, "\tkdc = ");
	if (at == NULL || sscanf(at, "\tkdc = %63s", address) != 1) {
		printf("cannot go on: no KDC in %s\n", plain("KRB5_CONFIG"));
		exit(2);
	}
	free(conf.value);
	snprintf(text, sizeof(text), "\t\tkdc = 127.0.0.1:1\n\t\tkdc = nosuch.invalid\n\t\tkdc = %s\n", address);
	limit(60);
	a = ask(SERVICE, realm("DEMO.TEST", text));
	succeed("the-third-kdc-answers", &a);
	for (used = 0, i = 2; i < 32; i++)
		used += (size_t)sprintf(text + used, "\t\tkdc = 127.0.0.1:%d\n", i);
	a = ask(SERVICE, realm("DEMO.TEST", text));
	expect("thirty-kdcs-are-down", &a, GSS_S_FAILURE, KRB5_KDC_UNREACH, "DEMO.TEST|127.0.0.1:2");
	snprintf(text + used, sizeof(text) - used, "\t\tkdc = %s\n", address);
	a = ask(SERVICE, realm("DEMO.TEST", text));
	succeed("the-31st-kdc-answers", &a);
	snprintf(text, sizeof(text), "\t\tkdc = %s\n", address);
	a = ask("demo@server.other.test", realm("DEMO.TEST", text));
	expect("no-kdc-of-the-other-realm", &a, GSS_S_FAILURE, KRB5_REALM_UNKNOWN, "OTHER.TEST");
	limit(0);
}

/* The KDC answers, and its answer is no or not right. */
static void answers(void)
{
	struct answer a;

	a = ask("nobody@localhost", plain("KRB5_CONFIG"));
	expect("service-unknown", &a, GSS_S_FAILURE, KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
	    "DEMO.TEST|alice@DEMO.TEST|nobody/localhost");
	a = ask("refused@localhost", plain("KRB5_CONFIG"));
	expect("policy", &a, GSS_S_FAILURE, KRB5KDC_ERR_POLICY, "DEMO.TEST|alice@DEMO.TEST|refused/localhost");
	a = ask("nonce@localhost", plain("KRB5_CONFIG"));
	expect("reply-to-another-request", &a, GSS_S_FAILURE, KRB5_KDCREP_MODIFIED,
	    "127.0.0.1:|DEMO.TEST|another request");
	a = ask("sname@localhost", plain("KRB5_CONFIG"));
	expect("cve-2017-11103-reply-for-another-service", &a, GSS_S_FAILURE, KRB5_KDCREP_MODIFIED,
	    "127.0.0.1:|sname/localhost|demo/localhost");
	a = ask("big@localhost", plain("KRB5_CONFIG"));
	succeed("reply-too-big-for-udp", &a);
	a = ask("demo@server.nosuch.test", plain("KRB5_CONFIG"));
	expect("host-of-an-unknown-realm", &a, GSS_S_FAILURE, ANY_MINOR, "demo/server.nosuch.test");
	with_login("cc.tgt");
	a = try_init_as("a/b@NOWHERE.TEST", &principal_name);
	expect("unknown-realm", &a, GSS_S_FAILURE, ANY_MINOR, "NOWHERE.TEST");
}

int main(void)
{
	struct answer a;

	start(280);
	/* Within the time of one KDC over UDP and TCP, and what a busy machine adds. */
	fails("down", KRB5_KDC_UNREACH, "refused");
	fails("silent", KRB5_KDC_UNREACH, "time is over|/udp: no answer|/tcp: no answer");
	fails("garbage", ANY_MINOR, "reply");
	fails("half", ANY_MINOR, "");
	fails("empty", ANY_MINOR, "");
	a = ask(SERVICE, config("error"));
	expect("error", &a, GSS_S_FAILURE, KRB5KRB_ERR_GENERIC, "DEMO.TEST|out of order");
	fails("deaf", KRB5KDC_ERR_SVC_UNAVAILABLE, "not available");
	fails("toobig-silent", ANY_MINOR, "");
	fails("toobig-garbage", ANY_MINOR, "");
	fails("toobig-half", ANY_MINOR, "");
	fails("toobig-empty", ANY_MINOR, "");
	fails("toobig-huge", ANY_MINOR, "");
	a = ask(SERVICE, config("toobig-error"));
	expect("toobig-error", &a, GSS_S_FAILURE, KRB5KRB_ERR_GENERIC, "DEMO.TEST|out of order");
	works("udp-garbage");
	works("udp-half");
	works("udp-empty");
	works("udp-slow");
	works("udp-drop2");
	works("tcp-trickle");
	answers();
	configured();
	/* What a configuration without settings of its own makes of a KDC that is silent: MIT's patience, not more. */
	limit(60);
	a = ask(SERVICE, config("patient"));
	expect("silent-with-default-times", &a, GSS_S_FAILURE, KRB5_KDC_UNREACH, "DEMO.TEST|127.0.0.1:|no answer");
	return finish(96L << 10);
}
