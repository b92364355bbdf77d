/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In libgssapi_krb5.so.2 gss_krb5_export_lucid_sec_context deletes the context: if threads race for it, only one gets its
 * keys.
 */
#include "harness.h"

#include <gssapi/gssapi_krb5.h>

#include <dlfcn.h>
#include <pthread.h>

#define THREADS 4
#define RACES 2000

#define FUNCTIONS \
	X(gss_import_name) X(gss_release_name) X(gss_release_buffer) X(gss_init_sec_context) X(gss_delete_sec_context) \
	X(gss_krb5_export_lucid_sec_context) X(gss_krb5_free_lucid_sec_context)

static struct {
#define X(name) __typeof__(&name) name;
	FUNCTIONS
#undef X
} mit;

static pthread_barrier_t start;
static gss_ctx_id_t context;
static int won;

static void *race(void *argument)
{
	OM_uint32 minor;
	int i;

	(void)argument;
	for (i = 0; i < RACES; i++) {
		gss_ctx_id_t copy;
		void *lucid = NULL;

		pthread_barrier_wait(&start);
		copy = context;
		if (mit.gss_krb5_export_lucid_sec_context(&minor, &copy, 1, &lucid) == GSS_S_COMPLETE)
			(void)__atomic_add_fetch(&won, 1, __ATOMIC_RELAXED);
		mit.gss_krb5_free_lucid_sec_context(&minor, lucid);
		pthread_barrier_wait(&start);
	}
	return NULL;
}

int main(void)
{
	void *library = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL), *p;
	gss_buffer_desc text = buffer(SERVICE), token;
	gss_name_t target = GSS_C_NO_NAME;
	pthread_t id[THREADS];
	OM_uint32 major, minor;
	int i;

	begin(120);
	if (library == NULL) {
		printf("cannot go on: %s\n", dlerror());
		return 2;
	}
#define X(name) \
	p = dlsym(library, #name); \
	memcpy(&mit.name, &p, sizeof(p));
	FUNCTIONS
#undef X
	major = mit.gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target);
	need("gss_import_name", major, minor);
	pthread_barrier_init(&start, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		pthread_create(&id[i], NULL, race, NULL);
	for (i = 0; i < RACES; i++) {
		context = GSS_C_NO_CONTEXT;
		major = mit.gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, 0, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
		need("gss_init_sec_context", major, minor);
		mit.gss_release_buffer(&minor, &token);
		won = 0;
		pthread_barrier_wait(&start);
		pthread_barrier_wait(&start);
		check(won == 1, "%d threads got the keys", won);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	mit.gss_release_name(&minor, &target);
	fact("lucid races: done");
	return end();
}
