/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An engine without Go, for the tests of the front. It behaves towards its process as a Go runtime does: it starts a
 * thread when it is loaded, takes SIGPIPE and SIGURG over, and is dead in a child after fork(2).
 *
 * gss_context_time tells the instance's number of starts and calls, gss_inquire_context the state of its thread,
 * gss_wrap fails with a text. NO_THREAD leaves the thread out: sanitizers cannot start one in a child.
 */

#define _POSIX_C_SOURCE 200809L

#include "engine.h"
#include "engine_table.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gssapi_front *front;
static OM_uint32 starts, calls;
static pid_t home;
static int thread_blocks;

static void
take_over(int signal)
{
	(void)signal;
}

static void *
runtime_thread(void *ignored)
{
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	__atomic_store_n(&thread_blocks,
	    sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD), __ATOMIC_RELEASE);
	return ignored;
}

__attribute__((constructor)) static void
start_runtime(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = take_over;
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigaction(SIGURG, &sa, NULL);
#ifdef NO_THREAD
	(void)runtime_thread(NULL);
#else
	{
		pthread_t thread;

		if (pthread_create(&thread, NULL, runtime_thread, NULL) == 0)
			(void)pthread_join(thread, NULL);
	}
#endif
}

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
	front->record_status(qop_req, text, conf_req_flag ? sizeof(text) : 5);
	return GSS_S_FAILURE;
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
