/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_wrap_size_limit: the limit holds, for each enctype and many sizes, and one octet more does not fit. */
#include "harness.h"

static size_t token_length(gss_ctx_id_t context, int conf, size_t length)
{
	gss_buffer_desc message, token;
	OM_uint32 major, minor;

	message.length = length;
	message.value = calloc(1, length + 1);
	if (message.value == NULL)
		exit(2);
	major = gss_wrap(&minor, context, conf, GSS_C_QOP_DEFAULT, &message, NULL, &token);
	need("gss_wrap", major, minor);
	length = token.length;
	gss_release_buffer(&minor, &token);
	free(message.value);
	return length;
}

static void limits(const struct enctype *e)
{
	static const OM_uint32 sizes[] = {
		0, 1, 16, 27, 28, 29, 40, 43, 44, 59, 60, 61, 64, 75, 76, 77, 100, 1000, 1500, 65535,
	};
	struct options o = { .target = e->service, .flags = ALL_FLAGS };
	OM_uint32 major, minor, limit;
	struct pair p;
	size_t i;
	int conf;

	with_enctype(e);
	need_pair(&p, &o);
	for (conf = 0; conf <= 1; conf++) {
		for (i = 0; i < COUNT(sizes); i++) {
			limit = 77777777;
			major = gss_wrap_size_limit(&minor, p.init, conf, GSS_C_QOP_DEFAULT, sizes[i], &limit);
			fact("%s, conf %d, at most %lu: %s, %lu", e->name, conf, (unsigned long)sizes[i],
			    major_text(major), (unsigned long)limit);
			if (GSS_ERROR(major) || limit == 0)
				continue;
			check(token_length(p.init, conf, limit) <= sizes[i], "a message of %lu does not fit",
			    (unsigned long)limit);
			if (conf == 0)
				check(token_length(p.init, conf, limit + 1) > sizes[i], "a message of %lu would fit",
				    (unsigned long)limit + 1);
		}
	}
	release_pair(&p);
}

int main(void)
{
	struct pair p;
	OM_uint32 major, minor, limit = 0;
	gss_ctx_id_t context;
	gss_buffer_desc token;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++)
		limits(&enctypes[i]);
	with_enctype(NULL);
	need_pair(&p, NULL);
	major = gss_wrap_size_limit(&minor, p.accept, 1, GSS_C_QOP_DEFAULT, 0xffffffffu, &limit);
	fact("at most 4 GiB: %s, %lu less", major_text(major), (unsigned long)(0xffffffffu - limit));
	result("qop 1", gss_wrap_size_limit(&minor, p.init, 1, 1, 1000, &limit));
	result("no output", gss_wrap_size_limit(&minor, p.init, 1, GSS_C_QOP_DEFAULT, 1000, NULL));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_wrap_size_limit(&minor, context, 1, GSS_C_QOP_DEFAULT, 1000, &limit));
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_wrap_size_limit(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, 1000, &limit));
	return end();
}
