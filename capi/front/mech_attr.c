/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * mech_attr.c: facts about mechanisms that need no engine: attributes (RFC 5587) and SASL names (RFC 5801).
 */

#include <gssapi/gssapi_krb5.h>

#include "front.h"
#include "oid_static.h"

#include <errno.h>
#include <string.h>

#define FIRST MA_MECH_CONCRETE
#define ATTRIBUTES (MA_NEGOEX_AND_SPNEGO - FIRST + 1)
#define BIT(i) ((uint32_t)1 << ((i)-FIRST))

#define ATTRIBUTE(i, brief, text) [MA_##i - FIRST] = {"GSS_C_MA_" #i, brief, text}

static const struct {
	const char *name;
	const char *brief;
	const char *text;
} attributes[ATTRIBUTES] = {
    ATTRIBUTE(MECH_CONCRETE, "concrete-mech", "The mechanism stands for itself"),
    ATTRIBUTE(MECH_PSEUDO, "pseudo-mech", "The mechanism works by means of others"),
    ATTRIBUTE(MECH_COMPOSITE, "composite-mech", "The mechanism is composed of others"),
    ATTRIBUTE(MECH_NEGO, "mech-negotiation-mech", "The mechanism negotiates another"),
    ATTRIBUTE(MECH_GLUE, "mech-glue", "The OID is of the library itself, not of a mechanism"),
    ATTRIBUTE(NOT_MECH, "not-mech", "The OID is known, and is none of a mechanism"),
    ATTRIBUTE(DEPRECATED, "mech-deprecated", "The mechanism is out of date"),
    ATTRIBUTE(NOT_DFLT_MECH, "mech-not-default", "The mechanism must not be the default one"),
    ATTRIBUTE(ITOK_FRAMED, "initial-is-framed",
	"The first token begins with the mechanism's OID (RFC 2743, Section 3.1)"),
    ATTRIBUTE(AUTH_INIT, "auth-init-princ", "The initiator proves who it is"),
    ATTRIBUTE(AUTH_TARG, "auth-targ-princ", "The acceptor proves who it is"),
    ATTRIBUTE(AUTH_INIT_INIT, "auth-init-princ-initial",
	"The initiator proves it with initial credentials, such as a password"),
    ATTRIBUTE(AUTH_TARG_INIT, "auth-target-princ-initial",
	"The acceptor proves it with initial credentials, such as a password"),
    ATTRIBUTE(AUTH_INIT_ANON, "auth-init-princ-anon", "The initiator may stay anonymous"),
    ATTRIBUTE(AUTH_TARG_ANON, "auth-targ-princ-anon", "The acceptor may stay anonymous"),
    ATTRIBUTE(DELEG_CRED, "deleg-cred", "Credentials can be delegated"),
    ATTRIBUTE(INTEG_PROT, "integ-prot", "Messages are protected from changes"),
    ATTRIBUTE(CONF_PROT, "conf-prot", "Messages can be encrypted"),
    ATTRIBUTE(MIC, "mic", "There are message integrity codes (gss_get_mic)"),
    ATTRIBUTE(WRAP, "wrap", "There are wrapped messages (gss_wrap)"),
    ATTRIBUTE(PROT_READY, "prot-ready", "Messages can be protected before the context is complete"),
    ATTRIBUTE(REPLAY_DET, "replay-detection", "Repeated messages are detected"),
    ATTRIBUTE(OOS_DET, "oos-detection", "Messages out of sequence are detected"),
    ATTRIBUTE(CBINDINGS, "channel-bindings", "Channel bindings are compared"),
    ATTRIBUTE(PFS, "pfs", "Keys found out later do not open messages recorded before"),
    ATTRIBUTE(COMPRESS, "compress", "Wrapped messages are compressed"),
    ATTRIBUTE(CTX_TRANS, "context-transfer", "Contexts can be exported and imported"),
    ATTRIBUTE(NEGOEX_AND_SPNEGO, "negoex-only", "A mechanism of NegoEx that SPNEGO negotiates, too"),
};

#define KRB5_ATTRIBUTES                                                                                              \
	(BIT(MA_MECH_CONCRETE) | BIT(MA_ITOK_FRAMED) | BIT(MA_AUTH_INIT) | BIT(MA_AUTH_TARG) | BIT(MA_DELEG_CRED) |        \
	    BIT(MA_INTEG_PROT) | BIT(MA_CONF_PROT) | BIT(MA_MIC) | BIT(MA_WRAP) | BIT(MA_PROT_READY) |                     \
	    BIT(MA_REPLAY_DET) | BIT(MA_OOS_DET) | BIT(MA_CBINDINGS) | BIT(MA_CTX_TRANS))

