/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Eight threads exchange messages, timers interrupt them 5,000 times a second with a handler that needs 16 KiB of
 * whatever stack it finds, and the main thread makes a child every 20 ms, which uses the contexts that it inherits.
 * SOAK_SECONDS in the environment: how long, 5 if it is not set; on a slow machine longer, until enough was done.
 */
#include "harness.h"

#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8

static unsigned long handled;

static void deep(int number)
{
	volatile char frame[16 * 1024];
	size_t i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (char)number;
	__atomic_add_fetch(&handled, 1, __ATOMIC_RELAXED);
}

static volatile int stop;

struct worker {
	pthread_t id;
	struct pair shared;  /* which children also use */
	struct pair own;     /* established again and again */
	unsigned long messages, contexts, failures;
	OM_uint32 major, minor; /* of the first failure */
};

static void failed(struct worker *w, OM_uint32 major, OM_uint32 minor)
{
	if (w->failures++ == 0) {
		w->major = major;
		w->minor = minor;
	}
}

/* message protects a message and verifies it on the other side. The sequence does not matter here. */
static void message(struct worker *w, gss_ctx_id_t from, gss_ctx_id_t to, size_t length, int conf)
{
	static const char text[4096] = "text";
	gss_buffer_desc in, token = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	in.length = length;
	in.value = (void *)(uintptr_t)text;
	major = gss_wrap(&minor, from, conf, GSS_C_QOP_DEFAULT, &in, NULL, &token);
	if (major != GSS_S_COMPLETE) {
		failed(w, major, minor);
		return;
	}
	major = gss_unwrap(&minor, to, &token, &out, NULL, NULL);
	if (GSS_ERROR(major) || out.length != length || memcmp(out.value, text, length) != 0)
		failed(w, major, minor);
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &out);
	w->messages++;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	unsigned n = 0;

	while (!stop) {
		n = n * 1103515245u + 12345;
		message(w, w->shared.init, w->shared.accept, 1 + n / 65536 % 4000, n >> 30 & 1);
		message(w, w->shared.accept, w->shared.init, 1 + n / 65536 % 100, 1);
		if (n / 65536 % 8 == 0) {
			if (!establish(&w->own, NULL)) {
				failed(w, w->own.init_major | w->own.accept_major, w->own.init_minor | w->own.accept_minor);
			} else {
				message(w, w->own.init, w->own.accept, 100, 1);
				w->contexts++;
			}
			release_pair(&w->own);
		}
	}
	return NULL;
}

/* In the child, each inherited pair exchanges a message in both directions, and new contexts can be established. */
static int in_child(struct worker *workers, unsigned number)
{
	struct worker *w = &workers[number % THREADS];
	struct itimerval never = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &never, NULL);
	alarm(60);
	w->failures = 0;
	message(w, w->shared.init, w->shared.accept, 100, 1);
	message(w, w->shared.accept, w->shared.init, 100, 0);
	if (number % 4 == 0) {
		if (!establish(&w->own, NULL))
			return 2;
		release_pair(&w->own);
	}
	return w->failures == 0 ? 0 : 1;
}

static unsigned made, bad;

/* reap waits for children that have ended, or for all of them if left is 0. */
static unsigned reap(unsigned running, unsigned left)
{
	int status;
	pid_t pid;

	while (running > left && ((pid = waitpid(-1, &status, running > left + 8 ? 0 : left == 0 ? 0 : WNOHANG)) > 0 ||
	    (pid < 0 && errno == EINTR))) {
		if (pid < 0)
			continue;
		running--;
		if (status != 0 && bad++ == 0)
			check(0, "a child ended with %#x", status);
	}
	return running;
}

/* enough reports whether enough was done for a fault to appear. */
static int enough(const struct worker *workers, unsigned seconds)
{
	unsigned long messages = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		messages += __atomic_load_n(&workers[i].messages, __ATOMIC_RELAXED);
	return made > seconds && messages > 100 && __atomic_load_n(&handled, __ATOMIC_RELAXED) > 500UL * seconds;
}

int main(void)
{
	const char *text = getenv("SOAK_SECONDS");
	unsigned seconds = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 5;
	struct worker *workers = calloc(THREADS, sizeof(*workers));
	struct itimerval every = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
	struct itimerspec often = {{0, 200000}, {0, 200000}};
	struct sigevent event;
	timer_t timer;
	sigset_t set;
	unsigned long messages = 0, contexts = 0, failures = 0;
	struct sigaction action;
	unsigned running = 0;
	double until;
	int i;

	begin(seconds + 120);
	for (i = 0; i < THREADS; i++)
		need_pair(&workers[i].shared, NULL);
	memset(&action, 0, sizeof(action));
	action.sa_handler = deep;
	action.sa_flags = SA_RESTART;
	sigemptyset(&action.sa_mask);
	sigaction(SIGPROF, &action, NULL);
	sigaction(SIGVTALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_create(&workers[i].id, NULL, work, &workers[i]);
	/* Timers for processor time have the resolution of the system's tick; this one is exact. The workers receive it. */
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &often, NULL) != 0)
		return 2;
	setitimer(ITIMER_PROF, &every, NULL);
	setitimer(ITIMER_VIRTUAL, &every, NULL);
	until = now() + seconds;
	while (now() < until || (!enough(workers, seconds) && now() < until + 60)) {
		struct timespec pause = {0, 20 * 1000 * 1000};
		pid_t pid = fork();

		if (pid == 0)
			_exit(in_child(workers, made));
		if (pid > 0) {
			made++;
			running++;
		}
		while (nanosleep(&pause, &pause) != 0)
			continue;
		running = reap(running, 1);
	}
	stop = 1;
	timer_delete(timer);
	for (i = 0; i < THREADS; i++)
		pthread_join(workers[i].id, NULL);
	setitimer(ITIMER_PROF, &never, NULL);
	setitimer(ITIMER_VIRTUAL, &never, NULL);
	running = reap(running, 0);
	for (i = 0; i < THREADS; i++) {
		messages += workers[i].messages;
		contexts += workers[i].contexts;
		failures += workers[i].failures;
		if (workers[i].failures != 0)
			check(0, "%lu calls of a thread failed, the first with %s, minor %lu", workers[i].failures,
			    major_text(workers[i].major), (unsigned long)workers[i].minor);
		release_pair(&workers[i].shared);
	}
	check(failures == 0, "%lu calls failed", failures);
	check(bad == 0, "%u of %u children failed", bad, made);
	check(enough(workers, seconds), "%u children, %lu messages, %lu signals", made, messages,
	    handled);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%u s: %lu messages, %lu contexts, %lu signals, %u children, %lu failures, %u bad children\n",
		    seconds, messages, contexts, handled, made, failures, bad);
	fact("done");
	return end();
}
