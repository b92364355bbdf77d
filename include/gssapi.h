/* SPDX-License-Identifier: BSD-2-Clause */

/* The header's older location. */

#ifndef GSSAPI_H_
#define GSSAPI_H_

#include <gssapi/gssapi.h>

#endif
