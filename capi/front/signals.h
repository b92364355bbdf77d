/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef LIBGSSAPI_SIGNALS_H
#define LIBGSSAPI_SIGNALS_H

#include <signal.h>

#include "engine.h"

#define FRONT_SIGNALS 65 /* the numbers of Linux go to 64 */

/* The program's dispositions. */
struct front_signals {
	struct sigaction actions[FRONT_SIGNALS];
	unsigned char known[FRONT_SIGNALS];
};

/* Around the beginning of the engine. begun is 0 if it has not begun after all. */
void front_signals_before(struct front_signals *s);
void front_signals_after(const struct front_signals *s, const struct engine_control *engine, int begun);

#endif
