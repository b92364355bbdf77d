/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http-server: answers GET to those who authenticate with "Negotiate" (RFC 4559), one request after the other.
 *
 *	http-server
 *
 * Prints its port, and of each client who it is, which mechanism was agreed on and whether it delegated.
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

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode(const gss_buffer_desc *in, char *out)
{
	const unsigned char *p = in->value;
	size_t i;

	for (i = 0; i < in->length; i += 3) {
		unsigned long v = (unsigned long)p[i] << 16;

		if (i + 1 < in->length)
			v |= (unsigned long)p[i + 1] << 8;
		if (i + 2 < in->length)
			v |= p[i + 2];
		*out++ = digits[v >> 18 & 63];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < in->length ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < in->length ? digits[v & 63] : '=';
	}
	*out = '\0';
}

static void decode(const char *in, gss_buffer_t out)
{
	unsigned char *p = malloc(strlen(in) + 1);
	unsigned long v = 0;
	const char *d;
	int n = 0;

	if (p == NULL)
		die(EXIT_PEER, "out of memory");
	out->value = p;
	for (; *in != '\0' && (d = strchr(digits, *in)) != NULL; in++) {
		v = v << 6 | (unsigned long)(d - digits);
		n += 6;
		if (n >= 8) {
			n -= 8;
			*p++ = (unsigned char)(v >> n & 0xff);
		}
	}
	out->length = (size_t)(p - (unsigned char *)out->value);
}

/* request reads one; it gives the token of its Authorization line, or NULL. The text stays in a static buffer. */
static const char *request(int fd)
{
	static char text[64 << 10];
	size_t used = 0;
	ssize_t n;
	char *line, *end;

	while (strstr(text, "\r\n\r\n") == NULL || used == 0) {
		n = read(fd, text + used, sizeof(text) - 1 - used);
		if (n <= 0)
			return NULL;
		used += (size_t)n;
		text[used] = '\0';
	}
	line = strstr(text, "\r\nAuthorization: Negotiate ");
	if (line == NULL)
		return "";
	line += strlen("\r\nAuthorization: Negotiate ");
	end = strstr(line, "\r\n");
	*end = '\0';
	return line;
}

static void answer(int fd, int good, const gss_buffer_desc *token, const char *body)
{
	static char text[96 << 10];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nWWW-Authenticate: Negotiate ",
	    good ? "200 OK" : "401 Unauthorized");
	if (token->length > 48 << 10)
		die(EXIT_GSS, "a token of %lu octets", (unsigned long)token->length);
	encode(token, text + n);
	if (token->length == 0)
		n--; /* the blank */
	else
		n = strlen(text);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "\r\nContent-Type: text/plain\r\nContent-Length: %lu\r\nConnection: %s\r\n\r\n%s", (unsigned long)strlen(body),
	    good ? "close" : "keep-alive", body);
	if (write(fd, text, n) != (ssize_t)n)
		fprintf(stderr, "the client does not read\n");
}

/* serve has one connection. */
static void serve(int fd, gss_cred_id_t cred)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_name_t client = GSS_C_NO_NAME;
	gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER, text = GSS_C_EMPTY_BUFFER;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, ignored, flags;
	const char *token;
	char body[512];

	while ((token = request(fd)) != NULL) {
		if (*token == '\0') {
			answer(fd, 0, &out, "who are you?\n");
			continue;
		}
		decode(token, &in);
		major = gss_accept_sec_context(&minor, &ctx, cred, &in, GSS_C_NO_CHANNEL_BINDINGS, &client, &mech, &out,
		    &flags, NULL, &delegated);
		free(in.value);
		if (GSS_ERROR(major))
			print_failure("gss_accept_sec_context", major, minor);
		if (major != GSS_S_COMPLETE) {
			answer(fd, 0, &out, "not yet\n");
			gss_release_buffer(&ignored, &out);
			if (GSS_ERROR(major))
				break;
			continue;
		}
		major = gss_display_name(&minor, client, &text, NULL);
		must("gss_display_name", major, minor);
		snprintf(body, sizeof(body), "hello %.*s\n", (int)text.length, (char *)text.value);
		answer(fd, 1, &out, body);
		printf("accepted: %.*s, a mechanism of %u octets%s\n", (int)text.length, (char *)text.value,
		    (unsigned)mech->length, delegated != GSS_C_NO_CREDENTIAL ? ", delegated" : "");
		print_flags(flags);
		gss_release_buffer(&ignored, &text);
		gss_release_buffer(&ignored, &out);
		break;
	}
	gss_release_name(&ignored, &client);
	gss_release_cred(&ignored, &delegated);
	gss_delete_sec_context(&ignored, &ctx, GSS_C_NO_BUFFER);
	printf("connection ended\n");
}

int main(void)
{
	struct sockaddr_in a;
	socklen_t length = sizeof(a);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	must("gss_acquire_cred", major, minor);
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(listener, 8) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &length) != 0)
		die(EXIT_PEER, "cannot listen");
	printf("port %u\n", (unsigned)ntohs(a.sin_port));
	for (;;) {
		alarm(120);
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die(EXIT_PEER, "accept failed");
		serve(fd, cred);
		close(fd);
	}
}
