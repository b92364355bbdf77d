/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * locate.c: the engine's file, beside the library's own. The environment has no influence on it. After chroot(2) somebody
 * else may choose the files, so one that was not there when the library was loaded must come from root or from the owner of
 * the library.
 */

#define _XOPEN_SOURCE 700

#include "image.h"
#include "load.h"
#include "platform.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was found when the library was loaded. */
static struct {
	char front[PATH_MAX]; /* this library, absolute: programs change their directory */
	uid_t owner;          /* of this library's file */
	int found;
	dev_t dev; /* the engine's, if it was found */
	ino_t ino;
} noted;

void
front_fail(struct failure *f, int error, const char *what, const char *path)
{
	char reason[128] = "";

	f->error = error != 0 ? error : EIO;
	(void)strerror_r(f->error, reason, sizeof(reason));
	(void)snprintf(f->text, sizeof(f->text), "%s %s: %s", what, path, reason);
}

/* beside sets name to the engine's file in the directory of path. */
static int
beside(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) + 1 : 0;

	if (dir == 0 || dir + sizeof(ENGINE_FILE) > size)
		return -1;
	memcpy(name, path, dir);
	memcpy(name + dir, ENGINE_FILE, sizeof(ENGINE_FILE));
	return 0;
}

/*
 * open_beside opens the engine in the directory where the linker found this library or, if that is a symbolic link, in the
 * directory of its target. On failure name is the first of them, or empty.
 */
static int
open_beside(char *name, size_t size)
{
	char resolved[PATH_MAX], target[PATH_MAX];
	int fd, error;

	name[0] = '\0';
	if (noted.front[0] == '\0' || beside(noted.front, name, size) != 0) {
		errno = ENOENT;
		return -1;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	error = errno;
	if (realpath(noted.front, resolved) != NULL && strcmp(noted.front, resolved) != 0 &&
	    beside(resolved, target, sizeof(target)) == 0 && strlen(target) < size &&
	    (fd = open(target, O_RDONLY | O_CLOEXEC)) >= 0)
		memcpy(name, target, strlen(target) + 1);
	else
		errno = error;
	return fd;
}

void
front_note_location(void)
{
	const char *path = platform_front_path();
	char name[PATH_MAX];
	struct stat st;
	int fd;

	if (path == NULL || strchr(path, '/') == NULL || strlen(path) >= sizeof(noted.front))
		return;
	if (path[0] == '/')
		memcpy(noted.front, path, strlen(path) + 1);
	else if (realpath(path, noted.front) == NULL)
		noted.front[0] = '\0';
	if (stat(noted.front, &st) != 0)
		return;
	noted.owner = st.st_uid;
	fd = open_beside(name, sizeof(name));
	if (fd < 0)
		return;
	if (fstat(fd, &st) != 0)
		return; /* the descriptor is no longer ours */
	noted.dev = st.st_dev;
	noted.ino = st.st_ino;
	noted.found = 1;
	platform_close(fd, &st);
}

/*
 * trusted reports whether the file is the one that was beside the library when that was loaded, or was written by root or
 * by the owner of the library.
 */
static int
trusted(const struct stat *st)
{
	if (noted.found && st->st_dev == noted.dev && st->st_ino == noted.ino)
		return 1;
	return (st->st_uid == 0 || st->st_uid == noted.owner) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int
front_open_engine(char *name, size_t size, struct stat *opened, struct failure *f)
{
	int fd = open_beside(name, size);

	if (fd < 0) {
		if (name[0] == '\0')
			front_fail(f, ENOENT, "the directory of libgssapi is unknown, so there is no way to find", ENGINE_FILE);
		else
			front_fail(f, errno, "cannot open the engine of libgssapi,", name);
		return -1;
	}
	if (fstat(fd, opened) != 0) {
		front_fail(f, errno, "cannot examine", name);
		return -1;
	}
	if (!trusted(opened))
		front_fail(f, EPERM, "users other than root and the owner of libgssapi could have written its engine,", name);
	else if ((f->error = front_check_image(fd, f->text, sizeof(f->text))) == 0)
		return fd;
	platform_close(fd, opened);
	return -1;
}
