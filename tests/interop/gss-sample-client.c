/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss-sample-client: speaks the protocol of MIT's gss-server and looks closer at every answer.
 *
 *	gss-sample-client [options] port service@host message
 *
 *	-nomutual -noreplay -seq -d	flags to ask for (default: mutual, replay; -d delegates)
 *	-nw -nx -nm			do not wrap, do not encrypt, do not ask for a MIC
 *	-spnego				have the mechanism negotiated
 *	-toy				and offer the one of toy-mech first, with MIT's library
 *	-b text				channel bindings
 *	-n count			send the message so many times
 *	-s octets			send so many octets of a pattern instead of the message
 *	-t file				write the first token into a file and end; no server is needed, port is not used
 */
#include "sample.h"
#ifdef PEER_MIT
#include <gssapi/gssapi_ext.h>
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct options {
	OM_uint32 flags;
	int wrap, encrypt, mic, count, negotiate, toy;
	const char *bind, *file;
};

static int dial(const char *port)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)atoi(port));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die(EXIT_PEER, "cannot connect to 127.0.0.1:%s", port);
	return fd;
}

static gss_OID_desc spnego = {6, (void *)"\x2b\x06\x01\x05\x05\x02"};

/* credential is one that offers the toy and then krb5, or the default one. */
static gss_cred_id_t credential(const struct options *o)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
#ifdef PEER_MIT
	gss_OID_desc mechs[2] = {
		{7, (void *)"\x2b\x06\x01\x04\x01\x87\x67"},
		{9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"},
	};
	gss_OID_set_desc offer = {2, mechs}, negotiation = {1, &spnego};
	OM_uint32 major, minor;

	if (o->toy) {
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &negotiation, GSS_C_INITIATE, &cred, NULL, NULL);
		must("gss_acquire_cred", major, minor);
		major = gss_set_neg_mechs(&minor, cred, &offer);
		must("gss_set_neg_mechs", major, minor);
	}
#else
	if (o->toy)
		die(EXIT_USAGE, "the toy is for MIT's library");
#endif
	return cred;
}

static gss_ctx_id_t establish(int fd, gss_name_t target, const struct options *o)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_buffer_desc in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t cred = credential(o);
	gss_name_t self, peer;
	OM_uint32 major, minor, ignored, flags, lifetime, seen;
	int local, open, rounds = 0;

	for (;;) {
		major = gss_init_sec_context(&minor, cred, &ctx, target,
		    o->negotiate ? &spnego : GSS_C_NO_OID, o->flags, 0, bindings(o->bind), &in, NULL, &out, &flags,
		    &lifetime);
		free(in.value);
		if (out.length > 0 && o->file != NULL) {
			must("gss_init_sec_context", major, minor);
			write_file(o->file, &out);
			exit(0);
		}
		if (out.length > 0)
			send_frame(fd, FRAME_CONTEXT, out.value, out.length);
		gss_release_buffer(&ignored, &out);
		must("gss_init_sec_context", major, minor);
		if (major == GSS_S_COMPLETE)
			break;
		rounds++;
		if (rounds > 4)
			die(EXIT_PEER, "too many rounds");
		if (receive_frame(fd, &in) != FRAME_CONTEXT)
			die(EXIT_PEER, "the server did not answer with a token");
	}
	gss_release_cred(&ignored, &cred);
	printf("%d answers\n", rounds);
	if ((flags & o->flags) != o->flags)
		die(EXIT_GSS, "asked for flags 0x%lx, got 0x%lx", (unsigned long)o->flags, (unsigned long)flags);
	if (lifetime == 0)
		die(EXIT_GSS, "established with lifetime 0");
	major = gss_inquire_context(&minor, ctx, &self, &peer, NULL, NULL, &seen, &local, &open);
	must("gss_inquire_context", major, minor);
	if (!local || !open)
		die(EXIT_GSS, "gss_inquire_context: locally initiated %d, open %d", local, open);
	print_flags(flags);
	print_name("I am", self);
	print_name("the peer is", peer);
	gss_release_name(&minor, &self);
	gss_release_name(&minor, &peer);
	return ctx;
}

