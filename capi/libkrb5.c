/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * libkrb5.c: credential caches and keytabs in the memory of the libkrb5 that the program uses. Only that library can read
 * them, so it is asked for copies, by its public functions. If the program uses no libkrb5, none is loaded.
 */

#define _GNU_SOURCE /* RTLD_DEFAULT */

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "find_libkrb5.h"
#include "glue.h"
#include "libkrb5.h"

#define MOST_OCTETS ((size_t)64 << 20)
#define KRB5_CC_END ((int32_t)-1765328242)
#define KRB5_KT_END ((int32_t)-1765328202)
#define KRB5_FCC_NOFILE ((int32_t)-1765328189)
#define KRB5_KT_NOTFOUND ((int32_t)-1765328203)
#define KRB5_KT_KVNONOTFOUND ((int32_t)-1765328154)

/* MIT's krb5_data, and Heimdal's. */
struct mit_data {
	int32_t magic;
	unsigned int length;
	char *data;
};

struct heimdal_data {
	size_t length;
	void *data;
};

/* krb5_keytab_entry of both. */
struct mit_entry {
	int32_t magic;
	void *principal;
	int32_t time;
	unsigned int kvno;
	struct {
		int32_t magic;
		int32_t enctype;
		unsigned int length;
		unsigned char *octets;
	} key;
};

struct heimdal_entry {
	void *principal;
	uint32_t kvno;
	struct {
		int32_t enctype;
		struct heimdal_data value;
	} key;
	uint32_t time;
	uint32_t flags;
	void *aliases;
};

union entry {
	struct mit_entry mit;
	struct heimdal_entry heimdal;
	char room[512];
};

/* Room for krb5_creds, which has less than 200 octets in both. */
union creds {
	char octets[1024];
	void *pointer;
	uint64_t number;
};

struct libkrb5 {
	void *context;
	int32_t (*init_context)(void **context);
	void (*free_context)(void *context);
	int32_t (*unparse_name)(void *context, const void *principal, char **name);
	void (*free_principal)(void *context, void *principal);
	const char *(*get_error_message)(void *context, int32_t code);
	void (*free_error_message)(void *context, const char *text);

	int32_t (*cc_resolve)(void *context, const char *name, void **ccache);
	int32_t (*cc_get_principal)(void *context, void *ccache, void **principal);
	int32_t (*cc_start)(void *context, void *ccache, void **cursor);
	int32_t (*cc_next)(void *context, void *ccache, void **cursor, union creds *creds);
	int32_t (*cc_end)(void *context, void *ccache, void **cursor);
	int32_t (*cc_close)(void *context, void *ccache);
	void (*free_cred_contents)(void *context, union creds *creds);

	int32_t (*kt_resolve)(void *context, const char *name, void **keytab);
	int32_t (*kt_start)(void *context, void *keytab, void *cursor);
	int32_t (*kt_next)(void *context, void *keytab, union entry *entry, void *cursor);
	int32_t (*kt_end)(void *context, void *keytab, void *cursor);
	int32_t (*kt_get_entry)(void *context, void *keytab, const void *principal, unsigned int kvno, int32_t enctype,
	    union entry *entry);
	int32_t (*kt_close)(void *context, void *keytab);
	int32_t (*parse_name)(void *context, const char *name, void **principal);
	int32_t (*free_entry)(void *context, union entry *entry);

	/* How a ticket is written to memory: MIT's functions, since 1.16, and Heimdal's. */
	int32_t (*marshal)(void *context, const union creds *creds, struct mit_data **data);
	void (*free_data)(void *context, struct mit_data *data);
	void *(*storage_emem)(void);
	int32_t (*store_creds)(void *storage, union creds *creds);
	int32_t (*storage_to_data)(void *storage, struct heimdal_data *data);
	int32_t (*storage_free)(void *storage);
	void (*data_free)(struct heimdal_data *data);
};

/* What to read: a credential cache or keytab, or of the keytab one entry only, or none if principal is "". */
struct wanted {
	const char *name;
	const char *principal;
	uint32_t kvno;
	int32_t enctype;
};

typedef int32_t reader(struct engine_foreign *out, const struct libkrb5 *krb5, const struct wanted *wanted);