static const struct mechanism {
	enum front_oid oid;
	uint32_t attributes;
	const char *sasl_name;
	const char *name;
	const char *description;
} mechanisms[] = {
    {MECH_KRB5, KRB5_ATTRIBUTES, "GS2-KRB5", "krb5", "Kerberos 5"},
    {MECH_SPNEGO, BIT(MA_MECH_NEGO) | BIT(MA_ITOK_FRAMED), "SPNEGO", "spnego", "Negotiation of a mechanism"},
    {MECH_KRB5_OLD, KRB5_ATTRIBUTES | BIT(MA_DEPRECATED), "GS2-KRB5", "krb5", "Kerberos 5"},
    {MECH_KRB5_WRONG, KRB5_ATTRIBUTES | BIT(MA_DEPRECATED), "GS2-KRB5", "krb5", "Kerberos 5"},
};

#define MECHANISMS (sizeof(mechanisms) / sizeof(mechanisms[0]))

/* find returns the mechanism of an OID, the first one for GSS_C_NO_OID, or NULL. */
static const struct mechanism *
find(gss_const_OID oid)
{
	size_t i;

	if (oid == GSS_C_NO_OID)
		return &mechanisms[0];
	for (i = 0; i < MECHANISMS; i++) {
		if (gss_oid_equal(oid, &front_oids[mechanisms[i].oid]))
			return &mechanisms[i];
	}
	return NULL;
}

static int
readable(gss_const_OID_set set)
{
	return set == GSS_C_NO_OID_SET || set->count == 0 || set->elements != NULL;
}

/* bits returns the known attributes of a set, and sets *unknown if it has others. */
static uint32_t
bits(gss_const_OID_set set, int *unknown)
{
	uint32_t found = 0;
	size_t i, j;

	*unknown = 0;
	if (set == GSS_C_NO_OID_SET)
		return 0;
	for (i = 0; i < set->count; i++) {
		for (j = 0; j < ATTRIBUTES && !gss_oid_equal(&set->elements[i], &front_oids[FIRST + j]); j++)
			;
		if (j < ATTRIBUTES)
			found |= (uint32_t)1 << j;
		else
			*unknown = 1;
	}
	return found;
}

static int
add(gss_OID_set *set, enum front_oid i)
{
	OM_uint32 minor;

	return gss_add_oid_set_member(&minor, STATIC_OID(i), set) == GSS_S_COMPLETE ? 0 : -1;
}

