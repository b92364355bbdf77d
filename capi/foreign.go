// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "libkrb5.h"
import "C"

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
	"unsafe"

	"libgssapi/internal/krb5"
)

// foreign is krb5.Foreign: the libkrb5 that the program uses.
type foreign struct{}

var errForeign = errors.New("the answer of libkrb5 is malformed")

func (foreign) CCache(residual string) (client string, creds [][]byte, err error) {
	var f C.struct_engine_foreign
	defer C.engine_foreign_release(&f)
	C.engine_foreign_ccache(cString("MEMORY:"+residual), &f)
	r := foreignReader{rest: octetsOf(&f)}
	if len(r.rest) == 0 {
		return "", nil, reasonOf(&f)
	}
	client = string(r.octets())
	for len(r.rest) > 0 {
		creds = append(creds, bytes.Clone(r.octets()))
	}
	if r.short {
		err = errForeign
	}
	return client, creds, err
}

func (foreign) Keytab(name string) (keys []krb5.ForeignKey, err error) {
	var f C.struct_engine_foreign
	defer C.engine_foreign_release(&f)
	C.engine_foreign_keytab(cString(name), &f)
	r := foreignReader{rest: octetsOf(&f)}
	if len(r.rest) == 0 {
		return nil, reasonOf(&f)
	}
	for len(r.rest) > 0 {
		keys = append(keys, r.key())
	}
	if r.short {
		err = errForeign
	}
	return keys, err
}

func (foreign) Key(name, principal string, kvno uint32, etype int32) (*krb5.ForeignKey, error) {
	var f C.struct_engine_foreign
	defer C.engine_foreign_release(&f)
	C.engine_foreign_key(cString(name), cString(principal), C.uint32_t(kvno), C.int32_t(etype), &f)
	r := foreignReader{rest: octetsOf(&f)}
	if len(r.rest) == 0 {
		return nil, reasonOf(&f)
	}
	key := r.key()
	if r.short {
		return &key, errForeign
	}
	return &key, nil
}

func octetsOf(f *C.struct_engine_foreign) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(f.octets)), f.length)
}

func reasonOf(f *C.struct_engine_foreign) error {
	if reason := C.GoString(&f.reason[0]); reason != "" {
		return errors.New(reason)
	}
	return nil
}

// foreignReader reads numbers in the host's byte order, and octets that follow their length.
type foreignReader struct {
	rest  []byte
	short bool
}

func (r *foreignReader) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.rest)) {
		r.rest, r.short = nil, true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *foreignReader) number() uint32 {
	if b := r.take(4); b != nil {
		return binary.NativeEndian.Uint32(b)
	}
	return 0
}

func (r *foreignReader) octets() []byte { return r.take(r.number()) }

// key reads a keytab entry.
func (r *foreignReader) key() krb5.ForeignKey {
	k := krb5.ForeignKey{Principal: string(r.octets()), KVNO: r.number(), EType: int32(r.number())}
	if t := r.number(); t != 0 {
		k.Time = time.Unix(int64(t), 0)
	}
	k.Key = bytes.Clone(r.octets())
	return k
}
