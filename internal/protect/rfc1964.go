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
// with a confounder and padding also where nothing is encrypted, as MIT krb5 has them. In DCE style the frame's length
// counts the header alone, and there is no padding: the caller sees to whole blocks. Sequence numbers have 32 bits.

const legacyConfounder = 8

// legacyTail is what follows the frame in the header buffer.
func legacyTail(m crypto.Messages, mic bool) int {
	n := token.LegacyHeaderSize + m.ChecksumSize()
	if !mic {
		n += legacyConfounder
	}
	return n
}

// legacySizes are the lengths of header and padding around n octets of data.
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

// dataSize is the length of what is encrypted but for padding.
func dataSize(iov []message.Buffer) int {
	n := 0
	for i := range iov {
		if iov[i].Type == message.BufferData {
			n += max(len(iov[i].B), iov[i].Len)
		}
	}
	return n
}

// checkFrame refuses what no peer can read: lengths in frames have four octets at most.
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

// legacyWrap makes a token in one piece. It is padded in DCE style, too.
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

// legacyOpen verifies a token whose message, and padding, are in iov, and decrypts them. The header is not written to.
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

// legacyUnpad takes the padding off the data. It is the message's sender who says how much there is: the checksum was
// verified, so that the error tells nobody else anything. RC4 has an octet of padding, or, from Windows' WinRM, none at
// all in its buffer. What was decrypted is wiped if the padding is wrong.
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

// legacyUnwrapIOV takes a token in several buffers, or in a stream.
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
	// The last octet says how much padding there is. It follows the data, whatever is signed only in between.
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

// legacyUnwrap takes a token in one piece, also in DCE style.
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

// legacySizeLimit is WrapSizeLimit: the frame's own length depends on what it says.
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

// maxAhead is how many numbers a message of RFC 1964 may be ahead of the one expected to be one of the next round: its
// number has 32 bits, and begins again.
const maxAhead = 1 << 16

// admitLegacy is admit for numbers of 32 bits, of which the context's first one is the base. In the first round they
// are what they say; later ones are old if they are not a little ahead.
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
