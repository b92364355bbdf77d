/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two fronts in one process, given by their paths, share one engine file: each gets an instance of its own, also in
 * children. If a text is given, the second front cannot get one, and the error contains the text.
 */

#define _DEFAULT_SOURCE

#include "check.h"
#include "child.h"

#include <dlfcn.h>
#include <errno.h>

struct front {
	OM_uint32 (*context_time)(OM_uint32 *, gss_ctx_id_t, OM_uint32 *);
	OM_uint32 (*display_status)(OM_uint32 *, OM_uint32, int, const gss_OID, OM_uint32 *, gss_buffer_t);
};

static struct front
open_front(const char *path)
{
	struct front f = {NULL, NULL};
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL), *p;

	if (handle == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	p = dlsym(handle, "gss_context_time");
	memcpy(&f.context_time, &p, sizeof(p));
	p = dlsym(handle, "gss_display_status");
	memcpy(&f.display_status, &p, sizeof(p));
	return f;
}

/* calls returns how many calls the engine of a front has had in this process, or 0 if a call fails with a text. */
static OM_uint32
calls(const struct front *f, char *text, size_t size)
{
	gss_buffer_desc b = {0, NULL};
	OM_uint32 minor, ignored, more = 0, rec = 0;

	if (f->context_time(&minor, GSS_C_NO_CONTEXT, &rec) == GSS_S_COMPLETE)
		return rec - 1000;
	(void)f->display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &b);
	(void)snprintf(text, size, "%.*s", (int)b.length, b.length != 0 ? (char *)b.value : "");
	free(b.value);
	return 0;
}

#ifdef REFUSE_FILES
/* Files in memory cannot be executed, as with vm.memfd_noexec or on HardenedBSD. */
int memfd_create(const char *name, unsigned flags);

int
memfd_create(const char *name, unsigned flags)
{
	(void)name;
	(void)flags;
	errno = EACCES;
	return -1;
}

int shm_open(const char *name, int flags, mode_t mode);

int
shm_open(const char *name, int flags, mode_t mode)
{
	(void)name;
	(void)flags;
	(void)mode;
	errno = EACCES;
	return -1;
}

#ifdef __FreeBSD__
static const char *library; /* the first front's path */

/* Of rtld up to FreeBSD 14, a descriptor of the file would be enough. */
void *
fdlopen(int fd, int mode)
{
	const char *slash = strrchr(library, '/');
	char path[1024];

	(void)fd;
	(void)snprintf(path, sizeof(path), "%.*s/libgssapi-engine.so", (int)(slash - library), library);
	return dlopen(path, mode);
}
#endif
#endif

static void
both(const struct front *first, const struct front *second, OM_uint32 before)
{
	char text[1024] = "";

	CHECK(calls(first, text, sizeof(text)) == before + 1);
	CHECK(calls(first, text, sizeof(text)) == before + 2);
	CHECK(calls(second, text, sizeof(text)) == before + 1);
	CHECK(calls(first, text, sizeof(text)) == before + 3);
	CHECK(calls(second, text, sizeof(text)) == before + 2);
	if (text[0] != '\0')
		fprintf(stderr, "  it says: %s\n", text);
}

int
main(int argc, char **argv)
{
	struct front first, second;
	char text[1024] = "";
	pid_t pid;

	if (argc < 3)
		return 2;
#if defined(REFUSE_FILES) && defined(__FreeBSD__)
	library = argv[1];
#endif
	first = open_front(argv[1]);
	second = open_front(argv[2]);
	(void)alarm(100);
	if (argc > 3) {
		CHECK(calls(&first, text, sizeof(text)) == 1);
		CHECK(calls(&second, text, sizeof(text)) == 0 && strstr(text, argv[3]) != NULL);
		if (strstr(text, argv[3]) == NULL)
			fprintf(stderr, "  it says: %s\n", text);
		CHECK(calls(&first, text, sizeof(text)) == 2);
		return finish("second");
	}
	both(&first, &second, 0);
	pid = fork();
	if (pid == 0) {
		failures = 0;
		both(&second, &first, 0);
		_exit(failures != 0);
	}
	CHECK(pid > 0 && ends_well(pid));
	CHECK(calls(&first, text, sizeof(text)) == 4);
	return finish("second");
}