/* open_libkrb5 returns 0 if the process has no libkrb5 with the functions that are needed. */
static int
open_libkrb5(struct libkrb5 *krb5)
{
	const struct {
		const char *name;
		void *place;
		int needed;
	} functions[] = {
	    {"krb5_init_context", &krb5->init_context, 1},
	    {"krb5_free_context", &krb5->free_context, 1},
	    {"krb5_unparse_name", &krb5->unparse_name, 1},
	    {"krb5_free_principal", &krb5->free_principal, 1},
	    {"krb5_get_error_message", &krb5->get_error_message, 0},
	    {"krb5_free_error_message", &krb5->free_error_message, 0},
	    {"krb5_cc_resolve", &krb5->cc_resolve, 1},
	    {"krb5_cc_get_principal", &krb5->cc_get_principal, 1},
	    {"krb5_cc_start_seq_get", &krb5->cc_start, 1},
	    {"krb5_cc_next_cred", &krb5->cc_next, 1},
	    {"krb5_cc_end_seq_get", &krb5->cc_end, 1},
	    {"krb5_cc_close", &krb5->cc_close, 1},
	    {"krb5_free_cred_contents", &krb5->free_cred_contents, 1},
	    {"krb5_kt_resolve", &krb5->kt_resolve, 1},
	    {"krb5_kt_start_seq_get", &krb5->kt_start, 1},
	    {"krb5_kt_next_entry", &krb5->kt_next, 1},
	    {"krb5_kt_end_seq_get", &krb5->kt_end, 1},
	    {"krb5_kt_get_entry", &krb5->kt_get_entry, 1},
	    {"krb5_kt_close", &krb5->kt_close, 1},
	    {"krb5_parse_name", &krb5->parse_name, 1},
	    {"krb5_kt_free_entry", &krb5->free_entry, 0},             /* Heimdal's */
	    {"krb5_free_keytab_entry_contents", &krb5->free_entry, 0}, /* MIT's */
	    {"krb5_marshal_credentials", &krb5->marshal, 0},
	    {"krb5_free_data", &krb5->free_data, 0},
	    {"krb5_storage_emem", &krb5->storage_emem, 0},
	    {"krb5_store_creds", &krb5->store_creds, 0},
	    {"krb5_storage_to_data", &krb5->storage_to_data, 0},
	    {"krb5_storage_free", &krb5->storage_free, 0},
	    {"krb5_data_free", &krb5->data_free, 0},
	};
	void *library = find_libkrb5(), *p;
	int found = library != NULL;
	size_t i;

	memset(krb5, 0, sizeof(*krb5));
	for (i = 0; found && i < sizeof(functions) / sizeof(functions[0]); i++) {
		p = dlsym(library, functions[i].name);
		if (p != NULL)
			memcpy(functions[i].place, &p, sizeof(p));
		else if (functions[i].needed)
			found = 0;
	}
	if (library != NULL)
		(void)dlclose(library); /* whoever loaded it keeps it loaded */
	if (!found || krb5->free_entry == NULL || krb5->init_context(&krb5->context) != 0)
		return 0;
	return 1;
}

/* fail stores libkrb5's reason for an error. */
static void
fail(struct engine_foreign *out, const struct libkrb5 *krb5, int32_t code)
{
	const char *text = krb5->get_error_message == NULL ? NULL : krb5->get_error_message(krb5->context, code);

	(void)snprintf(out->reason, sizeof(out->reason), "libkrb5: %.200s", text != NULL ? text : "it gives no reason");
	if (text != NULL && krb5->free_error_message != NULL)
		krb5->free_error_message(krb5->context, text);
}

static void
wipe(void *memory, size_t length)
{
	volatile unsigned char *p = memory;

	while (length-- > 0)
		*p++ = 0;
}

void
engine_foreign_release(struct engine_foreign *out)
{
	if (out->octets != NULL)
		wipe(out->octets, out->length);
	free(out->octets);
	out->octets = NULL;
	out->length = out->size = 0;
}

