/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library takes nothing until it is used, and then little. Environment variables for Go programs have no effect,
 * threads that end leave nothing behind, and the keys of a deleted context are gone. Figures from /proc are printed only
 * on Linux.
 */
#include "harness.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void works(void)
{
	struct pair p;

	need_pair(&p, NULL);
	release_pair(&p);
}

#ifdef __linux__
/* of reads the number after a word in a file of /proc; -1 means that there is none. */
static long of(const char *path, const char *word)
{
	char line[512];
	long value = -1;
	FILE *f = fopen(path, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtol(line + strlen(word), NULL, 10);
	if (f != NULL)
		fclose(f);
	return value;
}

/*
 * private_kib is what is the process's own. "Private_Dirty" would be its name, but that counts pages of a mapped file, too,
 * while what was last written to the file is not on the disk yet: an engine that has just been built.
 */
static long private_kib(void)
{
	return of("/proc/self/smaps_rollup", "Anonymous:");
}

static long threads(void)
{
	return of("/proc/self/status", "Threads:");
}

/* naps counts how often threads other than the first have gone to sleep. */
static long naps(void)
{
	char path[320];
	struct dirent *entry;
	DIR *tasks = opendir("/proc/self/task");
	long sum = 0;

	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == (long)getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		sum += of(path, "voluntary_ctxt_switches:");
	}
	if (tasks != NULL)
		closedir(tasks);
	return sum;
}
#else
static long naps(void) { return 0; }
static long private_kib(void) { return -1; }
static long threads(void) { return -1; }
#endif

/* descriptors counts the open descriptors from first to last. */
static int descriptors(int first, int last)
{
	int fd, n = 0;

	for (fd = first; fd < last; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* file_of names what a descriptor is of, where the system tells. */
static const char *file_of(int fd)
{
	static char text[256];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static gss_name_t some_name;

static void unused(void)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int before = descriptors(0, 256);

	gss_encapsulate_token(&text, &krb5_mech, &token);
	gss_release_buffer(&minor, &token);
	check(threads() <= 1, "unused: %ld threads", threads());
	check(descriptors(0, 256) == before, "unused: descriptors are open");
	check(private_kib() < 200, "unused: %ld KiB of private memory, the program's own included", private_kib());
	fact("unused: done");
}

/* first_call returns the best time of some children in milliseconds. It is printed only, because it depends on the machine. */
static double first_call(void)
{
	double best = 1e9, took;
	int fds[2], i;

	for (i = 0; i < 12; i++) {
		if (pipe(fds) != 0)
			exit(2);
		fflush(stdout);
		if (fork() == 0) {
			double begun = now();

			some_name = import("alice", GSS_C_NT_USER_NAME);
			took = (now() - begun) * 1e3;
			if (write(fds[1], &took, sizeof(took)) != sizeof(took))
				_exit(1);
			_exit(0);
		}
		close(fds[1]);
		if (read(fds[0], &took, sizeof(took)) == sizeof(took) && took < best)
			best = took;
		close(fds[0]);
		wait(NULL);
	}
	return best;
}

static void in_use(void)
{
	int low = descriptors(0, 64), high = descriptors(64, 256), i;
	struct pair p;

	need_pair(&p, NULL);
	check(private_kib() < 2560, "with a context: %ld KiB of private memory", private_kib());
	/* The engine closes the descriptors with which it waited a moment after the call. */
	for (i = 0; i < 100 && descriptors(0, 64) != low; i++)
		pause_for(0.01);
	check(descriptors(0, 64) == low, "low descriptors are taken: %s", file_of(low));
	check(descriptors(64, 256) <= high + 1, "%d descriptors are taken", descriptors(64, 256) - high);
	release_pair(&p);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "first call %.2f ms, private %ld KiB, threads %ld\n", first_call(), private_kib(), threads());
	fact("in use: done");
}

/* Soon after a call, threads no longer wake up. */
static void idle(void)
{
	struct timespec second = { 1, 0 };
	long before, after = 0;
	int tries;

	works();
	for (tries = 0; tries < 20; tries++) {
		before = naps();
		nanosleep(&second, NULL);
		after = naps();
		if (after - before <= 1)
			break;
	}
	check(tries < 20, "idle: %ld wake-ups in a second", after - before);
	fact("idle: done");
}

static void *one_call(void *ignored)
{
	OM_uint32 minor;
	gss_name_t copy;

	if (gss_duplicate_name(&minor, some_name, &copy) == GSS_S_COMPLETE)
		gss_release_name(&minor, &copy);
	/* An error text of the thread's own. */
	gss_duplicate_name(&minor, GSS_C_NO_NAME, &copy);
	return ignored;
}

static void come_and_go(int times)
{
	pthread_t t[8];
	int i;

	while (times-- > 0) {
		for (i = 0; i < 8; i++)
			if (pthread_create(&t[i], NULL, one_call, NULL) != 0)
				exit(2);
		for (i = 0; i < 8; i++)
			pthread_join(t[i], NULL);
	}
}

/* If threads left something behind, it would grow with each thread; the caches of the C library and the heap stop growing. */
static void short_lived_threads(void)
{
	long more = 0, more_threads = 0;
	int i, tries;

	some_name = import("alice", GSS_C_NT_USER_NAME);
	for (i = 0; i < 500; i++)
		works(); /* garbage is collected once the heap has a few MiB */
	come_and_go(250);
	for (tries = 0; tries < 5; tries++) {
		long before = private_kib(), threads_before = threads();

		come_and_go(10000 / 8);
		more = private_kib() - before;
		more_threads = threads() - threads_before;
		if (getenv("FIGURES") != NULL)
			fprintf(stderr, "10,000 threads leave %ld KiB, %ld threads\n", more, more_threads);
		if (more < 2048 && more_threads <= 4)
			break;
	}
	check(more < 2048, "10,000 threads leave %ld KiB", more);
	check(more_threads <= 4, "10,000 threads leave %ld threads", more_threads);
	check(threads() <= 24, "%ld threads", threads());
	fact("short-lived threads: done");
}

/* Many contexts come and go. */
static void many_contexts(void)
{
	struct pair *p = calloc(500, sizeof(*p));
	long before, most;
	int i, round;

	for (i = 0; i < 20; i++)
		works();
	before = private_kib();
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 500; i++)
			need_pair(&p[i], NULL);
		most = private_kib();
		for (i = 0; i < 500; i++)
			release_pair(&p[i]);
	}
	for (i = 0; i < 300; i++)
		works();
	check(private_kib() - before < 8192, "1,000 contexts leave %ld KiB", private_kib() - before);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "private %ld KiB, with 1,000 contexts %ld KiB, then %ld KiB\n", before, most, private_kib());
	free(p);
	fact("many contexts: done");
}

