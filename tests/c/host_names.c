/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host-based names become principals by the names of hosts from getaddrinfo(3) and getnameinfo(3), and by the rules of
 * krb5.conf. The program has both functions itself: they know a few hosts and use no network.
 */
#include "harness.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <dlfcn.h>
#include <strings.h>

static int asked;

static const struct host {
	const char *name, *canonical, *address, *reverse;
} hosts[] = {
	{ "server", HOST, "127.0.0.5", HOST },
	{ HOST, HOST, "127.0.0.5", HOST },
	{ "alias.demo.test", HOST, "127.0.0.5", HOST },
	{ "www.demo.test", "Web.Demo.Test.", "127.0.0.6", "Node6.demo.test." },
	{ "127.0.0.5", "127.0.0.5", "127.0.0.5", HOST },
	{ "127.0.0.9", "127.0.0.9", "127.0.0.9", NULL },
	{ "nameless.demo.test", "nameless.demo.test", "127.0.0.9", NULL },
	{ "::1", "::1", "::1", "six.demo.test" },
	{ "::2", "::2", "::2", NULL },
	{ "chain.demo.test", "end.other.test", "127.0.0.7", NULL },
};

/* numeric lets the C library create the list, because freeaddrinfo(3) frees it. */
static int numeric(const char *address, struct addrinfo *hints, struct addrinfo **list)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	hints->ai_flags |= AI_NUMERICHOST | AI_CANONNAME;
	return next(address, NULL, hints, list);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	struct addrinfo mine;
	char address[64];
	size_t i;

	if (service != NULL || (hints != NULL && hints->ai_flags & AI_NUMERICHOST)) { /* for a KDC */
		int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

		*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
		return next(node, service, hints, list);
	}
	asked++;
	memset(&mine, 0, sizeof(mine));
	if (hints != NULL)
		mine = *hints;
	for (i = 0; i < COUNT(hosts); i++) {
		if (strcasecmp(node, hosts[i].name) == 0) {
			snprintf(address, sizeof(address), "%s", hosts[i].address);
			if (numeric(address, &mine, list) != 0)
				return EAI_FAIL;
			free((*list)->ai_canonname);
			(*list)->ai_canonname = strdup(hosts[i].canonical);
			return 0;
		}
	}
	return EAI_NONAME;
}

#ifdef __FreeBSD__
typedef size_t text_size;
#else
typedef socklen_t text_size;
#endif

int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, text_size size, char *service,
    text_size service_size, int flags)
{
	char text[INET6_ADDRSTRLEN] = "";
	size_t i;

	(void)length;
	(void)service;
	(void)service_size;
	if (!(flags & NI_NAMEREQD))
		return EAI_FAIL;
	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof(text));
	for (i = 0; i < COUNT(hosts); i++) {
		if (strcmp(text, hosts[i].address) == 0 && hosts[i].reverse != NULL) {
			snprintf(host, size, "%s", hosts[i].reverse);
			return 0;
		}
	}
	return EAI_NONAME;
}

static void show(const char *label, const char *text)
{
	gss_name_t name = import(text, GSS_C_NT_HOSTBASED_SERVICE), canonical = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &canonical);
	if (GSS_ERROR(major))
		fact("%s, %s: %s", label, text, major_text(major));
	else
		fact("%s, %s: %s", label, text, name_text(canonical));
	gss_release_name(&minor, &canonical);
	gss_release_name(&minor, &name);
}

