/* SPDX-License-Identifier: BSD-2-Clause */

/* The functions that need no engine: buffers, OIDs, sets, frames, texts; and NULL in every position. */

#define _XOPEN_SOURCE 700

#include "check.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <sys/mman.h>
#include <unistd.h>

#define CALL_READ GSS_S_CALL_INACCESSIBLE_READ
#define CALL_WRITE GSS_S_CALL_INACCESSIBLE_WRITE

static gss_OID_desc oid1 = {3, (void *)"\x2a\x86\x48"};
static gss_OID_desc oid2 = {2, (void *)"\x2a\x03"};
static gss_OID_desc no_octets = {0, NULL};

static gss_buffer_desc
buffer(const char *octets, size_t length)
{
	gss_buffer_desc b;

	b.length = length;
	b.value = (void *)(uintptr_t)octets;
	return b;
}

static void
oid_sets(void)
{
	gss_OID_set set = (gss_OID_set)1;
	OM_uint32 minor = 77;
	int present = 77;

	CHECK(gss_create_empty_oid_set(&minor, NULL) == CALL_WRITE);
	CHECK(gss_create_empty_oid_set(&minor, &set) == GSS_S_COMPLETE && minor == 0 && set->count == 0);
	CHECK(gss_add_oid_set_member(&minor, NULL, &set) == CALL_READ);
	CHECK(gss_add_oid_set_member(&minor, &no_octets, &set) == CALL_READ);
	CHECK(gss_add_oid_set_member(&minor, &oid1, NULL) == CALL_WRITE);
	CHECK(gss_add_oid_set_member(&minor, &oid1, &set) == GSS_S_COMPLETE);
	CHECK(gss_add_oid_set_member(&minor, &oid1, &set) == GSS_S_COMPLETE && set->count == 1);
	CHECK(gss_add_oid_set_member(NULL, &oid2, &set) == GSS_S_COMPLETE && set->count == 2);
	CHECK(set->elements[0].elements != oid1.elements && gss_oid_equal(&set->elements[0], &oid1));
	CHECK(gss_test_oid_set_member(&minor, &oid2, set, &present) == GSS_S_COMPLETE && present == 1);
	CHECK(gss_test_oid_set_member(NULL, &oid2, set, &present) == GSS_S_COMPLETE && present == 1);
	CHECK(gss_test_oid_set_member(&minor, gss_mech_krb5, set, &present) == GSS_S_COMPLETE && present == 0);
	CHECK(gss_test_oid_set_member(&minor, NULL, set, &present) == CALL_READ && present == 0);
	CHECK(gss_test_oid_set_member(&minor, &oid1, NULL, &present) == CALL_READ);
	CHECK(gss_test_oid_set_member(&minor, &oid1, set, NULL) == CALL_WRITE);
	CHECK(gss_release_oid_set(&minor, &set) == GSS_S_COMPLETE && set == GSS_C_NO_OID_SET);
	CHECK(gss_add_oid_set_member(&minor, &oid1, &set) == CALL_WRITE);
	CHECK(gss_release_oid_set(&minor, &set) == GSS_S_COMPLETE);
	CHECK(gss_release_oid_set(&minor, NULL) == GSS_S_COMPLETE && gss_release_oid_set(NULL, &set) == GSS_S_COMPLETE);
	set = gss_mech_set_krb5;
	CHECK(gss_add_oid_set_member(&minor, &oid1, &set) == CALL_WRITE);
	CHECK(gss_release_oid_set(&minor, &set) == GSS_S_COMPLETE && gss_mech_set_krb5->count == 1);
}

