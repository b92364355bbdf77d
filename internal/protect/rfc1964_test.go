// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var legacyTypes = []crypto.EType{crypto.DES3, crypto.RC4}

func eachLegacy(t *testing.T, f func(t *testing.T, a, b *Protection)) {
	for _, e := range legacyTypes {
		t.Run(e.String(), func(t *testing.T) {
			a, b := twoSides(t, e, false)
			f(t, a, b)
		})
	}
}

func TestLegacyMessagesComeBack(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		for _, sides := range [][2]*Protection{{a, b}, {b, a}} {
			for n := range 300 {
				text, conf := bytes.Repeat([]byte{'t'}, n), n%3 != 0
				tok, err := sides[0].Wrap(conf, 0, text, iovMemory)
				if err != nil {
					t.Fatal(err)
				}
				if conf && n >= 8 && bytes.Contains(tok, text) {
					t.Fatal("the message can be read")
				}
				msg, got, supplementary, err := sides[1].Unwrap(tok, iovMemory)
				if err != nil || got != conf || supplementary != 0 || !bytes.Equal(msg, text) {
					t.Fatalf("%d octets: %q, conf %v, supplementary %x, %v", n, msg, got, supplementary, err)
				}
			}
		}
	})
}

func TestLegacySizeLimitIsExact(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, _ *Protection) {
		for most := uint32(0); most < 400; most++ {
			conf := most%2 == 0
			limit, err := a.WrapSizeLimit(conf, 0, most)
			if err != nil {
				t.Fatal(err)
			}
			if size := func(n uint32) uint32 {
				tok, err := a.Wrap(conf, 0, make([]byte, n), iovMemory)
				if err != nil {
					t.Fatal(err)
				}
				return uint32(len(tok))
			}; limit > 0 && size(limit) > most || size(limit+1) <= most {
				t.Errorf("at most %d: %d", most, limit)
			}
		}
	})
}

// CVE-2022-3437 was a pad longer than the data, and lengths that were not looked at.
func TestCVE20223437Truncations(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		for _, conf := range []bool{false, true} {
			tok, err := a.Wrap(conf, 0, []byte("text"), iovMemory)
			if err != nil {
				t.Fatal(err)
			}
			for n := range tok {
				if _, _, _, err := b.Unwrap(tok[:n:n], iovMemory); err == nil {
					t.Errorf("%d octets are taken", n)
				}
			}
			if _, _, _, err := b.Unwrap(append(bytes.Clone(tok), 0), iovMemory); err == nil {
				t.Error("an octet more is taken")
			}
			for _, change := range []int{-1, 1} { // a82922e097
				bad := bytes.Clone(tok)
				bad[1] = byte(int(bad[1]) + change)
				_, _, _, err := b.Unwrap(bad, iovMemory)
				wantIOVMajor(t, err, status.DefectiveToken)
			}
			if _, _, _, err := b.Unwrap(tok, iovMemory); err != nil {
				t.Error(err)
			}
		}
		for _, frame := range []string{"", "\x60", "\x60\x7f", "\x60\x80", "\x60\x84\xff\xff\xff\xff", "\x60\x88\xff\xff\xff\xff\xff\xff\xff\xff", "\x60\x02\x06\xff"} {
			_, _, _, err := b.Unwrap([]byte(frame), iovMemory)
			wantIOVMajor(t, err, status.DefectiveToken)
		}
	})
}

