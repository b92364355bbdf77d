// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// twoSides are contexts without establishment, with an acceptor's subkey.
func twoSides(t testing.TB, e crypto.EType, dce bool) (initiator, acceptor *Protection) {
	t.Helper()
	side := func(isInitiator bool) *Protection {
		key, err := crypto.NewKey(e, bytes.Repeat([]byte{7}, e.KeySize()))
		if err != nil {
			t.Fatal(err)
		}
		base, err := crypto.NewKey(e, bytes.Repeat([]byte{8}, e.KeySize()))
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(Params{
			Initiator: isInitiator, AcceptorSubkey: true, Replay: true, Sequence: true, DCE: dce, Key: key, BaseKey: base, Rand: rand.Reader,
			Mech: token.MechKRB5,
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	return side(true), side(false)
}

var iovMemory = &message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

func pieces(trailer bool) []message.Buffer {
	iov := []message.Buffer{
		{Type: message.BufferHeader, Allocate: true}, {Type: message.BufferData, B: []byte("some secret")},
		{Type: message.BufferSignOnly, B: []byte("public")}, {Type: message.BufferData, B: []byte(" and more")},
	}
	if trailer {
		iov = append(iov, message.Buffer{Type: message.BufferTrailer, Allocate: true})
	}
	return iov
}

func cloned(iov []message.Buffer) []message.Buffer {
	iov = slices.Clone(iov)
	for i := range iov {
		iov[i].B, iov[i].Allocate, iov[i].Allocated = bytes.Clone(iov[i].B), false, false
	}
	return iov
}

func wantIOVMajor(t testing.TB, err error, want status.Major) {
	t.Helper()
	var e *status.Error
	if !errors.As(err, &e) || e.Major != want {
		t.Errorf("error %v, want major %#x", err, want)
	}
}

func eachIOV(t *testing.T, f func(t *testing.T, e crypto.EType, conf, trailer, dce bool)) {
	for _, e := range allTypes {
		for bits := range 8 {
			conf, trailer, dce := bits&1 != 0, bits&2 != 0, bits&4 != 0
			name := e.String()
			for _, s := range []struct {
				on   bool
				text string
			}{{conf, "-conf"}, {trailer, "-trailer"}, {dce, "-dce"}} {
				if s.on {
					name += s.text
				}
			}
			t.Run(name, func(t *testing.T) { f(t, e, conf, trailer, dce) })
		}
	}
}

func TestPiecesComeBack(t *testing.T) {
	eachIOV(t, func(t *testing.T, e crypto.EType, conf, trailer, dce bool) {
		a, b := twoSides(t, e, dce)
		for _, sides := range [][2]*Protection{{a, b}, {b, a}} {
			iov := pieces(trailer)
			got, err := sides[0].WrapIOV(conf, 0, iov, iovMemory)
			if err != nil || got != conf {
				t.Fatalf("conf %v, %v", got, err)
			}
			if bytes.Contains(iov[1].B, []byte("secret")) == conf {
				t.Errorf("data after wrapping: %q", iov[1].B)
			}
			got, supplementary, err := sides[1].UnwrapIOV(iov, iovMemory)
			if err != nil || got != conf || supplementary != 0 || string(iov[1].B)+string(iov[3].B) != "some secret and more" {
				t.Errorf("conf %v, supplementary %x, %v, %q", got, supplementary, err, iov[1].B)
			}
		}
	})
}

func TestAnyChangedOctetOfATokenInPiecesIsRefused(t *testing.T) {
	eachIOV(t, func(t *testing.T, e crypto.EType, conf, trailer, dce bool) {
		a, b := twoSides(t, e, dce)
		iov := pieces(trailer)
		if _, err := a.WrapIOV(conf, 0, iov, iovMemory); err != nil {
			t.Fatal(err)
		}
		for i := range iov {
			for j := range iov[i].B {
				bad := cloned(iov)
				bad[i].B[j] ^= 0x40
				if _, _, err := b.UnwrapIOV(bad, iovMemory); err == nil {
					t.Errorf("octet %d of buffer %d", j, i)
				}
				if conf && bytes.Contains(bad[1].B, []byte("secret")) {
					t.Errorf("octet %d of buffer %d: plaintext is left", j, i)
				}
			}
		}
		if _, _, err := b.UnwrapIOV(cloned(iov), iovMemory); err != nil {
			t.Errorf("after all that: %v", err)
		}
		_, supplementary, err := b.UnwrapIOV(cloned(iov), iovMemory)
		if err != nil || supplementary != status.DuplicateToken {
			t.Errorf("once more: %x, %v", supplementary, err)
		}
		_, _, err = a.UnwrapIOV(cloned(iov), iovMemory)
		wantIOVMajor(t, err, status.BadMIC) // reflected
	})
}

// forgePieces makes a token in pieces whose sealed header, and plaintext, are of the test's making.
func forgePieces(p *Protection, visible, sealed token.WrapHeader, filler int, data []byte) []message.Buffer {
	keys := p.send.keys
	e := keys.key.EType()
	header := make([]byte, token.MessageHeaderSize+16)
	trailer := make([]byte, filler+token.MessageHeaderSize+e.MACSize())
	visible.Put(header)
	sealed.Put(trailer[filler:])
	data = bytes.Clone(data)
	n := len(trailer) - e.MACSize()
	if err := keys.forSealing().SealPieces([]crypto.Piece{{B: header[16:]}, {B: data}, {B: trailer[:n]}}, trailer[n:]); err != nil {
		panic(err)
	}
	return []message.Buffer{{Type: message.BufferHeader, B: header}, {Type: message.BufferData, B: data}, {Type: message.BufferTrailer, B: trailer}}
}

func inOne(iov []message.Buffer) []message.Buffer {
	var all []byte
	for _, b := range iov {
		all = append(all, b.B...)
	}
	return []message.Buffer{{Type: message.BufferStream, B: all}, {Type: message.BufferData}}
}

func TestForgedHeadersInPieces(t *testing.T) {
	const flags = token.FlagSealed | token.FlagAcceptorSubkey
	good := token.WrapHeader{Flags: flags, SndSeq: 0}
	with := func(change func(*token.WrapHeader)) token.WrapHeader {
		h := good
		change(&h)
		return h
	}
	tests := []struct {
		name            string
		visible, sealed token.WrapHeader
		filler          int
		want            status.Major
	}{
		{"as-it-should-be", good, good, 0, 0},
		{"filler", with(func(h *token.WrapHeader) { h.EC = 5 }), with(func(h *token.WrapHeader) { h.EC = 5 }), 5, 0},
		{"cve-2024-37370-ec-differs", with(func(h *token.WrapHeader) { h.EC = 3 }), good, 3, status.DefectiveToken},
		{"cve-2024-37370-ec-left-out", good, with(func(h *token.WrapHeader) { h.EC = 3 }), 0, status.DefectiveToken},
		{"ec-65535", with(func(h *token.WrapHeader) { h.EC = 0xffff }), with(func(h *token.WrapHeader) { h.EC = 0xffff }), 0, status.BadMIC},
		{"rrc-65535", with(func(h *token.WrapHeader) { h.RRC = 0xffff }), good, 0, status.DefectiveToken},
		{"sequence-number-differs", with(func(h *token.WrapHeader) { h.SndSeq = 1 }), good, 0, status.DefectiveToken},
		{"sealed-says-not-sealed", good, with(func(h *token.WrapHeader) { h.Flags &^= token.FlagSealed }), 0, status.DefectiveToken},
		{"subkey-flag-differs", good, with(func(h *token.WrapHeader) { h.Flags &^= token.FlagAcceptorSubkey }), 0, status.DefectiveToken},
		{"wrong-key-for-its-flag", with(func(h *token.WrapHeader) { h.Flags &^= token.FlagAcceptorSubkey }),
			with(func(h *token.WrapHeader) { h.Flags &^= token.FlagAcceptorSubkey }), 0, status.BadMIC},
		{"seal-flag-taken-away", with(func(h *token.WrapHeader) { h.Flags &^= token.FlagSealed; h.EC = 12 }), good, 0, status.BadMIC},
		{"from-the-acceptor", with(func(h *token.WrapHeader) { h.Flags |= token.FlagSentByAcceptor }), good, 0, status.BadMIC},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := twoSides(t, crypto.AES256SHA1, false)
			iov := forgePieces(a, test.visible, test.sealed, test.filler, []byte("text"))
			_, _, err := b.UnwrapIOV(cloned(iov), iovMemory)
			stream := inOne(cloned(iov))
			if test.want == 0 {
				if err != nil {
					t.Error(err)
				}
				_, b = twoSides(t, crypto.AES256SHA1, false)
				if _, _, err = b.UnwrapIOV(stream, iovMemory); err != nil || string(stream[1].B) != "text" {
					t.Errorf("%v, %q", err, stream[1].B)
				}
				return
			}
			wantIOVMajor(t, err, test.want)
			if _, _, err = b.UnwrapIOV(stream, iovMemory); err == nil || stream[1].B != nil {
				t.Errorf("as a stream it gives %q", stream[1].B)
			}
			if _, _, _, err = b.UnwrapAEAD(inOne(iov)[0].B, nil, iovMemory); err == nil {
				t.Error("gss_unwrap_aead takes it")
			}
		})
	}
}

// CVE-2024-37371 of a peer that has the key: a plaintext without room for a header, and an EC beyond it. In pieces the
// lengths of the buffers say what there is; in a stream only the token does.
func TestCVE202437371InStreams(t *testing.T) {
	const flags = token.FlagSealed | token.FlagAcceptorSubkey
	for _, e := range allTypes {
		k := testKey(e, 7)
		taken := func(name string, h token.WrapHeader, plain []byte) {
			for _, rrc := range []uint16{0, 28, 65535} {
				_, b := twoSides(t, e, false)
				tok := rotate(forge(t, k, h, plain), rrc)
				stream := []message.Buffer{{Type: message.BufferStream, B: bytes.Clone(tok)}, {Type: message.BufferData}}
				_, _, err := b.UnwrapIOV(stream, iovMemory)
				if m := status.Of(err).Major; m != status.DefectiveToken && m != status.BadMIC || stream[1].B != nil {
					t.Errorf("%s: %s turned by %d: %q, %v", e, name, rrc, stream[1].B, err)
				}
				if bytes.Contains(stream[0].B, []byte("secret")) {
					t.Errorf("%s: %s turned by %d: plaintext is left", e, name, rrc)
				}
				if _, _, _, err := b.UnwrapAEAD(tok, nil, iovMemory); err == nil {
					t.Errorf("%s: %s turned by %d: gss_unwrap_aead takes it", e, name, rrc)
				}
			}
		}
		h := token.WrapHeader{Flags: flags}
		for n := range token.MessageHeaderSize {
			taken("a short plaintext", h, header(h)[:n])
		}
		for _, ec := range []uint16{7, 8, 22, 23, 24, 65535} {
			h := token.WrapHeader{Flags: flags, EC: ec}
			taken("EC beyond the text", h, append([]byte("secret"), header(h)...))
		}
	}
}

func TestHostilePieces(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	header := func(ec, rrc uint16) []byte {
		b := zeros(32)
		token.WrapHeader{Flags: token.FlagSealed | token.FlagAcceptorSubkey, EC: ec, RRC: rrc}.Put(b)
		return b
	}
	tests := []struct {
		name string
		iov  []message.Buffer
		want status.Major
	}{
		{"cve-2024-37371-frame-longer-than-the-header",
			[]message.Buffer{{Type: message.BufferHeader, B: []byte{0x60, 0x88}}, {Type: message.BufferData, B: zeros(10)}}, status.DefectiveToken},
		{"cve-2014-4341-rfc1964-token",
			[]message.Buffer{{Type: message.BufferHeader, B: append([]byte("\x60\x30\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02\x01"), zeros(35)...)},
				{Type: message.BufferData, B: zeros(10)}}, status.DefectiveToken},
		{"empty-header", []message.Buffer{{Type: message.BufferHeader}, {Type: message.BufferData, B: zeros(10)}}, status.DefectiveToken},
		{"header-of-15-octets", []message.Buffer{{Type: message.BufferHeader, B: header(0, 0)[:15]}}, status.DefectiveToken},
		{"no-header", []message.Buffer{{Type: message.BufferData, B: zeros(10)}}, status.Failure},
		{"two-headers", []message.Buffer{{Type: message.BufferHeader, B: header(0, 0)}, {Type: message.BufferHeader, B: header(0, 0)}}, status.Failure},
		{"header-without-confounder", []message.Buffer{{Type: message.BufferHeader, B: header(0, 28)[:16]}, {Type: message.BufferData, B: zeros(10)}}, status.BadMIC},
		{"ec-beyond-everything", []message.Buffer{{Type: message.BufferHeader, B: header(0xffff, 0)}, {Type: message.BufferTrailer, B: zeros(28)}}, status.BadMIC},
		{"ec-and-rrc-beyond-everything", []message.Buffer{{Type: message.BufferHeader, B: header(0xffff, 0xffff)}}, status.DefectiveToken},
		{"trailer-short-by-one", []message.Buffer{{Type: message.BufferHeader, B: header(0, 0)}, {Type: message.BufferTrailer, B: zeros(27)}}, status.BadMIC},
		{"empty-stream", []message.Buffer{{Type: message.BufferStream}, {Type: message.BufferData}}, status.DefectiveToken},
		{"stream-without-data", []message.Buffer{{Type: message.BufferStream, B: header(0, 0)}}, status.Failure},
		{"stream-of-a-header", []message.Buffer{{Type: message.BufferStream, B: header(0, 0)[:16]}, {Type: message.BufferData}}, status.DefectiveToken},
		{"stream-with-ec-beyond-it", []message.Buffer{{Type: message.BufferStream, B: append(header(0xffff, 0), zeros(100)...)}, {Type: message.BufferData}}, status.DefectiveToken},
		{"stream-with-rrc-beyond-it", []message.Buffer{{Type: message.BufferStream, B: append(header(0, 0xffff), zeros(100)...)}, {Type: message.BufferData}}, status.BadMIC},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, b := twoSides(t, crypto.AES128SHA1, false)
			_, _, err := b.UnwrapIOV(test.iov, iovMemory)
			wantIOVMajor(t, err, test.want)
		})
	}
}

