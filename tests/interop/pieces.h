/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in random pieces.
 */
#ifndef INTEROP_PIECES_H
#define INTEROP_PIECES_H

#include "peers.h"

#include <stddef.h>

/* A message in pieces: type and memory of exactly the right size. */
#define PIECES 24
struct message {
	gss_iov_buffer_desc iov[PIECES];
	int n;
};

void *fresh(size_t n);
gss_iov_buffer_t add(struct message *m, OM_uint32 type, size_t length);
gss_iov_buffer_t get(struct message *m, OM_uint32 type);
void clear_message(struct message *m);
int is_message(const gss_iov_buffer_desc *b);

/* data puts random pieces of a message into m. */
void data(struct message *m);
/* resplit copies the message of m in other pieces: neighbours of one type may be joined or cut anywhere. */
void resplit(struct message *to, const struct message *m);
/* linear is the data, or the sign-only octets, of a message, one after the other. */
gss_buffer_desc linear(const struct message *m, OM_uint32 type);
/* stream is a token in one piece: what is not signed only. */
gss_buffer_desc stream(const struct message *m);
/* sign_only_first: associated data comes before all data, so that a stream can have it, too. */
int sign_only_first(const struct message *m);
int equal(gss_buffer_desc a, gss_buffer_desc b);

/* spared: octets of a token that nothing covers. The RRC is one; and RC4 encrypts the sequence number with a key of its
   own, so that anybody can flip its bits (RFC 4757, Section 7.3); and in DCE style the frame may have any length. */
int spared(size_t at);
/* damage flips a bit of one of the token's octets, or of those that it covers. */
int damage(struct message *m);

#endif
