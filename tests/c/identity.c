/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files are opened with the present identity of the calling thread, also in calls that wait for a KDC, and the environment
 * is read in each call. Only root can change its identity, so other users run only the second part.
 */
#define _GNU_SOURCE /* syscall */
#include "harness.h"

#include <sys/stat.h>

#include <pthread.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#define NOBODY 65534

/* acquires reports whether the calling thread can read the credential cache; ticket, whether it obtains a ticket with it. */
static int acquires(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	return major == GSS_S_COMPLETE;
}

static int ticket(const char *service)
{
	gss_name_t target = import(service, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_name(&minor, &target);
	return major == GSS_S_CONTINUE_NEEDED;
}

static void effective(void)
{
	check(acquires(), "root cannot read its cache");
	if (seteuid(NOBODY) != 0)
		exit(2);
	check(!acquires(), "another user can read root's cache");
	if (seteuid(0) != 0)
		exit(2);
	check(acquires(), "root cannot read its cache again");
	fact("seteuid: done");
}

#ifdef __linux__
/* On Linux a thread can have an identity of its own. */
static volatile int stop;

static void *as_nobody(void *result)
{
	int *allowed = result;

	if (syscall(SYS_setresuid, -1, NOBODY, -1) != 0)
		exit(2);
	while (!stop)
		*allowed += acquires();
	if (syscall(SYS_setresuid, -1, 0, -1) != 0)
		exit(2);
	*allowed += acquires() ? 0 : 1000;
	return NULL;
}

static void of_a_thread(void)
{
	pthread_t threads[4];
	int allowed[4] = {0, 0, 0, 0}, i, n = 0;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, as_nobody, &allowed[i]);
	for (i = 0; i < 2000; i++)
		n += acquires();
	stop = 1;
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		check(allowed[i] == 0, "a thread of another user: %d", allowed[i]);
	}
	check(n == 2000, "root could read its cache %d times of 2000", n);
	fact("threads: done");
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* A ticket obtained over the network is stored by the thread that requested it. */
static void *ticket_as_owner(void *result)
{
	if (syscall(SYS_setresuid, -1, NOBODY, -1) != 0)
		exit(2);
	*(int *)result = ticket(SERVICE);
	return NULL;
}

/* A thread's trace is written with its rights, including the results of its network requests. */
static void *traced_as_nobody(void *ignored)
{
	if (syscall(SYS_setresuid, -1, NOBODY, -1) != 0)
		exit(2);
	check(ticket("demo@" HOST), "no ticket");
	return ignored;
}

static void untraced_as_nobody(const char *trace)
{
	pthread_t thread;

	if (truncate(trace, 0) != 0)
		exit(2);
	pthread_create(&thread, NULL, traced_as_nobody, NULL);
	pthread_join(thread, NULL);
	check(size_of(trace) == 0, "a trace of %ld octets in root's file", (long)size_of(trace));
}

/* Of the engine's own threads, some have root's rights and some those of the thread that made them. */
static void traced(void)
{
	const char *trace = scratch("trace");
	char line[1024] = "";
	FILE *f = fopen(trace, "w");

	if (f == NULL || fclose(f) != 0 || chmod(trace, 0600) != 0)
		exit(2);
	setenv("KRB5_TRACE", trace, 1);
	untraced_as_nobody(trace);
	check(ticket("aes17@localhost"), "root has no ticket");
	if ((f = fopen(trace, "r")) == NULL)
		exit(2);
	while (strstr(line, "Sending ") == NULL && fgets(line, sizeof(line), f) != NULL)
		continue;
	check(!feof(f), "root's trace does not say what was sent");
	fclose(f);
	untraced_as_nobody(trace);
	unsetenv("KRB5_TRACE");
	fact("traces of a thread: done");
}

static void stored(void)
{
	const char *cache = scratch("cc.nobody");
	pthread_t thread;
	int got = 0;
	off_t before;

	copy_file(scratch("cc.tgt"), cache);
	/* The configuration is in a directory next to ours. */
	if (chown(cache, NOBODY, NOBODY) != 0 || chmod(cache, 0600) != 0 || chmod(getenv("TEST_DIR"), 0755) != 0 ||
	    chmod(scratch(".."), 0755) != 0 || chmod(scratch("../realm"), 0755) != 0)
		exit(2);
	setenv("KRB5CCNAME", cache, 1);
	before = size_of(cache);
	pthread_create(&thread, NULL, ticket_as_owner, &got);
	pthread_join(thread, NULL);
	check(got, "the owner of a cache got no ticket");
	check(size_of(cache) > before, "the owner's ticket was not stored");
	fact("a ticket that is stored: done");
}
#else
static void of_a_thread(void) { fact("threads: done"); }
static void stored(void) { fact("a ticket that is stored: done"); }
static void traced(void) { fact("traces of a thread: done"); }
#endif

static void environment(void)
{
	setenv("KRB5CCNAME", "FILE:/nonexistent/cc", 1);
	check(!acquires(), "KRB5CCNAME was not looked at");
	setenv("KRB5CCNAME", scratch("cc.tgt"), 1);
	check(acquires(), "KRB5CCNAME was not looked at again");
	setenv("KRB5_CONFIG", "/nonexistent/krb5.conf", 1);
	check(!ticket("nothing@nowhere.test"), "KRB5_CONFIG was not looked at");
	fact("the environment: done");
}

int main(void)
{
	begin(100);
	if (geteuid() == 0) {
		effective();
		of_a_thread();
		stored();
		traced();
	}
	environment();
	return end();
}
