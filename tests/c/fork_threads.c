/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Children that are forked while threads exchange messages find each context in the state of a single moment: a message in
 * transit is missing (a gap), none is known twice, and what follows is in order. Only this library promises that.
 */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define CHILDREN 40

static struct pair pairs[THREADS];
static volatile int stop;

/* exchange sends a message and returns the status of its verification. */
static OM_uint32 exchange(gss_ctx_id_t from, gss_ctx_id_t to, int conf)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_wrap(&minor, from, conf, GSS_C_QOP_DEFAULT, &text, NULL, &token);
	if (major == GSS_S_COMPLETE)
		major = gss_unwrap(&minor, to, &token, &message, NULL, NULL);
	if (!GSS_ERROR(major) && !same(&text, &message))
		major = GSS_S_FAILURE;
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	return major;
}

static void *talk(void *argument)
{
	struct pair *p = argument;
	long failures = 0;
	int conf = 0;

	while (!stop) {
		failures += exchange(p->init, p->accept, conf) != GSS_S_COMPLETE;
		failures += exchange(p->accept, p->init, conf = !conf) != GSS_S_COMPLETE;
	}
	return (void *)failures;
}

static int child(void)
{
	int i, n, wrong = 0;

	for (i = 0; i < THREADS; i++) {
		gss_ctx_id_t side[2] = { pairs[i].init, pairs[i].accept };

		for (n = 0; n < 2; n++) {
			OM_uint32 major = exchange(side[n], side[!n], 1);

			wrong += major != GSS_S_COMPLETE && major != GSS_S_GAP_TOKEN;
			wrong += exchange(side[n], side[!n], 0) != GSS_S_COMPLETE;
		}
	}
	return wrong;
}

int main(void)
{
	pthread_t threads[THREADS];
	struct options o = { .flags = ALL_FLAGS };
	int i, status;
	void *failures;

	begin(170);
	for (i = 0; i < THREADS; i++)
		need_pair(&pairs[i], &o);
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, talk, &pairs[i]) != 0)
			return 2;
	}
	fflush(stdout);
	for (i = 0; i < CHILDREN; i++) {
		pid_t pid;

		usleep(2000);
		pid = fork();
		if (pid == 0) {
			signal(SIGALRM, SIG_DFL);
			alarm(60);
			_exit(child());
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 2;
		check(status == 0, "child %d: status %#x", i, (unsigned)status);
	}
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failures);
		check(failures == NULL, "thread %d: %ld failures", i, (long)failures);
	}
	fact("%d children of %d threads", CHILDREN, THREADS);
	for (i = 0; i < THREADS; i++)
		release_pair(&pairs[i]);
	return end();
}
