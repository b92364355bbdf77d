// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "aes_amd64.h"

// What moves the last word of a key to all four places, with its octets rotated (RotWord of FIPS 197).
DATA rotated<>+0(SB)/8, $0x0c0f0e0d0c0f0e0d
DATA rotated<>+8(SB)/8, $0x0c0f0e0d0c0f0e0d
GLOBL rotated<>(SB), RODATA|NOPTR, $16

// The constants of the first eight rounds are powers of x, those of the last two are reduced.
DATA constants<>+0(SB)/8, $0x0000000100000001
DATA constants<>+8(SB)/8, $0x0000000100000001
DATA constants<>+16(SB)/8, $0x0000001b0000001b
DATA constants<>+24(SB)/8, $0x0000001b0000001b
GLOBL constants<>(SB), RODATA|NOPTR, $32

#define CONSTANT X4
#define ROTATED X5
#define ZERO X6

// EXPAND adds X2 and each word of the key in K, as it then is, to the words behind it. The last round of encryption is
// SubWord where all words are the same, for ShiftRows then changes nothing, and adds a constant.
#define EXPAND(K, slot) \
	VPSLLDQ $4, K, X3; \
	VPXOR   X3, K, K; \
	VPSLLDQ $4, X3, X3; \
	VPXOR   X3, K, K; \
	VPSLLDQ $4, X3, X3; \
	VPXOR   X3, K, K; \
	VPXOR   X2, K, K; \
	VMOVDQU K, (16*(slot))(AX)

#define ROTATE(K) \
	VPSHUFB     ROTATED, K, X2; \
	VAESENCLAST CONSTANT, X2, X2; \
	VPSLLD      $1, CONSTANT, CONSTANT

#define SUBSTITUTE(K) \
	VPSHUFD     $0xff, K, X2; \
	VAESENCLAST ZERO, X2, X2

#define EXPAND128(slot) \
	ROTATE(X0); \
	EXPAND(X0, slot)

#define EXPAND256(slot) \
	ROTATE(X1); \
	EXPAND(X0, slot); \
	SUBSTITUTE(X0); \
	EXPAND(X1, slot+1)

// func expand128(ks *schedule, key []byte)
TEXT ·expand128(SB), NOSPLIT, $0-32
	MOVQ    ks+0(FP), AX
	MOVQ    key_base+8(FP), SI
	LEAQ    schedule_enc(AX), AX
	VMOVDQU constants<>+0(SB), CONSTANT
	VMOVDQU rotated<>(SB), ROTATED
	VMOVDQU (SI), X0
	VMOVDQU X0, (AX)
	EXPAND128(1)
	EXPAND128(2)
	EXPAND128(3)
	EXPAND128(4)
	EXPAND128(5)
	EXPAND128(6)
	EXPAND128(7)
	EXPAND128(8)
	VMOVDQU constants<>+16(SB), CONSTANT
	EXPAND128(9)
	EXPAND128(14)
	RET

// func expand256(ks *schedule, key []byte)
TEXT ·expand256(SB), NOSPLIT, $0-32
	MOVQ    ks+0(FP), AX
	MOVQ    key_base+8(FP), SI
	LEAQ    schedule_enc(AX), AX
	VMOVDQU constants<>+0(SB), CONSTANT
	VMOVDQU rotated<>(SB), ROTATED
	VPXOR   ZERO, ZERO, ZERO
	VMOVDQU (SI), X0
	VMOVDQU 16(SI), X1
	VMOVDQU X0, (AX)
	VMOVDQU X1, 16(AX)
	EXPAND256(2)
	EXPAND256(4)
	EXPAND256(6)
	EXPAND256(8)
	EXPAND256(10)
	EXPAND256(12)
	ROTATE(X1)
	EXPAND(X0, 14)
	RET

// func invMixColumns(dst, src []byte)
TEXT ·invMixColumns(SB), NOSPLIT, $0-48
	MOVQ    dst_base+0(FP), DI
	MOVQ    src_base+24(FP), SI
	VAESIMC (SI), X0
	VMOVDQU X0, (DI)
	RET

