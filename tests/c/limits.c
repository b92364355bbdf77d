/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * If a process has no descriptor or no memory left, calls fail and say so, and work again when there is room.
 */
#include "harness.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

static int works(void)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;
	struct pair p;
	int ok;

	/* without a name, establish would end the process. */
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

/* fails reports whether a call fails with a text. */
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

/* The library does not change the program's limits. */
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

/* With so many descriptors left, a context is established, or the error text names the cause. */
static int descriptors_left(void)
{
	gss_buffer_desc said = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, more = 0;
	int i, fd, taken[1024], n = 0, done, told;
	struct pair p;

	if (!works())
		return 1;
	with_login("cc.tgt"); /* so that the KDC is asked, too */
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

/* With few descriptors, the engine's own is not above the limit. */
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

/* Either everything works, or a call fails, also in a child of a process in which it has failed. */
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

/* 256 MiB is a common limit for servers, of which the program uses a part. */
static int usual_limit(void)
{
	gss_buffer_desc wrapped, out, message = {1 << 20, NULL};
	size_t own = (size_t)64 << 20;
	OM_uint32 minor;
	struct pair p;
	int i, ok = 1;

	if (mmap(NULL, own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0) == MAP_FAILED)
		return 1;
	set(RLIMIT_AS, (rlim_t)256 << 20);
	message.value = calloc(1, message.length);
	if (message.value == NULL || !establish(&p, NULL))
		return 2;
	for (i = 0; i < 20 && ok; i++) {
		ok = gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, NULL, &wrapped) == GSS_S_COMPLETE &&
		    gss_unwrap(&minor, p.accept, &wrapped, &out, NULL, NULL) == GSS_S_COMPLETE &&
		    out.length == message.length && works();
		gss_release_buffer(&minor, &wrapped);
		gss_release_buffer(&minor, &out);
	}
	release_pair(&p);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%ld MiB of addresses in use, %lu of the program's\n", address_space() >> 20,
		    (unsigned long)(own >> 20));
	return !ok ? 3 : address_space() < (long)own + (150L << 20) ? 0 : 4;
}

/* A file for whose many small parts there is not enough memory, which would end the process. */
static int large_file(void)
{
	static const unsigned char head[] = "\5\4\0\0\0\0\0\1\0\0\0\1\0\0\0\11" REALM "\0\0\0\5" USER;
	enum { size = 24 << 20 };
	unsigned char *text = calloc(1, size);
	FILE *f = fopen(scratch("large"), "wb");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	int i;

	if (text == NULL || f == NULL || !works())
		return 1;
	memcpy(text, head, sizeof(head) - 1);
	if (fwrite(text, 1, size, f) != size || fclose(f) != 0 || setenv("KRB5CCNAME", scratch("large"), 1) != 0)
		return 2;
	free(text);
	set(RLIMIT_AS, (rlim_t)address_space() + ((rlim_t)120 << 20));
	for (i = 0; i < 2; i++) {
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
		if (!GSS_ERROR(major) || !says(minor, "cannot allocate memory"))
			return 3;
	}
	unlink(scratch("large"));
	with_login("cc.tgt");
	return works() ? 0 : 4;
}

static int taken(uintptr_t from, size_t size)
{
	return mmap((void *)from, size, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0) == (void *)from;
}

/* All addresses that the engine prefers for its heap are taken. */
static int heap_elsewhere(void)
{
	return !taken((uintptr_t)1 << 45, (size_t)1 << 45) || works() ? 0 : 1;
}

#ifdef __linux__
/*
 * heap tells where the engine's heap ends, and how large all of its pieces are. Handles lie there, too: they cannot be
 * written to.
 */
static size_t heap(uintptr_t *end)
{
	unsigned long from, to, last = 0;
	size_t size = 0, piece = 0, largest = 0;
	char line[512], mode[5];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || from < 1UL << 44 || to >= 1UL << 46 ||
		    strcmp(mode, "r--p") == 0)
			continue;
		piece = (from == last ? piece : 0) + (to - from);
		if (piece > largest) {
			largest = piece;
			*end = to;
		}
		size += to - from;
		last = to;
	}
	if (maps != NULL)
		fclose(maps);
	return size;
}
#else
static size_t heap(uintptr_t *end)
{
	(void)end;
	return 0;
}
#endif

