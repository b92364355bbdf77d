// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/dertest"
)

// compareWithStrict compares the reader with a strict one, cryptobyte's: both agree on whatever the strict one accepts.
func compareWithStrict(t *testing.T, b []byte, depth int) {
	ours, strict := elements(b), cryptobyte.String(b)
	for !strict.Empty() {
		var whole, value cryptobyte.String
		var tag asn1.Tag
		if !strict.ReadAnyASN1Element(&whole, &tag) {
			return
		}
		before := cryptobyte.String(whole)
		before.ReadAnyASN1(&value, &tag)
		e, ok := ours.next()
		if !ok || e.tag != tag || !bytes.Equal(e.whole, whole) || !bytes.Equal(e.value, value) || !bytes.Equal(ours, strict) {
			t.Fatalf("%x\nis read as %v %+v, %x follows", b, ok, e, []byte(ours))
		}
		number := cryptobyte.String(whole)
		var want int64
		if number.ReadASN1Int64WithTag(&want, tag) {
			if got, ok := integer(e.value); !ok || got != want {
				t.Fatalf("%x is %d, %v, not %d", whole, got, ok, want)
			}
		}
		if tag&0x20 != 0 && depth > 0 {
			compareWithStrict(t, value, depth-1)
		}
	}
}

// takeRaw removes from a message what is kept as received.
func takeRaw(v any) (raw [][]byte) {
	take := func(b *[]byte) {
		raw = append(raw, *b)
		*b = nil
	}
	switch m := v.(type) {
	case *Ticket:
		take(&m.Raw)
	case *APReq:
		take(&m.Ticket.Raw)
	case *KDCRep:
		take(&m.Ticket.Raw)
	case *KRBCred:
		for i := range m.Tickets {
			take(&m.Tickets[i].Raw)
		}
	case *NegTokenInit:
		take(&m.List)
	}
	return raw
}

// notDER lists the codecs for octets that are not entirely DER.
var notDER = []string{"gss-checksum", "context-token", "mit-context", "exported-name", "composite-name", "frame", "pac", "name-attributes", "cammac"}

// checkSpelling parses another encoding of a message: the result is the same, and what is kept as received is
// unchanged.
func checkSpelling(t *testing.T, c codec, b, choices []byte) {
	t.Helper()
	want, err := c.parse(b)
	if err != nil {
		return
	}
	other := dertest.Respell(b, choices)
	got, err := c.parse(other)
	if err != nil {
		t.Fatalf("%x is read, and in another spelling,\n%x, refused: %v", b, other, err)
	}
	raw := takeRaw(got)
	for i, r := range takeRaw(want) {
		if !bytes.Contains(other, raw[i]) || !bytes.Contains(b, r) {
			t.Fatalf("%x is not as it came in\n%x", raw[i], other)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%x\nis %+v\nand in another spelling,\n%x\n%+v", b, want, other, got)
	}
}

func TestOtherSpellingsSayTheSame(t *testing.T) {
	for name, c := range codecs {
		if slices.Contains(notDER, name) {
			continue
		}
		good := assemble(t, readVectors(t, name).base)
		for seed := range 64 {
			choices := make([]byte, 256)
			for i := range choices {
				choices[i] = byte(seed * (i + 1) * 37 >> 3)
			}
			checkSpelling(t, c, good, choices)
		}
	}
}

// FuzzSpelling compares the reader with a strict one, and each message with another encoding of it.
func FuzzSpelling(f *testing.F) {
	for name, c := range codecs {
		file := readVectors(f, name)
		if good := assemble(f, file.base); !slices.Contains(notDER, name) {
			if _, err := c.parse(good); err == nil {
				f.Add(good, []byte{3, 5, 7, 9, 1, 4})
			}
		}
	}
	f.Fuzz(func(t *testing.T, b, choices []byte) {
		compareWithStrict(t, b, 8)
		for name, c := range codecs {
			if !slices.Contains(notDER, name) {
				checkSpelling(t, c, b, choices)
			}
		}
	})
}

func FuzzFrameSpelling(f *testing.F) {
	f.Add(Frame(MechKRB5, TokAPReq, []byte("body")), byte(4), byte(2))
	f.Fuzz(func(t *testing.T, b []byte, outer, inner byte) {
		mech, body, err := Unframe(b)
		if err != nil {
			return
		}
		tagged := func(tag asn1.Tag, octets byte, content []byte) []byte {
			return append(dertest.AppendLength([]byte{byte(tag)}, int(octets%12), len(content)), content...)
		}
		other := tagged(frameTag, outer, append(tagged(asn1.OBJECT_IDENTIFIER, inner, []byte(mech)), body...))
		if m, i, err := Unframe(other); err != nil || m != mech || !bytes.Equal(i, body) {
			t.Fatalf("%x is a frame, and %x is %s %x, %v", b, other, m, i, err)
		}
	})
}
