// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/status"
)

// aliases reports whether part lies in the memory of whole.
func aliases(whole, part []byte) bool {
	for i := range whole {
		if &whole[i] == &part[0] {
			return true
		}
	}
	return false
}

func TestAPReqFields(t *testing.T) {
	b := assemble(t, readVectors(t, "ap-req").base)
	m, err := ParseAPReq(b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Options != APMutualRequired {
		t.Errorf("options %#x", m.Options)
	}
	if s := m.Ticket.SName.String(); s != "host/a@R" || m.Ticket.SName.Type != NTSrvHst {
		t.Errorf("service %s, type %d", s, m.Ticket.SName.Type)
	}
	want := EncryptedData{EType: 18, KVNO: 3, HasKVNO: true, Cipher: []byte{0xd1, 0xd2, 0xd3, 0xd4}}
	if !reflect.DeepEqual(m.Ticket.Enc, want) {
		t.Errorf("enc-part %+v", m.Ticket.Enc)
	}
	if m.Authenticator.EType != 17 || m.Authenticator.HasKVNO || !aliases(b, m.Authenticator.Cipher) {
		t.Errorf("authenticator %+v", m.Authenticator)
	}
	if raw := m.Ticket.Raw; !aliases(b, raw) || !bytes.Equal(raw, m.Ticket.Marshal()) {
		t.Errorf("raw ticket %x", raw)
	}
}

// A ticket goes on in the issuer's own encoding, even where we would write it otherwise.
func TestAPReqKeepsTheTicketsOctets(t *testing.T) {
	raw := assemble(t, `61{30{ a0{02{05}} a1{1b{"R"}} a2{30{ a0{02{01}} a1{30{}} }}
		a3{30{ a0{02{12}} a1{02{ff}} a2{04{}} }} }}`)
	m := &APReq{Ticket: Ticket{Raw: raw}}
	got, err := ParseAPReq(m.Marshal())
	if err != nil || !bytes.Equal(got.Ticket.Raw, raw) || got.Ticket.Enc.KVNO != 0xffffffff {
		t.Fatalf("%+v, %v", got, err)
	}
	if bytes.Equal(got.Ticket.Marshal(), raw) {
		t.Fatal("the ticket is one that we write in the same way, so this test shows nothing")
	}
}

func TestEncTicketPartFields(t *testing.T) {
	m, err := ParseEncTicketPart(assemble(t, readVectors(t, "enc-ticket-part").base))
	if err != nil {
		t.Fatal(err)
	}
	day := func(d, s int) time.Time { return time.Date(2026, 1, d, 0, 0, s, 0, time.UTC) }
	want := &EncTicketPart{
		Flags: TicketForwardable | TicketPreauthent, Key: EncryptionKey{18, bytes.Repeat([]byte{0x11}, 32)},
		Client:    Principal{NTPrincipal, []string{"u"}, "R"},
		Transited: Transited{1, []byte("A.R,B.R")},
		AuthTime:  day(1, 0), StartTime: day(1, 1), EndTime: day(2, 0), RenewTill: day(3, 0),
		Addresses: []HostAddress{{2, []byte{127, 0, 0, 1}}, {24, append(make([]byte, 15), 1)}},
		AuthData:  []AuthDataEntry{{ADIfRelevant, []byte{0x30, 0}}, {ADWin2kPAC, []byte{}}},
	}
	if !reflect.DeepEqual(m, want) {
		t.Fatalf("\n%+v\nnot\n%+v", m, want)
	}
}

func TestKRBErrorFields(t *testing.T) {
	m, err := ParseKRBError(assemble(t, readVectors(t, "krb-error").base))
	if err != nil {
		t.Fatal(err)
	}
	want := &KRBError{
		CTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), CUSec: 1,
		STime: time.Date(2026, 1, 1, 0, 20, 0, 0, time.UTC), SUSec: 2,
		Code: 37, Client: &Principal{NTPrincipal, []string{"u"}, "CR"},
		SName: Principal{NTSrvHst, []string{"host", "a"}, "SR"},
		Text:  "text", Data: []byte{0xa0, 0xa1},
	}
	if !reflect.DeepEqual(m, want) {
		t.Fatalf("\n%+v\nnot\n%+v", m, want)
	}
}

func TestKRBErrorMessageIsFitForALog(t *testing.T) {
	for text, want := range map[string]string{
		"PROCESS_TGS\x00":              "PROCESS_TGS",
		"a\x00b":                       "a",
		"\x1b[2Jx\r\ny\x7f":            "?[2Jx??y?",
		"für":                          "für",
		"\xff\xfe":                     "??",
		"\u009bm":                      "?m",
		strings.Repeat("x", 1000):      strings.Repeat("x", 256),
		strings.Repeat("x", 255) + "ü": strings.Repeat("x", 255) + "?",
	} {
		if got := (&KRBError{Text: text}).Message(); got != want {
			t.Errorf("%q gives %q, not %q", text, got, want)
		}
	}
}

func TestTimesAreWrittenInUTCAndWholeSeconds(t *testing.T) {
	in := time.Date(2026, 7, 1, 1, 30, 0, 999999999, time.FixedZone("", 2*3600))
	m, err := ParseEncAPRepPart((&EncAPRepPart{CTime: in}).Marshal())
	if want := time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC); err != nil || m.CTime != want {
		t.Fatalf("%v, %v", m, err)
	}
}

