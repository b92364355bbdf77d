/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * thread.h: what the front keeps for each thread until it ends.
 */

#ifndef LIBGSSAPI_THREAD_H
#define LIBGSSAPI_THREAD_H

#include <stdint.h>

#include "front.h"

/* The texts of a thread's last failures. */
struct front_records {
	struct front_record {
		OM_uint32 minor;
		char *text; /* malloc'd, or NULL: unused */
	} last[8]; /* the newest first */
	OM_uint32 major; /* of the newest */
	uintptr_t place; /* the address of the program's minor code; 0: it was overwritten */
	int told;        /* the text was given for the major code */
};

/* The waits of a thread. They nest if a signal handler calls the library. */
struct front_waits {
	struct gssapi_operation *operation; /* of the call that the thread is in, or has left; or NULL */
	struct gssapi_operation *held[8];   /* waited for, or left by longjmp(3) meanwhile; the newest last */
	int count;
};

/* The credential cache that a thread has chosen. */
struct front_choice {
	char *name;     /* malloc'd, or NULL: it has not chosen */
	char *replaced; /* the previous one, which the program may still read */
};

struct front_thread {
	struct front_records records;
	struct front_waits waits;
	struct front_choice ccache;
};

/* What is kept for the calling thread, or NULL. If make is set, it is created if necessary; NULL then means no memory. */
struct front_thread *front_thread(int make);

/* Called when a thread ends. */
void front_forget_records(struct front_records *records);
void front_end_waits(struct front_waits *waits);
void front_forget_choice(struct front_choice *ccache);

#endif
