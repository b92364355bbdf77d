/* SPDX-License-Identifier: BSD-2-Clause */

#include "abi.h"

/* As MIT krb5 1.22 behaves. */
const struct front_abi front_abi = {
    .export_lucid_deletes = 1,
};
