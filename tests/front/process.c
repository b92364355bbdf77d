/* SPDX-License-Identifier: BSD-2-Clause */

/* The life of the engine in a process and in its children. The argument names the engine's file, to be removed. */

#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "check.h"
#include "child.h"

#include <gssapi/gssapi_krb5.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

static volatile sig_atomic_t faults;

static void
handler(int signal)
{
	(void)signal;
	faults++;
}

/* instance calls the engine and returns how many calls this instance has had, or 0 if it is not this process's. */
static OM_uint32
instance(void)
{
	OM_uint32 minor, rec = 0;
	OM_uint32 major = gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec);

	if (GSS_ERROR(major)) {
		gss_buffer_desc text = {0, NULL};
		OM_uint32 context = 0;

		(void)gss_display_status(&minor, minor, GSS_C_MECH_CODE, NULL, &context, &text);
		fprintf(stderr, "  the engine fails: %s\n", text.length != 0 ? (char *)text.value : "");
		return 0;
	}
	return rec >= 1000 && rec < 2000 ? rec - 1000 : 0;
}

static void
first_load(void)
{
	sigset_t mask, after;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 minor;
	int blocked = 0;

	(void)signal(SIGSEGV, handler);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	errno = 4711;
	CHECK(instance() == 1);
	CHECK(errno == 4711);
	(void)sigprocmask(SIG_SETMASK, NULL, &after);
	CHECK(sigismember(&after, SIGUSR1) == 1 && sigismember(&after, SIGINT) == 0);
	CHECK(raise(SIGSEGV) == 0 && faults == 1);
	CHECK(gss_inquire_context(&minor, GSS_C_NO_CONTEXT, NULL, NULL, NULL, &mech, NULL, NULL, &blocked) == GSS_S_COMPLETE);
	CHECK(blocked == 1);
	CHECK(mech == gss_mech_krb5);
	CHECK(instance() == 2);
}

/* in_child runs body in a child. A failure there is a failure here. */
#define in_child(body) \
	do { \
		pid_t pid = fork(); \
		if (pid == 0) { \
			failures = 0; \
			body; \
			_exit(failures != 0); \
		} \
		CHECK(pid > 0 && ends_well(pid)); \
	} while (0)

/* generations makes a chain of children, each of which makes a call. */
static void
generations(int n)
{
	CHECK(instance() == 1);
	faults = 0;
	CHECK(raise(SIGSEGV) == 0 && faults == 1);
	if (n > 1)
		in_child(generations(n - 1));
	CHECK(instance() == 2);
}

static void
without_descriptors(void)
{
	int fd;

	for (fd = 3; fd < 256; fd++)
		(void)close(fd);
	CHECK(instance() == 1);
}

/* The number of the kept descriptor may refer to another file by now. */
static void
with_other_descriptors(void)
{
	int fd, null = open("/dev/null", O_RDONLY);

	for (fd = 3; fd < 256; fd++)
		(void)dup2(null, fd);
	CHECK(instance() == 1);
}

/* The descriptor is closed in programs that are executed. */
static void
close_on_exec(void)
{
	int fd;

	for (fd = 3; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		CHECK(flags < 0 || (flags & FD_CLOEXEC) != 0);
	}
}

int
main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return 2;
	CHECK(chdir("/") == 0);
	for (i = 3; i < 256; i++)
		(void)close(i); /* descriptors that the caller left open */
	first_load();
	close_on_exec();
	for (i = 0; i < 20; i++)
		in_child(CHECK(instance() == 1));
	in_child(generations(12));
	in_child(without_descriptors());
	in_child(with_other_descriptors());
#ifdef __linux__
	/* No handler of pthread_atfork(3) runs for this one. */
	{
		pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		if (pid == 0) {
			failures = 0;
			CHECK(instance() == 1);
			_exit(failures != 0);
		}
		CHECK(pid > 0 && ends_well(pid));
	}
#endif
	CHECK(unlink(argv[1]) == 0);
	in_child(CHECK(instance() == 1));
	CHECK(instance() == 3);
	return finish("process");
}
