/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * libkrb5.c: functions that take objects of libkrb5. These are opaque to this library, and only the libkrb5 that made them
 * can use them: the one that the process has loaded, MIT's or Heimdal's. It reads files itself; tickets that this library
 * has in memory are passed to it in memory.
 */

#define _GNU_SOURCE /* RTLD_DEFAULT */

#include <gssapi/gssapi_krb5.h>

#include "find_libkrb5.h"
#include "front.h"
#include "private.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define G_WRONG_SIZE ((OM_uint32)0x861b6d06) /* of the ggss table */

typedef int32_t krb5_error_code;

static gss_OID_desc ccache_name_of = {6, (void *)(uintptr_t) "\x2a\x85\x70\x2b\x0d\x01"}; /* 1.2.752.43.13.1 */

/* MIT's krb5_data. */
struct mit_data {
	int32_t magic;
	unsigned int length;
	char *data;
};

/* Room for Heimdal's krb5_creds, which has less than 200 octets. */
union heimdal_creds {
	char octets[1024];
	void *pointer;
	uint64_t number;
};

/* The functions of libkrb5 that are used. void * stands for its own types. */
struct libkrb5 {
	void *context;
	krb5_error_code (*init_context)(void **context);
	void (*free_context)(void *context);
	krb5_error_code (*cc_resolve)(void *context, const char *name, void **ccache);
	krb5_error_code (*cc_copy)(void *context, void *from, void *to);
	krb5_error_code (*cc_close)(void *context, void *ccache);
	krb5_error_code (*cc_get_full_name)(void *context, void *ccache, char **name);
	krb5_error_code (*cc_initialize)(void *context, void *ccache, const void *principal);
	krb5_error_code (*cc_store_cred)(void *context, void *ccache, void *creds);
	krb5_error_code (*kt_get_name)(void *context, void *keytab, char *name, unsigned int length);
	krb5_error_code (*kt_get_full_name)(void *context, void *keytab, char **name); /* Heimdal's, with the type */
	krb5_error_code (*parse_name)(void *context, const char *name, void **principal);
	krb5_error_code (*unparse_name)(void *context, const void *principal, char **name);
	void (*free_principal)(void *context, void *principal);
	const char *(*get_error_message)(void *context, krb5_error_code code);
	void (*free_error_message)(void *context, const char *text);
	void (*free_string)(void *context, char *text);

	/* How a ticket is read from memory: MIT's functions, since 1.16, and Heimdal's. */
	krb5_error_code (*unmarshal_credentials)(void *context, const struct mit_data *data, void **creds);
	void (*free_creds)(void *context, void *creds);
	void *(*storage_from_memory)(const void *octets, size_t length);
	krb5_error_code (*ret_creds)(void *storage, union heimdal_creds *creds);
	int (*storage_free)(void *storage);
	krb5_error_code (*free_cred_contents)(void *context, union heimdal_creds *creds);
};

/* fail_krb5 reports an error of libkrb5 in its words. */
static OM_uint32
fail_krb5(OM_uint32 *minor_status, const struct libkrb5 *krb5, krb5_error_code code, const char *what)
{
	char text[FRONT_TEXT_SIZE];
	const char *reason = NULL;

	if (krb5->get_error_message != NULL)
		reason = krb5->get_error_message(krb5->context, code);
	(void)snprintf(text, sizeof(text), "libkrb5 %s: %.700s", what, reason != NULL ? reason : "it gives no reason");
	if (reason != NULL && krb5->free_error_message != NULL)
		krb5->free_error_message(krb5->context, reason);
	return front_report(minor_status, GSS_S_FAILURE, (OM_uint32)code, text);
}