static void names(const char *label, const char *settings)
{
	static const char *const texts[] = {
		"host@server", "host@SERVER", "host@alias.demo.test", "host@www.demo.test", "host@WWW.Demo.Test",
		"host@unknown.demo.test", "host@Unknown.Demo.Test.", "host@unknown.demo.test..", "host@unknown", "host@unknown.",
		"host@chain.demo.test", "host@nameless.demo.test", "host@unknown.nowhere.test",
		"host@127.0.0.5", "host@127.0.0.9", "host@127.0.0.10", "host@::1", "host@::2",
		"MSSQLSvc@server:1433", "MSSQLSvc@WWW.demo.test:Instance", "MSSQLSvc@Unknown:1433", "MSSQLSvc@127.0.0.5:1433",
		"MSSQLSvc@unknown.demo.test:", "MSSQLSvc@unknown.demo.test:1:2", "MSSQLSvc@:1433",
	};
	char config[512];
	size_t i;

	snprintf(config, sizeof(config), "[libdefaults]\n%s\tqualify_shortname = short.demo.test\n[domain_realm]\n"
	    "\tnode6.demo.test = NODE.TEST\n\tserver.demo.test:1433 = WRONG.TEST\n", settings);
	with_config(config);
	for (i = 0; i < COUNT(texts); i++)
		show(label, texts[i]);
}

/* initiate prints whether there is a ticket, and whether the acceptor accepts it. */
static void initiate(const char *label, const char *target, const char *acceptor)
{
	struct options o;
	struct pair p;
	OM_uint32 major, minor;
	gss_name_t name = import(acceptor, GSS_C_NT_HOSTBASED_SERVICE);

	memset(&o, 0, sizeof(o));
	o.target = target;
	o.flags = GSS_C_MUTUAL_FLAG;
	with_login("cc.tgt");
	major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &o.accept_cred, NULL, NULL);
	fact("%s, acceptor %s: %s", label, acceptor, major_text(major));
	if (!GSS_ERROR(major)) {
		gss_name_t of = GSS_C_NO_NAME;

		gss_inquire_cred(&minor, o.accept_cred, &of, NULL, NULL, NULL);
		fact("%s, acceptor %s is called: %s", label, acceptor, name_text(of));
		gss_release_name(&minor, &of);
	}
	establish(&p, &o);
	fact("%s, %s to %s: %s, %s", label, target, acceptor, major_text(p.init_major),
	    GSS_ERROR(p.init_major) ? "-" : major_text(p.accept_major));
	release_pair(&p);
	gss_release_cred(&minor, &o.accept_cred);
	gss_release_name(&minor, &name);
}

static void fallback(const char *label, const char *mode)
{
	char config[512];

	snprintf(config, sizeof(config), "[libdefaults]\n\tqualify_shortname = demo.test\n\tdns_canonicalize_hostname = %s\n",
	    mode);
	with_config(config);
	initiate(label, "host@" HOST, "host@" HOST);
	initiate(label, "host@alias.demo.test", "host@" HOST);
	initiate(label, "host@Alias.demo.test", "host@alias.demo.test");
	initiate(label, "host@server", "host@Server");
	initiate(label, "host@www.demo.test", "host@www.demo.test");
	initiate(label, "host@unknown.demo.test", "host@unknown.demo.test");
}

int main(void)
{
	begin(120);
	names("defaults", "\trdns = true\n\tdns_canonicalize_hostname = true\n");
	names("rdns off", "\trdns = false\n\tdns_canonicalize_hostname = true\n");
	names("off", "\tdns_canonicalize_hostname = false\n");
	names("fallback", "\tdns_canonicalize_hostname = fallback\n");
	names("short", "\tdns_canonicalize_hostname = false\n\tqualify_shortname = \"\"\n");
	fallback("fallback", "fallback");
	fallback("true", "true");
	fallback("false", "false");

	/* A name that the KDC knows as given is not looked up. */
	with_config("[libdefaults]\n\tdns_canonicalize_hostname = fallback\n");
	with_login("cc.tgt");
	asked = 0;
	{
		gss_ctx_id_t context = GSS_C_NO_CONTEXT;
		gss_buffer_desc token = first_token(&context, 0);
		OM_uint32 minor;

		gss_release_buffer(&minor, &token);
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	}
	fact("questions for a name that the KDC knows: %d", asked);
	return end();
}
