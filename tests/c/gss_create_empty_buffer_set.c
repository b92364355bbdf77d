/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_create_empty_buffer_set: a set without elements. */
#include "harness.h"

int main(void)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor = 77;

	begin(30);
	result("create", gss_create_empty_buffer_set(&minor, &set));
	fact("minor: %lu, count: %lu", (unsigned long)minor, (unsigned long)set->count);
	result("release", gss_release_buffer_set(&minor, &set));
	return end();
}
