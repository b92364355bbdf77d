// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Wrap returns a Wrap token for msg (RFC 4121, Section 4.2.6.2) in memory from mem. Its data is encrypt(msg | header)
// with confidentiality, and msg | checksum(msg | header) without. EC is 0, or the length of the checksum; RRC is 0.
func (p *Protection) Wrap(conf bool, qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
	if err := checkQOP(qop); err != nil {
		return nil, err
	}
	s := &p.send
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys.key == nil {
		return nil, errWiped()
	}
	if p.legacy {
		return p.legacyWrap(conf, msg, mem)
	}
	if conf {
		return p.seal(s.keys.forSealing(), msg, mem)
	}
	return p.sign(s.keys.forWrap(), msg, mem)
}

func (p *Protection) seal(c *crypto.Cipher, msg []byte, mem *message.Memory) ([]byte, error) {
	s := &p.send
	n := token.MessageHeaderSize + c.Overhead() + len(msg) + token.MessageHeaderSize
	tok := mem.Alloc(n)
	if tok == nil {
		return nil, errMemory(n)
	}
	token.WrapHeader{Flags: s.flags | token.FlagSealed, SndSeq: s.seq}.Put(s.header[:])
	copy(tok, s.header[:])
	if err := c.Seal(tok[token.MessageHeaderSize:], msg, s.header[:], &s.rand); err != nil {
		mem.Free(tok)
		return nil, err
	}
	s.advance()
	return tok, nil
}

func (p *Protection) sign(mac *crypto.MAC, msg []byte, mem *message.Memory) ([]byte, error) {
	s := &p.send
	n := token.MessageHeaderSize + len(msg) + mac.Size()
	tok := mem.Alloc(n)
	if tok == nil {
		return nil, errMemory(n)
	}
	h := token.WrapHeader{Flags: s.flags, SndSeq: s.seq}
	h.Put(s.header[:]) // with EC and RRC zero, as the checksum covers it
	body := tok[token.MessageHeaderSize:]
	copy(body, msg)
	copy(body[len(msg):], mac.Sum(body[:len(msg)], s.header[:]))
	h.EC = uint16(mac.Size())
	h.Put(tok)
	s.advance()
	return tok, nil
}

// Unwrap returns the message of a Wrap token in memory from mem, whether it was encrypted, and a supplementary code that
// reports replays and messages out of order. The message starts at the beginning of the memory and may be shorter. An
// empty message may be nil.
func (p *Protection) Unwrap(tok []byte, mem *message.Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	if p.legacy {
		p.recv.mu.Lock()
		defer p.recv.mu.Unlock()
		if p.recv.keys.key == nil {
			return nil, false, 0, errWiped()
		}
		msg, conf, seq, err := p.legacyUnwrap(tok, mem)
		if err != nil {
			return nil, false, 0, err
		}
		return msg, conf, p.recv.admitLegacy(seq), nil
	}
	if tok, err = p.messageToken(tok); err != nil {
		return nil, false, 0, err
	}
	h, body, err := token.ParseWrap(tok)
	if err != nil {
		return nil, false, 0, err
	}
	r := &p.recv
	r.mu.Lock()
	defer r.mu.Unlock()
	keys, err := p.incoming(h.Flags)
	if err != nil {
		return nil, false, 0, err
	}
	var (
		buf []byte // of mem's
		n   int    // length of the message in buf
	)
	if h.Sealed() {
		buf, n, err = r.open(keys.forSealing(), h, body, mem)
	} else {
		buf, n, err = r.verify(keys.forWrap(), h, body, mem)
	}
	if err == nil {
		err = p.checkSubkey(h.Flags)
	}
	if err != nil {
		if buf != nil {
			clear(buf)
			mem.Free(buf)
		}
		return nil, false, 0, err
	}
	return buf[:n], h.Sealed(), r.admit(h.SndSeq), nil
}

