// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"io"
	"math"
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Tokens of contexts with a key of a legacy type (RFC 1964, Section 1.2; RFC 4757, Section 7):
//
//	HEADER: frame | header | checksum | confounder        message        PADDING: n octets n
//
// There is a confounder and padding even if nothing is encrypted, as in MIT krb5. In DCE style, the length in the frame
// counts only the header, and there is no padding: the caller passes whole blocks. Sequence numbers have 32 bits.

const legacyConfounder = 8

// legacyTail returns the length of what follows the frame in the header buffer.
func legacyTail(m crypto.Messages, mic bool) int {
	n := token.LegacyHeaderSize + m.ChecksumSize()
	if !mic {
		n += legacyConfounder
	}
	return n
}

// legacySizes returns the frame, and the lengths of header and padding, for n octets of data.
func legacySizes(mech token.OID, m crypto.Messages, n int, dce bool) (frame []byte, header, padding int) {
	inner := legacyTail(m, false)
	size := inner
	if !dce {
		padding = m.BlockSize() - n%m.BlockSize()
		size += n + padding
	}
	frame = token.AppendLegacyFrame(nil, mech, size)
	return frame, len(frame) + inner, padding
}

// dataSize returns the length of what is encrypted, without padding.
func dataSize(iov []message.Buffer) int {
	n := 0
	for i := range iov {
		if iov[i].Type == message.BufferData {
			n += max(len(iov[i].B), iov[i].Len)
		}
	}
	return n
}

// checkFrame refuses messages that are too long for a peer to read: lengths in frames have at most four octets.
func checkFrame(frame []byte, n int) error {
	if frame[1] > 0x84 {
		return status.Errorf(status.Failure, status.KRB5_BAD_MSIZE,
			"a message of %d octets is too long for a token of RFC 1964, which has less than 4 GiB", n)
	}
	return nil
}

func (p *Protection) legacyWrapIOV(conf bool, iov []message.Buffer, dce bool, mem *message.Memory) error {
	s := &p.send
	m := s.keys.key.Messages()
	header, padding, trailer := find(iov, message.BufferHeader), find(iov, message.BufferPadding), find(iov, message.BufferTrailer)
	if header == nil {
		return errNoBuffer("header")
	}
	if padding == nil && !dce {
		return errNoBuffer("padding")
	}
	n := dataSize(iov)
	frame, size, fill := legacySizes(p.mech, m, n, dce)
	if err := checkFrame(frame, n); err != nil {
		return err
	}
	if dce && n%m.BlockSize() != 0 {
		return status.Errorf(status.Failure, status.KRB5_BAD_MSIZE, "%d octets of data are not whole blocks, which DCE style requires", n)
	}
	if err := place(header, size, mem); err != nil {
		return err
	}
	if padding != nil {
		if err := place(padding, fill, mem); err != nil {
			return err
		}
		for i := range padding.B {
			padding.B[i] = byte(fill)
		}
	}
	empty(trailer)
	copy(header.B, frame)
	body := header.B[len(frame):]
	confounder := body[len(body)-legacyConfounder:]
	if _, err := io.ReadFull(&p.send.rand, confounder); err != nil {
		return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for a confounder: %v", err)
	}
	h := token.LegacyHeader{ID: token.TokLegacyWrap, SignAlg: m.SignAlg(), SealAlg: token.NoSeal}
	if conf {
		h.SealAlg = m.SealAlg()
	}
	h.Put(body)
	defer s.forget()
	s.pieces = appendPieces(append(s.pieces, crypto.Piece{B: body[:token.LegacyCovered], Clear: true}, crypto.Piece{B: confounder}), iov)
	sum := body[token.LegacyHeaderSize:][:m.ChecksumSize()]
	copy(sum, m.Sum(false, s.pieces))
	m.PutSeq(body[token.LegacyCovered:token.LegacyHeaderSize], uint32(s.seq), !p.initiator, sum)
	if conf {
		m.Seal(uint32(s.seq), s.pieces)
	}
	return nil
}