static void
oids(void)
{
	gss_OID oid = (gss_OID)1;
	OM_uint32 minor = 77;

	CHECK(gss_oid_equal(NULL, NULL) == 0 && gss_oid_equal(&oid1, NULL) == 0 && gss_oid_equal(NULL, &oid1) == 0);
	CHECK(gss_oid_equal(&no_octets, &no_octets) && !gss_oid_equal(&no_octets, &oid1));
	CHECK(gss_oid_equal(GSS_C_NT_USER_NAME, GSS_KRB5_NT_USER_NAME));
	CHECK(!gss_oid_equal(GSS_C_NT_USER_NAME, GSS_C_NT_MACHINE_UID_NAME));
	CHECK(gss_duplicate_oid(&minor, &oid1, NULL) == CALL_WRITE);
	CHECK(gss_duplicate_oid(&minor, NULL, &oid) == GSS_S_COMPLETE && oid == GSS_C_NO_OID);
	CHECK(gss_duplicate_oid(&minor, &no_octets, &oid) == CALL_READ && oid == GSS_C_NO_OID);
	CHECK(gss_duplicate_oid(NULL, &oid1, &oid) == GSS_S_COMPLETE && oid != &oid1 && gss_oid_equal(oid, &oid1));
	CHECK(gss_release_oid(NULL, &oid) == GSS_S_COMPLETE && oid == GSS_C_NO_OID);
	CHECK(gss_release_oid(&minor, &oid) == GSS_S_COMPLETE && gss_release_oid(&minor, NULL) == GSS_S_COMPLETE);
	oid = GSS_C_NT_EXPORT_NAME;
	CHECK(gss_release_oid(&minor, &oid) == GSS_S_COMPLETE && oid == GSS_C_NO_OID);
	CHECK(GSS_C_NT_EXPORT_NAME->length == 6);
}

static void
oid_text(gss_OID oid, const char *text)
{
	gss_buffer_desc b = buffer("x", 1);
	OM_uint32 minor = 77;
	gss_OID back = GSS_C_NO_OID;
	OM_uint32 major = gss_oid_to_str(&minor, oid, &b);

	if (text == NULL) {
		CHECK(major == GSS_S_FAILURE && minor != 0 && b.length == 0 && b.value == NULL);
		return;
	}
	CHECK(major == GSS_S_COMPLETE && minor == 0);
	CHECK(b.length == strlen(text) + 1 && strcmp(b.value, text) == 0);
	CHECK(gss_str_to_oid(&minor, &b, &back) == GSS_S_COMPLETE && gss_oid_equal(oid, back));
	(void)gss_release_oid(&minor, &back);
	(void)gss_release_buffer(&minor, &b);
}

static void
text_oid(const char *text, const char *octets, size_t length)
{
	gss_buffer_desc b = buffer(text, strlen(text));
	gss_OID_desc want;
	OM_uint32 minor = 77;
	gss_OID oid = (gss_OID)1;
	OM_uint32 major = gss_str_to_oid(&minor, &b, &oid);

	want.length = (OM_uint32)length;
	want.elements = (void *)(uintptr_t)octets;
	if (octets == NULL)
		CHECK(major == GSS_S_FAILURE && minor != 0 && oid == GSS_C_NO_OID);
	else
		CHECK(major == GSS_S_COMPLETE && minor == 0 && gss_oid_equal(oid, &want));
	if (failures != 0 && (major == GSS_S_COMPLETE) != (octets != NULL))
		fprintf(stderr, "  with \"%s\"\n", text);
	(void)gss_release_oid(&minor, &oid);
}

static void
oid_texts(void)
{
	gss_OID_desc unfinished = {3, (void *)"\x2a\x86\xc8"};
	gss_OID_desc padded = {3, (void *)"\x2a\x80\x01"};
	gss_OID_desc largest = {11, (void *)"\x2a\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"};
	gss_OID_desc too_large = {11, (void *)"\x2a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00"};
	gss_OID_desc joint = {2, (void *)"\x88\x37"};
	gss_OID_desc long_oid;
	gss_buffer_desc b = buffer(NULL, 0);
	OM_uint32 minor = 77;
	gss_OID oid = GSS_C_NO_OID;

	oid_text(GSS_C_NT_USER_NAME, "{ 1 2 840 113554 1 2 1 1 }");
	oid_text(&joint, "{ 2 999 }");
	oid_text(&largest, "{ 1 2 18446744073709551615 }");
	oid_text(&too_large, NULL);
	oid_text(&unfinished, NULL);
	oid_text(&padded, NULL);
	long_oid.length = 0xffffffff;
	long_oid.elements = oid1.elements;
	oid_text(&long_oid, NULL);
	CHECK(gss_oid_to_str(&minor, NULL, &b) == CALL_READ && gss_oid_to_str(&minor, &no_octets, &b) == CALL_READ);
	CHECK(gss_oid_to_str(&minor, &oid1, NULL) == CALL_WRITE);
	CHECK(gss_oid_to_str(NULL, &oid1, &b) == GSS_S_COMPLETE && gss_release_buffer(NULL, &b) == GSS_S_COMPLETE);

	text_oid("1.2.840", "\x2a\x86\x48", 3);
	text_oid("{1 2 840}", "\x2a\x86\x48", 3);
	text_oid(" { 1\t2  840 } ", "\x2a\x86\x48", 3);
	text_oid("2.999", "\x88\x37", 2);
	text_oid("0.39", "\x27", 1);
	text_oid("1.40", NULL, 0);
	text_oid("3.1", NULL, 0);
	text_oid("1", NULL, 0);
	text_oid("1.", NULL, 0);
	text_oid("1.2.", NULL, 0);
	text_oid("1..2", NULL, 0);
	text_oid("1.2x", NULL, 0);
	text_oid("{ 1 2", NULL, 0);
	text_oid("1 2 }", NULL, 0);
	text_oid("{", NULL, 0);
	text_oid("{}", NULL, 0);
	text_oid("-1.2", NULL, 0);
	text_oid("1.2.18446744073709551616", NULL, 0);
	text_oid("2.18446744073709551615", NULL, 0);
	b = buffer("1.2", 3);
	CHECK(gss_str_to_oid(&minor, NULL, &oid) == CALL_READ && gss_str_to_oid(&minor, &b, NULL) == CALL_WRITE);
	b = buffer(NULL, 5);
	CHECK(gss_str_to_oid(&minor, &b, &oid) == CALL_READ);
}