OM_uint32
gss_indicate_mechs_by_attrs(OM_uint32 *minor_status, gss_const_OID_set desired_mech_attrs,
    gss_const_OID_set except_mech_attrs, gss_const_OID_set critical_mech_attrs, gss_OID_set *mechs)
{
	uint32_t desired, except;
	int out_of_reach, irrelevant, not_understood;
	size_t i;

	front_set_minor(minor_status, 0);
	if (mechs == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*mechs = GSS_C_NO_OID_SET;
	if (!readable(desired_mech_attrs) || !readable(except_mech_attrs) || !readable(critical_mech_attrs))
		return GSS_S_CALL_INACCESSIBLE_READ;
	desired = bits(desired_mech_attrs, &out_of_reach);
	except = bits(except_mech_attrs, &irrelevant);
	(void)bits(critical_mech_attrs, &not_understood);
	if (gss_create_empty_oid_set(minor_status, mechs) != GSS_S_COMPLETE)
		return GSS_S_FAILURE;
	for (i = 0; i < MECHANISMS && !out_of_reach && !not_understood; i++) {
		if ((mechanisms[i].attributes & desired) != desired || (mechanisms[i].attributes & except) != 0 ||
		    (mechanisms[i].attributes & BIT(MA_DEPRECATED)) != 0)
			continue;
		if (add(mechs, mechanisms[i].oid) != 0) {
			(void)gss_release_oid_set(minor_status, mechs);
			return front_failure(minor_status, ENOMEM);
		}
	}
	return GSS_S_COMPLETE;
}

/* give_attributes gives a set of the chosen attributes. set may be NULL. */
static int
give_attributes(uint32_t chosen, gss_OID_set *set)
{
	OM_uint32 minor;
	size_t i;

	if (set == NULL)
		return 0;
	if (gss_create_empty_oid_set(&minor, set) != GSS_S_COMPLETE)
		return -1;
	for (i = 0; i < ATTRIBUTES; i++) {
		if ((chosen >> i & 1) != 0 && add(set, (enum front_oid)(FIRST + i)) != 0) {
			(void)gss_release_oid_set(&minor, set);
			return -1;
		}
	}
	return 0;
}

OM_uint32
gss_inquire_attrs_for_mech(OM_uint32 *minor_status, gss_const_OID mech, gss_OID_set *mech_attrs,
    gss_OID_set *known_mech_attrs)
{
	const struct mechanism *m = find(mech);
	OM_uint32 minor;

	front_set_minor(minor_status, 0);
	if (mech_attrs != NULL)
		*mech_attrs = GSS_C_NO_OID_SET;
	if (known_mech_attrs != NULL)
		*known_mech_attrs = GSS_C_NO_OID_SET;
	if (m == NULL)
		return GSS_S_BAD_MECH;
	if (give_attributes(m->attributes, mech_attrs) != 0)
		return front_failure(minor_status, ENOMEM);
	if (give_attributes(((uint32_t)1 << ATTRIBUTES) - 1, known_mech_attrs) != 0) {
		(void)gss_release_oid_set(&minor, mech_attrs);
		return front_failure(minor_status, ENOMEM);
	}
	return GSS_S_COMPLETE;
}

/* give_texts gives three texts, each unless its buffer is NULL; or, on failure, none. */
static OM_uint32
give_texts(OM_uint32 *minor_status, const char *const text[3], const gss_buffer_t buffer[3])
{
	OM_uint32 minor;
	int i;

	for (i = 0; i < 3; i++) {
		if (buffer[i] != GSS_C_NO_BUFFER && front_give_octets(text[i], strlen(text[i]), buffer[i]) != 0) {
			while (i-- > 0)
				(void)gss_release_buffer(&minor, buffer[i]);
			return front_failure(minor_status, ENOMEM);
		}
	}
	return GSS_S_COMPLETE;
}

OM_uint32
gss_display_mech_attr(OM_uint32 *minor_status, gss_const_OID mech_attr, gss_buffer_t name, gss_buffer_t short_desc,
    gss_buffer_t long_desc)
{
	const gss_buffer_t buffers[3] = {name, short_desc, long_desc};
	size_t i;

	front_set_minor(minor_status, 0);
	front_clear_buffer(name);
	front_clear_buffer(short_desc);
	front_clear_buffer(long_desc);
	if (mech_attr == GSS_C_NO_OID)
		return GSS_S_CALL_INACCESSIBLE_READ;
	for (i = 0; i < ATTRIBUTES; i++) {
		if (gss_oid_equal(mech_attr, &front_oids[FIRST + i])) {
			const char *const texts[3] = {attributes[i].name, attributes[i].brief, attributes[i].text};

			return give_texts(minor_status, texts, buffers);
		}
	}
	return GSS_S_BAD_MECH_ATTR;
}

OM_uint32
gss_inquire_saslname_for_mech(OM_uint32 *minor_status, const gss_OID desired_mech, gss_buffer_t sasl_mech_name,
    gss_buffer_t mech_name, gss_buffer_t mech_description)
{
	const gss_buffer_t buffers[3] = {sasl_mech_name, mech_name, mech_description};
	const struct mechanism *m = find(desired_mech);

	front_set_minor(minor_status, 0);
	front_clear_buffer(sasl_mech_name);
	front_clear_buffer(mech_name);
	front_clear_buffer(mech_description);
	if (m == NULL)
		return GSS_S_BAD_MECH;
	{
		const char *const texts[3] = {m->sasl_name, m->name, m->description};

		return give_texts(minor_status, texts, buffers);
	}
}

OM_uint32
gss_inquire_mech_for_saslname(OM_uint32 *minor_status, const gss_buffer_t sasl_mech_name, gss_OID *mech_type)
{
	size_t i;

	front_set_minor(minor_status, 0);
	if (mech_type == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*mech_type = GSS_C_NO_OID;
	if (!front_readable(sasl_mech_name))
		return GSS_S_CALL_INACCESSIBLE_READ;
	for (i = 0; i < MECHANISMS; i++) {
		const char *name = mechanisms[i].sasl_name;

		if (sasl_mech_name->length == strlen(name) &&
		    memcmp(sasl_mech_name->value, name, sasl_mech_name->length) == 0) {
			*mech_type = STATIC_OID(mechanisms[i].oid);
			return GSS_S_COMPLETE;
		}
	}
	return GSS_S_BAD_MECH;
}
