// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

// WrapAEAD returns a Wrap token for msg in memory from mem. Its checksum also covers assoc, which is not part of the
// token.
func (p *Protection) WrapAEAD(conf bool, qop uint32, assoc, msg []byte, mem *message.Memory) ([]byte, bool, error) {
	iov := [...]message.Buffer{
		{Type: message.BufferHeader}, {Type: message.BufferSignOnly, B: assoc}, {Type: message.BufferData, B: msg, Len: len(msg)},
		{Type: message.BufferPadding}, {Type: message.BufferTrailer},
	}
	if _, err := p.WrapIOVLength(conf, qop, iov[:]); err != nil {
		return nil, false, err
	}
	n := 0
	for i := range iov {
		n += iov[i].Len
	}
	tok := mem.Alloc(n)
	if tok == nil {
		return nil, false, errMemory(n)
	}
	rest := tok
	for i := range iov {
		if b := &iov[i]; b.Type != message.BufferSignOnly {
			b.B, rest = rest[:b.Len], rest[b.Len:]
		}
	}
	copy(iov[2].B, msg)
	conf, err := p.WrapIOV(conf, qop, iov[:], mem)
	if err != nil {
		clear(tok)
		mem.Free(tok)
		return nil, false, err
	}
	return tok, conf, nil
}

// UnwrapAEAD returns the message of a Wrap token, whose checksum also covers assoc, in memory from mem. The message
// starts at the beginning of the memory and may be shorter. The token is not written to.
func (p *Protection) UnwrapAEAD(tok, assoc []byte, mem *message.Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	buf := mem.Alloc(max(len(tok), 1))
	if buf == nil {
		return nil, false, 0, errMemory(len(tok))
	}
	buf = buf[:len(tok)]
	copy(buf, tok)
	iov := [...]message.Buffer{{Type: message.BufferStream, B: buf}, {Type: message.BufferSignOnly, B: assoc}, {Type: message.BufferData}}
	conf, supplementary, err = p.UnwrapIOV(iov[:], mem)
	if err != nil {
		clear(buf)
		mem.Free(buf)
		return nil, false, 0, err
	}
	n := copy(buf, iov[2].B)
	clear(buf[n:])
	return buf[:n], conf, supplementary, nil
}