/* open_libkrb5 fails if the process has no libkrb5 with the functions that all callers need. Returns a major status. */
static OM_uint32
open_libkrb5(OM_uint32 *minor_status, struct libkrb5 *krb5)
{
	const struct {
		const char *name;
		void *place;
	} functions[] = {
	    {"krb5_init_context", &krb5->init_context},
	    {"krb5_free_context", &krb5->free_context},
	    {"krb5_cc_resolve", &krb5->cc_resolve},
	    {"krb5_cc_copy_cache", &krb5->cc_copy}, /* Heimdal's */
	    {"krb5_cc_copy_creds", &krb5->cc_copy}, /* MIT's */
	    {"krb5_cc_close", &krb5->cc_close},
	    {"krb5_cc_get_full_name", &krb5->cc_get_full_name},
	    {"krb5_cc_initialize", &krb5->cc_initialize},
	    {"krb5_cc_store_cred", &krb5->cc_store_cred},
	    {"krb5_kt_get_name", &krb5->kt_get_name},
	    {"krb5_kt_get_full_name", &krb5->kt_get_full_name},
	    {"krb5_parse_name", &krb5->parse_name},
	    {"krb5_unparse_name", &krb5->unparse_name},
	    {"krb5_free_principal", &krb5->free_principal},
	    {"krb5_get_error_message", &krb5->get_error_message},
	    {"krb5_free_error_message", &krb5->free_error_message},
	    {"krb5_free_string", &krb5->free_string},
	    {"krb5_unmarshal_credentials", &krb5->unmarshal_credentials},
	    {"krb5_free_creds", &krb5->free_creds},
	    {"krb5_storage_from_readonly_mem", &krb5->storage_from_memory},
	    {"krb5_ret_creds", &krb5->ret_creds},
	    {"krb5_storage_free", &krb5->storage_free},
	    {"krb5_free_cred_contents", &krb5->free_cred_contents},
	};
	void *library = find_libkrb5(), *p;
	krb5_error_code code;
	size_t i;

	memset(krb5, 0, sizeof(*krb5));
	for (i = 0; library != NULL && i < sizeof(functions) / sizeof(functions[0]); i++) {
		p = dlsym(library, functions[i].name);
		if (p != NULL)
			memcpy(functions[i].place, &p, sizeof(p));
	}
	if (library != NULL)
		(void)dlclose(library); /* whoever loaded it keeps it loaded */
	if (krb5->init_context == NULL || krb5->free_context == NULL || krb5->cc_resolve == NULL ||
	    krb5->cc_copy == NULL || krb5->cc_close == NULL || krb5->cc_get_full_name == NULL ||
	    krb5->cc_initialize == NULL || krb5->cc_store_cred == NULL || krb5->kt_get_name == NULL ||
	    krb5->parse_name == NULL || krb5->unparse_name == NULL || krb5->free_principal == NULL)
		return front_report(minor_status, GSS_S_FAILURE, ENOSYS,
		    "the process has loaded no libkrb5 that could have made this object");
	code = krb5->init_context(&krb5->context);
	if (code != 0) {
		krb5->context = NULL;
		return fail_krb5(minor_status, krb5, code, "does not start");
	}
	return GSS_S_COMPLETE;
}

/* release frees a text that libkrb5 has allocated. */
static void
release(const struct libkrb5 *krb5, char *text)
{
	if (text != NULL && krb5->free_string != NULL)
		krb5->free_string(krb5->context, text);
	else
		free(text);
}

/* string returns a NUL-terminated copy, or NULL. */
static char *
string(const gss_buffer_desc *b)
{
	char *s = malloc(b->length + 1);

	if (s != NULL) {
		memcpy(s, b->value, b->length);
		s[b->length] = '\0';
	}
	return s;
}

/* copy_named makes libkrb5 copy a cache that it can read itself. */
static krb5_error_code
copy_named(const struct libkrb5 *krb5, const gss_buffer_desc *name, void *out_ccache)
{
	char *text = string(name);
	void *from;
	krb5_error_code code = text == NULL ? ENOMEM : krb5->cc_resolve(krb5->context, text, &from);

	if (code == 0) {
		code = krb5->cc_copy(krb5->context, from, out_ccache);
		(void)krb5->cc_close(krb5->context, from);
	}
	free(text);
	return code;
}

static int
is_mit(const struct libkrb5 *krb5)
{
	return krb5->unmarshal_credentials != NULL && krb5->free_creds != NULL;
}

static int
is_heimdal(const struct libkrb5 *krb5)
{
	return krb5->storage_from_memory != NULL && krb5->ret_creds != NULL && krb5->storage_free != NULL &&
	    krb5->free_cred_contents != NULL;
}

/* initialize does what Heimdal's library does when it copies a cache; MIT's leaves it to the program. */
static krb5_error_code
initialize(const struct libkrb5 *krb5, const gss_buffer_desc *principal, void *ccache)
{
	char *text = string(principal);
	void *client;
	krb5_error_code code = text == NULL ? ENOMEM : krb5->parse_name(krb5->context, text, &client);

	if (code == 0) {
		code = krb5->cc_initialize(krb5->context, ccache, client);
		krb5->free_principal(krb5->context, client);
	}
	free(text);
	return code;
}

