/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of root enters another root directory, gives up its rights, and makes its first call there: without /proc,
 * and with only Kerberos's files, or none.
 */
#define _DEFAULT_SOURCE
#include "harness.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static const char *jail;

static void give_up_rights(void)
{
	int fd;

	if (chroot(jail) != 0 || chdir("/") != 0)
		_exit(80);
	for (fd = 3; fd < 1024; fd++)
		(void)close(fd);
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		_exit(81);
}

/* provide copies a file named by a variable into the jail, and sets the variable to the copy. */
static void provide(const char *variable, const char *name)
{
	const char *value = getenv(variable);
	char path[1024], copy[1024];

	if (value == NULL)
		_exit(82);
	snprintf(path, sizeof(path), "%s", strncmp(value, "FILE:", 5) == 0 ? value + 5 : value);
	snprintf(copy, sizeof(copy), "%s%s", jail, name);
	copy_file(path, copy);
	if (chmod(copy, 0644) != 0 || chown(copy, NOBODY, NOBODY) != 0)
		_exit(83);
	setenv(variable, name, 1);
}

static int contexts(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_desc text = buffer("text"), token, message;
	OM_uint32 minor;
	struct pair p;

	provide("KRB5_CONFIG", "/krb5.conf");
	provide("KRB5CCNAME", "/cc");
	provide("KRB5_KTNAME", "/keytab");
	setenv("KRB5RCACHEDIR", "/", 1);
	if (chmod(jail, 0777) != 0)
		return 1;
	give_up_rights();
	if (!establish(&p, &o))
		return 2;
	if (gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) != GSS_S_COMPLETE ||
	    gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL) != GSS_S_COMPLETE || !same(&text, &message))
		return 3;
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	release_pair(&p);
	return 0;
}

static int no_file(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	gss_name_t name;

	unsetenv("KRB5_CONFIG");
	give_up_rights();
	name = import("alice@" REALM, GSS_C_NT_USER_NAME);
	gss_release_name(&minor, &name);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	return GSS_ERROR(major) && cred == GSS_C_NO_CREDENTIAL && minor != 0 ? 0 : 1;
}

static int in_child(int (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(30);
		_exit(body());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(void)
{
	int status;

	begin(60);
	jail = scratch("jail");
	if (mkdir(jail, 0755) != 0)
		return 2;
	if (geteuid() == 0) {
		status = in_child(no_file);
		check(status == 0, "without a file: the child ends with %#x", status);
		status = in_child(contexts);
		check(status == 0, "contexts: the child ends with %#x", status);
	}
	fact("another root directory: done");
	return end();
}
