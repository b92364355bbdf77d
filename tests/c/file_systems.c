/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File systems are full or read-only. A ticket that cannot be stored is no reason to fail. A replay cache or ledger that
 * cannot be written is, with a text that names the file, and a context that could not be exported stays usable.
 *
 * On Linux, if the process may mount, this uses a file system of 256 KiB that only the process sees; otherwise a limit on
 * the size of files, which covers only the full case.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

static int mounted;
static char place[1024];

static int mount_place(void)
{
#ifdef __linux__
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("small", place, "tmpfs", 0, "size=256k,mode=0700") == 0;
#else
	return 0;
#endif
}

static void fill(void)
{
	struct rlimit none = { 0, RLIM_INFINITY };
	char octets[4096] = "x", name[1100];
	size_t size = sizeof(octets);
	int fd;

	if (!mounted) {
		if (setrlimit(RLIMIT_FSIZE, &none) != 0)
			exit(2);
		return;
	}
	snprintf(name, sizeof(name), "%s/filler", place);
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
	while (size > 0) {
		if (write(fd, octets, size) <= 0)
			size /= 2;
	}
	close(fd);
}

static void lock(void)
{
#ifdef __linux__
	if (mounted && mount("small", place, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=256k,mode=0700") != 0)
		exit(2);
#endif
}

static int talk(struct pair *p)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, p->init, 1, 0, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, p->accept, &token, &back, NULL, NULL) == GSS_S_COMPLETE && same(&text, &back);

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &back);
	return ok;
}

static int ccache(void (*spoil)(void))
{
	struct options o = { .flags = ALL_FLAGS };
	char name[1100];
	struct pair p;

	snprintf(name, sizeof(name), "%s/cc", place);
	copy_file(scratch("cc.tgt"), name);
	snprintf(name, sizeof(name), "FILE:%s/cc", place);
	setenv("KRB5CCNAME", name, 1);
	if (!mounted) /* the replay cache is a file, too */
		setenv("KRB5RCACHENAME", "none:", 1);
	spoil();
	if (!establish(&p, &o))
		return 1;
	return talk(&p) ? 0 : 2;
}

static int rcache(void (*spoil)(void))
{
	struct options o = { .flags = ALL_FLAGS };
	gss_ctx_id_t half;
	gss_buffer_desc token;
	struct pair p;

	token = first_token(&half, GSS_C_MUTUAL_FLAG); /* the ticket is in the ccache then */
	setenv("KRB5RCACHEDIR", place, 1);
	unsetenv("KRB5RCACHENAME");
	spoil();
	if (establish(&p, &o) || !GSS_ERROR(p.accept_major))
		return 1;
	if (!says(p.accept_minor, place))
		return 2;
	free(token.value);
	return 0;
}

/* export exports many contexts, for which the ledger is created and grows, and returns the last token. */
static int ledger(void (*spoil)(void), int before)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = GSS_S_COMPLETE, minor, ignored;
	char settings[1200];
	struct pair p;
	int i;

	snprintf(settings, sizeof(settings), "[libgssapi]\n\tledger_directory = %s\n", place);
	with_config(settings);
	for (i = 0; i < before; i++) {
		need_pair(&p, NULL);
		need("export", gss_export_sec_context(&minor, &p.accept, &token), minor);
		gss_release_buffer(&minor, &token);
		release_pair(&p);
	}
	need_pair(&p, NULL);
	if (!talk(&p))
		return 1;
	spoil();
	for (i = 0; i < 20000; i++) {
		major = gss_export_sec_context(&minor, &p.accept, &token);
		if (GSS_ERROR(major))
			break;
		if (before == 0)
			return 2;
		gss_release_buffer(&ignored, &token);
		release_pair(&p);
		need_pair(&p, NULL);
	}
	if (GSS_ROUTINE_ERROR(major) != GSS_S_UNAVAILABLE || token.length != 0 || p.accept == GSS_C_NO_CONTEXT)
		return 3;
	if (!says(minor, place) || !says(minor, "ledger_directory"))
		return 4;
	return talk(&p) ? 0 : 5;
}

static int ccache_full(void) { return ccache(fill); }
static int ccache_locked(void) { return ccache(lock); }
static int rcache_full(void) { return rcache(fill); }
static int rcache_locked(void) { return rcache(lock); }
static int ledger_full(void) { return ledger(fill, 0); }
static int ledger_locked(void) { return ledger(lock, 0); }
static int ledger_grows(void) { return ledger(fill, 1); }

static void in_child(const char *label, int (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		mounted = mount_place();
		_exit(body());
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "%s: the status is %#x", label, (unsigned)status);
	fact("%s: done", label);
}


int main(void)
{
	int status = -1;
	pid_t pid;

	begin(160);
	signal(SIGXFSZ, SIG_IGN);
	snprintf(place, sizeof(place), "%s", scratch("place"));
	if (mkdir(place, 0700) != 0)
		return 2;
	pid = fork();
	if (pid == 0)
		_exit(!mount_place());
	waitpid(pid, &status, 0);
	in_child("a ccache on a full file system", ccache_full);
	in_child("a replay cache on a full one", rcache_full);
	in_child("a ledger on a full one", ledger_full);
	if (status != 0) {
		fact("read-only: skipped, this process may not mount");
		return end();
	}
	in_child("a ccache on a read-only one", ccache_locked);
	in_child("a replay cache on a read-only one", rcache_locked);
	in_child("a ledger on a read-only one", ledger_locked);
	in_child("a ledger that is full and cannot grow", ledger_grows);
	return end();
}
