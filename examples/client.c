/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client: authenticates to the acceptor with Kerberos and exchanges protected messages.
 *
 *	client HOST PORT SERVICE@HOST
 *
 * The client needs a ticket (kinit(1)) and nothing else. It cannot tell, and need not know, that the process
 * which answers is another one after the first message.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const OM_uint32 wanted = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |
    GSS_C_INTEG_FLAG;

/* establish calls gss_init_sec_context until both sides know each other. */
static gss_ctx_id_t establish(int fd, const char *service)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_buffer_desc text, input = GSS_C_EMPTY_BUFFER, output = GSS_C_EMPTY_BUFFER;
	gss_name_t target, self, peer;
	OM_uint32 major, minor, flags, lifetime;

	text.value = (void *)service;
	text.length = strlen(service);
	major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target);
	if (GSS_ERROR(major))
		die_gss("gss_import_name", major, minor);
	for (;;) {
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &ctx, target, GSS_C_NO_OID, wanted, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &output, &flags, NULL);
		free(input.value);
		input.value = NULL;
		if (output.length > 0) /* also when it failed: the token tells the peer why */
			send_frame(fd, FRAME_CONTEXT, &output);
		gss_release_buffer(&minor, &output);
		if (GSS_ERROR(major))
			die_gss("gss_init_sec_context", major, minor);
		if ((major & GSS_S_CONTINUE_NEEDED) == 0)
			break;
		receive_frame(fd, FRAME_CONTEXT, &input);
	}
	gss_release_name(&minor, &target);

	/* Flags asked for are not flags granted: look before a message depends on them. */
	if ((flags & wanted) != wanted)
		die("asked for \"%s\", got something else", flag_names(wanted));
	major = gss_inquire_context(&minor, ctx, &self, &peer, &lifetime, NULL, NULL, NULL, NULL);
	if (GSS_ERROR(major))
		die_gss("gss_inquire_context", major, minor);
	say("I am %s", name_text(self));
	say("and the peer is %s", name_text(peer));
	say("flags: %s; good for %lu s", flag_names(flags), (unsigned long)lifetime);
	gss_release_name(&minor, &self);
	gss_release_name(&minor, &peer);
	return ctx;
}

/* wrap protects a text; answer reads and unprotects what comes back, and compares its beginning. */
static void wrap(gss_ctx_id_t ctx, int conf, const char *text, gss_buffer_t token)
{
	gss_buffer_desc message;
	OM_uint32 major, minor;
	int encrypted;

	message.value = (void *)text;
	message.length = strlen(text);
	major = gss_wrap(&minor, ctx, conf, GSS_C_QOP_DEFAULT, &message, &encrypted, token);
	if (GSS_ERROR(major))
		die_gss("gss_wrap", major, minor);
	if (encrypted != conf)
		die("confidentiality is %d, asked for %d", encrypted, conf);
}

static void answer(int fd, gss_ctx_id_t ctx, const char *expected)
{
	gss_buffer_desc token, message;
	OM_uint32 major, minor;

	receive_frame(fd, FRAME_WRAP, &token);
	major = gss_unwrap(&minor, ctx, &token, &message, NULL, NULL);
	if (major != GSS_S_COMPLETE) /* a supplementary code, too: nothing was lost or sent twice */
		die_gss("gss_unwrap", major, minor);
	say("answer: \"%.*s\"", (int)message.length, (char *)message.value);
	if (message.length < strlen(expected) || memcmp(message.value, expected, strlen(expected)) != 0)
		die("expected \"%s\"", expected);
	gss_release_buffer(&minor, &message);
	free(token.value);
}

int main(int argc, char **argv)
{
	gss_buffer_desc first, token, text, mic;
	gss_ctx_id_t ctx;
	OM_uint32 major, minor;
	int fd;

	start("client");
	if (argc != 4) {
		fprintf(stderr, "usage: client HOST PORT SERVICE@HOST\n");
		return 2;
	}
	fd = tcp_connect(argv[1], argv[2]);
	ctx = establish(fd, argv[3]);

	say("1. a first message, encrypted, to the acceptor");
	wrap(ctx, 1, "hello, acceptor", &first);
	send_frame(fd, FRAME_WRAP, &first);
	answer(fd, ctx, "acceptor ");

	say("2. the next, encrypted: the worker answers now");
	wrap(ctx, 1, "hello, whoever is there", &token);
	send_frame(fd, FRAME_WRAP, &token);
	gss_release_buffer(&minor, &token);
	answer(fd, ctx, "worker ");

	say("3. one signed, not encrypted");
	wrap(ctx, 0, "no secret", &token);
	send_frame(fd, FRAME_WRAP, &token);
	gss_release_buffer(&minor, &token);
	answer(fd, ctx, "worker ");

	say("4. one in the clear with its MIC beside it; the answer is a MIC over the same text");
	text.value = "the MIC travels apart";
	text.length = strlen(text.value);
	major = gss_get_mic(&minor, ctx, GSS_C_QOP_DEFAULT, &text, &mic);
	if (GSS_ERROR(major))
		die_gss("gss_get_mic", major, minor);
	send_frame(fd, FRAME_TEXT, &text);
	send_frame(fd, FRAME_MIC, &mic);
	gss_release_buffer(&minor, &mic);
	receive_frame(fd, FRAME_MIC, &token);
	major = gss_verify_mic(&minor, ctx, &text, &token, NULL);
	if (major != GSS_S_COMPLETE)
		die_gss("gss_verify_mic", major, minor);
	say("the worker's MIC of %lu octets is good", (unsigned long)token.length);
	free(token.value);

	say("5. the first message once more: it was for the acceptor, but the worker must know it");
	send_frame(fd, FRAME_WRAP, &first);
	gss_release_buffer(&minor, &first);
	answer(fd, ctx, "refused: GSS_S_DUPLICATE_TOKEN");

	say("6. a message with one bit changed on the way");
	wrap(ctx, 1, "pay 100", &token);
	((unsigned char *)token.value)[token.length - 1] ^= 1;
	send_frame(fd, FRAME_WRAP, &token);
	gss_release_buffer(&minor, &token);
	answer(fd, ctx, "refused: GSS_S_BAD_SIG");

	send_frame(fd, FRAME_END, NULL);
	gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
	close(fd);
	say("done");
	return 0;
}