static void
buffers(void)
{
	gss_buffer_set_t set = (gss_buffer_set_t)1;
	gss_buffer_desc b = buffer(strdup("own"), 3);
	gss_buffer_desc absent = buffer(NULL, 1);
	OM_uint32 minor = 77;

	CHECK(gss_release_buffer(&minor, &b) == GSS_S_COMPLETE && minor == 0 && b.length == 0 && b.value == NULL);
	CHECK(gss_release_buffer(&minor, &b) == GSS_S_COMPLETE && gss_release_buffer(&minor, NULL) == GSS_S_COMPLETE);
	CHECK(gss_create_empty_buffer_set(&minor, NULL) == CALL_WRITE);
	CHECK(gss_create_empty_buffer_set(&minor, &set) == GSS_S_COMPLETE && set->count == 0);
	CHECK(gss_release_buffer_set(&minor, &set) == GSS_S_COMPLETE && set == GSS_C_NO_BUFFER_SET);
	b = buffer("abc", 3);
	CHECK(gss_add_buffer_set_member(&minor, &b, NULL) == CALL_WRITE);
	CHECK(gss_add_buffer_set_member(&minor, NULL, &set) == CALL_READ);
	CHECK(gss_add_buffer_set_member(&minor, &absent, &set) == CALL_READ && set == GSS_C_NO_BUFFER_SET);
	CHECK(gss_add_buffer_set_member(NULL, &b, &set) == GSS_S_COMPLETE && set->count == 1);
	b = buffer(NULL, 0);
	CHECK(gss_add_buffer_set_member(&minor, &b, &set) == GSS_S_COMPLETE && set->count == 2);
	CHECK(memcmp(set->elements[0].value, "abc", 3) == 0 && set->elements[1].length == 0);
	CHECK(gss_release_buffer_set(&minor, &set) == GSS_S_COMPLETE && set == GSS_C_NO_BUFFER_SET);
	CHECK(gss_release_buffer_set(&minor, &set) == GSS_S_COMPLETE);
	CHECK(gss_release_buffer_set(&minor, NULL) == GSS_S_COMPLETE);
}

/* frame checks both directions for a token of length octets. */
static void
frame(size_t length, size_t header)
{
	char *octets = malloc(length + 1);
	gss_buffer_desc in = buffer(octets, length), out = {0, NULL}, back = {0, NULL};

	memset(octets, 'x', length);
	CHECK(gss_encapsulate_token(&in, &oid1, &out) == GSS_S_COMPLETE && out.length == length + header);
	CHECK(gss_decapsulate_token(&out, &oid1, &back) == GSS_S_COMPLETE && back.length == length);
	CHECK(memcmp(back.value, octets, length) == 0);
	free(octets);
	free(out.value);
	free(back.value);
}

