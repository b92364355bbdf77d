/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * If a process may have only so many threads, everything works with those: contexts and messages of many threads, garbage
 * collection, and questions that no KDC answers. If it may have none but its first, that works alone, and calls that need
 * others fail and say so.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "harness.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define THREADS 24
#define CONTEXTS 4  /* for each thread, one after the other */
#define NEEDED 3    /* threads that the engine needs at least, if it needs any */
#define SECONDS 2   /* that a call waits for a KDC's answer */

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static create_fn *create;
static long allowed = -1; /* how many more threads; -1: any number */
static long refused;

/* The library calls this one; the program creates its own threads with create. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	long left = __atomic_load_n(&allowed, __ATOMIC_ACQUIRE);

	while (left > 0 && !__atomic_compare_exchange_n(&allowed, &left, left - 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		continue;
	if (left == 0) {
		(void)__atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
		return EAGAIN;
	}
	return create(thread, attributes, run, argument);
}

static int works(void)
{
	struct pair p;
	int ok = establish(&p, NULL);

	release_pair(&p);
	return ok;
}

static OM_uint32 first_call(OM_uint32 *minor)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 ignored, major = gss_import_name(minor, &text, GSS_C_NT_USER_NAME, &name);

	gss_release_name(&ignored, &name);
	return major;
}

static int ends_well(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* names_threads reports whether the text of a minor code is about a lack of threads. */
static int names_threads(OM_uint32 minor)
{
	char needed[32];

	snprintf(needed, sizeof(needed), "needs %d threads", NEEDED);
	return says(minor, needed);
}

static void *call_beside(void *failed)
{
	OM_uint32 minor, major = first_call(&minor);

	*(int *)failed = major == GSS_S_FAILURE && minor == EAGAIN && names_threads(minor);
	return NULL;
}

/* A thread beside the first one cannot call, while it may have no other. */
static int fails_beside(void)
{
	pthread_t thread;
	int failed = 0;

	return create(&thread, NULL, call_beside, &failed) == 0 && pthread_join(thread, NULL) == 0 && failed;
}

/* A question to the network cannot be asked: with a ticket for the KDC, and none for the service. */
static int fails_to_ask(void)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT;
	gss_name_t name;
	OM_uint32 major, minor, ignored;
	char login[512];
	int failed;

	snprintf(login, sizeof(login), "%s", getenv("KRB5CCNAME"));
	with_login("cc.tgt");
	name = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, name, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	failed = major == GSS_S_FAILURE && minor == EAGAIN && names_threads(minor) && token.length == 0;
	(void)gss_delete_sec_context(&ignored, &init, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &name);
	setenv("KRB5CCNAME", login, 1);
	return failed;
}

/* A daemon of credential caches cannot be asked either. */
static int fails_to_ask_daemon(void)
{
	struct sockaddr_un a;
	char text[256], login[512];
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;
	int s = socket(AF_UNIX, SOCK_STREAM, 0), failed;

	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", scratch("kcm"));
	if (s < 0 || (unlink(a.sun_path) != 0 && errno != ENOENT) || bind(s, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(s, 1) != 0)
		exit(2);
	snprintf(text, sizeof(text), "[libdefaults]\n\tkcm_socket = %s\n", a.sun_path);
	with_config(text);
	snprintf(login, sizeof(login), "%s", getenv("KRB5CCNAME"));
	setenv("KRB5CCNAME", "KCM:", 1);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	failed = major == GSS_S_NO_CRED && names_threads(minor);
	(void)gss_release_cred(&ignored, &cred);
	setenv("KRB5CCNAME", login, 1);
	with_config("");
	close(s);
	return failed;
}

/* waits_for_lock makes contexts while another process has locked the credential cache for a moment. */
static int waits_for_lock(void)
{
	struct flock lock;
	char octet;
	int fds[2], ok;
	pid_t pid;

	if (pipe(fds) != 0)
		exit(2);
	pid = fork();
	if (pid == 0) {
		int fd = open(strchr(getenv("KRB5CCNAME"), ':') + 1, O_RDWR);

		memset(&lock, 0, sizeof(lock));
		lock.l_type = F_WRLCK;
		lock.l_whence = SEEK_SET;
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0 || write(fds[1], "", 1) != 1)
			_exit(1);
		pause_for(0.2);
		_exit(0);
	}
	close(fds[1]);
	ok = read(fds[0], &octet, 1) == 1 && works();
	close(fds[0]);
	return ends_well(pid) && ok;
}

