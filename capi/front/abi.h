/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * abi.h: how the core's behaviour differs between the libraries. The abi.c of each one's folder, or of the folder beside
 * it, says so.
 */

#ifndef LIBGSSAPI_ABI_H
#define LIBGSSAPI_ABI_H

struct front_abi {
	int export_lucid_deletes; /* gss_krb5_export_lucid_sec_context deletes the context */
};

extern const struct front_abi front_abi;

#endif
