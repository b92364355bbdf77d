// SPDX-License-Identifier: BSD-2-Clause

// Package wipe overwrites keys where other packages keep them: Go's ciphers and hashes have no method for it, and the
// collector gives memory back as it is. Copies that such a package has already dropped are out of reach:
// crypto/hmac, which drops the padded key at its first Reset, is not used.
package wipe

import (
	"reflect"
	"sync"
	"unsafe"
)

// depth limits how many pointers are followed: from a mode to its cipher, and to the parts of that.
const depth = 4

// Object overwrites the octets and words in x, a pointer to a structure, and in everything that its pointers, interfaces
// and slices lead to. Pointers, lengths and single numbers remain. x must not be in use, must not be used again, and must
// own all that it leads to, like a cipher or a hash.
func Object(x any) {
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && !v.IsNil() {
		overwrite(v.UnsafePointer(), v.Type().Elem(), depth)
	}
}

// layout describes where the values of a type have octets, words and links, as offsets in octets.
type layout struct {
	numbers    []numbers
	slices     []numbers // size is that of an element
	pointers   []link
	interfaces []link
}

type numbers struct{ offset, size uintptr }

// link is a pointer to a value of the type, or an interface of the type.
type link struct {
	offset uintptr
	to     reflect.Type
}

// layouts contains the *layout of each reflect.Type that was met. These are few.
var layouts sync.Map

func layoutOf(t reflect.Type) *layout {
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := new(layout)
	l.add(t, 0)
	layouts.Store(t, l)
	return l
}

// add adds the layout of t at an offset.
func (l *layout) add(t reflect.Type, offset uintptr) {
	switch t.Kind() {
	case reflect.Array:
		if ofNumbers(t) {
			l.numbers = append(l.numbers, numbers{offset, t.Size()})
		}
	case reflect.Slice:
		if e := t.Elem(); ofNumbers(e) {
			l.slices = append(l.slices, numbers{offset, e.Size()})
		}
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			l.add(f.Type, offset+f.Offset)
		}
	case reflect.Pointer:
		l.pointers = append(l.pointers, link{offset, t.Elem()})
	case reflect.Interface:
		l.interfaces = append(l.interfaces, link{offset, t})
	}
}

func ofNumbers(t reflect.Type) bool {
	for t.Kind() == reflect.Array {
		t = t.Elem()
	}
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr
}

// overwrite overwrites the value of type t at p.
func overwrite(p unsafe.Pointer, t reflect.Type, depth int) {
	if depth == 0 {
		return
	}
	l := layoutOf(t)
	for _, n := range l.numbers {
		clear(unsafe.Slice((*byte)(unsafe.Add(p, n.offset)), n.size))
	}
	for _, n := range l.slices {
		// Address and capacity are the same whatever the elements are.
		s := *(*[]struct{})(unsafe.Add(p, n.offset))
		clear(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), uintptr(cap(s))*n.size))
	}
	for _, q := range l.pointers {
		if to := *(*unsafe.Pointer)(unsafe.Add(p, q.offset)); to != nil {
			overwrite(to, q.to, depth-1)
		}
	}
	for _, q := range l.interfaces {
		if e := reflect.NewAt(q.to, unsafe.Add(p, q.offset)).Elem().Elem(); e.Kind() == reflect.Pointer && !e.IsNil() {
			overwrite(e.UnsafePointer(), e.Type().Elem(), depth-1)
		}
	}
}
