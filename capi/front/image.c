/* SPDX-License-Identifier: BSD-2-Clause */

#define _POSIX_C_SOURCE 200809L

#include "image.h"

#include <sys/stat.h>

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_SEGMENTS 64

static int
within(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static int
refuse(int error, const char *reason, char *why, size_t size)
{
	(void)snprintf(why, size, "the engine of libgssapi is damaged: %s", reason);
	return error;
}

int
front_check_image(int fd, char *why, size_t size)
{
	Elf64_Phdr segments[MAX_SEGMENTS];
	Elf64_Ehdr header;
	struct stat st;
	uint64_t length;
	size_t i;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return refuse(ENOEXEC, "it is not a regular file", why, size);
	length = (uint64_t)st.st_size;
	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return refuse(ENOEXEC, "its header is truncated", why, size);
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_type != ET_DYN)
		return refuse(ENOEXEC, "it is not a shared object", why, size);
	if (header.e_phentsize != sizeof(segments[0]) || header.e_phnum == 0 || header.e_phnum > MAX_SEGMENTS ||
	    !within(header.e_phoff, header.e_phnum * sizeof(segments[0]), length) ||
	    pread(fd, segments, header.e_phnum * sizeof(segments[0]), (off_t)header.e_phoff) !=
		(ssize_t)(header.e_phnum * sizeof(segments[0])))
		return refuse(ENOEXEC, "its program headers are truncated", why, size);
	for (i = 0; i < header.e_phnum; i++) {
		if (!within(segments[i].p_offset, segments[i].p_filesz, length))
			return refuse(ENOEXEC, "it is truncated", why, size);
	}
	if (!within(header.e_shoff, (uint64_t)header.e_shnum * header.e_shentsize, length))
		return refuse(ENOEXEC, "it is truncated", why, size);
	return 0;
}
