// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// What reverses the octets of a block.
DATA reverse<>+0(SB)/8, $0x08090a0b0c0d0e0f
DATA reverse<>+8(SB)/8, $0x0001020304050607
GLOBL reverse<>(SB), RODATA|NOPTR, $16

#define KEY(i) (16*(i))(AX)

// func ctr256(ks *schedule, counter uint32, dst, src []byte)
//
// The processor overlaps the turns of the loop by itself: no block waits for another.
TEXT ·ctr256(SB), NOSPLIT, $0-64
	MOVQ    ks+0(FP), AX
	MOVL    counter+8(FP), BX
	MOVQ    dst_base+16(FP), DI
	MOVQ    src_base+40(FP), SI
	MOVQ    src_len+48(FP), DX
	LEAQ    schedule_enc(AX), AX
	SHRQ    $4, DX
	JZ      done
	VMOVDQU KEY(0), X1

block:
	MOVL        BX, CX
	BSWAPL      CX
	VMOVD       CX, X0
	VPSLLDQ     $12, X0, X0
	VPXOR       X1, X0, X0
	VAESENC     KEY(1), X0, X0
	VAESENC     KEY(2), X0, X0
	VAESENC     KEY(3), X0, X0
	VAESENC     KEY(4), X0, X0
	VAESENC     KEY(5), X0, X0
	VAESENC     KEY(6), X0, X0
	VAESENC     KEY(7), X0, X0
	VAESENC     KEY(8), X0, X0
	VAESENC     KEY(9), X0, X0
	VAESENC     KEY(10), X0, X0
	VAESENC     KEY(11), X0, X0
	VAESENC     KEY(12), X0, X0
	VAESENC     KEY(13), X0, X0
	VAESENCLAST KEY(14), X0, X0
	VPXOR       (SI), X0, X0
	VMOVDQU     X0, (DI)
	INCL        BX
	ADDQ        $16, SI
	ADDQ        $16, DI
	DECQ        DX
	JNZ         block

done:
	RET

#define HASH X0
#define LOW  X1
#define MID  X2
#define HIGH X3
#define BLOCK X4
#define T    X5
#define ORDER X6
#define POLY X7
#define POWER(i) (16*(i-1))(AX)

// READ reads the block at off.
#define READ(off) \
	VMOVDQU off(SI), BLOCK; \
	VPSHUFB ORDER, BLOCK, BLOCK

// MULTIPLY adds the product of BLOCK and a power to LOW, MID and HIGH, which are not reduced.
#define MULTIPLY(i) \
	VMOVDQU    POWER(i), X8; \
	VPCLMULQDQ $0x00, X8, BLOCK, T; \
	VPXOR      T, LOW, LOW; \
	VPCLMULQDQ $0x01, X8, BLOCK, T; \
	VPXOR      T, MID, MID; \
	VPCLMULQDQ $0x10, X8, BLOCK, T; \
	VPXOR      T, MID, MID; \
	VPCLMULQDQ $0x11, X8, BLOCK, T; \
	VPXOR      T, HIGH, HIGH

#define BEGIN \
	VPXOR LOW, LOW, LOW; \
	VPXOR MID, MID, MID; \
	VPXOR HIGH, HIGH, HIGH

// REDUCE divides by x^128, modulo x^128 + x^127 + x^126 + x^121 + 1: a multiple of that which clears the lowest 64 bits is
// added twice.
#define REDUCE \
	VPSLLDQ    $8, MID, T; \
	VPXOR      T, LOW, LOW; \
	VPSRLDQ    $8, MID, T; \
	VPXOR      T, HIGH, HIGH; \
	VPCLMULQDQ $0x00, POLY, LOW, T; \
	VPSHUFD    $0x4e, LOW, LOW; \
	VPXOR      T, LOW, LOW; \
	VPCLMULQDQ $0x00, POLY, LOW, T; \
	VPSHUFD    $0x4e, LOW, LOW; \
	VPXOR      T, LOW, LOW; \
	VPXOR      LOW, HIGH, HASH

// func polyval(powers *[4]fieldElement, hash *fieldElement, b []byte)
TEXT ·polyval(SB), NOSPLIT, $0-40
	MOVQ    powers+0(FP), AX
	MOVQ    hash+8(FP), BX
	MOVQ    b_base+16(FP), SI
	MOVQ    b_len+24(FP), DX
	VMOVDQU reverse<>(SB), ORDER
	VMOVDQU (BX), HASH
	MOVQ    $0xc200000000000000, CX
	VMOVQ   CX, POLY
	SUBQ    $64, DX
	JLT     few

four:
	BEGIN
	READ(0)
	VPXOR HASH, BLOCK, BLOCK
	MULTIPLY(4)
	READ(16)
	MULTIPLY(3)
	READ(32)
	MULTIPLY(2)
	READ(48)
	MULTIPLY(1)
	REDUCE
	ADDQ  $64, SI
	SUBQ  $64, DX
	JGE   four

few:
	ADDQ $64, DX
	JZ   done

one:
	BEGIN
	READ(0)
	VPXOR HASH, BLOCK, BLOCK
	MULTIPLY(1)
	REDUCE
	ADDQ  $16, SI
	SUBQ  $16, DX
	JNZ   one

done:
	VMOVDQU HASH, (BX)
	RET
