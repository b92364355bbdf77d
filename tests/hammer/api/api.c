/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api: random calls of all functions, from several threads and in children, with arguments that are right, wrong, stale,
 * forged, shared, too long or nothing, while malloc(3) fails now and then.
 *
 *	api LIBRARY SECONDS [SEED]
 *	api -l		prints the names of the functions that it calls
 *
 * LIBRARY is libgssapi.so.10 or libgssapi_krb5.so.2. Whatever it is given, each call must come back, with a status that
 * makes sense, outputs that are cleared or good, and the caller's memory as it was (judge.c); a handle that was released
 * must be refused; a context that is exported must go to one place, whichever threads and processes race for it; at the
 * end everything is given back. With the seed that is printed a thread makes the same choices again, as far as the
 * others let it.
 *
 * Environment: KRB5_CONFIG and its kin for a realm as of tests/kdc; TEST_DIR, a directory with caches and keytabs;
 * FIGURES, to print how often each function was called, and succeeded.
 */
#include "hammer.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#define THREADS 6
#define LIFE 3000    /* operations of a thread, then another one takes its place */
#define LEAST 150000 /* calls however slow the machine is: what leaks now and then is more than what may be left */

/* What may be left when all handles are released, more than before: no leak of one call in ten thousand stays below. */
#define MORE_BLOCKS 64            /* of malloc(3) */
#define MORE_PAGES 8              /* of handles */
#define MORE_MEMORY (96L * 1024)  /* KiB: the engine's heap grows and shrinks */

static struct thread threads[THREADS], self;
static volatile int stop;

/* What chooses operations: all lists in a row, each as often as it weighs. */
static void (*choices[1000])(struct thread *);
static unsigned choices_used;

static void gather(const struct operation *list)
{
	unsigned i;

	for (; list->run != NULL; list++) {
		for (i = 0; i < list->weight; i++)
			choices[choices_used++] = list->run;
	}
}

static void operation(struct thread *t)
{
	forget(t);
	t->operations++;
	t->sealed = one_in(t, 24);
	t->fails = one_in(t, 4) ? 1 + below(t, 60) : 0;
	choices[below(t, choices_used)](t);
	settle(t);
	t->fails = 0;
}

/* A hanging call is not waited for: whoever was in one is named. */
static void too_late(int number)
{
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		int f = threads[i].function;

		say("# thread %u, operation %lu: %s since %.0f s\n", threads[i].number, threads[i].operations,
		    f >= 0 ? function_names[f] : "-", now() - threads[i].begun);
	}
	say("not ok - seed %llu: signal %d\n", (unsigned long long)seed, number);
	_exit(1);
}

static struct thread *own(void)
{
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		if (threads[i].memory != NULL && pthread_equal(threads[i].id, pthread_self()))
			return &threads[i];
	}
	return &self;
}

static void fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	fail(own(), "signal %d at %p, code %d", number, info->si_addr, info->si_code);
}

static void catch_faults(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };
	struct sigaction action;
	unsigned i;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = fault;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (i = 0; i < COUNT(faults); i++)
		sigaction(faults[i], &action, NULL);
	signal(SIGALRM, too_late);
}

static void *work(void *argument)
{
	struct thread *t = argument;
	unsigned long i;

	for (i = 0; i < LIFE && !stop; i++)
		operation(t);
	return NULL;
}

/* In a child: a few operations, in a thread of its own, too, and perhaps a child of it. */
static void __attribute__((noreturn)) child(unsigned number, int generation)
{
	struct thread *t = &threads[0], *other = &threads[1];
	unsigned i, n;

	thread_reseed(&self, number);
	alarm(120);
	/* The threads of the parent are not here. */
	memset(threads, 0, sizeof(threads));
	thread_begin(t, number + 1000000);
	n = below(&self, 60);
	for (i = 0; i < n; i++)
		operation(t);
	if (one_in(&self, 8)) {
		thread_begin(other, number + 2000000);
		stop = 0;
		if (pthread_create(&other->id, NULL, work, other) == 0) {
			for (i = 0; i < n; i++)
				operation(t);
			stop = 1;
			pthread_join(other->id, NULL);
		}
	}
	if (generation < 3 && one_in(&self, 8)) {
		int status, pid = fork_all();

		if (pid == 0)
			child(number + 100000, generation + 1);
		if (pid > 0 && (waitpid(pid, &status, 0) != pid || status != 0))
			fail(t, "a child of a child ended with %#x", status);
	}
	if (one_in(&self, 4))
		exit(0);
	_exit(0);
}

static unsigned children, running;

static void reap(int all)
{
	int status;
	pid_t pid;

	while (running > 0 && ((pid = waitpid(-1, &status, all || running > 8 ? 0 : WNOHANG)) > 0 || (pid < 0 && errno == EINTR))) {
		if (pid < 0)
			continue;
		running--;
		if (status != 0)
			fail(&self, "a child ended with %#x", status);
	}
}

