/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library leaves the program's signals alone: dispositions do not change, faults reach the program's handlers or kill
 * as they do without the library, and a profiler's handler finds enough stack. Each part is a process of its own.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "harness.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static void works(void)
{
	struct pair p;

	need_pair(&p, NULL);
	release_pair(&p);
}

static void on_signal(int number, void (*handler)(int), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

/* in_child returns the wait status of a child that runs body, and how much it wrote to standard error. */
static int in_child(void (*body)(void), long *said)
{
	const char *errors = scratch("stderr");
	struct stat st;
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int fd = open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, 2);
		alarm(60);
		body();
		fflush(stdout);
		_exit(end());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	*said = stat(errors, &st) == 0 ? (long)st.st_size : -1;
	return status;
}

static void killed_by(const char *label, void (*body)(void), int number)
{
	long said;
	int status = in_child(body, &said);

	check(WIFSIGNALED(status) && WTERMSIG(status) == number, "%s: the status is %#x", label, status);
	check(said == 0, "%s: %ld octets on standard error", label, said);
	fact("%s: done", label);
}

static void succeeds(const char *label, void (*body)(void))
{
	long said;
	int status = in_child(body, &said);

	check(status == 0, "%s: the status is %#x", label, status);
	check(said == 0, "%s: %ld octets on standard error", label, said);
	fact("%s: done", label);
}

/* Faults */

static int *volatile nowhere;
static volatile int zero;

static void bad_address(void)
{
	*nowhere = 1;
}

static void bad_page(void)
{
	int fd = open(scratch("page"), O_RDWR | O_CREAT, 0600);
	volatile char *page;

	if (ftruncate(fd, 4096) != 0)
		return;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ftruncate(fd, 0) != 0)
		return;
	page[0] = 1;
}

static void bad_division(void)
{
#if defined(__x86_64__) || defined(__i386__)
	zero = 1000 / zero;
#else
	raise(SIGFPE);
#endif
}

static void default_segv(void) { works(); bad_address(); }
static void default_bus(void) { works(); bad_page(); }
static void default_fpe(void) { works(); bad_division(); }
static void default_kill(void) { works(); kill(getpid(), SIGSEGV); pause(); }
static void default_raise(void) { works(); raise(SIGBUS); pause(); }
static void default_abort(void) { works(); abort(); }
static void default_term(void) { works(); kill(getpid(), SIGTERM); pause(); }

/* A child of a child has two engines, one of which is dead. */
static void default_grandchild(void)
{
	pid_t pid;
	int status;

	works();
	pid = fork();
	if (pid == 0)
		default_segv();
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	pause();
}

static sigjmp_buf place;
static volatile sig_atomic_t caught;

static void jump(int number)
{
	caught = number;
	siglongjmp(place, 1);
}

static void provoke(int number, void (*fault)(void))
{
	caught = 0;
	if (sigsetjmp(place, 1) == 0)
		fault();
	check(caught == number, "the handler of signal %d got %d", number, (int)caught);
}

static void all_faults(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		provoke(SIGSEGV, bad_address);
		provoke(SIGBUS, bad_page);
		provoke(SIGFPE, bad_division);
		works();
	}
}

static void *faults_in_thread(void *ignored)
{
	provoke(SIGSEGV, bad_address);
	return ignored;
}

static void handlers(void)
{
	on_signal(SIGSEGV, jump, 0);
	on_signal(SIGBUS, jump, 0);
	on_signal(SIGFPE, jump, 0);
}

static void handlers_before(void)
{
	pthread_t thread;

	handlers();
	works();
	all_faults();
	/* A thread that has never called the library. */
	pthread_create(&thread, NULL, faults_in_thread, NULL);
	pthread_join(thread, NULL);
}

static void handlers_after(void)
{
	works();
	handlers();
	all_faults();
}

/* The mask of a handler, with the lowest and the highest signal numbers. */
static volatile int blocked;

static void note_mask(int number)
{
	sigset_t mask;

	(void)number;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	blocked = sigismember(&mask, SIGHUP) + 2 * sigismember(&mask, SIGRTMAX) + 4 * sigismember(&mask, SIGSEGV) +
	    8 * sigismember(&mask, SIGUSR1);
	siglongjmp(place, 1);
}

static void mask_of_handler(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note_mask;
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGHUP);
	sigaddset(&action.sa_mask, SIGRTMAX);
	sigaction(SIGSEGV, &action, NULL);
	works();
	errno = 4711;
	if (sigsetjmp(place, 1) == 0)
		bad_address();
	check(blocked == 7 && errno == 4711, "the mask in a handler is %#x, errno %d", (unsigned)blocked, errno);
}

/* Fault signals that were sent */

static void by_kill(int number) { kill(getpid(), number); }
static void by_raise(int number) { raise(number); }
static void by_pthread_kill(int number) { pthread_kill(pthread_self(), number); }

static void by_sigqueue(int number)
{
	union sigval value;

	value.sival_int = 0x5eed;
	sigqueue(getpid(), number, value);
}

