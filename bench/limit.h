/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <stddef.h>

/*
 * limit_encrypt is what no Kerberos library can be faster than when it seals a message: the encryption of size octets,
 * whole blocks, by AES in CBC mode with a key of so many bits, with the processor's instructions and nothing else.
 * 0: this processor's are not known here.
 */
int limit_encrypt(void *dst, const void *src, size_t size, int bits);

#endif
