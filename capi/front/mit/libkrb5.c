/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * libkrb5.c: functions that take objects of libkrb5. They are opaque to this library, and only the libkrb5 that made
 * them can use them: the one that the process has loaded, MIT's or Heimdal's. Tickets go from here to there in a file.
 */

#define _GNU_SOURCE /* RTLD_DEFAULT, mkdtemp */

#include <gssapi/gssapi_krb5.h>

#include "../front.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int32_t krb5_error_code;

static gss_OID_desc ccache_name_of = {6, (void *)(uintptr_t) "\x2a\x85\x70\x2b\x0d\x01"}; /* 1.2.752.43.13.1 */

/* What is used of libkrb5. The types are void * where libkrb5 has its own. */
struct libkrb5 {
	void *context;
	krb5_error_code (*init_context)(void **context);
	void (*free_context)(void *context);
	krb5_error_code (*cc_resolve)(void *context, const char *name, void **ccache);
	krb5_error_code (*cc_copy)(void *context, void *from, void *to);
	krb5_error_code (*cc_close)(void *context, void *ccache);
	krb5_error_code (*cc_get_full_name)(void *context, void *ccache, char **name);
	krb5_error_code (*kt_get_name)(void *context, void *keytab, char *name, unsigned int length);
	krb5_error_code (*unparse_name)(void *context, const void *principal, char **name);
	const char *(*get_error_message)(void *context, krb5_error_code code);
	void (*free_error_message)(void *context, const char *text);
	void (*free_string)(void *context, char *text);
};

static OM_uint32
fail(OM_uint32 *minor_status, OM_uint32 minor, const char *text)
{
	front_record_status(minor, text, strlen(text));
	front_set_minor(minor_status, minor);
	return GSS_S_FAILURE;
}

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
	return fail(minor_status, (OM_uint32)code, text);
}

/* find gives a function of the process's libkrb5, which the program or a plug-in of it has loaded, or NULL. */
static void
find(void *function, const char *name)
{
	static const char *const libraries[] = {
	    "libkrb5.so.3",   /* MIT's own number */
	    "libkrb5.so.122", /* FreeBSD 15 */
	    "libkrb5.so.11",  /* FreeBSD 14: Heimdal */
	    "libkrb5.so.26",  /* Heimdal's own number */
	};
	void *p = dlsym(RTLD_DEFAULT, name);
	size_t i;

	for (i = 0; p == NULL && i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		void *handle = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (handle != NULL) {
			p = dlsym(handle, name);
			(void)dlclose(handle); /* whoever loaded it still has it */
		}
	}
	memcpy(function, &p, sizeof(p));
}

/* open_libkrb5 is 0 if the process has a libkrb5 with what every caller here needs, else a major status. */
static OM_uint32
open_libkrb5(OM_uint32 *minor_status, struct libkrb5 *krb5)
{
	krb5_error_code code;

	memset(krb5, 0, sizeof(*krb5));
	find(&krb5->init_context, "krb5_init_context");
	find(&krb5->free_context, "krb5_free_context");
	find(&krb5->cc_resolve, "krb5_cc_resolve");
	find(&krb5->cc_copy, "krb5_cc_copy_creds");
	if (krb5->cc_copy == NULL)
		find(&krb5->cc_copy, "krb5_cc_copy_cache"); /* Heimdal's */
	find(&krb5->cc_close, "krb5_cc_close");
	find(&krb5->cc_get_full_name, "krb5_cc_get_full_name");
	find(&krb5->kt_get_name, "krb5_kt_get_name");
	find(&krb5->unparse_name, "krb5_unparse_name");
	find(&krb5->get_error_message, "krb5_get_error_message");
	find(&krb5->free_error_message, "krb5_free_error_message");
	find(&krb5->free_string, "krb5_free_string");
	if (krb5->init_context == NULL || krb5->free_context == NULL || krb5->cc_resolve == NULL ||
	    krb5->cc_copy == NULL || krb5->cc_close == NULL || krb5->cc_get_full_name == NULL ||
	    krb5->kt_get_name == NULL || krb5->unparse_name == NULL)
		return fail(minor_status, ENOSYS, "the process has no libkrb5 that its object could be of");
	code = krb5->init_context(&krb5->context);
	if (code != 0) {
		krb5->context = NULL;
		return fail_krb5(minor_status, krb5, code, "does not start");
	}
	return GSS_S_COMPLETE;
}

