// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "aes_amd64.h"

// SHA-1 (FIPS 180-4, Section 6.1.2) with the SHA extensions: an instruction does four of the eighty rounds. ABCD has A
// in its highest lane, E0 and E1 have E there. The instructions of two steps depend on each other and leave the
// processor idle most of the time, and so do those of AES-CBC encryption; woven together they fill each other's gaps.
#define ABCD X0
#define E0 X1
#define E1 X2
#define M0 X3
#define M1 X4
#define M2 X5
#define M3 X6
#define FLIP X7
#define OLD_ABCD X14
#define OLD_E X15

DATA flip<>+0(SB)/8, $0x08090a0b0c0d0e0f
DATA flip<>+8(SB)/8, $0x0001020304050607
GLOBL flip<>(SB), RODATA|NOPTR, $16

// SHA1_LOAD reads the state at CX, SHA1_STORE writes it.
#define SHA1_LOAD \
	VMOVDQU flip<>(SB), FLIP; \
	VPSHUFD $0x1b, (CX), ABCD; \
	VMOVD   16(CX), E0; \
	VPSLLDQ $12, E0, E0

#define SHA1_STORE \
	VPSHUFD $0x1b, ABCD, ABCD; \
	VMOVDQU ABCD, (CX); \
	VPSRLDQ $12, E0, E0; \
	VMOVD   E0, 16(CX)

// SHA1_BEGIN reads a block of 64 octets at R8, SHA1_END adds the state before it.
#define SHA1_BEGIN \
	VMOVDQU (R8), M0; \
	VMOVDQU 16(R8), M1; \
	VMOVDQU 32(R8), M2; \
	VMOVDQU 48(R8), M3; \
	VPSHUFB FLIP, M0, M0; \
	VPSHUFB FLIP, M1, M1; \
	VPSHUFB FLIP, M2, M2; \
	VPSHUFB FLIP, M3, M3; \
	VMOVDQA ABCD, OLD_ABCD; \
	VMOVDQA E0, OLD_E

#define SHA1_END \
	SHA1NEXTE OLD_E, E0; \
	PADDD     OLD_ABCD, ABCD

// SHA1_STEP does four rounds with message words m0 and prepares later ones. e is E of these rounds, next becomes E of
// the next ones.
#define SHA1_STEP(f, e, next, m0, m1, m2, m3) \
	SHA1NEXTE m0, e; \
	VMOVDQA   ABCD, next; \
	SHA1MSG2  m0, m1; \
	SHA1RNDS4 $f, e, ABCD; \
	SHA1MSG1  m0, m3; \
	PXOR      m0, m2

// SHA1_QUARTERx does twenty rounds, and something else after each four.
#define SHA1_QUARTER0(a, b, c, d, e) \
	PADDD     M0, E0; \
	VMOVDQA   ABCD, E1; \
	SHA1RNDS4 $0, E0, ABCD; \
	a; \
	SHA1NEXTE M1, E1; \
	VMOVDQA   ABCD, E0; \
	SHA1RNDS4 $0, E1, ABCD; \
	SHA1MSG1  M1, M0; \
	b; \
	SHA1NEXTE M2, E0; \
	VMOVDQA   ABCD, E1; \
	SHA1RNDS4 $0, E0, ABCD; \
	SHA1MSG1  M2, M1; \
	PXOR      M2, M0; \
	c; \
	SHA1_STEP(0, E1, E0, M3, M0, M1, M2); \
	d; \
	SHA1_STEP(0, E0, E1, M0, M1, M2, M3); \
	e

#define SHA1_QUARTER1(a, b, c, d, e) \
	SHA1_STEP(1, E1, E0, M1, M2, M3, M0); \
	a; \
	SHA1_STEP(1, E0, E1, M2, M3, M0, M1); \
	b; \
	SHA1_STEP(1, E1, E0, M3, M0, M1, M2); \
	c; \
	SHA1_STEP(1, E0, E1, M0, M1, M2, M3); \
	d; \
	SHA1_STEP(1, E1, E0, M1, M2, M3, M0); \
	e

