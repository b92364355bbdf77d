// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"math"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Numbers and lengths around those that need another octet.
func TestBuilderWritesWhatCryptobyteWrites(t *testing.T) {
	var numbers []int64
	for bit := range 64 {
		for off := int64(-2); off <= 2; off++ {
			numbers = append(numbers, 1<<bit+off, -(1<<bit)+off)
		}
	}
	numbers = append(numbers, math.MaxInt64, math.MinInt64)
	for _, v := range numbers {
		var ours builder
		var theirs cryptobyte.Builder
		ours.AddASN1Int64(v)
		ours.AddASN1Enum(v)
		theirs.AddASN1Int64(v)
		theirs.AddASN1Enum(v)
		if want := theirs.BytesOrPanic(); !bytes.Equal(ours.Bytes(), want) {
			t.Errorf("%d is %x, not %x", v, ours.Bytes(), want)
		}
	}
	lengths := []int{0, 1, 100, 124, 125, 126, 127, 128, 129, 250, 252, 253, 255, 256, 257, 65530, 65535, 65536,
		1<<24 - 8, 1 << 24}
	for _, length := range lengths {
		octets := bytes.Repeat([]byte{0xa5, 0x5a, 0x01}, length/3+1)[:length]
		var ours builder
		var theirs cryptobyte.Builder
		ours.AddASN1(asn1.SEQUENCE, func(b *builder) {
			b.AddUint8(1)
			b.AddASN1(explicit(2), func(b *builder) { b.AddASN1OctetString(octets) })
			b.AddASN1(generalString, func(b *builder) { b.AddString(string(octets)) })
			b.AddUint16(0x0102)
			b.AddUint32(0x03040506)
		})
		theirs.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddUint8(1)
			b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(octets) })
			b.AddASN1(generalString, func(b *cryptobyte.Builder) { b.AddBytes(octets) })
			b.AddUint16(0x0102)
			b.AddUint32(0x03040506)
		})
		if !bytes.Equal(ours.Bytes(), theirs.BytesOrPanic()) {
			t.Errorf("%d octets are written otherwise", length)
		}
	}
}

func TestBuilderWithRoomKeepsItsArray(t *testing.T) {
	b := newBuilder(400)
	first := &b.out[:1][0]
	for range 2 {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) { b.AddASN1OctetString(make([]byte, 180)) })
	}
	if &b.Bytes()[0] != first {
		t.Error("the octets were written to two arrays")
	}
}
