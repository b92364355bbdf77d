/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A typical server acquires its credential, becomes a daemon and forks four workers in advance, which serve clients with
 * that credential. Each client is a process.
 */
#include "harness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define WORKERS 4
#define CLIENTS 24

static int put(int fd, const gss_buffer_desc *token)
{
	unsigned long length = token->length;

	return write(fd, &length, sizeof(length)) == (ssize_t)sizeof(length) &&
	    write(fd, token->value, token->length) == (ssize_t)token->length ? 0 : -1;
}

static int take_octets(int fd, void *to, size_t length)
{
	size_t have = 0;

	while (have < length) {
		ssize_t n = read(fd, (char *)to + have, length - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

static int take(int fd, gss_buffer_t token)
{
	unsigned long length;

	token->value = NULL;
	if (take_octets(fd, &length, sizeof(length)) != 0 || length > 1 << 20)
		return -1;
	token->length = length;
	token->value = malloc(length + 1);
	return take_octets(fd, token->value, length);
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un a;

	memset(&a, 0, sizeof(a));
	a.sun_family = AF_UNIX;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", scratch("socket"));
	return a;
}

/* serve authenticates one client and answers its message with the client's name. */
static void serve(int fd, gss_cred_id_t cred)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t client = GSS_C_NO_NAME;
	gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER, text = GSS_C_EMPTY_BUFFER, sealed = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	if (take(fd, &in) != 0)
		_exit(3);
	major = gss_accept_sec_context(&minor, &context, cred, &in, GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &out, NULL,
	    NULL, NULL);
	free(in.value);
	if (major != GSS_S_COMPLETE || put(fd, &out) != 0)
		_exit(4);
	gss_release_buffer(&minor, &out);
	if (take(fd, &in) != 0 || gss_unwrap(&minor, context, &in, &text, NULL, NULL) != GSS_S_COMPLETE)
		_exit(5);
	free(in.value);
	gss_release_buffer(&minor, &text);
	if (gss_display_name(&minor, client, &text, NULL) != GSS_S_COMPLETE ||
	    gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &text, NULL, &sealed) != GSS_S_COMPLETE || put(fd, &sealed) != 0)
		_exit(6);
	gss_release_buffer(&minor, &text);
	gss_release_buffer(&minor, &sealed);
	gss_release_name(&minor, &client);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

static void server(int done)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	struct sockaddr_un a = address();
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), i, status;
	OM_uint32 major, minor;
	pid_t workers[WORKERS];
	char answer = 0;

	alarm(100);
	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(listener, CLIENTS) != 0)
		_exit(2);
	fflush(stdout);
	if (daemon(0, 0) != 0)
		_exit(2);
	alarm(100);
	for (i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		if (workers[i] == 0) {
			alarm(100);
			close(done);
			for (;;) {
				int fd = accept(listener, NULL, NULL);

				if (fd < 0)
					_exit(7);
				serve(fd, cred);
				close(fd);
			}
		}
	}
	/* The parent of the clients closes its end when all have been served. */
	if (read(done, &answer, 1) < 0)
		_exit(2);
	answer = 'y';
	for (i = 0; i < WORKERS; i++) {
		if (waitpid(workers[i], &status, WNOHANG) != 0)
			answer = 'n';
		kill(workers[i], SIGKILL);
		waitpid(workers[i], &status, 0);
	}
	/* The daemon itself uses the credential, too. */
	if (gss_inquire_cred(&minor, cred, NULL, NULL, NULL, NULL) != GSS_S_COMPLETE)
		answer = 'n';
	gss_release_cred(&minor, &cred);
	if (write(done, &answer, 1) != 1)
		_exit(2);
	exit(0);
}

static int client(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_buffer_desc in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER, text = buffer("who am I");
	struct sockaddr_un a = address();
	OM_uint32 major, minor;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), same_name;

	alarm(60);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		return 1;
	do {
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, ALL_FLAGS, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL, NULL);
		free(in.value);
		if (GSS_ERROR(major) || (out.length > 0 && put(fd, &out) != 0))
			return 2;
		gss_release_buffer(&minor, &out);
		if (major & GSS_S_CONTINUE_NEEDED && take(fd, &in) != 0)
			return 3;
	} while (major & GSS_S_CONTINUE_NEEDED);
	if (gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &text, NULL, &out) != GSS_S_COMPLETE || put(fd, &out) != 0)
		return 4;
	gss_release_buffer(&minor, &out);
	if (take(fd, &in) != 0 || gss_unwrap(&minor, context, &in, &out, NULL, NULL) != GSS_S_COMPLETE)
		return 5;
	same_name = out.length == strlen(USER "@" REALM) && memcmp(out.value, USER "@" REALM, out.length) == 0;
	free(in.value);
	gss_release_buffer(&minor, &out);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_name(&minor, &target);
	return same_name ? 0 : 6;
}

int main(void)
{
	int ends[2], i, status, served = 0;
	char answer = 0;
	pid_t pid;

	begin(120);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return 2;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		server(ends[1]);
	}
	close(ends[1]);
	waitpid(pid, &status, 0); /* the daemon's parent has ended */
	check(status == 0, "the server's status is %#x", status);
	for (i = 0; i < CLIENTS; i++) {
		if (fork() == 0)
			_exit(client());
	}
	for (i = 0; i < CLIENTS; i++) {
		if (wait(&status) > 0 && status == 0)
			served++;
		else
			fact("a client's status is %#x", status);
	}
	check(served == CLIENTS, "%d of %d clients were served", served, CLIENTS);
	if (write(ends[0], "x", 1) != 1 || read(ends[0], &answer, 1) != 1)
		answer = 'x';
	check(answer == 'y', "the daemon says '%c'", answer);
	fact("%d clients of %d workers: done", CLIENTS, WORKERS);
	return end();
}