/* Garbage cannot be collected: the program goes on for a while, until there is too much of it. */
static int fails_with_garbage(void)
{
	static char octets[20000];
	static gss_name_t names[10000];
	OM_uint32 major = GSS_S_COMPLETE, minor = 0, ignored;
	gss_buffer_desc text = { sizeof(octets), octets };
	long before = refused;
	size_t n, first = 0;
	int failed;

	memset(octets, 'x', sizeof(octets));
	for (n = 0; n < COUNT(names); n++) {
		major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &names[n]);
		if (major != GSS_S_COMPLETE)
			break;
		if (first == 0 && refused != before)
			first = n;
	}
	failed = first != 0 && n > 2 * first && major == GSS_S_FAILURE && says(minor, "garbage");
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "refused from %zu on, failed at %zu\n", first, n);
	while (n-- > 0)
		failed = gss_release_name(&ignored, &names[n]) == GSS_S_COMPLETE && failed;
	return failed;
}

/* With one thread, the program has what needs no other. What fails has no lasting effect, neither here nor in a child. */
static int too_few(void)
{
	int tries;
	pid_t pid;

	for (tries = 0; tries < 3; tries++) {
		if (!works() || !fails_beside() || !fails_to_ask() || !fails_to_ask_daemon())
			return 1;
	}
	if (!waits_for_lock())
		return 9;
	pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		if (!works() || !fails_beside())
			_exit(2);
		allowed = -1;
		_exit(works() && !fails_beside() ? 0 : 3);
	}
	if (!ends_well(pid))
		return 4;
	if (!fails_with_garbage())
		return 5;
	allowed = -1;
	if (!works() || fails_beside() || fails_to_ask())
		return 6;
	pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		_exit(works() ? 0 : 7);
	}
	return ends_well(pid) ? 0 : 8;
}

static gss_name_t target;
static pthread_barrier_t all_have;

/* A message so long that its buffers become garbage. */
static int exchange(gss_ctx_id_t from, gss_ctx_id_t to)
{
	static char content[64 << 10];
	gss_buffer_desc message, token = GSS_C_EMPTY_BUFFER, plain = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok;

	message.value = content;
	message.length = sizeof(content);
	ok = gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, to, &token, &plain, NULL, NULL) == GSS_S_COMPLETE && same(&message, &plain);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &plain);
	return ok;
}

static int context(gss_ctx_id_t *init, gss_ctx_id_t *accept)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, answer = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok;

	*init = *accept = GSS_C_NO_CONTEXT;
	ok = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, init, target, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL) == GSS_S_COMPLETE &&
	    gss_accept_sec_context(&minor, accept, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &answer,
	    NULL, NULL, NULL) == GSS_S_COMPLETE && answer.length == 0;
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &answer);
	return ok;
}

static void end_context(gss_ctx_id_t *init, gss_ctx_id_t *accept)
{
	OM_uint32 minor;

	gss_delete_sec_context(&minor, init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, accept, GSS_C_NO_BUFFER);
}

