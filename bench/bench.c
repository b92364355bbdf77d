/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * bench OURS THEIRS [BITS]: loads two GSS-API libraries into this process and measures them in turn, so that
 * whatever else the machine does hits both. Prints a table of microseconds for one operation pair: medians over rounds,
 * and next to them the best round, which other work on the machine has disturbed least. With BITS, the length
 * of the keys in use, the rows of the calls for messages, else the others.
 *
 * The environment must have a realm: a ticket for demo@localhost in KRB5CCNAME, its key in KRB5_KTNAME.
 */

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include "limit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 21

struct library {
	const char *name;
	void *handle;
	gss_OID hostbased;
	OM_uint32 (*import_name)(OM_uint32 *, gss_buffer_t, gss_OID, gss_name_t *);
	OM_uint32 (*release_name)(OM_uint32 *, gss_name_t *);
	OM_uint32 (*release_buffer)(OM_uint32 *, gss_buffer_t);
	OM_uint32 (*delete_sec_context)(OM_uint32 *, gss_ctx_id_t *, gss_buffer_t);
	OM_uint32 (*init_sec_context)(OM_uint32 *, gss_cred_id_t, gss_ctx_id_t *, gss_name_t, gss_OID, OM_uint32, OM_uint32,
	    gss_channel_bindings_t, gss_buffer_t, gss_OID *, gss_buffer_t, OM_uint32 *, OM_uint32 *);
	OM_uint32 (*accept_sec_context)(OM_uint32 *, gss_ctx_id_t *, gss_cred_id_t, gss_buffer_t, gss_channel_bindings_t,
	    gss_name_t *, gss_OID *, gss_buffer_t, OM_uint32 *, OM_uint32 *, gss_cred_id_t *);
	OM_uint32 (*export_sec_context)(OM_uint32 *, gss_ctx_id_t *, gss_buffer_t);
	OM_uint32 (*import_sec_context)(OM_uint32 *, gss_buffer_t, gss_ctx_id_t *);
	OM_uint32 (*get_mic)(OM_uint32 *, gss_ctx_id_t, gss_qop_t, gss_buffer_t, gss_buffer_t);
	OM_uint32 (*verify_mic)(OM_uint32 *, gss_ctx_id_t, gss_buffer_t, gss_buffer_t, gss_qop_t *);
	OM_uint32 (*wrap)(OM_uint32 *, gss_ctx_id_t, int, gss_qop_t, gss_buffer_t, int *, gss_buffer_t);
	OM_uint32 (*unwrap)(OM_uint32 *, gss_ctx_id_t, gss_buffer_t, gss_buffer_t, int *, gss_qop_t *);
	OM_uint32 (*wrap_iov)(OM_uint32 *, gss_ctx_id_t, int, gss_qop_t, int *, gss_iov_buffer_desc *, int);
	OM_uint32 (*unwrap_iov)(OM_uint32 *, gss_ctx_id_t, int *, gss_qop_t *, gss_iov_buffer_desc *, int);
	gss_ctx_id_t client, server;
	gss_name_t target;
};

static void
fail(const struct library *l, const char *what, OM_uint32 major, OM_uint32 minor)
{
	fprintf(stderr, "bench: %s: %s: major %#lx minor %ld\n", l->name, what, (unsigned long)major, (long)(int)minor);
	exit(1);
}

static void
resolve(struct library *l, const char *symbol, void *function)
{
	void *address = dlsym(l->handle, symbol);

	if (address == NULL) {
		fprintf(stderr, "bench: %s lacks %s\n", l->name, symbol);
		exit(1);
	}
	memcpy(function, &address, sizeof(address));
}

