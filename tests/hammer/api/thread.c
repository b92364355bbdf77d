/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.c: random numbers, and memory for arguments. An argument ends where its page ends, and the next page cannot be
 * read, so an octet too many is a fault. While a thread is "sealed" inputs cannot be written either.
 */
#include "hammer.h"

#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define OUTPUT_SIZE PAGE

uint64_t seed;

gss_OID_desc krb5_mech = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
gss_OID_desc spnego_mech = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };

uint64_t rnd(struct thread *t)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return t->random * 0x2545f4914f6cdd1du;
}

unsigned below(struct thread *t, unsigned n)
{
	return n == 0 ? 0 : (unsigned)(rnd(t) >> 32) % n;
}

int one_in(struct thread *t, unsigned n)
{
	return below(t, n) == 0;
}

/* The layout of a thread's memory: slots, large slots, outputs, each with a page behind it that cannot be touched; then
   copies of the slots. */
#define GUARDED(size) ((size_t)(size) + PAGE)
#define OUTPUTS_AT (SLOTS * GUARDED(SLOT_SIZE) + LARGE * GUARDED(LARGE_SIZE))
#define COPIES_AT (OUTPUTS_AT + OUTPUTS * GUARDED(OUTPUT_SIZE))
#define MEMORY (COPIES_AT + OUTPUTS_AT)

static size_t slot_at(unsigned i)
{
	return i < SLOTS ? i * GUARDED(SLOT_SIZE) : SLOTS * GUARDED(SLOT_SIZE) + (i - SLOTS) * GUARDED(LARGE_SIZE);
}

static size_t slot_size(unsigned i)
{
	return i < SLOTS ? SLOT_SIZE : LARGE_SIZE;
}

static void guard(struct thread *t, size_t at)
{
	if (mprotect(t->memory + at, PAGE, PROT_NONE) != 0)
		abort();
}

void thread_reseed(struct thread *t, unsigned number)
{
	t->number = number;
	t->random = (seed + 1) * 0x9e3779b97f4a7c15u ^ (number + 1) * 0xd1342543de82ef95u;
	if (t->random == 0)
		t->random = 1;
	(void)rnd(t);
	(void)rnd(t);
}

void thread_begin(struct thread *t, unsigned number)
{
	unsigned i;

	memset(t, 0, sizeof(*t));
	thread_reseed(t, number);
	t->function = -1;
	t->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	if (t->memory == MAP_FAILED)
		abort();
	for (i = 0; i < SLOTS + LARGE; i++)
		guard(t, slot_at(i) + slot_size(i));
	for (i = 0; i < OUTPUTS; i++)
		guard(t, OUTPUTS_AT + i * GUARDED(OUTPUT_SIZE) + OUTPUT_SIZE);
}

void thread_end(struct thread *t)
{
	munmap(t->memory, MEMORY);
}

static void fill(struct thread *t, unsigned char *p, size_t length)
{
	uint64_t r = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		if (i % 8 == 0)
			r = rnd(t);
		p[i] = (unsigned char)(r >> i % 8 * 8);
	}
}

/* slot gives length octets at the end of a free slot, and which one it is. */
static unsigned char *slot(struct thread *t, size_t length, unsigned *which)
{
	unsigned i = length > SLOT_SIZE || t->slots == SLOTS ? SLOTS + t->large++ : t->slots++;

	if (i >= SLOTS + LARGE || length > slot_size(i))
		fail(t, "the hammer has no room for %zu octets", length);
	*which = i;
	return t->memory + slot_at(i) + slot_size(i) - length;
}

void *room(struct thread *t, size_t length)
{
	unsigned which;

	return slot(t, length, &which);
}

void *in(struct thread *t, const void *octets, size_t length)
{
	struct input *input = &t->inputs[t->inputs_used++];
	unsigned which;
	unsigned char *at = slot(t, length, &which), *copy = at + COPIES_AT;

	if (octets != NULL)
		memcpy(at, octets, length);
	else
		fill(t, at, length);
	memcpy(copy, at, length);
	input->at = at;
	input->length = length;
	input->before = copy;
	if (t->sealed && mprotect(t->memory + slot_at(which), slot_size(which), PROT_READ) != 0)
		abort();
	return at;
}

