/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An engine without Go, for the tests of the front. It behaves like a Go runtime: when it begins, it handles SIGSEGV and
 * starts a thread, and in a child after fork(2) it is dead until it begins there. With -DCLAIMED=0 another front has claimed
 * it already, with -DCLAIMED=1 the first front that asks gets it.
 *
 * gss_context_time returns how often this instance was started and called, gss_inquire_context the state of its thread.
 * gss_wrap fails with a text. gss_acquire_cred asks three questions one after the other, each of which is answered after
 * time_req milliseconds, or never if that is GSS_C_INDEFINITE; time_rec receives the sum of the serials of cancelled
 * operations. With -DALONE only the thread that begins it can call, until MAY_JOIN is set. -DNO_THREAD omits the thread,
 * because sanitizers cannot start one in a child.
 */

#define _XOPEN_SOURCE 700

#include "engine.h"
#include "engine_table.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct gssapi_front *front;
static OM_uint32 starts, calls;
static pid_t home;
static uint32_t *alive;
static int thread_blocks;
static uint64_t cancelled; /* the sum of the serials */

static void
take_over(int signal)
{
	(void)signal;
}

#ifdef ALONE
static pthread_t beginner;
#endif

#ifndef NO_ROOM
static void *
runtime_thread(void *ignored)
{
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	__atomic_store_n(&thread_blocks,
	    sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD), __ATOMIC_RELEASE);
	return ignored;
}
#endif

#ifdef FORKS
/* A fork while the engine is being loaded, as the program's own malloc(3) or another constructor may do it. */
__attribute__((constructor)) static void
fork_early(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}
#endif

#ifdef TAKES
/*
 * A program that closes all descriptors while the linker loads the engine, and reuses their numbers. A constructor does so
 * here, and therefore always between the front's open(2) and close(2).
 */
__attribute__((constructor)) static void
take_numbers(void)
{
	char text[16];
	int null = open("/dev/null", O_RDWR), fd, n = 0;

	for (fd = 3; fd < 64; fd++)
		n += fd != null && fcntl(fd, F_GETFD) != -1 && dup2(null, fd) == fd;
	(void)close(null);
	(void)snprintf(text, sizeof(text), "%d", n);
	(void)setenv("TAKEN", text, 1); /* for the program */
}
#endif

#ifdef BIG
/* More thread-local data than the linker has room for. */
__thread char big[BIG] __attribute__((tls_model("initial-exec")));
#endif

#ifdef CLAIMED
int
gssapi_engine_claim(void)
{
	static int claimed = !CLAIMED;

	return !__atomic_exchange_n(&claimed, 1, __ATOMIC_ACQ_REL);
}
#endif

int
gssapi_engine_begin(const struct gssapi_process *process)
{
#ifndef NO_ROOM
	struct sigaction sa;
#ifndef NO_THREAD
	pthread_t thread;
	int error;
#endif

	if (*process->alive != 0)
		return EBUSY;
	starts = calls = 0;
#ifdef ALONE
	beginner = pthread_self();
#endif
	alive = process->alive;
	*alive = 1;
#ifdef BIG
	big[0] = 1;
#endif
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = take_over;
	(void)sigaction(SIGSEGV, &sa, NULL);
#endif
#ifdef NO_ROOM
	(void)process;
	return ENOMEM;
#elif defined NO_THREAD
	(void)runtime_thread(NULL);
	return 0;
#else
	error = pthread_create(&thread, NULL, runtime_thread, NULL);
	*alive = error == 0;
	return error != 0 ? error : pthread_join(thread, NULL);
#endif
}

int
gssapi_engine_join(void)
{
#ifdef ALONE
	return pthread_equal(pthread_self(), beginner) || getenv("MAY_JOIN") != NULL ? 0 : EAGAIN;
#else
	return 0;
#endif
}

void
gssapi_engine_prepare(void)
{
}

void
gssapi_engine_forked(void)
{
	home = 0;
}

int
gssapi_engine_is_mine(void)
{
	return alive != NULL && *alive != 0;
}

int
gssapi_engine_has(const void *address)
{
	void (*code)(int) = take_over;

	return memcmp(&address, &code, sizeof(address)) == 0;
}

#ifndef REFUSE
static void
cancel(uint64_t serial)
{
	(void)__atomic_add_fetch(&cancelled, serial, __ATOMIC_RELAXED);
}
#endif

int
gssapi_engine_start(const struct gssapi_front *f)
{
#ifdef REFUSE
	(void)f;
	return -1;
#else
	if (f->version != GSSAPI_ENGINE_VERSION || f->size != sizeof(*f))
		return -1;
	front = f;
	home = getpid();
	starts++;
	*front->cancel = cancel;
	return 0;
#endif
}

