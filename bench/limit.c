/* SPDX-License-Identifier: BSD-2-Clause */

#include "limit.h"

#ifdef __AES__

#include <wmmintrin.h>

static inline void
encrypt(__m128i *out, const __m128i *in, size_t blocks, int rounds)
{
	static const unsigned char octets[15 * 16] = { 1 }; /* any round keys take the same time */
	__m128i keys[15], state = _mm_setzero_si128();
	size_t i;
	int r;

	for (r = 0; r <= rounds; r++)
		keys[r] = _mm_loadu_si128((const __m128i *)octets + r);
	for (i = 0; i < blocks; i++) {
		state = _mm_xor_si128(state, _mm_xor_si128(_mm_loadu_si128(in + i), keys[0]));
		for (r = 1; r < rounds; r++)
			state = _mm_aesenc_si128(state, keys[r]);
		state = _mm_aesenclast_si128(state, keys[rounds]);
		_mm_storeu_si128(out + i, state);
	}
}

int
limit_encrypt(void *dst, const void *src, size_t size, int bits)
{
	/* The compiler unrolls what has a constant number of rounds. */
	if (bits == 128)
		encrypt(dst, src, size / 16, 10);
	else
		encrypt(dst, src, size / 16, 14);
	return 1;
}

#else

int
limit_encrypt(void *dst, const void *src, size_t size, int bits)
{
	(void)dst;
	(void)src;
	(void)size;
	(void)bits;
	return 0;
}

#endif
