/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What two libraries must say alike about a context.
 */
#ifndef INTEROP_AGREE_H
#define INTEROP_AGREE_H

#include "peers.h"

/* gss_wrap_size_limit and gss_pseudo_random of both sides. */
void limits(struct side *s, struct side *r);
/* The same messages reach both libraries in the same order, and both say the same about it. */
void order(struct side *to_ours, struct side *at_ours, struct side *to_mits, struct side *at_mits);
/* Both sides export the same keys, and we the number of the other. */
void lucid(struct library *initiator, struct library *acceptor, const char *service, OM_uint32 flags);

#endif