void forget(struct thread *t)
{
	unsigned i;

	for (i = 0; t->sealed && i < SLOTS + LARGE; i++) {
		int used = i < SLOTS ? i < t->slots : i - SLOTS < t->large;

		if (used && mprotect(t->memory + slot_at(i), slot_size(i), PROT_READ | PROT_WRITE) != 0)
			abort();
	}
	t->slots = t->large = t->inputs_used = 0;
	t->dead = t->hollow = t->sealed = 0;
	t->minor = NULL;
}

size_t random_length(struct thread *t)
{
	switch (below(t, 16)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return below(t, 64) * 16;
	case 3:
		return below(t, SLOT_SIZE);
	case 4:
		return one_in(t, 200) ? below(t, LARGE_SIZE) : below(t, 8192);
	default:
		return below(t, 200);
	}
}

gss_buffer_t buffer_in(struct thread *t, const void *octets, size_t length)
{
	gss_buffer_desc b = { length, NULL };

	if (one_in(t, 25)) {
		t->hollow = 1;
		switch (below(t, 5)) {
		case 0:
			return GSS_C_NO_BUFFER;
		case 1:
			b.length = 0;
			break;
		case 2: /* its value may be anything */
			b.length = 0;
			b.value = (void *)(uintptr_t)rnd(t);
			break;
		case 3: /* more than an address space */
			b.length = one_in(t, 2) ? SIZE_MAX : SIZE_MAX / 2 + below(t, 1000);
			b.value = in(t, octets, length);
			break;
		default:
			b.length += length == 0;
		}
	} else {
		b.value = in(t, octets, length);
	}
	return in(t, &b, sizeof(b));
}

gss_buffer_t text_in(struct thread *t, const char *text)
{
	return buffer_in(t, text, strlen(text));
}

gss_buffer_t random_in(struct thread *t)
{
	return buffer_in(t, NULL, random_length(t));
}

gss_OID oid_of(struct thread *t, const void *elements, size_t length)
{
	gss_OID_desc oid;

	oid.length = (OM_uint32)length;
	oid.elements = in(t, elements, length);
	return in(t, &oid, sizeof(oid));
}

#define HEIMDAL "\x2a\x85\x70\x2b\x0d"
#define KRB5 "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"

gss_OID oid_in(struct thread *t)
{
	static const char *const known[] = {
		KRB5, "\x2b\x06\x01\x05\x05\x02", "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", "\x2b\x05\x01\x05\x02",
		"\x2b\x06\x01\x05\x02\x05", "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a",
		/* name types */
		KRB5 "\x01", KRB5 "\x02", KRB5 "\x06", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01",
		"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03",
		"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04", "\x2b\x06\x01\x05\x06\x02", "\x2b\x06\x01\x05\x06\x03",
		"\x2b\x06\x01\x05\x06\x04", "\x2b\x06\x01\x05\x06\x06",
		/* inquiries and options */
		HEIMDAL "\x01", HEIMDAL "\x02", HEIMDAL "\x03", HEIMDAL "\x03\x01", HEIMDAL "\x03\x81\x00", HEIMDAL "\x04",
		HEIMDAL "\x06\x01", HEIMDAL "\x08", HEIMDAL "\x09", HEIMDAL "\x0a", HEIMDAL "\x0b", HEIMDAL "\x0c",
		HEIMDAL "\x0e", HEIMDAL "\x1d", HEIMDAL "\x1e", KRB5 "\x05\x01", KRB5 "\x05\x05", KRB5 "\x05\x06\x01",
		KRB5 "\x05\x0a\x01", KRB5 "\x05\x0c", KRB5 "\x05\x0e", KRB5 "\x05\x0f", KRB5 "\x05\x12", KRB5 "\x04\x12",
		/* attributes */
		"\x2b\x06\x01\x05\x05\x0d\x01", "\x2b\x06\x01\x05\x05\x0d\x09", "\x2b\x06\x01\x05\x05\x0d\x1b",
	};
	const char *text = known[below(t, COUNT(known))];
	size_t length = text[strlen(text) - 1] == '\x81' ? strlen(text) + 1 : strlen(text);
	gss_OID_desc oid = { 0, NULL };
	unsigned char other[16];

	switch (below(t, 24)) {
	case 0:
		return GSS_C_NO_OID;
	case 1: /* nothing in it, and a value that may be anything */
		oid.elements = one_in(t, 2) ? NULL : (void *)(uintptr_t)rnd(t);
		return in(t, &oid, sizeof(oid));
	case 2: /* no value */
		oid.length = 1 + below(t, 100000);
		return in(t, &oid, sizeof(oid));
	case 3:
		return oid_of(t, NULL, below(t, 40));
	case 4:
		return oid_of(t, NULL, below(t, 2000));
	case 5:
		memcpy(other, text, length);
		other[below(t, (unsigned)length)] ^= (unsigned char)(1u << below(t, 8));
		return oid_of(t, other, length - below(t, 2));
	default:
		return oid_of(t, text, length);
	}
}

