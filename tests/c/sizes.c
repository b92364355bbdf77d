/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lengths of messages of more than 4 GiB are never truncated to 32 bits. What is possible with the available memory is
 * done; the rest fails, says that there is no memory, and leaves the context unchanged.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define REST 64
#define SIZE (((size_t)1 << 32) + REST)
#define PIECE ((size_t)16 << 20)

/*
 * many_zeros maps SIZE octets, of which all but the pages that are written to are the pages of one small file: not every
 * system has one page of zeros for all memory that is only read. Returns NULL without address space.
 */
static char *many_zeros(void)
{
	int fd = open(scratch("zeros"), O_RDWR | O_CREAT, 0600);
	char *zeros = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
	size_t at;

	if (fd < 0 || ftruncate(fd, (off_t)PIECE) != 0 || zeros == MAP_FAILED)
		return NULL;
	for (at = 0; at < SIZE; at += PIECE) {
		size_t size = SIZE - at < PIECE ? SIZE - at : PIECE;

		if (mmap(zeros + at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, 0) == MAP_FAILED)
			return NULL;
	}
	(void)close(fd);
	return zeros;
}

/* no_memory checks a call for which there is not enough memory. */
static void no_memory(const char *what, OM_uint32 major, OM_uint32 minor, const gss_buffer_desc *out)
{
	check(major == GSS_S_FAILURE && minor == ENOMEM, "%s: %s, minor %lu", what, major_text(major), (unsigned long)minor);
	check(out == NULL || (out->value == NULL && out->length == 0), "%s: there is a result", what);
	fact("%s: there is no memory", what);
}

static void talk(const struct pair *p)
{
	gss_buffer_desc token = wrapped(p->init, 1, "text"), text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	result("the next message", gss_unwrap(&minor, p->accept, &token, &text, NULL, NULL));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &text);
}

static void without_memory(const struct pair *p, void *zeros)
{
	gss_buffer_desc message = { SIZE, zeros }, out = GSS_C_EMPTY_BUFFER, small = buffer("text");
	OM_uint32 major, minor;
	int conf;

	for (conf = 0; conf <= 1; conf++) {
		major = gss_wrap(&minor, p->init, conf, GSS_C_QOP_DEFAULT, &message, NULL, &out);
		no_memory(conf ? "gss_wrap, sealed" : "gss_wrap", major, minor, &out);
		major = gss_wrap_aead(&minor, p->init, conf, GSS_C_QOP_DEFAULT, &small, &message, NULL, &out);
		no_memory(conf ? "gss_wrap_aead, sealed" : "gss_wrap_aead", major, minor, &out);
	}
	/* A token with a correct header. */
	memcpy(zeros, "\5\4\6\377\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	major = gss_unwrap(&minor, p->accept, &message, &out, NULL, NULL);
	no_memory("gss_unwrap", major, minor, &out);
	major = gss_unwrap_aead(&minor, p->accept, &message, &small, &out, NULL, NULL);
	no_memory("gss_unwrap_aead", major, minor, &out);
	memset(zeros, 0, 16);
	major = gss_pseudo_random(&minor, p->init, GSS_C_PRF_KEY_FULL, &small, (ssize_t)SIZE, &out);
	no_memory("gss_pseudo_random", major, minor, &out);
}

static void limit(rlim_t value)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_AS, &l) != 0)
		exit(2);
	l.rlim_cur = value < l.rlim_max ? value : l.rlim_max;
	if (setrlimit(RLIMIT_AS, &l) != 0)
		exit(2);
}

static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* in_place protects a message without confidentiality, which is only read. */
static void in_place(const struct pair *p, char *zeros)
{
	gss_iov_buffer_desc iov[4];
	OM_uint32 major, minor;

	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_HEADER;
	iov[1].type = iov[2].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[1].buffer.length = SIZE - REST;
	iov[2].buffer.length = REST;
	iov[3].type = GSS_IOV_BUFFER_TYPE_TRAILER;
	major = gss_wrap_iov_length(&minor, p->init, 0, GSS_C_QOP_DEFAULT, NULL, iov, 4);
	need("gss_wrap_iov_length", major, minor);
	fact("header of %lu octets, trailer of %lu", (unsigned long)iov[0].buffer.length, (unsigned long)iov[3].buffer.length);
	iov[0].type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
	iov[3].type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
	iov[1].buffer.value = zeros;
	iov[2].buffer.value = zeros + (SIZE - REST);
	result("gss_wrap_iov", gss_wrap_iov(&minor, p->init, 0, GSS_C_QOP_DEFAULT, NULL, iov, 4));
	/* The low 32 bits of the lengths. */
	iov[1].buffer.length = 0;
	result("gss_unwrap_iov of the rest", gss_unwrap_iov(&minor, p->accept, NULL, NULL, iov, 4));
	iov[1].buffer.length = SIZE;
	iov[2].buffer.length = 0;
	result("gss_unwrap_iov", gss_unwrap_iov(&minor, p->accept, NULL, NULL, iov, 4));
	gss_release_iov_buffer(&minor, iov, 4);
}

int main(void)
{
	struct pair p;
	rlim_t used;
	char *zeros;

	begin(120);
	if (sizeof(size_t) < 8)
		return end();
	zeros = many_zeros();
	if (zeros == NULL) {
		printf("there is no address space: %s\n", strerror(errno));
		return 2;
	}
	need_pair(&p, NULL);
	if ((used = address_space()) > 0) {
		limit(used + ((rlim_t)1 << 30));
		without_memory(&p, zeros);
		limit(RLIM_INFINITY);
	}
	in_place(&p, zeros);
	talk(&p);
	release_pair(&p);
	return end();
}