/* How a signal is sent, when the program installs its handler, and which thread receives it. */
static struct sending {
	const char *name;
	void (*send)(int number);
	int number;
	enum { NO_HANDLER, HANDLER_BEFORE, HANDLER_AFTER } handler;
	enum { PARENT, CHILD, CHILD_THAT_CALLS } who;
} sending;

static volatile sig_atomic_t came;
static siginfo_t sent; /* as the handler received it */

static void note(int number, siginfo_t *info, void *context)
{
	(void)context;
	came = number;
	sent = *info;
}

static void note_sent(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = note;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	sigaction(sending.number, &action, NULL);
}

/* send_one lets the kernel send the signal to this process, and waits for it. */
static void send_one(void)
{
	int i;

	came = 0;
	memset(&sent, 0, sizeof(sent));
	sending.send(sending.number);
	for (i = 0; i < 30000 && came == 0; i++)
		pause_for(0.001);
}

/* deliver sends the signal once before the library is used, for comparison, and once after. */
static void deliver(void)
{
	siginfo_t before;
	pid_t pid;
	int status;

	note_sent();
	send_one();
	before = sent;
	if (sending.handler != HANDLER_BEFORE)
		signal(sending.number, SIG_DFL);
	works();
	if (sending.handler == HANDLER_AFTER)
		note_sent();
	if (sending.who != PARENT) {
		pid = fork();
		if (pid > 0) {
			if (waitpid(pid, &status, 0) != pid)
				exit(2);
			if (WIFSIGNALED(status)) {
				signal(WTERMSIG(status), SIG_DFL);
				kill(getpid(), WTERMSIG(status));
			}
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
		}
		if (sending.who == CHILD_THAT_CALLS)
			works();
	}
	send_one();
	check(came == sending.number, "signal %d did not come", sending.number);
	check(sent.si_code == before.si_code, "si_code is %#x, not %#x", (unsigned)sent.si_code, (unsigned)before.si_code);
	check(sent.si_value.sival_int == before.si_value.sival_int, "the value is %#x, not %#x",
	    (unsigned)sent.si_value.sival_int, (unsigned)before.si_value.sival_int);
	check(sent.si_pid == getpid(), "it comes from process %d", (int)sent.si_pid);
	if (sending.who != PARENT) {
		fflush(stdout);
		_exit(end());
	}
}

static void all_sendings(void)
{
	static const struct sending ways[] = {
	    {.name = "kill", .send = by_kill},
	    {.name = "raise", .send = by_raise},
	    {.name = "pthread_kill", .send = by_pthread_kill},
	    {.name = "sigqueue", .send = by_sigqueue},
	};
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE};
	static const char *const handlers[] = {"no handler", "a handler from before", "a handler from after"};
	static const char *const receivers[] = {"the parent", "a child", "a child that calls"};
	size_t way, number;
	int h, who, status, failed = 0;
	long said;

	for (way = 0; way < COUNT(ways); way++)
		for (number = 0; number < COUNT(numbers); number++)
			for (h = NO_HANDLER; h <= HANDLER_AFTER; h++)
				for (who = PARENT; who <= CHILD_THAT_CALLS; who++) {
					sending = ways[way];
					sending.number = numbers[number];
					sending.handler = h;
					sending.who = who;
					status = in_child(deliver, &said);
					if (said == 0 && (h == NO_HANDLER ? WIFSIGNALED(status) && WTERMSIG(status) == sending.number :
					    status == 0))
						continue;
					/* Counted below: children inherit the count of failures. */
					printf("signal %d by %s, %s, %s: the status is %#x, %ld octets on standard error\n",
					    sending.number, sending.name, handlers[h], receivers[who], (unsigned)status, said);
					failed++;
				}
	check(failed == 0, "%d ways to send a signal", failed);
	fact("signals of faults that were sent: done");
}

/* Dispositions */

static void handler(int number)
{
	(void)number;
}

static void dispositions(void)
{
	struct sigaction before[65], after;
	int i, n = 0;

	on_signal(SIGUSR1, handler, 0);
	on_signal(SIGUSR2, handler, SA_RESTART | SA_ONSTACK);
	on_signal(SIGURG, handler, 0);
	on_signal(SIGPIPE, SIG_IGN, 0);
	on_signal(SIGPROF, handler, SA_RESTART);
	on_signal(SIGHUP, handler, SA_NODEFER);
	for (i = 1; i < 65; i++)
		if (sigaction(i, NULL, &before[i]) != 0)
			before[i].sa_flags = -1;
	works();
	for (i = 1; i < 65; i++) {
		if (before[i].sa_flags == -1 || sigaction(i, NULL, &after) != 0 || i == SIGSEGV || i == SIGBUS || i == SIGFPE)
			continue;
		if (after.sa_handler != before[i].sa_handler || after.sa_flags != before[i].sa_flags)
			check(0, "signal %d has another disposition", i);
		n++;
	}
	check(n > 25, "only %d signals", n);
}