/* decapsulated takes the frame of oid1 off octets that end where memory ends. They are one if there is something inside. */
static void
decapsulated(const char *what, const char *octets, size_t length, const char *inside)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = NULL;
	gss_buffer_desc in, out = buffer("x", 1);
	OM_uint32 major, minor;
	char *map;

	CHECK(posix_memalign(&memory, page, 2 * page) == 0);
	map = memory;
	in = buffer(map + page - length, length);
	CHECK(mprotect(map + page, page, PROT_NONE) == 0);
	memcpy(map + page - length, octets, length);
	major = gss_decapsulate_token(&in, &oid1, &out);
	if (inside != NULL ? major != GSS_S_COMPLETE || out.length != strlen(inside) ||
	    memcmp(out.value, inside, out.length) != 0 :
	    major != GSS_S_DEFECTIVE_TOKEN || out.value != NULL || out.length != 0) {
		failures++;
		fprintf(stderr, "not %s: %s\n", inside != NULL ? "taken" : "refused", what);
	}
	if (inside != NULL)
		(void)gss_release_buffer(&minor, &out);
	CHECK(mprotect(map + page, page, PROT_READ | PROT_WRITE) == 0);
	free(memory);
}

static void
refused(const char *what, const char *octets, size_t length)
{
	decapsulated(what, octets, length, NULL);
}

static void
taken(const char *what, const char *octets, size_t length)
{
	decapsulated(what, octets, length, "abc");
}

static void
frames(void)
{
	static const char good[] = "\x60\x08\x06\x03\x2a\x86\x48"
				   "abc";
	gss_buffer_desc in = buffer(good, 10), out = buffer("x", 1);
	size_t i;

	frame(0, 7);
	frame(1, 7);
	frame(122, 7);
	frame(123, 8); /* 128 octets inside: a length of two octets */
	frame(250, 8);
	frame(251, 9);
	frame(65530, 9);
	frame(65531, 10);
	frame(1 << 24, 11);
	for (i = 0; i < 10; i++)
		refused("truncated", good, i);
	refused("trailing octet", "\x60\x08\x06\x03\x2a\x86\x48" "abcd", 11);
	refused("wrong tag", "\x61\x08\x06\x03\x2a\x86\x48" "abc", 10);
	refused("no OID", "\x60\x08\x04\x03\x2a\x86\x48" "abc", 10);
	refused("another OID", "\x60\x08\x06\x03\x2a\x86\x49" "abc", 10);
	refused("shorter OID", "\x60\x08\x06\x02\x2a\x86\x48" "abc", 10);
	refused("OID beyond the frame", "\x60\x05\x06\x04\x2a\x86\x48", 7);
	refused("indefinite length", "\x60\x80\x06\x03\x2a\x86\x48" "abc", 10);
	taken("long form of a short length", "\x60\x81\x08\x06\x03\x2a\x86\x48" "abc", 11);
	taken("padded length", "\x60\x82\x00\x08\x06\x03\x2a\x86\x48" "abc", 12);
	taken("padded length of the OID", "\x60\x09\x06\x81\x03\x2a\x86\x48" "abc", 11);
	refused("padded length, truncated", "\x60\x82\x00\x08\x06\x03\x2a\x86\x48" "ab", 11);
	refused("length of 5 octets", "\x60\x85\x00\x00\x00\x00\x08\x06\x03\x2a\x86\x48" "abc", 15);
	refused("largest length", "\x60\x84\xff\xff\xff\xff\x06\x03\x2a\x86\x48" "abc", 14);
	refused("largest OID length", "\x60\x0c\x06\x84\xff\xff\xff\xff\x2a\x86\x48" "abc", 14);
	CHECK(gss_encapsulate_token(NULL, &oid1, &out) == CALL_READ && out.value == NULL);
	CHECK(gss_encapsulate_token(&in, NULL, &out) == CALL_READ && gss_encapsulate_token(&in, &oid1, NULL) == CALL_WRITE);
	CHECK(gss_decapsulate_token(NULL, &oid1, &out) == CALL_READ && gss_decapsulate_token(&in, NULL, &out) == CALL_READ);
	CHECK(gss_decapsulate_token(&in, &oid1, NULL) == CALL_WRITE);
}

/* texts counts the messages of a major code. */
static int
texts(OM_uint32 major_status)
{
	gss_buffer_desc b = {0, NULL};
	OM_uint32 minor, context = 0;
	int n = 0;

	do {
		CHECK(gss_display_status(&minor, major_status, GSS_C_GSS_CODE, NULL, &context, &b) == GSS_S_COMPLETE);
		CHECK(b.length > 10 && b.length == strlen(b.value));
		(void)gss_release_buffer(&minor, &b);
	} while (++n < 100 && context != 0);
	return n;
}