// Padding would be a piece of the message that no data buffer holds.
func TestPaddingIsRefused(t *testing.T) {
	for _, e := range allTypes {
		for _, conf := range []bool{false, true} {
			a, b := twoSides(t, e, false)
			iov := pieces(true)
			if _, err := a.WrapIOV(conf, 0, iov, iovMemory); err != nil {
				t.Fatal(err)
			}
			data := &iov[3]
			n := len(data.B) - 1
			iov = append(iov, message.Buffer{Type: message.BufferPadding, B: data.B[n:]})
			iov[3].B = data.B[:n]
			_, _, err := b.UnwrapIOV(iov, iovMemory)
			wantIOVMajor(t, err, status.DefectiveToken)
		}
		a, b := twoSides(t, e, false)
		iov := []message.Buffer{
			{Type: message.BufferMICToken, Allocate: true}, {Type: message.BufferData, B: []byte("te")}, {Type: message.BufferPadding, B: []byte("xt")},
		}
		if err := a.GetMICIOV(0, iov, iovMemory); err != nil || len(iov[2].B) != 0 {
			t.Errorf("padding of %d octets, %v", len(iov[2].B), err)
		}
		if _, err := b.VerifyMICIOV(cloned(iov)); err != nil {
			t.Error(err)
		}
		iov[2].B = []byte("xt")
		_, err := b.VerifyMICIOV(iov)
		wantIOVMajor(t, err, status.DefectiveToken)
	}
}