static void exchange(int fd, gss_ctx_id_t ctx, gss_buffer_t message, const struct options *o)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, reply;
	OM_uint32 major, minor;
	int kind = FRAME_DATA | (o->mic ? FRAME_SEND_MIC : 0), conf = -1, got;

	if (o->wrap) {
		major = gss_wrap(&minor, ctx, o->encrypt, GSS_C_QOP_DEFAULT, message, &conf, &token);
		must("gss_wrap", major, minor);
		if (conf != o->encrypt)
			die(EXIT_GSS, "gss_wrap: asked for confidentiality %d, got %d", o->encrypt, conf);
		kind |= FRAME_WRAPPED | (o->encrypt ? FRAME_ENCRYPTED : 0);
		send_frame(fd, kind, token.value, token.length);
		gss_release_buffer(&minor, &token);
	} else {
		/* gss-client sets the encrypted bit here, too. */
		send_frame(fd, kind | (o->encrypt ? FRAME_ENCRYPTED : 0), message->value, message->length);
	}
	got = receive_frame(fd, &reply);
	if (got != (o->mic ? FRAME_MIC : FRAME_NOOP))
		die(EXIT_PEER, "the server answered with frame kind %d", got);
	if (o->mic) {
		major = gss_verify_mic(&minor, ctx, message, &reply, NULL);
		must("gss_verify_mic", major, minor);
		printf("the server's MIC is good\n");
	}
	free(reply.value);
}

static void pattern(gss_buffer_t message, size_t length)
{
	size_t i;
	unsigned char *p = malloc(length + 1);

	if (p == NULL)
		die(EXIT_PEER, "out of memory");
	for (i = 0; i < length; i++)
		p[i] = (unsigned char)('a' + i % 26);
	message->value = p;
	message->length = length;
}

int main(int argc, char **argv)
{
	struct options o = {GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG, 1, 1, 1, 1, 0, 0, NULL, NULL};
	gss_buffer_desc message;
	gss_name_t target;
	gss_ctx_id_t ctx;
	OM_uint32 minor;
	long size = -1;
	int fd = -1, i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "-nomutual") == 0)
			o.flags &= ~(OM_uint32)GSS_C_MUTUAL_FLAG;
		else if (strcmp(argv[i], "-noreplay") == 0)
			o.flags &= ~(OM_uint32)GSS_C_REPLAY_FLAG;
		else if (strcmp(argv[i], "-seq") == 0)
			o.flags |= GSS_C_SEQUENCE_FLAG;
		else if (strcmp(argv[i], "-d") == 0)
			o.flags |= GSS_C_DELEG_FLAG;
		else if (strcmp(argv[i], "-nw") == 0)
			o.wrap = 0;
		else if (strcmp(argv[i], "-nx") == 0)
			o.encrypt = 0;
		else if (strcmp(argv[i], "-nm") == 0)
			o.mic = 0;
		else if (strcmp(argv[i], "-spnego") == 0)
			o.negotiate = 1;
		else if (strcmp(argv[i], "-toy") == 0)
			o.toy = o.negotiate = 1;
		else if (strcmp(argv[i], "-b") == 0)
			o.bind = next, i++;
		else if (strcmp(argv[i], "-n") == 0)
			o.count = atoi(next), i++;
		else if (strcmp(argv[i], "-s") == 0)
			size = atol(next), i++;
		else if (strcmp(argv[i], "-t") == 0)
			o.file = next, i++;
		else
			break;
	}
	if (argc - i != 3)
		die(EXIT_USAGE, "usage: gss-sample-client [-nomutual] [-noreplay] [-seq] [-d] [-nw] [-nx] [-nm] [-spnego] [-toy] "
		    "[-b text] [-n count] [-s octets] [-t file] port service@host message");
	if (o.file == NULL) {
		fd = dial(argv[i]);
		send_frame(fd, FRAME_NOOP | FRAME_CONTEXT_NEXT, "", 0);
	}
	target = import_service(argv[i + 1]);
	ctx = establish(fd, target, &o);
	gss_release_name(&minor, &target);

	message.value = argv[i + 2];
	message.length = strlen(argv[i + 2]);
	if (size >= 0)
		pattern(&message, (size_t)size);
	for (i = 0; i < o.count; i++)
		exchange(fd, ctx, &message, &o);
	send_frame(fd, FRAME_NOOP, "", 0);
	gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
	close(fd);
	printf("done\n");
	return 0;
}
