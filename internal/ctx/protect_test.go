// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var allTypes = []crypto.EType{crypto.AES128SHA1, crypto.AES256SHA1, crypto.AES128SHA2, crypto.AES256SHA2}

// heap is a Memory that counts and remembers.
type heap struct {
	Memory
	live map[*byte]int
	// dirty is set when memory came back with something in it.
	dirty bool
}

func newHeap() *heap {
	h := &heap{live: make(map[*byte]int)}
	h.Alloc = func(n int) []byte {
		if n < 1 {
			panic("allocation of nothing")
		}
		b := bytes.Repeat([]byte{0xa5}, n)
		h.live[&b[0]] = n
		return b
	}
	h.Free = func(b []byte) {
		if h.live[&b[0]] != len(b) {
			panic("freed what was not allocated")
		}
		delete(h.live, &b[0])
		h.dirty = h.dirty || !bytes.Equal(b, make([]byte, len(b)))
	}
	return h
}

func testKey(e crypto.EType, fill byte) *crypto.Key {
	k, err := crypto.NewKey(e, bytes.Repeat([]byte{fill}, e.KeySize()))
	if err != nil {
		panic(err)
	}
	return k
}

// pair returns both ends of a context with numbers from 100 and 200, and lets change change the initiator's parameters.
func pair(t testing.TB, e crypto.EType, change func(*ProtectionParams)) (initiator, acceptor *Protection) {
	t.Helper()
	p := ProtectionParams{
		Initiator: true, Replay: true, Sequence: true, Key: testKey(e, 1), BaseKey: testKey(e, 2), AcceptorSubkey: true,
		SendSeq: 100, RecvSeq: 200, Rand: rand.Reader,
	}
	if change != nil {
		change(&p)
	}
	initiator, err := NewProtection(p)
	if err != nil {
		t.Fatal(err)
	}
	p.Initiator, p.SendSeq, p.RecvSeq = false, p.RecvSeq, p.SendSeq
	acceptor, err = NewProtection(p)
	if err != nil {
		t.Fatal(err)
	}
	return initiator, acceptor
}

