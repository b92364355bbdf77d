// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"io"
	"slices"
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// A Wrap token over several buffers (RFC 4121, Section 4.2; the layout is that of MIT krb5 and of Windows' SSPI):
//
//	HEADER: header | confounder            message, sealed in place            TRAILER: EC octets | header | checksum
//	HEADER: header                         message                             TRAILER: checksum
//
// The second is a token without confidentiality. If there is no TRAILER, its contents follow the header directly, as if
// the token had been rotated by their length, which is the RRC.
type iovLayout struct {
	ec, rrc int // as the header has them
	tail    int // length of what is in the trailer or, without one, after the header
	header  int // length of the header buffer
	trailer int // length of the trailer buffer
}

// layout returns the layout of a token with ec octets of filler, which only sealed tokens have.
func (p *Protection) layout(e crypto.EType, conf bool, ec int, trailer bool) iovLayout {
	l := iovLayout{ec: ec, header: token.MessageHeaderSize, tail: e.MACSize()}
	if conf {
		l.header += e.Overhead() - e.MACSize()
		l.tail += ec + token.MessageHeaderSize
	} else {
		l.ec = l.tail
	}
	if trailer {
		l.trailer = l.tail
		return l
	}
	l.header += l.tail
	l.rrc = l.tail
	if conf && p.dce {
		// Windows rotates by EC + RRC here, so the RRC says less.
		l.rrc -= ec
	}
	return l
}

// filler returns the EC of sealed tokens that we send: Windows' DCE RPC expects one block, other peers none.
func (p *Protection) filler(e crypto.EType) int {
	if p.dce {
		return e.Overhead() - e.MACSize()
	}
	return 0
}

// WrapIOV makes a Wrap token in place for the message in the data buffers. It writes header and trailer, and sets their
// exact lengths. It reports whether the message was encrypted; without data there is nothing to encrypt.
func (p *Protection) WrapIOV(conf bool, qop uint32, iov []message.Buffer, mem *message.Memory) (bool, error) {
	if err := checkQOP(qop); err != nil {
		return false, err
	}
	s := &p.send
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys.key == nil {
		return false, errWiped()
	}
	conf = conf && hasData(iov)
	// The calls name their functions: through a variable, the buffers would be allocated on the heap.
	var err error
	if p.legacy {
		err = p.legacyWrapIOV(conf, iov, p.dce, mem)
	} else {
		err = p.wrapIOV(conf, iov, mem)
	}
	if err != nil {
		takeBack(iov, mem)
		return false, err
	}
	s.advance()
	return conf, nil
}

func (p *Protection) wrapIOV(conf bool, iov []message.Buffer, mem *message.Memory) error {
	s := &p.send
	header, trailer, padding := find(iov, message.BufferHeader), find(iov, message.BufferTrailer), find(iov, message.BufferPadding)
	if header == nil {
		return errNoBuffer("header")
	}
	e := s.keys.key.EType()
	l := p.layout(e, conf, p.filler(e), trailer != nil)
	if err := place(header, l.header, mem); err != nil {
		return err
	}
	tail := header.B[token.MessageHeaderSize:]
	if trailer != nil {
		if err := place(trailer, l.trailer, mem); err != nil {
			return err
		}
		tail = trailer.B
	}
	tail = tail[:l.tail]
	empty(padding)
	h := token.WrapHeader{Flags: s.flags, SndSeq: s.seq}
	sum := tail[len(tail)-e.MACSize():]
	defer s.forget()
	if conf {
		h.Flags |= token.FlagSealed
		h.EC = uint16(l.ec)
		for i := range tail[:l.ec] {
			tail[i] = 0xff
		}
		inner := tail[l.ec : len(tail)-len(sum)]
		h.Put(inner) // with RRC zero
		confounder := header.B[l.header-(e.Overhead()-e.MACSize()):]
		if _, err := io.ReadFull(&p.send.rand, confounder); err != nil {
			return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for a confounder: %v", err)
		}
		s.pieces = append(appendPieces(append(s.pieces, crypto.Piece{B: confounder}), iov),
			crypto.Piece{B: tail[:len(tail)-len(sum)]})
		if err := s.keys.forSealing().SealPieces(s.pieces, sum); err != nil {
			return err
		}
	} else {
		h.Put(s.header[:])
		s.pieces = append(appendPieces(s.pieces, iov), crypto.Piece{B: s.header[:]})
		copy(sum, s.keys.forWrap().SumPieces(s.pieces))
		h.EC = uint16(l.ec)
	}
	h.RRC = uint16(l.rrc)
	h.Put(header.B)
	return nil
}

