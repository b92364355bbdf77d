/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate.h: a gate for the lookups with which a program replaces libc's. Lookups that begin while it is shut wait until it is
 * opened, so whatever must happen meanwhile has time enough even on a busy machine. If it does not happen, they end.
 */
#ifndef GATE_H
#define GATE_H

#include "harness.h"

#define GATE_SECONDS 30.0 /* that a lookup waits if nobody opens the gate */
#define GATE_BUSY 20.0    /* after which everything else must have happened */

static int gate_shut, gate_opened, gate_reached;

/* shut_gate makes lookups wait that begin from here on; free_gate lets new ones pass, but not those that already wait. */
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

/* await_lookup returns once a lookup waits at the gate. */
static void await_lookup(void)
{
	while (!__atomic_load_n(&gate_reached, __ATOMIC_ACQUIRE))
		pause_for(0.001);
}

/* pass_gate is called at the beginning of a lookup. */
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

/* comes waits until the handler of a signal to a waiting thread has set the flag. */
static int comes(volatile int *flag)
{
	double end = now() + GATE_BUSY;

	while (!*flag && now() < end)
		pause_for(0.001);
	return *flag;
}

#endif
