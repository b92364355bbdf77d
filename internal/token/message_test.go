// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/hex"
	"testing"

	"libgssapi/internal/status"
)

func TestMessageHeadersHaveTheLayoutOfTheRFC(t *testing.T) {
	b := make([]byte, MessageHeaderSize)
	MICHeader{Flags: 0x05, SndSeq: 0x0102030405060708}.Put(b)
	if got := hex.EncodeToString(b); got != "040405ffffffffff0102030405060708" {
		t.Errorf("MIC header is %s", got)
	}
	WrapHeader{Flags: 0x06, EC: 0x1122, RRC: 0x3344, SndSeq: 0x0102030405060708}.Put(b)
	if got := hex.EncodeToString(b); got != "050406ff112233440102030405060708" {
		t.Errorf("Wrap header is %s", got)
	}
}

func TestMalformedMessageHeadersAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, tok string
		mic       bool
		want      status.Minor
	}{
		{"mic-empty", "", true, status.G_TOK_TRUNC},
		{"mic-one-octet", "04", true, status.G_TOK_TRUNC},
		{"mic-header-cut", "040405ffffffffff01020304050607", true, status.G_TOK_TRUNC},
		{"mic-tok-id-of-wrap", "050405ffffffffff0102030405060708", true, status.G_WRONG_TOKID},
		{"mic-tok-id-of-rfc-1964", "010105ffffffffff0102030405060708", true, status.G_WRONG_TOKID},
		{"mic-first-filler", "04040500ffffffff0102030405060708", true, status.G_BAD_TOK_HEADER},
		{"mic-last-filler", "040405fffffffffe0102030405060708", true, status.G_BAD_TOK_HEADER},
		{"wrap-empty", "", false, status.G_TOK_TRUNC},
		{"wrap-one-octet", "05", false, status.G_TOK_TRUNC},
		{"wrap-header-cut", "050406ff1122334401020304050607", false, status.G_TOK_TRUNC},
		{"wrap-tok-id-of-mic", "040406ff112233440102030405060708", false, status.G_WRONG_TOKID},
		{"wrap-tok-id-of-rfc-1964", "020106ff112233440102030405060708", false, status.G_WRONG_TOKID},
		{"wrap-filler", "05040600112233440102030405060708", false, status.G_BAD_TOK_HEADER},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := hex.DecodeString(c.tok)
			if err != nil {
				t.Fatal(err)
			}
			if c.mic {
				_, _, err = ParseMIC(b)
			} else {
				_, _, err = ParseWrap(b)
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if e := status.Of(err); e.Major != status.DefectiveToken || e.Minor != c.want {
				t.Errorf("major %x, minor %x, want %x", e.Major, e.Minor, c.want)
			}
		})
	}
}

func TestUnrotateReducesRRC(t *testing.T) {
	for rrc, want := range map[uint16]string{0: "abcde", 1: "bcdea", 5: "abcde", 6: "bcdea", 65535: "abcde"} {
		a, b := WrapHeader{RRC: rrc}.Unrotate([]byte("abcde"))
		if got := string(a) + string(b); got != want {
			t.Errorf("RRC %d gives %s, want %s", rrc, got, want)
		}
	}
	if a, b := (WrapHeader{RRC: 7}).Unrotate(nil); len(a)+len(b) != 0 {
		t.Error("an empty body became longer")
	}
}

func TestSameMessageComparesAllButRRC(t *testing.T) {
	h := WrapHeader{Flags: 6, EC: 1, RRC: 2, SndSeq: 3}
	b := make([]byte, MessageHeaderSize)
	h.Put(b)
	for i := range b {
		b[i] ^= 1
		if got, want := h.SameMessage(b), i == 6 || i == 7; got != want {
			t.Errorf("octet %d changed: %v", i, got)
		}
		b[i] ^= 1
	}
	if !h.SameMessage(b) || h.SameMessage(b[:15]) || h.SameMessage(append(b, 0)) {
		t.Error("wrong answer for a copy, a shorter or a longer one")
	}
}

func FuzzParseMIC(f *testing.F) {
	b := make([]byte, MessageHeaderSize)
	MICHeader{Flags: 4, SndSeq: 5}.Put(b)
	f.Add(b)
	f.Add(append(b, "checksum"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, sum, err := ParseMIC(b)
		if err != nil {
			if status.Of(err).Major != status.DefectiveToken {
				t.Errorf("%v", err)
			}
			return
		}
		again := make([]byte, MessageHeaderSize)
		h.Put(again)
		if !bytes.Equal(append(again, sum...), b) {
			t.Errorf("%x becomes %x", b, again)
		}
	})
}

func FuzzParseWrap(f *testing.F) {
	b := make([]byte, MessageHeaderSize)
	WrapHeader{Flags: 6, EC: 1, RRC: 28, SndSeq: 5}.Put(b)
	f.Add(b)
	f.Add(append(b, "some data in the body"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, body, err := ParseWrap(b)
		if err != nil {
			if status.Of(err).Major != status.DefectiveToken {
				t.Errorf("%v", err)
			}
			return
		}
		again := make([]byte, MessageHeaderSize)
		h.Put(again)
		if !bytes.Equal(append(again, body...), b) {
			t.Errorf("%x becomes %x", b, again)
		}
		x, y := h.Unrotate(body)
		if !bytes.Equal(append(bytes.Clone(y), x...), body) {
			t.Errorf("RRC %d of %d octets loses some", h.RRC, len(body))
		}
	})
}