// forget drops references to the caller's memory.
func (s *sender) forget() { s.pieces = forgotten(s.pieces) }

func (r *receiver) forget() { r.pieces = forgotten(r.pieces) }

// maxPieces is the capacity up to which an array is kept for the next message.
const maxPieces = 256

func forgotten(pieces []crypto.Piece) []crypto.Piece {
	if cap(pieces) > maxPieces {
		return nil
	}
	clear(pieces)
	return pieces[:0]
}

// WrapIOVLength sets the lengths that WrapIOV needs.
func (p *Protection) WrapIOVLength(conf bool, qop uint32, iov []message.Buffer) (bool, error) {
	if err := checkQOP(qop); err != nil {
		return false, err
	}
	p.send.mu.Lock()
	defer p.send.mu.Unlock()
	if p.send.keys.key == nil {
		return false, errWiped()
	}
	conf = conf && hasData(iov)
	if p.legacy {
		return conf, p.legacyLengths(iov)
	}
	header, trailer, padding := find(iov, message.BufferHeader), find(iov, message.BufferTrailer), find(iov, message.BufferPadding)
	if header == nil {
		return false, errNoBuffer("header")
	}
	e := p.send.keys.key.EType()
	l := p.layout(e, conf, p.filler(e), trailer != nil)
	header.Len, header.Changed = l.header, true
	if trailer != nil {
		trailer.Len, trailer.Changed = l.trailer, true
	}
	if padding != nil {
		padding.Len, padding.Changed = 0, true
	}
	return conf, nil
}

// UnwrapIOV verifies and, if it is sealed, decrypts a Wrap token in place. The token is in header, data and trailer
// buffers, or in a stream buffer with one data buffer, which then receives the address of the message in the stream, or a
// copy. If the token is not genuine, the data buffers contain no plaintext.
func (p *Protection) UnwrapIOV(iov []message.Buffer, mem *message.Memory) (conf bool, supplementary status.Major, err error) {
	r := &p.recv
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys.key == nil {
		return false, 0, errWiped()
	}
	if p.legacy {
		conf, seq, err := p.legacyUnwrapIOV(iov, mem)
		if err != nil {
			return false, 0, err
		}
		return conf, r.admitLegacy(seq), nil
	}
	defer r.forget()
	var h token.WrapHeader
	if stream := find(iov, message.BufferStream); stream != nil {
		h, err = p.unwrapStream(stream, iov, mem)
	} else {
		h, err = p.unwrapIOV(iov)
	}
	if err != nil {
		return false, 0, err
	}
	return h.Sealed(), r.admit(h.SndSeq), nil
}

// parseIOV parses a token's header and finds the keys with which to verify the token.
func (p *Protection) parseIOV(tok []byte, iov []message.Buffer) (
	h token.WrapHeader, body []byte, keys *directionKeys, err error,
) {
	h, body, err = token.ParseWrap(tok)
	if err == nil {
		err = checkPadding(iov)
	}
	if err == nil {
		keys, err = p.incoming(h.Flags)
	}
	return h, body, keys, err
}

// unwrapIOV processes a token in a header buffer and, if there is one, a trailer buffer.
func (p *Protection) unwrapIOV(iov []message.Buffer) (token.WrapHeader, error) {
	header, trailer := find(iov, message.BufferHeader), find(iov, message.BufferTrailer)
	if header == nil {
		return token.WrapHeader{}, errNoBuffer("header")
	}
	h, rest, keys, err := p.parseIOV(header.B, iov)
	if err != nil {
		return h, err
	}
	l := p.layout(keys.key.EType(), h.Sealed(), int(h.EC), trailer != nil)
	if err := l.check(h, len(header.B), trailer); err != nil {
		return h, err
	}
	if trailer != nil {
		return h, p.openIOV(keys, h, rest, trailer.B, iov)
	}
	return h, p.openIOV(keys, h, rest[l.tail:], rest[:l.tail], iov)
}

