/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * identity.c: the keytab that a program chooses for its acceptors. Daemons do so before they change users, fork or call
 * anything else, so the choice needs no engine: an engine that starts later is told.
 */

#define _POSIX_C_SOURCE 200809L /* strdup */

#include "front.h"

#include <stdlib.h>
#include <string.h>

static gss_OID_desc acceptor_identity = {6, (void *)(uintptr_t) "\x2a\x85\x70\x2b\x0d\x05"}; /* 1.2.752.43.13.5 */

/* A choice that the engine has not been told yet, malloc'd, or NULL. "" stands for the default keytab. */
static char *noted;

OM_uint32
front_tell_identity(const struct engine_table *engine)
{
	char *keytab = __atomic_exchange_n(&noted, NULL, __ATOMIC_ACQ_REL);
	gss_buffer_desc value;
	OM_uint32 major, minor;

	if (keytab == NULL)
		return GSS_S_COMPLETE;
	value.length = strlen(keytab);
	value.value = keytab;
	major = engine->gss_set_sec_context_option(&minor, NULL, &acceptor_identity, &value);
	free(keytab);
	return major;
}

OM_uint32
front_choose_identity(const char *keytab)
{
	const struct engine_table *engine;
	char *copy;

	/* An empty name is that of no keytab. */
	if (keytab != NULL && keytab[0] == '\0')
		keytab = "FILE:";
	copy = strdup(keytab != NULL ? keytab : "");
	if (copy == NULL)
		return GSS_S_FAILURE;
	free(__atomic_exchange_n(&noted, copy, __ATOMIC_ACQ_REL));
	if (front_started() == NULL)
		return GSS_S_COMPLETE;
	engine = front_engine(NULL);
	if (engine != NULL)
		return front_tell_identity(engine);
	free(__atomic_exchange_n(&noted, NULL, __ATOMIC_ACQ_REL));
	return GSS_S_FAILURE;
}