/* The first contexts all need a ticket from the KDC at the same time. */
static void *make_contexts(void *failures)
{
	gss_ctx_id_t init, accept;
	int i, j;

	for (i = 0; i < CONTEXTS; i++) {
		if (!context(&init, &accept))
			(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
		for (j = 0; j < 20; j++) {
			if (!exchange(init, accept))
				(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
		}
		end_context(&init, &accept);
	}
	return NULL;
}

/* A call for a name without a ticket, which waits until its time is up. */
static void *ask(void *failures)
{
	gss_buffer_desc text = buffer("demo@" HOST), token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	if (gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name) != GSS_S_COMPLETE)
		(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
	(void)pthread_barrier_wait(&all_have);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, name, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	if (major != GSS_S_FAILURE || !says(minor, "KDC"))
		(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
	gss_release_name(&minor, &name);
	return NULL;
}

static void *exchange_beside(void *failures)
{
	gss_ctx_id_t init, accept;
	int i;

	if (!context(&init, &accept))
		(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
	(void)pthread_barrier_wait(&all_have);
	for (i = 0; i < 500; i++) {
		if (!exchange(init, accept))
			(void)__atomic_add_fetch((long *)failures, 1, __ATOMIC_RELAXED);
	}
	end_context(&init, &accept);
	return NULL;
}

static long in_threads(void *(*body)(void *), void *(*other)(void *))
{
	pthread_t threads[THREADS];
	long failures = 0;
	int i;

	for (i = 0; i < THREADS; i++) {
		if (create(&threads[i], NULL, i % 2 == 0 ? body : other, &failures) != 0)
			exit(2);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return failures;
}

/* A socket that never answers. */
static int silent_port(void)
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(udp, (struct sockaddr *)&a, sizeof(a)) != 0 || getsockname(udp, (struct sockaddr *)&a, &length) != 0)
		exit(2);
	return ntohs(a.sin_port);
}

static void realm_silent(void)
{
	const char *path = scratch("silent.conf");
	FILE *f = fopen(path, "w");

	if (f == NULL)
		exit(2);
	fprintf(f, "[libdefaults]\n\tdefault_realm = " REALM "\n\tdns_lookup_kdc = false\n"
	    "\tdns_canonicalize_hostname = false\n\trdns = false\n\tudp_preference_limit = 100000\n\trequest_timeout = %d\n[realms]\n\t" REALM " = {\n"
	    "\t\tkdc = 127.0.0.1:%d\n\t}\n[domain_realm]\n\tserver.demo.test = " REALM "\n", SECONDS, silent_port());
	fclose(f);
	setenv("KRB5_CONFIG", path, 1);
}

static int enough(int none_more)
{
	OM_uint32 minor;
	int tries;

	if (first_call(&minor) != GSS_S_COMPLETE)
		return 1;
	with_login("cc.tgt");
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	if (in_threads(make_contexts, make_contexts) != 0)
		return 2;
	realm_silent();
	pthread_barrier_init(&all_have, NULL, THREADS);
	/* Where there is one processor, or much to do, the engine may not want another thread the first time. */
	for (tries = 0; tries == 0 || (none_more && refused == 0 && tries < 20); tries++) {
		if (in_threads(ask, exchange_beside) != 0)
			return 3;
	}
	if (getenv("FIGURES") != NULL)
		fprintf(stderr, "%ld were refused, try %d\n", refused, tries);
	if (refused == 0 && none_more)
		return 4; /* all threads could be created, so nothing was tested */
	allowed = -1;
	return in_threads(ask, exchange_beside) == 0 ? 0 : 5;
}

/* ended waits for a process. It ends it with its children after so many seconds: a call that hangs blocks other signals. */
static int ended(pid_t pid, int seconds)
{
	int status = -1, i;

	for (i = 0; i < seconds * 100; i++) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return status;
		pause_for(0.01);
	}
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return status;
}

int main(void)
{
	int count, status;
	pid_t pid;

	begin(170);
	*(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
	if (create == NULL || !works()) /* children find the tickets, and need not ask for them */
		return 2;
	for (count = 0; count < NEEDED + 2; count++) {
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			(void)setpgid(0, 0);
			allowed = count;
			_exit(count < NEEDED ? too_few() : enough(count == NEEDED));
		}
		if (pid < 0)
			exit(2);
		status = ended(pid, count < NEEDED ? 30 : 100);
		check(status == 0, "%d threads: the status is %#x", count, status);
		if (status != 0)
			break;
		fact("%d threads: done", count);
	}
	return end();
}
