// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"unsafe"

	"libgssapi/internal/stack"
)

// The front keeps the thread's choice. This function gives the default name, in memory from malloc(3).
//
//export gss_krb5_ccache_name
func gss_krb5_ccache_name(minor_status *C.OM_uint32, name C.engine_text, out_name *C.engine_text) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(out_name)

	if minor_status == nil || out_name == nil {
		return inaccessibleWrite
	}

	env := environment()
	cfg, err := env.Library.Config(env)
	if err != nil {
		return fail(minor_status, err)
	}
	ccache, err := cfg.DefaultCCacheName(env)
	if err != nil {
		return fail(minor_status, err)
	}

	var text C.gss_buffer_desc
	if !giveText(&text, []byte(ccache)) {
		return fail(minor_status, errMemory)
	}
	setPointer(out_name, uintptr(unsafe.Pointer(text.value)))
	return complete
}
