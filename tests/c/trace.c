/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KRB5_TRACE: the trace of a whole exchange names what was looked for, which KDC answered and which key was tried, and has
 * no key and no message in it. It goes where the environment says at each call.
 */
#include "harness.h"

#include <gssapi/gssapi_krb5.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>

static char *text; /* of the trace, followed by a NUL */
static size_t length;

/* begin_trace directs the trace to a new file. */
static const char *begin_trace(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s", scratch(name));
	unlink(path);
	setenv("KRB5_TRACE", path, 1);
	return path;
}

/* end_trace reads the file. */
static void end_trace(const char *name)
{
	FILE *f = fopen(scratch(name), "rb");

	unsetenv("KRB5_TRACE");
	free(text);
	text = calloc(1, 1 << 20);
	length = f != NULL ? fread(text, 1, (1 << 20) - 1, f) : 0;
	if (f != NULL)
		fclose(f);
}

/* has reports whether a line contains both parts, in this order. */
static int has(const char *first, const char *second)
{
	const char *line, *end, *p, *q;

	for (line = text; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		p = strstr(line, first);
		if (p == NULL)
			return 0;
		q = p < end ? strstr(p + strlen(first), second) : NULL;
		if (q != NULL && q < end)
			return 1;
	}
	return 0;
}

static int count(const char *words)
{
	const char *p = text;
	int n = 0;

	while ((p = strstr(p, words)) != NULL) {
		n++;
		p++;
	}
	return n;
}

#define HAS(first, second) check(has(first, second), "no line with \"%s\" and \"%s\"", first, second)

/* well_formed checks that each line begins with process and time, and is printable. */
static void well_formed(const char *what)
{
	const char *line, *end, *p;
	long pid, seconds;
	int micro, n, lines = 0;

	for (line = text; (end = strchr(line, '\n')) != NULL; line = end + 1, lines++) {
		n = 0;
		check(sscanf(line, "[%ld] %ld.%6d: %n", &pid, &seconds, &micro, &n) == 3 && n > 0 && pid == (long)getpid() && seconds > 1700000000,
		    "%s: %.60s", what, line);
		for (p = line; p < end; p++)
			check((unsigned char)*p >= ' ' && *p != 0x7f, "%s: octet %#x", what, (unsigned char)*p);
	}
	check(lines > 0 && (size_t)(line - text) == length, "%s: %d lines, %lu octets behind them", what, lines,
	    (unsigned long)(length - (size_t)(line - text)));
}

/* secret checks that the trace contains neither these octets nor their digits. */
static void secret(const char *name, const void *octets, size_t n)
{
	const char *digits = hex(octets, n);
	size_t i, part = n < 8 ? n : 8;

	for (i = 0; i + part <= length; i++) {
		if (memcmp(text + i, octets, part) == 0)
			check(0, "%s is in the trace", name);
	}
	for (i = 0; i + 16 <= 2 * n; i += 2) {
		char window[17];

		memcpy(window, digits + i, 16);
		window[16] = '\0';
		check(strstr(text, window) == NULL, "digits of %s are in the trace", name);
	}
}

static void keys_of(const char *what, gss_ctx_id_t context)
{
	static const unsigned char asked[] = { 8, 9, 10 }; /* 1.2.752.43.13.N: the message key and both subkeys */
	unsigned char octets[6] = { 0x2a, 0x85, 0x70, 0x2b, 0x0d };
	gss_OID_desc oid = { 6, octets };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor;
	size_t i;

	for (i = 0; i < sizeof(asked); i++) {
		octets[5] = asked[i];
		if (gss_inquire_sec_context_by_oid(&minor, context, &oid, &set) == GSS_S_COMPLETE)
			secret(what, (char *)set->elements[0].value + 6, set->elements[0].length - 6);
		gss_release_buffer_set(&minor, &set);
	}
}

/* keys_of_cache asks the tool for the session keys of tickets. */
static void keys_of_cache(void)
{
	char command[4096], line[1024], name[128], digits[512];
	unsigned char octets[256];
	size_t i;
	int n = 0;
	FILE *f;

	snprintf(command, sizeof(command), "'%s' secrets -c '%s'", getenv("KDC"), getenv("KRB5CCNAME"));
	f = popen(command, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL && sscanf(line, "%127s %511s", name, digits) == 2) {
		for (i = 0; i < strlen(digits) / 2; i++) {
			unsigned value;

			sscanf(digits + 2 * i, "%2x", &value);
			octets[i] = (unsigned char)value;
		}
		secret(name, octets, i);
		n++;
	}
	check(f != NULL && pclose(f) == 0 && n > 0, "no keys of the cache");
}

