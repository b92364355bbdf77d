// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"math/bits"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// builder writes DER (X.690, Section 10) to one array. Its methods are those of cryptobyte.Builder, which allocates an
// object for each element; a Kerberos message has some thirty, and the program around us notices each garbage
// collection.
//
// It cannot fail. A builder that was created with enough room leaves no copies of what it writes.
type builder struct{ out []byte }

// newBuilder returns one that appends to an empty array with room for size octets.
func newBuilder(size int) *builder { return &builder{make([]byte, 0, size)} }

// AddASN1 writes an element with the content that the function writes.
func (b *builder) AddASN1(tag asn1.Tag, content func(*builder)) {
	b.out = append(b.out, byte(tag), 0)
	begin := len(b.out)
	content(b)
	length := len(b.out) - begin
	if length < 0x80 {
		b.out[begin-1] = byte(length)
		return
	}
	// The long form. The content makes room for the octets of its length.
	octets := (bits.Len(uint(length)) + 7) / 8
	b.out[begin-1] = 0x80 | byte(octets)
	b.out = append(b.out, make([]byte, octets)...)
	copy(b.out[begin+octets:], b.out[begin:begin+length])
	for i := range octets {
		b.out[begin+i] = byte(length >> (8 * (octets - 1 - i)))
	}
}

// AddASN1Int64 writes an INTEGER, in as few octets as its two's complement needs.
func (b *builder) AddASN1Int64(v int64) { b.addInteger(asn1.INTEGER, v) }

// AddASN1Enum writes an ENUMERATED.
func (b *builder) AddASN1Enum(v int64) { b.addInteger(asn1.ENUM, v) }

func (b *builder) addInteger(tag asn1.Tag, v int64) {
	octets := 1
	for shifted := v >> 7; shifted != 0 && shifted != -1; shifted >>= 8 {
		octets++
	}
	b.out = append(b.out, byte(tag), byte(octets))
	for i := octets - 1; i >= 0; i-- {
		b.out = append(b.out, byte(v>>(8*i)))
	}
}

// AddASN1OctetString writes an OCTET STRING.
func (b *builder) AddASN1OctetString(v []byte) {
	b.AddASN1(asn1.OCTET_STRING, func(b *builder) { b.AddBytes(v) })
}

// AddBytes, AddString, AddUint8, AddUint16 and AddUint32 write octets unchanged and numbers in big-endian order.
func (b *builder) AddBytes(v []byte) { b.out = append(b.out, v...) }

func (b *builder) AddString(v string) { b.out = append(b.out, v...) }

func (b *builder) AddUint8(v uint8) { b.out = append(b.out, v) }

func (b *builder) AddUint16(v uint16) { b.out = append(b.out, byte(v>>8), byte(v)) }

func (b *builder) AddUint32(v uint32) {
	b.AddUint16(uint16(v >> 16))
	b.AddUint16(uint16(v))
}

// Bytes returns what was written.
func (b *builder) Bytes() []byte { return b.out }