// legacyWrap returns a token for a whole message. It is padded in DCE style, too.
func (p *Protection) legacyWrap(conf bool, msg []byte, mem *message.Memory) ([]byte, error) {
	frame, header, padding := legacySizes(p.mech, p.send.keys.key.Messages(), len(msg), false)
	if err := checkFrame(frame, len(msg)); err != nil {
		return nil, err
	}
	tok := mem.Alloc(header + len(msg) + padding)
	if tok == nil {
		return nil, errMemory(header + len(msg) + padding)
	}
	copy(tok[header:], msg)
	iov := []message.Buffer{
		{Type: message.BufferHeader, B: tok[:header]}, {Type: message.BufferData, B: tok[header:][:len(msg)]},
		{Type: message.BufferPadding, B: tok[header+len(msg):]},
	}
	if err := p.legacyWrapIOV(conf, iov, false, mem); err != nil {
		clear(tok)
		mem.Free(tok)
		return nil, err
	}
	p.send.advance()
	return tok, nil
}

func (p *Protection) legacyLengths(iov []message.Buffer) error {
	header, padding, trailer := find(iov, message.BufferHeader), find(iov, message.BufferPadding), find(iov, message.BufferTrailer)
	if header == nil {
		return errNoBuffer("header")
	}
	if padding == nil && !p.dce {
		return errNoBuffer("padding")
	}
	n := dataSize(iov)
	frame, size, fill := legacySizes(p.mech, p.send.keys.key.Messages(), n, p.dce)
	if err := checkFrame(frame, n); err != nil {
		return err
	}
	header.Len, header.Changed = size, true
	if padding != nil {
		padding.Len, padding.Changed = fill, true
	}
	if trailer != nil {
		trailer.Len, trailer.Changed = 0, true
	}
	return nil
}

func (p *Protection) legacyMIC(iov []message.Buffer, mem *message.Memory) error {
	s := &p.send
	m := s.keys.key.Messages()
	tok := find(iov, message.BufferMICToken)
	if tok == nil {
		return errNoBuffer("MIC token")
	}
	frame := token.AppendLegacyFrame(nil, p.mech, legacyTail(m, true))
	if err := place(tok, len(frame)+legacyTail(m, true), mem); err != nil {
		return err
	}
	copy(tok.B, frame)
	body := tok.B[len(frame):]
	token.LegacyHeader{ID: token.TokLegacyMIC, SignAlg: m.SignAlg(), SealAlg: token.NoSeal}.Put(body)
	defer s.forget()
	s.pieces = appendPieces(append(s.pieces, crypto.Piece{B: body[:token.LegacyCovered]}), iov)
	sum := body[token.LegacyHeaderSize:]
	copy(sum, m.Sum(true, s.pieces))
	m.PutSeq(body[token.LegacyCovered:token.LegacyHeaderSize], uint32(s.seq), !p.initiator, sum)
	return nil
}

