/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss_get_name_attribute: what the KDC says about a client in its ticket, if it signed it for the service; in a child of the
 * acceptor, too. Pointers that are missing.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>
#include <sys/wait.h>
#include <unistd.h>

static gss_buffer_desc text(const char *s)
{
	gss_buffer_desc b = { strlen(s), (void *)s };

	return b;
}

/* values prints the values of an attribute, but not those that differ from run to run. */
static void values(const char *label, gss_name_t name, const char *attribute, int shown)
{
	gss_buffer_desc attr = text(attribute), value, display;
	int authenticated, complete, more = -1;
	OM_uint32 major, minor;

	do {
		authenticated = complete = 77;
		value = display = text("dirt");
		major = gss_get_name_attribute(&minor, name, &attr, &authenticated, &complete, &value, &display, &more);
		if (GSS_ERROR(major)) {
			fact("%s, %s: %s, more %d", label, attribute, major_text(major), more > 0);
			return;
		}
		fact("%s, %s: %s, authenticated %d, complete %d, more %d, %s, display %zu octets", label, attribute, major_text(major),
		    authenticated, complete, more, shown ? quoted(&value) : value.length > 0 ? "octets" : "none", display.length);
		gss_release_buffer(&minor, &value);
		gss_release_buffer(&minor, &display);
	} while (more > 0);
}

static void all(const char *label, gss_name_t name)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	char attribute[100];
	OM_uint32 minor;
	size_t i;

	result(label, gss_inquire_name(&minor, name, NULL, NULL, &set));
	if (set == GSS_C_NO_BUFFER_SET) {
		fact("%s: no set", label);
		return;
	}
	for (i = 0; i < set->count; i++) {
		snprintf(attribute, sizeof(attribute), "%.*s", (int)set->elements[i].length, (char *)set->elements[i].value);
		values(label, name, attribute, strstr(attribute, "logon") != NULL || strstr(attribute, "auth-") != NULL);
	}
	gss_release_buffer_set(&minor, &set);
}

static void with(const char *service, gss_OID mech)
{
	struct options o = { .flags = ALL_FLAGS, .target = service, .mech = mech };
	char label[100];
	struct pair p;

	need_pair(&p, &o);
	snprintf(label, sizeof(label), "%s, %s", service, mech == &spnego_mech ? "SPNEGO" : "krb5");
	all(label, p.source);
	release_pair(&p);
}

/* pointers calls the function without each of its pointers. */
static void pointers(gss_name_t name)
{
	gss_buffer_desc attr = text("auth-indicators"), none = { 4, NULL };
	OM_uint32 minor;
	int more = -1;

	result("nothing but the name and the attribute", gss_get_name_attribute(&minor, name, &attr, NULL, NULL, NULL, NULL, &more));
	more = -1;
	result("no minor code", gss_get_name_attribute(NULL, name, &attr, NULL, NULL, NULL, NULL, &more));
	result("no more", gss_get_name_attribute(&minor, name, &attr, NULL, NULL, NULL, NULL, NULL));
	more = -1;
	result("no name", gss_get_name_attribute(&minor, GSS_C_NO_NAME, &attr, NULL, NULL, NULL, NULL, &more));
	more = -1;
	result("no attribute", gss_get_name_attribute(&minor, name, GSS_C_NO_BUFFER, NULL, NULL, NULL, NULL, &more));
	more = -1;
	result("an attribute without octets", gss_get_name_attribute(&minor, name, &none, NULL, NULL, NULL, NULL, &more));
#ifndef PEER_MIT /* 1.20 reads beyond its list */
	more = 1000000;
	check(gss_get_name_attribute(&minor, name, &attr, NULL, NULL, NULL, NULL, &more) == GSS_S_UNAVAILABLE && more == 0,
	    "there is a value that is not there");
#endif
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS, .target = "attested@localhost" };
	struct pair p;
	int status;
	pid_t pid;

	begin(60);
	with("attested@localhost", &krb5_mech);
	with("attested@localhost", &spnego_mech);
	with("falsely@localhost", &krb5_mech);
	with(SERVICE, &krb5_mech);
	need_pair(&p, &o);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		all("in a child", p.source);
		fflush(stdout);
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && status == 0, "the child failed");
	pointers(p.source);
	release_pair(&p);
	return end();
}