/* The memory of thousands of contexts is returned to the system within seconds, even without further calls. */
static void released(void)
{
	enum { PAIRS = 3000 };
	struct pair *p = calloc(PAIRS, sizeof(*p));
	struct timespec moment = { 0, 200000000 };
	long before = private_kib(), most, now = 0;
	int i;

	for (i = 0; i < PAIRS; i++)
		need_pair(&p[i], NULL);
	most = private_kib();
	for (i = 0; i < PAIRS; i++)
		release_pair(&p[i]);
	free(p);
	for (i = 0; i < 150; i++) {
		now = private_kib();
		if (now - before <= (most - before) / 4)
			break;
		nanosleep(&moment, NULL);
	}
	check(i < 150, "%d contexts took %ld KiB; %ld KiB are left", 2 * PAIRS, most - before, now - before);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%d contexts took %ld KiB, %ld KiB are left after %d00 ms\n", 2 * PAIRS, most - before, now - before,
		    2 * i);
	fact("released: done");
}

/* The same program with an environment that would make a Go program slow, large and verbose. */
static int with_tuning(char *self)
{
	static char *const variables[] = {"GOGC=off", "GOMAXPROCS=1000", "GODEBUG=gctrace=1,inittrace=1,schedtrace=10",
	    "GOMEMLIMIT=1", "GOTRACEBACK=crash"};
	struct stat st;
	int status = -1;
	size_t i;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(scratch("stderr"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		for (i = 0; i < COUNT(variables); i++)
			putenv(variables[i]);
		dup2(fd, 2);
		execl(self, self, "tuned", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (stat(scratch("stderr"), &st) != 0)
		return -1;
	check(st.st_size == 0, "%ld octets on standard error", (long)st.st_size);
	check(status == 0, "with variables of Go the status is %#x", status);
	fact("variables of Go: done");
	return status;
}

static int tuned(void)
{
	int i;

	for (i = 0; i < 200; i++)
		works();
	check(threads() <= 24, "%ld threads", threads());
	check(private_kib() < 8192, "%ld KiB", private_kib());
	check(strcmp(getenv("GOGC"), "off") == 0 && strcmp(getenv("GOMEMLIMIT"), "1") == 0 &&
	    strcmp(getenv("GOTRACEBACK"), "crash") == 0 && strcmp(getenv("GOMAXPROCS"), "1000") == 0 &&
	    strlen(getenv("GODEBUG")) > 20, "the program's environment has changed");
	return end();
}

#ifdef __linux__
static void keys_of_one(int *before, int *after)
{
	unsigned char masked[64];
	struct pair p;
	size_t length;
	int alive, dead;

	need_pair(&p, NULL);
	length = masked_key(p.init, masked);
	alive = copies_in_memory(masked, length);
	release_pair(&p);
	dead = copies_in_memory(masked, length);
	check(alive > 0, "the key of a context was not found");
	*before += alive;
	*after += dead;
}

static void keys(void)
{
	int i, before = 0, after = 0;

	for (i = 0; i < 20; i++)
		keys_of_one(&before, &after);
	/* A stack of the engine that has just been replaced by a larger one may hold a copy for a while. */
	check(after <= before / 20, "keys of deleted contexts are there %d times (%d before)", after, before);
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "keys are there %d times, then %d times\n", before, after);
	fact("keys: done");
}
#else
static void keys(void)
{
	fact("keys: done");
}
#endif

int main(int argc, char **argv)
{
	begin(170);
	if (argc > 1)
		return tuned();
	unused();
	in_use();
	idle();
	keys();
	short_lived_threads();
	many_contexts();
	released();
	with_tuning(argv[0]);
	return end();
}