static void
statuses(void)
{
	gss_buffer_desc b = buffer("x", 1);
	OM_uint32 minor = 77, context = 0, i;

	CHECK(texts(GSS_S_COMPLETE) == 1);
	CHECK(texts(0xffffffff) == 18);
	CHECK(texts(GSS_S_FAILURE | GSS_S_CALL_BAD_STRUCTURE | GSS_S_CONTINUE_NEEDED | GSS_S_GAP_TOKEN) == 4);
	for (i = 1; i < 256; i++)
		CHECK(texts(i << GSS_C_ROUTINE_ERROR_OFFSET) == 1 && texts(i << GSS_C_CALLING_ERROR_OFFSET) == 1);
	for (i = 0; i < 16; i++)
		CHECK(texts((OM_uint32)1 << i) == 1);

	CHECK(gss_display_status(NULL, 0, GSS_C_GSS_CODE, NULL, &context, &b) == CALL_WRITE && b.value == NULL);
	CHECK(gss_display_status(&minor, 0, GSS_C_GSS_CODE, NULL, NULL, &b) == CALL_WRITE);
	CHECK(gss_display_status(&minor, 0, GSS_C_GSS_CODE, NULL, &context, NULL) == CALL_WRITE);
	CHECK(gss_display_status(&minor, 0, 3, NULL, &context, &b) == GSS_S_BAD_STATUS && context == 0);
	context = 1;
	CHECK(gss_display_status(&minor, GSS_S_FAILURE, GSS_C_GSS_CODE, NULL, &context, &b) == GSS_S_FAILURE && context == 0);
	context = 0xffffffff;
	CHECK(gss_display_status(&minor, 0xffffffff, GSS_C_GSS_CODE, NULL, &context, &b) == GSS_S_FAILURE);
	context = 0;
	CHECK(gss_display_status(&minor, 0, GSS_C_MECH_CODE, NULL, &context, &b) == GSS_S_COMPLETE && context == 0);
	(void)gss_release_buffer(&minor, &b);
}

static void
null_handles(void)
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc token = buffer("x", 1);
	OM_uint32 minor = 77;

	CHECK(gss_delete_sec_context(&minor, &ctx, &token) == GSS_S_COMPLETE && minor == 0 && token.value == NULL);
	CHECK(gss_delete_sec_context(&minor, NULL, NULL) == GSS_S_COMPLETE);
	CHECK(gss_delete_sec_context(NULL, &ctx, NULL) == GSS_S_COMPLETE);
	CHECK(gss_release_name(&minor, &name) == GSS_S_COMPLETE && gss_release_name(&minor, NULL) == GSS_S_COMPLETE);
	CHECK(gss_release_name(NULL, &name) == GSS_S_COMPLETE);
	CHECK(gss_release_cred(&minor, &cred) == GSS_S_COMPLETE && gss_release_cred(&minor, NULL) == GSS_S_COMPLETE);
	CHECK(gss_release_cred(NULL, &cred) == GSS_S_COMPLETE);
}

/* Uninitialized lengths with a valid pointer: none of the octets is read. */
static void
absurd_lengths(void)
{
	static const size_t lengths[] = {SIZE_MAX, SIZE_MAX / 2, ((size_t)1 << 40) + 1};
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc b, out;
	gss_OID oid;
	OM_uint32 minor;
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		b = buffer("1.2.840.113554", lengths[i]);
		CHECK(gss_str_to_oid(&minor, &b, &oid) == CALL_READ && oid == GSS_C_NO_OID);
		CHECK(gss_inquire_mech_for_saslname(&minor, &b, &oid) == CALL_READ && oid == GSS_C_NO_OID);
		CHECK(gss_encapsulate_token(&b, &oid1, &out) == CALL_READ && out.value == NULL);
		CHECK(gss_decapsulate_token(&b, &oid1, &out) == CALL_READ && out.value == NULL);
		CHECK(gss_add_buffer_set_member(&minor, &b, &set) == CALL_READ && set == GSS_C_NO_BUFFER_SET);
	}
}

int
main(void)
{
	absurd_lengths();
	oid_sets();
	oids();
	oid_texts();
	buffers();
	frames();
	statuses();
	null_handles();
	return finish("data");
}
