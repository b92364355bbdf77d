// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"io"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	//lint:ignore SA1019 the string-to-key of RC4 is MD4 (RFC 4757, Section 3)
	"golang.org/x/crypto/md4"

	"libgssapi/internal/status"
	"libgssapi/internal/wipe"
)

// The two remaining types from the time of RFC 1964, for peers that support nothing better: triple DES (RFC 3961,
// Section 6.3) and RC4 (RFC 4757). Both have known weaknesses (64-bit blocks; a MAC with MD5, CVE-2025-3576), so
// krb5.conf must allow them. Nothing here is fast.

const (
	desBlock = des.BlockSize
	// legacyConfounder is the length of the confounder of both types.
	legacyConfounder = 8
)

// Legacy reports whether e is one of them. Contexts with such a key use the message tokens of RFC 1964 and RFC 4757.
func (e EType) Legacy() bool { return e == DES3 || e == RC4 }

var (
	des3Profile = profile{name: "des3-cbc-sha1", keySize: 24, macSize: sha1.Size, checksum: 12}
	rc4Profile  = profile{name: "arcfour-hmac", keySize: 16, macSize: md5.Size, checksum: ChecksumTypeMD5}
)

// randomTripleDES creates a key from three times 56 bits: the eighth octet contains the last bits of the seven before
// it, and the last bit of each octet is for odd parity (RFC 3961, Section 6.3.1).
func randomTripleDES(random []byte) []byte {
	key := make([]byte, 0, 24)
	for len(random) >= 7 {
		var last byte
		for i, b := range random[:7] {
			last |= b & 1 << (i + 1)
		}
		key = append(append(key, random[:7]...), last)
		random = random[7:]
	}
	for i, b := range key {
		key[i] = b&^1 | byte(bits.OnesCount8(b>>1)+1)&1
	}
	return key
}

func tripleDES(key []byte) cipher.Block {
	block, err := des.NewTripleDESCipher(key)
	if err != nil {
		panic("crypto: key of des3-cbc-sha1 was not sized")
	}
	return block
}

// tripleDK is DK of RFC 3961, Section 5.1, for triple DES.
func tripleDK(key, constant []byte) []byte {
	block := tripleDES(key)
	defer wipe.Object(block)
	var out [3 * desBlock]byte
	defer clear(out[:])
	nfold(out[:desBlock], constant)
	for i := 0; i < len(out); i += desBlock {
		from := out[max(i-desBlock, 0):][:desBlock]
		block.Encrypt(out[i:i+desBlock], from)
	}
	return randomTripleDES(out[:21])
}

func usageLabel(usage uint32, constant byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, usage), constant)
}

func hmacSHA1(key []byte, parts ...[]byte) []byte { return hmacOf(sha1.New, key, parts) }
func hmacMD5(key []byte, parts ...[]byte) []byte  { return hmacOf(md5.New, key, parts) }

func hmacOf(newHash func() hash.Hash, key []byte, parts [][]byte) []byte {
	m := newPortableMAC(newHash, key)
	defer m.wipe()
	m.Reset()
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// tripleMAC computes the checksum with a key derived for the usage.
func (k *Key) tripleMAC(usage uint32, constant byte, parts ...[]byte) []byte {
	key := tripleDK(k.b, usageLabel(usage, constant))
	defer clear(key)
	return hmacSHA1(key, parts...)
}

// tripleCBC encrypts or decrypts text, which consists of whole blocks, in place, with an IV of zeros and a key derived
// for the constant.
func (k *Key) tripleCBC(constant, text []byte, mode cbcOf) {
	key := tripleDK(k.b, constant)
	defer clear(key)
	cbc := mode(tripleDES(key), make([]byte, desBlock))
	defer wipe.Object(cbc)
	cbc.CryptBlocks(text, text)
}

// cbcOf is cipher.NewCBCEncrypter or cipher.NewCBCDecrypter.
type cbcOf func(block cipher.Block, iv []byte) cipher.BlockMode

// rc4Usage returns the number that represents a key usage in RC4's derivations (RFC 4757, Section 3), as in MIT krb5.
func rc4Usage(usage uint32) []byte {
	switch usage {
	case 3:
		usage = 8
	case 23:
		usage = 13
	}
	return binary.LittleEndian.AppendUint32(nil, usage)
}

// rc4XOR encrypts or decrypts pieces with a key that is used for nothing else. It overwrites the key.
func rc4XOR(key []byte, pieces ...[]byte) {
	defer clear(key)
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic("crypto: key of arcfour-hmac was not sized")
	}
	defer wipe.Object(c)
	for _, p := range pieces {
		c.XORKeyStream(p, p)
	}
}

