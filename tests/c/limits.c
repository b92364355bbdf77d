/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that has no descriptor or no memory left: calls fail and say so, and work again when there is room.
 */
#include "harness.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

static int works(void)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;
	struct pair p;
	int ok;

	/* establish ends the process if it cannot import a name. */
	if (gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name) != GSS_S_COMPLETE)
		return 0;
	gss_release_name(&minor, &name);
	ok = establish(&p, NULL);

	release_pair(&p);
	return ok;
}

static void set(int what, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) != 0)
		exit(2);
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	if (setrlimit(what, &limit) != 0)
		exit(2);
}

static void in_child(const char *label, int (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		_exit(body());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	check(status == 0, "%s: the status is %#x", label, status);
	fact("%s: done", label);
}

/* fails tells whether a call fails, with a text. */
static int fails(void)
{
	gss_buffer_desc text = buffer("alice"), said = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, context = 0;
	int ok;

	major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	if (!GSS_ERROR(major))
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	ok = GSS_ERROR(major) && cred == GSS_C_NO_CREDENTIAL &&
	    gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &context, &said) == GSS_S_COMPLETE &&
	    said.length > 5;
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%.*s\n", (int)said.length, (char *)said.value);
	gss_release_buffer(&ignored, &said);
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
	return ok;
}

/* The program's limits are its own. */
static int limits_stay(void)
{
	static const int kinds[] = { RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_DATA, RLIMIT_AS };
	struct rlimit before[COUNT(kinds)], after;
	unsigned i;
	int changed = 0;

	set(RLIMIT_NOFILE, 200);
	for (i = 0; i < COUNT(kinds); i++)
		getrlimit(kinds[i], &before[i]);
	if (!works())
		return 1;
	for (i = 0; i < COUNT(kinds); i++)
		changed += getrlimit(kinds[i], &after) != 0 || after.rlim_cur != before[i].rlim_cur ||
		    after.rlim_max != before[i].rlim_max;
	return changed != 0 ? 2 : 0;
}

static int no_descriptor_at_first(void)
{
	struct rlimit before;

	getrlimit(RLIMIT_NOFILE, &before);
	set(RLIMIT_NOFILE, 3);
	while (open("/dev/null", O_RDONLY) >= 0)
		continue;
	if (!fails())
		return 1;
	set(RLIMIT_NOFILE, before.rlim_cur);
	return works() ? 0 : 2;
}

static int no_descriptor_later(void)
{
	int i, fd, taken[4096], n = 0;

	if (!works())
		return 1;
	set(RLIMIT_NOFILE, 1024);
	while (n < 4096 && (fd = open("/dev/null", O_RDONLY)) >= 0)
		taken[n++] = fd;
	if (!fails() || works())
		return 2;
	for (i = 0; i < n; i++)
		close(taken[i]);
	return works() ? 0 : 3;
}

static int left;

/* There are so many descriptors left: a context is made, or what is said of its failure names that. */
static int descriptors_left(void)
{
	gss_buffer_desc said = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, more = 0;
	int i, fd, taken[1024], n = 0, done, told;
	struct pair p;

	if (!works())
		return 1;
	with_login("cc.tgt"); /* the KDC is asked, too */
	set(RLIMIT_NOFILE, 256);
	while (n < 1024 && (fd = open("/dev/null", O_RDONLY)) >= 0)
		taken[n++] = fd;
	for (i = 0; i < left && n > 0; i++)
		close(taken[--n]);
	done = establish(&p, NULL);
	told = gss_display_status(&minor, GSS_ERROR(p.init_major) ? p.init_minor : p.accept_minor, GSS_C_MECH_CODE,
	    GSS_C_NO_OID, &more, &said) == GSS_S_COMPLETE && strstr(said.value, "too many open files") != NULL;
	if (!done && getenv("FIGURES") != NULL)
		fprintf(stderr, "%d left: %.*s\n", left, (int)said.length, (char *)said.value);
	gss_release_buffer(&minor, &said);
	release_pair(&p);
	if (!done && !told)
		return 2;
	if (done ? left == 0 : left > 8)
		return 3;
	while (n > 0)
		close(taken[--n]);
	with_login("cc.tgt");
	return works() ? 0 : 4;
}

/* Few descriptors: those that the engine keeps are not above the limit. */
static int few_descriptors(void)
{
	set(RLIMIT_NOFILE, 24);
	return works() ? 0 : 1;
}

static long address_space(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%ld", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static int kind;
static rlim_t room;

/* Either all works, or a call fails, in a child of a process in which it failed, too. */
static int no_memory(void)
{
	pid_t pid;
	int status;

	set(kind, room + (kind == RLIMIT_AS ? (rlim_t)address_space() : 0));
	if (works())
		return 0;
	if (!fails())
		return 1;
	pid = fork();
	if (pid == 0) {
		alarm(30);
		if (!fails())
			_exit(1);
		set(kind, RLIM_INFINITY);
		_exit(works() ? 0 : 2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 2;
	set(kind, RLIM_INFINITY);
	return works() ? 0 : 3;
}

/* A user who may not have more threads. Root may, so it becomes another user; the engine's file may be out of its reach. */
static int no_thread(void)
{
	gss_buffer_desc text = buffer("alice"), said = GSS_C_EMPTY_BUFFER;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, more = 0;
	int threads;

	if (getuid() == 0 && setuid(54321) != 0)
		return 0;
	set(RLIMIT_NPROC, 1);
	major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	if (major == GSS_S_COMPLETE)
		return 0;
	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &said) != GSS_S_COMPLETE ||
	    said.length < 6 || name != GSS_C_NO_NAME)
		return 1;
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%.*s\n", (int)said.length, (char *)said.value);
	threads = strstr(said.value, "threads") != NULL;
	set(RLIMIT_NPROC, RLIM_INFINITY);
	major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	return !threads || major == GSS_S_COMPLETE ? 0 : 2;
}

int main(void)
{
	char label[64];

	begin(160);
	in_child("the limits of the program", limits_stay);
	in_child("no descriptor at the first call", no_descriptor_at_first);
	in_child("no descriptor later", no_descriptor_later);
	for (left = 0; left < 12; left++) {
		snprintf(label, sizeof(label), "%d descriptors left", left);
		in_child(label, descriptors_left);
	}
	in_child("24 descriptors", few_descriptors);
	in_child("no thread", no_thread);
	/* A whole engine does not fit; from some size on it does. */
	if (address_space() > 0) {
		kind = RLIMIT_AS;
		for (room = 1 << 20; room < (rlim_t)3 << 30; room = room * 3 / 2) {
			snprintf(label, sizeof(label), "%lu KiB of address space", (unsigned long)(room >> 10));
			in_child(label, no_memory);
		}
		/* Where what is left beside the engine's own is little, or a little too little. */
		for (room = (rlim_t)1200 << 20; room < (rlim_t)1800 << 20; room += (rlim_t)40 << 20) {
			snprintf(label, sizeof(label), "just %lu MiB of address space", (unsigned long)(room >> 20));
			in_child(label, no_memory);
		}
	}
	kind = RLIMIT_DATA;
	for (room = 4 << 20; room < (rlim_t)256 << 20; room += 12 << 20) {
		snprintf(label, sizeof(label), "%lu MiB of data", (unsigned long)(room >> 20));
		in_child(label, no_memory);
	}
	return end();
}
