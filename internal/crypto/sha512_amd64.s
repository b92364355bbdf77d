// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "aes_amd64.h"

// SHA-512 (FIPS 180-4, Section 6.4.2), which has no instructions of its own: the rounds are done by the general
// registers, the message schedule by the vector registers, two words in each, and AES by units that both leave idle.
//
// M0 to M7 hold sixteen words of the schedule. Their sums with the constants wait on the stack for their rounds.
#define M0 X0
#define M1 X1
#define M2 X2
#define M3 X3
#define M4 X4
#define M5 X5
#define M6 X6
#define M7 X7
#define U X14
#define V X15
#define W X16

#define A R8
#define B R9
#define C R10
#define D R11
#define E R12
#define F R13
#define G R14
#define H R15

DATA flip<>+0(SB)/8, $0x0001020304050607
DATA flip<>+8(SB)/8, $0x08090a0b0c0d0e0f
GLOBL flip<>(SB), RODATA|NOPTR, $16

// LOAD_WORDS reads words 2*i and 2*i+1 of the block at BX.
#define LOAD_WORDS(i, m) \
	VMOVDQU (16*i)(BX), m; \
	VPSHUFB flip<>(SB), m, m; \
	VPADDQ  ·sha512Constants+(16*i)(SB), m, U; \
	VMOVDQU U, (16*i)(SP)

#define LOAD_BLOCK \
	LOAD_WORDS(0, M0); \
	LOAD_WORDS(1, M1); \
	LOAD_WORDS(2, M2); \
	LOAD_WORDS(3, M3); \
	LOAD_WORDS(4, M4); \
	LOAD_WORDS(5, M5); \
	LOAD_WORDS(6, M6); \
	LOAD_WORDS(7, M7)

// LOAD_STATE and ADD_STATE: the state is at CX.
#define LOAD_STATE \
	MOVQ (CX), A; \
	MOVQ 8(CX), B; \
	MOVQ 16(CX), C; \
	MOVQ 24(CX), D; \
	MOVQ 32(CX), E; \
	MOVQ 40(CX), F; \
	MOVQ 48(CX), G; \
	MOVQ 56(CX), H

#define ADD_STATE \
	ADDQ (CX), A; \
	ADDQ 8(CX), B; \
	ADDQ 16(CX), C; \
	ADDQ 24(CX), D; \
	ADDQ 32(CX), E; \
	ADDQ 40(CX), F; \
	ADDQ 48(CX), G; \
	ADDQ 56(CX), H; \
	MOVQ A, (CX); \
	MOVQ B, 8(CX); \
	MOVQ C, 16(CX); \
	MOVQ D, 24(CX); \
	MOVQ E, 32(CX); \
	MOVQ F, 40(CX); \
	MOVQ G, 48(CX); \
	MOVQ H, 56(CX)

// SCHEDULE makes the two words sixteen after those in m0, k being the index of their first one.
#define SCHEDULE(k, slot, m0, m1, m4, m5, m7) \
	VPALIGNR   $8, m0, m1, U; \
	VPALIGNR   $8, m4, m5, V; \
	VPADDQ     V, m0, m0; \
	VPRORQ     $1, U, V; \
	VPRORQ     $8, U, W; \
	VPSRLQ     $7, U, U; \
	VPTERNLOGQ $0x96, V, W, U; \
	VPADDQ     U, m0, m0; \
	VPRORQ     $19, m7, V; \
	VPRORQ     $61, m7, W; \
	VPSRLQ     $6, m7, U; \
	VPTERNLOGQ $0x96, V, W, U; \
	VPADDQ     U, m0, m0; \
	VPADDQ     ·sha512Constants+(8*(k))(SB), m0, U; \
	VMOVDQU    U, (16*slot)(SP)

// ROUND: bc is b^c, and ab becomes a^b, which is the next round's b^c.
#define ROUND(a, b, c, d, e, f, g, h, bc, ab, i) \
	ADDQ  (8*(i))(SP), h; \
	ANDNQ g, e, CX; \
	ADDQ  CX, h; \
	MOVQ  f, CX; \
	ANDQ  e, CX; \
	ADDQ  CX, h; \
	RORXQ $14, e, BX; \
	RORXQ $18, e, CX; \
	XORQ  CX, BX; \
	RORXQ $41, e, CX; \
	XORQ  CX, BX; \
	ADDQ  BX, h; \
	ADDQ  h, d; \
	RORXQ $28, a, BX; \
	RORXQ $34, a, CX; \
	XORQ  CX, BX; \
	RORXQ $39, a, CX; \
	XORQ  CX, BX; \
	ADDQ  BX, h; \
	MOVQ  a, ab; \
	XORQ  b, ab; \
	ANDQ  ab, bc; \
	XORQ  b, bc; \
	ADDQ  bc, h