// func cbcEncrypt(ks *schedule, iv *[blockSize]byte, dst, src []byte)
//
// Each block waits for the one before: nothing is gained by more than one at a time.
TEXT ·cbcEncrypt(SB), NOSPLIT, $0-64
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    dst_base+16(FP), DI
	MOVQ    src_base+40(FP), SI
	MOVQ    src_len+48(FP), DX
	MOVBQZX schedule_long(AX), R9
	LEAQ    schedule_enc(AX), AX
	SHRQ    $4, DX
	JZ      done
	VMOVDQU (BX), S
	VMOVDQU KEY(0), KEY0

loop:
	SEAL_BEGIN(0)
	SEAL(1)
	SEAL(3)
	SEAL(5)
	SEAL(7)
	SEAL1(9)
	SEAL_LONG(last)
	SEAL_END(0)
	ADDQ $16, SI
	ADDQ $16, DI
	DECQ DX
	JNZ  loop
	VMOVDQU S, (BX)

done:
	RET

// func cbcDecrypt(ks *schedule, iv *[blockSize]byte, dst, src []byte)
//
// Eight blocks are in flight: a round takes some four cycles, and two AES units begin one each cycle.
TEXT ·cbcDecrypt(SB), NOSPLIT, $0-64
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    dst_base+16(FP), DI
	MOVQ    src_base+40(FP), SI
	MOVQ    src_len+48(FP), DX
	MOVBQZX schedule_long(AX), R9
	LEAQ    schedule_dec(AX), AX
	VMOVDQU (BX), BEFORE
	VMOVDQU KEY(0), KEY0
	SHRQ    $4, DX
	SUBQ    $8, DX
	JLT     few

#define S4 X4
#define S5 X5
#define S6 X6
#define S7 X7
#define OPEN8(i) \
	OPEN(i); \
	VAESDEC KEY(i), S4, S4; \
	VAESDEC KEY(i), S5, S5; \
	VAESDEC KEY(i), S6, S6; \
	VAESDEC KEY(i), S7, S7

eight:
	OPEN_BEGIN
	VPXOR       64(SI), KEY0, S4
	VPXOR       80(SI), KEY0, S5
	VPXOR       96(SI), KEY0, S6
	VPXOR       112(SI), KEY0, S7
	OPEN8(1)
	OPEN8(2)
	OPEN8(3)
	OPEN8(4)
	OPEN8(5)
	OPEN8(6)
	OPEN8(7)
	OPEN8(8)
	OPEN8(9)
	TESTQ       R9, R9
	JZ          lastOfEight
	OPEN8(10)
	OPEN8(11)
	OPEN8(12)
	OPEN8(13)

lastOfEight:
	OPEN_LAST
	VAESDECLAST KEY(14), S4, S4
	VAESDECLAST KEY(14), S5, S5
	VAESDECLAST KEY(14), S6, S6
	VAESDECLAST KEY(14), S7, S7
	VPXOR       48(SI), S4, S4
	VPXOR       64(SI), S5, S5
	VPXOR       80(SI), S6, S6
	VPXOR       96(SI), S7, S7
	VMOVDQU     112(SI), X0
	OPEN_END
	VMOVDQA     X0, BEFORE
	VMOVDQU     S4, 64(DI)
	VMOVDQU     S5, 80(DI)
	VMOVDQU     S6, 96(DI)
	VMOVDQU     S7, 112(DI)
	ADDQ        $128, SI
	ADDQ        $128, DI
	SUBQ        $8, DX
	JGE         eight

few:
	ADDQ $8, DX
	JZ   done

#define OPEN1(i) VAESDEC KEY(i), S0, S0

// The processor overlaps the turns of this loop by itself.
one:
	VMOVDQU     (SI), X0
	VPXOR       X0, KEY0, S0
	OPEN1(1)
	OPEN1(2)
	OPEN1(3)
	OPEN1(4)
	OPEN1(5)
	OPEN1(6)
	OPEN1(7)
	OPEN1(8)
	OPEN1(9)
	TESTQ       R9, R9
	JZ          lastOfOne
	OPEN1(10)
	OPEN1(11)
	OPEN1(12)
	OPEN1(13)

lastOfOne:
	VAESDECLAST KEY(14), S0, S0
	VPXOR       BEFORE, S0, S0
	VMOVDQA     X0, BEFORE
	VMOVDQU     S0, (DI)
	ADDQ        $16, SI
	ADDQ        $16, DI
	DECQ        DX
	JNZ         one

done:
	VMOVDQU BEFORE, (BX)
	RET
