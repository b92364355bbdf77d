/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * lucid.c: contexts in the clear, for programs that protect messages themselves, as FreeBSD's kernel does for NFS.
 */

#include "abi.h"
#include "front.h"

#include <gssapi/gssapi_krb5.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 1.2.752.43.13.6.1: the engine gives the fields of gss_krb5_lucid_context_v1_t in their order, big-endian. */
static const gss_OID_desc lucid_v1 = {7, (void *)(uintptr_t)"\x2a\x85\x70\x2b\x0d\x06\x01"};

/* 1.2.840.113554.1.2.2.5.6: one more arc is the version. */
#define LUCID_MIT "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x06"

#define KG_LUCID_VERSION 0x25ea10e /* of the k5g table */

struct reader {
	const unsigned char *next;
	size_t left;
	int bad;
};

static const unsigned char *
read_octets(struct reader *r, size_t n)
{
	const unsigned char *p = r->next;

	if (r->bad || n > r->left) {
		r->bad = 1;
		return NULL;
	}
	r->next += n;
	r->left -= n;
	return p;
}

static OM_uint32
read_number(struct reader *r, size_t octets)
{
	const unsigned char *p = read_octets(r, octets);
	OM_uint32 v = 0;
	size_t i;

	for (i = 0; p != NULL && i < octets; i++)
		v = v << 8 | p[i];
	return v;
}

static uint64_t
read_long(struct reader *r)
{
	uint64_t high = read_number(r, 4);

	return high << 32 | read_number(r, 4);
}

/* read_key returns 0 or ENOMEM. */
static int
read_key(struct reader *r, gss_krb5_lucid_key_t *key)
{
	const unsigned char *p;

	key->type = read_number(r, 2);
	key->length = read_number(r, 4);
	if ((p = read_octets(r, key->length)) == NULL) {
		key->length = 0;
		return 0;
	}
	if ((key->data = malloc(key->length + 1)) == NULL) {
		key->length = 0;
		return ENOMEM;
	}
	memcpy(key->data, p, key->length);
	return 0;
}

static int
read_lucid(const gss_buffer_desc *octets, gss_krb5_lucid_context_v1_t *l)
{
	struct reader r = {octets->value, octets->length, 0};
	int error;

	l->version = read_number(&r, 4);
	l->initiate = read_number(&r, 4);
	l->endtime = read_number(&r, 4);
	l->send_seq = read_long(&r);
	l->recv_seq = read_long(&r);
	l->protocol = read_number(&r, 4);
	if (l->protocol == 0) {
		l->rfc1964_kd.sign_alg = read_number(&r, 4);
		l->rfc1964_kd.seal_alg = read_number(&r, 4);
		if ((error = read_key(&r, &l->rfc1964_kd.ctx_key)) != 0)
			return error;
		return r.bad || r.left != 0 ? EINVAL : 0;
	}
	l->cfx_kd.have_acceptor_subkey = read_number(&r, 4);
	if ((error = read_key(&r, &l->cfx_kd.ctx_key)) != 0)
		return error;
	if (l->cfx_kd.have_acceptor_subkey && (error = read_key(&r, &l->cfx_kd.acceptor_subkey)) != 0)
		return error;
	return r.bad || r.left != 0 ? EINVAL : 0;
}

static void
free_key(gss_krb5_lucid_key_t *key)
{
	if (key->data != NULL)
		front_wipe(key->data, key->length);
	free(key->data);
}

static void
free_lucid(gss_krb5_lucid_context_v1_t *l)
{
	if (l == NULL)
		return;
	free_key(&l->rfc1964_kd.ctx_key);
	free_key(&l->cfx_kd.ctx_key);
	free_key(&l->cfx_kd.acceptor_subkey);
	free(l);
}

static OM_uint32
unknown_version(OM_uint32 *minor_status)
{
	return front_report(minor_status, GSS_S_FAILURE, KG_LUCID_VERSION, "only version 1 of lucid contexts is known");
}

