// SPDX-License-Identifier: BSD-2-Clause

package token

import "time"

// APRep is an AP-REP (RFC 4120, Section 5.5.2).
type APRep struct{ Enc EncryptedData }

// ParseAPRep parses an AP-REP, without the token framing and TOK_ID. The result aliases b.
func ParseAPRep(b []byte) (*APRep, error) {
	f := openMessage(b, tagAPRep, "AP-REP")
	m := new(APRep)
	f.header(tagAPRep)
	m.Enc = f.encrypted(2, "enc-part")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding.
func (m *APRep) Marshal() []byte {
	return message(tagAPRep, 48+len(m.Enc.Cipher), func(b *builder) {
		addHeader(b, tagAPRep)
		addEncrypted(b, 2, &m.Enc)
	})
}

// EncAPRepPart is the decrypted part of an AP-REP (RFC 4120, Section 5.5.2). Subkey is nil if it was not sent;
// SeqNumber is valid only if HasSeq is set.
type EncAPRepPart struct {
	CTime     time.Time
	CUSec     uint32
	Subkey    *EncryptionKey
	SeqNumber uint32
	HasSeq    bool
}

// ParseEncAPRepPart parses a decrypted enc-part of an AP-REP. The result aliases b.
func ParseEncAPRepPart(b []byte) (*EncAPRepPart, error) {
	f := openMessage(b, tagEncAPRepPart, "EncAPRepPart")
	m := new(EncAPRepPart)
	m.CTime = f.time(0, "ctime")
	m.CUSec = f.microseconds(1, "cusec")
	m.Subkey = f.optionalKey(2, "subkey")
	if f.has(3) {
		m.SeqNumber, m.HasSeq = f.uint32(3, "seq-number"), true
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding.
func (m *EncAPRepPart) Marshal() []byte {
	return message(tagEncAPRepPart, 128, func(b *builder) {
		addTime(b, 0, m.CTime)
		addInt(b, 1, int64(m.CUSec))
		addOptionalKey(b, 2, m.Subkey)
		if m.HasSeq {
			addInt(b, 3, int64(m.SeqNumber))
		}
	})
}
