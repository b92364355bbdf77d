/* SPDX-License-Identifier: BSD-2-Clause */

/* platform.c: what the systems do alike, beyond POSIX. */

#define _GNU_SOURCE

#include "platform.h"

#include <sys/mman.h>

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

void
platform_free_page(void *page)
{
	(void)munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

int
platform_has_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (room == MAP_FAILED)
		return 0;
	(void)munmap(room, size);
	return 1;
}

#define THREADS 16

static void *
wait_for_others(void *lock)
{
	(void)pthread_mutex_lock(lock);
	(void)pthread_mutex_unlock(lock);
	return NULL;
}

int
platform_has_threads(unsigned count)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[THREADS];
	unsigned started;

	if (count > THREADS)
		return 0;
	(void)pthread_mutex_lock(&lock);
	for (started = 0; started < count; started++) {
		/* With a stack as usual: the program's thread-local data must have room on it. */
		if (pthread_create(&threads[started], NULL, wait_for_others, &lock) != 0)
			break;
	}
	(void)pthread_mutex_unlock(&lock);
	count -= started;
	while (started > 0)
		(void)pthread_join(threads[--started], NULL);
	return count == 0;
}

const char *
platform_front_path(void)
{
	static const char here;
	Dl_info info;

	return dladdr(&here, &info) != 0 ? info.dli_fname : NULL;
}