func TestCVE202557736MICsInPieces(t *testing.T) {
	for _, e := range allTypes {
		t.Run(e.String(), func(t *testing.T) {
			a, b := twoSides(t, e, false)
			iov := []message.Buffer{{Type: message.BufferData, B: []byte("text")}, {Type: message.BufferMICToken, Allocate: true}, {Type: message.BufferSignOnly, B: []byte(" more")}}
			if err := a.GetMICIOV(0, iov, iovMemory); err != nil {
				t.Fatal(err)
			}
			for i := range iov {
				for j := range iov[i].B {
					bad := cloned(iov)
					bad[i].B[j] ^= 1
					if _, err := b.VerifyMICIOV(bad); err == nil {
						t.Errorf("octet %d of buffer %d", j, i)
					}
				}
				for n := range iov[i].B {
					bad := cloned(iov)
					bad[i].B = bad[i].B[:n]
					if _, err := b.VerifyMICIOV(bad); err == nil {
						t.Errorf("buffer %d cut to %d octets", i, n)
					}
				}
			}
			if supplementary, err := b.VerifyMICIOV(iov); err != nil || supplementary != 0 {
				t.Errorf("the right one: %x, %v", supplementary, err)
			}
			if supplementary, err := b.VerifyMICIOV(iov); err != nil || supplementary != status.DuplicateToken {
				t.Errorf("once more: %x, %v", supplementary, err)
			}
			_, err := a.VerifyMICIOV(iov)
			wantIOVMajor(t, err, status.BadMIC)
		})
	}
}

