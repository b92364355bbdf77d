/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that wait for a KDC which does not answer: signal handlers run at once and may leave the call, SIGINT kills,
 * pthread_cancel(3) ends it, the time of krb5.conf is kept, and other threads are not held up.
 */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define BUSY 30.0  /* seconds, more than anything immediate takes on a busy machine */
#define TRIES 5    /* for events that must happen within a call, which may be over earlier on a busy machine */

static gss_name_t other_service;
static double limit;

static int silent = -1; /* the datagram socket */

/* Creates sockets that never answer. Returns their port. */
static int silence(void)
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int tries;

	for (tries = 0; tries < 50; tries++) {
		int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);

		memset(&a, 0, sizeof(a));
		a.sin_family = AF_INET;
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (bind(udp, (struct sockaddr *)&a, sizeof(a)) == 0 &&
		    getsockname(udp, (struct sockaddr *)&a, &length) == 0 &&
		    bind(tcp, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(tcp, 100) == 0) {
			silent = udp;
			return ntohs(a.sin_port);
		}
		close(udp);
		close(tcp);
	}
	exit(2);
}

/* realm_silent configures a realm whose KDC does not answer, with this time limit for calls, in seconds. */
static void realm_silent(int seconds)
{
	static int port;
	const char *path = scratch("silent.conf");
	FILE *f = fopen(path, "w");

	if (port == 0)
		port = silence();
	if (f == NULL)
		exit(2);
	fprintf(f, "[libdefaults]\n\tdefault_realm = %s\n\tdns_lookup_kdc = false\n\tdns_canonicalize_hostname = false\n"
	    "\trdns = false\n\trequest_timeout = %d\n[realms]\n\t%s = {\n\t\tkdc = 127.0.0.1:%d\n\t}\n"
	    "[domain_realm]\n\tserver.demo.test = %s\n", REALM, seconds, REALM, port, REALM);
	fclose(f);
	setenv("KRB5_CONFIG", path, 1);
	limit = seconds;
}

/* ask makes a call that needs the KDC. */
static OM_uint32 ask(OM_uint32 *minor)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, major;

	major = gss_init_sec_context(minor, GSS_C_NO_CREDENTIAL, &context, other_service, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return major;
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

static volatile sig_atomic_t asking, count, within;

static void note(int number)
{
	(void)number;
	count++;
	within += asking;
}

/* forget_requests and await_request find out whether a call has reached the point where it waits. */
static void forget_requests(void)
{
	char octet;

	while (recv(silent, &octet, sizeof(octet), MSG_DONTWAIT) >= 0)
		continue;
}

static void await_request(void)
{
	struct pollfd p;

	p.fd = silent;
	p.events = POLLIN;
	(void)poll(&p, 1, (int)(1000 * BUSY));
}

/* send_later sends a thread a signal from another one, when its call waits. If it comes back to where it was, it gets
   more of them, each when it has taken the one before. */
struct later {
	pthread_t target;
	int number, times;
	double after;
};

static void *send_later(void *argument)
{
	struct later l = *(struct later *)argument;
	double end = now() + BUSY;
	int i;

	await_request();
	for (i = 0; i < l.times; i++) {
		pause_for(l.after);
		pthread_kill(l.target, l.number);
		while (l.times > 1 && count <= i && now() < end)
			pause_for(0.001);
	}
	return NULL;
}

static void returning_handler(const char *label, int flags)
{
	struct later l;
	pthread_t sender;
	double begun;
	OM_uint32 major, minor;
	int tries;

	on_signal(SIGUSR1, note, flags);
	l.target = pthread_self();
	l.number = SIGUSR1;
	l.times = 5;
	l.after = 0.1;
	within = 0;
	for (tries = 0; tries < TRIES && within < l.times; tries++) {
		count = within = 0;
		forget_requests();
		begun = now();
		pthread_create(&sender, NULL, send_later, &l);
		asking = 1;
		major = ask(&minor);
		asking = 0;
		check(GSS_ERROR(major) == GSS_S_FAILURE, "%s: %s", label, major_text(major));
		check(now() - begun > limit - 0.2 && now() - begun < limit + BUSY, "%s: the call took %.2f s", label, now() - begun);
		pthread_join(sender, NULL);
	}
	check(within == l.times, "%s: the handler ran %d times, %d of them while the call waited", label, (int)count, (int)within);
	fact("%s: done", label);
}

static sigjmp_buf place;

static void leave(int number)
{
	(void)number;
	siglongjmp(place, 1);
}

static int lowest_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void leaving_handler(int times)
{
	volatile int left = 0, i;
	double begun = now();
	volatile int descriptor = lowest_descriptor();
	OM_uint32 minor;

	on_signal(SIGUSR2, leave, 0);
	for (i = 0; i < times; i++) {
		struct later l;
		pthread_t sender;

		l.target = pthread_self();
		l.number = SIGUSR2;
		l.times = 1;
		l.after = 0.05;
		if (sigsetjmp(place, 1) == 0) {
			forget_requests();
			pthread_create(&sender, NULL, send_later, &l);
			pthread_detach(sender);
			ask(&minor);
			check(0, "the call returned");
		} else {
			left++;
		}
	}
	check(left == times, "%d of %d calls were left", left, times);
	check(now() - begun < times * limit / 2, "%d calls were left after %.2f s", times, now() - begun);
	/* Abandoned exchanges end. */
	begun = now();
	while (lowest_descriptor() > descriptor + 4 && now() - begun < limit + BUSY)
		pause_for(0.1);
	check(lowest_descriptor() <= descriptor + 4, "descriptors are left: %d, before %d", lowest_descriptor(), descriptor);
	fact("a handler that leaves the call: done");
}

static void killed(void)
{
	pid_t pid;
	double begun;
	int status = 0;

	fflush(stdout);
	forget_requests();
	pid = fork();
	if (pid == 0) {
		OM_uint32 minor;

		signal(SIGINT, SIG_DFL);
		ask(&minor);
		_exit(0);
	}
	await_request();
	begun = now();
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "SIGINT: the status is %#x", status);
	check(now() - begun < limit / 2, "SIGINT took %.2f s", now() - begun);
	fact("SIGINT: done");
}