// Every padding octet, with a right checksum: the peer has the key.
func TestCVE20223437Padding(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		m := a.send.keys.key.Messages()
		for pad := range 256 {
			frame, header, _ := legacySizes(token.MechKRB5, m, 7, false)
			tok := make([]byte, header+8)
			if m.BlockSize() == 1 {
				frame, header, _ = legacySizes(token.MechKRB5, m, 7, false)
			}
			copy(tok, frame)
			body, data := tok[len(frame):header], tok[header:]
			data[7] = byte(pad)
			token.LegacyHeader{ID: token.TokLegacyWrap, SignAlg: m.SignAlg(), SealAlg: token.NoSeal}.Put(body)
			sum := body[token.LegacyHeaderSize:][:m.ChecksumSize()]
			copy(sum, m.Sum(false, []crypto.Piece{{B: body[:8]}, {B: body[len(body)-8:]}, {B: data}}))
			m.PutSeq(body[8:16], uint32(pad), false, sum)
			msg, _, _, err := b.Unwrap(tok, iovMemory)
			if good := pad >= 1 && pad <= 8; good != (err == nil) || good && len(msg) != 8-pad {
				t.Errorf("padding of %d octets: %d octets of message, %v", pad, len(msg), err)
			}
		}
	})
}

// CVE-2014-4342: RFC 1964 tokens whose header is cut off anywhere, the frame saying so; and padding that is longer than
// the data.
func TestCVE20144342InPieces(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		for _, conf := range []bool{false, true} {
			iov := []message.Buffer{
				{Type: message.BufferHeader, Allocate: true}, {Type: message.BufferData, B: []byte("four")},
				{Type: message.BufferPadding, Allocate: true},
			}
			if _, err := a.WrapIOV(conf, 0, iov, iovMemory); err != nil {
				t.Fatal(err)
			}
			for n := range iov[0].B {
				bad := cloned(iov)
				bad[0].B = bad[0].B[:n:n]
				if n > 1 {
					bad[0].B[1] = byte(n - 2 + 4 + len(bad[2].B))
				}
				_, _, err := b.UnwrapIOV(bad, iovMemory)
				wantIOVMajor(t, err, status.DefectiveToken)
				stream := append(bytes.Clone(bad[0].B), append(bad[1].B, bad[2].B...)...)
				if _, _, err := b.UnwrapIOV([]message.Buffer{{Type: message.BufferStream, B: stream}, {Type: message.BufferData}}, iovMemory); err == nil {
					t.Errorf("a stream without %d octets of its header is taken", len(iov[0].B)-n)
				}
			}
			for n := range iov[2].B {
				bad := cloned(iov)
				bad[0].B[1] -= byte(len(bad[2].B) - n)
				bad[2].B = bad[2].B[:n]
				_, _, err := b.UnwrapIOV(bad, iovMemory)
				wantIOVMajor(t, err, status.BadMIC)
			}
			if _, _, err := b.UnwrapIOV(iov, iovMemory); err != nil {
				t.Error(err)
			}
		}
	})
}

// Padding that is wrong in a message of the peer's: nothing of it is given.
func TestLegacyPaddingLongerThanTheDataIsWiped(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		m := a.send.keys.key.Messages()
		for _, pad := range []byte{0, 7, 9, 255} {
			frame, header, _ := legacySizes(token.MechKRB5, m, 6, false)
			if m.BlockSize() == 1 {
				frame[1]++ // two octets of padding
			}
			head, data, padding := make([]byte, header), []byte("secret"), []byte{pad, pad}
			if pad == 7 {
				data, padding = []byte{}, []byte("secret\x00\x09")
			}
			copy(head, frame)
			body := head[len(frame):]
			token.LegacyHeader{ID: token.TokLegacyWrap, SignAlg: m.SignAlg(), SealAlg: m.SealAlg()}.Put(body)
			sealed := []crypto.Piece{{B: body[:8], Clear: true}, {B: body[len(body)-8:]}, {B: data}, {B: padding}}
			sum := body[token.LegacyHeaderSize:][:m.ChecksumSize()]
			copy(sum, m.Sum(false, sealed))
			m.PutSeq(body[8:16], 1, false, sum)
			m.Seal(1, sealed)
			iov := []message.Buffer{{Type: message.BufferHeader, B: head}, {Type: message.BufferData, B: data}, {Type: message.BufferPadding, B: padding}}
			_, _, err := b.UnwrapIOV(iov, iovMemory)
			wantIOVMajor(t, err, status.BadMIC)
			if bytes.Contains(append(data, padding...), []byte("sec")) {
				t.Errorf("padding of %d: plaintext is left", pad)
			}
		}
	})
}