func TestAFailedWrapAllocatesNothingAndSendsNothing(t *testing.T) {
	a, b := twoSides(t, crypto.AES256SHA1, false)
	live := 0
	counting := &message.Memory{Alloc: func(n int) []byte { live++; return make([]byte, n) }, Free: func([]byte) { live-- }}
	iov := []message.Buffer{{Type: message.BufferHeader, Allocate: true}, {Type: message.BufferData, B: []byte("text")}, {Type: message.BufferTrailer, B: make([]byte, 5)}}
	_, err := a.WrapIOV(true, 0, iov, counting)
	wantIOVMajor(t, err, status.Failure)
	if live != 0 || iov[0].Allocated || string(iov[1].B) != "text" {
		t.Errorf("%d allocations live, data %q", live, iov[1].B)
	}
	none := &message.Memory{Alloc: func(int) []byte { return nil }, Free: func([]byte) {}}
	if _, err = a.WrapIOV(true, 0, iov, none); err == nil {
		t.Error("there is no memory, and no error")
	}
	iov = pieces(true)
	if _, err := a.WrapIOV(true, 0, iov, iovMemory); err != nil {
		t.Fatal(err)
	}
	if _, supplementary, err := b.UnwrapIOV(iov, iovMemory); err != nil || supplementary != 0 {
		t.Errorf("the next one: %x, %v", supplementary, err)
	}
}

