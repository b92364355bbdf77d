/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A timer's handler leaves calls that may wait by siglongjmp(3), at any moment. Messages can be exchanged in between,
 * nothing is left behind, and the next call of the thread works.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/time.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static sigjmp_buf place;

static void leave(int number)
{
	(void)number;
	siglongjmp(place, 1);
}

static void set_timer(long microseconds)
{
	struct itimerval t = {{0, 0}, {0, 0}};

	t.it_value.tv_usec = microseconds;
	setitimer(ITIMER_REAL, &t, NULL);
}

/* The inputs and outputs of a call. They are static, because the outputs of a call that was left count, too. */
static struct {
	gss_name_t target, name;
	gss_ctx_id_t context;
	gss_cred_id_t cred, delegated;
	gss_buffer_desc input, output;
	OM_uint32 major, minor;
} a;

/* release_outputs is what a program does after each call, whether it was left or not. */
static void release_outputs(void)
{
	OM_uint32 minor;

	gss_delete_sec_context(&minor, &a.context, GSS_C_NO_BUFFER);
	gss_release_cred(&minor, &a.cred);
	gss_release_cred(&minor, &a.delegated);
	gss_release_name(&minor, &a.name);
	gss_release_buffer(&minor, &a.output);
}

static void nothing_before(void) { }

/* The ticket is not in the cache, so the KDC is asked for it. */
static void without_ticket(void)
{
	copy_file(scratch("cc.tgt"), scratch("cc"));
}

static void init(void)
{
	a.major = gss_init_sec_context(&a.minor, GSS_C_NO_CREDENTIAL, &a.context, a.target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG,
	    0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &a.output, NULL, NULL);
}

static void init_spnego(void)
{
	a.major = gss_init_sec_context(&a.minor, GSS_C_NO_CREDENTIAL, &a.context, a.target, &spnego_mech, GSS_C_MUTUAL_FLAG,
	    0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &a.output, NULL, NULL);
}

static void a_token(void)
{
	gss_ctx_id_t context;
	OM_uint32 minor;

	gss_release_buffer(&minor, &a.input);
	a.input = first_token(&context, GSS_C_MUTUAL_FLAG);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

static void accept(void)
{
	a.major = gss_accept_sec_context(&a.minor, &a.context, GSS_C_NO_CREDENTIAL, &a.input, GSS_C_NO_CHANNEL_BINDINGS,
	    &a.name, NULL, &a.output, NULL, NULL, &a.delegated);
}

static void acquire(void)
{
	a.major = gss_acquire_cred(&a.minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_BOTH, &a.cred, NULL,
	    NULL);
}

static void store(void)
{
	char cache[1024];
	gss_key_value_element_desc element = {"ccache", cache};
	gss_key_value_set_desc set = {1, &element};

	snprintf(cache, sizeof(cache), "FILE:%s", scratch("stored"));
	a.major = gss_store_cred_into(&a.minor, GSS_C_NO_CREDENTIAL, GSS_C_INITIATE, GSS_C_NO_OID, 1, 0, &set, NULL, NULL);
}

static void export_context(void)
{
	a.major = gss_export_sec_context(&a.minor, &a.context, &a.output);
}

static void a_context(void)
{
	struct pair p;
	OM_uint32 minor;

	need_pair(&p, NULL);
	a.context = p.accept;
	p.accept = GSS_C_NO_CONTEXT;
	release_pair(&p);
	gss_release_buffer(&minor, &a.input);
}

static void canonicalize(void)
{
	a.major = gss_canonicalize_name(&a.minor, a.target, &krb5_mech, &a.name);
}

static void message(struct pair *p)
{
	gss_buffer_desc token = wrapped(p->init, 1, "a message"), text = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_unwrap(&minor, p->accept, &token, &text, NULL, NULL);
	check(major == GSS_S_COMPLETE && text.length == 9, "a message in between: %s", major_text(major));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &text);
}