static void
load(struct library *l, const char *path)
{
	gss_OID *hostbased;

	l->name = path;
	if ((l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL) {
		fprintf(stderr, "bench: %s\n", dlerror());
		exit(1);
	}
	resolve(l, "GSS_C_NT_HOSTBASED_SERVICE", &hostbased);
	l->hostbased = *hostbased;
	resolve(l, "gss_import_name", &l->import_name);
	resolve(l, "gss_release_name", &l->release_name);
	resolve(l, "gss_release_buffer", &l->release_buffer);
	resolve(l, "gss_delete_sec_context", &l->delete_sec_context);
	resolve(l, "gss_init_sec_context", &l->init_sec_context);
	resolve(l, "gss_accept_sec_context", &l->accept_sec_context);
	resolve(l, "gss_export_sec_context", &l->export_sec_context);
	resolve(l, "gss_import_sec_context", &l->import_sec_context);
	resolve(l, "gss_get_mic", &l->get_mic);
	resolve(l, "gss_verify_mic", &l->verify_mic);
	resolve(l, "gss_wrap", &l->wrap);
	resolve(l, "gss_unwrap", &l->unwrap);
	resolve(l, "gss_wrap_iov", &l->wrap_iov);
	resolve(l, "gss_unwrap_iov", &l->unwrap_iov);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Each operation does one pair of calls, on both sides of a context. */

static void
import_target(struct library *l)
{
	gss_buffer_desc text = { 14, "demo@localhost" };
	OM_uint32 major, minor;

	if ((major = l->import_name(&minor, &text, l->hostbased, &l->target)) != GSS_S_COMPLETE)
		fail(l, "gss_import_name", major, minor);
}

static void
establish(struct library *l, size_t size)
{
	gss_buffer_desc request = GSS_C_EMPTY_BUFFER, reply = GSS_C_EMPTY_BUFFER, none = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	(void)size;
	l->delete_sec_context(&minor, &l->client, GSS_C_NO_BUFFER);
	l->delete_sec_context(&minor, &l->server, GSS_C_NO_BUFFER);
	major = l->init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &l->client, l->target, GSS_C_NO_OID,
	    GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL,
	    &request, NULL, NULL);
	if (major != GSS_S_CONTINUE_NEEDED)
		fail(l, "gss_init_sec_context", major, minor);
	major = l->accept_sec_context(&minor, &l->server, GSS_C_NO_CREDENTIAL, &request, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
	    &reply, NULL, NULL, NULL);
	if (major != GSS_S_COMPLETE)
		fail(l, "gss_accept_sec_context", major, minor);
	major = l->init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &l->client, l->target, GSS_C_NO_OID,
	    GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &none, NULL,
	    NULL);
	if (major != GSS_S_COMPLETE)
		fail(l, "gss_init_sec_context (2)", major, minor);
	l->release_buffer(&minor, &request);
	l->release_buffer(&minor, &reply);
	l->release_buffer(&minor, &none);
}

static void
export_import(struct library *l, size_t size)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	(void)size;
	if ((major = l->export_sec_context(&minor, &l->server, &token)) != GSS_S_COMPLETE)
		fail(l, "gss_export_sec_context", major, minor);
	if ((major = l->import_sec_context(&minor, &token, &l->server)) != GSS_S_COMPLETE)
		fail(l, "gss_import_sec_context", major, minor);
	l->release_buffer(&minor, &token);
}

static char *message;

static void
mic_verify(struct library *l, size_t size)
{
	gss_buffer_desc text = { size, message }, token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	if (GSS_ERROR(major = l->get_mic(&minor, l->client, GSS_C_QOP_DEFAULT, &text, &token)))
		fail(l, "gss_get_mic", major, minor);
	if (GSS_ERROR(major = l->verify_mic(&minor, l->server, &text, &token, NULL)))
		fail(l, "gss_verify_mic", major, minor);
	l->release_buffer(&minor, &token);
}

