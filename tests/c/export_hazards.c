/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss_export_sec_context in programs that close all descriptors, and with a ledger that is truncated, removed or damaged
 * while the process uses it. Only this library has a ledger.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char ledger[600];

/* move exports and imports a context. */
static void move(const char *label, gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_export_sec_context(&minor, context, &token);
	need(label, major, minor);
	check(access(ledger, F_OK) == 0, "%s: there is no ledger at %s", label, ledger);
	major = gss_import_sec_context(&minor, &token, context);
	fact("%s: %s", label, major_text(major));
	check(major == GSS_S_COMPLETE, "%s: the import failed", label);
	gss_release_buffer(&minor, &token);
}

/* lost exports a context and imports it after the ledger was spoilt: the process lives, and goes on with a new
   ledger. The key may be there still, if only the header is spoilt. */
static void lost(const char *label, struct pair *p, void (*spoil)(void), int key_is_gone)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor;

	need_pair(p, NULL);
	major = gss_export_sec_context(&minor, &p->accept, &token);
	need(label, major, minor);
	spoil();
	major = gss_import_sec_context(&minor, &token, &context);
	fact("%s, a token of before: %s", label, GSS_ERROR(major) ? "an error" : "no error");
	check(GSS_ERROR(major) || !key_is_gone, "%s: a context of nothing", label);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_buffer(&minor, &token);
	move(label, &p->init);
	release_pair(p);
}

static void cut(void)
{
	check(truncate(ledger, 0) == 0, "the ledger cannot be cut");
}

static void spoil_octets(void)
{
	int fd = open(ledger, O_WRONLY);

	check(fd >= 0 && write(fd, "0123456789abcdef0123456789abcdef", 32) == 32, "the ledger cannot be written");
	close(fd);
}

int main(void)
{
	char settings[600], dir[512];
	struct pair p;
	int fd;

	begin(60);
	snprintf(dir, sizeof(dir), "%s", scratch("ledgers"));
	check(mkdir(dir, 0700) == 0, "no directory");
	snprintf(settings, sizeof(settings), "[libgssapi]\n\tledger_directory = %s\n", dir);
	with_config(settings);
	snprintf(ledger, sizeof(ledger), "%s/libgssapi-%lu/ledger", dir, (unsigned long)geteuid());

	need_pair(&p, NULL);
	move("first", &p.accept);
	for (fd = 3; fd < 1024; fd++)
		close(fd);
	move("all descriptors closed", &p.accept);
	release_pair(&p);
	lost("cut", &p, cut, 1);
	lost("spoilt", &p, spoil_octets, 0);
	return end();
}
