/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * name.c: calls about names.
 */
#include "hammer.h"

#include <unistd.h>

static void import(struct thread *t)
{
	static const char *const texts[] = {
		"alice", "alice@DEMO.TEST", "bob@DEMO.TEST", "host@server.demo.test", "demo@localhost", "host@", "@", "",
		"host/server.demo.test@DEMO.TEST", "a\\/b/c@R", "a\\0b@R", "a\\", "a/b/c/d/e/f/g/h/i/j/k/l@R", "x@y@z", "a\xff\xfe",
		"nobody@nowhere.test", "0", "4294967295", "root", "-1", "host@127.0.0.1", "host@[::1]", "host@server.demo.test:88",
	};
	static const char *const types[] = {
		"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03",
		"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01",
	};
	const char *type = types[below(t, COUNT(types))];
	uid_t uid = one_in(t, 2) ? 0 : (uid_t)rnd(t);

	switch (below(t, 8)) {
	case 0:
		CALL(t, gss_import_name, minor_in(t), random_in(t), oid_in(t), name_out(t));
		return;
	case 1: /* a number in the host's order, of any size */
		CALL(t, gss_import_name, minor_in(t), buffer_in(t, &uid, one_in(t, 3) ? below(t, 5) : sizeof(uid)),
		    oid_of(t, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02", 10), name_out(t));
		return;
	default:
		CALL(t, gss_import_name, minor_in(t), text_in(t, texts[below(t, COUNT(texts))]),
		    one_in(t, 4) ? oid_in(t) : oid_of(t, type, 10), name_out(t));
	}
}

/* exported exports a name, spoils it perhaps, and imports it. */
static void exported(struct thread *t)
{
	gss_name_t *mn = name_out(t), source;
	gss_buffer_t octets;
	unsigned char copy[1000];
	size_t length;

	CALL(t, gss_canonicalize_name, minor_in(t), name_in(t), mech_in(t), mn);
	forget(t);
	octets = buffer_out(t);
	source = mn != NULL && *mn != GSS_C_NO_NAME ? *mn : name_in(t);
	if (one_in(t, 2))
		CALL(t, gss_export_name_composite, minor_in(t), source, octets);
	else
		CALL(t, gss_export_name, minor_in(t), source, octets);
	if (octets == NULL || octets->length == 0 || octets->length > sizeof(copy))
		return;
	length = octets->length;
	memcpy(copy, octets->value, length);
	if (one_in(t, 2))
		copy[below(t, (unsigned)length)] ^= (unsigned char)(1u << below(t, 8));
	forget(t);
	CALL(t, gss_import_name, minor_in(t), buffer_in(t, copy, length - one_in(t, 4)),
	    oid_of(t, one_in(t, 2) ? "\x2b\x06\x01\x05\x06\x04" : "\x2b\x06\x01\x05\x06\x06", 6), name_out(t));
}

static void look(struct thread *t)
{
	CALL(t, gss_display_name, minor_in(t), name_in(t), buffer_out(t), static_out(t));
	forget(t);
	CALL(t, gss_compare_name, minor_in(t), name_in(t), name_in(t), int_out(t));
	forget(t);
	CALL(t, gss_inquire_mechs_for_name, minor_in(t), name_in(t), set_out(t));
	forget(t);
	CALL(t, gss_inquire_name, minor_in(t), name_in(t), int_out(t), static_out(t), buffers_out(t));
}

static void copy(struct thread *t)
{
	CALL(t, gss_duplicate_name, minor_in(t), name_in(t), name_out(t));
	forget(t);
	CALL(t, gss_canonicalize_name, minor_in(t), name_in(t), mech_in(t), name_out(t));
}

static void accounts(struct thread *t)
{
	CALL(t, gss_pname_to_uid, minor_in(t), name_in(t), mech_in(t), (uid_t *)number_out(t));
	forget(t);
	CALL(t, gss_localname, minor_in(t), name_in(t), mech_in(t), buffer_out(t));
	forget(t);
	(void)NOMAJOR(t, gss_userok, name_in(t), one_in(t, 9) ? NULL : in(t, "root", 5));
	left(t);
	forget(t);
	CALL(t, gss_authorize_localname, minor_in(t), name_in(t), name_in(t));
}

/* Two threads may release one name; it may be in use by others. */
static void release(struct thread *t)
{
	gss_name_t *p = room(t, sizeof(*p));
	struct handle h = pick(t, NAME);

	*p = (gss_name_t)use(t, h);
	if (CALL(t, gss_release_name, minor_in(t), p) == GSS_S_COMPLETE && h.value != 0)
		buried(NAME, h.value);
}

static void attributes(struct thread *t)
{
	int *more;

	CALL(t, gss_display_name_ext, minor_in(t), name_in(t), oid_in(t), buffer_out(t));
	forget(t);
	more = one_in(t, 9) ? NULL : memset(room(t, sizeof(*more)), -1, sizeof(*more));
	CALL(t, gss_get_name_attribute, minor_in(t), name_in(t), random_in(t), int_out(t), int_out(t), buffer_out(t),
	    buffer_out(t), more);
	forget(t);
	CALL(t, gss_set_name_attribute, minor_in(t), name_in(t), (int)rnd(t), random_in(t), random_in(t));
	forget(t);
	CALL(t, gss_delete_name_attribute, minor_in(t), name_in(t), random_in(t));
	forget(t);
	if (!mits_front)
		return;
	CALL(t, gss_map_name_to_any, minor_in(t), name_in(t), (int)rnd(t), random_in(t), pointer_out(t, OUT_STATIC));
	forget(t);
	CALL(t, gss_release_any_name_mapping, minor_in(t), name_in(t), random_in(t), room(t, sizeof(void *)));
}

const struct operation name_operations[] = {
	{ import, 20 }, { exported, 10 }, { look, 10 }, { copy, 8 }, { accounts, 4 }, { release, 4 }, { attributes, 2 },
	{ NULL, 0 },
};
