// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"crypto/rand"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// allTypes are those whose messages are RFC 4121's.
var allTypes = []crypto.EType{
	crypto.AES128SHA1, crypto.AES256SHA1, crypto.AES128SHA2, crypto.AES256SHA2, crypto.Camellia128, crypto.Camellia256,
}

// heap is a Memory that counts and remembers.
type heap struct {
	message.Memory
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
func pair(t testing.TB, e crypto.EType, change func(*Params)) (initiator, acceptor *Protection) {
	t.Helper()
	p := Params{
		Mech:      token.MechKRB5,
		Initiator: true, Replay: true, Sequence: true, Key: testKey(e, 1), BaseKey: testKey(e, 2), AcceptorSubkey: true,
		SendSeq: 100, RecvSeq: 200, Rand: rand.Reader,
	}
	if change != nil {
		change(&p)
	}
	initiator, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	p.Initiator, p.SendSeq, p.RecvSeq = false, p.RecvSeq, p.SendSeq
	acceptor, err = New(p)
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
			i, a := pair(t, e, func(p *Params) { p.AcceptorSubkey = subkey })
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

// In DCE style tokens in pieces are turned by EC, too; those in one piece are not.
func TestDCEStyleTurnsTokensInOnePieceByRRCAlone(t *testing.T) {
	for _, e := range allTypes {
		_, a := pair(t, e, func(p *Params) { p.DCE = true })
		for n, rrc := range []uint16{0, 1, 16, 28, 44, 65535} {
			h := token.WrapHeader{Flags: token.FlagSealed | token.FlagAcceptorSubkey, EC: 16, SndSeq: 100 + uint64(n)}
			plain := append(append([]byte("message"), bytes.Repeat([]byte{0xff}, 16)...), header(h)...)
			accepted(t, a, rotate(forge(t, testKey(e, 1), h, plain), rrc), []byte("message"))
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