func TestTimesOutsideOfFourDigitsAreTheNearest(t *testing.T) {
	for _, test := range []struct{ in, want time.Time }{
		{time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		m, err := ParseEncAPRepPart((&EncAPRepPart{CTime: test.in}).Marshal())
		if err != nil || m.CTime != test.want {
			t.Errorf("%v: %v, %v", test.in, m, err)
		}
	}
}

func TestBindingsHashIsMD5OverLittleEndianFields(t *testing.T) {
	in := "\x02\x00\x00\x00" + "\x04\x00\x00\x00" + "\x7f\x00\x00\x01" +
		"\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x03\x00\x00\x00" + "abc"
	if got := BindingsHash(2, []byte{127, 0, 0, 1}, 0, nil, []byte("abc")); got != md5.Sum([]byte(in)) {
		t.Fatalf("%x", got)
	}
}

// Structures with nothing in them are bindings; they do not hash to the zeros that stand for none.
func TestBindingsHashOfEmptyBindingsIsNotZero(t *testing.T) {
	if BindingsHash(0, nil, 0, nil, nil) != md5.Sum(make([]byte, 20)) {
		t.Fatal("not the hash of five zero words")
	}
}

func TestGSSChecksumKeepsFlagAndFieldsInStep(t *testing.T) {
	for _, test := range []struct {
		name string
		in   GSSChecksum
		want bool
	}{
		{"flag without credentials", GSSChecksum{Flags: 1}, false},
		{"credentials without flag", GSSChecksum{HasDeleg: true, Deleg: []byte("x")}, true},
		{"empty credentials", GSSChecksum{Flags: 1, HasDeleg: true}, false},
		{"longest credentials", GSSChecksum{HasDeleg: true, Deleg: make([]byte, MaxDeleg)}, true},
		{"credentials too long", GSSChecksum{HasDeleg: true, Deleg: make([]byte, MaxDeleg+1)}, false},
	} {
		got, err := ParseGSSChecksum(test.in.Marshal())
		if err != nil || got.HasDeleg != test.want || got.Flags&flagDeleg != 0 != test.want {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
}

func TestDeleteTokenHeader(t *testing.T) {
	b := assemble(t, readVectors(t, "delete-token").base)
	m, err := ParseDelete(b)
	if err != nil || m.SndSeq != 7 || m.Flags != 4 || !bytes.Equal(m.Header, b[:16]) || len(m.Checksum) != 12 {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestTokenIDIsOfTwoOctets(t *testing.T) {
	if _, _, err := TokenID([]byte{1}); status.Of(err).Minor != status.G_TOK_TRUNC {
		t.Fatal(err)
	}
	if id, body, err := TokenID([]byte{3, 0, 9}); id != TokError || len(body) != 1 || err != nil {
		t.Fatal(id, body, err)
	}
}

// kernelToken is the token of FreeBSD's format written down by hand, independently of the notation of the vectors.
func kernelToken(t *testing.T) []byte {
	text, err := os.ReadFile("testdata/context-token-kernel.hex")
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return append(b, make([]byte, 76)...)
}

func TestContextTokenIsTheKernels(t *testing.T) {
	kernel := kernelToken(t)
	if b := assemble(t, readVectors(t, "context-token").base); !bytes.Equal(b, kernel) {
		t.Fatalf("the vector file has another token:\n%x", b)
	}
	count := func(from byte) []byte {
		b := make([]byte, 32)
		for i := range b {
			b[i] = from + byte(i)
		}
		return b
	}
	c := &ContextToken{
		Mech:         MechKRB5,
		ACFlags:      ACDoTime | ACDoSequence | 64,
		Key:          &EncryptionKey{18, count(0)},
		LocalSubkey:  &EncryptionKey{18, count(0x20)},
		RemoteSubkey: &EncryptionKey{18, count(0x40)},
		LocalSeq:     0x11223344,
		RemoteSeq:    0x01020304,
		Source:       MarshalExportedName(MechKRB5, []byte("nfs/client@EX.ORG")),
		Target:       MarshalExportedName(MechKRB5, []byte("nfs/srv@EX.ORG")),
		Flags:        0x13e,
		MoreFlags:    MoreLocal | MoreOpen | MoreAcceptorSubkey | MoreCFX,
		EndTime:      1800000000,
		Order:        NewMessageOrder(OrderReplay|OrderSequence, 0x01020304),
	}
	b, err := c.Marshal()
	if err != nil || !bytes.Equal(b, kernel) {
		t.Fatalf("marshals to\n%x, %v\nnot to\n%x", b, err, kernel)
	}
	got, err := ParseContextToken(kernel)
	if err != nil || len(got.Private) != 0 {
		t.Fatal(got, err)
	}
	got.Private = nil
	if !reflect.DeepEqual(got, c) {
		t.Fatalf("\n%+v\nnot\n%+v", got, c)
	}
}

// What FreeBSD's kernel does not check, the writer does.
func TestContextTokenThatWouldHurtTheKernelIsNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*ContextToken){
		"short key":                func(c *ContextToken) { c.Key.Value = c.Key.Value[:31] },
		"long subkey":              func(c *ContextToken) { c.LocalSubkey.Value = make([]byte, 33) },
		"no room in the window":    func(c *ContextToken) { c.Order.Elems = nil },
		"length beyond the window": func(c *ContextToken) { c.Order.Length = JitterWindow + 1 },
		"no acceptor subkey":       func(c *ContextToken) { c.RemoteSubkey = nil },
		"acceptor without its own subkey": func(c *ContextToken) {
			c.MoreFlags &^= MoreLocal
			c.LocalSubkey = nil
		},
		"enctype of 17 bits": func(c *ContextToken) { c.Key.EType = 0x10012 },
		"address type of 17 bits": func(c *ContextToken) {
			c.LocalAddress = &HostAddress{Type: 0x10002}
		},
	} {
		c, err := ParseContextToken(kernelToken(t))
		if err != nil {
			t.Fatal(err)
		}
		spoil(c)
		if b, err := c.Marshal(); err == nil {
			t.Errorf("%s: written: %x", name, b)
		}
	}
}
