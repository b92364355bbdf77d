// SPDX-License-Identifier: BSD-2-Clause

// What the kernels share. Round keys lie at AX as schedule has them: keys 0 to 9 are for the rounds that all key sizes
// have, 10 to 13 for those that only AES-256 has, and 14 is the last. R9 is not zero for AES-256. What is encrypted or
// decrypted is read at SI and written at DI.
//
// All instructions that read memory are VEX encoded: those need no alignment.

#define KEY(i) (16*(i))(AX)
#define KEY0 X13

// SEAL: CBC encryption of one block in S, which then is the IV of the next.
#define S X8
#define T X9

#define SEAL_BEGIN(off) \
	VPXOR off(SI), KEY0, T; \
	VPXOR T, S, S

#define SEAL1(i) \
	VAESENC KEY(i), S, S

#define SEAL(i) \
	VAESENC KEY(i), S, S; \
	VAESENC KEY(i+1), S, S

#define SEAL_LONG(label) \
	TESTQ   R9, R9; \
	JZ      label; \
	VAESENC KEY(10), S, S; \
	VAESENC KEY(11), S, S; \
	VAESENC KEY(12), S, S; \
	VAESENC KEY(13), S, S; \
label:

#define SEAL_END(off) \
	VAESENCLAST KEY(14), S, S; \
	VMOVDQU     S, off(DI)

// OPEN: CBC decryption of four blocks, which do not depend on each other. BEFORE is the ciphertext block before them.
// All are read before the first is written, so dst may be src.
#define S0 X8
#define S1 X9
#define S2 X10
#define S3 X11
#define BEFORE X12

#define OPEN_BEGIN \
	VPXOR (SI), KEY0, S0; \
	VPXOR 16(SI), KEY0, S1; \
	VPXOR 32(SI), KEY0, S2; \
	VPXOR 48(SI), KEY0, S3

#define OPEN(i) \
	VAESDEC KEY(i), S0, S0; \
	VAESDEC KEY(i), S1, S1; \
	VAESDEC KEY(i), S2, S2; \
	VAESDEC KEY(i), S3, S3

#define OPEN_LONG(label) \
	TESTQ R9, R9; \
	JZ    label; \
	OPEN(10); \
	OPEN(11); \
	OPEN(12); \
	OPEN(13); \
label:

#define OPEN_LAST \
	VAESDECLAST KEY(14), S0, S0; \
	VAESDECLAST KEY(14), S1, S1; \
	VAESDECLAST KEY(14), S2, S2; \
	VAESDECLAST KEY(14), S3, S3

#define OPEN_END \
	VPXOR   BEFORE, S0, S0; \
	VPXOR   (SI), S1, S1; \
	VPXOR   16(SI), S2, S2; \
	VPXOR   32(SI), S3, S3; \
	VMOVDQU 48(SI), BEFORE; \
	VMOVDQU S0, (DI); \
	VMOVDQU S1, 16(DI); \
	VMOVDQU S2, 32(DI); \
	VMOVDQU S3, 48(DI)