gss_OID mech_in(struct thread *t)
{
	switch (below(t, 8)) {
	case 0:
		return oid_in(t);
	case 1:
		return GSS_C_NO_OID;
	case 2:
	case 3:
		return oid_of(t, spnego_mech.elements, spnego_mech.length);
	default:
		return oid_of(t, krb5_mech.elements, krb5_mech.length);
	}
}

gss_OID_set set_in(struct thread *t)
{
	gss_OID_set_desc set = { 0, NULL };
	gss_OID_desc oids[4];
	size_t i;

	switch (below(t, 12)) {
	case 0:
	case 1:
	case 2:
		return GSS_C_NO_OID_SET;
	case 3:
		set.elements = one_in(t, 2) ? NULL : (void *)(uintptr_t)rnd(t);
		break;
	case 4:
		set.count = 1 + below(t, 5000);
		break;
	default:
		set.count = 1 + (one_in(t, 3) ? below(t, COUNT(oids)) : 0);
		for (i = 0; i < set.count; i++) {
			gss_OID oid = mech_in(t);

			oids[i] = oid != GSS_C_NO_OID ? *oid : krb5_mech;
		}
		set.elements = in(t, oids, set.count * sizeof(oids[0]));
	}
	return in(t, &set, sizeof(set));
}

/* octets puts a buffer into a structure. */
static void octets(struct thread *t, gss_buffer_desc *b)
{
	b->length = one_in(t, 2) ? 0 : below(t, 40);
	b->value = b->length == 0 ? (void *)(uintptr_t)rnd(t) : in(t, NULL, b->length);
	if (one_in(t, 40)) {
		b->length = 5;
		b->value = NULL;
	}
}

gss_channel_bindings_t bindings_in(struct thread *t)
{
	struct gss_channel_bindings_struct b;

	if (!one_in(t, 6))
		return GSS_C_NO_CHANNEL_BINDINGS;
	memset(&b, 0, sizeof(b));
	b.initiator_addrtype = below(t, 4) * GSS_C_AF_NULLADDR / 3;
	b.acceptor_addrtype = (OM_uint32)rnd(t);
	octets(t, &b.initiator_address);
	octets(t, &b.acceptor_address);
	octets(t, &b.application_data);
	return in(t, &b, sizeof(b));
}

/* output gives the room of one, filled with rubbish, or NULL now and then. */
static void *output(struct thread *t, enum output_kind kind, size_t size)
{
	struct output *o = &t->outputs[t->outputs_used];
	uint64_t rubbish[2] = { 0xdecaf0d5decaf0d5u, 0xdecaf0d5decaf0d5u };

	if (one_in(t, 30))
		return NULL;
	if (t->outputs_used == OUTPUTS)
		fail(t, "the hammer has no room for an output");
	o->kind = kind;
	o->checked = 0;
	o->at = t->memory + OUTPUTS_AT + t->outputs_used * GUARDED(OUTPUT_SIZE) + OUTPUT_SIZE - size;
	memcpy(o->at, rubbish, size);
	t->outputs_used++;
	return o->at;
}

OM_uint32 *minor_in(struct thread *t)
{
	static const OM_uint32 rubbish = 0xdecaf0d5;

	t->minor = one_in(t, 60) ? NULL : memcpy(room(t, sizeof(rubbish)), &rubbish, sizeof(rubbish));
	return t->minor;
}

OM_uint32 *number_out(struct thread *t)
{
	return output(t, OUT_NUMBER, sizeof(OM_uint32));
}

int *int_out(struct thread *t)
{
	return output(t, OUT_NUMBER, sizeof(int));
}

void *pointer_out(struct thread *t, enum output_kind kind)
{
	return output(t, kind, sizeof(void *));
}

gss_buffer_t buffer_out(struct thread *t)
{
	return output(t, OUT_BUFFER, sizeof(gss_buffer_desc));
}

gss_buffer_t token_out(struct thread *t)
{
	return output(t, OUT_TOKEN, sizeof(gss_buffer_desc));
}
