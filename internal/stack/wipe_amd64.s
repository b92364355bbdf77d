// SPDX-License-Identifier: BSD-2-Clause

#include "textflag.h"

// func wipe(octets uintptr, avx, avx512 bool)
//
// It overwrites what is below the stack pointer and leaves that where it is, so that a handler that runs meanwhile has
// all of the room that there is. What the kernel writes for the handler is not needed any more when this goes on.
//
// The vector registers are all the caller's. X15 must be zero when Go code runs, and is.
TEXT ·wipe(SB), NOSPLIT, $0-10
	CLD
	XORQ AX, AX
	MOVQ octets+0(FP), CX
	MOVQ SP, DI
	SUBQ CX, DI
	SHRQ $3, CX
	REP; STOSQ
	CMPB avx+8(FP), $0
	JEQ  sse
	VZEROALL
	CMPB avx512+9(FP), $0
	JEQ  done
	VPXORQ Z16, Z16, Z16
	VPXORQ Z17, Z17, Z17
	VPXORQ Z18, Z18, Z18
	VPXORQ Z19, Z19, Z19
	VPXORQ Z20, Z20, Z20
	VPXORQ Z21, Z21, Z21
	VPXORQ Z22, Z22, Z22
	VPXORQ Z23, Z23, Z23
	VPXORQ Z24, Z24, Z24
	VPXORQ Z25, Z25, Z25
	VPXORQ Z26, Z26, Z26
	VPXORQ Z27, Z27, Z27
	VPXORQ Z28, Z28, Z28
	VPXORQ Z29, Z29, Z29
	VPXORQ Z30, Z30, Z30
	VPXORQ Z31, Z31, Z31
	RET
sse:
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	PXOR X5, X5
	PXOR X6, X6
	PXOR X7, X7
	PXOR X8, X8
	PXOR X9, X9
	PXOR X10, X10
	PXOR X11, X11
	PXOR X12, X12
	PXOR X13, X13
	PXOR X14, X14
	PXOR X15, X15
done:
	RET