func TestLegacyMessagesOf4GiBAreRefused(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, _ *Protection) {
		for _, test := range []struct {
			n    int
			good bool
		}{{1<<32 - 1<<10, true}, {1<<32 - 1, false}, {1 << 32, false}, {1<<32 + 100, false}} {
			iov := []message.Buffer{
				{Type: message.BufferHeader}, {Type: message.BufferData, Len: test.n - 7}, {Type: message.BufferData, Len: 7}, {Type: message.BufferPadding},
			}
			if _, err := a.WrapIOVLength(true, 0, iov); test.good != (err == nil) {
				t.Errorf("%d octets: %v", test.n, err)
			}
		}
	})
}

// Numbers of 32 bits begin again; the messages of the round before are old then.
func TestLegacyNumbersBeginAgain(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		const first = 0xfffffff0
		w := &b.recv.window
		w.Base, w.Next, w.Map = first, 1<<32-40, ^uint64(0)
		a.send.seq = first + w.Next
		send := func() []byte { return wrap(t, a, true, []byte("text")) }
		take := func(tok []byte) status.Major {
			_, _, s, err := b.Unwrap(tok, iovMemory)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		var all [][]byte
		for i := range 200 {
			all = append(all, send())
			if s := take(all[i]); s != 0 {
				t.Fatalf("message %d: %x", i, s)
			}
		}
		for i, want := range map[int]status.Major{
			199: status.DuplicateToken, 150: status.DuplicateToken, 136: status.DuplicateToken,
			135: status.UnseqToken, 0: status.UnseqToken,
		} {
			if s := take(all[i]); s != want {
				t.Errorf("message %d once more: %x, want %x", i, s, want)
			}
		}
		lost := send()
		if s := take(send()); s != status.GapToken {
			t.Errorf("after a gap: %x", s)
		}
		if s := take(lost); s != status.UnseqToken {
			t.Errorf("late: %x", s)
		}
	})
}

func TestLegacyChangedOctetsAreRefused(t *testing.T) {
	eachLegacy(t, func(t *testing.T, a, b *Protection) {
		tok, err := a.Wrap(true, 0, []byte("a message"), iovMemory)
		if err != nil {
			t.Fatal(err)
		}
		mic, err := a.GetMIC(0, []byte("a message"), iovMemory)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tok {
			bad := bytes.Clone(tok)
			bad[i] ^= 4
			if _, _, _, err := b.Unwrap(bad, iovMemory); err == nil {
				t.Errorf("octet %d of a wrap token", i)
			}
		}
		for i := range mic {
			if b.recv.keys.key.EType() == crypto.RC4 && i >= 21 && i < 25 {
				continue // the number: see RFC 4757, Section 7.3
			}
			bad := bytes.Clone(mic)
			bad[i] ^= 4
			if _, err := b.VerifyMIC([]byte("a message"), bad); err == nil {
				t.Errorf("octet %d of a MIC", i)
			}
		}
		_, _, _, err = a.Unwrap(tok, iovMemory)
		wantIOVMajor(t, err, status.BadMIC)
		_, err = a.VerifyMIC([]byte("a message"), mic)
		wantIOVMajor(t, err, status.BadMIC)
		_, _, _, err = b.Unwrap(mic, iovMemory)
		wantIOVMajor(t, err, status.DefectiveToken)
		if _, _, supplementary, err := b.Unwrap(tok, iovMemory); err != nil || supplementary != 0 {
			t.Errorf("%x, %v", supplementary, err)
		}
		if supplementary, err := b.VerifyMIC([]byte("a message"), mic); err != nil || supplementary != 0 {
			t.Errorf("%x, %v", supplementary, err)
		}
		if _, _, supplementary, _ := b.Unwrap(tok, iovMemory); supplementary != status.DuplicateToken|status.UnseqToken && supplementary != status.DuplicateToken {
			t.Errorf("once more: %x", supplementary)
		}
	})
}

