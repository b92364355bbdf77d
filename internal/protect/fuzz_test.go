// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func checkFailure(t *testing.T, err error) {
	if m := status.Of(err).Major; m != status.BadMIC && m != status.DefectiveToken {
		t.Errorf("major %x (%v)", m, err)
	}
}

// FuzzUnwrap gives octets of an attacker's to both ends of a context.
func FuzzUnwrap(f *testing.F) {
	for n, e := range allTypes {
		i, a := pair(f, e, nil)
		for _, conf := range []bool{false, true} {
			tok := wrap(f, i, conf, []byte("message"))
			f.Add(byte(n), tok)
			f.Add(byte(n), rotate(tok, 28))
			f.Add(byte(n), wrap(f, a, conf, nil))
			f.Add(byte(n), token.Frame(token.MechKRB5, token.TokWrap, tok[2:]))
		}
	}
	f.Fuzz(func(t *testing.T, e byte, tok []byte) {
		i, a := pair(t, allTypes[int(e)%len(allTypes)], nil)
		for _, p := range []*Protection{i, a} {
			h := newHeap()
			msg, _, _, err := p.Unwrap(tok, &h.Memory)
			if err == nil {
				if len(msg) > len(tok)-token.MessageHeaderSize {
					t.Errorf("%d octets of message in %d", len(msg), len(tok))
				}
				continue
			}
			checkFailure(t, err)
			if msg != nil || len(h.live) != 0 || h.dirty {
				t.Error("memory is left, or freed with something in it")
			}
		}
	})
}

// FuzzUnwrapSealed is an attacker who has the key: any header, rotation and plaintext.
func FuzzUnwrapSealed(f *testing.F) {
	h := token.WrapHeader{Flags: token.FlagSealed | token.FlagAcceptorSubkey, SndSeq: 100}
	f.Add(byte(1), h.Flags, h.EC, h.RRC, h.SndSeq, append([]byte("message"), header(h)...))
	h.EC, h.RRC = 3, 28
	f.Add(byte(0), h.Flags, h.EC, h.RRC, h.SndSeq, append([]byte("message"), header(h)...))
	f.Add(byte(2), h.Flags, h.EC, h.RRC, h.SndSeq, header(h)[:9])
	f.Fuzz(func(t *testing.T, e, flags byte, ec, rrc uint16, seq uint64, plain []byte) {
		_, a := pair(t, allTypes[int(e)%len(allTypes)], nil)
		h := token.WrapHeader{Flags: flags, EC: ec, RRC: rrc, SndSeq: seq}
		tok := rotate(forge(t, testKey(allTypes[int(e)%len(allTypes)], 1), h, plain), rrc)
		mem := newHeap()
		msg, conf, _, err := a.Unwrap(tok, &mem.Memory)
		if err != nil {
			checkFailure(t, err)
			if len(mem.live) != 0 || mem.dirty {
				t.Error("memory is left, or freed with something in it")
			}
			return
		}
		n := len(plain) - token.MessageHeaderSize - int(ec)
		if !conf || n < 0 || !bytes.Equal(msg, plain[:n]) {
			t.Errorf("plaintext of %d octets with EC %d gives a message of %d", len(plain), ec, len(msg))
		}
	})
}

func FuzzVerifyMIC(f *testing.F) {
	for n, e := range allTypes {
		i, a := pair(f, e, nil)
		f.Add(byte(n), []byte("message"), mic(f, i, []byte("message")))
		f.Add(byte(n), []byte{}, mic(f, a, nil))
		f.Add(byte(n), []byte{}, token.Frame(token.MechKRB5, token.TokMIC, mic(f, i, nil)[2:]))
	}
	f.Fuzz(func(t *testing.T, e byte, msg, tok []byte) {
		i, a := pair(t, allTypes[int(e)%len(allTypes)], nil)
		for _, p := range []*Protection{i, a} {
			if _, err := p.VerifyMIC(msg, tok); err != nil {
				checkFailure(t, err)
			}
		}
	})
}
