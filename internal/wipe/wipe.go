// SPDX-License-Identifier: BSD-2-Clause

// Package wipe overwrites keys where other packages keep them: Go's ciphers and MACs have no method for it, and the
// collector gives memory back as it is.
package wipe

import (
	"reflect"
	"unsafe"
)

// depth is how many pointers are followed: a MAC, its hashes, their state.
const depth = 4

// Object overwrites the octets and words in x, a pointer to a structure, and what its pointers, interfaces and slices
// lead to. Pointers, lengths and single numbers stay as they are. x must not be in use, nor be used again, and must own
// all that it leads to, as a cipher or a MAC does.
func Object(x any) {
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && !v.IsNil() {
		value(v.Elem(), v.UnsafePointer(), depth)
	}
}

// value overwrites v, which lies at p.
func value(v reflect.Value, p unsafe.Pointer, depth int) {
	if depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.Array:
		octets(p, v.Type().Elem(), v.Len())
	case reflect.Slice:
		octets(v.UnsafePointer(), v.Type().Elem(), v.Cap())
	case reflect.Struct:
		for i := range v.NumField() {
			value(v.Field(i), unsafe.Add(p, v.Type().Field(i).Offset), depth)
		}
	case reflect.Interface:
		if e := v.Elem(); e.Kind() == reflect.Pointer && !e.IsNil() {
			value(e.Elem(), e.UnsafePointer(), depth-1)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			value(v.Elem(), v.UnsafePointer(), depth-1)
		}
	}
}

// octets overwrites n elements at p if they are numbers.
func octets(p unsafe.Pointer, element reflect.Type, n int) {
	for element.Kind() == reflect.Array {
		n *= element.Len()
		element = element.Elem()
	}
	if k := element.Kind(); n > 0 && p != nil && k >= reflect.Int && k <= reflect.Uintptr {
		clear(unsafe.Slice((*byte)(p), uintptr(n)*element.Size()))
	}
}
