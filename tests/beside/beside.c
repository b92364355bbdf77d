/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beside LIBRARY before|after: another library that is written in Go lives in the process, loaded before or after ours.
 * Both are called by several threads at once, while signals come; each gets its own signals and faults; a child after
 * fork(2) goes on with our contexts.
 */
#include "harness.h"

#include <sys/wait.h>

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 60

static int (*work)(int), (*caught)(void), (*fault)(void);
static void (*notify)(void);
static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals++;
}

static void load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL) {
		printf("cannot go on: %s\n", dlerror());
		exit(2);
	}
	*(void **)&work = dlsym(library, "other_work");
	*(void **)&notify = dlsym(library, "other_notify");
	*(void **)&caught = dlsym(library, "other_caught");
	*(void **)&fault = dlsym(library, "other_fault");
	check(work != NULL && work(3) == 3, "the other library does not work");
}

static int talk(struct pair *p)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, p->init, 1, 0, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, p->accept, &token, &back, NULL, NULL) == GSS_S_COMPLETE && same(&text, &back);

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &back);
	return ok;
}

static void *both(void *wrong)
{
	struct pair p;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (i % 20 == 0)
			need_pair(&p, NULL);
		if (work(i % 20) != i % 20)
			++*(int *)wrong;
		if (!talk(&p))
			++*(int *)wrong;
		if (i % 20 == 19)
			release_pair(&p);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t id[THREADS];
	int wrong[THREADS] = { 0 }, i;

	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&id[i], NULL, both, &wrong[i]) != 0)
			exit(2);
	}
	for (i = 0; i < 200; i++) {
		kill(getpid(), SIGUSR1);
		usleep(500);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(id[i], NULL);
		check(wrong[i] == 0, "thread %d: %d calls went wrong", i, wrong[i]);
	}
	check(signals > 0, "no signal came");
	fact("threads: done");
}

static void child(struct pair *p)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct pair own;

		alarm(60);
		if (!talk(p))
			_exit(1);
		need_pair(&own, NULL);
		_exit(talk(&own) ? 0 : 2);
	}
	check(waitpid(pid, &status, 0) == pid && status == 0, "the child: %#x", (unsigned)status);
	fact("a child: done");
}

int main(int argc, char **argv)
{
	struct sigaction sa;
	struct pair p;

	begin(120);
	if (argc != 3)
		return 2;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = count;
	sa.sa_flags = SA_ONSTACK | SA_RESTART; /* the other runtime insists on its stack for signals */
	sigaction(SIGUSR1, &sa, NULL);
	if (strcmp(argv[2], "before") == 0)
		load(argv[1]);
	need_pair(&p, NULL);
	if (strcmp(argv[2], "after") == 0)
		load(argv[1]);
	threads();
	check(fault() == 1, "the other library does not get its fault");
	check(talk(&p), "after the fault: no messages");
	notify();
	kill(getpid(), SIGUSR2);
	check(caught() == 1, "the other library does not get its signal");
	fact("signals: done");
	child(&p);
	threads();
	release_pair(&p);
	return end();
}
