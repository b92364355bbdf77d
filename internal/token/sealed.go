// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"hash/crc32"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// sealedMagic is the beginning of a sealed interprocess token. The tokens of other libraries begin with the length of
// an OID, in 16 or 32 bits, and no OID is that long.
var sealedMagic = []byte{0xff, 'G', 'S', 'S'}

// SealedVersion is the version of the layout below. Each release reads its own version and earlier ones. It rejects a
// later version and leaves the context to an importer that supports it.
const SealedVersion = 1

// SealedSize is the size of the header of a sealed token, in octets.
const SealedSize = 44

// SealedOverhead is the number of octets that sealing adds to the body.
const SealedOverhead = 16

// Who may import a sealed token.
const (
	SealedAccount uint8 = 1 // the account Owner
	SealedGroup   uint8 = 2 // members of the group Owner
)

// SealedContent says what is sealed.
type SealedContent uint8

// Kinds of sealed content.
const (
	SealedContext    SealedContent = 0 // a ContextToken
	SealedCredential SealedContent = 1 // CredElements
	SealedHalfOpen   SealedContent = 2 // a context that waits for its peer, in the form that ctx gives it
)

func (c SealedContent) String() string {
	return [...]string{"context", "credential", "half-open context"}[c]
}

// Token returns what error texts call the token.
func (c SealedContent) Token() string {
	return [...]string{"interprocess token", "exported credential", "interprocess token"}[c]
}

// SealedHeader is the plain beginning of a sealed interprocess token, all of it big-endian:
//
//	octets 0-3    0xff "GSS"
//	4             version
//	5             policy
//	6             content
//	7             0
//	8-11          owner: a user ID or a group ID
//	12-27         the ledger's ID
//	28-31         slot in the ledger
//	32-39         the slot's state, in which the serial number is
//	40-43         CRC-32C of the octets before it
//
// It is followed by the content, sealed with AES-256-GCM under the key in the slot and a nonce of zeros, with the
// header as additional data. Each key seals one token. The CRC tells damage from misuse; it protects nothing.
type SealedHeader struct {
	Policy  uint8
	Content SealedContent
	Owner   uint32
	Ledger  [16]byte
	Slot    uint32
	State   uint64
}

// IsSealed reports whether b begins like a sealed token.
func IsSealed(b []byte) bool { return bytes.HasPrefix(b, sealedMagic) }

// castagnoli returns the table, which is created when it is first needed instead of at each start of an engine.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// ParseSealed splits a sealed token. The body aliases b. Nothing in the header is authenticated until the body has
// been decrypted.
func ParseSealed(b []byte) (h SealedHeader, body []byte, err error) {
	s := cryptobyte.String(b)
	var version uint8
	if !s.Skip(len(sealedMagic)) || !s.ReadUint8(&version) {
		return h, nil, defective(status.G_TOK_TRUNC, "interprocess token: it ends within its header")
	}
	if version != SealedVersion {
		return h, nil, defective(status.KG_CONTEXT, "interprocess token of version %d, made by another release of this "+
			"library; this one reads version %d", version, SealedVersion)
	}
	var reserved uint8
	var check uint32
	if !s.ReadUint8(&h.Policy) || !s.ReadUint8((*uint8)(&h.Content)) || !s.ReadUint8(&reserved) || !s.ReadUint32(&h.Owner) || !s.CopyBytes(h.Ledger[:]) ||
		!s.ReadUint32(&h.Slot) || !s.ReadUint64(&h.State) || !s.ReadUint32(&check) || len(s) < SealedOverhead {
		return h, nil, defective(status.G_TOK_TRUNC, "interprocess token: it is truncated")
	}
	if crc32.Checksum(b[:SealedSize-4], castagnoli()) != check {
		return h, nil, defective(status.KG_CONTEXT, "interprocess token: its header was damaged on the way")
	}
	if reserved != 0 || h.Content > SealedHalfOpen || h.Policy != SealedAccount && h.Policy != SealedGroup {
		return h, nil, defective(status.KG_CONTEXT, "interprocess token: its header has invalid values")
	}
	return h, s, nil
}

// Append appends the header to b.
func (h *SealedHeader) Append(b []byte) []byte {
	begin := len(b)
	w := cryptobyte.NewBuilder(b)
	w.AddBytes(sealedMagic)
	w.AddUint8(SealedVersion)
	w.AddUint8(h.Policy)
	w.AddUint8(uint8(h.Content))
	w.AddUint8(0)
	w.AddUint32(h.Owner)
	w.AddBytes(h.Ledger[:])
	w.AddUint32(h.Slot)
	w.AddUint64(h.State)
	w.AddUint32(crc32.Checksum(w.BytesOrPanic()[begin:], castagnoli()))
	return w.BytesOrPanic()
}
