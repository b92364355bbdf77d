/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles point to 16 octets, because some programs read the structures of other libraries: handles of every kind, from
 * every function that gives one, in children and threads, after many were created and released. Each handle has octets of
 * its own, which stay the same and cannot be written. A stale handle gets an error. Only this library promises that.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define OCTETS 16

struct handle {
	const char *what;
	const void *address;
	unsigned char octets[OCTETS];
};

static struct handle all[64];
static size_t count;
static gss_ctx_id_t stale_context;
static gss_name_t stale_name;
static gss_cred_id_t stale_cred;

/* The kernel can read and write at any address, and reports whether it succeeded. */
static int can_be_read(const void *address, unsigned char octets[OCTETS])
{
	int fds[2], ok;

	if (pipe(fds) != 0)
		exit(2);
	ok = write(fds[1], address, OCTETS) == OCTETS && read(fds[0], octets, OCTETS) == OCTETS;
	close(fds[0]);
	close(fds[1]);
	return ok;
}

static int can_be_written(const void *address)
{
	int fd = open("/dev/zero", O_RDONLY), ok;

	if (fd < 0)
		exit(2);
	errno = 0;
	ok = read(fd, (void *)(size_t)address, 1) == 1 || errno != EFAULT;
	close(fd);
	return ok;
}

static void add(const char *what, const void *address)
{
	static const unsigned char zeros[OCTETS];
	struct handle *h = &all[count];
	size_t i;

	if (count == COUNT(all))
		exit(2);
	h->what = what;
	h->address = address;
	check(address != NULL, "%s: none", what);
	check(can_be_read(address, h->octets), "%s cannot be read", what);
	check(!can_be_written(address), "%s can be written", what);
	check(memcmp(h->octets, zeros, OCTETS) != 0, "%s: zeros", what);
	for (i = 0; i < count; i++)
		check(all[i].address != address && memcmp(all[i].octets, h->octets, OCTETS) != 0, "%s is %s", what, all[i].what);
	count++;
}

/* still_there reads the octets of all handles, as a program would. */
static void still_there(const char *when)
{
	unsigned char copy[OCTETS];
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(copy, all[i].address, OCTETS);
		check(memcmp(copy, all[i].octets, OCTETS) == 0, "%s: %s is another", when, all[i].what);
		check(!can_be_written(all[i].address), "%s: %s can be written", when, all[i].what);
	}
	fact("%s: done", when);
}

static void find_nothing(const char *when)
{
	gss_ctx_id_t context = stale_context;
	gss_cred_id_t cred = stale_cred;
	gss_name_t name = stale_name;
	OM_uint32 major, minor;

	major = gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	check(major == GSS_S_NO_CONTEXT, "%s: a stale context: %s", when, major_text(major));
	major = gss_release_cred(&minor, &cred);
	check(major == GSS_S_NO_CRED, "%s: a stale credential: %s", when, major_text(major));
	major = gss_release_name(&minor, &name);
	check(major == GSS_S_BAD_NAME, "%s: a stale name: %s", when, major_text(major));
}

static void add_names(void)
{
	gss_name_t user = import(USER, GSS_C_NT_USER_NAME), other = GSS_C_NO_NAME;
	OM_uint32 minor;

	add("an imported name", user);
	need("gss_canonicalize_name", gss_canonicalize_name(&minor, user, &krb5_mech, &other), minor);
	add("a canonical name", other);
	need("gss_duplicate_name", gss_duplicate_name(&minor, user, &other), minor);
	add("a duplicate", other);
	stale_name = import(USER, GSS_C_NT_USER_NAME);
	other = stale_name;
	gss_release_name(&minor, &other);
}

static void add_credentials(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, other = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	add("a credential", cred);
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, NULL, &other, NULL, NULL);
	need("gss_acquire_cred_from", major, minor);
	add("an acceptor's credential", other);
	major = gss_add_cred(&minor, GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE, 0, 0, &other, NULL, NULL,
	    NULL);
	need("gss_add_cred", major, minor);
	add("an added credential", other);
	need("gss_inquire_cred", gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL), minor);
	add("a credential's name", name);
	major = gss_inquire_cred_by_mech(&minor, cred, &krb5_mech, &name, NULL, NULL, NULL);
	need("gss_inquire_cred_by_mech", major, minor);
	add("a credential's name by mechanism", name);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &stale_cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	other = stale_cred;
	gss_release_cred(&minor, &other);
}

