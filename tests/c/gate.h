/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A gate at which lookups wait that a program puts in the place of libc's: those that begin while it is shut stay there until
 * it is opened. What must happen meanwhile has all the time that a busy machine takes; if it does not happen, they end.
 */
#ifndef GATE_H
#define GATE_H

#include "harness.h"

#define GATE_SECONDS 30.0 /* for which a lookup waits if nobody opens the gate */
#define GATE_BUSY 20.0    /* by which all else has happened */

static int gate_shut, gate_opened, gate_reached;

/* shut_gate has lookups wait that begin from here on; free_gate lets them pass, but for those that wait already. */
static void shut_gate(void)
{
	__atomic_store_n(&gate_reached, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&gate_shut, 1, __ATOMIC_RELEASE);
}

static void free_gate(void)
{
	__atomic_store_n(&gate_shut, 0, __ATOMIC_RELEASE);
}

static void open_gate(void)
{
	free_gate();
	__atomic_add_fetch(&gate_opened, 1, __ATOMIC_RELEASE);
}

/* await_lookup returns when a lookup waits at the gate. */
static void await_lookup(void)
{
	while (!__atomic_load_n(&gate_reached, __ATOMIC_ACQUIRE))
		pause_for(0.001);
}

/* pass_gate is what lookups begin with. */
static void pass_gate(void)
{
	int opened = __atomic_load_n(&gate_opened, __ATOMIC_ACQUIRE);
	double end = now() + GATE_SECONDS;

	if (!__atomic_load_n(&gate_shut, __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&gate_reached, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&gate_opened, __ATOMIC_ACQUIRE) == opened && now() < end)
		pause_for(0.02);
}

/* comes waits for what a handler says that a thread gets which waits. */
static int comes(volatile int *flag)
{
	double end = now() + GATE_BUSY;

	while (!*flag && now() < end)
		pause_for(0.001);
	return *flag;
}

#endif