// check compares the lengths in a token, and those of its buffers, with the required ones.
func (l iovLayout) check(h token.WrapHeader, header int, trailer *message.Buffer) error {
	if int(h.RRC) != l.rrc {
		return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER,
			"Wrap token in several buffers is rotated by %d octets (RRC), not by %d", h.RRC, l.rrc)
	}
	if int(h.EC) != l.ec {
		return status.Errorf(status.DefectiveToken, status.KG_BAD_LENGTH,
			"Wrap token has a checksum (EC) of %d octets instead of %d", h.EC, l.ec)
	}
	if header != l.header {
		return errBufferSize("header", header, l.header)
	}
	if trailer != nil && len(trailer.B) != l.trailer {
		return errBufferSize("trailer", len(trailer.B), l.trailer)
	}
	return nil
}

func errBufferSize(what string, is, want int) error {
	return status.Errorf(status.BadMIC, status.KRB5_BAD_MSIZE,
		"the %s buffer of the Wrap token has %d octets instead of %d", what, is, want)
}

// unwrapStream processes a whole token.
func (p *Protection) unwrapStream(stream *message.Buffer, iov []message.Buffer, mem *message.Memory) (token.WrapHeader, error) {
	data := find(iov, message.BufferData)
	if data == nil || p.dce {
		return token.WrapHeader{}, status.Errorf(status.Failure, status.Minor(syscall.EINVAL),
			"a stream buffer needs one data buffer, and a context that is not in DCE style")
	}
	h, body, keys, err := p.parseIOV(stream.B, iov)
	if err != nil {
		return h, err
	}
	// The rotation is undone first, so that the token has a trailer.
	l := p.layout(keys.key.EType(), h.Sealed(), int(h.EC), true)
	before := l.header - token.MessageHeaderSize
	size := len(body) - before - l.tail
	if size < 0 {
		return h, status.Errorf(status.DefectiveToken, status.KRB5_BAD_MSIZE,
			"Wrap token has %d octets of data instead of at least %d", len(body), before+l.tail)
	}
	if int(h.EC) != l.ec {
		return h, status.Errorf(status.DefectiveToken, status.KG_BAD_LENGTH,
			"Wrap token has a checksum (EC) of %d octets instead of %d", h.EC, l.ec)
	}
	rotateLeft(body, int(h.RRC)%max(len(body), 1))
	unrotated := h
	unrotated.RRC = 0
	unrotated.Put(stream.B)
	data.B = body[before:][:size]
	if data.Allocate {
		if err := place(data, size, mem); err != nil {
			return h, err
		}
		copy(data.B, body[before:])
	}
	data.Changed = true
	err = p.openIOV(keys, h, body[:before], body[before+size:], iov)
	if err != nil {
		takeBack(iov, mem)
		data.B, data.Changed = nil, false
	}
	return h, err
}

// openIOV verifies and decrypts the message in iov, with the parts of the token before and after it, whose lengths have
// been checked: the confounder, and filler, header and checksum; or nothing, and the checksum.
func (p *Protection) openIOV(keys *directionKeys, h token.WrapHeader, confounder, tail []byte, iov []message.Buffer) (err error) {
	r := &p.recv
	rest := tail[:len(tail)-keys.key.EType().MACSize()]
	sum := tail[len(rest):]
	if !h.Sealed() {
		token.WrapHeader{Flags: h.Flags, SndSeq: h.SndSeq}.Put(r.header[:])
		r.pieces = append(appendPieces(r.pieces, iov), crypto.Piece{B: r.header[:]})
		if !keys.forWrap().VerifyPieces(sum, r.pieces) {
			return status.Errorf(status.BadMIC, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
				"the checksum of the Wrap token does not match the message and the context")
		}
		return p.checkSubkey(h.Flags)
	}
	defer func() {
		if err != nil {
			wipeData(iov)
		}
	}()
	r.pieces = append(appendPieces(append(r.pieces, crypto.Piece{B: confounder}), iov), crypto.Piece{B: rest})
	if err := keys.forSealing().OpenPieces(r.pieces, sum); err != nil {
		return err
	}
	if !h.SameMessage(rest[int(h.EC):]) { // CVE-2024-37370
		return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER,
			"the header of the Wrap token is not the one that was sealed with the message")
	}
	return p.checkSubkey(h.Flags)
}

// rotateLeft moves the first n octets of b to its end. Peers that rotate usually do so by the length of a checksum, or
// little more.
func rotateLeft(b []byte, n int) {
	var few [64]byte
	if n <= len(few) {
		copy(few[:], b[:n])
		copy(b[copy(b, b[n:]):], few[:n])
		return
	}
	slices.Reverse(b[:n])
	slices.Reverse(b[n:])
	slices.Reverse(b)
}
