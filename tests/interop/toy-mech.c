/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toy-mech: a mechanism for MIT's library (GSS_MECH_CONFIG), 1.3.6.1.4.1.999. An initiator can begin with it and never
 * gets any further. So MIT's SPNEGO has something to offer before krb5, and must reselect and exchange MICs with an
 * acceptor that lacks it. It is not linked with a GSS-API library: the names below would be found there.
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <stdlib.h>
#include <string.h>

static gss_OID_desc toy = {7, (void *)"\x2b\x06\x01\x04\x01\x87\x67"};

/* something gives an object that means nothing. */
static void *something(void)
{
	void *p = calloc(1, 64);

	if (p == NULL)
		abort();
	return p;
}

static void give_text(const char *text, gss_buffer_t b)
{
	b->length = strlen(text);
	b->value = something();
	memcpy(b->value, text, b->length);
}

OM_uint32 gss_indicate_mechs(OM_uint32 *minor, gss_OID_set *set)
{
	*minor = 0;
	*set = something();
	(*set)->count = 1;
	(*set)->elements = something();
	(*set)->elements[0].length = toy.length;
	(*set)->elements[0].elements = something();
	memcpy((*set)->elements[0].elements, toy.elements, toy.length);
	return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID mech, gss_OID_set *attrs, gss_OID_set *known)
{
	(void)mech;
	*minor = 0;
	if (attrs != NULL)
		*attrs = something();
	if (known != NULL)
		*known = something();
	return GSS_S_COMPLETE;
}

OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t name, OM_uint32 time, gss_OID_set mechs, gss_cred_usage_t usage,
    gss_cred_id_t *cred, gss_OID_set *actual, OM_uint32 *lifetime)
{
	(void)name, (void)time, (void)mechs, (void)usage;
	*minor = 0;
	*cred = something();
	if (lifetime != NULL)
		*lifetime = GSS_C_INDEFINITE;
	return actual != NULL ? gss_indicate_mechs(minor, actual) : GSS_S_COMPLETE;
}

OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *cred)
{
	*minor = 0;
	free(*cred);
	*cred = GSS_C_NO_CREDENTIAL;
	return GSS_S_COMPLETE;
}

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t text, gss_OID type, gss_name_t *name)
{
	(void)text, (void)type;
	*minor = 0;
	*name = something();
	return GSS_S_COMPLETE;
}

OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name)
{
	*minor = 0;
	free(*name);
	*name = GSS_C_NO_NAME;
	return GSS_S_COMPLETE;
}

OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *context, gss_name_t target,
    gss_OID mech, OM_uint32 flags, OM_uint32 time, gss_channel_bindings_t bindings, gss_buffer_t in, gss_OID *actual,
    gss_buffer_t out, OM_uint32 *ret_flags, OM_uint32 *lifetime)
{
	(void)cred, (void)target, (void)mech, (void)time, (void)bindings, (void)in;
	*minor = 0;
	if (*context == GSS_C_NO_CONTEXT)
		*context = something();
	give_text("guess", out);
	if (actual != NULL)
		*actual = &toy;
	if (ret_flags != NULL)
		*ret_flags = flags;
	if (lifetime != NULL)
		*lifetime = 0;
	return GSS_S_CONTINUE_NEEDED;
}

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *context, gss_buffer_t out)
{
	(void)out;
	*minor = 0;
	free(*context);
	*context = GSS_C_NO_CONTEXT;
	return GSS_S_COMPLETE;
}

OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech, OM_uint32 *more,
    gss_buffer_t text)
{
	(void)value, (void)type, (void)mech;
	*minor = *more = 0;
	give_text("the toy says nothing", text);
	return GSS_S_COMPLETE;
}
