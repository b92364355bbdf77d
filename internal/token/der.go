// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// generalString is the only string type of Kerberos (RFC 4120, Section 5.2.1). In practice it contains arbitrary
// octets.
const generalString = asn1.Tag(27)

// application and explicit are the two kinds of outer tags in RFC 4120. All numbers are below 31, so a tag is one
// octet.
func application(n uint8) asn1.Tag { return asn1.Tag(0x60 | n) }
func explicit(n uint8) asn1.Tag    { return asn1.Tag(0xa0 | n) }

// fields reads the members of one SEQUENCE in order. After the first error every read returns a zero value; close
// returns the error. The nesting depth is that of the Go code: a peer cannot cause recursion.
type fields struct {
	s    elements
	name string
	err  *status.Error
}

// openMessage enters the [APPLICATION n] SEQUENCE at the beginning of b.
func openMessage(b []byte, n uint8, name string) fields { return open(b, application(n), name) }

// open enters the SEQUENCE in the element with this tag at the beginning of b. As in MIT krb5 and Heimdal, octets
// after it are ignored: some servers send what was left in their buffer, and enctypes with blocks pad what they
// encrypt (RFC 3961, Section 5.3). A message contains its own length, and octets outside it cannot change its meaning.
func open(b []byte, tag asn1.Tag, name string) fields {
	in := elements(b)
	if !in.at(tag) {
		return fields{name: name, err: status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "%s expected, found something else", name)}
	}
	e, ok := in.next()
	if !ok {
		return fields{name: name, err: status.Errorf(status.DefectiveToken, status.ASN1_OVERRUN,
			"%s: truncated, or of no definite length", name)}
	}
	return openWhole(e.value, name)
}

// openWhole enters the SEQUENCE that is all of b.
func openWhole(b []byte, name string) fields {
	f, rest := openSequence(b, name)
	if len(rest) > 0 {
		f.fail(status.ASN1_BAD_LENGTH, "SEQUENCE", "is followed by octets of no field")
	}
	return f
}

// openSequence enters the SEQUENCE at the beginning of b. The caller decides what to do with the rest.
func openSequence(b []byte, name string) (f fields, rest []byte) {
	in, ok := elements(b), false
	f.name = name
	if f.s, ok = in.read(asn1.SEQUENCE); !ok {
		f.fail(status.ASN1_PARSE_ERROR, "content", "is not a SEQUENCE")
	}
	return f, in
}

// choice enters the SEQUENCE chosen in a CHOICE whose alternatives are [0] to [limit-1].
func choice(b []byte, name string, limit uint8) (n uint8, f fields) {
	in := elements(b)
	e, ok := in.next()
	if n = uint8(e.tag) - 0xa0; !ok || n >= limit {
		return 0, fields{name: name, err: status.Errorf(status.DefectiveToken, status.ASN1_BAD_ID, "%s: unknown alternative", name)}
	}
	return n, openWhole(e.value, name)
}

// close returns the first error, or an error if any octets have not been read.
func (f *fields) close() error {
	if f.err == nil && len(f.s) > 0 {
		f.fail(status.ASN1_PARSE_ERROR, "fields", "are unknown or out of order")
	}
	if f.err != nil {
		return f.err
	}
	return nil
}

func (f *fields) fail(minor status.Minor, field, fault string) {
	if f.err == nil {
		f.err = status.Errorf(status.DefectiveToken, minor, "%s: %s %s", f.name, field, fault)
	}
}

// has reports whether the next member is [n]. It is used to read OPTIONAL members.
func (f *fields) has(n uint8) bool { return f.err == nil && f.s.at(explicit(n)) }

// member reads [n] and the single value of any type inside it.
func (f *fields) member(n uint8, field string) (e element) {
	if f.err != nil {
		return e
	}
	if !f.s.at(explicit(n)) {
		f.fail(status.ASN1_MISSING_FIELD, field, "is missing")
		return e
	}
	wrapped, ok := f.s.next()
	if ok {
		in := elements(wrapped.value)
		if e, ok = in.next(); ok && len(in) > 0 {
			f.fail(status.ASN1_BAD_LENGTH, field, "is followed by octets of no field")
		}
	}
	if !ok {
		f.fail(status.ASN1_OVERRUN, field, "is truncated, or of no definite length")
	}
	return e
}

// of returns the value of an element, which must have this type.
func (f *fields) of(e element, tag asn1.Tag, field string) []byte {
	if f.err == nil && e.tag != tag {
		f.fail(status.ASN1_BAD_ID, field, "has another type")
	}
	if f.err != nil {
		return nil
	}
	return e.value
}

// next reads [n] and the single value of the given type inside it.
func (f *fields) next(n uint8, tag asn1.Tag, field string) []byte {
	return f.of(f.member(n, field), tag, field)
}

// sequence enters the SEQUENCE in [n]. leave must be called with the result.
func (f *fields) sequence(n uint8, field string) fields {
	s := f.next(n, asn1.SEQUENCE, field)
	return fields{s: s, name: field, err: f.err}
}

func (f *fields) leave(sub *fields) { f.parsed(sub.close()) }

// element enters the next SEQUENCE of a SEQUENCE OF.
func (f *fields) element(field string) fields {
	s := f.listed(asn1.SEQUENCE, field, "is not a SEQUENCE")
	return fields{s: s, name: field, err: f.err}
}

// listed reads the next element of a list, which must have this type.
func (f *fields) listed(tag asn1.Tag, field, fault string) []byte {
	if f.err != nil {
		return nil
	}
	value, ok := f.s.read(tag)
	if !ok {
		f.fail(status.ASN1_PARSE_ERROR, field, fault)
	}
	return value
}

