/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool.c: handles that all threads use at once, those that were released, and what all processes share: interprocess
 * tokens, and how often each context went elsewhere.
 */
#include "hammer.h"

#include <sys/mman.h>
#include <unistd.h>

#define LIVE 64 /* contexts are in pairs */
#define DEAD 512

static struct pool {
	struct handle live[LIVE];
	uintptr_t dead[DEAD]; /* the oldest is overwritten */
	unsigned buried;
} pools[KINDS];

/* No call is made while it is held. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define IDS (1u << 20)
#define TOKENS 32
#define TOKEN_SIZE 8192u

struct token {
	unsigned serial; /* 0: somebody writes, or has ended while he did */
	unsigned length;
	unsigned char octets[TOKEN_SIZE];
};

static struct shared {
	struct figures figures;
	unsigned ids, serials;
	unsigned char gone[IDS];         /* how often a context was exported */
	unsigned char imports[IDS];      /* how often a token was imported */
	struct token tokens[TOKENS];
} *shared;

struct figures *figures;

/* How often a context went elsewhere, to the knowledge of this process. */
static unsigned char here[IDS];

void pools_begin(void)
{
	unsigned i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	if (shared == MAP_FAILED)
		abort();
	figures = &shared->figures;
	for (i = 0; i < TOKENS; i++)
		shared->tokens[i].serial = i + 1; /* of no octets */
	shared->serials = TOKENS;
}

int fork_all(void)
{
	int pid;

	pthread_mutex_lock(&lock);
	pid = fork();
	pthread_mutex_unlock(&lock);
	return pid;
}

/* forged is a handle that was never given out: another kind's, an address, a number, a live one with another bit. */
static struct handle forged(struct thread *t, enum kind k)
{
	struct handle h = { 0, 0, 1 };

	switch (below(t, 6)) {
	case 0:
	case 1:
		h.value = pools[(k + 1 + below(t, 2)) % KINDS].live[below(t, LIVE)].value;
		break;
	case 2:
		h.value = (uintptr_t)t + below(t, 64);
		break;
	case 3:
		h.value = 1 + below(t, 100000);
		break;
	case 4:
		h.value = pools[k].live[below(t, LIVE)].value;
		if (h.value != 0)
			h.value += 1 + below(t, 15); /* handles are 16 octets apart */
		break;
	default:
		h.value = pools[k].live[below(t, LIVE)].value ^ (uintptr_t)1 << below(t, 64);
		h.dead = 0; /* it may be another live one */
	}
	h.dead = h.dead && h.value != 0;
	return h;
}

struct handle pick(struct thread *t, enum kind k)
{
	struct handle h = { 0, 0, 0 };
	struct pool *p = &pools[k];
	unsigned way = below(t, 64);

	pthread_mutex_lock(&lock);
	if (way < 3) {
		h.value = p->dead[below(t, DEAD)];
		h.dead = h.value != 0;
	} else if (way < 6) {
		h = forged(t, k);
	} else if (way < 62) {
		h = p->live[below(t, LIVE)];
		if (h.value == 0)
			h = p->live[below(t, LIVE)];
	}
	pthread_mutex_unlock(&lock);
	return h;
}

uintptr_t use(struct thread *t, struct handle h)
{
	t->dead = t->dead || h.dead;
	return h.value;
}

void pick_pair(struct thread *t, struct handle *here, struct handle *there)
{
	unsigned i = below(t, LIVE);

	if (one_in(t, 8)) {
		*here = pick(t, CONTEXT);
		*there = pick(t, CONTEXT);
		return;
	}
	pthread_mutex_lock(&lock);
	*here = pools[CONTEXT].live[i];
	*there = pools[CONTEXT].live[i ^ 1];
	pthread_mutex_unlock(&lock);
}

unsigned buried(enum kind k, uintptr_t value)
{
	struct pool *p = &pools[k];
	unsigned i, id = 0;

	pthread_mutex_lock(&lock);
	for (i = 0; i < LIVE; i++) {
		if (p->live[i].value == value) {
			id = p->live[i].id;
			p->live[i].value = 0;
		}
	}
	p->dead[p->buried++ % DEAD] = value;
	pthread_mutex_unlock(&lock);
	return id;
}

/* end releases a handle that others may release at the same time. */
static void end(struct thread *t, enum kind k, uintptr_t value)
{
	unsigned fails = t->fails;
	uintptr_t *p;
	OM_uint32 major, *minor;

	if (value == 0)
		return;
	t->fails = 0;
	forget(t);
	p = room(t, sizeof(value));
	*p = value;
	minor = minor_in(t);
	if (minor == NULL)
		minor = room(t, sizeof(*minor));
	switch (k) {
	case CONTEXT:
		major = CALL(t, gss_delete_sec_context, minor, (gss_ctx_id_t *)p, GSS_C_NO_BUFFER);
		break;
	case CREDENTIAL:
		major = CALL(t, gss_release_cred, minor, (gss_cred_id_t *)p);
		break;
	default:
		major = CALL(t, gss_release_name, minor, (gss_name_t *)p);
	}
	if (major == GSS_S_COMPLETE) {
		if (*p != 0)
			fail(t, "it was released, and the handle is not null");
		buried(k, value);
	}
	forget(t);
	t->fails = fails;
}

