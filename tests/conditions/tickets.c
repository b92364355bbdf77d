/* SPDX-License-Identifier: BSD-2-Clause */
/* Tickets that are over, not yet good, not for us, or forged; clocks that are off. */
#include "condition.h"

#define TICKET_FOR "host/server.demo.test@DEMO.TEST"

/* offer gives an acceptor the token that is made of a ticket; an error of the initiator is the answer, too. */
static struct answer offer(const char *service)
{
	struct answer a = try_init(service), b;
	OM_uint32 ignored;

	if (GSS_ERROR(a.major))
		return a;
	sane();
	b = try_accept(a.token.value, a.token.length);
	gss_release_buffer(&ignored, &a.token);
	gss_release_buffer(&ignored, &b.token);
	return b;
}

/* forged uses a cache that run.sh made. */
static struct answer forged(const char *name)
{
	set("KRB5CCNAME", "FILE:%s/forged/%s", getenv("CONDITIONS_DIR"), name);
	return offer(SERVICE);
}

static void refused(const char *name, OM_uint32 major, OM_uint32 minor, const char *list)
{
	struct answer a = forged(name);

	expect(name, &a, major, minor, list);
}

static void from_kdc(const char *service, OM_uint32 major, OM_uint32 minor, const char *list)
{
	char name[100];
	struct answer a = offer(service);

	snprintf(name, sizeof(name), "kdc-gives-%s", service);
	*strchr(name, '@') = '\0';
	expect(name, &a, major, minor, list);
}

/* A KDC whose clock is off. One that is ahead gives us a ticket, since we follow its clock, as MIT krb5 does; a server
   with the right clock refuses it. One that is behind does not know our login yet. */
static void clocks(void)
{
	static const char *const kdcs[] = { "ahead", "behind" };
	struct answer a;
	char path[512];
	size_t i;

	for (i = 0; i < COUNT(kdcs); i++) {
		with_login("cc.tgt");
		snprintf(path, sizeof(path), "%s/kdcs/%s.conf", getenv("CONDITIONS_DIR"), kdcs[i]);
		set("KRB5_CONFIG", "%s", path);
		a = offer(SERVICE);
		snprintf(path, sizeof(path), "clock-of-the-kdc-20-minutes-%s", kdcs[i]);
		if (i == 0)
			expect(path, &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_NYV, "valid from|alice@DEMO.TEST");
		else
			expect(path, &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_NYV, "DEMO.TEST|not yet valid");
	}
}

/* offset puts into a cache how far the KDC's clock is ahead: the initiator's times follow it. */
static void offset(const char *name, long seconds, OM_uint32 minor, const char *list)
{
	static unsigned char octets[1 << 16];
	gss_buffer_desc old;
	struct answer a;
	char from[512];
	size_t skip_header;

	snprintf(from, sizeof(from), "%s/forged/good", getenv("CONDITIONS_DIR"));
	old = get(from);
	skip_header = 4 + (size_t)(((unsigned char *)old.value)[2] << 8 | ((unsigned char *)old.value)[3]);
	memcpy(octets, "\5\4\0\14\0\1\0\10", 8);
	octets[8] = (unsigned char)(seconds >> 24);
	octets[9] = (unsigned char)(seconds >> 16);
	octets[10] = (unsigned char)(seconds >> 8);
	octets[11] = (unsigned char)seconds;
	memset(octets + 12, 0, 4);
	memcpy(octets + 16, (char *)old.value + skip_header, old.length - skip_header);
	set("KRB5CCNAME", "FILE:%s", put("cc.offset", octets, 16 + old.length - skip_header));
	free(old.value);
	a = offer(SERVICE);
	if (minor == 0)
		succeed(name, &a);
	else
		expect(name, &a, GSS_S_FAILURE, minor, list);
}

