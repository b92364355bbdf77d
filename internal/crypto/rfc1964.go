// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"

	"libgssapi/internal/wipe"
)

// Messages implements the cryptographic operations of RFC 1964's tokens with a key of a legacy type, as defined in RFC
// 4757, Section 7, and, for DES3, by MIT krb5.
type Messages struct{ k *Key }

// Usages of Checksum. RC4 has its own for MIC tokens.
const (
	usageSign   = 23
	usageRC4MIC = 15
)

// Messages returns the operations for a key of a legacy type.
func (k *Key) Messages() Messages { return Messages{k} }

// SignAlg returns the SGN_ALG of tokens of contexts with such a key.
func (e EType) SignAlg() uint16 {
	if e == DES3 {
		return 4
	}
	return 0x11
}

// SealAlg returns the SEAL_ALG of tokens of contexts with such a key.
func (e EType) SealAlg() uint16 {
	if e == DES3 {
		return 2
	}
	return 0x10
}

// SignAlg returns the SGN_ALG for the key's type.
func (m Messages) SignAlg() uint16 { return m.k.etype.SignAlg() }

// SealAlg returns the SEAL_ALG for the key's type.
func (m Messages) SealAlg() uint16 { return m.k.etype.SealAlg() }

// ChecksumSize returns the length of SGN_CKSUM in octets.
func (m Messages) ChecksumSize() int {
	if m.k.etype == DES3 {
		return 20
	}
	return 8
}

// BlockSize returns the number of octets to a multiple of which a plaintext is padded, with at least one octet.
func (m Messages) BlockSize() int {
	if m.k.etype == DES3 {
		return desBlock
	}
	return 1
}

// Sum returns the SGN_CKSUM of a MIC or Wrap token over pieces.
func (m Messages) Sum(mic bool, pieces []Piece) []byte {
	usage := uint32(usageSign)
	if mic && m.k.etype == RC4 {
		usage = usageRC4MIC
	}
	parts := make([][]byte, len(pieces))
	for i := range pieces {
		parts[i] = pieces[i].B
	}
	return m.k.legacyChecksum(usage, parts...)[:m.ChecksumSize()]
}

// Verify reports whether sum is the SGN_CKSUM of pieces. The time it takes does not depend on where the two differ.
func (m Messages) Verify(mic bool, sum []byte, pieces []Piece) bool {
	return subtle.ConstantTimeCompare(m.Sum(mic, pieces), sum) == 1
}

// PutSeq writes SND_SEQ, the encrypted sequence number and direction, to dst, which has eight octets. sum is
// SGN_CKSUM.
func (m Messages) PutSeq(dst []byte, seq uint32, fromAcceptor bool, sum []byte) {
	if m.k.etype == DES3 {
		binary.LittleEndian.PutUint32(dst, seq)
	} else {
		binary.BigEndian.PutUint32(dst, seq)
	}
	direction := byte(0)
	if fromAcceptor {
		direction = 0xff
	}
	for i := range 4 {
		dst[4+i] = direction
	}
	if m.k.etype == DES3 {
		m.cryptSeq(dst[:8], sum, cipher.NewCBCEncrypter)
		return
	}
	rc4XOR(m.seqKey(sum), dst[:8])
}

// Seq decrypts SND_SEQ. ok is false if the direction is invalid.
func (m Messages) Seq(src, sum []byte) (seq uint32, fromAcceptor, ok bool) {
	var b [8]byte
	copy(b[:], src)
	if m.k.etype == DES3 {
		m.cryptSeq(b[:], sum, cipher.NewCBCDecrypter)
		seq = binary.LittleEndian.Uint32(b[:])
	} else {
		rc4XOR(m.seqKey(sum), b[:])
		seq = binary.BigEndian.Uint32(b[:])
	}
	switch binary.BigEndian.Uint32(b[4:]) {
	case 0:
		return seq, false, true
	case 0xffffffff:
		return seq, true, true
	}
	return 0, false, false
}

// cryptSeq encrypts or decrypts SND_SEQ with triple DES.
func (m Messages) cryptSeq(seq, sum []byte, mode cbcOf) {
	cbc := mode(tripleDES(m.k.b), sum[:desBlock])
	defer wipe.Object(cbc)
	cbc.CryptBlocks(seq, seq)
}

// seqKey returns the RC4 key for SND_SEQ.
func (m Messages) seqKey(sum []byte) []byte {
	key := hmacMD5(m.k.b, make([]byte, 4))
	defer clear(key)
	return hmacMD5(key, sum[:8])
}

// Seal encrypts pieces in place. For triple DES, their total length must be a multiple of the block size.
func (m Messages) Seal(seq uint32, pieces []Piece) { m.crypt(seq, pieces, cipher.NewCBCEncrypter) }

// Open decrypts pieces in place.
func (m Messages) Open(seq uint32, pieces []Piece) { m.crypt(seq, pieces, cipher.NewCBCDecrypter) }

func (m Messages) crypt(seq uint32, pieces []Piece, mode cbcOf) {
	at := cursor{pieces: pieces}
	if m.k.etype == DES3 {
		cbc := mode(tripleDES(m.k.b), make([]byte, desBlock))
		defer wipe.Object(cbc)
		for n := encryptedSize(pieces) / desBlock * desBlock; n > 0; {
			run := at.next()
			place := at
			if run = run[:min(len(run), n)/desBlock*desBlock]; len(run) > 0 {
				at.off += len(run)
				cbc.CryptBlocks(run, run)
				n -= len(run)
				continue
			}
			var block [desBlock]byte
			at.read(block[:])
			cbc.CryptBlocks(block[:], block[:])
			place.write(block[:])
			n -= desBlock
		}
		return
	}
	key := append([]byte(nil), m.k.b...)
	defer clear(key)
	for i := range key {
		key[i] ^= 0xf0
	}
	ofSeq := hmacMD5(key, make([]byte, 4))
	defer clear(ofSeq)
	var parts [][]byte
	for _, p := range pieces {
		if !p.Clear {
			parts = append(parts, p.B)
		}
	}
	rc4XOR(hmacMD5(ofSeq, binary.BigEndian.AppendUint32(nil, seq)), parts...)
}
