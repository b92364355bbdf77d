/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * signals.c: keeps the program's signal dispositions when the engine begins.
 *
 * The engine handles SIGSEGV, SIGBUS and SIGFPE, which the Go runtime needs for its own checks, and no other signal. A
 * handler of the front receives them first. It passes a fault in a thread that the engine knows to the runtime, which
 * passes it on if it did not happen in Go code. Everything else goes to the program's handler, or to the system's default
 * action: signals that were sent, faults in other threads, and faults in children, where the parent's runtime is dead.
 */

#define _XOPEN_SOURCE 700

#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define FAULTS FRONT_FAULTS

static const int faults[FAULTS] = {SIGSEGV, SIGBUS, SIGFPE};

/* The program's dispositions, and the Go runtime's. */
static struct sigaction program_actions[FAULTS], runtime_actions[FAULTS];

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
 * act_by_default lets the system take its default action: a fault happens again when the handler returns, and a signal
 * that was sent is sent again. It is sent to the process, because in a child of rfork(2) raise(3) names a thread of the
 * parent.
 */
static void
act_by_default(int number, int sent)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(number, &action, NULL);
	if (sent)
		(void)kill(getpid(), number);
}

/*
 * was_sent tells a signal that was sent from a fault, whose code is positive and small. The codes of sent signals are 0 or
 * negative on Linux, and begin at 0x10001 on FreeBSD (SI_USER, SI_LWP and so on).
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
	int other, is_member, error = errno;

	for (other = 1; (is_member = sigismember(&action.sa_mask, other)) >= 0; other++)
		if (is_member)
			(void)sigaddset(&mask, other);
	errno = error; /* EINVAL, of the first number that is no signal */
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

/* pass_to_program is the handler that the runtime finds when it begins, and to which it passes foreign faults. */
static void
pass_to_program(int number, siginfo_t *info, void *context)
{
	struct sigaction *program = &program_actions[index_of(number)];
	int sent = was_sent(info);

	if ((program->sa_flags & SA_SIGINFO) != 0 || (program->sa_handler != SIG_DFL && program->sa_handler != SIG_IGN))
		call_program(program, number, info, context);
	else if (program->sa_handler == SIG_DFL || !sent)
		act_by_default(number, sent); /* a fault cannot be ignored */
}

/* on_fault is the handler that the system calls. */
static void
on_fault(int number, siginfo_t *info, void *context)
{
	int i = index_of(number);

	if (!was_sent(info) && is_mine())
		runtime_actions[i].sa_sigaction(number, info, context);
	else
		pass_to_program(number, info, context);
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
			program_actions[i] = s->actions[i]; /* otherwise inherited from the parent, with program_actions */
		install(faults[i], pass_to_program);
	}
}

/* handler_of returns the address of a disposition's handler, or NULL. */
static const void *
handler_of(const struct sigaction *action)
{
	const void *code = NULL;

	if ((action->sa_flags & SA_SIGINFO) != 0)
		memcpy(&code, &action->sa_sigaction, sizeof(code));
	else if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN)
		memcpy(&code, &action->sa_handler, sizeof(code));
	return code;
}

/*
 * front_signals_after replaces the runtime's handlers with on_fault. If the engine has not begun, it restores the previous
 * dispositions. Handlers that another thread has installed meanwhile stay.
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
		if (begun && engine->has(handler_of(&action))) {
			runtime_actions[i] = action;
			install(faults[i], on_fault);
		} else if (engine->has(handler_of(&action)) || is_handler(&action, pass_to_program)) {
			(void)sigaction(faults[i], &s->actions[i], NULL);
		}
	}
}
