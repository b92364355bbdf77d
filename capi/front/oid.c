/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * oid.c: object identifiers and sets of them. A set is an array of descriptors, each with octets of its own.
 */

#include "front.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
front_is_oid(gss_const_OID oid)
{
	return oid != GSS_C_NO_OID && oid->length != 0 && oid->elements != NULL;
}

int
gss_oid_equal(gss_const_OID first_oid, gss_const_OID second_oid)
{
	if (first_oid == GSS_C_NO_OID || second_oid == GSS_C_NO_OID)
		return 0;
	if (first_oid == second_oid)
		return 1;
	if (first_oid->length != second_oid->length)
		return 0;
	return first_oid->length == 0 || (first_oid->elements != NULL && second_oid->elements != NULL &&
	    memcmp(first_oid->elements, second_oid->elements, first_oid->length) == 0);
}

int
front_copy_oid(gss_const_OID from, gss_OID to)
{
	to->elements = malloc(from->length);
	if (to->elements == NULL) {
		to->length = 0;
		return ENOMEM;
	}
	memcpy(to->elements, from->elements, from->length);
	to->length = from->length;
	return 0;
}

OM_uint32
gss_duplicate_oid(OM_uint32 *minor_status, gss_OID src_oid, gss_OID *dest_oid)
{
	front_set_minor(minor_status, 0);
	if (dest_oid == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*dest_oid = GSS_C_NO_OID;
	if (src_oid == GSS_C_NO_OID)
		return GSS_S_COMPLETE;
	if (!front_is_oid(src_oid))
		return GSS_S_CALL_INACCESSIBLE_READ;
	*dest_oid = malloc(sizeof(**dest_oid));
	if (*dest_oid != NULL && front_copy_oid(src_oid, *dest_oid) == 0)
		return GSS_S_COMPLETE;
	free(*dest_oid);
	*dest_oid = GSS_C_NO_OID;
	return front_failure(minor_status, ENOMEM);
}

OM_uint32
gss_release_oid(OM_uint32 *minor_status, gss_OID *oid)
{
	front_set_minor(minor_status, 0);
	if (oid == NULL || *oid == GSS_C_NO_OID)
		return GSS_S_COMPLETE;
	if (!front_is_static_oid(*oid)) {
		free((*oid)->elements);
		free(*oid);
	}
	*oid = GSS_C_NO_OID;
	return GSS_S_COMPLETE;
}

OM_uint32
gss_create_empty_oid_set(OM_uint32 *minor_status, gss_OID_set *oid_set)
{
	front_set_minor(minor_status, 0);
	if (oid_set == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*oid_set = calloc(1, sizeof(**oid_set));
	if (*oid_set == NULL)
		return front_failure(minor_status, ENOMEM);
	return GSS_S_COMPLETE;
}

static int
has_member(gss_const_OID_set set, gss_const_OID member)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (gss_oid_equal(&set->elements[i], member))
			return 1;
	}
	return 0;
}

OM_uint32
gss_add_oid_set_member(OM_uint32 *minor_status, gss_OID member_oid, gss_OID_set *oid_set)
{
	gss_OID_set set;
	gss_OID_desc copy;
	gss_OID elements;

	front_set_minor(minor_status, 0);
	if (!front_is_oid(member_oid))
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (oid_set == NULL || *oid_set == GSS_C_NO_OID_SET || front_is_static_oid_set(*oid_set))
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	set = *oid_set;
	if (has_member(set, member_oid))
		return GSS_S_COMPLETE;
	if (set->count >= SIZE_MAX / sizeof(copy) - 1 || front_copy_oid(member_oid, &copy) != 0)
		return front_failure(minor_status, ENOMEM);
	elements = realloc(set->elements, (set->count + 1) * sizeof(*elements));
	if (elements == NULL) {
		free(copy.elements);
		return front_failure(minor_status, ENOMEM);
	}
	elements[set->count] = copy;
	set->elements = elements;
	set->count++;
	return GSS_S_COMPLETE;
}

OM_uint32
gss_test_oid_set_member(OM_uint32 *minor_status, gss_OID member, gss_OID_set set, int *present)
{
	front_set_minor(minor_status, 0);
	if (present == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*present = 0;
	if (!front_is_oid(member) || set == GSS_C_NO_OID_SET || (set->count != 0 && set->elements == NULL))
		return GSS_S_CALL_INACCESSIBLE_READ;
	*present = has_member(set, member);
	return GSS_S_COMPLETE;
}

OM_uint32
gss_release_oid_set(OM_uint32 *minor_status, gss_OID_set *oid_set)
{
	size_t i;

	front_set_minor(minor_status, 0);
	if (oid_set == NULL || *oid_set == GSS_C_NO_OID_SET)
		return GSS_S_COMPLETE;
	if (!front_is_static_oid_set(*oid_set)) {
		for (i = 0; i < (*oid_set)->count; i++)
			free((*oid_set)->elements[i].elements);
		free((*oid_set)->elements);
		free(*oid_set);
	}
	*oid_set = GSS_C_NO_OID_SET;
	return GSS_S_COMPLETE;
}
