// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// The writers mirror the readers of der.go. They cannot fail: every value that a Go type here can hold has an
// encoding.

// message returns an [APPLICATION tag] SEQUENCE.
func message(tag uint8, size int, content func(*builder)) []byte {
	b := newBuilder(size)
	b.AddASN1(application(tag), func(b *builder) { b.AddASN1(asn1.SEQUENCE, content) })
	return b.Bytes()
}

func addSequence(b *builder, n uint8, content func(*builder)) {
	b.AddASN1(explicit(n), func(b *builder) { b.AddASN1(asn1.SEQUENCE, content) })
}

func addInt(b *builder, n uint8, v int64) {
	b.AddASN1(explicit(n), func(b *builder) { b.AddASN1Int64(v) })
}

func addHeader(b *builder, msgType int64) {
	addInt(b, 0, 5)
	addInt(b, 1, msgType)
}

func addOctets(b *builder, n uint8, v []byte) {
	b.AddASN1(explicit(n), func(b *builder) { b.AddASN1OctetString(v) })
}

func addText(b *builder, n uint8, s string) {
	b.AddASN1(explicit(n), func(b *builder) { addString(b, s) })
}

func addString(b *builder, s string) {
	b.AddASN1(generalString, func(b *builder) { b.AddString(s) })
}

func addFlags(b *builder, n uint8, flags uint32) {
	b.AddASN1(explicit(n), func(b *builder) {
		b.AddASN1(asn1.BIT_STRING, func(b *builder) {
			b.AddUint8(0)
			b.AddUint32(flags)
		})
	})
}

// addTime drops fractions of a second. A year that does not fit in four digits is replaced by the nearest one that
// does.
func addTime(b *builder, n uint8, t time.Time) {
	t = t.UTC()
	switch {
	case t.Year() < 0:
		t = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 9999:
		t = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	var text [15]byte
	b.AddASN1(explicit(n), func(b *builder) {
		b.AddASN1(asn1.GeneralizedTime, func(b *builder) { b.AddBytes(t.AppendFormat(text[:0], "20060102150405Z")) })
	})
}

func addOptionalTime(b *builder, n uint8, t time.Time) {
	if !t.IsZero() {
		addTime(b, n, t)
	}
}