static void add_contexts(void)
{
	struct options krb5 = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	struct options spnego = { .flags = ALL_FLAGS, .mech = &spnego_mech };
	struct pair p;
	gss_ctx_id_t half, moved = GSS_C_NO_CONTEXT;
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_buffer_desc token;
	OM_uint32 major, minor;

	token = first_token(&half, ALL_FLAGS);
	gss_release_buffer(&minor, &token);
	add("a half-open context", half);
	need_pair(&p, &spnego);
	add("SPNEGO's initiator", p.init);
	add("SPNEGO's acceptor", p.accept);
	need_pair(&p, &krb5);
	add("an initiator", p.init);
	add("an acceptor", p.accept);
	add("the client's name", p.source);
	add("the delegated credential", p.delegated);
	major = gss_inquire_context(&minor, p.init, &source, &target, NULL, NULL, NULL, NULL, NULL);
	need("gss_inquire_context", major, minor);
	add("a context's source", source);
	add("a context's target", target);
	need_pair(&p, NULL);
	stale_context = p.accept;
	need("gss_export_sec_context", gss_export_sec_context(&minor, &p.accept, &token), minor);
	need("gss_import_sec_context", gss_import_sec_context(&minor, &token, &moved), minor);
	add("an imported context", moved);
	gss_release_buffer(&minor, &token);
}

/* mapped counts the pages of handles and their mappings, which are read-only and anonymous. Only Linux tells. */
static long mapped(long *pages)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long from, to, inode;
	char line[512], access[8];
	long n = 0;

	*pages = 0;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%lx %7s %*s %*s %lu", &from, &to, access, &inode) == 4 && inode == 0 &&
		    strcmp(access, "r--p") == 0 && strchr(line, '[') == NULL) {
			n++;
			*pages += (long)(to - from) / 4096;
		}
	if (f != NULL)
		fclose(f);
	return n;
}

/* Names are created and released; one in three hundred stays for a while. */
static void come_and_go(long number)
{
	gss_name_t *stay = calloc((size_t)number / 300 + 1, sizeof(*stay)), name;
	unsigned char octets[OCTETS];
	OM_uint32 minor;
	long i, n = 0, pages_before, pages, before = mapped(&pages_before), more;

	for (i = 0; i < number; i++) {
		name = import(USER, GSS_C_NT_USER_NAME);
		memcpy(octets, (const void *)name, OCTETS);
		if (i % 300 == 0)
			stay[n++] = name;
		else
			gss_release_name(&minor, &name);
	}
#ifdef __linux__
	check(before >= 3, "%ld mappings for three kinds", before);
#endif
	more = mapped(&pages) - before;
	check(more <= n && pages - pages_before <= n, "%ld mappings and %ld pages more with %ld scattered names", more,
	    pages - pages_before, n);
	while (n > 0) {
		check(can_be_read(stay[--n], octets), "a name that stayed cannot be read");
		check(gss_release_name(&minor, &stay[n]) == GSS_S_COMPLETE, "a name that stayed is dead");
	}
	more = mapped(&pages) - before;
	check(more <= 1 && pages - pages_before <= 1, "%ld mappings and %ld pages more when they have gone", more,
	    pages - pages_before);
	free(stay);
	fact("many came and went: done");
}

static void *of_threads(void *ignored)
{
	gss_name_t name;
	OM_uint32 minor;
	int i;

	for (i = 0; i < 3000; i++) {
		unsigned char octets[OCTETS], again[OCTETS];

		name = import(USER, GSS_C_NT_USER_NAME);
		memcpy(octets, (const void *)name, OCTETS);
		memcpy(again, (const void *)name, OCTETS);
		if (memcmp(octets, again, OCTETS) != 0 || gss_release_name(&minor, &name) != GSS_S_COMPLETE)
			return &count;
	}
	return ignored;
}

static void threads(void)
{
	pthread_t t[4];
	void *result;
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, of_threads, NULL) != 0)
			exit(2);
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &result);
		check(result == NULL, "a thread found another name than its own");
	}
	fact("threads: done");
}

/* in_child does the same in a child with handles of its own, and in its child. */
static void in_child(int generation)
{
	const char *when = generation == 1 ? "in a child" : "in a grandchild";
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		still_there(when);
		find_nothing(when);
		add(when, import(USER, GSS_C_NT_USER_NAME));
		threads();
		still_there(when);
		find_nothing(when);
		if (generation < 2)
			in_child(generation + 1);
		_exit(end());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	check(status == 0, "%s: status %#x", when, (unsigned)status);
}

int main(void)
{
	begin(170);
	add_names();
	add_credentials();
	add_contexts();
	still_there("at first");
	find_nothing("at first");
	in_child(1);
	come_and_go(100000);
	still_there("after many");
	find_nothing("after many");
	threads();
	in_child(1);
	still_there("at last");
	return end();
}