// open decrypts encrypt(msg | EC octets of filler | header). It takes over buf, even if it fails.
func (r *receiver) open(c *crypto.Cipher, h token.WrapHeader, body []byte, mem *message.Memory) (buf []byte, n int, err error) {
	size := len(body) - c.Overhead()
	if size < 0 {
		return nil, 0, status.Errorf(status.BadMIC, status.KRB5_BAD_MSIZE,
			"sealed Wrap token has %d octets of data instead of at least %d", len(body), c.Overhead())
	}
	if buf = mem.Alloc(max(size, 1)); buf == nil {
		return nil, 0, errMemory(size)
	}
	a, b := h.Unrotate(body)
	if err := c.Open(buf[:size], a, b); err != nil {
		return buf, 0, err
	}
	// The plaintext is authentic now, but the unencrypted header is not: it must equal the one that was sealed
	// (CVE-2024-37370). There may be no room for that one, because EC is a uint16 chosen by the peer (CVE-2024-37371).
	if n = size - token.MessageHeaderSize; n < 0 {
		return buf, 0, status.Errorf(status.DefectiveToken, status.G_TOK_TRUNC,
			"the sealed part of the Wrap token has %d octets and no room for a header", size)
	}
	if !h.SameMessage(buf[n:size]) {
		return buf, 0, status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER,
			"the header of the Wrap token is not the one that was sealed with the message")
	}
	if n -= int(h.EC); n < 0 {
		return buf, 0, status.Errorf(status.DefectiveToken, status.KG_BAD_LENGTH,
			"Wrap token has %d octets of filler (EC), %d too many", h.EC, -n)
	}
	return buf, n, nil
}

// verify verifies msg | checksum(msg | header with EC and RRC 0), where the checksum has EC octets. It takes over buf,
// even if it fails; buf is nil for an empty message.
func (r *receiver) verify(m *crypto.MAC, h token.WrapHeader, body []byte, mem *message.Memory) (buf []byte, n int, err error) {
	if n = len(body) - int(h.EC); n < 0 {
		return nil, 0, status.Errorf(status.DefectiveToken, status.G_TOK_TRUNC,
			"Wrap token has %d octets of data, less than its checksum (EC) of %d", len(body), h.EC)
	}
	if int(h.EC) != m.Size() {
		return nil, 0, status.Errorf(status.BadMIC, status.KG_BAD_LENGTH,
			"Wrap token has a checksum (EC) of %d octets instead of %d", h.EC, m.Size())
	}
	if n > 0 {
		if buf = mem.Alloc(n); buf == nil {
			return nil, 0, errMemory(n)
		}
	}
	a, b := h.Unrotate(body)
	sum := r.sum[:m.Size()]
	split(buf, sum, a, b)
	token.WrapHeader{Flags: h.Flags, SndSeq: h.SndSeq}.Put(r.header[:])
	if !m.Verify(sum, buf, r.header[:]) {
		return buf, 0, status.Errorf(status.BadMIC, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"the checksum of the Wrap token does not match the message and the context")
	}
	return buf, n, nil
}

// split copies a | b to msg | sum, which have the same total length.
func split(msg, sum, a, b []byte) {
	for _, part := range [2][]byte{a, b} {
		n := copy(msg, part)
		msg = msg[n:]
		sum = sum[copy(sum, part[n:]):]
	}
}

// WrapSizeLimit returns the length of the longest message whose Wrap token has at most maxOutput octets, or 0 if there is
// none.
func (p *Protection) WrapSizeLimit(conf bool, qop, maxOutput uint32) (uint32, error) {
	if err := checkQOP(qop); err != nil {
		return 0, err
	}
	p.send.mu.Lock()
	defer p.send.mu.Unlock()
	if p.send.keys.key == nil {
		return 0, errWiped()
	}
	e := p.send.keys.key.EType()
	if p.legacy {
		return p.legacySizeLimit(p.send.keys.key.Messages(), maxOutput), nil
	}
	overhead := uint32(token.MessageHeaderSize + e.MACSize())
	if conf {
		overhead = uint32(token.MessageHeaderSize + e.Overhead() + token.MessageHeaderSize)
	}
	if maxOutput < overhead {
		return 0, nil
	}
	return maxOutput - overhead, nil
}
