/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What client, acceptor and worker share: messages on a socket, and a few words for people.
 *
 * GSS-API says how to protect messages and leaves open how they travel. Here each one goes as a frame:
 * one octet that says what it is, four that give its length (big-endian), then the octets themselves.
 */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#define _DEFAULT_SOURCE /* POSIX and BSD declarations under -std=c99, on Linux */

#include <gssapi/gssapi.h>

enum frame {
	FRAME_CONTEXT = 'C', /* a token of gss_init_sec_context or gss_accept_sec_context */
	FRAME_WRAP = 'W',    /* a token of gss_wrap */
	FRAME_TEXT = 'T',    /* a message in the clear; its MIC follows in the next frame */
	FRAME_MIC = 'M',     /* a token of gss_get_mic */
	FRAME_END = 'E'      /* no more messages, no octets */
};

#define FRAME_MAX (1024 * 1024) /* a peer that announces more is cut off before anything is allocated */

/* say prints a line that begins with the program's name and process id. */
void start(const char *program);
void say(const char *format, ...);

/* die says why and ends the program with status 1; die_gss adds the texts of both status codes. */
void die(const char *format, ...);
void die_gss(const char *what, OM_uint32 major, OM_uint32 minor);

/* major_name gives the routine error of a status, or else its first supplementary bit: "GSS_S_BAD_SIG". */
const char *major_name(OM_uint32 major);

/* flag_names lists context flags by name in a static buffer; name_text does the same for a name. */
const char *flag_names(OM_uint32 flags);
const char *name_text(gss_name_t name);

/* send_frame and receive_frame end the program when the connection fails: a broken stream is of no use.
   The value received is from malloc(3) and ends with a NUL that length does not count: free it. */
void send_frame(int fd, enum frame type, const gss_buffer_desc *value);
void receive_frame(int fd, enum frame expected, gss_buffer_t value);
enum frame receive_any(int fd, gss_buffer_t value);

/* TCP on 127.0.0.1 or elsewhere, and Unix sockets that carry a descriptor beside a frame (SCM_RIGHTS). */
int tcp_connect(const char *host, const char *port);
int tcp_listen(const char *host, const char *port, unsigned *chosen);
int unix_connect(const char *path);
int unix_listen(const char *path);
int wait_for_peer(int listener);
void send_descriptor(int fd, int passed);
int receive_descriptor(int fd); /* -1 when the other side has gone away */

#endif
