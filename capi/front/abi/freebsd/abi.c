/* SPDX-License-Identifier: BSD-2-Clause */

#include "abi.h"

/* As FreeBSD up to 14 behaves. */
const struct front_abi front_abi = {
    .export_lucid_deletes = 0,
};