/* add returns 0 or ENOMEM. Memory that has become too small is wiped before it is freed. */
static int32_t
add(struct engine_foreign *out, const void *octets, size_t length)
{
	if (length > MOST_OCTETS || out->length + length > MOST_OCTETS)
		return ENOMEM;
	if (out->size - out->length < length) {
		size_t size = 2 * out->size + length + 1024;
		unsigned char *larger = malloc(size);

		if (larger == NULL)
			return ENOMEM;
		if (out->octets != NULL) {
			memcpy(larger, out->octets, out->length);
			wipe(out->octets, out->length);
			free(out->octets);
		}
		out->octets = larger;
		out->size = size;
	}
	if (length != 0)
		memcpy(out->octets + out->length, octets, length);
	out->length += length;
	return 0;
}

static int32_t
add_number(struct engine_foreign *out, uint32_t number)
{
	return add(out, &number, sizeof(number));
}

static int32_t
add_octets(struct engine_foreign *out, const void *octets, size_t length)
{
	int32_t code = length > MOST_OCTETS ? ENOMEM : add_number(out, (uint32_t)length);

	return code != 0 ? code : add(out, octets, length);
}

static int32_t
add_name(struct engine_foreign *out, const struct libkrb5 *krb5, const void *principal)
{
	char *name = NULL;
	int32_t code = krb5->unparse_name(krb5->context, principal, &name);

	if (code == 0) {
		code = add_octets(out, name, strlen(name));
		free(name); /* both libraries allocate it by malloc(3) */
	}
	return code;
}

/* add_creds writes a ticket in the format of a cache file of version 4. */
static int32_t
add_creds(struct engine_foreign *out, const struct libkrb5 *krb5, union creds *creds)
{
	int32_t code;

	if (krb5->marshal != NULL && krb5->free_data != NULL) {
		struct mit_data *data = NULL;

		code = krb5->marshal(krb5->context, creds, &data);
		if (code == 0) {
			code = add_octets(out, data->data, data->length);
			wipe(data->data, data->length);
			krb5->free_data(krb5->context, data);
		}
		return code;
	}
	if (krb5->storage_emem != NULL && krb5->store_creds != NULL && krb5->storage_to_data != NULL &&
	    krb5->storage_free != NULL && krb5->data_free != NULL) {
		struct heimdal_data data = {0, NULL};
		void *storage = krb5->storage_emem();

		if (storage == NULL)
			return ENOMEM;
		code = krb5->store_creds(storage, creds);
		if (code == 0)
			code = krb5->storage_to_data(storage, &data);
		(void)krb5->storage_free(storage);
		if (code == 0) {
			code = add_octets(out, data.data, data.length);
			wipe(data.data, data.length);
			krb5->data_free(&data);
		}
		return code;
	}
	return ENOSYS;
}

static int32_t
add_ccache(struct engine_foreign *out, const struct libkrb5 *krb5, void *ccache)
{
	void *principal = NULL, *cursor = NULL;
	union creds creds;
	int32_t code = krb5->cc_get_principal(krb5->context, ccache, &principal);

	if (code == 0) {
		code = add_name(out, krb5, principal);
		krb5->free_principal(krb5->context, principal);
	}
	if (code == 0)
		code = krb5->cc_start(krb5->context, ccache, &cursor);
	if (code != 0)
		return code;
	while (code == 0) {
		memset(&creds, 0, sizeof(creds));
		code = krb5->cc_next(krb5->context, ccache, &cursor, &creds);
		if (code == 0) {
			code = add_creds(out, krb5, &creds);
			krb5->free_cred_contents(krb5->context, &creds);
		}
	}
	(void)krb5->cc_end(krb5->context, ccache, &cursor);
	return code == KRB5_CC_END ? 0 : code;
}

static int32_t
add_entry(struct engine_foreign *out, const struct libkrb5 *krb5, const union entry *entry)
{
	const int is_heimdal = krb5->storage_emem != NULL;
	const struct mit_entry *m = &entry->mit;
	const struct heimdal_entry *h = &entry->heimdal;
	int32_t code = add_name(out, krb5, is_heimdal ? h->principal : m->principal);

	if (code == 0)
		code = add_number(out, is_heimdal ? h->kvno : m->kvno);
	if (code == 0)
		code = add_number(out, (uint32_t)(is_heimdal ? h->key.enctype : m->key.enctype));
	if (code == 0)
		code = add_number(out, is_heimdal ? h->time : (uint32_t)m->time);
	if (code == 0)
		code = is_heimdal ? add_octets(out, h->key.value.data, h->key.value.length)
		                  : add_octets(out, m->key.octets, m->key.length);
	return code;
}

