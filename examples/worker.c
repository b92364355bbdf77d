/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker: takes over clients that the acceptor has authenticated.
 *
 *	worker [-c count] socket
 *
 * The worker needs no keytab, no ticket and no KDC: all that it has to know about the client comes in the
 * interprocess token that gss_import_sec_context(3) makes a context of.
 *
 *	-c	end after so many clients (default: never)
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gss_ctx_id_t take_over(gss_buffer_t interprocess)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_name_t client, self;
	OM_uint32 major, minor, flags, lifetime;
	int local, open;

	major = gss_import_sec_context(&minor, interprocess, &ctx);
	if (GSS_ERROR(major))
		die_gss("gss_import_sec_context", major, minor);
	major = gss_inquire_context(&minor, ctx, &client, &self, &lifetime, NULL, &flags, &local, &open);
	if (GSS_ERROR(major))
		die_gss("gss_inquire_context", major, minor);
	say("imported a token of %lu octets", (unsigned long)interprocess->length);
	say("the client is %s", name_text(client));
	say("and I am %s", name_text(self));
	say("flags: %s; good for %lu s", flag_names(flags), (unsigned long)lifetime);
	if (local || !open)
		die("expected an acceptor's open context, got local %d, open %d", local, open);
	gss_release_name(&minor, &client);
	gss_release_name(&minor, &self);
	return ctx;
}

/* reply sends a text under the protection that the request had. */
static void reply(int fd, gss_ctx_id_t ctx, int conf, const char *text)
{
	gss_buffer_desc message, token;
	OM_uint32 major, minor;

	message.value = (void *)text;
	message.length = strlen(text);
	major = gss_wrap(&minor, ctx, conf, GSS_C_QOP_DEFAULT, &message, NULL, &token);
	if (GSS_ERROR(major))
		die_gss("gss_wrap", major, minor);
	send_frame(fd, FRAME_WRAP, &token);
	gss_release_buffer(&minor, &token);
}

static void wrapped(int fd, gss_ctx_id_t ctx, gss_buffer_t token)
{
	gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	char text[128];
	int encrypted = 1;

	/* Anything but GSS_S_COMPLETE is refused: GSS_S_DUPLICATE_TOKEN and its like come with a good message that
	   was here before, is late, or follows a lost one. */
	major = gss_unwrap(&minor, ctx, token, &message, &encrypted, NULL);
	if (major != GSS_S_COMPLETE) {
		snprintf(text, sizeof(text), "refused: %s", major_name(major));
		say("%s", text);
		reply(fd, ctx, 1, text);
	} else {
		say("received %s: \"%.*s\"", encrypted ? "encrypted" : "signed", (int)message.length,
		    (char *)message.value);
		snprintf(text, sizeof(text), "worker %ld heard you", (long)getpid());
		reply(fd, ctx, encrypted, text);
	}
	gss_release_buffer(&minor, &message);
}

static void with_mic(int fd, gss_ctx_id_t ctx, gss_buffer_t message)
{
	gss_buffer_desc mic;
	OM_uint32 major, minor;

	receive_frame(fd, FRAME_MIC, &mic);
	major = gss_verify_mic(&minor, ctx, message, &mic, NULL);
	if (major != GSS_S_COMPLETE)
		die_gss("gss_verify_mic", major, minor);
	free(mic.value);
	say("received with a good MIC: \"%s\"", (char *)message->value);
	major = gss_get_mic(&minor, ctx, GSS_C_QOP_DEFAULT, message, &mic);
	if (GSS_ERROR(major))
		die_gss("gss_get_mic", major, minor);
	send_frame(fd, FRAME_MIC, &mic);
	gss_release_buffer(&minor, &mic);
}

static void serve(int fd, gss_ctx_id_t ctx)
{
	gss_buffer_desc value;
	enum frame type;

	do {
		type = receive_any(fd, &value);
		switch (type) {
		case FRAME_WRAP: wrapped(fd, ctx, &value); break;
		case FRAME_TEXT: with_mic(fd, ctx, &value); break;
		case FRAME_END: say("the client is done"); break;
		default: die("a frame of type %d has no place here", (int)type);
		}
		free(value.value);
	} while (type != FRAME_END);
}

int main(int argc, char **argv)
{
	int count = -1, option, listener, acceptor, fd;
	gss_buffer_desc interprocess;
	gss_ctx_id_t ctx;
	OM_uint32 minor;

	start("worker");
	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option == 'c')
			count = atoi(optarg);
		else
			optind = argc + 1;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: worker [-c count] socket\n");
		return 2;
	}
	listener = unix_listen(argv[optind]);
	say("waiting on %s", argv[optind]);
	for (; count != 0; count -= count > 0) {
		acceptor = wait_for_peer(listener);
		fd = receive_descriptor(acceptor);
		if (fd >= 0) {
			receive_frame(acceptor, FRAME_CONTEXT, &interprocess);
			ctx = take_over(&interprocess);
			memset(interprocess.value, 0, interprocess.length);
			free(interprocess.value);
			serve(fd, ctx);
			gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
			close(fd);
		}
		close(acceptor);
	}
	unlink(argv[optind]);
	return 0;
}
