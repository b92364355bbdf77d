// SPDX-License-Identifier: BSD-2-Clause

package main

// #include <string.h>
// #include "glue.h"
import "C"

import (
	"unsafe"

	"libgssapi/internal/gss"
)

// maxStore bounds a credential store; there are eight keys.
const maxStore = 64

func storeElements(s C.gss_const_key_value_set_t) []C.gss_key_value_element_desc {
	if s == nil || s.count == 0 {
		return nil
	}
	return unsafe.Slice(s.elements, int(s.count))
}

// readableStore reports whether s is GSS_C_NO_CRED_STORE or can be read, and all its elements can.
func readableStore(s C.gss_const_key_value_set_t) bool {
	if s == nil || s.count == 0 {
		return true
	}
	if s.count > maxStore || *(*uintptr)(unsafe.Pointer(&s.elements)) == 0 {
		return false
	}
	for _, e := range storeElements(s) {
		if e.key == nil || e.value == nil {
			return false
		}
	}
	return true
}

// borrowStore returns the contents of a credential store. Secrets are borrowed, so the result is valid until the export
// returns.
func borrowStore(s C.gss_const_key_value_set_t) (store gss.CredStore, err error) {
	for _, e := range storeElements(s) {
		value := unsafe.Slice((*byte)(unsafe.Pointer(e.value)), C.strlen(e.value))
		if err = store.Set(C.GoString(e.key), value); err != nil {
			return store, err
		}
	}
	return store, nil
}
