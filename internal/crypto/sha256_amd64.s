// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "aes_amd64.h"

// SHA-256 (FIPS 180-4, Section 6.2.2) with the SHA extensions: an instruction does two of the sixty-four rounds, with
// the sums of message words and constants in WK, which must be X0.
#define WK X0
#define ABEF X1
#define CDGH X2
#define M0 X3
#define M1 X4
#define M2 X5
#define M3 X6
#define TMP X7
#define OLD_ABEF X14
#define OLD_CDGH X15

DATA flip<>+0(SB)/8, $0x0405060700010203
DATA flip<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL flip<>(SB), RODATA|NOPTR, $16

// SHA256_LOAD reads the state at CX, SHA256_STORE writes it.
#define SHA256_LOAD \
	LEAQ     ·sha256Constants(SB), R10; \
	VPSHUFD  $0xb1, (CX), TMP; \
	VPSHUFD  $0x1b, 16(CX), CDGH; \
	VPALIGNR $8, CDGH, TMP, ABEF; \
	VPBLENDW $0xf0, TMP, CDGH, CDGH

#define SHA256_STORE \
	VPSHUFD  $0x1b, ABEF, TMP; \
	VPSHUFD  $0xb1, CDGH, CDGH; \
	VPBLENDW $0xf0, CDGH, TMP, ABEF; \
	VPALIGNR $8, TMP, CDGH, CDGH; \
	VMOVDQU  ABEF, (CX); \
	VMOVDQU  CDGH, 16(CX)

// SHA256_BEGIN reads a block of 64 octets at R8, SHA256_END adds the state before it.
#define SHA256_BEGIN \
	VMOVDQU flip<>(SB), TMP; \
	VMOVDQU (R8), M0; \
	VMOVDQU 16(R8), M1; \
	VMOVDQU 32(R8), M2; \
	VMOVDQU 48(R8), M3; \
	VPSHUFB TMP, M0, M0; \
	VPSHUFB TMP, M1, M1; \
	VPSHUFB TMP, M2, M2; \
	VPSHUFB TMP, M3, M3; \
	VMOVDQA ABEF, OLD_ABEF; \
	VMOVDQA CDGH, OLD_CDGH

#define SHA256_END \
	PADDD OLD_ABEF, ABEF; \
	PADDD OLD_CDGH, CDGH

// SHA256_ROUNDS does four rounds, the i-th of sixteen times, with message words m. SHA256_STEP prepares later words,
// too.
#define SHA256_ROUNDS(i, m) \
	VPADDD      (16*i)(R10), m, WK; \
	SHA256RNDS2 WK, ABEF, CDGH; \
	VPSHUFD     $0x0e, WK, WK; \
	SHA256RNDS2 WK, CDGH, ABEF

#define SHA256_STEP(i, m0, m1, m3) \
	VPADDD      (16*i)(R10), m0, WK; \
	SHA256RNDS2 WK, ABEF, CDGH; \
	VPALIGNR    $4, m3, m0, TMP; \
	PADDD       TMP, m1; \
	SHA256MSG2  m0, m1; \
	VPSHUFD     $0x0e, WK, WK; \
	SHA256RNDS2 WK, CDGH, ABEF; \
	SHA256MSG1  m0, m3

// SHA256_QUARTERx does sixteen rounds, and something else after each four.
#define SHA256_QUARTER0(a, b, c, d) \
	SHA256_ROUNDS(0, M0); \
	a; \
	SHA256_ROUNDS(1, M1); \
	SHA256MSG1 M1, M0; \
	b; \
	SHA256_ROUNDS(2, M2); \
	SHA256MSG1 M2, M1; \
	c; \
	SHA256_STEP(3, M3, M0, M2); \
	d

#define SHA256_QUARTER1(a, b, c, d) \
	SHA256_STEP(4, M0, M1, M3); \
	a; \
	SHA256_STEP(5, M1, M2, M0); \
	b; \
	SHA256_STEP(6, M2, M3, M1); \
	c; \
	SHA256_STEP(7, M3, M0, M2); \
	d

