/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss-sample-server: speaks the protocol of MIT's gss-client and says more of what it saw.
 *
 *	gss-sample-server [options] [service@host]
 *
 *	-p port		listen here (default: a port that the system chooses; the first line of output names it)
 *	-c count	end after so many connections
 *	-e		export and import each context before its first message
 *	-b text		channel bindings
 *	-u service@host	use delegated credentials: speak to this service, of which the keytab must have the key
 *	-t file		accept one token from a file and end
 *
 * Without a service any key of the keytab will do.
 */
#include "sample.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct options {
	const char *bind, *use;
	int export;
};

static gss_cred_id_t acquire(const char *service)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name;
	OM_uint32 major, minor;

	if (service == NULL)
		return cred;
	name = import_service(service);
	major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	must("gss_acquire_cred", major, minor);
	gss_release_name(&minor, &name);
	return cred;
}

/* use_delegated makes a context from the delegated credentials to a service whose key we have, and accepts it here. */
static void use_delegated(gss_cred_id_t delegated, const char *service)
{
	gss_ctx_id_t ini = GSS_C_NO_CONTEXT, acc = GSS_C_NO_CONTEXT;
	gss_buffer_desc token, reply = GSS_C_EMPTY_BUFFER, none = GSS_C_EMPTY_BUFFER;
	gss_name_t target = import_service(service), client;
	OM_uint32 major, minor;

	major = gss_init_sec_context(&minor, delegated, &ini, target, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS, &none,
	    NULL, &token, NULL, NULL);
	must("gss_init_sec_context with delegated credentials", major, minor);
	major = gss_accept_sec_context(&minor, &acc, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, &client, NULL,
	    &reply, NULL, NULL, NULL);
	must("gss_accept_sec_context with delegated credentials", major, minor);
	print_name("the delegated credentials speak as", client);
	gss_release_name(&minor, &client);
	gss_release_name(&minor, &target);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &reply);
	gss_delete_sec_context(&minor, &ini, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &acc, GSS_C_NO_BUFFER);
}

static void show_delegated(gss_cred_id_t delegated, const struct options *o)
{
	gss_name_t owner;
	OM_uint32 major, minor;

	if (delegated == GSS_C_NO_CREDENTIAL)
		return;
	major = gss_inquire_cred(&minor, delegated, &owner, NULL, NULL, NULL);
	must("gss_inquire_cred", major, minor);
	print_name("delegated credentials of", owner);
	gss_release_name(&minor, &owner);
	if (o->use != NULL)
		use_delegated(delegated, o->use);
	gss_release_cred(&minor, &delegated);
}

/* accept_token takes one token; fd is -1 if it came from a file. Returns the last major code. */
static OM_uint32 accept_token(int fd, gss_ctx_id_t *ctx, gss_cred_id_t cred, gss_buffer_t in, const struct options *o)
{
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, flags, lifetime;

	major = gss_accept_sec_context(&minor, ctx, cred, in, bindings(o->bind), &client, NULL, &out, &flags, &lifetime,
	    &delegated);
	if (out.length > 0 && fd >= 0)
		send_frame(fd, FRAME_CONTEXT, out.value, out.length);
	gss_release_buffer(&ignored, &out);
	if (GSS_ERROR(major)) {
		print_failure("gss_accept_sec_context", major, minor);
		return major;
	}
	if (major == GSS_S_COMPLETE) {
		if (lifetime == 0)
			die(EXIT_GSS, "accepted with lifetime 0");
		print_flags(flags);
		print_name("accepted", client);
		show_delegated(delegated, o);
	}
	gss_release_name(&ignored, &client);
	return major;
}

static void move(gss_ctx_id_t *ctx)
{
	gss_buffer_desc token;
	OM_uint32 major, minor;

	major = gss_export_sec_context(&minor, ctx, &token);
	must("gss_export_sec_context", major, minor);
	if (*ctx != GSS_C_NO_CONTEXT)
		die(EXIT_GSS, "the exported handle is still there");
	major = gss_import_sec_context(&minor, &token, ctx);
	must("gss_import_sec_context", major, minor);
	printf("moved the context in %lu octets\n", (unsigned long)token.length);
	gss_release_buffer(&minor, &token);
}