/* release frees what libkrb5 has allocated. */
static void
release(const struct libkrb5 *krb5, char *text)
{
	if (text != NULL && krb5->free_string != NULL)
		krb5->free_string(krb5->context, text);
	else
		free(text);
}

static OM_uint32
copy(OM_uint32 *minor_status, const char *name, void *out_ccache)
{
	struct libkrb5 krb5;
	krb5_error_code code;
	void *from;
	OM_uint32 major = open_libkrb5(minor_status, &krb5);

	if (major != GSS_S_COMPLETE)
		return major;
	code = krb5.cc_resolve(krb5.context, name, &from);
	if (code == 0) {
		code = krb5.cc_copy(krb5.context, from, out_ccache);
		(void)krb5.cc_close(krb5.context, from);
	}
	if (code != 0)
		major = fail_krb5(minor_status, &krb5, code, "cannot copy the credentials");
	krb5.free_context(krb5.context);
	return major;
}

/* copy_by_file writes credentials that are in memory only to a file of nobody else's, for as long as it takes. */
static OM_uint32
copy_by_file(OM_uint32 *minor_status, gss_cred_id_t cred, void *out_ccache)
{
	char directory[] = "/tmp/gss.XXXXXX", name[sizeof("FILE:/cc") + sizeof(directory)];
	gss_key_value_element_desc element = {"ccache", name};
	gss_key_value_set_desc store = {1, &element};
	OM_uint32 major;

	if (mkdtemp(directory) == NULL)
		return fail(minor_status, (OM_uint32)errno, "no directory can be made in /tmp for a credential cache");
	(void)snprintf(name, sizeof(name), "FILE:%s/cc", directory);
	major = gss_store_cred_into(minor_status, cred, GSS_C_INITIATE, GSS_C_NO_OID, 1, 0, &store, NULL, NULL);
	if (major == GSS_S_COMPLETE)
		major = copy(minor_status, name, out_ccache);
	(void)unlink(name + sizeof("FILE:") - 1);
	(void)rmdir(directory);
	return major;
}

OM_uint32
gss_krb5_copy_ccache(OM_uint32 *minor_status, gss_cred_id_t cred_handle, void *out_ccache)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;
	char *name = NULL;

	front_set_minor(minor_status, 0);
	if (out_ccache == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	major = gss_inquire_cred_by_oid(minor_status, cred_handle, &ccache_name_of, &set);
	if (major != GSS_S_COMPLETE)
		return major;
	if (set != GSS_C_NO_BUFFER_SET && set->count == 1 && set->elements[0].length != 0) {
		name = malloc(set->elements[0].length + 1);
		if (name != NULL) {
			memcpy(name, set->elements[0].value, set->elements[0].length);
			name[set->elements[0].length] = '\0';
			major = copy(minor_status, name, out_ccache);
		} else {
			major = fail(minor_status, ENOMEM, "out of memory");
		}
		free(name);
	} else {
		major = copy_by_file(minor_status, cred_handle, out_ccache);
	}
	(void)gss_release_buffer_set(&minor, &set);
	return major;
}

/* import_principal makes a name of a krb5_principal. */
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

OM_uint32
gss_krb5_import_cred(OM_uint32 *minor_status, void *id, void *keytab_principal, void *keytab, gss_cred_id_t *cred)
{
	char keytab_name[1024], *ccache_name = NULL;
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
		code = krb5.kt_get_name(krb5.context, keytab, keytab_name, sizeof(keytab_name));
		elements[store.count].key = "keytab";
		elements[store.count++].value = keytab_name;
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
	krb5.free_context(krb5.context);
	return major;
}