// forge seals plain under an initiator's header.
func forge(t testing.TB, k *crypto.Key, h token.WrapHeader, plain []byte) []byte {
	t.Helper()
	sealed, err := k.Encrypt(usageInitiatorSeal, plain, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tok := make([]byte, token.MessageHeaderSize, token.MessageHeaderSize+len(sealed))
	h.Put(tok)
	return append(tok, sealed...)
}

func header(h token.WrapHeader) []byte {
	b := make([]byte, token.MessageHeaderSize)
	h.Put(b)
	return b
}

// rotate does to a token what a peer with this RRC does.
func rotate(tok []byte, rrc uint16) []byte {
	out := bytes.Clone(tok)
	out[6], out[7] = byte(rrc>>8), byte(rrc)
	body, from := out[token.MessageHeaderSize:], tok[token.MessageHeaderSize:]
	for i := range from {
		body[(i+int(rrc))%len(body)] = from[i]
	}
	return out
}

func wrap(t testing.TB, p *Protection, conf bool, msg []byte) []byte {
	t.Helper()
	tok, err := p.Wrap(conf, 0, msg, &newHeap().Memory)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func mic(t testing.TB, p *Protection, msg []byte) []byte {
	t.Helper()
	tok, err := p.GetMIC(0, msg, &newHeap().Memory)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// refused unwraps tok, which must fail with want, leave nothing allocated and no plaintext.
func refused(t testing.TB, p *Protection, tok []byte, want status.Major) {
	t.Helper()
	h := newHeap()
	msg, _, _, err := p.Unwrap(tok, &h.Memory)
	if err == nil {
		t.Errorf("unwrapped to %d octets", len(msg))
		return
	}
	if got := status.Of(err).Major; got != want {
		t.Errorf("major %x, want %x (%v)", got, want, err)
	}
	if msg != nil || len(h.live) != 0 {
		t.Errorf("memory is not freed")
	}
	if h.dirty {
		t.Errorf("memory is freed with something in it")
	}
}

// accepted unwraps tok, which must give msg.
func accepted(t testing.TB, p *Protection, tok, msg []byte) {
	t.Helper()
	h := newHeap()
	got, _, supplementary, err := p.Unwrap(tok, &h.Memory)
	if err != nil || supplementary != 0 || !bytes.Equal(got, msg) {
		t.Errorf("unwrapped to %d octets, want %d; supplementary %x, %v", len(got), len(msg), supplementary, err)
	}
}

func TestMessagesOfEveryLengthArriveInBothDirections(t *testing.T) {
	for _, e := range allTypes {
		for _, subkey := range []bool{false, true} {
			i, a := pair(t, e, func(p *ProtectionParams) { p.AcceptorSubkey = subkey })
			for n := 0; n < 70; n++ {
				msg := make([]byte, n)
				rand.Read(msg)
				for _, conf := range []bool{false, true} {
					for _, way := range [][2]*Protection{{i, a}, {a, i}} {
						tok := wrap(t, way[0], conf, msg)
						h := newHeap()
						got, sealed, supplementary, err := way[1].Unwrap(tok, &h.Memory)
						if err != nil || supplementary != 0 || sealed != conf || !bytes.Equal(got, msg) {
							t.Fatalf("%s: %d octets: %d, %v, %x, %v", e, n, len(got), sealed, supplementary, err)
						}
						if conf == bytes.Contains(tok, msg) && n > 8 {
							t.Fatalf("%s: conf %v, but the message is in the token or not: %v", e, conf, !conf)
						}
						micTok := mic(t, way[0], msg)
						if supplementary, err := way[1].VerifyMIC(msg, micTok); err != nil || supplementary != 0 {
							t.Fatalf("%s: MIC of %d octets: %x, %v", e, n, supplementary, err)
						}
					}
				}
			}
		}
	}
}

func TestEveryRRCIsUndone(t *testing.T) {
	for _, e := range allTypes {
		i, a := pair(t, e, nil)
		for _, n := range []int{0, 1, 16, 50} {
			msg := bytes.Repeat([]byte{0x33}, n)
			for rrc := 0; rrc < 300; rrc++ {
				for _, conf := range []bool{false, true} {
					accepted(t, a, rotate(wrap(t, i, conf, msg), uint16(rrc)), msg)
				}
			}
			accepted(t, a, rotate(wrap(t, i, true, msg), 65535), msg)
			accepted(t, a, rotate(wrap(t, i, false, msg), 65535), msg)
		}
	}
}

func TestFillerOfEveryLengthIsCutOff(t *testing.T) {
	for _, e := range allTypes {
		_, a := pair(t, e, nil)
		msg := []byte("message")
		for ec := 0; ec < 40; ec++ {
			h := token.WrapHeader{
				Flags: token.FlagSealed | token.FlagAcceptorSubkey, EC: uint16(ec), SndSeq: 100 + uint64(ec),
			}
			plain := append(append(bytes.Clone(msg), bytes.Repeat([]byte{0xee}, ec)...), header(h)...)
			accepted(t, a, rotate(forge(t, testKey(e, 1), h, plain), uint16(ec+28)), msg)
		}
	}
}

func TestTheSealedRRCIsNotCompared(t *testing.T) {
	_, a := pair(t, crypto.AES256SHA1, nil)
	h := token.WrapHeader{Flags: token.FlagSealed | token.FlagAcceptorSubkey, SndSeq: 100}
	inner := h
	inner.RRC = 28
	accepted(t, a, forge(t, testKey(crypto.AES256SHA1, 1), h, append([]byte("m"), header(inner)...)), []byte("m"))
}

func TestSealedHeaderMustBeTheOneInTheClear(t *testing.T) {
	e := crypto.AES256SHA1
	_, a := pair(t, e, nil)
	clear := token.WrapHeader{Flags: token.FlagSealed | token.FlagAcceptorSubkey, EC: 3, SndSeq: 100}
	inner := header(clear)
	for i := range inner {
		if i == 6 || i == 7 { // RRC
			continue
		}
		changed := bytes.Clone(inner)
		changed[i] ^= 0x10
		t.Run(fmt.Sprintf("octet-%d", i), func(t *testing.T) {
			refused(t, a, forge(t, testKey(e, 1), clear, append([]byte("message"), changed...)), status.DefectiveToken)
		})
	}
}

func TestPastFlaws(t *testing.T) {
	e := crypto.AES256SHA1
	k := testKey(e, 1)
	flags := token.FlagSealed | token.FlagAcceptorSubkey
	t.Run("cve-2024-37370-wrap-header-ec-changed", func(t *testing.T) {
		for _, e := range allTypes {
			_, a := pair(t, e, nil)
			inner := token.WrapHeader{Flags: flags, SndSeq: 100}
			outer := inner
			outer.EC = 3
			tok := forge(t, testKey(e, 1), outer, append([]byte("truncate me"), header(inner)...))
			refused(t, a, tok, status.DefectiveToken)
			refused(t, a, rotate(tok, 28), status.DefectiveToken)
		}
	})
	t.Run("cve-2024-37371-wrap-plaintext-length", func(t *testing.T) {
		for _, e := range allTypes {
			_, a := pair(t, e, nil)
			h := token.WrapHeader{Flags: flags, SndSeq: 100}
			for n := 0; n < token.MessageHeaderSize; n++ {
				refused(t, a, forge(t, testKey(e, 1), h, header(h)[:n]), status.DefectiveToken)
				refused(t, a, rotate(forge(t, testKey(e, 1), h, header(h)[16-n:]), 9), status.DefectiveToken)
			}
		}
	})
	t.Run("cve-2024-37371-wrap-ec-exceeds-plaintext", func(t *testing.T) {
		_, a := pair(t, e, nil)
		for _, ec := range []uint16{5, 20, 21, 100, 65535} {
			h := token.WrapHeader{Flags: flags, EC: ec, SndSeq: 100}
			refused(t, a, forge(t, k, h, append([]byte("four"), header(h)...)), status.DefectiveToken)
		}
	})
	t.Run("cve-2025-57736-changed-mic-accepted", func(t *testing.T) {
		msg := []byte("message")
		for _, e := range allTypes {
			i, a := pair(t, e, nil)
			tok := mic(t, i, msg)
			for n := range tok {
				for bit := range 8 {
					tok[n] ^= 1 << bit
					_, err := a.VerifyMIC(msg, tok)
					if err == nil {
						t.Errorf("%s: MIC with bit %d of octet %d changed verifies", e, bit, n)
					} else if m := status.Of(err).Major; m != status.BadMIC && m != status.DefectiveToken {
						t.Errorf("%s: bit %d of octet %d: major %x", e, bit, n, m)
					}
					tok[n] ^= 1 << bit
				}
			}
			for n := range msg {
				msg[n] ^= 1
				if _, err := a.VerifyMIC(msg, tok); status.Of(err) == nil || status.Of(err).Major != status.BadMIC {
					t.Errorf("%s: MIC of a message with octet %d changed: %v", e, n, err)
				}
				msg[n] ^= 1
			}
		}
	})
	t.Run("cve-2022-45142-good-mic-refused", func(t *testing.T) {
		for _, e := range allTypes {
			i, a := pair(t, e, nil)
			if s, err := a.VerifyMIC([]byte("message"), mic(t, i, []byte("message"))); err != nil || s != 0 {
				t.Errorf("%s: %x, %v", e, s, err)
			}
		}
	})
	t.Run("cve-2014-4341-rfc-1964-tokens", func(t *testing.T) {
		_, a := pair(t, e, nil)
		for _, id := range []string{"\x01\x01", "\x01\x02", "\x02\x01"} {
			for n := 0; n < 40; n++ {
				inner := append([]byte(id), bytes.Repeat([]byte{0xff}, n)...)
				framed := token.Frame(token.MechKRB5, uint16(id[0])<<8|uint16(id[1]), inner[2:])
				for _, tok := range [][]byte{inner, framed} {
					refused(t, a, tok, status.DefectiveToken)
					if _, err := a.VerifyMIC(nil, tok); status.Of(err).Major != status.DefectiveToken {
						t.Errorf("%x: %v", tok, err)
					}
				}
			}
		}
	})
	t.Run("cve-2022-3437-frame-and-nothing-else", func(t *testing.T) {
		_, a := pair(t, e, nil)
		for _, tok := range []string{
			"\x60", "\x60\x7f", "\x60\x88", "\x60\x80", "\x60\x00", "\x60\x84\xff\xff\xff\xff", "\x60\x02\x06\x7f",
			"\x60\x02\x06\x00", "\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02",
		} {
			refused(t, a, []byte(tok), status.DefectiveToken)
		}
	})
	t.Run("cve-2024-26461-leak-on-failure", func(t *testing.T) {
		i, a := pair(t, e, nil)
		tok := wrap(t, i, true, []byte("message"))
		tok[20] ^= 1
		for range 100 {
			refused(t, a, tok, status.BadMIC)
		}
		h := newHeap()
		broken, err := NewProtection(ProtectionParams{Key: k, Rand: bytes.NewReader(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := broken.Wrap(true, 0, []byte("message"), &h.Memory); err == nil || len(h.live) != 0 {
			t.Errorf("wrapping without randomness: %v, %d leaked", err, len(h.live))
		}
	})
	t.Run("dac8de0b26-numbers-from-2-to-the-31", func(t *testing.T) {
		for _, first := range []uint64{0x7fffffff, 0x80000000, 0xffffffff, 1<<63 - 1, 1<<64 - 1} {
			i, a := pair(t, e, func(p *ProtectionParams) { p.SendSeq, p.RecvSeq = first, first })
			for range 5 {
				accepted(t, a, wrap(t, i, true, []byte("message")), []byte("message"))
				accepted(t, i, wrap(t, a, false, []byte("answer")), []byte("answer"))
			}
		}
	})
}

func TestEveryChangeOfAWrapTokenIsNoticed(t *testing.T) {
	for _, e := range allTypes {
		i, a := pair(t, e, nil)
		for _, conf := range []bool{false, true} {
			tok := wrap(t, i, conf, []byte("message"))
			for n := range tok {
				for bit := range 8 {
					tok[n] ^= 1 << bit
					msg, _, _, err := a.Unwrap(tok, &newHeap().Memory)
					if err == nil {
						t.Errorf("%s: token with bit %d of octet %d changed gives %q", e, bit, n, msg)
					} else if m := status.Of(err).Major; m != status.BadMIC && m != status.DefectiveToken {
						t.Errorf("%s: bit %d of octet %d: major %x", e, bit, n, m)
					}
					tok[n] ^= 1 << bit
				}
			}
			accepted(t, a, tok, []byte("message"))
		}
	}
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	for _, e := range allTypes {
		i, a := pair(t, e, nil)
		for _, tok := range [][]byte{wrap(t, i, false, []byte("message")), wrap(t, i, true, []byte("message"))} {
			for n := range tok {
				if _, _, _, err := a.Unwrap(tok[:n:n], &newHeap().Memory); err == nil {
					t.Errorf("%s: %d of %d octets unwrap", e, n, len(tok))
				}
			}
			if _, _, _, err := a.Unwrap(append(tok, 0), &newHeap().Memory); err == nil {
				t.Errorf("%s: longer token unwraps", e)
			}
		}
		tok := mic(t, i, nil)
		for n := range tok {
			if _, err := a.VerifyMIC(nil, tok[:n:n]); err == nil {
				t.Errorf("%s: %d of %d octets verify", e, n, len(tok))
			}
		}
		if _, err := a.VerifyMIC(nil, append(tok, 0)); err == nil {
			t.Errorf("%s: longer MIC verifies", e)
		}
	}
}

// The majors that MIT krb5 1.20 gives.
func TestFaultyTokensGiveTheMajorOfMITKrb5(t *testing.T) {
	i, a := pair(t, crypto.AES256SHA1, nil)
	msg := []byte("hello world")
	sealed, signed, sum := wrap(t, i, true, msg), wrap(t, i, false, msg), mic(t, i, msg)
	change := func(tok []byte, f func([]byte) []byte) []byte { return f(bytes.Clone(tok)) }
	set := func(at int, v byte) func([]byte) []byte {
		return func(b []byte) []byte { b[at] = v; return b }
	}
	flip := func(at int, v byte) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= v; return b }
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	for _, c := range []struct {
		name string
		tok  []byte
		want status.Major
	}{
		{"mic-token", sum, status.DefectiveToken},
		{"sealed-subkey-flag", change(sealed, flip(2, 4)), status.BadMIC},
		{"signed-subkey-flag", change(signed, flip(2, 4)), status.BadMIC},
		{"sealed-unknown-flag", change(sealed, flip(2, 8)), status.DefectiveToken},
		{"sealed-marked-signed", change(sealed, flip(2, 2)), status.BadMIC},
		{"signed-marked-sealed", change(signed, flip(2, 2)), status.BadMIC},
		{"sealed-filler", change(sealed, set(3, 0)), status.DefectiveToken},
		{"sealed-ec-3", change(sealed, set(5, 3)), status.DefectiveToken},
		{"sealed-rrc-3", change(sealed, set(7, 3)), status.BadMIC},
		{"signed-ec-3", change(signed, set(5, 3)), status.BadMIC},
		{"signed-ec-exceeds-body", change(signed, set(4, 0xff)), status.DefectiveToken},
		{"signed-data", change(signed, flip(20, 1)), status.BadMIC},
		{"sealed-data", change(sealed, flip(20, 1)), status.BadMIC},
		{"sealed-without-data", change(sealed, cut(16)), status.BadMIC},
		{"sealed-40", change(sealed, cut(40)), status.BadMIC},
		{"sealed-50", change(sealed, cut(50)), status.BadMIC},
		{"signed-20", change(signed, cut(20)), status.DefectiveToken},
		{"signed-one-less", change(signed, cut(len(signed)-1)), status.BadMIC},
		{"signed-tok-id-0201", append([]byte{2, 1}, signed[2:]...), status.DefectiveToken},
		{"one-octet", signed[:1], status.DefectiveToken},
		{"reflected", wrap(t, a, true, msg), status.BadMIC},
	} {
		t.Run("unwrap-"+c.name, func(t *testing.T) { refused(t, a, c.tok, c.want) })
	}
	for _, c := range []struct {
		name string
		tok  []byte
		want status.Major
	}{
		{"wrap-token", sealed, status.DefectiveToken},
		{"subkey-flag", change(sum, flip(2, 4)), status.BadMIC},
		{"sealed-flag", change(sum, flip(2, 2)), status.BadMIC},
		{"filler-first", change(sum, set(3, 0)), status.DefectiveToken},
		{"filler-last", change(sum, set(7, 0)), status.DefectiveToken},
		{"checksum", change(sum, flip(20, 1)), status.BadMIC},
		{"one-less", change(sum, cut(len(sum)-1)), status.BadMIC},
		{"one-more", append(bytes.Clone(sum), 0), status.BadMIC},
		{"header-only", sum[:16], status.BadMIC},
		{"short-header", sum[:15], status.DefectiveToken},
		{"one-octet", sum[:1], status.DefectiveToken},
		{"reflected", mic(t, a, msg), status.BadMIC},
	} {
		t.Run("verify-"+c.name, func(t *testing.T) {
			if _, err := a.VerifyMIC(msg, c.tok); err == nil || status.Of(err).Major != c.want {
				t.Errorf("%v, want major %x", err, c.want)
			}
		})
	}
	accepted(t, a, token.Frame(token.MechKRB5, token.TokWrap, sealed[2:]), msg)
	accepted(t, a, token.Frame(token.MechKRB5, token.TokWrap, signed[2:]), msg)
	if s, err := a.VerifyMIC(msg, token.Frame(token.MechKRB5, token.TokMIC, sum[2:])); err != nil || s != 0 {
		t.Errorf("framed MIC: %x, %v", s, err)
	}
	refused(t, a, token.Frame(token.NTUserName, token.TokWrap, sealed[2:]), status.DefectiveToken)
}

func TestReflectedMessageSaysSo(t *testing.T) {
	i, _ := pair(t, crypto.AES128SHA1, nil)
	tok := wrap(t, i, true, []byte("message"))
	if _, _, _, err := i.Unwrap(tok, &newHeap().Memory); status.Of(err).Minor != status.G_BAD_DIRECTION {
		t.Errorf("own Wrap token: %v", err)
	}
	// With the direction in the clear changed, the key usage still differs.
	tok[2] ^= token.FlagSentByAcceptor
	refused(t, i, tok, status.BadMIC)
}

func TestInitiatorMaySpeakBeforeItKnowsTheAcceptorsSubkey(t *testing.T) {
	e := crypto.AES256SHA1
	_, a := pair(t, e, nil)
	early, _ := pair(t, e, func(p *ProtectionParams) { p.AcceptorSubkey, p.Key = false, testKey(e, 2) })
	accepted(t, a, wrap(t, early, true, []byte("early")), []byte("early"))
	accepted(t, a, wrap(t, early, false, []byte("early")), []byte("early"))
	if s, err := a.VerifyMIC(nil, mic(t, early, nil)); err != nil || s != 0 {
		t.Errorf("%x, %v", s, err)
	}
}

func TestAcceptorMustUseItsSubkey(t *testing.T) {
	e := crypto.AES256SHA1
	i, _ := pair(t, e, nil)
	_, weak := pair(t, e, func(p *ProtectionParams) { p.AcceptorSubkey, p.Key = false, testKey(e, 2) })
	refused(t, i, wrap(t, weak, true, []byte("message")), status.DefectiveToken)
	refused(t, i, wrap(t, weak, false, []byte("message")), status.DefectiveToken)
	if _, err := i.VerifyMIC(nil, mic(t, weak, nil)); err == nil || status.Of(err).Major != status.DefectiveToken {
		t.Errorf("MIC: %v", err)
	}
}

func TestSubkeyFlagWithoutSubkeyIsRefused(t *testing.T) {
	e := crypto.AES256SHA1
	i, _ := pair(t, e, nil)
	_, a := pair(t, e, func(p *ProtectionParams) { p.AcceptorSubkey = false })
	refused(t, a, wrap(t, i, true, []byte("message")), status.DefectiveToken)
	refused(t, a, wrap(t, i, false, []byte("message")), status.DefectiveToken)
}

func TestOnlyQOPZeroIsKnown(t *testing.T) {
	i, _ := pair(t, crypto.AES128SHA1, nil)
	h := newHeap()
	_, micErr := i.GetMIC(1, nil, &h.Memory)
	_, wrapErr := i.Wrap(true, 1, nil, &h.Memory)
	_, limitErr := i.WrapSizeLimit(true, 1, 100)
	for _, err := range []error{micErr, wrapErr, limitErr} {
		if err == nil || status.Of(err).Major != status.BadQOP || status.Of(err).Minor != status.G_UNKNOWN_QOP {
			t.Errorf("%v", err)
		}
	}
	if len(h.live) != 0 {
		t.Error("memory was allocated")
	}
}

func TestWrapSizeLimitIsExact(t *testing.T) {
	for _, e := range allTypes {
		i, _ := pair(t, e, nil)
		for _, conf := range []bool{false, true} {
			least := len(wrap(t, i, conf, nil))
			for out := 0; out < 200; out++ {
				n, err := i.WrapSizeLimit(conf, 0, uint32(out))
				if err != nil {
					t.Fatal(err)
				}
				if out < least {
					if n != 0 {
						t.Errorf("%s: limit %d for %d octets", e, n, out)
					}
					continue
				}
				if got := len(wrap(t, i, conf, make([]byte, n))); got != out {
					t.Errorf("%s: %d octets give a token of %d, not %d", e, n, got, out)
				}
			}
			if n, err := i.WrapSizeLimit(conf, 0, 1<<32-1); err != nil || uint64(n)+uint64(least) != 1<<32-1 {
				t.Errorf("%s: limit of the greatest output is %d, %v", e, n, err)
			}
		}
	}
}

func TestNoMemoryIsAnErrorAndCostsNoNumber(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA1, nil)
	none := &Memory{Alloc: func(int) []byte { return nil }, Free: func([]byte) { t.Error("freed nothing") }}
	tok := wrap(t, a, true, []byte("message"))
	signed := wrap(t, a, false, []byte("message"))
	_, err1 := i.GetMIC(0, nil, none)
	_, err2 := i.Wrap(true, 0, nil, none)
	_, err3 := i.Wrap(false, 0, nil, none)
	_, _, _, err4 := i.Unwrap(tok, none)
	_, _, _, err5 := i.Unwrap(signed, none)
	_, err6 := i.PseudoRandom(true, nil, 16, none)
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		if err == nil || status.Of(err).Major != status.Failure {
			t.Errorf("%v", err)
		}
	}
	accepted(t, i, tok, []byte("message"))
	accepted(t, a, wrap(t, i, true, nil), nil)
}

func TestSupplementaryCodesComeWithTheMessage(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA2, nil)
	var toks [][]byte
	for n := range 4 {
		toks = append(toks, wrap(t, i, n%2 == 0, []byte("message")))
	}
	sum := mic(t, i, nil)
	for _, c := range []struct {
		tok  []byte
		want status.Major
	}{
		{toks[0], 0}, {toks[0], status.DuplicateToken}, {toks[2], status.GapToken}, {toks[1], status.UnseqToken},
		{toks[1], status.DuplicateToken}, {toks[3], 0},
	} {
		msg, _, got, err := a.Unwrap(c.tok, &newHeap().Memory)
		if err != nil || got != c.want || string(msg) != "message" {
			t.Errorf("%q, %x, %v, want %x", msg, got, err, c.want)
		}
	}
	if got, err := a.VerifyMIC(nil, sum); err != nil || got != 0 {
		t.Errorf("MIC: %x, %v", got, err)
	}
	if got, err := a.VerifyMIC(nil, sum); err != nil || got != status.DuplicateToken {
		t.Errorf("MIC again: %x, %v", got, err)
	}
}

func TestForgedMessageDoesNotMoveTheWindow(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA1, nil)
	tok := wrap(t, i, true, []byte("message"))
	for _, at := range []int{8, 15, 30} {
		bad := bytes.Clone(tok)
		bad[at] ^= 1
		if _, _, _, err := a.Unwrap(bad, &newHeap().Memory); err == nil {
			t.Fatal("accepted")
		}
	}
	accepted(t, a, tok, []byte("message"))
}

func TestStateCarriesAContextOver(t *testing.T) {
	i, a := pair(t, crypto.AES256SHA2, nil)
	first := wrap(t, i, true, []byte("first"))
	accepted(t, a, first, []byte("first"))
	wrap(t, i, true, []byte("lost"))
	send, recv, w := a.State()
	if send != 200 || recv != 101 {
		t.Errorf("numbers are %d and %d", send, recv)
	}
	_, b := pair(t, crypto.AES256SHA2, func(p *ProtectionParams) { p.RecvSeq, p.Window = send, &w })
	if _, _, s, err := b.Unwrap(first, &newHeap().Memory); err != nil || s != status.DuplicateToken {
		t.Errorf("the message from before: %x, %v", s, err)
	}
	if _, _, s, err := b.Unwrap(wrap(t, i, true, nil), &newHeap().Memory); err != nil || s != status.GapToken {
		t.Errorf("the next message: %x, %v", s, err)
	}
	accepted(t, i, wrap(t, b, true, []byte("answer")), []byte("answer"))
}

func TestWipedContextAnswersNoContext(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA1, nil)
	tok, sum := wrap(t, a, true, nil), mic(t, a, nil)
	i.Wipe()
	i.Wipe()
	h := newHeap()
	_, err1 := i.GetMIC(0, nil, &h.Memory)
	_, err2 := i.Wrap(true, 0, nil, &h.Memory)
	_, _, _, err3 := i.Unwrap(tok, &h.Memory)
	_, err4 := i.VerifyMIC(nil, sum)
	_, err5 := i.WrapSizeLimit(true, 0, 100)
	_, err6 := i.PseudoRandom(true, nil, 16, &h.Memory)
	_, err7 := i.PseudoRandom(false, nil, 16, &h.Memory)
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
		if err == nil || status.Of(err).Major != status.NoContext {
			t.Errorf("%v", err)
		}
	}
}

