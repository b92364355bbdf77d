/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What gss-sample-client and gss-sample-server share: the protocol of MIT's sample programs gss-client and gss-server,
 * as seen on the wire.
 *
 * A frame is one octet of kind, four octets of length (big endian) and the data. A client opens with NOOP|CONTEXT_NEXT,
 * exchanges CONTEXT frames, sends DATA frames and gets for each a MIC over the plain message, or NOOP if it did not ask
 * for one (SEND_MIC), and ends with NOOP.
 */
#ifndef INTEROP_SAMPLE_H
#define INTEROP_SAMPLE_H

#include <gssapi/gssapi.h>
#include <stddef.h>

#define FRAME_NOOP 0x01
#define FRAME_CONTEXT 0x02
#define FRAME_DATA 0x04
#define FRAME_MIC 0x08
#define FRAME_CONTEXT_NEXT 0x10
#define FRAME_WRAPPED 0x20
#define FRAME_ENCRYPTED 0x40
#define FRAME_SEND_MIC 0x80

/* Exit codes: GSS-API said no; wrong usage; the connection or the peer is at fault. */
#define EXIT_GSS 1
#define EXIT_USAGE 2
#define EXIT_PEER 3

void die(int code, const char *format, ...);
void send_frame(int fd, int kind, const void *data, size_t length);
/* receive_frame returns the kind, or -1 at the end of the connection; the data is malloc'd. */
int receive_frame(int fd, gss_buffer_t data);
void write_file(const char *name, gss_buffer_t data);
void read_file(const char *name, gss_buffer_t data);

void print_failure(const char *call, OM_uint32 major, OM_uint32 minor);
/* must ends the program unless major is GSS_S_COMPLETE or, if it may be, GSS_S_CONTINUE_NEEDED. */
void must(const char *call, OM_uint32 major, OM_uint32 minor);
void print_flags(OM_uint32 flags);
void print_name(const char *label, gss_name_t name);
gss_name_t import_service(const char *service);
/* bindings returns channel bindings with text as application data, or none for NULL. */
gss_channel_bindings_t bindings(const char *text);

#endif
