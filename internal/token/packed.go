// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// packed reads the big-endian fields of an interprocess token. After the first error, which is kept for the caller,
// all reads return zero values.
type packed struct {
	s     cryptobyte.String
	fault string
}

func (r *packed) fail(field string) {
	if r.fault == "" {
		r.fault = "ends within the " + field
	}
}

func (r *packed) uint16(field string) (v uint16) {
	if r.fault != "" || !r.s.ReadUint16(&v) {
		r.fail(field)
		return 0
	}
	return v
}

func (r *packed) uint32(field string) (v uint32) {
	if r.fault != "" || !r.s.ReadUint32(&v) {
		r.fail(field)
		return 0
	}
	return v
}

// counted reads octets that follow their count.
func (r *packed) counted(field string) []byte {
	n := r.uint32(field)
	if r.fault != "" || uint64(n) > uint64(len(r.s)) {
		r.fail(field)
		return nil
	}
	var v []byte
	if !r.s.ReadBytes(&v, int(n)) {
		r.fail(field)
	}
	return v
}

func (r *packed) mech() (oid cryptobyte.String) {
	if !r.s.ReadUint16LengthPrefixed(&oid) {
		r.fail("mechanism OID")
	}
	return oid
}

func (r *packed) address(present bool, field string) *HostAddress {
	if !present {
		return nil
	}
	return &HostAddress{int32(int16(r.uint16(field))), r.counted(field)}
}

// key reads a key into k.
func (r *packed) key(k *EncryptionKey, present bool, field string) *EncryptionKey {
	if !present {
		return nil
	}
	*k = EncryptionKey{int32(int16(r.uint16(field))), r.counted(field)}
	return k
}

// order reads the window, into room if it is large enough. The elements are there before more room is made for them.
func (r *packed) order(room []uint32) (o MessageOrder) {
	const field = "message order"
	o.Flags = r.uint32(field)
	o.Start = r.uint32(field)
	o.Length = r.uint32(field)
	n := r.uint32(field)
	o.FirstSeq = r.uint32(field)
	if r.fault != "" || uint64(n)*4 > uint64(len(r.s)) {
		r.fail(field)
		return MessageOrder{}
	}
	if n > maxJitterWindow {
		r.fault = "has too large a window for the message order"
		return MessageOrder{}
	}
	o.Elems = slices.Grow(room, int(n))[:n]
	for i := range o.Elems {
		r.s.ReadUint32(&o.Elems[i])
	}
	return o
}

func addUint32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

func addCounted(b, v []byte) []byte { return append(addUint32(b, uint32(len(v))), v...) }

func addPackedAddress(b []byte, a *HostAddress) []byte {
	if a == nil {
		return b
	}
	return addCounted(binary.BigEndian.AppendUint16(b, uint16(a.Type)), a.Address)
}

func addPackedKey(b []byte, k *EncryptionKey) []byte {
	if k == nil {
		return b
	}
	return addCounted(binary.BigEndian.AppendUint16(b, uint16(k.EType)), k.Value)
}