func TestBothDirectionsAndManyThreadsWorkAtOnce(t *testing.T) {
	i, a := pair(t, crypto.AES256SHA1, nil)
	var wg sync.WaitGroup
	for _, way := range [][2]*Protection{{i, a}, {a, i}} {
		for range 3 {
			wg.Go(func() {
				for n := range 50 {
					msg := bytes.Repeat([]byte{byte(n)}, n*7)
					tok, err := way[0].Wrap(n%2 == 0, 0, msg, &newHeap().Memory)
					if err != nil {
						t.Error(err)
						return
					}
					got, _, s, err := way[1].Unwrap(tok, &newHeap().Memory)
					if err != nil || s&(status.DuplicateToken|status.OldToken) != 0 || !bytes.Equal(got, msg) {
						t.Errorf("%x, %v", s, err)
					}
				}
			})
		}
	}
	wg.Wait()
	if send, recv, _ := a.State(); send != 350 || recv != 250 {
		t.Errorf("after 150 messages each way the numbers are %d and %d", send, recv)
	}
}

// arena hands out the same memory again and again.
func arena(n int) *Memory {
	block := make([]byte, n)
	return &Memory{Alloc: func(n int) []byte { return block[:n] }, Free: func([]byte) {}}
}

func TestMessagesCostNoGoAllocation(t *testing.T) {
	for _, e := range allTypes {
		i, a := pair(t, e, nil)
		msg := make([]byte, 1000)
		out, in := arena(2000), arena(2000)
		n := testing.AllocsPerRun(100, func() {
			for _, conf := range []bool{false, true} {
				tok, err := i.Wrap(conf, 0, msg, out)
				if err != nil {
					t.Fatal(err)
				}
				if _, _, s, err := a.Unwrap(tok, in); s != 0 || err != nil {
					t.Fatal(s, err)
				}
			}
			tok, err := i.GetMIC(0, msg, out)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := a.VerifyMIC(msg, tok); s != 0 || err != nil {
				t.Fatal(s, err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations for three messages", e, n)
		}
	}
}
