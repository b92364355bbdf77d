// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// GetMICIOV writes a MIC token for the data and sign-only buffers into the MIC token buffer. If there is a trailer
// buffer, it receives the checksum.
func (p *Protection) GetMICIOV(qop uint32, iov []message.Buffer, mem *message.Memory) error {
	if err := checkQOP(qop); err != nil {
		return err
	}
	s := &p.send
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys.key == nil {
		return errWiped()
	}
	var err error
	if p.legacy {
		err = p.legacyMIC(iov, mem)
	} else {
		err = p.micIOV(iov, mem)
	}
	if err != nil {
		takeBack(iov, mem)
		return err
	}
	s.advance()
	return nil
}

func (p *Protection) micIOV(iov []message.Buffer, mem *message.Memory) error {
	s := &p.send
	tok, trailer := find(iov, message.BufferMICToken), find(iov, message.BufferTrailer)
	if tok == nil {
		return errNoBuffer("MIC token")
	}
	l := p.layout(s.keys.key.EType(), false, 0, trailer != nil)
	if err := place(tok, l.header, mem); err != nil {
		return err
	}
	sum := tok.B[token.MessageHeaderSize:]
	if trailer != nil {
		if err := place(trailer, l.trailer, mem); err != nil {
			return err
		}
		sum = trailer.B
	}
	empty(find(iov, message.BufferPadding))
	token.MICHeader{Flags: s.flags, SndSeq: s.seq}.Put(s.header[:])
	defer s.forget()
	s.pieces = append(appendPieces(s.pieces, iov), crypto.Piece{B: s.header[:]})
	copy(sum, s.keys.forMIC().SumPieces(s.pieces))
	copy(tok.B, s.header[:])
	return nil
}

// GetMICIOVLength sets the lengths that GetMICIOV needs.
func (p *Protection) GetMICIOVLength(qop uint32, iov []message.Buffer) error {
	if err := checkQOP(qop); err != nil {
		return err
	}
	p.send.mu.Lock()
	defer p.send.mu.Unlock()
	if p.send.keys.key == nil {
		return errWiped()
	}
	tok, trailer, padding := find(iov, message.BufferMICToken), find(iov, message.BufferTrailer), find(iov, message.BufferPadding)
	if tok == nil {
		return errNoBuffer("MIC token")
	}
	header, tail := 0, 0
	if p.legacy {
		n := legacyTail(p.send.keys.key.Messages(), true)
		header = len(token.AppendLegacyFrame(nil, p.mech, n)) + n
	} else {
		l := p.layout(p.send.keys.key.EType(), false, 0, trailer != nil)
		header, tail = l.header, l.trailer
	}
	tok.Len, tok.Changed = header, true
	if trailer != nil {
		trailer.Len, trailer.Changed = tail, true
	}
	if padding != nil {
		padding.Len, padding.Changed = 0, true
	}
	return nil
}

// VerifyMICIOV verifies a MIC token for the message in iov, which may be divided in another way than for GetMICIOV. The
// supplementary code reports replays and messages out of order.
func (p *Protection) VerifyMICIOV(iov []message.Buffer) (supplementary status.Major, err error) {
	r := &p.recv
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys.key == nil {
		return 0, errWiped()
	}
	tok, trailer := find(iov, message.BufferMICToken), find(iov, message.BufferTrailer)
	if tok == nil {
		return 0, errNoBuffer("MIC token")
	}
	if p.legacy {
		_, seq, err := p.legacyOpen(token.TokLegacyMIC, tok.B, 0, iov)
		if err != nil {
			return 0, err
		}
		return r.admitLegacy(seq), nil
	}
	h, sum, err := token.ParseMIC(tok.B)
	if err == nil {
		err = checkPadding(iov)
	}
	if err != nil {
		return 0, err
	}
	keys, err := p.incoming(h.Flags)
	if err != nil {
		return 0, err
	}
	if trailer != nil && len(sum) == 0 {
		sum = trailer.B
	}
	mac := keys.forMIC()
	if len(sum) != mac.Size() {
		return 0, errMICSize(len(sum), mac.Size())
	}
	h.Put(r.header[:])
	defer r.forget()
	r.pieces = append(appendPieces(r.pieces, iov), crypto.Piece{B: r.header[:]})
	if !mac.VerifyPieces(sum, r.pieces) {
		return 0, errMIC()
	}
	if err := p.checkSubkey(h.Flags); err != nil {
		return 0, err
	}
	return r.admit(h.SndSeq), nil
}