/* exchange establishes contexts with both mechanisms, delegates, and protects messages. */
static void exchange(void)
{
	static const char message[] = "the plaintext of a message";
	struct options o = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	gss_buffer_desc token, mic, plain;
	struct pair p, negotiated;
	OM_uint32 major, minor, ignored;

	begin_trace("whole");
	with_login("cc.tgt");
	need_pair(&p, &o);
	o.mech = &spnego_mech;
	need_pair(&negotiated, &o);
	token = wrapped(p.init, 1, message);
	major = gss_unwrap(&minor, p.accept, &token, &plain, NULL, NULL);
	need("gss_unwrap", major, minor);
	mic = mic_of(negotiated.init, message);
	((char *)mic.value)[mic.length - 1] ^= 1;
	check(gss_verify_mic(&minor, negotiated.accept, &plain, &mic, NULL) == GSS_S_BAD_MIC, "a changed MIC is taken");
	end_trace("whole");

	well_formed("whole");
	HAS("Configuration: ", "krb5.conf");
	HAS("Credential cache FILE:", "of alice@DEMO.TEST, ");
	HAS("Host " HOST, "realm DEMO.TEST");
	HAS("Ticket wanted: alice@DEMO.TEST", PRINCIPAL);
	HAS("Ticket found: krbtgt/DEMO.TEST@DEMO.TEST", "FILE:");
	HAS("Request to realm DEMO.TEST: ticket for " PRINCIPAL, "aes256-cts-hmac-sha1-96");
	HAS("Sending ", " octets to 127.0.0.1:");
	HAS("Answer of ", " octets from 127.0.0.1:");
	HAS("Ticket received: " PRINCIPAL, "session key");
	HAS("Ticket stored: " PRINCIPAL, "FILE:");
	HAS("Delegation: ", "alice@DEMO.TEST");
	HAS("Ticket taken: for " PRINCIPAL ", kvno 2", "keytab");
	HAS("Key of " PRINCIPAL ", kvno 2", ": decrypts the ticket");
	HAS("Client alice@DEMO.TEST", "ours");
	HAS("Replay cache ", "the request is new");
	HAS("SPNEGO: 1.2.840.113554.1.2.2", "offered");
	HAS("SPNEGO: 1.2.840.113554.1.2.2", "chosen");
	HAS("Context established: alice@DEMO.TEST with " PRINCIPAL, "flags");
	HAS("gss_verify_mic fails: GSS_S_BAD_MIC", "minor");
	/* A call that is repeated after the KDC's answer traces its purpose once. */
	check(count("Ticket wanted: ") == 2, "wanted %d times", count("Ticket wanted: "));
	check(count("Ticket received: " PRINCIPAL) == 1, "received %d times", count("Ticket received: " PRINCIPAL));

	secret("the plaintext", message, sizeof(message) - 1);
	secret("the password", "alice-password", 14);
	keys_of("a key of the initiator", p.init);
	keys_of("a key of the acceptor", p.accept);
	keys_of("a key of the negotiated context", negotiated.init);
	keys_of_cache();
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &mic);
	gss_release_buffer(&ignored, &plain);
	release_pair(&p);
	release_pair(&negotiated);
}

