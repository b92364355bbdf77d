/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that may not be read or written. Modes mean nothing to root, so that root becomes somebody else first. */
#include "condition.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

/* become runs the program again as another user: the library must not think that it was made so by set-user-ID. */
static void become(char **arguments)
{
	if (getuid() != 0)
		return;
	if (chown(scratch("."), NOBODY, NOBODY) != 0 || chown(scratch("cc"), NOBODY, NOBODY) != 0 ||
	    chown(scratch("cc.tgt"), NOBODY, NOBODY) != 0 || setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 ||
	    setuid(NOBODY) != 0) {
		perror("another user");
		exit(2);
	}
	execv(arguments[0], arguments);
	perror(arguments[0]);
	exit(2);
}

static char path[512];

/* forbidden gives the path of a copy that may not be read. */
static const char *forbidden(const char *from, const char *name)
{
	snprintf(path, sizeof(path), "%s", scratch(name));
	copy_file(strncmp(from, "FILE:", 5) == 0 ? from + 5 : from, path);
	if (chmod(path, 0) != 0)
		perror(path);
	return path;
}

static void readable(void)
{
	struct answer a;

	set("KRB5_CONFIG", "%s", forbidden(plain("KRB5_CONFIG"), "forbidden.conf"));
	a = try_init(SERVICE);
	expect("config-unreadable-initiator", &a, GSS_S_FAILURE, KRB5_CONFIG_CANTOPEN,
	    words("%s|permission denied", path));
	set("KRB5_CONFIG", "%s", path);
	a = accepted();
	expect("config-unreadable-acceptor", &a, GSS_S_FAILURE, KRB5_CONFIG_CANTOPEN,
	    words("%s|permission denied", path));
	set("KRB5_CONFIG", "%s:%s", path, plain("KRB5_CONFIG"));
	a = try_init(SERVICE);
	succeed("config-unreadable-and-a-readable-one", &a);
	set("KRB5CCNAME", "FILE:%s", forbidden(plain("KRB5CCNAME"), "forbidden.cc"));
	a = try_init(SERVICE);
	expect("ccache-unreadable", &a, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, words("%s|permission denied", path));
	set("KRB5_KTNAME", "FILE:%s", forbidden(plain("KRB5_KTNAME"), "forbidden.keytab"));
	a = accepted();
	expect("keytab-unreadable", &a, GSS_S_NO_CRED, 13 /* EACCES */, words("%s|permission denied", path));
	set("KRB5_KTNAME", "FILE:%s", path);
	a = try_acquire(NULL, GSS_C_NO_OID, GSS_C_ACCEPT);
	expect("keytab-unreadable-at-acquire", &a, GSS_S_NO_CRED, 13, words("%s|permission denied", path));
}

/* A ticket that cannot be stored is used all the same. */
static void writable(void)
{
	gss_buffer_desc before, after;
	struct answer a;
	char *cache;

	with_login("cc.tgt");
	cache = getenv("KRB5CCNAME");
	snprintf(path, sizeof(path), "%s", cache + 5);
	if (chmod(path, 0400) != 0)
		perror(path);
	before = get(path);
	set("KRB5CCNAME", "FILE:%s", path);
	a = try_init(SERVICE);
	after = get(path);
	verdict("ccache-read-only-is-not-written", same(&before, &after), "it has changed");
	succeed("ccache-read-only", &a);
	free(before.value);
	free(after.value);

	snprintf(path, sizeof(path), "%s", scratch("readonly"));
	if (mkdir(path, 0500) != 0)
		perror(path);
	set("KRB5RCACHEDIR", "%s", path);
	a = accepted();
	expect("rcache-directory-read-only", &a, GSS_S_FAILURE, ANY_MINOR, words("%s/krb5_|permission denied", path));
	set("KRB5RCACHEDIR", "%s", scratch("rcache"));
	if (mkdir(scratch("rcache"), 0700) != 0)
		perror("rcache");
	snprintf(path, sizeof(path), "%.400s/krb5_%ld.rcache2", scratch("rcache"), (long)geteuid());
	if (close(open(path, O_CREAT | O_WRONLY, 0400)) != 0)
		perror(path);
	a = accepted();
	expect("rcache-read-only", &a, GSS_S_FAILURE, ANY_MINOR, words("%s|permission denied", path));
}

int main(int count, char **arguments)
{
	(void)count;
	become(arguments);
	start(60);
	readable();
	writable();
	return finish(96L << 10);
}