// legacyOpen verifies a token whose message and padding are in iov, and decrypts them. It does not write to the header.
func (p *Protection) legacyOpen(id uint16, header []byte, beyond int, iov []message.Buffer) (conf bool, seq uint32, err error) {
	r := &p.recv
	m := r.keys.key.Messages()
	h, rest, err := token.ParseLegacy(header, p.mech, beyond)
	if err != nil {
		return false, 0, err
	}
	mic := id == token.TokLegacyMIC
	conf = !mic && h.SealAlg != token.NoSeal
	switch want := legacyTail(m, mic) - token.LegacyHeaderSize; {
	case h.ID != id:
		return false, 0, status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "token of type %04x instead of %04x", h.ID, id)
	case h.SignAlg != m.SignAlg() || conf && h.SealAlg != m.SealAlg():
		return false, 0, status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER, "the algorithms of the token do not fit the key")
	case len(rest) != want:
		return false, 0, status.Errorf(status.DefectiveToken, status.KRB5_BAD_MSIZE,
			"the checksum of the token, with what follows in its header, has %d octets, not %d", len(rest), want)
	}
	sum := rest[:m.ChecksumSize()]
	seq, fromAcceptor, ok := m.Seq(h.SndSeq[:], sum)
	if !ok || fromAcceptor != p.initiator {
		return false, 0, status.Errorf(status.BadMIC, status.G_BAD_DIRECTION,
			"the token comes from this side of the context, or was changed on the way")
	}
	var covered [token.LegacyHeaderSize]byte
	h.Put(covered[:])
	defer r.forget()
	r.pieces = append(r.pieces, crypto.Piece{B: covered[:token.LegacyCovered], Clear: true})
	if !mic {
		confounder := append([]byte(nil), rest[len(sum):]...)
		r.pieces = append(r.pieces, crypto.Piece{B: confounder})
	}
	r.pieces = appendPieces(r.pieces, iov)
	if conf {
		m.Open(seq, r.pieces)
	}
	if !m.Verify(mic, sum, r.pieces) {
		if conf {
			wipeData(iov)
		}
		return false, 0, status.Errorf(status.BadMIC, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"the checksum of the token does not match the message and the context")
	}
	return conf, seq, nil
}

// legacyUnpad removes the padding from the data. Its length is the sender's: the checksum has been verified, so the error
// reveals nothing to anybody else. RC4 has one octet of padding or, from Windows' WinRM, none in its buffer. If the
// padding is wrong, the decrypted data is wiped.
func legacyUnpad(m crypto.Messages, conf bool, iov []message.Buffer) (err error) {
	defer func() {
		if err != nil && conf {
			wipeData(iov)
		}
	}()
	padding := find(iov, message.BufferPadding)
	if padding == nil || len(padding.B) == 0 {
		if m.BlockSize() == 1 {
			return nil
		}
		return errNoBuffer("padding")
	}
	n := int(padding.B[len(padding.B)-1])
	excess := n - len(padding.B)
	if n == 0 || n > 8 || excess > dataSize(iov) || excess < 0 {
		return status.Errorf(status.BadMIC, status.KRB5_BAD_MSIZE, "the message has %d octets of padding", n)
	}
	for i := len(iov) - 1; i >= 0 && excess > 0; i-- {
		if b := &iov[i]; b.Type == message.BufferData {
			cut := min(excess, len(b.B))
			b.B, b.Changed = b.B[:len(b.B)-cut], true
			excess -= cut
		}
	}
	return nil
}

// legacyUnwrapIOV processes a token in several buffers or in a stream buffer.
func (p *Protection) legacyUnwrapIOV(iov []message.Buffer, mem *message.Memory) (conf bool, seq uint32, err error) {
	m := p.recv.keys.key.Messages()
	if stream := find(iov, message.BufferStream); stream != nil {
		if p.dce {
			return false, 0, status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "contexts in DCE style do not support stream buffers")
		}
		return p.legacyStream(m, stream, iov, mem)
	}
	header, trailer := find(iov, message.BufferHeader), find(iov, message.BufferTrailer)
	switch {
	case header == nil:
		return false, 0, errNoBuffer("header")
	case trailer != nil && len(trailer.B) != 0:
		return false, 0, status.Errorf(status.DefectiveToken, status.KRB5_BAD_MSIZE, "tokens of %s have no trailer", p.recv.keys.key.EType())
	}
	beyond := -1
	if !p.dce {
		beyond = dataSize(iov)
		for i := range iov {
			if iov[i].Type == message.BufferPadding {
				beyond += len(iov[i].B)
			}
		}
	}
	conf, seq, err = p.legacyOpen(token.TokLegacyWrap, header.B, beyond, iov)
	if err == nil && !p.dce {
		err = legacyUnpad(m, conf, iov)
	}
	return conf, seq, err
}

