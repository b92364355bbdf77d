/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef LIBGSSAPI_SIGNALS_H
#define LIBGSSAPI_SIGNALS_H

#include <signal.h>

#include "engine.h"

#define FRONT_FAULTS 3 /* SIGSEGV, SIGBUS and SIGFPE */

/* The program's dispositions of these. */
struct front_signals {
	struct sigaction actions[FRONT_FAULTS];
};

/* Around the beginning of the engine. begun is 0 if it has not begun after all. */
void front_signals_before(struct front_signals *s);
void front_signals_after(const struct front_signals *s, const struct engine_control *engine, int begun);

#endif
