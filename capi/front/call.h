/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * call.h: a call that may wait. Between front_begin_call and front_end_call, signal handlers run only while front_wait
 * waits. A handler that leaves the call with longjmp(3) therefore abandons no frame of the engine and nothing half done:
 * either all outputs are cleared or all are set. A file that includes this must ask for POSIX's signals.
 */

#ifndef LIBGSSAPI_CALL_H
#define LIBGSSAPI_CALL_H

#include <signal.h>

#include "front.h"

struct front_call {
	sigset_t mask; /* the program's */
	int waited;
};

void front_begin_call(struct front_call *call);

/*
 * Waits for the answer after a function of the engine has returned GSSAPI_ENGINE_PENDING. Returns 1 if the caller must
 * repeat the call. Returns 0 if there will be no answer; then the text is recorded, and *minor_status is set if it is not
 * NULL.
 */
int front_wait(struct front_call *call, OM_uint32 *minor_status);

/* Ends the call and returns major. */
OM_uint32 front_end_call(struct front_call *call, OM_uint32 major);

#endif