static krb5_error_code
store_in_mit(const struct libkrb5 *krb5, const gss_buffer_desc *ticket, void *ccache)
{
	const struct mit_data data = {0, (unsigned int)ticket->length, ticket->value};
	void *creds;
	krb5_error_code code = krb5->unmarshal_credentials(krb5->context, &data, &creds);

	if (code == 0) {
		code = krb5->cc_store_cred(krb5->context, ccache, creds);
		krb5->free_creds(krb5->context, creds);
	}
	return code;
}

static krb5_error_code
store_in_heimdal(const struct libkrb5 *krb5, const gss_buffer_desc *ticket, void *ccache)
{
	union heimdal_creds creds;
	void *storage = krb5->storage_from_memory(ticket->value, ticket->length);
	krb5_error_code code;

	if (storage == NULL)
		return ENOMEM;
	memset(&creds, 0, sizeof(creds));
	code = krb5->ret_creds(storage, &creds);
	(void)krb5->storage_free(storage);
	if (code == 0) {
		code = krb5->cc_store_cred(krb5->context, ccache, &creds);
		(void)krb5->free_cred_contents(krb5->context, &creds);
	}
	return code;
}

/* copy copies the result of the inquiry: a name; or an empty name, the principal, and tickets in the format of a file. */
static OM_uint32
copy(OM_uint32 *minor_status, const struct libkrb5 *krb5, const gss_buffer_desc *found, size_t count, void *out_ccache)
{
	krb5_error_code code = 0;
	size_t i;

	if (found[0].length != 0) {
		code = copy_named(krb5, &found[0], out_ccache);
	} else if (count < 3) {
		return front_report(minor_status, GSS_S_FAILURE, ENOENT, "the credential has no ticket");
	} else if (!is_mit(krb5) && !is_heimdal(krb5)) {
		return front_report(minor_status, GSS_S_FAILURE, ENOSYS,
		    "the libkrb5 of the process cannot read tickets from memory: MIT's can since 1.16");
	} else {
		if (!is_mit(krb5))
			code = initialize(krb5, &found[1], out_ccache);
		for (i = 2; i < count && code == 0; i++)
			code = (is_mit(krb5) ? store_in_mit : store_in_heimdal)(krb5, &found[i], out_ccache);
	}
	return code == 0 ? GSS_S_COMPLETE : fail_krb5(minor_status, krb5, code, "cannot copy the credentials");
}

OM_uint32
gss_krb5_copy_ccache(OM_uint32 *minor_status, gss_cred_id_t cred_handle, void *out_ccache)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	struct libkrb5 krb5;
	OM_uint32 major, minor;

	front_set_minor(minor_status, 0);
	if (out_ccache == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	major = gss_inquire_cred_by_oid(minor_status, cred_handle, &ccache_name_of, &set);
	if (major != GSS_S_COMPLETE)
		return major;
	major = open_libkrb5(minor_status, &krb5);
	if (major == GSS_S_COMPLETE) {
		major = copy(minor_status, &krb5, set->elements, set->count, out_ccache);
		krb5.free_context(krb5.context);
	}
	(void)gss_release_buffer_set(&minor, &set); /* which wipes the keys */
	return major;
}

/* import_principal imports a krb5_principal as a name. */
static OM_uint32
import_principal(OM_uint32 *minor_status, const struct libkrb5 *krb5, const void *principal, gss_name_t *name)
{
	gss_buffer_desc buffer;
	char *text = NULL;
	OM_uint32 major;
	krb5_error_code code = krb5->unparse_name(krb5->context, principal, &text);

	if (code != 0)
		return fail_krb5(minor_status, krb5, code, "cannot read the principal");
	buffer.length = strlen(text);
	buffer.value = text;
	major = gss_import_name(minor_status, &buffer, GSS_KRB5_NT_PRINCIPAL_NAME, name);
	release(krb5, text);
	return major;
}

