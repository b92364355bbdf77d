// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// GetMIC returns a MIC token for msg (RFC 4121, Section 4.2.6.1) in memory from mem. The checksum covers msg | header.
func (p *Protection) GetMIC(qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
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
		iov := []message.Buffer{{Type: message.BufferData, B: msg}, {Type: message.BufferMICToken, Allocate: true}}
		if err := p.legacyMIC(iov, mem); err != nil {
			return nil, err
		}
		s.advance()
		return iov[1].B, nil
	}
	mac := s.keys.forMIC()
	n := token.MessageHeaderSize + mac.Size()
	tok := mem.Alloc(n)
	if tok == nil {
		return nil, errMemory(n)
	}
	token.MICHeader{Flags: s.flags, SndSeq: s.seq}.Put(s.header[:])
	copy(tok, s.header[:])
	copy(tok[token.MessageHeaderSize:], mac.Sum(msg, s.header[:]))
	s.advance()
	return tok, nil
}

// VerifyMIC verifies a MIC token for msg. The supplementary code reports replays and messages out of order.
func (p *Protection) VerifyMIC(msg, tok []byte) (supplementary status.Major, err error) {
	if p.legacy {
		return p.VerifyMICIOV([]message.Buffer{{Type: message.BufferData, B: msg}, {Type: message.BufferMICToken, B: tok}})
	}
	if tok, err = p.messageToken(tok); err != nil {
		return 0, err
	}
	h, sum, err := token.ParseMIC(tok)
	if err != nil {
		return 0, err
	}
	r := &p.recv
	r.mu.Lock()
	defer r.mu.Unlock()
	keys, err := p.incoming(h.Flags)
	if err != nil {
		return 0, err
	}
	mac := keys.forMIC()
	if len(sum) != mac.Size() {
		return 0, errMICSize(len(sum), mac.Size())
	}
	// Put writes the same octets again: ParseMIC accepts only one form.
	h.Put(r.header[:])
	if !mac.Verify(sum, msg, r.header[:]) {
		return 0, errMIC()
	}
	if err := p.checkSubkey(h.Flags); err != nil {
		return 0, err
	}
	return r.admit(h.SndSeq), nil
}

func errMICSize(is, want int) error {
	return status.Errorf(status.BadMIC, status.KRB5_BAD_MSIZE,
		"MIC token has a checksum of %d octets instead of %d", is, want)
}

func errMIC() error {
	return status.Errorf(status.BadMIC, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
		"the MIC does not match the message and the context")
}
