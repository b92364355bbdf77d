/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * signals.c: what the program does about signals, before and after the engine begins.
 *
 * The engine takes SIGSEGV, SIGBUS and SIGFPE, which the Go runtime needs for its own checks, and no other signal. These
 * come to a handler of ours first: a fault in a thread that the engine knows goes to the runtime, which hands it on if it
 * did not happen in Go's code. All else is for the program's handler, or for the system to do what it does by default:
 * faults of other threads, and of children after fork(2) whose parent's runtime is dead; and signals that were sent.
 */

#define _XOPEN_SOURCE 700

#include "signals.h"

#include <pthread.h>
#include <string.h>
#include <ucontext.h>

#define FAULTS FRONT_FAULTS
#define SIGNALS 65 /* the numbers of Linux go to 64 */

static const int faults[FAULTS] = {SIGSEGV, SIGBUS, SIGFPE};

/* The program's handlers, and the runtime's. */
static struct sigaction programs[FAULTS], runtimes[FAULTS];

static int (*is_mine)(void);

static int
index_of(int number)
{
	int i;

	for (i = 0; i < FAULTS && faults[i] != number; i++)
		continue;
	return i;
}

/*
 * by_default has the system do what it does without a handler: a fault happens again when the handler is left, and a
 * signal that was sent is sent again.
 */
static void
by_default(int number, int sent)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(number, &action, NULL);
	if (sent)
		(void)raise(number);
}

/*
 * A fault's code is positive. Those of signals that were sent are not, on Linux; on FreeBSD they begin at 0x10001
 * (SI_USER, SI_LWP and so on).
 */
static int
was_sent(const siginfo_t *info)
{
	return info->si_code <= 0 || info->si_code >= 0x10000;
}

/* call_program calls the program's handler as the system would have. */
static void
call_program(struct sigaction *program, int number, siginfo_t *info, void *context)
{
	struct sigaction action = *program;
	sigset_t mask = ((ucontext_t *)context)->uc_sigmask, ours;
	int other;

	for (other = 1; other < SIGNALS; other++)
		if (sigismember(&action.sa_mask, other) == 1)
			(void)sigaddset(&mask, other);
	if ((action.sa_flags & SA_NODEFER) == 0)
		(void)sigaddset(&mask, number);
	if ((action.sa_flags & SA_RESETHAND) != 0) {
		program->sa_flags &= ~SA_SIGINFO;
		program->sa_handler = SIG_DFL;
	}
	(void)pthread_sigmask(SIG_SETMASK, &mask, &ours);
	if ((action.sa_flags & SA_SIGINFO) != 0)
		action.sa_sigaction(number, info, context);
	else
		action.sa_handler(number);
	(void)pthread_sigmask(SIG_SETMASK, &ours, NULL);
}

/* to_program is the handler that the runtime finds, and hands on to. */
static void
to_program(int number, siginfo_t *info, void *context)
{
	struct sigaction *program = &programs[index_of(number)];
	int sent = was_sent(info);

	if ((program->sa_flags & SA_SIGINFO) != 0 || (program->sa_handler != SIG_DFL && program->sa_handler != SIG_IGN))
		call_program(program, number, info, context);
	else if (program->sa_handler == SIG_DFL || !sent)
		by_default(number, sent); /* a fault cannot be ignored */
}

/* on_fault is the handler that the system calls. */
static void
on_fault(int number, siginfo_t *info, void *context)
{
	int i = index_of(number);

	if (!was_sent(info) && is_mine())
		runtimes[i].sa_sigaction(number, info, context);
	else
		to_program(number, info, context);
}

static int
is_handler(const struct sigaction *action, void (*handler)(int, siginfo_t *, void *))
{
	return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == handler;
}

static void
install(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
	(void)sigfillset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

void
front_signals_before(struct front_signals *s)
{
	int i;

	for (i = 0; i < FAULTS; i++) {
		(void)sigaction(faults[i], NULL, &s->actions[i]);
		if (!is_handler(&s->actions[i], on_fault))
			programs[i] = s->actions[i]; /* else it is inherited, and what it hands on to stays */
		install(faults[i], to_program);
	}
}

/* address gives the handler of a disposition, or NULL. */
static const void *
address(const struct sigaction *action)
{
	const void *code = NULL;

	if ((action->sa_flags & SA_SIGINFO) != 0)
		memcpy(&code, &action->sa_sigaction, sizeof(code));
	else if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN)
		memcpy(&code, &action->sa_handler, sizeof(code));
	return code;
}

/*
 * front_signals_after puts our handler in the place of the runtime's. If the engine has not begun, all is as before. What
 * another thread has installed meanwhile stays.
 */
void
front_signals_after(const struct front_signals *s, const struct engine_control *engine, int begun)
{
	struct sigaction action;
	int i;

	is_mine = engine->is_mine;
	for (i = 0; i < FAULTS; i++) {
		if (sigaction(faults[i], NULL, &action) != 0)
			continue;
		if (begun && engine->has(address(&action))) {
			runtimes[i] = action;
			install(faults[i], on_fault);
		} else if (engine->has(address(&action)) || is_handler(&action, to_program)) {
			(void)sigaction(faults[i], &s->actions[i], NULL);
		}
	}
}