#define SHA256_QUARTER2(a, b, c, d) \
	SHA256_STEP(8, M0, M1, M3); \
	a; \
	SHA256_STEP(9, M1, M2, M0); \
	b; \
	SHA256_STEP(10, M2, M3, M1); \
	c; \
	SHA256_STEP(11, M3, M0, M2); \
	d

#define SHA256_QUARTER3(a, b, c, d) \
	SHA256_STEP(12, M0, M1, M3); \
	a; \
	SHA256_STEP(13, M1, M2, M0); \
	b; \
	SHA256_STEP(14, M2, M3, M1); \
	c; \
	SHA256_ROUNDS(15, M3); \
	d

#define NOTHING

// func sha256Blocks(h *hashState, p []byte)
TEXT ·sha256Blocks(SB), NOSPLIT, $0-32
	MOVQ h+0(FP), CX
	MOVQ p_base+8(FP), R8
	MOVQ p_len+16(FP), DX
	SHRQ $6, DX
	JZ   done
	SHA256_LOAD

loop:
	SHA256_BEGIN
	SHA256_QUARTER0(NOTHING, NOTHING, NOTHING, NOTHING)
	SHA256_QUARTER1(NOTHING, NOTHING, NOTHING, NOTHING)
	SHA256_QUARTER2(NOTHING, NOTHING, NOTHING, NOTHING)
	SHA256_QUARTER3(NOTHING, NOTHING, NOTHING, NOTHING)
	SHA256_END
	ADDQ $64, R8
	DECQ DX
	JNZ  loop
	SHA256_STORE

done:
	RET

// func sealSHA256(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
TEXT ·sealSHA256(SB), NOSPLIT, $0-96
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    h+16(FP), CX
	MOVQ    dst_base+24(FP), DI
	MOVQ    src_base+48(FP), SI
	MOVQ    src_len+56(FP), DX
	MOVQ    hashed_base+72(FP), R8
	MOVBQZX schedule_long(AX), R9
	LEAQ    schedule_enc(AX), AX
	SHRQ    $6, DX
	JZ      done
	SHA256_LOAD
	VMOVDQU (BX), S
	VMOVDQU KEY(0), KEY0

loop:
	SHA256_BEGIN
	SEAL_BEGIN(0)
	SEAL(1)
	SHA256_QUARTER0(SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last0)
	SEAL_END(0)
	SEAL_BEGIN(16)
	SEAL(1)
	SHA256_QUARTER1(SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last1)
	SEAL_END(16)
	SEAL_BEGIN(32)
	SEAL(1)
	SHA256_QUARTER2(SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last2)
	SEAL_END(32)
	SEAL_BEGIN(48)
	SEAL(1)
	SHA256_QUARTER3(SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last3)
	SEAL_END(48)
	SHA256_END
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	DECQ    DX
	JNZ     loop
	SHA256_STORE
	VMOVDQU S, (BX)

done:
	RET

// func openSHA256(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
TEXT ·openSHA256(SB), NOSPLIT, $0-96
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    h+16(FP), CX
	MOVQ    dst_base+24(FP), DI
	MOVQ    src_base+48(FP), SI
	MOVQ    src_len+56(FP), DX
	MOVQ    hashed_base+72(FP), R8
	MOVBQZX schedule_long(AX), R9
	LEAQ    schedule_dec(AX), AX
	SHRQ    $6, DX
	JZ      done
	SHA256_LOAD
	VMOVDQU (BX), BEFORE
	VMOVDQU KEY(0), KEY0

loop:
	SHA256_BEGIN
	OPEN_BEGIN
	SHA256_QUARTER0(OPEN(1), OPEN(2), OPEN(3), OPEN(4))
	SHA256_QUARTER1(OPEN(5), OPEN(6), OPEN(7), OPEN(8))
	OPEN(9)
	OPEN_LONG(last)
	SHA256_QUARTER2(OPEN_LAST, NOTHING, NOTHING, NOTHING)
	OPEN_END
	SHA256_QUARTER3(NOTHING, NOTHING, NOTHING, NOTHING)
	SHA256_END
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	DECQ    DX
	JNZ     loop
	SHA256_STORE
	VMOVDQU BEFORE, (BX)

done:
	RET