#define SHA1_QUARTER2(a, b, c, d, e) \
	SHA1_STEP(2, E0, E1, M2, M3, M0, M1); \
	a; \
	SHA1_STEP(2, E1, E0, M3, M0, M1, M2); \
	b; \
	SHA1_STEP(2, E0, E1, M0, M1, M2, M3); \
	c; \
	SHA1_STEP(2, E1, E0, M1, M2, M3, M0); \
	d; \
	SHA1_STEP(2, E0, E1, M2, M3, M0, M1); \
	e

#define SHA1_QUARTER3(a, b, c, d, e) \
	SHA1_STEP(3, E1, E0, M3, M0, M1, M2); \
	a; \
	SHA1_STEP(3, E0, E1, M0, M1, M2, M3); \
	b; \
	SHA1_STEP(3, E1, E0, M1, M2, M3, M0); \
	c; \
	SHA1NEXTE M2, E0; \
	VMOVDQA   ABCD, E1; \
	SHA1MSG2  M2, M3; \
	SHA1RNDS4 $3, E0, ABCD; \
	d; \
	SHA1NEXTE M3, E1; \
	VMOVDQA   ABCD, E0; \
	SHA1RNDS4 $3, E1, ABCD; \
	e

#define NOTHING

// func sha1Blocks(h *hashState, p []byte)
TEXT ·sha1Blocks(SB), NOSPLIT, $0-32
	MOVQ h+0(FP), CX
	MOVQ p_base+8(FP), R8
	MOVQ p_len+16(FP), DX
	SHRQ $6, DX
	JZ   done
	SHA1_LOAD

loop:
	SHA1_BEGIN
	SHA1_QUARTER0(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
	SHA1_QUARTER1(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
	SHA1_QUARTER2(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
	SHA1_QUARTER3(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
	SHA1_END
	ADDQ $64, R8
	DECQ DX
	JNZ  loop
	SHA1_STORE

done:
	RET

// func sealSHA1(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
TEXT ·sealSHA1(SB), NOSPLIT, $0-96
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
	SHA1_LOAD
	VMOVDQU (BX), S
	VMOVDQU KEY(0), KEY0

loop:
	SHA1_BEGIN
	SEAL_BEGIN(0)
	SHA1_QUARTER0(SEAL(1), SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last0)
	SEAL_END(0)
	SEAL_BEGIN(16)
	SHA1_QUARTER1(SEAL(1), SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last1)
	SEAL_END(16)
	SEAL_BEGIN(32)
	SHA1_QUARTER2(SEAL(1), SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last2)
	SEAL_END(32)
	SEAL_BEGIN(48)
	SHA1_QUARTER3(SEAL(1), SEAL(3), SEAL(5), SEAL(7), SEAL1(9))
	SEAL_LONG(last3)
	SEAL_END(48)
	SHA1_END
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	DECQ    DX
	JNZ     loop
	SHA1_STORE
	VMOVDQU S, (BX)

done:
	RET

// func openSHA1(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
TEXT ·openSHA1(SB), NOSPLIT, $0-96
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
	SHA1_LOAD
	VMOVDQU (BX), BEFORE
	VMOVDQU KEY(0), KEY0

loop:
	SHA1_BEGIN
	OPEN_BEGIN
	SHA1_QUARTER0(OPEN(1), OPEN(2), OPEN(3), OPEN(4), OPEN(5))
	SHA1_QUARTER1(OPEN(6), OPEN(7), OPEN(8), OPEN(9), NOTHING)
	OPEN_LONG(last)
	SHA1_QUARTER2(OPEN_LAST, NOTHING, NOTHING, NOTHING, NOTHING)
	OPEN_END
	SHA1_QUARTER3(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
	SHA1_END
	ADDQ    $64, SI
	ADDQ    $64, DI
	ADDQ    $64, R8
	DECQ    DX
	JNZ     loop
	SHA1_STORE
	VMOVDQU BEFORE, (BX)

done:
	RET
