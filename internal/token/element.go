// SPDX-License-Identifier: BSD-2-Clause

package token

import "golang.org/x/crypto/cryptobyte/asn1"

// element is one tag, length and value of ASN.1. The slices alias what it was read from.
type element struct {
	tag   asn1.Tag
	value []byte
	whole []byte // with tag and length, as they came
}

// elements are octets of a peer, from which one element after the other is taken. All messages are read with it, those
// of Kerberos, of SPNEGO and the frame around them.
//
// DER has one form for each length (X.690, Section 10.1). Encoders in the field have more: NetApp's write lengths in more
// octets than they need, and every implementation takes that, as it takes INTEGERs with octets that say nothing. So only
// the value of a length counts here. That is safe for one reason: no two spellings of a message are ever held for two
// messages. What is signed, hashed, decrypted, or compared to notice a repetition, are octets as they came: a
// ciphertext, a Ticket's Raw, a MechTypeList.
//
// Indefinite lengths are refused. Their end is found by recursion only, which a peer can drive (CVE-2020-28196).
type elements []byte

// next takes the first element; ok is false if it is not whole.
func (s *elements) next() (e element, ok bool) {
	tag, length, value, ok := header(*s)
	if !ok || length > uint64(len(value)) {
		return element{}, false
	}
	n := int(length)
	size := len(*s) - len(value) + n
	e = element{tag, value[:n:n], (*s)[:size:size]}
	*s = (*s)[size:]
	return e, true
}

// read takes the first element if it is of this tag.
func (s *elements) read(tag asn1.Tag) (value []byte, ok bool) {
	if !s.at(tag) {
		return nil, false
	}
	e, ok := s.next()
	return e.value, ok
}

// at reports whether the first element is of this tag.
func (s elements) at(tag asn1.Tag) bool { return len(s) > 0 && asn1.Tag(s[0]) == tag }

// header reads a tag of one octet and a length, which what follows may be too short for.
func header(b []byte) (tag asn1.Tag, length uint64, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return 0, 0, nil, false
	}
	tag, length, rest = asn1.Tag(b[0]), uint64(b[1]), b[2:]
	if length < 0x80 {
		return tag, length, rest, true
	}
	count := int(length & 0x7f)
	if count == 0 || count == 0x7f || count > len(rest) {
		return 0, 0, nil, false
	}
	length = 0
	for _, o := range rest[:count] {
		if length > 1<<32 {
			return 0, 0, nil, false
		}
		length = length<<8 | uint64(o)
	}
	return tag, length, rest[count:], true
}

// integer gives the value of an INTEGER's or ENUMERATED's content octets. Octets at its beginning that repeat the sign say
// nothing, however many there are.
func integer(s []byte) (v int64, ok bool) {
	for len(s) > 1 && (s[0] == 0 && s[1] < 0x80 || s[0] == 0xff && s[1] >= 0x80) {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 8 {
		return 0, false
	}
	v = int64(int8(s[0]))
	for _, c := range s[1:] {
		v = v<<8 | int64(c)
	}
	return v, true
}
