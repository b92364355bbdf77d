/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_add_buffer_set_member: any number of copies, in order, empty ones included. */
#include "harness.h"

int main(void)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc member;
	char text[8];
	OM_uint32 minor;
	int i, good = 1;

	begin(30);
	gss_create_empty_buffer_set(&minor, &set);
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		member = buffer(text);
		if (GSS_ERROR(gss_add_buffer_set_member(&minor, &member, &set)))
			fact("member %d: an error", i);
	}
	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		member = buffer(text);
		good = good && same(&set->elements[i], &member);
	}
	fact("count: %lu, all in order: %d", (unsigned long)set->count, good);
	member = buffer("");
	result("an empty member", gss_add_buffer_set_member(&minor, &member, &set));
	fact("its length: %lu, count: %lu", (unsigned long)set->elements[100].length, (unsigned long)set->count);
	gss_release_buffer_set(&minor, &set);
	member = buffer("first");
	result("into a null set", gss_add_buffer_set_member(&minor, &member, &set));
	fact("that makes one: %d", set != GSS_C_NO_BUFFER_SET && set->count == 1 && same(&set->elements[0], &member));
	gss_release_buffer_set(&minor, &set);
	return end();
}