func (p *Protection) legacyStream(m crypto.Messages, stream *message.Buffer, iov []message.Buffer, mem *message.Memory) (conf bool, seq uint32, err error) {
	data := find(iov, message.BufferData)
	if data == nil {
		return false, 0, status.Errorf(status.Failure, status.Minor(syscall.EINVAL),
			"a stream buffer needs one data buffer")
	}
	_, rest, err := token.ParseLegacy(stream.B, p.mech, 0)
	if err != nil {
		return false, 0, err
	}
	before := legacyTail(m, false) - token.LegacyHeaderSize
	if len(rest) < before+1 {
		return false, 0, status.Errorf(status.DefectiveToken, status.KRB5_BAD_MSIZE, "token has %d octets after its header instead of at least %d",
			len(rest), before+1)
	}
	header, body := stream.B[:len(stream.B)-len(rest)+before], rest[before:]
	data.B = body[:len(body)-1]
	if data.Allocate {
		if err := place(data, len(body), mem); err != nil {
			return false, 0, err
		}
		copy(data.B, body)
		body = data.B
		data.B = body[:len(body)-1]
	}
	data.Changed = true
	// The last octet is the length of the padding. The padding follows the data, whatever sign-only buffers are between.
	padded := append(append(make([]message.Buffer, 0, len(iov)+1), iov...), message.Buffer{Type: message.BufferPadding, B: body[len(body)-1:]})
	conf, seq, err = p.legacyOpen(token.TokLegacyWrap, header, len(body), padded)
	if err == nil {
		err = legacyUnpad(m, conf, padded)
	}
	if err != nil {
		takeBack(iov, mem)
		data.B, data.Changed = nil, false
		return false, 0, err
	}
	for i := range iov {
		iov[i] = padded[i]
	}
	return conf, seq, nil
}

// legacyUnwrap processes a whole token, also in DCE style.
func (p *Protection) legacyUnwrap(tok []byte, mem *message.Memory) (msg []byte, conf bool, seq uint32, err error) {
	buf := mem.Alloc(max(len(tok), 1))
	if buf == nil {
		return nil, false, 0, errMemory(len(tok))
	}
	buf = buf[:len(tok)]
	copy(buf, tok)
	iov := []message.Buffer{{Type: message.BufferStream, B: buf}, {Type: message.BufferData}}
	conf, seq, err = p.legacyStream(p.recv.keys.key.Messages(), &iov[0], iov, mem)
	if err != nil {
		clear(buf)
		mem.Free(buf)
		return nil, false, 0, err
	}
	n := copy(buf, iov[1].B)
	clear(buf[n:])
	return buf[:n], conf, seq, nil
}

// legacySizeLimit is WrapSizeLimit. The length of the frame depends on the length in it.
func (p *Protection) legacySizeLimit(m crypto.Messages, maxOutput uint32) uint32 {
	lo, hi := uint64(0), uint64(maxOutput)
	fits := func(n uint64) bool {
		_, header, padding := legacySizes(p.mech, m, int(n), false)
		return uint64(header)+n+uint64(padding) <= uint64(maxOutput)
	}
	if !fits(0) {
		return 0
	}
	for lo < hi {
		if mid := (lo + hi + 1) / 2; fits(mid) {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return uint32(lo)
}

// maxAhead limits how far ahead of the expected number a number may be to belong to the next round: numbers of RFC 1964
// have 32 bits and start again.
const maxAhead = 1 << 16

// admitLegacy is admit for numbers of 32 bits, relative to the context's first one. In the first round they are taken as
// they are; later, numbers that are not a little ahead are old.
func (r *receiver) admitLegacy(seq uint32) status.Major {
	w := &r.window
	rel := seq - uint32(w.Base)
	n := uint64(rel)
	if ahead := rel - uint32(w.Next); ahead < maxAhead {
		n = w.Next + uint64(ahead)
	} else if w.Next > math.MaxUint32 {
		n = w.Next - uint64(uint32(w.Next)-rel)
	}
	return r.admit(w.Base + n)
}
