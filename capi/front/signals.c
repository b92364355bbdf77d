/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * signals.c: what the program does about signals, before and after the engine is loaded.
 *
 * The Go runtime takes over SIGPIPE and SIGURG, and sets SA_ONSTACK for handlers that it finds: all of that is undone. It
 * also takes SIGSEGV, SIGBUS and SIGFPE, which it needs for its own checks, and that stays; faults outside of Go's code
 * it hands to the handler that it found. Where it finds none it would end the process with a report of its own: so it
 * finds one of ours, which has the system do what it does by default.
 */

#define _XOPEN_SOURCE 700

#include "front.h"
#include "signals.h"

#include <signal.h>
#include <string.h>

static const int faults[FRONT_FAULTS] = {SIGSEGV, SIGBUS, SIGFPE};

/* The engine's handlers, and the program's before: a child gives them up with its parent's engine. */
static struct sigaction taken[FRONT_FAULTS], given[FRONT_FAULTS];

/* by_default lets the instruction fault once more, now without a handler; or sends again what was sent by kill(2). */
static void
by_default(int number, siginfo_t *info, void *context)
{
	struct sigaction action;

	(void)context;
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(number, &action, NULL);
	if (info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code <= 0)
		(void)raise(number);
}

/* same: the handlers are one. */
static int
same(const struct sigaction *a, const struct sigaction *b)
{
	return (a->sa_flags & SA_SIGINFO) != 0 ? (b->sa_flags & SA_SIGINFO) != 0 && a->sa_sigaction == b->sa_sigaction :
						 (b->sa_flags & SA_SIGINFO) == 0 && a->sa_handler == b->sa_handler;
}

void
front_signals_before(struct front_signals *s)
{
	struct sigaction action;
	int i;

	for (i = 0; i < FRONT_FAULTS; i++) {
		if (sigaction(faults[i], NULL, &action) != 0)
			continue;
		if (taken[i].sa_handler != SIG_DFL && same(&action, &taken[i]))
			(void)sigaction(faults[i], &given[i], &action);
		if (sigaction(faults[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
			memset(&action, 0, sizeof(action));
			action.sa_sigaction = by_default;
			action.sa_flags = SA_SIGINFO | SA_ONSTACK;
			(void)sigemptyset(&action.sa_mask);
			(void)sigaction(faults[i], &action, NULL);
		}
	}
	for (i = 1; i < FRONT_SIGNALS; i++)
		s->known[i] = sigaction(i, NULL, &s->actions[i]) == 0;
}

void
front_signals_after(const struct front_signals *s)
{
	struct sigaction action;
	int i, f;

	for (i = 1; i < FRONT_SIGNALS; i++) {
		if (!s->known[i] || sigaction(i, NULL, &action) != 0)
			continue;
		for (f = 0; f < FRONT_FAULTS && faults[f] != i; f++)
			continue;
		if (f < FRONT_FAULTS) {
			given[f] = s->actions[i];
			taken[f] = action;
		} else if (!same(&action, &s->actions[i]) || action.sa_flags != s->actions[i].sa_flags) {
			(void)sigaction(i, &s->actions[i], NULL);
		}
	}
}
