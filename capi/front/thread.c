/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * thread.c: where the front keeps what belongs to a thread.
 *
 * It takes no lock, because in a child after fork(2) a thread that does not exist might hold it.
 */

#include "thread.h"

#include <pthread.h>
#include <stdlib.h>

/* The thread-specific key plus one; 0 until there is one. */
static unsigned long key_plus_one;

static void
forget(void *value)
{
	struct front_thread *thread = value;

	front_end_waits(&thread->waits);
	front_forget_records(&thread->records);
	front_forget_choice(&thread->ccache);
	free(thread);
}

/* get_key gets the key, which the first thread creates. */
static int
get_key(pthread_key_t *key)
{
	unsigned long current = __atomic_load_n(&key_plus_one, __ATOMIC_ACQUIRE);

	if (current == 0) {
		if (pthread_key_create(key, forget) != 0)
			return -1;
		if (__atomic_compare_exchange_n(&key_plus_one, &current, (unsigned long)*key + 1, 0, __ATOMIC_ACQ_REL,
			__ATOMIC_ACQUIRE))
			return 0;
		(void)pthread_key_delete(*key); /* another thread was quicker */
	}
	*key = (pthread_key_t)(current - 1);
	return 0;
}

struct front_thread *
front_thread(int make)
{
	struct front_thread *thread;
	pthread_key_t key;

	if (__atomic_load_n(&key_plus_one, __ATOMIC_ACQUIRE) == 0 && !make)
		return NULL;
	if (get_key(&key) != 0)
		return NULL;
	thread = pthread_getspecific(key);
	if (thread == NULL && make) {
		thread = calloc(1, sizeof(*thread));
		if (thread != NULL && pthread_setspecific(key, thread) != 0) {
			free(thread);
			return NULL;
		}
	}
	return thread;
}
