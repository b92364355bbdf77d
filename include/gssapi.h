/* SPDX-License-Identifier: BSD-2-Clause */

/* The older place of the header. */

#ifndef GSSAPI_H_
#define GSSAPI_H_

#include <gssapi/gssapi.h>

#endif