func TestNewTokensInOldContextsAndTheOtherWayRound(t *testing.T) {
	eachLegacy(t, func(t *testing.T, old, oldPeer *Protection) {
		a, b := twoSides(t, crypto.AES256SHA1, false)
		tok, err := a.Wrap(true, 0, []byte("text"), iovMemory)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = oldPeer.Unwrap(tok, iovMemory)
		wantIOVMajor(t, err, status.DefectiveToken)
		if tok, err = old.Wrap(true, 0, []byte("text"), iovMemory); err != nil {
			t.Fatal(err)
		}
		_, _, _, err = b.Unwrap(tok, iovMemory) // CVE-2014-4341
		wantIOVMajor(t, err, status.DefectiveToken)
	})
}

// 3f204ddd56: WinRM has no padding.
func TestRC4WithoutPaddingBuffer(t *testing.T) {
	a, b := twoSides(t, crypto.RC4, true)
	iov := []message.Buffer{{Type: message.BufferHeader, Allocate: true}, {Type: message.BufferData, B: []byte("text")}}
	if _, err := a.WrapIOV(true, 0, iov, iovMemory); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.UnwrapIOV(iov, iovMemory); err != nil || string(iov[1].B) != "text" {
		t.Errorf("%q, %v", iov[1].B, err)
	}
}

func FuzzLegacy(f *testing.F) {
	for i, e := range legacyTypes {
		a, _ := twoSides(f, e, false)
		for _, conf := range []bool{false, true} {
			tok, err := a.Wrap(conf, 0, []byte("a message"), iovMemory)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(i == 1, tok, 40)
		}
		mic, err := a.GetMIC(0, []byte("a message"), iovMemory)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i == 1, mic, 0)
	}
	f.Fuzz(func(t *testing.T, rc4 bool, tok []byte, cut int) {
		e := crypto.DES3
		if rc4 {
			e = crypto.RC4
		}
		_, b := twoSides(t, e, false)
		_, _, _, _ = b.Unwrap(tok, iovMemory)
		_, _ = b.VerifyMIC([]byte("a message"), tok)
		cut = min(max(cut, 0), len(tok))
		_, _, _ = b.UnwrapIOV([]message.Buffer{{Type: message.BufferHeader, B: bytes.Clone(tok[:cut])}, {Type: message.BufferPadding, B: bytes.Clone(tok[cut:])}}, iovMemory)
	})
}

// The frame has the OID under which the context was established, and no other one.
func TestLegacyFrameHasTheOIDOfTheContext(t *testing.T) {
	for _, e := range legacyTypes {
		old, _ := pair(t, e, func(p *Params) { p.Mech = token.MechKRB5Old })
		_, same := pair(t, e, func(p *Params) { p.Mech = token.MechKRB5Old })
		_, other := pair(t, e, nil)
		for _, tokenOf := range []func() ([]byte, error){
			func() ([]byte, error) { return old.Wrap(true, 0, []byte("text"), iovMemory) },
			func() ([]byte, error) { return old.GetMIC(0, []byte("text"), iovMemory) },
		} {
			tok, err := tokenOf()
			if err != nil {
				t.Fatal(err)
			}
			if mech, _, err := token.Unframe(tok); err != nil || mech != token.MechKRB5Old {
				t.Errorf("%s: frame of %s, %v", e, mech, err)
			}
			read := func(p *Protection) error {
				if _, _, _, err := p.Unwrap(tok, iovMemory); err == nil {
					return nil
				}
				_, err := p.VerifyMIC([]byte("text"), tok)
				return err
			}
			if err := read(other); status.Of(err) == nil || status.Of(err).Minor != status.G_WRONG_MECH {
				t.Errorf("%s: under another OID: %v", e, err)
			}
			if err := read(same); err != nil {
				t.Errorf("%s: %v", e, err)
			}
		}
	}
}