/* import_object imports the krb5_principal whose address is in the buffer. The program may free it afterwards. */
static OM_uint32
import_object(OM_uint32 *minor_status, const gss_buffer_desc *buffer, gss_name_t *name)
{
	struct libkrb5 krb5;
	const void *principal = NULL;
	OM_uint32 major;

	if (buffer->length == sizeof(principal))
		memcpy(&principal, buffer->value, sizeof(principal));
	if (principal == NULL)
		return front_report(minor_status, GSS_S_BAD_NAME, G_WRONG_SIZE,
		    "a name of this type is a krb5_principal, a pointer that is not NULL");
	major = open_libkrb5(minor_status, &krb5);
	if (major == GSS_S_COMPLETE) {
		major = import_principal(minor_status, &krb5, principal, name);
		krb5.free_context(krb5.context);
	}
	return major;
}

OM_uint32
gss_import_name(OM_uint32 *minor_status, gss_buffer_t input_name_buffer, gss_OID input_name_type, gss_name_t *output_name)
{
	const struct engine_table *engine;

	if (output_name != NULL)
		*output_name = GSS_C_NO_NAME;
	if (minor_status != NULL && output_name != NULL && input_name_buffer != GSS_C_NO_BUFFER &&
	    input_name_buffer->value != NULL && gss_oid_equal(input_name_type, gss_nt_krb5_principal))
		return import_object(minor_status, input_name_buffer, output_name);
	engine = front_engine(minor_status);
	return engine != NULL ? engine->gss_import_name(minor_status, input_name_buffer, input_name_type, output_name)
	                      : GSS_S_FAILURE;
}

/* The type of names that import_object imports is added to those that the engine knows. */
OM_uint32
gss_inquire_names_for_mech(OM_uint32 *minor_status, gss_OID mechanism, gss_OID_set *name_types)
{
	const struct engine_table *engine;
	OM_uint32 major, minor;
	int krb5 = 0;

	if (name_types != NULL)
		*name_types = GSS_C_NO_OID_SET;
	engine = front_engine(minor_status);
	if (engine == NULL)
		return GSS_S_FAILURE;
	major = engine->gss_inquire_names_for_mech(minor_status, mechanism, name_types);
	if (major != GSS_S_COMPLETE)
		return major;
	(void)gss_test_oid_set_member(&minor, GSS_KRB5_NT_PRINCIPAL_NAME, *name_types, &krb5);
	if (krb5)
		major = gss_add_oid_set_member(minor_status, gss_nt_krb5_principal, name_types);
	if (major != GSS_S_COMPLETE)
		(void)gss_release_oid_set(&minor, name_types);
	return major;
}

OM_uint32
gss_krb5_import_cred(OM_uint32 *minor_status, void *id, void *keytab_principal, void *keytab, gss_cred_id_t *cred)
{
	char name_of_keytab[1024], *full_name = NULL, *ccache_name = NULL;
	gss_key_value_element_desc elements[2];
	gss_key_value_set_desc store = {0, elements};
	gss_name_t name = GSS_C_NO_NAME;
	struct libkrb5 krb5;
	krb5_error_code code = 0;
	OM_uint32 major, minor;

	front_set_minor(minor_status, 0);
	if (cred == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*cred = GSS_C_NO_CREDENTIAL;
	if (id == NULL && keytab == NULL)
		return GSS_S_CALL_INACCESSIBLE_READ;
	major = open_libkrb5(minor_status, &krb5);
	if (major != GSS_S_COMPLETE)
		return major;
	if (id != NULL) {
		code = krb5.cc_get_full_name(krb5.context, id, &ccache_name);
		elements[store.count].key = "ccache";
		elements[store.count++].value = ccache_name;
	}
	if (code == 0 && keytab != NULL) {
		if (krb5.kt_get_full_name != NULL)
			code = krb5.kt_get_full_name(krb5.context, keytab, &full_name);
		else
			code = krb5.kt_get_name(krb5.context, keytab, name_of_keytab, sizeof(name_of_keytab));
		elements[store.count].key = "keytab";
		elements[store.count++].value = full_name != NULL ? full_name : name_of_keytab;
	}
	if (code != 0)
		major = fail_krb5(minor_status, &krb5, code, "cannot name the credentials");
	else if (keytab_principal != NULL)
		major = import_principal(minor_status, &krb5, keytab_principal, &name);
	if (major == GSS_S_COMPLETE)
		major = gss_acquire_cred_from(minor_status, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
		    keytab == NULL ? GSS_C_INITIATE : id == NULL ? GSS_C_ACCEPT : GSS_C_BOTH, &store, cred, NULL, NULL);
	(void)gss_release_name(&minor, &name);
	release(&krb5, ccache_name);
	release(&krb5, full_name);
	krb5.free_context(krb5.context);
	return major;
}
