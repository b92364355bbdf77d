/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How FreeBSD's rtld takes a second instance of the engine, tried on Linux with stand-ins for several releases of rtld: the
 * front gets an instance of its own, or a reason, and closes what it has opened.
 */

#define _GNU_SOURCE

#include "check.h"
#include "platform.h"

#ifdef __linux__

#include <sys/mman.h>
#include <sys/param.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What platform_freebsd.c needs beside POSIX. */
#define SHM_ANON ((const char *)1)
#define INHERIT_ZERO 3
#define fdlopen(fd, mode) ((void)(mode), rtld_open(fd))
#define shm_open(name, flags, mode) ((void)(name), (void)(flags), (void)(mode), anonymous_file())
#define platform_linker_reason rtld_reason
#define minherit(address, size, inheritance) ((void)(address), (void)(size), (void)(inheritance), 0)
#define issetugid() 0
#define platform_process_page freebsd_process_page
#define platform_is_privileged freebsd_is_privileged
#define platform_malloc_large freebsd_malloc_large
#define platform_free_large freebsd_free_large
#define platform_second_instance freebsd_second_instance

static void *rtld_open(int fd);
static int anonymous_file(void);
static void rtld_reason(const char *function, char *why, size_t size);
void *freebsd_process_page(void);
int freebsd_is_privileged(void);
void *freebsd_malloc_large(size_t size);
void freebsd_free_large(void *memory, size_t length);
void *freebsd_second_instance(int fd, int (*claim)(void *handle), char *why, size_t size);

#define __FreeBSD__
#include "../../capi/front/platform_freebsd.c"
#undef __FreeBSD__

/* One rtld: what it compares, what it refuses, and how many anonymous files get the numbers of the first object. */
static struct rtld {
	const char *name;
	int by_numbers;     /* it looks for the device and inode of a descriptor among the objects that are loaded */
	int refuses_memory; /* files that are in no file system, with LD_LIBRARY_PATH set */
	int no_files;       /* shm_open(2) fails */
	int same_numbers;   /* so many anonymous files look like the object that is loaded */
	int loads;          /* whether there is a second instance in the end */
	const char *why;
} *rtld;

static struct stat object;
static int instances, files, engine;

static void *
rtld_open(int fd)
{
	static char handles[16];
	struct stat st;

	if (fstat(fd, &st) != 0 || (rtld->refuses_memory && st.st_dev != object.st_dev))
		return NULL;
	if (rtld->by_numbers && ((st.st_dev == object.st_dev && st.st_ino == object.st_ino) || files <= rtld->same_numbers))
		return &handles[0];
	return &handles[++instances];
}

static void
rtld_reason(const char *function, char *why, size_t size)
{
	(void)snprintf(why, size, "%s: Cannot fstatfs", function);
}

static int
anonymous_file(void)
{
	if (rtld->no_files) {
		errno = EACCES;
		return -1;
	}
	files++;
	return memfd_create("engine", MFD_CLOEXEC);
}

static void *first;

static int
claim(void *handle)
{
	return handle != first;
}

static int
lowest_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)close(fd);
	return fd;
}

static void
try(struct rtld *r)
{
	char why[256] = "";
	void *handle;
	int before = lowest_descriptor(), good;

	rtld = r;
	instances = files = 0;
	r->by_numbers++; /* the first load is by name */
	first = rtld_open(engine);
	r->by_numbers--;
	handle = freebsd_second_instance(engine, claim, why, sizeof(why));
	good = r->loads ? handle != NULL && handle != first : handle == NULL && strstr(why, r->why) != NULL;
	CHECK(good && lowest_descriptor() == before);
	if (!good)
		fprintf(stderr, "  %s: %s, %d files: %s\n", r->name, handle != NULL ? "a handle" : "none", files, why);
	CHECK(files <= 4 && (!r->loads || instances == 1));
}

int
main(int argc, char **argv)
{
	static struct rtld all[] = {
	    {"up to 14", .loads = 1},
	    {"13 with LD_LIBRARY_PATH", .refuses_memory = 1, .loads = 1},
	    {"15", .by_numbers = 1, .loads = 1},
	    {"15, and numbers of files that are given out again", .by_numbers = 1, .same_numbers = 2, .loads = 1},
	    {"one that always returns the first", .by_numbers = 1, .same_numbers = 99, .why = "first instance again"},
	    {"one that compares and refuses", .by_numbers = 1, .refuses_memory = 1, .why = "Cannot fstatfs"},
	    {"15 without files in memory", .by_numbers = 1, .no_files = 1, .why = "shm_open: "},
	};
	size_t i;

	engine = open(argv[argc - 1], O_RDONLY | O_CLOEXEC); /* any file will do */
	CHECK(engine >= 0 && fstat(engine, &object) == 0);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		try(&all[i]);
	return finish("rtld");
}

#else

int
main(void)
{
	return finish("rtld, where the real one is tried");
}

#endif