static struct handle exchange(enum kind k, unsigned i, struct handle h)
{
	struct handle before;

	pthread_mutex_lock(&lock);
	before = pools[k].live[i];
	pools[k].live[i] = h;
	pthread_mutex_unlock(&lock);
	return before;
}

void keep(struct thread *t, enum kind k, uintptr_t value)
{
	struct handle h = { value, 0, 0 };

	if (k == CONTEXT) {
		h.id = new_id();
		COUNTED(contexts);
	}
	end(t, k, exchange(k, below(t, LIVE), h).value);
}

void keep_pair(struct thread *t, uintptr_t here, uintptr_t there)
{
	struct handle a = { here, new_id(), 0 }, b = { there, new_id(), 0 };
	unsigned i = below(t, LIVE / 2) * 2;

	COUNTED(contexts);
	a = exchange(CONTEXT, i, a);
	b = exchange(CONTEXT, i + 1, b);
	end(t, CONTEXT, a.value);
	end(t, CONTEXT, b.value);
}

void pools_release(struct thread *t)
{
	struct handle none = { 0, 0, 0 };
	unsigned k, i;

	for (k = 0; k < KINDS; k++) {
		for (i = 0; i < LIVE; i++)
			end(t, k, exchange(k, i, none).value);
	}
}

unsigned new_id(void)
{
	unsigned id;

	do
		id = __atomic_add_fetch(&shared->ids, 1, __ATOMIC_RELAXED) % IDS;
	while (id == 0);
	__atomic_store_n(&shared->gone[id], 0, __ATOMIC_RELAXED);
	__atomic_store_n(&here[id], 0, __ATOMIC_RELAXED);
	return id;
}

void once(struct thread *t, unsigned id, int family)
{
	if (__atomic_fetch_add(&here[id], 1, __ATOMIC_RELAXED) != 0)
		fail(t, "the context has gone elsewhere before");
	if (!family)
		return;
	COUNTED(exports);
	if (__atomic_fetch_add(&shared->gone[id], 1, __ATOMIC_RELAXED) != 0)
		fail(t, "the context has gone elsewhere before, from another process");
}

void imported(struct thread *t, unsigned serial)
{
	COUNTED(imports);
	if (__atomic_fetch_add(&shared->imports[serial % IDS], 1, __ATOMIC_RELAXED) != 0)
		fail(t, "a context was imported a second time");
}

size_t tokens_get(struct thread *t, void *to, size_t size, unsigned *serial)
{
	struct token *k = &shared->tokens[below(t, TOKENS)];
	size_t length;

	*serial = __atomic_load_n(&k->serial, __ATOMIC_ACQUIRE);
	length = k->length;
	if (*serial == 0 || length > size || length > TOKEN_SIZE)
		return 0;
	memcpy(to, k->octets, length);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&k->serial, __ATOMIC_RELAXED) == *serial ? length : 0;
}

/* consume imports a token, if nobody has, so that nothing of it stays behind. */
static void consume(struct thread *t, const void *octets, size_t length, unsigned serial)
{
	gss_buffer_desc b;
	gss_ctx_id_t *context;
	unsigned fails = t->fails;

	if (length == 0)
		return;
	t->fails = 0;
	forget(t);
	b.length = length;
	b.value = in(t, octets, length);
	context = room(t, sizeof(*context));
	*context = GSS_C_NO_CONTEXT;
	if (CALL(t, gss_import_sec_context, minor_in(t), in(t, &b, sizeof(b)), context) == GSS_S_COMPLETE) {
		imported(t, serial);
		end(t, CONTEXT, (uintptr_t)*context);
	}
	forget(t);
	t->fails = fails;
}

void tokens_put(struct thread *t, const void *octets, size_t length)
{
	struct token *k = &shared->tokens[below(t, TOKENS)];
	unsigned char other[TOKEN_SIZE], *copy = other;
	unsigned before, serial, other_length;

	do
		serial = __atomic_add_fetch(&shared->serials, 1, __ATOMIC_RELAXED);
	while (serial == 0);
	__atomic_store_n(&shared->imports[serial % IDS], 0, __ATOMIC_RELAXED);
	if (length > TOKEN_SIZE)
		fail(t, "an interprocess token of %zu octets", length);
	before = __atomic_exchange_n(&k->serial, 0, __ATOMIC_ACQ_REL);
	if (before == 0) { /* somebody else writes here */
		consume(t, octets, length, serial);
		return;
	}
	other_length = k->length;
	memcpy(copy, k->octets, other_length);
	k->length = (unsigned)length;
	memcpy(k->octets, octets, length);
	__atomic_store_n(&k->serial, serial, __ATOMIC_RELEASE);
	consume(t, copy, other_length, before);
}

void tokens_release(struct thread *t)
{
	unsigned i;

	for (i = 0; i < TOKENS; i++) {
		if (shared->tokens[i].serial != 0)
			consume(t, shared->tokens[i].octets, shared->tokens[i].length, shared->tokens[i].serial);
	}
}
