/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_iov_buffer: frees what the library allocated, and nothing else. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

int main(void)
{
	gss_iov_buffer_desc iov[3];
	char mine[] = "mine";
	OM_uint32 minor = 77;

	begin(30);
	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_DATA | GSS_IOV_BUFFER_FLAG_ALLOCATE;
	iov[0].buffer = buffer(mine);
	iov[1].type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE | GSS_IOV_BUFFER_FLAG_ALLOCATED;
	iov[1].buffer = copy_of("theirs", 6);
	iov[2].type = GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATED;
	result("release", gss_release_iov_buffer(&minor, iov, 3));
	fact("minor: %lu", (unsigned long)minor);
	fact("mine: type %lx, %lu octets", (unsigned long)iov[0].type, (unsigned long)iov[0].buffer.length);
	fact("theirs: type %lx, %lu octets, %s", (unsigned long)iov[1].type, (unsigned long)iov[1].buffer.length,
	    iov[1].buffer.value == NULL ? "no value" : "a value");
	fact("nothing: type %lx", (unsigned long)iov[2].type);
	result("once more", gss_release_iov_buffer(&minor, iov, 3));
	result("none of them", gss_release_iov_buffer(&minor, iov, 0));
	result("no buffers", gss_release_iov_buffer(&minor, NULL, 3));
	result("no minor", gss_release_iov_buffer(NULL, iov, 3));
	return end();
}
