/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first call loads the engine from the file that was beside the library when that was loaded, or from one that root
 * or the library's owner has put there and only they can write to. Any other file is refused, with a text.
 */
#define _GNU_SOURCE /* dladdr */
#include "harness.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <unistd.h>

#define ENGINE "libgssapi-engine.so"
#define NOBODY 65534

enum { LOADED, NAMED, OTHERWISE, BROKEN };

static char from[1024]; /* the directory of the library that this program is linked with */
static char dir[64];    /* the directory of the copies, which everybody can search */

static const char *in(const char *directory, const char *name)
{
	static char path[2][1200];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", directory, name);
	return path[turn];
}

/* first_call loads the copy of the library, replaces the engine's file, and makes a call. */
static int first_call(void (*replace)(void))
{
	gss_buffer_desc text = buffer("alice"), said = GSS_C_EMPTY_BUFFER;
	OM_uint32 (*import_name)(OM_uint32 *, gss_buffer_t, gss_OID, gss_name_t *);
	OM_uint32 (*display_status)(OM_uint32 *, OM_uint32, int, gss_OID, OM_uint32 *, gss_buffer_t);
	OM_uint32 minor, ignored, more = 0;
	gss_OID *type;
	gss_name_t name;
	void *p, *library = dlopen(in(dir, "libgssapi.so.10"), RTLD_NOW | RTLD_LOCAL);

	if (library == NULL || (p = dlsym(library, "gss_import_name")) == NULL)
		return BROKEN;
	memcpy(&import_name, &p, sizeof(p));
	if ((p = dlsym(library, "gss_display_status")) == NULL)
		return BROKEN;
	memcpy(&display_status, &p, sizeof(p));
	if ((type = dlsym(library, "GSS_C_NT_USER_NAME")) == NULL)
		return BROKEN;
	replace();
	if (import_name(&minor, &text, *type, &name) == GSS_S_COMPLETE)
		return LOADED;
	if (display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &said) != GSS_S_COMPLETE)
		return BROKEN;
	return strstr(said.value, "users other than root and the owner of libgssapi could have written") != NULL ? NAMED : OTHERWISE;
}

static void leave(void)
{
}

/* anew_of creates the new file while the noted one still exists, so that the inode number is not reused. */
static void anew_of(mode_t mode, uid_t owner)
{
	copy_file(in(from, ENGINE), in(dir, "new"));
	if ((owner != geteuid() && chown(in(dir, "new"), owner, (gid_t)owner) != 0) || chmod(in(dir, "new"), mode) != 0 ||
	    rename(in(dir, "new"), in(dir, ENGINE)) != 0)
		exit(2);
}

static void anew(mode_t mode)
{
	anew_of(mode, geteuid());
}

static void upgrade(void)
{
	anew(0755);
}

static void writable_by_the_group(void)
{
	anew(0775);
}

static void writable_by_all(void)
{
	anew(0757);
}

static void of_another_user(void)
{
	anew_of(0755, 1);
}

/* The file was written by the calling user, and the library belongs to root. */
static void of_the_user(void)
{
	anew_of(0755, NOBODY);
}

/*
 * A process of root would have the engine since the library was loaded, so a child that is somebody else loads it, and has
 * its parent replace the file before the first call.
 */
static int ask[2], answer[2];

static void by_parent(void)
{
	char c = 'x';

	if (write(ask[1], &c, 1) != 1 || read(answer[0], &c, 1) != 1)
		_exit(BROKEN);
}

static int result_of(void (*replace)(void))
{
	int status = -1;
	pid_t pid;
	char c;

	if (pipe(ask) != 0 || pipe(answer) != 0)
		return BROKEN;
	anew(0755);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
			_exit(BROKEN);
		_exit(first_call(by_parent));
	}
	close(ask[1]);
	close(answer[0]);
	if (read(ask[0], &c, 1) == 1) {
		replace();
		if (write(answer[1], &c, 1) != 1)
			return BROKEN;
	}
	close(ask[0]);
	close(answer[1]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN;
}

int main(void)
{
	OM_uint32 (*function)(OM_uint32 *, gss_name_t *) = gss_release_name;
	Dl_info library;
	char *slash;
	int found;
	void *p;

	begin(120);
	memcpy(&p, &function, sizeof(p));
	if (dladdr(p, &library) == 0 || strlen(library.dli_fname) >= sizeof(from))
		return 2;
	snprintf(from, sizeof(from), "%s", library.dli_fname);
	if ((slash = strrchr(from, '/')) == NULL)
		return 2;
	*slash = '\0';
	snprintf(dir, sizeof(dir), "/tmp/engine-file.XXXXXX");
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0)
		return 2;
	copy_file(library.dli_fname, in(dir, "libgssapi.so.10"));
	if (chmod(in(dir, "libgssapi.so.10"), 0755) != 0)
		return 2;

	found = result_of(leave);
	check(found == LOADED, "the same file: %d", found);
	found = result_of(upgrade);
	check(found == LOADED, "a new one: %d", found);
	found = result_of(writable_by_the_group);
	check(found == NAMED, "one that the group can write to: %d", found);
	found = result_of(writable_by_all);
	check(found == NAMED, "one that all can write to: %d", found);
	if (geteuid() == 0) {
		found = result_of(of_another_user);
		check(found == NAMED, "one of another user: %d", found);
		found = result_of(of_the_user);
		check(found == NAMED, "one of the user, the library is root's: %d", found);
	}
	fact("whose engine is loaded: done");
	unlink(in(dir, "libgssapi.so.10"));
	unlink(in(dir, ENGINE));
	rmdir(dir);
	return end();
}