#define FIRST_ROUND \
	MOVQ B, DX; \
	XORQ C, DX

// EIGHT_ROUNDS with the sums from the i-th on, with steps of something else between them.
#define EIGHT_ROUNDS(i, s0, s1, s2, s3, s4, s5, s6, s7) \
	ROUND(A, B, C, D, E, F, G, H, DX, BP, i+0); \
	s0; \
	ROUND(H, A, B, C, D, E, F, G, BP, DX, i+1); \
	s1; \
	ROUND(G, H, A, B, C, D, E, F, DX, BP, i+2); \
	s2; \
	ROUND(F, G, H, A, B, C, D, E, BP, DX, i+3); \
	s3; \
	ROUND(E, F, G, H, A, B, C, D, DX, BP, i+4); \
	s4; \
	ROUND(D, E, F, G, H, A, B, C, BP, DX, i+5); \
	s5; \
	ROUND(C, D, E, F, G, H, A, B, DX, BP, i+6); \
	s6; \
	ROUND(B, C, D, E, F, G, H, A, BP, DX, i+7); \
	s7

// LOW and HIGH rounds use up the first and the last eight of sixteen sums, and leave later ones in their place, from
// word k on.
#define LOW(k, s0, s1, s2, s3, s4, s5, s6, s7) \
	ROUND(A, B, C, D, E, F, G, H, DX, BP, 0); \
	s0; \
	ROUND(H, A, B, C, D, E, F, G, BP, DX, 1); \
	SCHEDULE(k, 0, M0, M1, M4, M5, M7); \
	s1; \
	ROUND(G, H, A, B, C, D, E, F, DX, BP, 2); \
	s2; \
	ROUND(F, G, H, A, B, C, D, E, BP, DX, 3); \
	SCHEDULE(k+2, 1, M1, M2, M5, M6, M0); \
	s3; \
	ROUND(E, F, G, H, A, B, C, D, DX, BP, 4); \
	s4; \
	ROUND(D, E, F, G, H, A, B, C, BP, DX, 5); \
	SCHEDULE(k+4, 2, M2, M3, M6, M7, M1); \
	s5; \
	ROUND(C, D, E, F, G, H, A, B, DX, BP, 6); \
	s6; \
	ROUND(B, C, D, E, F, G, H, A, BP, DX, 7); \
	SCHEDULE(k+6, 3, M3, M4, M7, M0, M2); \
	s7

#define HIGH(k, s0, s1, s2, s3, s4, s5, s6, s7) \
	ROUND(A, B, C, D, E, F, G, H, DX, BP, 8); \
	s0; \
	ROUND(H, A, B, C, D, E, F, G, BP, DX, 9); \
	SCHEDULE(k, 4, M4, M5, M0, M1, M3); \
	s1; \
	ROUND(G, H, A, B, C, D, E, F, DX, BP, 10); \
	s2; \
	ROUND(F, G, H, A, B, C, D, E, BP, DX, 11); \
	SCHEDULE(k+2, 5, M5, M6, M1, M2, M4); \
	s3; \
	ROUND(E, F, G, H, A, B, C, D, DX, BP, 12); \
	s4; \
	ROUND(D, E, F, G, H, A, B, C, BP, DX, 13); \
	SCHEDULE(k+4, 6, M6, M7, M2, M3, M5); \
	s5; \
	ROUND(C, D, E, F, G, H, A, B, DX, BP, 14); \
	s6; \
	ROUND(B, C, D, E, F, G, H, A, BP, DX, 15); \
	SCHEDULE(k+6, 7, M7, M0, M3, M4, M6); \
	s7

#define NOTHING
#define ALONE(rounds, k) rounds(k, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)

// func sha512Blocks(h *hashState, p []byte)
TEXT ·sha512Blocks(SB), NOSPLIT, $128-32
	MOVQ h+0(FP), CX
	SHRQ $7, p_len+16(FP)
	JZ   done
	LOAD_STATE

loop:
	MOVQ p_base+8(FP), BX
	ADDQ $128, p_base+8(FP)
	LOAD_BLOCK
	FIRST_ROUND
	ALONE(LOW, 16)
	ALONE(HIGH, 24)
	ALONE(LOW, 32)
	ALONE(HIGH, 40)
	ALONE(LOW, 48)
	ALONE(HIGH, 56)
	ALONE(LOW, 64)
	ALONE(HIGH, 72)
	ALONE(EIGHT_ROUNDS, 0)
	ALONE(EIGHT_ROUNDS, 8)
	MOVQ h+0(FP), CX
	ADD_STATE
	DECQ p_len+16(FP)
	JNZ  loop

done:
	RET

// A block of AES-256 is encrypted in ten steps, one for each round of SHA-512.
#define Q0(off) \
	SEAL_BEGIN(off); \
	SEAL1(1)

