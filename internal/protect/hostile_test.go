// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"fmt"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

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
		broken, err := New(Params{Key: k, Rand: bytes.NewReader(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := broken.Wrap(true, 0, []byte("message"), &h.Memory); err == nil || len(h.live) != 0 {
			t.Errorf("wrapping without randomness: %v, %d leaked", err, len(h.live))
		}
	})
	t.Run("dac8de0b26-numbers-from-2-to-the-31", func(t *testing.T) {
		for _, first := range []uint64{0x7fffffff, 0x80000000, 0xffffffff, 1<<63 - 1, 1<<64 - 1} {
			i, a := pair(t, e, func(p *Params) { p.SendSeq, p.RecvSeq = first, first })
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
	early, _ := pair(t, e, func(p *Params) { p.AcceptorSubkey, p.Key = false, testKey(e, 2) })
	accepted(t, a, wrap(t, early, true, []byte("early")), []byte("early"))
	accepted(t, a, wrap(t, early, false, []byte("early")), []byte("early"))
	if s, err := a.VerifyMIC(nil, mic(t, early, nil)); err != nil || s != 0 {
		t.Errorf("%x, %v", s, err)
	}
}

func TestAcceptorMustUseItsSubkey(t *testing.T) {
	e := crypto.AES256SHA1
	i, _ := pair(t, e, nil)
	_, weak := pair(t, e, func(p *Params) { p.AcceptorSubkey, p.Key = false, testKey(e, 2) })
	refused(t, i, wrap(t, weak, true, []byte("message")), status.DefectiveToken)
	refused(t, i, wrap(t, weak, false, []byte("message")), status.DefectiveToken)
	if _, err := i.VerifyMIC(nil, mic(t, weak, nil)); err == nil || status.Of(err).Major != status.DefectiveToken {
		t.Errorf("MIC: %v", err)
	}
}

func TestSubkeyFlagWithoutSubkeyIsRefused(t *testing.T) {
	e := crypto.AES256SHA1
	i, _ := pair(t, e, nil)
	_, a := pair(t, e, func(p *Params) { p.AcceptorSubkey = false })
	refused(t, a, wrap(t, i, true, []byte("message")), status.DefectiveToken)
	refused(t, a, wrap(t, i, false, []byte("message")), status.DefectiveToken)
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