/* in_use returns how many octets from malloc(3) the process has. */
static size_t in_use(void)
{
#ifdef __GLIBC__
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

/* try makes a call and leaves it after so many microseconds, if it takes that long. It returns 1 if the call was left. */
static int try(void (*call)(void), long after)
{
	if (sigsetjmp(place, 1) != 0)
		return 1;
	set_timer(after);
	call();
	set_timer(0);
	return 0;
}

static struct part {
	const char *name;
	void (*before)(void), (*call)(void);
	OM_uint32 major; /* of a call that is not left */
	int times;
} parts[] = {
	{ "gss_init_sec_context", without_ticket, init, GSS_S_CONTINUE_NEEDED, 4000 },
	{ "gss_init_sec_context with SPNEGO", without_ticket, init_spnego, GSS_S_CONTINUE_NEEDED, 1000 },
	{ "gss_init_sec_context with a ticket", nothing_before, init, GSS_S_CONTINUE_NEEDED, 2000 },
	{ "gss_accept_sec_context", a_token, accept, GSS_S_COMPLETE, 2000 },
	{ "gss_acquire_cred", nothing_before, acquire, GSS_S_COMPLETE, 2000 },
	{ "gss_store_cred_into", nothing_before, store, GSS_S_COMPLETE, 1000 },
	{ "gss_export_sec_context", a_context, export_context, GSS_S_COMPLETE, 1000 },
	{ "gss_canonicalize_name", nothing_before, canonicalize, GSS_S_COMPLETE, 2000 },
};

#define LEFT (64 * 1024) /* octets: some blocks of malloc(3) and the engine; one block for each call would exceed it */

/* leave_often leaves calls after growing times, until most calls end earlier, and starts again. */
static void leave_often(const struct part *part, struct pair *p)
{
	static size_t before, after;
	static int i, left;
	static long longest, wait;
	static double end;

	left = 0;
	wait = 1;
	longest = 200;
	for (i = 0; i < part->times; i++) {
		part->before();
		if (try(part->call, wait)) {
			left++;
			longest = wait + 200;
		} else {
			check(a.major == part->major, "%s: %s, minor %lu", part->name, major_text(a.major),
			    (unsigned long)a.minor);
		}
		wait = wait < longest ? wait + 7 : 1;
		release_outputs();
		message(p);
		if (i == part->times / 4)
			before = in_use();
	}
	/* A call that was left holds its memory until its question is answered. */
	for (end = now() + 30; (after = in_use()) >= before + LEFT && now() < end;)
		pause_for(0.05);
	check(left > part->times / 100, "%s: left %d times of %d", part->name, left, part->times);
	check(after < before + LEFT, "%s: %lu octets are in use, before %lu", part->name, (unsigned long)after,
	    (unsigned long)before);
	part->before();
	part->call();
	check(a.major == part->major, "%s, not left: %s, minor %lu", part->name, major_text(a.major), (unsigned long)a.minor);
	release_outputs();
	fact("%s: done", part->name);
}

/* The same in the first call of a thread, which then ends. */
static void *first_call(void *result)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	*(int *)result += try(init, (*(int *)result * 13) % 700 + 1);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	release_outputs();
	pthread_exit(NULL);
}

static void leave_threads(void)
{
	sigset_t alarm, mask;
	pthread_t thread;
	int i, left = 0;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, &mask);
	for (i = 0; i < 300; i++) {
		without_ticket();
		pthread_create(&thread, NULL, first_call, &left);
		pthread_join(thread, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	check(left > 3, "first calls: left %d times", left);
	fact("the first call of a thread: done");
}

int main(void)
{
	struct sigaction action;
	struct pair p;
	OM_uint32 minor;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = leave;
	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	a.target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	need_pair(&p, NULL);
	for (i = 0; i < COUNT(parts); i++)
		leave_often(&parts[i], &p);
	leave_threads();
	release_pair(&p);
	need_pair(&p, NULL);
	message(&p);
	release_pair(&p);
	gss_release_name(&minor, &a.target);
	gss_release_buffer(&minor, &a.input);
	return end();
}