/* The heap must grow, and the addresses after it are taken. */
static int heap_in_pieces(void)
{
	enum { MANY = 600000 };
	gss_buffer_desc text = buffer("a name with some more octets, so that not too many of them are needed");
	gss_name_t *names = calloc(MANY, sizeof(*names));
	uintptr_t end = 0;
	size_t size;
	OM_uint32 minor;
	int i;

	if (names == NULL || !works())
		return 1;
	size = heap(&end);
	if (end != 0 && !taken(end, 1 << 20))
		return 2;
	for (i = 0; i < MANY; i++)
		if (gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &names[i]) != GSS_S_COMPLETE)
			return 3;
	if (end != 0 && heap(&end) <= size + (8 << 20))
		return 4; /* it has not grown */
	for (i = 0; i < MANY; i++)
		gss_release_name(&minor, &names[i]);
	free(names);
	return works() ? 0 : 5;
}

/*
 * The first call of a user who may not have enough of something says so, and succeeds when there is enough. Root may, so it
 * becomes another user; the engine's file may be out of its reach.
 */
static int short_of(int what, rlim_t value, const char *word)
{
	gss_buffer_desc text = buffer("alice"), said = GSS_C_EMPTY_BUFFER;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, more = 0;
	struct rlimit before;
	int named;

	if (getrlimit(what, &before) != 0)
		return 3;
	set(what, value);
	major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	if (major == GSS_S_COMPLETE)
		return 0;
	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &said) != GSS_S_COMPLETE ||
	    said.length < 6 || name != GSS_C_NO_NAME)
		return 1;
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%.*s\n", (int)said.length, (char *)said.value);
	named = strstr(said.value, word) != NULL;
	if (!named && strstr(said.value, "open the engine") == NULL)
		return 4;
	set(what, before.rlim_cur);
	(void)munlockall();
	major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	return !named || major == GSS_S_COMPLETE ? 0 : 2;
}

static int no_thread(void)
{
	if (getuid() == 0 && setuid(54321) != 0)
		return 0;
	return short_of(RLIMIT_NPROC, 1, "threads");
}

/*
 * The program locks all memory, and little may be locked: too little for the engine's memory, or even for its threads.
 * FreeBSD says no more than that there is no memory.
 */
static int locked_memory(void)
{
	if ((getuid() == 0 && setuid(54321) != 0) || mlockall(MCL_FUTURE) != 0)
		return 0;
	return short_of(RLIMIT_MEMLOCK, room, "RLIMIT_MEMLOCK");
}

static int no_addresses(void)
{
	return short_of(RLIMIT_AS, (rlim_t)address_space() + (4 << 20), "RLIMIT_AS");
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
	room = 4 << 20;
	in_child("4 MiB of locked memory", locked_memory);
	room = 1 << 20;
	in_child("1 MiB of locked memory", locked_memory);
	/* An engine does not fit at first, but from some size on. */
	if (address_space() > 0) {
		in_child("no addresses", no_addresses);
		kind = RLIMIT_AS;
		for (room = 1 << 20; room < (rlim_t)1 << 30; room = room * 3 / 2) {
			snprintf(label, sizeof(label), "%lu KiB of address space", (unsigned long)(room >> 10));
			in_child(label, no_memory);
		}
		/* Little room, or slightly too little, is left beside the engine. */
		for (room = (rlim_t)40 << 20; room < (rlim_t)240 << 20; room += (rlim_t)8 << 20) {
			snprintf(label, sizeof(label), "just %lu MiB of address space", (unsigned long)(room >> 20));
			in_child(label, no_memory);
		}
		in_child("a usual limit", usual_limit);
		in_child("a large file", large_file);
		in_child("the heap elsewhere", heap_elsewhere);
		in_child("a heap in pieces", heap_in_pieces);
	}
	kind = RLIMIT_DATA;
	for (room = 4 << 20; room < (rlim_t)256 << 20; room += 12 << 20) {
		snprintf(label, sizeof(label), "%lu MiB of data", (unsigned long)(room >> 20));
		in_child(label, no_memory);
	}
	return end();
}
