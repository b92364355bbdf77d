// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// tags maps messages to their application tags.
var tags = map[string]byte{"ap-req": 0x6e, "authenticator": 0x62, "ticket": 0x61, "enc-ticket-part": 0x63,
	"ap-rep": 0x6f, "enc-ap-rep-part": 0x7b, "krb-error": 0x7e, "krb-cred": 0x76, "enc-krb-cred-part": 0x7d}

// Nested indefinite lengths made MIT krb5 recurse until the stack overflowed. Here the first one is refused, whether or
// not the message's own tags are right, so that the work does not grow with the input.
func TestCVE2020_28196_NestedIndefiniteLengths(t *testing.T) {
	nest := bytes.Repeat([]byte{0x30, 0x80}, 1<<19)
	for name, c := range codecs {
		for _, b := range [][]byte{nest, append([]byte{tags[name], 0x80}, nest...),
			append([]byte{tags[name], 0x83, 0x10, 0x00, 0x00}, nest...)} {
			if _, err := c.parse(b); err == nil {
				t.Fatalf("%s: accepted", name)
			}
			if n := testing.AllocsPerRun(10, func() { c.parse(b) }); n > 50 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}

// The same with definite lengths, which are DER: authorization data nested 2000 deep. Only one level is read.
func TestNestedAuthorizationDataIsReadOneLevelDeep(t *testing.T) {
	inner := []byte{0x30, 0x00}
	for range 2000 {
		inner = MarshalAuthData([]AuthDataEntry{{Type: ADIfRelevant, Data: inner}})
	}
	list, err := ParseAuthData(inner)
	if err != nil || len(list) != 1 || list[0].Type != ADIfRelevant {
		t.Fatalf("%d elements, %v", len(list), err)
	}
	if n := testing.AllocsPerRun(10, func() { ParseAuthData(inner) }); n > 5 {
		t.Errorf("%v allocations", n)
	}
}

func TestListsAreBounded(t *testing.T) {
	ticket := (&Ticket{SName: Principal{Components: []string{"a"}, Realm: "R"}}).Marshal()
	for _, test := range []struct {
		list  string
		limit int
		make  func(n int) []byte
		parse func([]byte) error
	}{
		{"enctypes", maxEtypes, func(n int) []byte {
			return MarshalEtypeList(make([]int32, n))
		}, func(b []byte) error { _, err := ParseEtypeList(b); return err }},
		{"tickets", maxTickets, func(n int) []byte {
			return (&KRBCred{Tickets: slices.Repeat([]Ticket{{Raw: ticket}}, n)}).Marshal()
		}, func(b []byte) error { _, err := ParseKRBCred(b); return err }},
		{"ticket info", maxTickets, func(n int) []byte {
			return (&EncKRBCredPart{Info: make([]KRBCredInfo, n)}).Marshal()
		}, func(b []byte) error { _, err := ParseEncKRBCredPart(b); return err }},
		{"components", maxComponents, func(n int) []byte {
			return (&Ticket{SName: Principal{Components: make([]string, n)}}).Marshal()
		}, func(b []byte) error { _, err := ParseTicket(b); return err }},
	} {
		if err := test.parse(test.make(test.limit)); err != nil {
			t.Errorf("%d %s: %v", test.limit, test.list, err)
		}
		err := test.parse(test.make(test.limit + 1))
		if err == nil || !strings.Contains(err.Error(), "too many elements") {
			t.Errorf("%d %s: %v", test.limit+1, test.list, err)
		}
		if status.Of(err).Minor != status.ASN1_OVERFLOW {
			t.Errorf("%s: minor %#x", test.list, status.Of(err).Minor)
		}
	}
}

// A host may have any number of addresses, and a KDC may make any number of statements.
func TestListsThatAreBoundedBySizeAlone(t *testing.T) {
	const n = 10000
	part, err := ParseEncTicketPart((&EncTicketPart{
		Addresses: make([]HostAddress, n), AuthData: make([]AuthDataEntry, n)}).Marshal())
	if err != nil || len(part.Addresses) != n || len(part.AuthData) != n {
		t.Fatalf("%d addresses, %d elements, %v", len(part.Addresses), len(part.AuthData), err)
	}
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) { addPAData(b, make([]PAData, n)) })
	if list, err := ParseMethodData(b.Bytes()); err != nil || len(list) != n {
		t.Errorf("%d methods, %v", len(list), err)
	}
	// A list takes no more than a few times the memory of the octets that carry it.
	in := MarshalAuthData(make([]AuthDataEntry, n))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ParseAuthData(in)
	runtime.ReadMemStats(&after)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 20*uint64(len(in)) {
		t.Errorf("%d octets cost %d", len(in), cost)
	}
}

// Every length field of a 0x8003 checksum is tried with every number of octets after it.
func TestCVE2010_1321_EveryChecksumLength(t *testing.T) {
	whole := (&GSSChecksum{Flags: 0x3f, HasDeleg: true, Deleg: []byte("cred")}).Marshal()
	for n := range whole {
		if c, err := ParseGSSChecksum(whole[:n:n]); err == nil {
			t.Errorf("%d octets are accepted: %+v", n, c)
		}
	}
	for n := range 0x10000 {
		b := bytes.Clone(whole)
		b[26], b[27] = byte(n), byte(n>>8)
		if c, err := ParseGSSChecksum(b); (err == nil) != (n >= 1 && n <= 4) {
			t.Errorf("Dlgth %d: %+v, %v", n, c, err)
		}
	}
}

// An Authenticator without a checksum is parsed to nil, so that code that forgets to check fails in a test and not at a
// customer's.
func TestCVE2010_1321_AbsentChecksumIsNil(t *testing.T) {
	a := &Authenticator{Client: Principal{Components: []string{"u"}, Realm: "R"}}
	got, err := ParseAuthenticator(a.Marshal())
	if err != nil || got.Checksum != nil {
		t.Fatalf("%+v, %v", got.Checksum, err)
	}
}

func TestSequenceNumbersAre32BitsUnsigned_dac8de0b26(t *testing.T) {
	for _, n := range []uint32{0, 1, 0x7f, 0x80, 0x7fffffff, 0x80000000, 0xffffffff} {
		a, err := ParseAuthenticator((&Authenticator{SeqNumber: n, HasSeq: true}).Marshal())
		if err != nil || a.SeqNumber != n || !a.HasSeq {
			t.Errorf("authenticator, %#x: %+v, %v", n, a, err)
		}
		p, err := ParseEncAPRepPart((&EncAPRepPart{SeqNumber: n, HasSeq: true}).Marshal())
		if err != nil || p.SeqNumber != n || !p.HasSeq {
			t.Errorf("AP-REP, %#x: %+v, %v", n, p, err)
		}
	}
}

// No error text quotes the input, which may be a key.
func TestErrorsDoNotQuoteKeys(t *testing.T) {
	key := []byte("SECRETSECRETSECRET")
	k := &EncryptionKey{EType: 17, Value: key}
	if _, err := (&ContextToken{Mech: MechKRB5, Key: k}).Append(nil); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
	b := (&EncAPRepPart{Subkey: k}).Marshal()
	b[len(b)-len(key)-1]++ // the key's length
	if _, err := ParseEncAPRepPart(b); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
}