// more reports whether a SEQUENCE OF has more elements.
func (f *fields) more() bool { return f.err == nil && len(f.s) > 0 }

// moreOf is more for a list that may have limit elements, count of which have been read.
func (f *fields) moreOf(count, limit int) bool {
	if f.more() && count == limit {
		f.fail(status.ASN1_OVERFLOW, "list", "has too many elements")
	}
	return f.more()
}

func (f *fields) integer(n uint8, field string, low, high int64) int64 {
	return f.integerOf(f.member(n, field), asn1.INTEGER, field, low, high)
}

func (f *fields) integerOf(e element, tag asn1.Tag, field string, low, high int64) int64 {
	s := f.of(e, tag, field)
	if f.err != nil {
		return 0
	}
	v, ok := integer(s)
	if !ok {
		f.fail(status.ASN1_BAD_LENGTH, field, "is empty or a number of more than 8 octets")
		return 0
	}
	if v < low || v > high {
		f.fail(status.ASN1_OVERFLOW, field, "is out of range")
		return 0
	}
	return v
}

func (f *fields) int32(n uint8, field string) int32 {
	return int32(f.integer(n, field, math.MinInt32, math.MaxInt32))
}

// uint32 reads a UInt32. Numbers down to -2^31 are accepted as two's complement: peers that store them in a signed int
// send sequence numbers in this form, and Windows sends the key version numbers of read-only domain controllers.
func (f *fields) uint32(n uint8, field string) uint32 {
	return uint32(f.integer(n, field, math.MinInt32, math.MaxUint32))
}

func (f *fields) microseconds(n uint8, field string) uint32 {
	return uint32(f.integer(n, field, 0, 999999))
}

// constant reads an INTEGER that must have a certain value.
func (f *fields) constant(n uint8, field string, want int64, minor status.Minor) {
	if v := f.integer(n, field, math.MinInt64, math.MaxInt64); f.err == nil && v != want {
		f.err = status.Errorf(status.DefectiveToken, minor, "%s: %s is %d, not %d", f.name, field, v, want)
	}
}

// header reads the pvno and msg-type at the beginning of every message.
func (f *fields) header(msgType int64) {
	f.constant(0, "pvno", 5, status.KRB5KRB_AP_ERR_BADVERSION)
	f.constant(1, "msg-type", msgType, status.KRB5KRB_AP_ERR_MSG_TYPE)
}

// octets aliases the input and is not nil unless a read has failed.
func (f *fields) octets(n uint8, field string) []byte { return f.next(n, asn1.OCTET_STRING, field) }

func (f *fields) text(n uint8, field string) string { return string(f.next(n, generalString, field)) }

// noNUL rejects a NUL octet in a name or realm: no principal contains one, and a peer that compares with strcmp(3)
// would see a different name than we do (CVE-2015-2697).
func (f *fields) noNUL(b []byte, field string) string {
	if bytes.IndexByte(b, 0) >= 0 {
		f.fail(status.KRB5_PARSE_ILLCHAR, field, "has a NUL octet")
		return ""
	}
	return string(b)
}

func (f *fields) realm(n uint8, field string) string {
	return f.noNUL(f.next(n, generalString, field), field)
}

// flags reads KerberosFlags: the first bit of the BIT STRING is bit 31 of the result. RFC 4120, Section 5.2.8,
// requires senders to send at least 32 bits. Shorter strings are accepted with zeros appended, because encoders of
// named bit lists omit zeros; as the RFC asks, further bits are ignored. Unused bits are zero in DER and are treated
// as zero here.
func (f *fields) flags(n uint8, field string) uint32 {
	s := f.next(n, asn1.BIT_STRING, field)
	if f.err != nil {
		return 0
	}
	if len(s) == 0 || s[0] > 7 || s[0] > 0 && len(s) == 1 {
		f.fail(status.ASN1_BAD_FORMAT, field, "is not a BIT STRING")
		return 0
	}
	var b [4]byte
	copy(b[:], s[1:])
	if unused := s[0]; len(s) <= 1+len(b) && unused > 0 {
		b[len(s)-2] &^= 1<<unused - 1
	}
	return binary.BigEndian.Uint32(b[:])
}

// time reads a KerberosTime: GeneralizedTime with exactly YYYYMMDDHHMMSSZ (RFC 4120, Section 5.2.3).
func (f *fields) time(n uint8, field string) time.Time {
	s := f.next(n, asn1.GeneralizedTime, field)
	if f.err != nil {
		return time.Time{}
	}
	t, ok := kerberosTime(s)
	if !ok {
		f.fail(status.ASN1_BAD_TIMEFORMAT, field, "is not a KerberosTime")
	}
	return t
}

func (f *fields) optionalTime(n uint8, field string) time.Time {
	if !f.has(n) {
		return time.Time{}
	}
	return f.time(n, field)
}

func kerberosTime(s []byte) (time.Time, bool) {
	if len(s) != 15 || s[14] != 'Z' {
		return time.Time{}, false
	}
	var v [7]int // two digits each
	for i := range v {
		hi, lo := s[2*i]-'0', s[2*i+1]-'0'
		if hi > 9 || lo > 9 {
			return time.Time{}, false
		}
		v[i] = int(hi)*10 + int(lo)
	}
	if v[4] > 23 || v[5] > 59 || v[6] > 59 {
		return time.Time{}, false
	}
	t := time.Date(v[0]*100+v[1], time.Month(v[2]), v[3], v[4], v[5], v[6], 0, time.UTC)
	if int(t.Month()) != v[2] || t.Day() != v[3] { // time.Date has carried a day or month that does not exist
		return time.Time{}, false
	}
	return t, true
}