func (k *Key) legacyEncrypt(usage uint32, plaintext []byte, rand io.Reader) ([]byte, error) {
	text := make([]byte, legacyConfounder+len(plaintext), legacyConfounder+len(plaintext)+desBlock)
	if _, err := io.ReadFull(rand, text[:legacyConfounder]); err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for a confounder: %v", err)
	}
	copy(text[legacyConfounder:], plaintext)
	if k.etype == RC4 {
		k1 := hmacMD5(k.b, rc4Usage(usage))
		defer clear(k1)
		sum := hmacMD5(k1, text)
		rc4XOR(hmacMD5(k1, sum), text)
		return append(sum, text...), nil
	}
	text = text[:(len(text)+desBlock-1)/desBlock*desBlock]
	sum := k.tripleMAC(usage, constantKi, text)
	k.tripleCBC(usageLabel(usage, constantKe), text, cipher.NewCBCEncrypter)
	return append(text, sum...), nil
}

func (k *Key) legacyDecrypt(usage uint32, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < legacyConfounder+k.etype.MACSize() {
		return nil, errShort
	}
	if k.etype == RC4 {
		sum, text := ciphertext[:md5.Size], append([]byte(nil), ciphertext[md5.Size:]...)
		k1 := hmacMD5(k.b, rc4Usage(usage))
		defer clear(k1)
		rc4XOR(hmacMD5(k1, sum), text)
		if subtle.ConstantTimeCompare(hmacMD5(k1, text), sum) != 1 {
			clear(text)
			return nil, errIntegrity
		}
		return text[legacyConfounder:], nil
	}
	n := len(ciphertext) - sha1.Size
	if n%desBlock != 0 {
		return nil, errShort
	}
	text, sum := append([]byte(nil), ciphertext[:n]...), ciphertext[n:]
	k.tripleCBC(usageLabel(usage, constantKe), text, cipher.NewCBCDecrypter)
	if subtle.ConstantTimeCompare(k.tripleMAC(usage, constantKi, text), sum) != 1 {
		clear(text)
		return nil, errIntegrity
	}
	// What fills the last block stays: RFC 3961, Section 5.3 leaves it to whoever knows the plaintext.
	return text[legacyConfounder:], nil
}

// legacyChecksum computes the type's checksum over parts (RFC 3961, Section 6.3; RFC 4757, Section 4).
func (k *Key) legacyChecksum(usage uint32, parts ...[]byte) []byte {
	if k.etype == DES3 {
		return k.tripleMAC(usage, constantKc, parts...)
	}
	return k.ChecksumMD5(usage, parts...)
}

// ChecksumTypeMD5 is the type of ChecksumMD5.
const ChecksumTypeMD5 = -138

// ChecksumMD5 is the checksum of RFC 4757, Section 4. MS-SFU has it made with keys of all types.
func (k *Key) ChecksumMD5(usage uint32, parts ...[]byte) []byte {
	h := md5.New()
	h.Write(rc4Usage(usage))
	for _, p := range parts {
		h.Write(p)
	}
	ksign := hmacMD5(k.b, []byte("signaturekey\x00"))
	defer clear(ksign)
	return hmacMD5(ksign, h.Sum(nil))
}

func (k *Key) legacyPRF(in [][]byte) []byte {
	if k.etype == RC4 {
		return hmacSHA1(k.b, in...)
	}
	h := sha1.New()
	for _, part := range in {
		h.Write(part)
	}
	out := h.Sum(nil)[:2*desBlock]
	k.tripleCBC([]byte("prf"), out, cipher.NewCBCEncrypter)
	return out
}

// legacyStringToKey has no iterations and ignores the count from the KDC.
func legacyStringToKey(e EType, password []byte, salt string) (*Key, error) {
	if e == DES3 {
		both := append(append(make([]byte, 0, len(password)+len(salt)), password...), salt...)
		defer clear(both)
		folded := make([]byte, 21)
		defer clear(folded)
		nfold(folded, both)
		tkey := randomTripleDES(folded)
		defer clear(tkey)
		return newKey(e, tripleDK(tkey, []byte("kerberos"))), nil
	}
	if !utf8.Valid(password) {
		return nil, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS, "a password for %s must be UTF-8", e)
	}
	text := make([]byte, 0, 2*len(password)) // no character has more units in UTF-16 than octets in UTF-8
	for rest := password; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		var units [2]uint16
		for _, u := range utf16.AppendRune(units[:0], r) {
			text = binary.LittleEndian.AppendUint16(text, u)
		}
	}
	defer clear(text)
	h := md4.New()
	defer wipe.Object(h)
	h.Write(text)
	return newKey(e, h.Sum(nil)), nil
}
