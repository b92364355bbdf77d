// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// Types of PAData (RFC 4120, Section 7.5.2; RFC 6113, Section 7.1; RFC 6806, Section 11; RFC 9588, Section 12.1).
const (
	PATGSReq             int32 = 1 // Value is an AP-REQ
	PAEncTimestamp       int32 = 2
	PAPWSalt             int32 = 3 // Value is the salt
	PAETypeInfo          int32 = 11
	PAETypeInfo2         int32 = 19
	PAFXCookie           int32 = 133
	PAFXFast             int32 = 136
	PAFXError            int32 = 137 // Value is a KRB-ERROR
	PAEncryptedChallenge int32 = 138
	PAReqEncPARep        int32 = 149
	PASPAKE              int32 = 151
)

// PAData is one element of padata (RFC 4120, Section 5.2.7). Value aliases the input of the parser.
type PAData struct {
	Type  int32
	Value []byte
}

// FindPAData returns the first element of a type, or nil if there is none.
func FindPAData(list []PAData, kind int32) *PAData {
	for i := range list {
		if list[i].Type == kind {
			return &list[i]
		}
	}
	return nil
}

func (f *fields) padata(n uint8, field string) []PAData {
	sub := f.sequence(n, field)
	list := sub.padataList()
	f.leave(&sub)
	return list
}

func (f *fields) padataList() []PAData {
	return typedList(f, "PA-DATA", 1, "padata-type", "padata-value", func(t int32, v []byte) PAData { return PAData{t, v} })
}

func addPAData(b *builder, list []PAData) {
	for _, pa := range list {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) { addPair(b, 1, pa.Type, pa.Value) })
	}
}

func padataSize(list []PAData) (size int) {
	for _, pa := range list {
		size += len(pa.Value) + 16
	}
	return size
}

// ParseMethodData parses METHOD-DATA, the e-data of a KRB-ERROR that requires preauthentication (RFC 4120, Section
// 5.9.1). Anyone can have written it.
func ParseMethodData(b []byte) ([]PAData, error) {
	f, _ := openSequence(b, "METHOD-DATA")
	list := f.padataList()
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// ETypeInfo says how the KDC derives a key of an enctype from the client's password: an ETYPE-INFO2-ENTRY or
// ETYPE-INFO-ENTRY (RFC 4120, Sections 5.2.7.4 and 5.2.7.5). If HasSalt is not set, the salt is the default one, made
// of the client's name. S2KParams is nil if it was not sent, and aliases the input of the parser.
type ETypeInfo struct {
	EType     int32
	Salt      string
	HasSalt   bool
	S2KParams []byte
}

// ParseETypeInfo2 parses an ETYPE-INFO2, which is in the KDC's order of preference.
func ParseETypeInfo2(b []byte) ([]ETypeInfo, error) {
	return parseETypeInfo(b, "ETYPE-INFO2", func(f *fields, e *ETypeInfo) {
		if e.HasSalt = f.has(1); e.HasSalt {
			e.Salt = f.text(1, "salt")
		}
		if f.has(2) {
			e.S2KParams = f.octets(2, "s2kparams")
		}
	})
}

// ParseETypeInfo parses an ETYPE-INFO, which KDCs send to clients that support no newer enctype than RC4 and triple
// DES.
func ParseETypeInfo(b []byte) ([]ETypeInfo, error) {
	return parseETypeInfo(b, "ETYPE-INFO", func(f *fields, e *ETypeInfo) {
		if e.HasSalt = f.has(1); e.HasSalt {
			e.Salt = string(f.octets(1, "salt"))
		}
	})
}

func parseETypeInfo(b []byte, name string, rest func(*fields, *ETypeInfo)) ([]ETypeInfo, error) {
	f, _ := openSequence(b, name)
	var list []ETypeInfo
	for f.moreOf(len(list), maxEtypes) {
		sub := f.element("entry")
		e := ETypeInfo{EType: sub.int32(0, "etype")}
		rest(&sub, &e)
		f.leave(&sub)
		list = append(list, e)
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// MarshalTimestamp returns the DER encoding of a PA-ENC-TS-ENC (RFC 4120, Section 5.2.7.2).
func MarshalTimestamp(t time.Time) []byte {
	b := newBuilder(32)
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addTime(b, 0, t)
		addInt(b, 1, int64(t.Nanosecond()/1000))
	})
	return b.Bytes()
}

// ParseTimestamp parses a PA-ENC-TS-ENC.
func ParseTimestamp(b []byte) (time.Time, error) {
	f, _ := openSequence(b, "PA-ENC-TS-ENC")
	t := f.time(0, "patimestamp")
	if f.has(1) {
		t = t.Add(time.Duration(f.microseconds(1, "pausec")) * time.Microsecond)
	}
	if err := f.close(); err != nil {
		return time.Time{}, err
	}
	return t, nil
}
