// SPDX-License-Identifier: BSD-2-Clause

package ctx

import "libgssapi/internal/status"

// WrapAEAD returns a Wrap token for msg in memory of mem's. Its checksum covers assoc, too, which is not in it.
func (p *Protection) WrapAEAD(conf bool, qop uint32, assoc, msg []byte, mem *Memory) ([]byte, bool, error) {
	iov := [...]Buffer{
		{Type: BufferHeader}, {Type: BufferSignOnly, B: assoc}, {Type: BufferData, B: msg, Len: len(msg)},
		{Type: BufferPadding}, {Type: BufferTrailer},
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
		if b := &iov[i]; b.Type != BufferSignOnly {
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

// UnwrapAEAD returns the message of a Wrap token whose checksum covers assoc, too, in memory of mem's. The message may
// end before the memory does; it begins where the memory begins. The token is not written to.
func (p *Protection) UnwrapAEAD(tok, assoc []byte, mem *Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	buf := mem.Alloc(max(len(tok), 1))
	if buf == nil {
		return nil, false, 0, errMemory(len(tok))
	}
	buf = buf[:len(tok)]
	copy(buf, tok)
	iov := [...]Buffer{{Type: BufferStream, B: buf}, {Type: BufferSignOnly, B: assoc}, {Type: BufferData}}
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
