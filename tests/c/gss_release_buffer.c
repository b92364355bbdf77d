/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_buffer: anything from malloc, and null buffers. */
#include "harness.h"

int main(void)
{
	gss_buffer_desc b;
	OM_uint32 minor = 77;

	begin(30);
	b = copy_of("text", 4);
	result("a buffer from malloc", gss_release_buffer(&minor, &b));
	fact("minor: %lu, length: %lu, value: %s", (unsigned long)minor, (unsigned long)b.length,
	    b.value == NULL ? "NULL" : "not NULL");
	result("the same once more", gss_release_buffer(&minor, &b));
	b = copy_of("", 0);
	result("length 0 with a value", gss_release_buffer(&minor, &b));
	result("GSS_C_NO_BUFFER", gss_release_buffer(&minor, GSS_C_NO_BUFFER));
	return end();
}
