/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * abi.h: where the core behaves otherwise for one library than for another. Each folder of abi has its abi.c.
 */

#ifndef LIBGSSAPI_ABI_H
#define LIBGSSAPI_ABI_H

struct front_abi {
	int export_lucid_deletes; /* gss_krb5_export_lucid_sec_context deletes the context */
};

extern const struct front_abi front_abi;

#endif
