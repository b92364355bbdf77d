/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * messages: tokens and messages that were changed on the way, to our library and to MIT's in the same process.
 *
 *	messages OURS MITS SERVICE SECONDS LEGACY SEED DIFFERENCES
 *
 * What MIT's library refuses ours must refuse, too, and what both accept must mean the same: who the initiator is, flags,
 * the text, whether it was encrypted, and the order of messages. An exception is in the file DIFFERENCES with its reason.
 * LEGACY is 1 where the enctype is one of RFC 1964's. The same seed makes the same changes, up to keys and times.
 *
 * Environment: of a realm with the service's key, a login, and KRB5RCACHENAME=none:, for each token goes to two acceptors;
 * FIGURES, to print what was accepted by whom.
 */
#include "exchange.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often each library accepted a mutation. */
static struct figure {
	char kind[60], mutation[NAME_SIZE];
	unsigned long tried, ours, mits;
} figures[8000];
static unsigned figures_used;

void tally_count(struct tally *t, const char *kind, const char *mutation, int by_ours, int by_mits)
{
	unsigned i;

	t->tried++;
	t->both += by_ours && by_mits;
	t->ours_only += by_ours && !by_mits;
	t->mits_only += by_mits && !by_ours;
	if (getenv("FIGURES") == NULL)
		return;
	for (i = 0; i < figures_used; i++) {
		if (strcmp(figures[i].kind, kind) == 0 && strcmp(figures[i].mutation, mutation) == 0)
			break;
	}
	if (i == sizeof(figures) / sizeof(figures[0]))
		return;
	if (i == figures_used) {
		snprintf(figures[i].kind, sizeof(figures[i].kind), "%s", kind);
		snprintf(figures[i].mutation, sizeof(figures[i].mutation), "%s", mutation);
		figures_used++;
	}
	figures[i].tried++;
	figures[i].ours += by_ours != 0;
	figures[i].mits += by_mits != 0;
}

static sigjmp_buf out_of_mits;
static volatile sig_atomic_t in_mits;
static unsigned long crashes;

#define LEAST 4000 /* rounds however slow the machine is: enough to find what is found often */

void guarded(struct library *l, void (*call)(void *), void *argument, OM_uint32 *major)
{
	if (l == &mits && sigsetjmp(out_of_mits, 1) != 0) {
		in_mits = 0;
		crashes++;
		*major = GSS_S_FAILURE;
		return;
	}
	in_mits = l == &mits;
	call(argument);
	in_mits = 0;
}

static void fault(int number)
{
	if (in_mits)
		siglongjmp(out_of_mits, number);
	fprintf(stderr, "not ok - %s, round %lu: signal %d\n", label, rounds, number);
	signal(number, SIG_DFL);
	raise(number);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct tally established, messages;
	double until;
	unsigned i;

	if (argc != 8) {
		fprintf(stderr, "usage: messages OURS MITS SERVICE SECONDS LEGACY SEED DIFFERENCES\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(&established, 0, sizeof(established));
	memset(&messages, 0, sizeof(messages));
	legacy = atoi(argv[5]);
	state = strtoull(argv[6], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
	printf("# messages, seed %s\n", argv[6]);
	signal(SIGSEGV, fault);
	signal(SIGABRT, fault);
	alarm((unsigned)atoi(argv[4]) + 120);
	list_load(argv[7]);
	load(&mits, argv[2]);
	load(&ours, argv[1]);
	until = now() + atof(argv[4]);
	while (now() < until || rounds < LEAST) {
		for (i = 0; i < 40; i++, rounds++)
			exchanges(argv[3], &established);
		protected_begin(argv[3]);
		for (i = 0; i < 400; i++, rounds++)
			protected_one(&messages);
		protected_end();
	}
	for (i = 0; i < figures_used; i++)
		printf("# %8lu tried, accepted by ours %8lu, by MIT's %8lu: %s %s\n", figures[i].tried, figures[i].ours, figures[i].mits,
		    figures[i].kind, figures[i].mutation);
	printf("ok - %s: %lu exchanges, of which both accepted %lu, ours alone %lu, MIT's alone %lu; %lu messages, %lu, %lu, %lu; MIT's has crashed %lu times\n",
	    argv[3], established.tried, established.both, established.ours_only, established.mits_only, messages.tried, messages.both,
	    messages.ours_only, messages.mits_only, crashes);
	return 0;
}
