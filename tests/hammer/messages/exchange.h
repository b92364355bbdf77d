/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of messages: what they try, and what is counted.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "mutate.h"

/* guarded makes a call of a library. MIT's may fail an assertion, or worse: then it has refused the token. */
void guarded(struct library *l, void (*call)(void *), void *argument, OM_uint32 *major);

struct tally {
	unsigned long tried, both, ours_only, mits_only, unlike; /* unlike: the change was not the same in both */
};
void tally_count(struct tally *t, const char *kind, const char *mutation, int by_ours, int by_mits);

/* exchanges establishes a context for a service, with a changed token. */
void exchanges(const char *service, struct tally *t);

/* protected_begin establishes the contexts whose messages are changed; protected_one changes one. */
void protected_begin(const char *service);
void protected_one(struct tally *t);
void protected_end(void);

#endif
