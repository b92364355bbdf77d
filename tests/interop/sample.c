/* SPDX-License-Identifier: BSD-2-Clause */
#include "sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_FRAME (16u << 20)

void die(int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(code);
}

static void write_all(int fd, const void *data, size_t length)
{
	const char *p = data;
	ssize_t n;

	for (; length > 0; p += n, length -= (size_t)n) {
		n = write(fd, p, length);
		if (n <= 0)
			die(EXIT_PEER, "the peer does not read");
	}
}

static int read_all(int fd, void *data, size_t length)
{
	char *p = data;
	ssize_t n;

	for (; length > 0; p += n, length -= (size_t)n) {
		n = read(fd, p, length);
		if (n <= 0)
			return -1;
	}
	return 0;
}

void send_frame(int fd, int kind, const void *data, size_t length)
{
	unsigned char head[5];

	head[0] = (unsigned char)kind;
	head[1] = (unsigned char)(length >> 24);
	head[2] = (unsigned char)(length >> 16);
	head[3] = (unsigned char)(length >> 8);
	head[4] = (unsigned char)length;
	write_all(fd, head, sizeof(head));
	write_all(fd, data, length);
}

int receive_frame(int fd, gss_buffer_t data)
{
	unsigned char head[5];

	data->value = NULL;
	data->length = 0;
	if (read_all(fd, head, sizeof(head)) != 0)
		return -1;
	data->length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (data->length > LONGEST_FRAME)
		die(EXIT_PEER, "the peer announces a frame of %lu octets", (unsigned long)data->length);
	data->value = malloc(data->length + 1);
	if (data->value == NULL)
		die(EXIT_PEER, "out of memory");
	if (read_all(fd, data->value, data->length) != 0)
		die(EXIT_PEER, "the connection ended inside a frame");
	return head[0];
}

void write_file(const char *name, gss_buffer_t data)
{
	FILE *f = fopen(name, "wb");

	if (f == NULL || fwrite(data->value, 1, data->length, f) != data->length || fclose(f) != 0)
		die(EXIT_PEER, "cannot write %s", name);
}

void read_file(const char *name, gss_buffer_t data)
{
	FILE *f = fopen(name, "rb");

	data->value = malloc(LONGEST_FRAME);
	if (f == NULL || data->value == NULL)
		die(EXIT_PEER, "cannot read %s", name);
	data->length = fread(data->value, 1, LONGEST_FRAME, f);
	fclose(f);
}

static void print_texts(OM_uint32 code, int type)
{
	OM_uint32 minor, more = 0;
	gss_buffer_desc text;

	do {
		if (GSS_ERROR(gss_display_status(&minor, code, type, GSS_C_NO_OID, &more, &text))) {
			fprintf(stderr, " [gss_display_status failed]");
			return;
		}
		fprintf(stderr, "; %.*s", (int)text.length, (char *)text.value);
		gss_release_buffer(&minor, &text);
	} while (more != 0);
}

void print_failure(const char *call, OM_uint32 major, OM_uint32 minor)
{
	fprintf(stderr, "%s: major 0x%08lx minor %ld", call, (unsigned long)major, (long)(int)minor);
	print_texts(major, GSS_C_GSS_CODE);
	print_texts(minor, GSS_C_MECH_CODE);
	fputc('\n', stderr);
}

void must(const char *call, OM_uint32 major, OM_uint32 minor)
{
	if (!GSS_ERROR(major) && (major & ~(OM_uint32)GSS_S_CONTINUE_NEEDED) == GSS_S_COMPLETE)
		return;
	print_failure(call, major, minor);
	exit(EXIT_GSS);
}

void print_flags(OM_uint32 flags)
{
	static const struct {
		OM_uint32 flag;
		const char *name;
	} names[] = {
		{GSS_C_DELEG_FLAG, "deleg"}, {GSS_C_MUTUAL_FLAG, "mutual"}, {GSS_C_REPLAY_FLAG, "replay"},
		{GSS_C_SEQUENCE_FLAG, "sequence"}, {GSS_C_CONF_FLAG, "conf"}, {GSS_C_INTEG_FLAG, "integ"},
		{GSS_C_ANON_FLAG, "anon"}, {GSS_C_PROT_READY_FLAG, "prot_ready"}, {GSS_C_TRANS_FLAG, "trans"},
	};
	size_t i;

	printf("flags:");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((flags & names[i].flag) != 0)
			printf(" %s", names[i].name);
	printf("\n");
}

void print_name(const char *label, gss_name_t name)
{
	gss_buffer_desc text;
	OM_uint32 major, minor;

	major = gss_display_name(&minor, name, &text, NULL);
	must("gss_display_name", major, minor);
	printf("%s: %.*s\n", label, (int)text.length, (char *)text.value);
	gss_release_buffer(&minor, &text);
}

gss_name_t import_service(const char *service)
{
	gss_buffer_desc text;
	gss_name_t name;
	OM_uint32 major, minor;

	text.value = (void *)service;
	text.length = strlen(service);
	major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
	must("gss_import_name", major, minor);
	return name;
}

gss_channel_bindings_t bindings(const char *text)
{
	static struct gss_channel_bindings_struct b;

	if (text == NULL)
		return GSS_C_NO_CHANNEL_BINDINGS;
	memset(&b, 0, sizeof(b));
	b.initiator_addrtype = b.acceptor_addrtype = GSS_C_AF_UNSPEC;
	b.application_data.value = (void *)text;
	b.application_data.length = strlen(text);
	return &b;
}
