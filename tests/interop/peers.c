/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE
#include "peers.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct library ours = { .name = "ours" }, mits = { .name = "MIT's" };
static gss_OID_desc krb5 = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };

uint64_t state;
unsigned long rounds;
const char *label = "";
int legacy;

uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

uint32_t below(uint32_t n)
{
	return n == 0 ? 0 : rnd() % n;
}

void die(const char *format, ...)
{
	va_list arguments;

	printf("not ok - %s, round %lu: ", label, rounds);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

void failed(struct library *l, const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 more = 0, ignored;

	if (!GSS_ERROR(major))
		return;
	l->gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5, &more, &text);
	die("%s of %s: %x, minor %u: %.*s", what, l->name, major, minor, (int)text.length, (char *)text.value);
}

void load(struct library *l, const char *path)
{
	if ((l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		die("%s", dlerror());
#define X(f) \
	*(void **)&l->f = dlsym(l->handle, #f); \
	if (l->f == NULL) \
		die("%s has no %s", path, #f);
	FUNCTIONS(X)
#undef X
}

void establish(struct side *i, struct side *a, const char *service, OM_uint32 flags)
{
	gss_buffer_desc name = { strlen(service), (void *)service }, in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 im = GSS_S_CONTINUE_NEEDED, am = GSS_S_CONTINUE_NEEDED, minor, ignored, iflags = 0, aflags = 0;
	gss_name_t target;
	int legs = 0;

	i->context = a->context = GSS_C_NO_CONTEXT;
	need(i->l, "gss_import_name", i->l->gss_import_name(&minor, &name, &hostbased, &target), minor);
	while (im == GSS_S_CONTINUE_NEEDED || am == GSS_S_CONTINUE_NEEDED) {
		if (im == GSS_S_CONTINUE_NEEDED) {
			im = i->l->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &i->context, target, &krb5, flags, 0,
			    GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, &iflags, NULL);
			need(i->l, "gss_init_sec_context", im, minor);
			a->l->gss_release_buffer(&ignored, &in);
			legs += out.length > 0;
		}
		if (out.length == 0)
			break;
		am = a->l->gss_accept_sec_context(&minor, &a->context, GSS_C_NO_CREDENTIAL, &out,
		    GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &in, &aflags, NULL, NULL);
		need(a->l, "gss_accept_sec_context", am, minor);
		i->l->gss_release_buffer(&ignored, &out);
		legs += in.length > 0;
	}
	if (im != GSS_S_COMPLETE || am != GSS_S_COMPLETE)
		die("the context is not established: %x, %x", im, am);
	if (legs != 1 + !!(flags & GSS_C_MUTUAL_FLAG) + !!(flags & GSS_C_DCE_STYLE))
		die("%d tokens", legs);
	if ((flags & GSS_C_DCE_STYLE) != (iflags & GSS_C_DCE_STYLE) || (flags & GSS_C_DCE_STYLE) != (aflags & GSS_C_DCE_STYLE))
		die("flags %x asked, %x and %x", flags, iflags, aflags);
	i->l->gss_release_name(&ignored, &target);
}

void drop(struct side *s)
{
	OM_uint32 minor;

	s->l->gss_delete_sec_context(&minor, &s->context, GSS_C_NO_BUFFER);
}
