/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_buffer_set: the whole set is freed, and a null set is no error. */
#include "harness.h"

int main(void)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc member = buffer("text");
	OM_uint32 minor = 77;

	begin(30);
	result("null set", gss_release_buffer_set(&minor, &set));
	gss_create_empty_buffer_set(&minor, &set);
	gss_add_buffer_set_member(&minor, &member, &set);
	gss_add_buffer_set_member(&minor, &member, &set);
	result("a set", gss_release_buffer_set(&minor, &set));
	fact("minor: %lu, set: %s", (unsigned long)minor, set == GSS_C_NO_BUFFER_SET ? "null" : "still there");
	return end();
}