#define Q1 SEAL1(2)
#define Q2 SEAL(3)
#define Q3 SEAL1(5)
#define Q4 SEAL(6)
#define Q5 SEAL1(8)
#define Q6 SEAL(9)
#define Q7 SEAL1(11)
#define Q8 SEAL(12)
#define Q9(off) SEAL_END(off)

// func sealSHA512(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
//
// The key has 256 bits.
TEXT ·sealSHA512(SB), NOSPLIT, $128-96
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    h+16(FP), CX
	MOVQ    dst_base+24(FP), DI
	MOVQ    src_base+48(FP), SI
	LEAQ    schedule_enc(AX), AX
	SHRQ    $7, src_len+56(FP)
	JZ      done
	VMOVDQU (BX), S
	VMOVDQU KEY(0), KEY0
	LOAD_STATE

loop:
	MOVQ    hashed_base+72(FP), BX
	ADDQ    $128, hashed_base+72(FP)
	LOAD_BLOCK
	FIRST_ROUND
	LOW(16, Q0(0), Q1, Q2, Q3, Q4, Q5, Q6, Q7)
	HIGH(24, Q8, Q9(0), Q0(16), Q1, Q2, Q3, Q4, Q5)
	LOW(32, Q6, Q7, Q8, Q9(16), Q0(32), Q1, Q2, Q3)
	HIGH(40, Q4, Q5, Q6, Q7, Q8, Q9(32), Q0(48), Q1)
	LOW(48, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9(48))
	HIGH(56, Q0(64), Q1, Q2, Q3, Q4, Q5, Q6, Q7)
	LOW(64, Q8, Q9(64), Q0(80), Q1, Q2, Q3, Q4, Q5)
	HIGH(72, Q6, Q7, Q8, Q9(80), Q0(96), Q1, Q2, Q3)
	EIGHT_ROUNDS(0, Q4, Q5, Q6, Q7, Q8, Q9(96), Q0(112), Q1)
	EIGHT_ROUNDS(8, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9(112))
	MOVQ    h+16(FP), CX
	ADD_STATE
	ADDQ    $128, SI
	ADDQ    $128, DI
	DECQ    src_len+56(FP)
	JNZ     loop
	MOVQ    iv+8(FP), BX
	VMOVDQU S, (BX)

done:
	RET

#define NEXT_FOUR \
	ADDQ $64, SI; \
	ADDQ $64, DI

// func openSHA512(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
//
// The key has 256 bits.
TEXT ·openSHA512(SB), NOSPLIT, $128-96
	MOVQ    ks+0(FP), AX
	MOVQ    iv+8(FP), BX
	MOVQ    h+16(FP), CX
	MOVQ    dst_base+24(FP), DI
	MOVQ    src_base+48(FP), SI
	LEAQ    schedule_dec(AX), AX
	SHRQ    $7, src_len+56(FP)
	JZ      done
	VMOVDQU (BX), BEFORE
	VMOVDQU KEY(0), KEY0
	LOAD_STATE

loop:
	MOVQ    hashed_base+72(FP), BX
	ADDQ    $128, hashed_base+72(FP)
	LOAD_BLOCK
	FIRST_ROUND
	LOW(16, OPEN_BEGIN, NOTHING, OPEN(1), NOTHING, OPEN(2), NOTHING, OPEN(3), NOTHING)
	HIGH(24, OPEN(4), NOTHING, OPEN(5), NOTHING, OPEN(6), NOTHING, OPEN(7), NOTHING)
	LOW(32, OPEN(8), NOTHING, OPEN(9), NOTHING, OPEN(10), NOTHING, OPEN(11), NOTHING)
	HIGH(40, OPEN(12), NOTHING, OPEN(13), NOTHING, OPEN_LAST, NOTHING, OPEN_END, NEXT_FOUR)
	ALONE(LOW, 48)
	HIGH(56, OPEN_BEGIN, NOTHING, OPEN(1), NOTHING, OPEN(2), NOTHING, OPEN(3), NOTHING)
	LOW(64, OPEN(4), NOTHING, OPEN(5), NOTHING, OPEN(6), NOTHING, OPEN(7), NOTHING)
	HIGH(72, OPEN(8), NOTHING, OPEN(9), NOTHING, OPEN(10), NOTHING, OPEN(11), NOTHING)
	EIGHT_ROUNDS(0, OPEN(12), NOTHING, OPEN(13), NOTHING, OPEN_LAST, NOTHING, OPEN_END, NEXT_FOUR)
	ALONE(EIGHT_ROUNDS, 8)
	MOVQ    h+16(FP), CX
	ADD_STATE
	DECQ    src_len+56(FP)
	JNZ     loop
	MOVQ    iv+8(FP), BX
	VMOVDQU BEFORE, (BX)

done:
	RET