static void
wrap_unwrap(struct library *l, size_t size)
{
	gss_buffer_desc text = { size, message }, token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int conf = 0;

	if (GSS_ERROR(major = l->wrap(&minor, l->client, 1, GSS_C_QOP_DEFAULT, &text, &conf, &token)) || !conf)
		fail(l, "gss_wrap", major, minor);
	if (GSS_ERROR(major = l->unwrap(&minor, l->server, &token, &back, &conf, NULL)) || back.length != size)
		fail(l, "gss_unwrap", major, minor);
	l->release_buffer(&minor, &token);
	l->release_buffer(&minor, &back);
}

/* In place: what comes back is the message again. */
static void
wrap_unwrap_iov(struct library *l, size_t size)
{
	static char header[64], trailer[64];
	gss_iov_buffer_desc iov[3] = {
		{ GSS_IOV_BUFFER_TYPE_HEADER, { sizeof(header), header } },
		{ GSS_IOV_BUFFER_TYPE_DATA, { size, message } },
		{ GSS_IOV_BUFFER_TYPE_TRAILER, { sizeof(trailer), trailer } },
	};
	OM_uint32 major, minor;
	int conf = 0;

	if (GSS_ERROR(major = l->wrap_iov(&minor, l->client, 1, GSS_C_QOP_DEFAULT, &conf, iov, 3)) || !conf)
		fail(l, "gss_wrap_iov", major, minor);
	if (GSS_ERROR(major = l->unwrap_iov(&minor, l->server, &conf, NULL, iov, 3)))
		fail(l, "gss_unwrap_iov", major, minor);
}

static void
wrap(struct library *l, size_t size)
{
	gss_buffer_desc text = { size, message }, token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	if (GSS_ERROR(major = l->wrap(&minor, l->client, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token)))
		fail(l, "gss_wrap", major, minor);
	l->release_buffer(&minor, &token);
}

