/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lookup.c: names and addresses of hosts, from the sources in nsswitch.conf(5). The C library's resolver has no time limit
 * and cannot be interrupted, so each lookup has a thread of its own. A caller may stop waiting for it; the thread ends
 * later. Signal handlers do not run on it, except those for faults.
 */

#define _GNU_SOURCE

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "glue.h"

/* From the engine's edition of the runtime: pthread_create(3) with a small stack. */
int engine_thread_create(pthread_t *thread, void *(*function)(void *), void *argument) __attribute__((weak));

/* Includes threads whose callers have left: a resolver that does not answer must not use up all threads. */
#define LOOKUPS 64

static int running;

static void
keep_address(struct engine_lookup *l, const struct sockaddr *address)
{
	struct engine_address *a = &l->addresses[l->count];

	memset(a, 0, sizeof(*a));
	if (address->sa_family == AF_INET) {
		a->length = 4;
		memcpy(a->octets, &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		a->length = 16;
		memcpy(a->octets, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
		a->scope = ((const struct sockaddr_in6 *)address)->sin6_scope_id;
	} else {
		return;
	}
	l->count++;
}

static void
find_host(struct engine_lookup *l)
{
	struct addrinfo hints, *list = NULL, *entry;

	memset(&hints, 0, sizeof(hints));
	hints.ai_flags = AI_CANONNAME;
	hints.ai_socktype = SOCK_STREAM; /* each address once */
	l->error = getaddrinfo(l->host, NULL, &hints, &list);
	if (l->error != 0)
		return;
	if (list->ai_canonname != NULL && strlen(list->ai_canonname) < sizeof(l->name))
		strcpy(l->name, list->ai_canonname);
	for (entry = list; entry != NULL && l->count < ENGINE_ADDRESSES; entry = entry->ai_next)
		keep_address(l, entry->ai_addr);
	freeaddrinfo(list);
}

static void
find_name(struct engine_lookup *l)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	const struct engine_address *a = &l->addresses[0];
	socklen_t length;

	memset(&address, 0, sizeof(address));
	if (a->length == 4) {
		length = sizeof(address.v4);
		address.v4.sin_family = AF_INET;
		memcpy(&address.v4.sin_addr, a->octets, 4);
	} else {
		length = sizeof(address.v6);
		address.v6.sin6_family = AF_INET6;
		memcpy(&address.v6.sin6_addr, a->octets, 16);
		address.v6.sin6_scope_id = a->scope;
	}
#ifdef __FreeBSD__
	address.any.sa_len = (uint8_t)length;
#endif
	l->error = getnameinfo(&address.any, length, l->name, sizeof(l->name), NULL, 0, NI_NAMEREQD);
}

static void *
look_up(void *lookup)
{
	struct engine_lookup *l = lookup;

	errno = 0;
	if (l->host[0] != '\0')
		find_host(l);
	else
		find_name(l);
	l->system = errno;
	(void)__atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&l->over, 1, __ATOMIC_RELEASE);
	(void)sem_post(&l->ended);
	engine_lookup_release(l);
	return NULL;
}

static int
start_thread(struct engine_lookup *l)
{
	pthread_t thread;
	sigset_t all, mask;
	int error;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSEGV);
	(void)sigdelset(&all, SIGBUS);
	(void)sigdelset(&all, SIGFPE);
	(void)sigdelset(&all, SIGILL);
	(void)sigdelset(&all, SIGTRAP);
	(void)sigdelset(&all, SIGSYS); /* which a filter of seccomp(2) may send, for the program to answer */
	(void)pthread_sigmask(SIG_SETMASK, &all, &mask);
	if (engine_thread_create != NULL)
		error = engine_thread_create(&thread, look_up, l);
	else
		error = pthread_create(&thread, NULL, look_up, l);
	if (error == 0)
		(void)pthread_detach(thread);
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return error;
}

struct engine_lookup *
engine_lookup_start(const char *host, const struct engine_address *address)
{
	size_t length = strlen(host);
	struct engine_lookup *l;

	if (__atomic_add_fetch(&running, 1, __ATOMIC_RELAXED) > LOOKUPS) {
		(void)__atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
		errno = EAGAIN;
		return NULL;
	}
	l = calloc(1, sizeof(*l) + length + 1);
	if (l == NULL || sem_init(&l->ended, 0, 0) != 0) {
		(void)__atomic_sub_fetch(&running, 1, __ATOMIC_RELAXED);
		free(l);
		errno = ENOMEM;
		return NULL;
	}
	memcpy(l->host, host, length);
	if (address != NULL)
		l->addresses[0] = *address;
	l->references = 2;
	/* If there can be no other thread, this one waits, as it would in a C library. */
	if (start_thread(l) != 0)
		(void)look_up(l);
	return l;
}

void
engine_lookup_wait(struct engine_lookup *l)
{
	while (sem_wait(&l->ended) != 0)
		continue;
}

void
engine_lookup_wake(struct engine_lookup *l)
{
	(void)sem_post(&l->ended);
}

int
engine_lookup_over(const struct engine_lookup *l)
{
	return __atomic_load_n(&l->over, __ATOMIC_ACQUIRE);
}

engine_text
engine_lookup_text(const struct engine_lookup *l)
{
	return l->error == EAI_SYSTEM ? strerror(l->system) : gai_strerror(l->error);
}

int
engine_lookup_lacks_memory(const struct engine_lookup *l)
{
	return l->error == EAI_MEMORY;
}

void
engine_lookup_release(struct engine_lookup *l)
{
	if (__atomic_sub_fetch(&l->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	(void)sem_destroy(&l->ended);
	free(l);
}