/* make_lucid gives the structure, with what the engine says. */
static OM_uint32
make_lucid(OM_uint32 *minor_status, gss_ctx_id_t context, OM_uint32 version, gss_krb5_lucid_context_v1_t **lucid)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_krb5_lucid_context_v1_t *l;
	OM_uint32 major, ignored;
	int error;

	if (version != 1)
		return unknown_version(minor_status);
	major = gss_inquire_sec_context_by_oid(minor_status, context, (gss_OID)(uintptr_t)&lucid_v1, &set);
	if (major != GSS_S_COMPLETE)
		return major;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		error = ENOMEM;
	else
		error = set->count == 1 ? read_lucid(&set->elements[0], l) : EINVAL;
	(void)gss_release_buffer_set(&ignored, &set); /* which wipes the keys */
	if (error != 0) {
		free_lucid(l);
		return front_failure(minor_status, error);
	}
	*lucid = l;
	return GSS_S_COMPLETE;
}

OM_uint32
gss_krb5_export_lucid_sec_context(OM_uint32 *minor_status, gss_ctx_id_t *context_handle, OM_uint32 version, void **kctx)
{
	gss_krb5_lucid_context_v1_t *l;
	OM_uint32 major;

	front_set_minor(minor_status, 0);
	if (kctx != NULL)
		*kctx = NULL;
	if (minor_status == NULL || kctx == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	if (context_handle == NULL || *context_handle == GSS_C_NO_CONTEXT)
		return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT;
	major = make_lucid(minor_status, *context_handle, version, &l);
	if (major != GSS_S_COMPLETE)
		return major;
	/* If threads race for the context, one gets it. */
	if (front_abi.export_lucid_deletes) {
		major = gss_delete_sec_context(minor_status, context_handle, GSS_C_NO_BUFFER);
		if (major != GSS_S_COMPLETE) {
			free_lucid(l);
			return major;
		}
	}
	*kctx = l;
	return GSS_S_COMPLETE;
}

/* The inquiry of MIT's gss_krb5_export_lucid_sec_context, which expects the structure's address. */
static OM_uint32
inquire_lucid(OM_uint32 *minor_status, gss_ctx_id_t context, OM_uint32 version, gss_buffer_set_t *data_set)
{
	gss_krb5_lucid_context_v1_t *l;
	gss_buffer_desc address = {sizeof(l), &l};
	OM_uint32 major, ignored;

	major = make_lucid(minor_status, context, version, &l);
	if (major != GSS_S_COMPLETE)
		return major;
	major = gss_add_buffer_set_member(minor_status, &address, data_set);
	if (major != GSS_S_COMPLETE) {
		(void)gss_release_buffer_set(&ignored, data_set);
		free_lucid(l);
	}
	return major;
}

OM_uint32
gss_inquire_sec_context_by_oid(OM_uint32 *minor_status, const gss_ctx_id_t context_handle, const gss_OID desired_object,
    gss_buffer_set_t *data_set)
{
	const struct engine_table *engine;

	front_set_minor(minor_status, 0);
	if (data_set != NULL)
		*data_set = GSS_C_NO_BUFFER_SET;
	if (minor_status != NULL && data_set != NULL && context_handle != GSS_C_NO_CONTEXT &&
	    desired_object != GSS_C_NO_OID && desired_object->length == sizeof(LUCID_MIT) && desired_object->elements != NULL &&
	    memcmp(desired_object->elements, LUCID_MIT, sizeof(LUCID_MIT) - 1) == 0)
		return inquire_lucid(minor_status, context_handle,
		    ((const unsigned char *)desired_object->elements)[sizeof(LUCID_MIT) - 1], data_set);
	engine = front_engine(minor_status);
	return engine != NULL
	    ? engine->gss_inquire_sec_context_by_oid(minor_status, context_handle, desired_object, data_set)
	    : GSS_S_FAILURE;
}

OM_uint32
gss_krb5_free_lucid_sec_context(OM_uint32 *minor_status, void *kctx)
{
	gss_krb5_lucid_context_v1_t *l = kctx;

	front_set_minor(minor_status, 0);
	/* Another version may not have pointers where this one has them. */
	if (l != NULL && l->version != 1)
		return unknown_version(minor_status);
	free_lucid(l);
	return GSS_S_COMPLETE;
}