/* Another thread installs a handler while the engine begins, when that looks whether there is room for it. */
static int meanwhile;

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	static void *(*map)(void *, size_t, int, int, int, off_t);

	if (map == NULL)
		*(void **)&map = dlsym(RTLD_NEXT, "mmap");
	if (meanwhile && length > (32 << 20)) {
		on_signal(SIGBUS, handler, 0);
		meanwhile = 0;
	}
	return map(address, length, protection, flags, fd, offset);
}

static void installed_meanwhile(void)
{
	struct sigaction action;

	meanwhile = 1;
	works();
	check(meanwhile == 0 && sigaction(SIGBUS, NULL, &action) == 0 && action.sa_handler == handler,
	    "a handler that was installed while the engine began is gone");
}

static void broken_pipe(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	works();
	if (pipe(fds) != 0)
		return;
	close(fds[0]);
	check(write(fds[1], "x", 1) == -1 && errno == EPIPE, "SIGPIPE is not ignored any more");
}

static void default_pipe(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_DFL);
	works();
	if (pipe(fds) != 0)
		return;
	close(fds[0]);
	if (write(fds[1], "x", 1) != 0)
		return;
}

/* A thread's mask does not change, whether it blocks no signals or all except those for faults. */
static void *mask_in_thread(void *fill)
{
	sigset_t set, after;
	gss_OID_set mechs;
	OM_uint32 minor;
	int number;

	sigemptyset(&set);
	if (fill != NULL)
		sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	/* The thread's first call is one that never waits. */
	gss_indicate_mechs(&minor, &mechs);
	gss_release_oid_set(&minor, &mechs);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	check(sigismember(&after, SIGCHLD) == (fill != NULL), "SIGCHLD is%s blocked", fill != NULL ? " not" : "");
	works();
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (number = 1; number < 32; number++) {
		switch (number) {
		case SIGKILL: case SIGSTOP: case SIGSEGV: case SIGBUS: case SIGFPE: case SIGILL: case SIGTRAP:
#ifdef SIGSTKFLT
		case SIGSTKFLT:
#endif
			continue;
		}
		check(sigismember(&after, number) == (fill != NULL), "signal %d is%s blocked", number, fill != NULL ? " not" : "");
	}
	return NULL;
}

static void mask(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 4; i++) {
		pthread_create(&thread, NULL, mask_in_thread, i % 2 == 0 ? &thread : NULL);
		pthread_join(thread, NULL);
	}
}

/* A profiler */

static volatile sig_atomic_t ticks, strange_ticks;
static pthread_t own[5];
static volatile int owned;

static void deep(int number)
{
	volatile char frame[16 * 1024];
	pthread_t self = pthread_self();
	size_t i;
	int mine = 0;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (char)number;
	for (i = 0; i < (size_t)owned; i++)
		mine |= pthread_equal(self, own[i]);
	ticks++;
	if (!mine)
		strange_ticks++;
}

static volatile int stop;

static void *busy(void *ignored)
{
	while (!stop)
		works();
	return ignored;
}

static void profiler(void)
{
	struct itimerval every = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
	int i;

	works();
	own[0] = pthread_self();
	owned = 1;
	on_signal(SIGPROF, deep, SA_RESTART);
	for (i = 1; i < 5; i++) {
		sigset_t all, before;

		/* A thread receives no signal before its element of own is set. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		pthread_create(&own[i], NULL, busy, NULL);
		owned = i + 1;
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	setitimer(ITIMER_PROF, &every, NULL);
	for (i = 0; i < 1500; i++)
		works();
	stop = 1;
	for (i = 1; i < 5; i++)
		pthread_join(own[i], NULL);
	setitimer(ITIMER_PROF, &never, NULL);
	check(ticks > 20, "SIGPROF came %d times", (int)ticks);
	check(strange_ticks == 0, "SIGPROF came %d times on threads of the library", (int)strange_ticks);
}

int main(void)
{
	begin(170);
	killed_by("SIGSEGV by default", default_segv, SIGSEGV);
	killed_by("SIGBUS by default", default_bus, SIGBUS);
	killed_by("SIGFPE by default", default_fpe, SIGFPE);
	killed_by("kill with SIGSEGV by default", default_kill, SIGSEGV);
	killed_by("raise with SIGBUS by default", default_raise, SIGBUS);
	killed_by("SIGSEGV by default in a grandchild", default_grandchild, SIGSEGV);
	killed_by("SIGABRT", default_abort, SIGABRT);
	killed_by("SIGTERM", default_term, SIGTERM);
	killed_by("SIGPIPE by default", default_pipe, SIGPIPE);
	succeeds("handlers of faults from before", handlers_before);
	succeeds("handlers of faults from after", handlers_after);
	succeeds("the mask of a handler", mask_of_handler);
	all_sendings();
	succeeds("dispositions", dispositions);
	succeeds("a handler that comes while the engine begins", installed_meanwhile);
	succeeds("SIGPIPE ignored", broken_pipe);
	succeeds("the mask", mask);
	succeeds("a profiler", profiler);
	return end();
}