/* message answers one DATA frame; returns 0 if it could. */
static int message(int fd, gss_ctx_id_t ctx, int kind, gss_buffer_t data)
{
	gss_buffer_desc plain = *data, mic;
	OM_uint32 major, minor;
	int conf = 0, wanted = (kind & FRAME_ENCRYPTED) != 0;

	if ((kind & FRAME_WRAPPED) != 0) {
		major = gss_unwrap(&minor, ctx, data, &plain, &conf, NULL);
		if (major != GSS_S_COMPLETE) {
			print_failure("gss_unwrap", major, minor);
			return -1;
		}
		if (conf != wanted)
			die(EXIT_GSS, "the message was%s encrypted", conf ? "" : " not");
	}
	printf("message of %lu octets%s: %.*s\n", (unsigned long)plain.length, conf ? ", encrypted" : "",
	    plain.length > 40 ? 40 : (int)plain.length, (char *)plain.value);
	if ((kind & FRAME_SEND_MIC) != 0) {
		major = gss_get_mic(&minor, ctx, GSS_C_QOP_DEFAULT, &plain, &mic);
		must("gss_get_mic", major, minor);
		send_frame(fd, FRAME_MIC, mic.value, mic.length);
		gss_release_buffer(&minor, &mic);
	} else
		send_frame(fd, FRAME_NOOP, "", 0);
	if ((kind & FRAME_WRAPPED) != 0)
		gss_release_buffer(&minor, &plain);
	return 0;
}

/* serve has one connection; returns 0 if all went well. */
static int serve(int fd, gss_cred_id_t cred, const struct options *o)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_buffer_desc data;
	OM_uint32 major = GSS_S_CONTINUE_NEEDED, minor;
	int kind, moved = 0, result = -1;

	kind = receive_frame(fd, &data);
	free(data.value);
	if (kind != (FRAME_NOOP | FRAME_CONTEXT_NEXT)) {
		fprintf(stderr, "the client opens with frame kind %d\n", kind);
		return -1;
	}
	while ((kind = receive_frame(fd, &data)) >= 0) {
		if (kind == FRAME_NOOP) {
			result = 0;
			break;
		}
		if (kind == FRAME_CONTEXT && major == GSS_S_CONTINUE_NEEDED) {
			major = accept_token(fd, &ctx, cred, &data, o);
			if (GSS_ERROR(major))
				break;
		} else if ((kind & FRAME_DATA) != 0 && major == GSS_S_COMPLETE) {
			if (o->export && !moved++)
				move(&ctx);
			if (message(fd, ctx, kind, &data) != 0)
				break;
		} else {
			fprintf(stderr, "unexpected frame kind %d\n", kind);
			break;
		}
		free(data.value);
		data.value = NULL;
	}
	free(data.value);
	gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
	printf("connection ended: %s\n", result == 0 ? "good" : "bad");
	return result;
}

static int listen_at(const char *port)
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)atoi(port));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &length) != 0)
		die(EXIT_PEER, "cannot listen on port %s", port);
	printf("port %u\n", (unsigned)ntohs(a.sin_port));
	return fd;
}

int main(int argc, char **argv)
{
	struct options o = {NULL, NULL, 0};
	const char *port = "0", *file = NULL;
	gss_cred_id_t cred;
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_buffer_desc token;
	OM_uint32 major, minor;
	int option, count = -1, listener, fd, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt(argc, argv, "b:c:ep:t:u:")) != -1) {
		switch (option) {
		case 'b': o.bind = optarg; break;
		case 'c': count = atoi(optarg); break;
		case 'e': o.export = 1; break;
		case 'p': port = optarg; break;
		case 't': file = optarg; break;
		case 'u': o.use = optarg; break;
		default: return EXIT_USAGE;
		}
	}
	if (argc - optind > 1)
		die(EXIT_USAGE, "usage: gss-sample-server [-b text] [-c count] [-e] [-p port] [-t file] [-u service@host] "
		    "[service@host]");
	cred = acquire(argv[optind]);
	if (file != NULL) {
		alarm(30);
		read_file(file, &token);
		major = accept_token(-1, &ctx, cred, &token, &o);
		gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
		return GSS_ERROR(major) ? EXIT_GSS : 0;
	}
	for (listener = listen_at(port); count != 0; count -= count > 0) {
		alarm(120);
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die(EXIT_PEER, "accept failed");
		bad |= serve(fd, cred, &o);
		close(fd);
	}
	gss_release_cred(&minor, &cred);
	return bad ? EXIT_GSS : 0;
}
