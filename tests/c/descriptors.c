/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program closes all descriptors, after calls and while one waits for a KDC, and reuses their numbers for a file of its
 * own: the library keeps working and does not touch the file. Only this library promises that.
 */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define LAST 160 /* no descriptor here has a higher number */
#define CONTENT "of the program\n"

/* Descriptors that the closing thread must not touch. */
static int kept[2] = { -1, -1 };

static int is_kept(int fd) { return fd < 3 || fd == kept[0] || fd == kept[1]; }

static int file;
static struct stat of_file;

static void make_file(void)
{
	int fd = open(scratch("file"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	file = dup2(fd, LAST);
	if (fd < 0 || file != LAST || write(file, CONTENT, strlen(CONTENT)) < 0 || fstat(file, &of_file) != 0)
		exit(2);
	close(fd);
}

static void close_all(void)
{
	int fd;

	for (fd = 3; fd < LAST; fd++)
		if (!is_kept(fd))
			(void)close(fd);
}

/* take_all closes all descriptors and makes each of their numbers refer to the file. */
static void take_all(void)
{
	int fd;

	close_all();
	for (fd = 3; fd < LAST; fd++)
		if (!is_kept(fd) && dup2(file, fd) != fd)
			exit(2);
}

/* untouched checks the file under each of its numbers. */
static void untouched(const char *label)
{
	struct stat st;
	int fd;

	for (fd = 3; fd <= LAST; fd++) {
		if (is_kept(fd))
			continue;
		if (fstat(fd, &st) != 0)
			check(0, "%s: descriptor %d was closed", label, fd);
		else
			check(st.st_dev == of_file.st_dev && st.st_ino == of_file.st_ino, "%s: descriptor %d is another file", label,
			    fd);
	}
	check(fstat(LAST, &st) == 0 && st.st_size == (off_t)strlen(CONTENT), "%s: the file was written to", label);
	check(lseek(LAST, 0, SEEK_CUR) == (off_t)strlen(CONTENT), "%s: the file was read", label);
}

static int exchange(gss_ctx_id_t from, gss_ctx_id_t to)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, to, &token, &message, NULL, NULL) == GSS_S_COMPLETE && same(&text, &message);

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	return ok;
}

/* hand_over exports and imports a context. */
static int hand_over(gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_export_sec_context(&minor, context, &token) == GSS_S_COMPLETE &&
	    gss_import_sec_context(&minor, &token, context) == GSS_S_COMPLETE;

	gss_release_buffer(&minor, &token);
	return ok;
}

/* fresh establishes a context for which the KDC must be asked. */
static int fresh(void)
{
	struct options o = { 0 };
	struct pair p;
	int ok;

	with_login("cc.tgt");
	o.target = OTHER_SERVICE;
	ok = establish(&p, &o) && exchange(p.init, p.accept);
	release_pair(&p);
	return ok;
}

static struct pair pair;

/* goes_on counts the objects that no longer work. */
static int goes_on(void)
{
	int n = 0;

	n += !exchange(pair.init, pair.accept);
	n += 2 * !exchange(pair.accept, pair.init);
	n += 4 * !hand_over(&pair.accept);
	n += 8 * !exchange(pair.init, pair.accept);
	n += 16 * !fresh();
	return n;
}

static int in_child(int generations)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		status = goes_on();
		untouched("a child");
		take_all();
		status |= goes_on();
		untouched("a child that closed all again");
		if (status == 0 && generations > 1)
			status = in_child(generations - 1);
		fflush(stdout);
		_exit(status != 0 ? status : end());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 64;
}

static void after_calls(void)
{
	int round, failed;

	for (round = 0; round < 3; round++) {
		take_all();
		failed = goes_on();
		check(failed == 0, "after calls: %#x failed", (unsigned)failed);
		untouched("after calls");
	}
	failed = in_child(2);
	check(failed == 0, "children: %#x", (unsigned)failed);
	fact("after calls: done");
}

/* silence binds a port and never answers. */
static int silence(void)
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int tries;

	for (tries = 0; tries < 50; tries++) {
		kept[0] = socket(AF_INET, SOCK_DGRAM, 0);
		kept[1] = socket(AF_INET, SOCK_STREAM, 0);
		memset(&a, 0, sizeof(a));
		a.sin_family = AF_INET;
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (bind(kept[0], (struct sockaddr *)&a, sizeof(a)) == 0 &&
		    getsockname(kept[0], (struct sockaddr *)&a, &length) == 0 &&
		    bind(kept[1], (struct sockaddr *)&a, sizeof(a)) == 0 && listen(kept[1], 100) == 0)
			return ntohs(a.sin_port);
		close(kept[0]);
		close(kept[1]);
	}
	exit(2);
}

static gss_name_t other_service;

/* ask makes a call that needs the KDC. */
static OM_uint32 ask(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, major;

	major = gss_init_sec_context(&ignored, GSS_C_NO_CREDENTIAL, &context, other_service, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG,
	    0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return major;
}

static void *take_later(void *ignored)
{
	int i;

	for (i = 0; i < 3; i++) {
		pause_for(0.2);
		take_all();
	}
	return ignored;
}

static sigjmp_buf place;
static pthread_t asking;

static void leave(int number)
{
	(void)number;
	siglongjmp(place, 1);
}

static void *signal_later(void *ignored)
{
	pause_for(0.2);
	pthread_kill(asking, SIGUSR2);
	return ignored;
}

static void during_a_wait(void)
{
	FILE *f = fopen(scratch("silent.conf"), "w");
	pthread_t other;
	OM_uint32 major;

	if (f == NULL)
		exit(2);
	fprintf(f, "[libdefaults]\n\tdefault_realm = %s\n\tdns_canonicalize_hostname = false\n\trdns = false\n"
	    "\trequest_timeout = 2\n[realms]\n\t%s = {\n\t\tkdc = 127.0.0.1:%d\n\t}\n[domain_realm]\n\t%s = %s\n", REALM,
	    REALM, silence(), HOST, REALM);
	fclose(f);
	setenv("KRB5_CONFIG", scratch("silent.conf"), 1);
	with_login("cc.tgt");

	close_all(); /* the following sockets get low numbers */
	/* Another thread closes all descriptors meanwhile: the call still ends in time. */
	pthread_create(&other, NULL, take_later, NULL);
	major = ask();
	pthread_join(other, NULL);
	check(major == GSS_S_FAILURE, "during a wait: %s", major_text(major));
	untouched("during a wait");

	/* A signal handler leaves the call; its requests continue for a while. */
	signal(SIGUSR2, leave);
	asking = pthread_self();
	close_all();
	if (sigsetjmp(place, 1) == 0) {
		pthread_create(&other, NULL, signal_later, NULL);
		ask();
		check(0, "the call returned");
	}
	pthread_join(other, NULL);
	take_all();
	pause_for(2.5);
	untouched("after a call was left");
	fact("during a wait: done");
}

int main(void)
{
	const char *config = getenv("KRB5_CONFIG");
	char original[1000];

	begin(150);
	snprintf(original, sizeof(original), "%s", config != NULL ? config : "");
	make_file();
	need_pair(&pair, NULL);
	check(fresh(), "before: no fresh context");
	after_calls();
	other_service = import(OTHER_SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	during_a_wait();
	setenv("KRB5_CONFIG", original, 1);
	with_login("cc.tgt");
	release_pair(&pair); /* a child has exported one side, which ends it in all processes */
	need_pair(&pair, NULL);
	check(goes_on() == 0, "the program does not go on");
	untouched("at the end");
	return end();
}
