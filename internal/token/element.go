// SPDX-License-Identifier: BSD-2-Clause

package token

import "golang.org/x/crypto/cryptobyte/asn1"

// element is one tag, length and value of ASN.1. Its slices alias the input.
type element struct {
	tag   asn1.Tag
	value []byte
	whole []byte // with tag and length, as they came
}

// elements are octets from a peer, which are read one element at a time. All messages are read this way: those of
// Kerberos and SPNEGO, and the framing around them.
//
// DER has one form for each length (X.690, Section 10.1). Encoders in the field use others: NetApp's writes lengths in
// more octets than needed, which every implementation accepts, as it accepts INTEGERs with redundant octets. So only
// the value of a length matters here. This is safe because two encodings of a message are never treated as two
// messages: what is signed, hashed, decrypted, or compared to detect a replay are the octets as received (a
// ciphertext, a Ticket's Raw, a MechTypeList).
//
// Indefinite lengths are rejected. Finding their end requires recursion, which a peer could drive (CVE-2020-28196).
type elements []byte

// next reads the first element. ok is false if it is incomplete.
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

// read reads the first element if it has this tag.
func (s *elements) read(tag asn1.Tag) (value []byte, ok bool) {
	if !s.at(tag) {
		return nil, false
	}
	e, ok := s.next()
	return e.value, ok
}

// at reports whether the first element has this tag.
func (s elements) at(tag asn1.Tag) bool { return len(s) > 0 && asn1.Tag(s[0]) == tag }

// header reads a tag of one octet and a length, which may exceed what follows.
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

// integer returns the value of the content octets of an INTEGER or ENUMERATED. Leading octets that only repeat the
// sign are ignored, however many there are.
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