OM_uint32
gss_context_time(OM_uint32 *minor_status, gss_ctx_id_t context_handle, OM_uint32 *time_rec)
{
	(void)context_handle;
	*minor_status = 0;
	*time_rec = starts * 1000 + __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
	return home == getpid() ? GSS_S_COMPLETE : GSS_S_DEFECTIVE_TOKEN;
}

OM_uint32
gss_inquire_context(OM_uint32 *minor_status, gss_ctx_id_t context_handle, gss_name_t *src_name, gss_name_t *targ_name,
    OM_uint32 *lifetime_rec, gss_OID *mech_type, OM_uint32 *ctx_flags, int *locally_initiated, int *open)
{
	(void)context_handle, (void)src_name, (void)targ_name, (void)lifetime_rec, (void)ctx_flags, (void)locally_initiated;
	*minor_status = 0;
	*mech_type = front->static_oid("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9);
	*open = __atomic_load_n(&thread_blocks, __ATOMIC_ACQUIRE);
	return GSS_S_COMPLETE;
}

/* The minor code is qop_req; the text says so, and is long if conf_req_flag is set. */
OM_uint32
gss_wrap(OM_uint32 *minor_status, gss_ctx_id_t context_handle, int conf_req_flag, gss_qop_t qop_req,
    gss_buffer_t input_message_buffer, int *conf_state, gss_buffer_t output_message_buffer)
{
	char text[4096];

	(void)context_handle, (void)input_message_buffer, (void)conf_state, (void)output_message_buffer;
	memset(text, 'a' + (int)(qop_req % 26), sizeof(text));
	*minor_status = qop_req;
	front->record_status(minor_status, GSS_S_FAILURE, text, conf_req_flag ? sizeof(text) : 5);
	return GSS_S_FAILURE;
}

struct question {
	struct gssapi_operation *operation;
	OM_uint32 milliseconds;
};

static void *
answer(void *argument)
{
	struct question *q = argument;
	struct timespec t;

	t.tv_sec = q->milliseconds / 1000;
	t.tv_nsec = (long)(q->milliseconds % 1000) * 1000000;
	(void)nanosleep(&t, NULL);
	(void)sem_post(&q->operation->answered);
	front->release_operation(q->operation);
	free(q);
	return NULL;
}

static void
ask(struct gssapi_operation *operation, OM_uint32 milliseconds)
{
	struct question *q = malloc(sizeof(*q));

	if (q == NULL) {
		(void)sem_post(&operation->answered); /* wakes the caller without an answer */
		return;
	}
	(void)__atomic_add_fetch(&operation->references, 1, __ATOMIC_RELAXED);
	q->operation = operation;
	q->milliseconds = milliseconds;
#ifdef NO_THREAD
	(void)answer(q);
#else
	{
		pthread_t thread;

		if (milliseconds == 0 || pthread_create(&thread, NULL, answer, q) != 0)
			(void)answer(q);
		else
			(void)pthread_detach(thread);
	}
#endif
}

OM_uint32
gss_acquire_cred(OM_uint32 *minor_status, gss_name_t desired_name, OM_uint32 time_req, gss_OID_set desired_mechs,
    gss_cred_usage_t cred_usage, gss_cred_id_t *output_cred_handle, gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static OM_uint32 asked[4096];
	struct gssapi_operation *operation = front->operation();
	OM_uint32 round;

	(void)desired_name, (void)desired_mechs, (void)cred_usage, (void)output_cred_handle, (void)actual_mechs;
	*minor_status = 0;
	if (operation == NULL)
		return GSS_S_FAILURE;
	(void)pthread_mutex_lock(&lock);
	round = asked[operation->serial % 4096]++;
	(void)pthread_mutex_unlock(&lock);
	*time_rec = (OM_uint32)__atomic_load_n(&cancelled, __ATOMIC_RELAXED);
	if (round == 3)
		return GSS_S_COMPLETE;
	if (time_req != GSS_C_INDEFINITE)
		ask(operation, time_req);
	return GSSAPI_ENGINE_PENDING;
}

OM_uint32
gss_display_status(OM_uint32 *minor_status, OM_uint32 status_value, int status_type, gss_OID mech_type,
    OM_uint32 *message_context, gss_buffer_t status_string)
{
	(void)status_value, (void)status_type, (void)mech_type;
	*minor_status = 0;
	*message_context = 0;
	status_string->value = strdup("fixed");
	status_string->length = 5;
	return GSS_S_COMPLETE;
}
