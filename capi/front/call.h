/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * call.h: a call that may wait. From front_begin_call to front_end_call no signal handler runs, but while front_wait waits:
 * so one that leaves the call with longjmp(3) finds no frame of the engine and nothing half done. The outputs are cleared
 * there, or all of them are set. What includes this wants POSIX's signals.
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
 * Waits for the answer that the engine's function was pending for. Returns 1 when the call is to be made again, or 0, with
 * *minor_status set if it is not NULL and the text recorded, if there will be no answer.
 */
int front_wait(struct front_call *call, OM_uint32 *minor_status);

/* Returns major. */
OM_uint32 front_end_call(struct front_call *call, OM_uint32 major);

#endif
