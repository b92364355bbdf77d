/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acceptor: authenticates clients, answers one message of each, and hands them over to a worker.
 *
 *	acceptor [-c count] [-k] [-l address] [-p port] [-s service@host] socket
 *
 * The acceptor is the only process that needs the keytab. It accepts a security context, exports it with
 * gss_export_sec_context(3), and sends the interprocess token together with the client's connection over the
 * Unix socket of a worker that runs already. From there on it has no part in the conversation.
 *
 *	-c	end after so many clients (default: never)
 *	-k	show that a copy kept of the old handle is of no use. Only for libraries that promise an error for
 *		handles that are no more; with others this is undefined behaviour.
 *	-l, -p	where to listen (default: 127.0.0.1, a port that the system chooses)
 *	-s	accept only tickets for this service (default: any key in the keytab)
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gss_cred_id_t acquire(const char *service)
{
	gss_cred_id_t cred;
	gss_buffer_desc text;
	gss_name_t name;
	OM_uint32 major, minor;

	if (service == NULL)
		return GSS_C_NO_CREDENTIAL;
	text.value = (void *)service;
	text.length = strlen(service);
	major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
	if (GSS_ERROR(major))
		die_gss("gss_import_name", major, minor);
	major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	if (GSS_ERROR(major))
		die_gss("gss_acquire_cred", major, minor);
	gss_release_name(&minor, &name);
	return cred;
}

/* establish calls gss_accept_sec_context until the client is known. */
static gss_ctx_id_t establish(int fd, gss_cred_id_t cred)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_buffer_desc input, output = GSS_C_EMPTY_BUFFER;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, flags, lifetime;

	do {
		receive_frame(fd, FRAME_CONTEXT, &input);
		gss_release_name(&ignored, &client);
		major = gss_accept_sec_context(&minor, &ctx, cred, &input, GSS_C_NO_CHANNEL_BINDINGS, &client, NULL,
		    &output, &flags, &lifetime, NULL);
		free(input.value);
		if (output.length > 0) /* also when it failed: the token tells the peer why */
			send_frame(fd, FRAME_CONTEXT, &output);
		gss_release_buffer(&ignored, &output);
		if (GSS_ERROR(major))
			die_gss("gss_accept_sec_context", major, minor);
	} while ((major & GSS_S_CONTINUE_NEEDED) != 0);

	say("the client is %s", name_text(client));
	say("flags: %s; good for %lu s", flag_names(flags), (unsigned long)lifetime);
	if ((flags & GSS_C_TRANS_FLAG) == 0)
		die("this context cannot be exported");
	gss_release_name(&minor, &client);
	return ctx;
}

/* first_message answers one message here, so that the context has sent and received before it moves. */
static void first_message(int fd, gss_ctx_id_t ctx)
{
	gss_buffer_desc token, message, reply;
	OM_uint32 major, minor;
	char text[64];
	int encrypted;

	receive_frame(fd, FRAME_WRAP, &token);
	major = gss_unwrap(&minor, ctx, &token, &message, &encrypted, NULL);
	if (major != GSS_S_COMPLETE)
		die_gss("gss_unwrap", major, minor);
	free(token.value);
	say("received %s: \"%.*s\"", encrypted ? "encrypted" : "signed", (int)message.length, (char *)message.value);
	gss_release_buffer(&minor, &message);

	snprintf(text, sizeof(text), "acceptor %ld heard you", (long)getpid());
	reply.value = text;
	reply.length = strlen(text);
	major = gss_wrap(&minor, ctx, 1, GSS_C_QOP_DEFAULT, &reply, NULL, &token);
	if (GSS_ERROR(major))
		die_gss("gss_wrap", major, minor);
	send_frame(fd, FRAME_WRAP, &token);
	gss_release_buffer(&minor, &token);
}

/* hand_over moves the context and the connection to the worker. */
static void hand_over(int fd, gss_ctx_id_t ctx, const char *path, int use_old_handle)
{
	gss_ctx_id_t copy = ctx;
	gss_buffer_desc interprocess, message, token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int worker;

	major = gss_export_sec_context(&minor, &ctx, &interprocess);
	if (GSS_ERROR(major)) /* the context would be unchanged and could be used on */
		die_gss("gss_export_sec_context", major, minor);
	say("exported the context: interprocess token of %lu octets", (unsigned long)interprocess.length);
	if (ctx != GSS_C_NO_CONTEXT)
		die("the handle is still there");
	say("my handle is GSS_C_NO_CONTEXT now");

	if (use_old_handle) {
		message.value = "this must not work";
		message.length = strlen(message.value);
		major = gss_wrap(&minor, copy, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token);
		if (GSS_ERROR(major) != GSS_S_NO_CONTEXT)
			die("gss_wrap with a copy of the old handle: %s", major_name(major));
		say("locked out: gss_wrap with a copy of the old handle answers %s", major_name(major));
	}

	/* Whoever of our user gets the token first has the session, so it goes over a socket that no other can open.
	   With export_sec_context = open in krb5.conf, and with other libraries, it also holds the session keys:
	   that is why it is wiped. */
	worker = unix_connect(path);
	send_descriptor(worker, fd);
	send_frame(worker, FRAME_CONTEXT, &interprocess);
	memset(interprocess.value, 0, interprocess.length);
	gss_release_buffer(&minor, &interprocess);
	close(worker);
	say("passed token and connection to the worker");
}

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1", *port = "0", *service = NULL;
	int count = -1, use_old_handle = 0, option, listener, fd;
	gss_cred_id_t cred;
	gss_ctx_id_t ctx;
	OM_uint32 minor;
	unsigned chosen;

	start("acceptor");
	while ((option = getopt(argc, argv, "c:kl:p:s:")) != -1) {
		switch (option) {
		case 'c': count = atoi(optarg); break;
		case 'k': use_old_handle = 1; break;
		case 'l': address = optarg; break;
		case 'p': port = optarg; break;
		case 's': service = optarg; break;
		default: optind = argc + 1;
		}
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: acceptor [-c count] [-k] [-l address] [-p port] [-s service@host] socket\n");
		return 2;
	}
	cred = acquire(service);
	listener = tcp_listen(address, port, &chosen);
	say("listening on %s port %u", address, chosen);
	for (; count != 0; count -= count > 0) {
		fd = wait_for_peer(listener);
		ctx = establish(fd, cred);
		first_message(fd, ctx);
		hand_over(fd, ctx, argv[optind], use_old_handle);
		close(fd); /* the worker holds its own descriptor of the connection */
	}
	gss_release_cred(&minor, &cred);
	return 0;
}