/* live checks that the lines of a call that hangs are in the file while it hangs. */
static void live(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	struct options o = { .flags = ALL_FLAGS };
	char config[256];
	double begin;
	struct pair p;
	pid_t pid;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), found = 0;

	/* A KDC that never answers. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		exit(2);
	snprintf(config, sizeof(config), "[realms]\n\tDEMO.TEST* = {\n\t\tkdc = udp/127.0.0.1:%d\n\t}\n",
	    ntohs(address.sin_port));
	with_login("cc.tgt");
	with_config(config);
	begin_trace("live");
	pid = fork();
	if (pid == 0) {
		(void)establish(&p, &o);
		_exit(1);
	}
	for (begin = now(); !found && now() - begin < 15; pause_for(0.05)) {
		end_trace("live");
		found = strstr(text, "No answer from 127.0.0.1:") != NULL;
	}
	check(found && waitpid(pid, NULL, WNOHANG) == 0, "nothing while the call hangs");
	HAS("Sending ", " octets to 127.0.0.1:");
	check(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid, "the child");
	close(fd);
	with_config("");
}

static void wrong_key(void)
{
	char command[4096], keytab[4096];
	struct options o = { .flags = ALL_FLAGS };
	struct pair p;

	snprintf(keytab, sizeof(keytab), "FILE:%s", scratch("changed.keytab"));
	snprintf(command, sizeof(command), "'%s' keytab -p x -kvno 2 -enctypes 18 -o '%s' %s &&"
	    " '%s' keytab -a -p x -kvno 2 -enctypes 17 -o '%s' %s", getenv("KDC"), scratch("changed.keytab"), PRINCIPAL,
	    getenv("KDC"), scratch("changed.keytab"), PRINCIPAL);
	if (system(command) != 0)
		exit(2);
	setenv("SAVED_KTNAME", getenv("KRB5_KTNAME"), 1);
	setenv("KRB5_KTNAME", keytab, 1);
	begin_trace("wrong-key");
	check(!establish(&p, &o), "another key is accepted");
	end_trace("wrong-key");
	release_pair(&p);
	well_formed("wrong-key");
	HAS("Key of " PRINCIPAL ", kvno 2, enctype aes256-cts-hmac-sha1-96", ": does not decrypt the ticket");
	HAS("Key of " PRINCIPAL ", kvno 2, enctype aes128-cts-hmac-sha1-96", "not tried, the ticket has another enctype");
	HAS("gss_accept_sec_context fails: GSS_S_FAILURE", "cannot decrypt ticket");
	setenv("KRB5_KTNAME", getenv("SAVED_KTNAME"), 1);
}

static void failover(void)
{
	struct options o = { .flags = ALL_FLAGS };
	struct pair p;

	with_login("cc.tgt");
	with_config("[realms]\n\tDEMO.TEST = {\n\t\tkdc = 127.0.0.1:1\n\t}\n");
	begin_trace("failover");
	need_pair(&p, &o);
	end_trace("failover");
	release_pair(&p);
	well_formed("failover");
	HAS("Sending ", "127.0.0.1:1/udp");
	HAS("No answer from 127.0.0.1:1/udp: ", "refused");
	HAS("Answer of ", "from 127.0.0.1:");
	HAS("Ticket received: " PRINCIPAL, "valid until");
	with_config("");
	begin_trace("refused");
	o.target = "nosuch@" HOST;
	check(!establish(&p, &o), "a ticket for nobody");
	end_trace("refused");
	release_pair(&p);
	HAS("Answer of realm DEMO.TEST: error 7, ", "not found");
}

/* No part of a name begins a line, or reaches a terminal unescaped. */
static void hostile(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;

	setenv("KRB5CCNAME", "FILE:/nonexistent/\n[1] 1800000000.000000: forged\x1b[2J\xc2\x9b\x7f", 1);
	begin_trace("hostile");
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	end_trace("hostile");
	gss_release_cred(&minor, &cred);
	well_formed("hostile");
	HAS("Credential cache FILE:/nonexistent/", "forged");
	with_login("cc.tgt");
}

/* Each call reads the environment. */
static void changes(void)
{
	OM_uint32 minor;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	size_t before;

	begin_trace("first");
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	end_trace("first");
	before = length;
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	begin_trace("second");
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	end_trace("second");
	check(length > 0, "nothing in the second file");
	end_trace("first");
	check(length == before && before > 0, "the first file has %lu octets, had %lu", (unsigned long)length,
	    (unsigned long)before);
	setenv("KRB5_TRACE", "", 1);
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	setenv("KRB5_TRACE", "/nonexistent/trace", 1);
	check(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL) ==
	    GSS_S_COMPLETE, "a file that cannot be made harms the call");
	gss_release_cred(&minor, &cred);
	unsetenv("KRB5_TRACE");
}

int main(void)
{
	begin(120);
	exchange();
	live();
	wrong_key();
	failover();
	hostile();
	changes();
	fact("traces: done");
	return end();
}