static void *ask_in_thread(void *result)
{
	OM_uint32 minor, *major = result;

	*major = ask(&minor);
	return NULL;
}

static void cancelled(void)
{
	OM_uint32 major = 0;
	pthread_t thread;
	void *result = NULL;
	double begun;
	int i;

	for (i = 0; i < 10; i++) {
		forget_requests();
		pthread_create(&thread, NULL, ask_in_thread, &major);
		await_request();
		begun = now();
		pthread_cancel(thread);
		pthread_join(thread, &result);
		check(result == PTHREAD_CANCELED, "the thread was not cancelled");
		check(now() - begun < limit / 2, "pthread_cancel took %.2f s", now() - begun);
	}
	fact("pthread_cancel: done");
}

/* Meanwhile other threads can use the same credential. */
static void others(void)
{
	OM_uint32 major = 0;
	pthread_t thread;
	struct pair p;
	double begun, longest = 0;
	int i;

	forget_requests();
	pthread_create(&thread, NULL, ask_in_thread, &major);
	await_request();
	for (i = 0; i < 50; i++) {
		gss_buffer_desc token;
		OM_uint32 minor;

		begun = now();
		need_pair(&p, NULL);
		token = wrapped(p.init, 1, "text");
		gss_release_buffer(&minor, &token);
		release_pair(&p);
		if (now() - begun > longest)
			longest = now() - begun;
	}
	check(longest < limit / 2, "a call of another thread took %.2f s", longest);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	fact("calls of other threads: done");
}

static volatile pid_t child;

static void make_child(int number)
{
	(void)number;
	if (asking)
		child = fork();
}

/* The handler forks and returns in both processes. */
static void fork_in_handler(int flags)
{
	struct later l;
	pthread_t sender;
	pid_t self = getpid();
	OM_uint32 major = 0, minor;
	int status = -1, tries;

	fflush(stdout);
	child = 0;
	on_signal(SIGUSR1, make_child, flags);
	l.target = pthread_self();
	l.number = SIGUSR1;
	l.times = 1;
	l.after = 0.3;
	for (tries = 0; tries < TRIES && child == 0; tries++) {
		forget_requests();
		pthread_create(&sender, NULL, send_later, &l);
		asking = 1;
		major = ask(&minor);
		asking = 0;
		if (getpid() != self)
			_exit(GSS_ERROR(major) == GSS_S_FAILURE ? 0 : 1);
		pthread_join(sender, NULL);
	}
	check(GSS_ERROR(major) == GSS_S_FAILURE, "in the parent: %s", major_text(major));
	check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the child's status is %#x", status);
	fact("a fork in a handler%s: done", flags ? " with SA_RESTART" : "");
}

int main(void)
{
	const char *config;
	char kept[1024];
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	struct pair p;
	OM_uint32 major, minor;

	begin(170);
	config = getenv("KRB5_CONFIG");
	if (config == NULL || strlen(config) >= sizeof(kept))
		return 2;
	strcpy(kept, config);
	other_service = import(OTHER_SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	need_pair(&p, NULL); /* this service's ticket is in the cache from here on */
	release_pair(&p);

	realm_silent(2);
	returning_handler("a handler", 0);
	returning_handler("a handler with SA_RESTART", SA_RESTART);
	leaving_handler(40);
	realm_silent(30);
	cancelled();
	others();
	killed();
	realm_silent(2);
	fork_in_handler(0);
	fork_in_handler(SA_RESTART);

	/* With a working KDC, everything works. */
	setenv("KRB5_CONFIG", kept, 1);
	major = ask(&minor);
	check(major == GSS_S_CONTINUE_NEEDED, "with a KDC: %s, minor %lu", major_text(major), (unsigned long)minor);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	check(major == GSS_S_COMPLETE, "gss_acquire_cred: %s", major_text(major));
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &other_service);
	return end();
}