static void for_another(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = import("demo@server.demo.test", GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context;
	gss_buffer_desc token;
	struct answer a;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	token = first_token(&context, ALL_FLAGS);
	a = try_accept_as(cred, token.value, token.length);
	gss_release_buffer(&minor, &a.token);
	expect("token-for-another-principal", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_NOT_US,
	    TICKET_FOR "|demo/server.demo.test");
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);

	a = try_init("demo@server.other.test");
	sane();
	if (GSS_ERROR(a.major)) {
		succeed("ticket-of-another-realm", &a);
	} else {
		token = a.token;
		a = try_accept(token.value, token.length);
		gss_release_buffer(&minor, &token);
		gss_release_buffer(&minor, &a.token);
		expect("token-for-another-realm", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_NOT_US,
		    "demo/server.other.test@OTHER.TEST|krb5.keytab");
	}
}

int main(void)
{
	struct answer a;

	start(120);
	a = forged("good");
	succeed("good", &a);
	refused("expired", GSS_S_CREDENTIALS_EXPIRED, KRB5KRB_AP_ERR_TKT_EXPIRED, "expired|" USER "@" REALM);
	refused("expired-inside", GSS_S_CREDENTIALS_EXPIRED, KRB5KRB_AP_ERR_TKT_EXPIRED, "expired|" USER "@" REALM);
	refused("future", GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_NYV, "valid from|" USER "@" REALM);
	refused("future-inside", GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_NYV, "valid from|" USER "@" REALM);
	refused("kvno", GSS_S_FAILURE, KRB5KRB_AP_ERR_BADKEYVER, TICKET_FOR "|kvno 77|krb5.keytab");
	refused("wrong-key", GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, TICKET_FOR "|krb5.keytab");
	refused("damaged", GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, TICKET_FOR "|krb5.keytab");
	refused("wrong-session", GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, "authenticator");
	refused("realm", GSS_S_FAILURE, KRB5KRB_AP_ERR_BADMATCH, "alice@OTHER.TEST|alice@DEMO.TEST");
	refused("invalid", GSS_S_NO_CRED, KRB5_CC_NOTFOUND, TICKET_FOR "|forged/invalid");
	refused("transited", GSS_S_FAILURE, KRB5KRB_AP_ERR_BADMATCH, "alice@OTHER.TEST");
	a = forged("pac");
	verdict("cve-2022-42898-pac-of-zeros", a.dirty == NULL, "%s is not cleared", a.dirty);
	a = forged("kdc-issued");
	verdict("authorization-data-kdc-issued", a.dirty == NULL, "%s is not cleared", a.dirty);
	a = forged("mandatory");
	verdict("authorization-data-unknown", a.dirty == NULL, "%s is not cleared", a.dirty);

	from_kdc("expired@localhost", GSS_S_CREDENTIALS_EXPIRED, KRB5KRB_AP_ERR_TKT_EXPIRED, "expired|alice@DEMO.TEST");
	from_kdc("future@localhost", GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_NYV, "valid from|alice@DEMO.TEST");
	from_kdc("invalid@localhost", GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_INVALID, "invalid|alice@DEMO.TEST");
	/* The key is right and the number is not: peers try the key, and so do we. */
	a = offer("kvno@localhost");
	succeed("kdc-gives-kvno", &a);
	from_kdc("damaged@localhost", GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, "damaged/localhost|krb5.keytab");
	from_kdc("wrongkey@localhost", GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, "wrongkey/localhost|krb5.keytab");
	from_kdc("spoofed@localhost", GSS_S_FAILURE, KRB5KRB_AP_ERR_BADMATCH, "alice@OTHER.TEST|alice@DEMO.TEST");
	a = offer("elsewhere@localhost");
	verdict("kdc-gives-elsewhere", a.dirty == NULL, "%s is not cleared", a.dirty);

	for_another();
	clocks();
	offset("initiator-20-minutes-ahead", 1200, KRB5KRB_AP_ERR_SKEW, "alice@DEMO.TEST|clock|clockskew");
	offset("initiator-20-minutes-behind", -1200, KRB5KRB_AP_ERR_SKEW, "alice@DEMO.TEST|clock|clockskew");
	offset("initiator-4-minutes-behind", -240, 0, "");
	offset("initiator-4-minutes-ahead", 240, 0, "");
	return finish(96L << 10);
}