static int32_t
add_keytab(struct engine_foreign *out, const struct libkrb5 *krb5, void *keytab)
{
	union {
		void *mit;
		char heimdal[256]; /* its krb5_kt_cursor is a structure */
	} cursor;
	union entry entry;
	int32_t code;

	memset(&cursor, 0, sizeof(cursor));
	code = krb5->kt_start(krb5->context, keytab, &cursor);
	if (code != 0)
		return code;
	while (code == 0) {
		memset(&entry, 0, sizeof(entry));
		code = krb5->kt_next(krb5->context, keytab, &entry, &cursor);
		if (code == 0) {
			code = add_entry(out, krb5, &entry);
			(void)krb5->free_entry(krb5->context, &entry);
		}
	}
	(void)krb5->kt_end(krb5->context, keytab, &cursor);
	return code == KRB5_KT_END ? 0 : code;
}

static int32_t
add_key(struct engine_foreign *out, const struct libkrb5 *krb5, void *keytab, const struct wanted *key)
{
	union entry entry;
	void *principal = NULL;
	int32_t code = krb5->parse_name(krb5->context, key->principal, &principal);

	if (code != 0)
		return code;
	memset(&entry, 0, sizeof(entry));
	code = krb5->kt_get_entry(krb5->context, keytab, principal, key->kvno, key->enctype, &entry);
	krb5->free_principal(krb5->context, principal);
	if (code == 0) {
		code = add_entry(out, krb5, &entry);
		(void)krb5->free_entry(krb5->context, &entry);
	}
	return code;
}

/* The readers of the three functions that the engine calls. */

static int32_t
read_ccache(struct engine_foreign *out, const struct libkrb5 *krb5, const struct wanted *wanted)
{
	void *ccache = NULL;
	int32_t code = krb5->cc_resolve(krb5->context, wanted->name, &ccache);

	if (code == 0) {
		code = add_ccache(out, krb5, ccache);
		(void)krb5->cc_close(krb5->context, ccache);
	}
	return code;
}

static int32_t
read_keytab(struct engine_foreign *out, const struct libkrb5 *krb5, const struct wanted *wanted)
{
	void *keytab = NULL;
	int32_t code = krb5->kt_resolve(krb5->context, wanted->name, &keytab);

	if (code == 0) {
		if (wanted->principal == NULL)
			code = add_keytab(out, krb5, keytab);
		else if (wanted->principal[0] != '\0')
			code = add_key(out, krb5, keytab, wanted);
		(void)krb5->kt_close(krb5->context, keytab);
	}
	return code;
}

/*
 * ask_libkrb5 calls read with an open libkrb5, and keeps nothing of a partial result. It returns 0 if there is no libkrb5.
 * Something that does not exist is not a failure.
 */
static int
ask_libkrb5(struct engine_foreign *out, reader *read, const struct wanted *wanted)
{
	struct libkrb5 krb5;
	int state = engine_defer_cancellation();
	int is_open = open_libkrb5(&krb5);
	int32_t code;

	if (is_open) {
		code = read(out, &krb5, wanted);
		if (code != 0)
			engine_foreign_release(out);
		if (code != 0 && code != KRB5_FCC_NOFILE && code != KRB5_KT_NOTFOUND && code != KRB5_KT_KVNONOTFOUND &&
		    code != ENOENT)
			fail(out, &krb5, code);
		krb5.free_context(krb5.context);
	}
	engine_restore_cancellation(state);
	return is_open;
}

void
engine_foreign_ccache(const char *name, struct engine_foreign *out)
{
	const struct wanted wanted = {.name = name};

	(void)ask_libkrb5(out, read_ccache, &wanted);
}

void
engine_foreign_keytab(const char *name, struct engine_foreign *out)
{
	const struct wanted wanted = {.name = name};

	(void)ask_libkrb5(out, read_keytab, &wanted);
}

void
engine_foreign_key(const char *name, const char *principal, uint32_t kvno, int32_t enctype, struct engine_foreign *out)
{
	const struct wanted wanted = {.name = name, .principal = principal, .kvno = kvno, .enctype = enctype};

	if (!ask_libkrb5(out, read_keytab, &wanted))
		(void)snprintf(out->reason, sizeof(out->reason), "the program uses no libkrb5");
}