func TestAEADCoversWhatIsAssociated(t *testing.T) {
	for _, e := range allTypes {
		a, b := twoSides(t, e, false)
		for _, conf := range []bool{false, true} {
			tok, _, err := a.WrapAEAD(conf, 0, []byte("associated"), []byte("text"), iovMemory)
			if err != nil {
				t.Fatal(err)
			}
			before := bytes.Clone(tok)
			_, _, _, err = b.UnwrapAEAD(tok, []byte("associateD"), iovMemory)
			wantIOVMajor(t, err, status.BadMIC)
			msg, got, _, err := b.UnwrapAEAD(tok, []byte("associated"), iovMemory)
			if err != nil || got != conf || string(msg) != "text" || !bytes.Equal(tok, before) {
				t.Errorf("%q, conf %v, %v", msg, got, err)
			}
		}
	}
}

func TestMessagesInPiecesCostNoAllocation(t *testing.T) {
	for _, e := range allTypes {
		a, b := twoSides(t, e, false)
		iov := []message.Buffer{
			{Type: message.BufferHeader, B: make([]byte, 32)}, {Type: message.BufferData, B: make([]byte, 1001)}, {Type: message.BufferData, B: make([]byte, 7)},
			{Type: message.BufferTrailer, B: make([]byte, 16+e.MACSize())},
		}
		if n := testing.AllocsPerRun(50, func() {
			if _, err := a.WrapIOV(true, 0, iov, iovMemory); err != nil {
				t.Error(err)
			}
			if _, _, err := b.UnwrapIOV(iov, iovMemory); err != nil {
				t.Error(err)
			}
		}); n > 0 {
			t.Errorf("%v: %v allocations", e, n)
		}
	}
}

// FuzzUnwrapIOV has the fuzzer cut a token and its lies about it in pieces as it likes.
func FuzzUnwrapIOV(f *testing.F) {
	types := []crypto.EType{crypto.AES128SHA1, crypto.AES128SHA2, crypto.DES3, crypto.RC4}
	for n, e := range types {
		a, _ := twoSides(f, e, false)
		for _, conf := range []bool{false, true} {
			iov := append(pieces(true), message.Buffer{Type: message.BufferPadding, Allocate: true})
			if _, err := a.WrapIOV(conf, 0, iov, iovMemory); err != nil {
				f.Fatal(err)
			}
			var all []byte
			for _, b := range iov {
				all = append(all, byte(b.Type))
				all = binary.BigEndian.AppendUint16(all, uint16(len(b.B)))
				all = append(all, b.B...)
			}
			f.Add(byte(n), all, false)
		}
	}
	f.Fuzz(func(t *testing.T, e byte, b []byte, dce bool) {
		_, p := twoSides(t, types[int(e)%len(types)], dce)
		var iov []message.Buffer
		secret := 0
		for len(b) >= 3 && len(iov) < 16 {
			n := min(int(binary.BigEndian.Uint16(b[1:])), len(b)-3)
			iov = append(iov, message.Buffer{Type: message.BufferType(b[0] & 15), Allocate: b[0]&16 != 0, B: bytes.Clone(b[3:][:n])})
			b = b[3+n:]
			secret += bytes.Count(iov[len(iov)-1].B, []byte("some secret"))
		}
		again := cloned(iov)
		_, _, err := p.UnwrapIOV(iov, iovMemory)
		for _, b := range iov {
			secret -= bytes.Count(b.B, []byte("some secret"))
		}
		if err != nil && secret < 0 {
			t.Error("plaintext is left after an error")
		}
		_, _ = p.VerifyMICIOV(again)
	})
}
