// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import "libgssapi/internal/processor"

// The engine's own assembly uses what Go's runtime found out about the processor.
func init() {
	ask := processor.CPUID
	processor.CPUID = func(leaf, subleaf uint32) (answer [4]uint32) {
		var octets [4]C.uint32_t
		if C.engine_processor(C.uint32_t(leaf), C.uint32_t(subleaf), &octets[0]) == 0 {
			return ask(leaf, subleaf)
		}
		for i := range answer {
			answer[i] = uint32(octets[i])
		}
		return answer
	}
}
