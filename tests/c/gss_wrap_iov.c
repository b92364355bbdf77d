/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_wrap_iov: headers and lengths for each enctype and layout, what is not encrypted, who allocates, bad buffers. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#define DCE_STYLE 0x1000

struct layout {
	const char *name;
	OM_uint32 types[7];
	int count;
};

static const struct layout layouts[] = {
	{ "header, data", { 2, 1 }, 2 },
	{ "header, data, trailer", { 2, 1, 7 }, 3 },
	{ "header, data, padding, trailer", { 2, 1, 9, 7 }, 4 },
	{ "data, header, data, trailer", { 1, 2, 1, 7 }, 4 },
	{ "header, sign-only, data, sign-only, data, trailer", { 2, 11, 1, 11, 1, 7 }, 6 },
	{ "header, sign-only, trailer", { 2, 11, 7 }, 3 },
	{ "header alone", { 2 }, 1 },
	{ "trailer, header, empty, mech-params, data", { 7, 2, 0, 3, 1 }, 5 },
	{ "data alone", { 1 }, 1 },
	{ "two headers", { 2, 2, 1 }, 3 },
	{ "two trailers", { 2, 1, 7, 7 }, 4 },
	{ "two paddings", { 2, 1, 9, 9 }, 4 },
	{ "header, stream", { 2, 10 }, 2 },
};

/* fill gives each buffer memory: room octets, or text for data to protect. */
static int fill(gss_iov_buffer_desc *iov, const struct layout *l, OM_uint32 flags, size_t room)
{
	int i;

	memset(iov, 0, 8 * sizeof(*iov));
	for (i = 0; i < l->count; i++) {
		iov[i].type = l->types[i];
		if (iov[i].type == GSS_IOV_BUFFER_TYPE_DATA || iov[i].type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY) {
			iov[i].buffer = copy_of("some text here", 14);
		} else if (flags != 0) {
			iov[i].type |= flags;
		} else {
			iov[i].buffer.value = calloc(1, room + 1);
			iov[i].buffer.length = room;
		}
	}
	return l->count;
}

static void empty(gss_iov_buffer_desc *iov, int count)
{
	OM_uint32 minor;
	int i;

	gss_release_iov_buffer(&minor, iov, count);
	for (i = 0; i < count; i++)
		free(iov[i].buffer.value);
}

static void show(const char *label, const struct layout *l, gss_ctx_id_t context, int conf, OM_uint32 flags)
{
	gss_iov_buffer_desc iov[8];
	OM_uint32 major, minor;
	char text[400];
	int i, n, state = -1;

	n = fill(iov, l, flags, 100);
	major = gss_wrap_iov(&minor, context, conf, GSS_C_QOP_DEFAULT, &state, iov, n);
	text[0] = '\0';
	for (i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %lx:%lu", (unsigned long)iov[i].type,
		    (unsigned long)iov[i].buffer.length);
	if (GSS_ERROR(major)) {
		fact("%s, %s, conf %d: %s", label, l->name, conf, major_text(major));
	} else {
		fact("%s, %s, conf %d: %s, conf %d,%s", label, l->name, conf, major_text(major), state, text);
		for (i = 0; i < n; i++) {
			if (GSS_IOV_BUFFER_TYPE(iov[i].type) == GSS_IOV_BUFFER_TYPE_HEADER)
				fact("%s, %s, conf %d: it begins with %s", label, l->name, conf, hex(iov[i].buffer.value, 8));
			if (iov[i].type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY)
				check(memcmp(iov[i].buffer.value, "some text here", 14) == 0, "what is signed only was changed");
			if (iov[i].type == GSS_IOV_BUFFER_TYPE_DATA)
				check((memcmp(iov[i].buffer.value, "some text here", 14) == 0) == (state == 0),
				    "the data can be read: conf %d", state);
		}
	}
	empty(iov, n);
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS }, dce = { .flags = ALL_FLAGS | DCE_STYLE };
	gss_iov_buffer_desc iov[8];
	OM_uint32 major, minor;
	gss_buffer_desc token;
	gss_ctx_id_t context;
	char label[100];
	struct pair p;
	size_t i, k;
	int conf, n;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = dce.target = enctypes[i].service;
		need_pair(&p, &o);
		for (k = 0; k < COUNT(layouts); k++)
			for (conf = 0; conf <= 1; conf++)
				show(enctypes[i].name, &layouts[k], p.init, conf, 0);
		release_pair(&p);
		snprintf(label, sizeof(label), "DCE style, %s", enctypes[i].name);
		need_pair(&p, &dce);
		for (k = 0; k < 4; k++)
			for (conf = 0; conf <= 1; conf++)
				show(label, &layouts[k], p.accept, conf, 0);
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	for (k = 0; k < COUNT(layouts) - 1; k++)
		for (conf = 0; conf <= 1; conf++)
			show("allocated", &layouts[k], p.init, conf, GSS_IOV_BUFFER_FLAG_ALLOCATE);
	for (k = 0; k <= 80; k += 4) {
		for (conf = 0; conf <= 1; conf++) {
			n = fill(iov, &layouts[1], 0, k);
			major = gss_wrap_iov(&minor, p.init, conf, GSS_C_QOP_DEFAULT, NULL, iov, n);
			fact("header and trailer of %lu octets, conf %d: %s", (unsigned long)k, conf, major_text(major));
			empty(iov, n);
		}
	}
	/* GSS_IOV_BUFFER_FLAG_ALLOCATE is for outputs, and ignored for data to protect. */
	for (conf = 0; conf <= 1; conf++) {
		n = fill(iov, &layouts[1], GSS_IOV_BUFFER_FLAG_ALLOCATE, 0);
		iov[1].type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
		major = gss_wrap_iov(&minor, p.init, conf, GSS_C_QOP_DEFAULT, NULL, iov, n);
		fact("data to allocate, conf %d: %s, %lu octets, %s", conf, major_text(major), (unsigned long)iov[1].buffer.length,
		    iov[1].buffer.length == 14 && memcmp(iov[1].buffer.value, "some text here", 14) == 0 ? "readable" : "sealed");
		fact("data to allocate, conf %d: back: %s", conf, major_text(gss_unwrap_iov(&minor, p.accept, NULL, NULL, iov, n)));
		check(iov[1].buffer.length == 14 && memcmp(iov[1].buffer.value, "some text here", 14) == 0,
		    "another text comes back");
		empty(iov, n);
	}
	n = fill(iov, &layouts[1], 0, 100);
	result("qop 1", gss_wrap_iov(&minor, p.init, 1, 1, NULL, iov, n));
	result("no buffers", gss_wrap_iov(&minor, p.init, 1, GSS_C_QOP_DEFAULT, NULL, NULL, 0));
	result("0 of them", gss_wrap_iov(&minor, p.init, 1, GSS_C_QOP_DEFAULT, NULL, iov, 0));
	result("no minor", gss_wrap_iov(NULL, p.init, 1, GSS_C_QOP_DEFAULT, NULL, iov, n));
	result("no context", gss_wrap_iov(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, NULL, iov, n));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_wrap_iov(&minor, context, 1, GSS_C_QOP_DEFAULT, NULL, iov, n));
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	empty(iov, n);
	return end();
}