/* overhead is what wrapping adds, in octets: 60 for enctypes 17 and 18, 64 for 19, 72 for 20. */
static size_t
overhead(struct library *l)
{
	gss_buffer_desc text = { 64, message }, token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	size_t n;

	if (GSS_ERROR(major = l->wrap(&minor, l->client, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token)))
		fail(l, "gss_wrap", major, minor);
	n = token.length - text.length;
	l->release_buffer(&minor, &token);
	return n;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
timed(struct library *l, void (*operation)(struct library *, size_t), size_t size, int n)
{
	double begun = now();
	int i;

	for (i = 0; i < n; i++)
		operation(l, size);
	return (now() - begun) / n;
}

static void
print_head(const char *second)
{
	printf("%-24s %10s %10s %10s    %10s %10s %10s\n", "microseconds", "ours", second, "ratio", "best: ours", second,
	    "ratio");
}

/* print_row sorts the times of both. */
static void
print_row(const char *name, double *ours, double *theirs)
{
	qsort(ours, ROUNDS, sizeof(double), by_value);
	qsort(theirs, ROUNDS, sizeof(double), by_value);
	printf("%-24s %10.2f %10.2f %9.2fx    %10.2f %10.2f %9.2fx\n", name, ours[ROUNDS / 2], theirs[ROUNDS / 2],
	    theirs[ROUNDS / 2] / ours[ROUNDS / 2], ours[0], theirs[0], theirs[0] / ours[0]);
	fflush(stdout);
}

static void
row(const char *name, struct library *l, void (*operation)(struct library *, size_t), size_t size)
{
	double times[2][ROUNDS];
	int n, r;

	/* As many operations that a round takes about 5 ms. */
	n = (int)(5000 / timed(&l[1], operation, size, 3)) + 1;
	if (operation == establish && n > 30)
		n = 30;
	for (r = 0; r < ROUNDS; r++) {
		times[0][r] = timed(&l[0], operation, size, n);
		times[1][r] = timed(&l[1], operation, size, n);
	}
	print_row(name, times[0], times[1]);
}

/* Wrapping alone, against the encryption that it cannot do without. */
static void
limit_row(struct library *l, size_t size, int bits)
{
	double times[2][ROUNDS], begun;
	char name[64];
	char *out = malloc(size);
	int i, n, r;

	memset(out, 1, size);
	n = (int)(5000 / timed(&l[0], wrap, size, 3)) + 1;
	for (r = 0; r < ROUNDS; r++) {
		times[0][r] = timed(&l[0], wrap, size, n);
		begun = now();
		for (i = 0; i < n; i++)
			limit_encrypt(out, message, size, bits);
		times[1][r] = (now() - begun) / n;
	}
	free(out);
	snprintf(name, sizeof(name), "wrap %zu KiB", size / 1024);
	print_row(name, times[0], times[1]);
}

/* One thread's share of a row. Nothing in it is written to while the threads run; no two share a line of a cache. */
struct task {
	struct library library;
	void (*operation)(struct library *, size_t);
	int *waiting; /* how many threads have not arrived */
	size_t size;
	int n;
	double elapsed;
	char apart[128];
};

/* The ceiling: what needs nothing but the processor. */
static void
only_encrypt(struct library *l, size_t size)
{
	volatile unsigned sum = 0;
	char block[1024];

	(void)l;
	for (; size > sizeof(block); size -= sizeof(block))
		limit_encrypt(block, message, sizeof(block), 256);
	if (!limit_encrypt(block, message, size, 256))
		while (sum < 1000) /* a processor whose instructions are not known */
			sum++;
}

static void *
work(void *argument)
{
	struct task *t = argument;
	double begun;
	int i;

	/* What the first calls of a thread cost is not the question. */
	for (i = 0; i < 100 && i < t->n; i++)
		t->operation(&t->library, t->size);
	__atomic_fetch_sub(t->waiting, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(t->waiting, __ATOMIC_ACQUIRE) > 0)
		continue; /* a thread that sleeps begins late */
	begun = now();
	for (i = 0; i < t->n; i++)
		t->operation(&t->library, t->size);
	t->elapsed = now() - begun;
	return NULL;
}

/* together is the time of count threads, each with contexts of its own. */
static double
together(struct task *tasks, int count)
{
	pthread_t threads[2];
	double elapsed = 0;
	int i, waiting = count;

	for (i = 0; i < count; i++) {
		tasks[i].waiting = &waiting;
		if (pthread_create(&threads[i], NULL, work, &tasks[i]) != 0) {
			fprintf(stderr, "bench: no thread\n");
			exit(1);
		}
	}
	for (i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		if (tasks[i].elapsed > elapsed)
			elapsed = tasks[i].elapsed;
	}
	return elapsed;
}

/*
 * How much more two threads do than one: ours, theirs, and what only encrypts, which says what two processors of this
 * machine can do at all. Two threads do not always run at the same time on a machine that has other work; the best
 * round is one in which they did.
 */
static void
thread_row(const char *name, struct library *l, size_t size)
{
	double best[3][2] = { { 1e12, 1e12 }, { 1e12, 1e12 }, { 1e12, 1e12 } }, t;
	struct task tasks[3][2];
	OM_uint32 minor;
	int i, k, r;

	memset(tasks, 0, sizeof(tasks));
	for (k = 0; k < 3; k++)
		for (i = 0; i < 2; i++) {
			tasks[k][i].operation = k < 2 ? wrap_unwrap : only_encrypt;
			tasks[k][i].size = size;
			if (k < 2) {
				tasks[k][i].library = l[k];
				tasks[k][i].library.client = tasks[k][i].library.server = GSS_C_NO_CONTEXT;
				establish(&tasks[k][i].library, 0);
			}
			tasks[k][i].n = (int)(1000 / timed(&tasks[k][0].library, tasks[k][i].operation, size, 20)) + 1;
		}
	for (k = 0; k < 3; k++)
		tasks[k][1].n = tasks[k][0].n;
	for (r = 0; r < 9 * ROUNDS; r++)
		for (k = 0; k < 3; k++)
			for (i = 0; i < 2; i++)
				if ((t = together(tasks[k], i + 1)) < best[k][i])
					best[k][i] = t;
	printf("%-24s", name);
	for (k = 0; k < 3; k++)
		printf(" %9.2fx", 2 * best[k][0] / best[k][1]);
	printf("\n");
	for (k = 0; k < 2; k++)
		for (i = 0; i < 2; i++) {
			l[k].delete_sec_context(&minor, &tasks[k][i].library.client, GSS_C_NO_BUFFER);
			l[k].delete_sec_context(&minor, &tasks[k][i].library.server, GSS_C_NO_BUFFER);
		}
}

/* The first call, in a fresh process: loading the library and importing a name. */
static double
first_call(const char *path)
{
	int fds[2];
	double elapsed = 0;
	pid_t pid;

	if (pipe(fds) != 0)
		exit(1);
	if ((pid = fork()) == 0) {
		struct library l;
		double begun = now();

		memset(&l, 0, sizeof(l));
		load(&l, path);
		import_target(&l);
		elapsed = now() - begun;
		_exit(write(fds[1], &elapsed, sizeof(elapsed)) != sizeof(elapsed));
	}
	if (read(fds[0], &elapsed, sizeof(elapsed)) != sizeof(elapsed)) {
		fprintf(stderr, "bench: %s: the first call failed\n", path);
		exit(1);
	}
	close(fds[0]);
	close(fds[1]);
	waitpid(pid, NULL, 0);
	return elapsed;
}

int
main(int argc, char **argv)
{
	static const size_t sizes[] = { 64, 1024, 65536, 1048576 };
	static const char *const size_names[] = { "64 B", "1 KiB", "64 KiB", "1 MiB" };
	struct library l[2];
	double first[2][ROUNDS];
	char name[64];
	size_t i;
	int bits = 0, r;

	if (argc == 4)
		bits = atoi(argv[3]);
	if (argc < 3 || argc > 4 || (argc == 4 && bits != 128 && bits != 256)) {
		fprintf(stderr, "usage: bench OURS THEIRS [128|256]\n");
		return 2;
	}
	memset(l, 0, sizeof(l));
	message = calloc(1, sizes[3]);
	if (argc == 3) {
		print_head("theirs");
		for (r = 0; r < ROUNDS; r++) {
			first[0][r] = first_call(argv[1]);
			first[1][r] = first_call(argv[2]);
		}
		print_row("first call", first[0], first[1]);
	}
	for (i = 0; i < 2; i++) {
		load(&l[i], argv[1 + i]);
		import_target(&l[i]);
		establish(&l[i], 0);
	}
	if (argc == 3) {
		row("init+accept", l, establish, 0);
		row("export+import", l, export_import, 0);
	} else {
		if (overhead(&l[0]) != overhead(&l[1])) {
			fprintf(stderr, "bench: the two have not agreed on the same enctype\n");
			return 1;
		}
		print_head("theirs");
		for (i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "mic+verify %s", size_names[i]);
			row(name, l, mic_verify, sizes[i]);
		}
		for (i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "wrap+unwrap %s", size_names[i]);
			row(name, l, wrap_unwrap, sizes[i]);
		}
		row("in place 64 B", l, wrap_unwrap_iov, sizes[0]);
		row("in place 64 KiB", l, wrap_unwrap_iov, sizes[2]);
		if (limit_encrypt(message, message, 0, bits)) {
			print_head(bits == 128 ? "AES-128" : "AES-256");
			limit_row(l, sizes[2], bits);
		}
		printf("%-24s %10s %10s %10s\n", "two threads do more", "ours", "theirs", "AES alone");
		thread_row("wrap+unwrap 64 B", l, sizes[0]);
		thread_row("wrap+unwrap 64 KiB", l, sizes[2]);
	}
	return 0;
}
