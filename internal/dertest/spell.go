// SPDX-License-Identifier: BSD-2-Clause

// Package dertest writes messages in DER as peers do who take it less strictly.
package dertest

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Respell writes the elements of b with lengths in more octets than they need, and INTEGERs with more octets that say
// the sign. Each octet of choices decides one thing; without them nothing changes. What is in an OCTET STRING stays as it
// is, and so do what is no DER and what is deeper than any message.
func Respell(b, choices []byte) []byte {
	s := speller{choices}
	return s.respell(b, maxDepth)
}

const maxDepth = 32

// Long writes every length in four octets, and each INTEGER with four octets too many.
func Long(b []byte) []byte {
	return Respell(b, bytes.Repeat([]byte{4}, 2*len(b)))
}

type speller struct{ choices []byte }

func (s *speller) choose(n byte) int {
	if len(s.choices) == 0 {
		return 0
	}
	c := s.choices[0]
	s.choices = s.choices[1:]
	return int(c % n)
}

func (s *speller) respell(b []byte, depth int) (out []byte) {
	in := cryptobyte.String(b)
	for !in.Empty() {
		var value cryptobyte.String
		var tag asn1.Tag
		if rest := in; !in.ReadAnyASN1(&value, &tag) {
			return append(out, rest...)
		}
		content := []byte(value)
		switch {
		case tag&0x20 != 0 && depth > 0:
			content = s.respell(content, depth-1)
		case (tag == asn1.INTEGER || tag == asn1.ENUM) && len(content) > 0:
			sign := byte(int8(content[0]) >> 7)
			content = append(bytes.Repeat([]byte{sign}, s.choose(5)), content...)
		}
		out = append(AppendLength(append(out, byte(tag)), s.choose(10), len(content)), content...)
	}
	return out
}

// AppendLength writes a length in the long form of this many octets, or as DER has it if there are less than four.
func AppendLength(b []byte, octets, n int) []byte {
	if octets < 4 {
		var w cryptobyte.Builder
		w.AddASN1(asn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, n)) })
		whole := w.BytesOrPanic()
		return append(b, whole[1:len(whole)-n]...)
	}
	b = append(b, 0x80|byte(octets))
	for i := octets - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}
