/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Children confine themselves before their first call: descriptors closed, another root directory and user, no files to
 * open, no code to map. Contexts continue there, and functions that need no engine work.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <stddef.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#define NOBODY 65534

static struct pair pair;

static int exchange(void)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, pair.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, pair.accept, &token, &message, NULL, NULL) == GSS_S_COMPLETE && same(&text, &message);

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	return ok;
}

/* data counts the functions without an engine that fail. */
static int data(void)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, inner = GSS_C_EMPTY_BUFFER;
	gss_buffer_set_t buffers = GSS_C_NO_BUFFER_SET;
	gss_OID_set set = GSS_C_NO_OID_SET;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor, more = 0;
	int present = 0, n = 0;

	n += gss_encapsulate_token(&text, &krb5_mech, &token) != GSS_S_COMPLETE;
	n += gss_decapsulate_token(&token, &krb5_mech, &inner) != GSS_S_COMPLETE || !same(&text, &inner);
	n += gss_release_buffer(&minor, &token) != GSS_S_COMPLETE;
	n += gss_release_buffer(&minor, &inner) != GSS_S_COMPLETE;
	n += gss_create_empty_oid_set(&minor, &set) != GSS_S_COMPLETE;
	n += gss_add_oid_set_member(&minor, &krb5_mech, &set) != GSS_S_COMPLETE;
	n += gss_test_oid_set_member(&minor, &krb5_mech, set, &present) != GSS_S_COMPLETE || !present;
	n += gss_release_oid_set(&minor, &set) != GSS_S_COMPLETE;
	n += gss_add_buffer_set_member(&minor, &text, &buffers) != GSS_S_COMPLETE;
	n += gss_release_buffer_set(&minor, &buffers) != GSS_S_COMPLETE;
	n += gss_oid_to_str(&minor, &krb5_mech, &token) != GSS_S_COMPLETE;
	n += gss_release_buffer(&minor, &token) != GSS_S_COMPLETE;
	n += gss_display_status(&minor, GSS_S_NO_CONTEXT, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &token) != GSS_S_COMPLETE;
	n += gss_release_buffer(&minor, &token) != GSS_S_COMPLETE;
	n += gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER) != GSS_S_COMPLETE;
	n += gss_release_cred(&minor, &cred) != GSS_S_COMPLETE;
	n += gss_release_name(&minor, &name) != GSS_S_COMPLETE;
	return n;
}

static void close_all(void)
{
	int fd;

	for (fd = 3; fd < 1024; fd++)
		(void)close(fd);
}

/* another_user gives up the rights of root, if the process has them. */
static int another_user(void)
{
	return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static int without_descriptors(void)
{
	close_all();
	return exchange() ? data() : 50;
}

/* A child needs no file: it uses the inherited engine. */
static int as_another_user(void)
{
	if (!another_user())
		return 51;
	return exchange() ? data() : 52;
}

static int without_anything(void)
{
	close_all();
	if (!another_user())
		return 53;
	return exchange() ? data() : 54;
}

/* An empty root directory, without /proc. */
static int elsewhere(void)
{
	if (mkdir(scratch("empty"), 0755) != 0 && errno != EEXIST)
		return 55;
	if (geteuid() != 0)
		return data();
	if (chroot(scratch("empty")) != 0 || chdir("/") != 0)
		return 56;
	close_all();
	if (!another_user())
		return 57;
	return exchange() ? data() : 58;
}

/* A process that makes a call before it enters the sandbox can continue there. */
static int called_before(void)
{
	if (mkdir(scratch("empty"), 0755) != 0 && errno != EEXIST)
		return 63;
	if (!exchange())
		return 64;
	if (geteuid() == 0 && (chroot(scratch("empty")) != 0 || chdir("/") != 0))
		return 65;
	close_all();
	return another_user() && exchange() ? data() : 66;
}

#ifdef __linux__

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
/* deny makes a system call fail; deny_exec only if its third argument contains PROT_EXEC. */
#define deny(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), DENY
#define deny_exec(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 4), LOAD(args[2]), \
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1), DENY, BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* no_files_no_code forbids opening files and mapping code. */
static int no_files_no_code(void)
{
	struct sock_filter filter[] = {
		LOAD(nr),
#ifdef __NR_open
		deny(open),
#endif
		deny(openat),
		deny(memfd_create),
		deny_exec(mmap),
		deny_exec(mprotect),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int filtered(void)
{
	if (!no_files_no_code())
		return 70;
	if (open("/dev/null", O_RDONLY) >= 0)
		return 71;
	return exchange() ? data() : 72;
}

static int filtered_without_descriptors(void)
{
	close_all();
	if (!no_files_no_code())
		return 73;
	return exchange() ? data() : 74;
}

static int filtered_after_a_call(void)
{
	if (!exchange() || !no_files_no_code())
		return 76;
	return exchange() ? data() : 77;
}

#endif

static void in_child(const char *label, int (*f)(void))
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(30);
		status = f();
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	check(status == 0, "%s: status %#x (%d)", label, (unsigned)status, WEXITSTATUS(status));
	fact("%s: done", label);
}

int main(void)
{
	begin(120);
	need_pair(&pair, NULL);
	in_child("all descriptors closed", without_descriptors);
	in_child("another user", as_another_user);
	in_child("another user, all descriptors closed", without_anything);
	in_child("an empty root directory, all descriptors closed", elsewhere);
	in_child("called before", called_before);
#ifdef __linux__
	in_child("no files, no code", filtered);
	in_child("no files, no code, all descriptors closed", filtered_without_descriptors);
	in_child("no files, no code, called before", filtered_after_a_call);
#endif
	check(exchange(), "the parent does not go on");
	return end();
}
