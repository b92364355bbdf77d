/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that may no longer open files, in capability mode or by a seccomp(2) filter, can still establish contexts with
 * what it has read before, and export them to the ledger that it has used. Only this library promises that.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __FreeBSD__
#include <sys/capsicum.h>
#endif
#ifdef __linux__
#include <stddef.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define deny(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), DENY
#endif

static int enter_sandbox(void)
{
#if defined(__FreeBSD__)
	return cap_enter() == 0;
#elif defined(__linux__)
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __NR_open
		deny(open),
		deny(stat),
		deny(lstat),
#endif
		deny(openat),
		deny(newfstatat),
		deny(statx),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
	return 0;
#endif
}

/* handed_over exports and imports a context. */
static int handed_over(gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_export_sec_context(&minor, context, &token);
	if (!result_minor("export", major, minor))
		return 0;
	major = gss_import_sec_context(&minor, &token, context);
	gss_release_buffer(&minor, &token);
	return result_minor("import", major, minor);
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, text = buffer("text"), message = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor;
	gss_name_t target;
	struct pair p;

	begin(60);
	pause_for(0.2); /* files that changed recently are read again */
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &o.init_cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	need_pair(&p, &o);
	pause_for(1.2); /* the ticket has been in the cache for a while, and the policy is read again */
	major = gss_init_sec_context(&minor, o.init_cred, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	check(handed_over(&p.init), "before");
	fflush(stdout);
	check(enter_sandbox(), "the sandbox: %s", strerror(errno));
	pause_for(1.2);
	check(open("/dev/null", O_RDONLY) < 0, "files can be opened");
	major = gss_init_sec_context(&minor, o.init_cred, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	need("a new context", major, minor);
	check(major == GSS_S_CONTINUE_NEEDED, "the first token: %s", major_text(major));
	gss_release_buffer(&minor, &token);
	check(handed_over(&p.init), "in the sandbox, initiator");
	check(handed_over(&p.accept), "in the sandbox, acceptor");
	major = gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);
	need("gss_wrap", major, minor);
	major = gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL);
	need("gss_unwrap", major, minor);
	check(same(&text, &message), "another message");
	return end();
}
