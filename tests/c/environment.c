/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of root that becomes another user keeps its environment. A set-user-ID or set-group-ID program ignores its
 * caller's environment, including KRB5_TRACE, and so do its children.
 */
#define _GNU_SOURCE /* dladdr, setresuid */
#include "harness.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#define NOBODY 65534

static void become_user(void)
{
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		_exit(80);
}

static void become_user_for_a_while(void)
{
	if (setegid(NOBODY) != 0 || seteuid(NOBODY) != 0)
		_exit(80);
}

static void become_user_and_can_go_back(void)
{
	if (setresgid(NOBODY, NOBODY, 0) != 0 || setresuid(NOBODY, NOBODY, 0) != 0)
		_exit(80);
}

static void stay(void)
{
}

/* sees reports whether the library uses the credential cache that the environment names. */
static int sees_environment(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	return GSS_ERROR(major) && says(minor, "chosen-by-the-caller");
}

static int status_of(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* If used is set, the engine runs before the process becomes another user. */
static int after(void (*become)(void), int used)
{
	pid_t pid;

	if (used && !sees_environment())
		return 1;
	become();
	if (!sees_environment())
		return 2;
	pid = fork();
	if (pid == 0)
		_exit(sees_environment() ? 0 : 3);
	return status_of(pid);
}

/* suits tells whether a file system lets programs have the rights of their owners: FreeBSD's /tmp often does not. */
static int suits(const char *directory)
{
	struct statvfs st;

	return statvfs(directory, &st) == 0 && (st.f_flag & ST_NOSUID) == 0;
}

/*
 * run_copy has another user, or group, run a copy of build/bin/set_id that belongs to root, with this mode. directory is
 * that of this program.
 */
static int run_copy(const char *directory, const char *library, const char *name, mode_t mode)
{
	const char *place = suits(scratch(".")) ? scratch(".") : directory;
	char path[1024], copy[1024];
	pid_t pid;
	int status;

	if (!suits(place)) {
		fprintf(stderr, "no file system here lets programs have the rights of their owners\n");
		return 0;
	}
	snprintf(path, sizeof(path), "%s/../set_id", directory);
	snprintf(copy, sizeof(copy), "%s/%s.%ld", place, name, (long)getpid());
	copy_file(path, copy);
	if (chown(copy, 0, 0) != 0 || chmod(copy, mode) != 0 || (place != directory && chmod(place, 0755) != 0))
		return 98;
	pid = fork();
	if (pid == 0) {
		alarm(30);
		/* Other users cannot search the directories above. */
		if (chdir(place) != 0 || setgid(NOBODY) != 0 || ((mode & S_ISUID) != 0 && setuid(NOBODY) != 0))
			_exit(96);
		(void)execl(strrchr(copy, '/') + 1, "set_id", library, (char *)NULL);
		_exit(97);
	}
	status = status_of(pid);
	(void)unlink(copy);
	return status;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*become)(void);
	} ways[] = {
	    {"nothing", stay},
	    {"setuid", become_user},
	    {"seteuid", become_user_for_a_while},
	    {"setresuid", become_user_and_can_go_back},
	};
	Dl_info library;
	char trace[4096], directory[1024], *slash;
	size_t i;
	int used, status;
	void *p;
	OM_uint32 (*function)(OM_uint32 *, gss_cred_id_t *) = gss_release_cred;

	(void)argc;
	begin(120);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	setenv("KRB5CCNAME", "FILE:/nonexistent/chosen-by-the-caller", 1);
	if (geteuid() == 0) {
		for (i = 0; i < COUNT(ways); i++) {
			for (used = 0; used < 2; used++) {
				pid_t pid = fork();

				if (pid == 0) {
					alarm(30);
					_exit(after(ways[i].become, used));
				}
				status = status_of(pid);
				check(status == 0, "%s, the engine %s before: %d", ways[i].name, used ? "runs" : "does not run", status);
			}
		}
		memcpy(&p, &function, sizeof(p));
		if (dladdr(p, &library) == 0 || library.dli_fname[0] != '/')
			return 2;
		snprintf(trace, sizeof(trace), "%s", scratch("trace"));
		setenv("KRB5_TRACE", trace, 1);
		check(sees_environment() && unlink(trace) == 0, "no trace");
		snprintf(directory, sizeof(directory), "%s", argv[0]);
		if ((slash = strrchr(directory, '/')) == NULL)
			return 2;
		*slash = '\0';
		status = run_copy(directory, library.dli_fname, "set-user-id", 04755);
		check(status == 0, "a set-user-ID program: %d", status);
		status = run_copy(directory, library.dli_fname, "set-group-id", 02755);
		check(status == 0, "a set-group-ID program: %d", status);
		check(access(trace, F_OK) != 0, "a trace of a privileged program");
	} else {
		check(sees_environment(), "the environment is ignored");
	}
	fact("whose environment counts: done");
	return end();
}