/* Figures of what must not grow. */

/* statm gives pages: 1 of memory in use. */
static long resident(void)
{
	char text[200] = "";
	long size = 0, pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0 || sscanf(text, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (fd >= 0)
		close(fd);
	return pages * 4;
}

/* handle_pages counts the pages that handles lie in: those of no file, which can be read and not written. */
static long handle_pages(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to, offset, inode;
	char line[600], rights[5];
	long pages = 0;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s %lx %*s %lu", &from, &to, rights, &offset, &inode) == 5 && inode == 0 &&
		    strcmp(rights, "r--p") == 0 && strchr(line, '[') == NULL)
			pages += (long)(to - from) / 4096;
	}
	if (maps != NULL)
		fclose(maps);
	return pages;
}

static void release_all(void)
{
	self.fails = 0;
	pools_release(&self);
	tokens_release(&self);
	pools_release(&self);
}

static void print_figures(void)
{
	unsigned i;

	for (i = 0; i < FUNCTION_COUNT; i++)
		say("# %10lu %10lu %s\n", figures->called[i], figures->completed[i], function_names[i]);
}

/* missed names a function of the library that was never called. */
static const char *missed(void)
{
#define X(f) if (gss.f != NULL && figures->called[F_##f] == 0) return #f;
	FUNCTIONS(X)
#undef X
	return NULL;
}

/* warm makes the process what it stays like: all functions are called, and everything is released. */
static void warm(unsigned operations)
{
	while (operations-- > 0)
		operation(&self);
	release_all();
}

static void hammer(double until)
{
	unsigned number = 1, i;

	for (i = 0; i < THREADS; i++) {
		thread_begin(&threads[i], number++);
		if (pthread_create(&threads[i].id, NULL, work, &threads[i]) != 0)
			fail(&self, "no thread");
	}
	while (now() < until || __atomic_load_n(&figures->calls, __ATOMIC_RELAXED) < LEAST) {
		struct timespec pause = { 0, 1000000 * (1 + (long)below(&self, 60)) };
		pid_t pid = fork_all();

		if (pid == 0)
			child(children + 10000000, 0);
		if (pid > 0) {
			children++;
			running++;
		}
		reap(0);
		nanosleep(&pause, NULL);
		/* A thread that has ended is followed by another one. */
		i = below(&self, THREADS);
		if (threads[i].operations >= LIFE) {
			pthread_join(threads[i].id, NULL);
			thread_end(&threads[i]);
			thread_begin(&threads[i], number++);
			if (pthread_create(&threads[i].id, NULL, work, &threads[i]) != 0)
				fail(&self, "no thread");
		}
	}
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		thread_end(&threads[i]);
	}
	reap(1);
}

int main(int argc, char **argv)
{
	long blocks, pages, memory, more_blocks, more_pages, more_memory;
	unsigned seconds;

	if (argc < 3) {
		fprintf(stderr, "usage: api LIBRARY SECONDS [SEED]\n");
		return 2;
	}
	seconds = (unsigned)strtoul(argv[2], NULL, 10);
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;
	say("# api, seed %llu\n", (unsigned long long)seed);
	catch_faults();
#ifdef __GLIBC__
	/* Other modules, and what glibc does to load them, end the process where malloc(3) fails. */
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("group", "files");
#endif
	alarm(seconds + 240);
	pools_begin();
	library_load(argv[1]);
	gather(data_operations);
	gather(name_operations);
	gather(cred_operations);
	gather(context_operations);
	gather(message_operations);
	gather(iov_operations);
	thread_begin(&self, 0);

	warm(4000);
	blocks = memory_live();
	pages = handle_pages();
	memory = resident();
	hammer(now() + seconds);
	warm(1000);
	more_blocks = memory_live() - blocks;
	more_pages = handle_pages() - pages;
	more_memory = resident() - memory;
	if (getenv("FIGURES") != NULL)
		print_figures();
	say("# left: %ld blocks of %ld, %ld pages of handles, %ld KiB of %ld; the longest call took %.2f s: %s\n", more_blocks, blocks,
	    more_pages, more_memory, memory, figures->longest, function_names[figures->longest_function]);
	if (more_blocks > MORE_BLOCKS || more_pages > MORE_PAGES || more_memory > MORE_MEMORY)
		fail(&self, "it has grown");
	if (missed() != NULL)
		fail(&self, "%s was never called: an operation of this program shall", missed());
	if (memory_strangers() != 0)
		fail(&self, "free(3) was given %ld blocks that malloc(3) had not given", memory_strangers());
	say("ok - %s: %lu calls, %u children, %lu contexts, %lu exports, %lu imports, %lu messages\n", argv[1], figures->calls,
	    children, figures->contexts, figures->exports, figures->imports, figures->messages);
	return 0;
}
