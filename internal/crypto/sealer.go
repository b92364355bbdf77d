// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/aes"
	"crypto/cipher"

	"libgssapi/internal/wipe"
)

// sealer is a cipher in CBC mode and a MAC, for one message after another. Unless stated otherwise, dst and src have
// the same length, which is a multiple of the block size, and are either the same memory or do not overlap.
type sealer interface {
	// begin starts a message with an IV of zeros. The MAC is empty or, for RFC 8009, has processed the IV.
	begin()
	// seal encrypts and passes the plaintext or ciphertext, depending on the type, to the MAC.
	seal(dst, src []byte)
	// open decrypts and passes the plaintext or ciphertext to the MAC.
	open(dst, src []byte)
	// encrypt and decrypt continue where seal and open stopped, without the MAC.
	encrypt(dst, src []byte)
	decrypt(dst, src []byte)
	// decryptBlock decrypts a single block without an IV.
	decryptBlock(dst, src []byte)
	// mac returns the MAC that seal and open use.
	mac() mac
	// wipe overwrites the keys. The sealer must not be used afterwards.
	wipe()
}

// mac is the part of hash.Hash that is needed. Reset is called before each message.
type mac interface {
	Reset()
	Write(p []byte) (int, error)
	Sum(b []byte) []byte
	// wipe overwrites the key. The MAC must not be used again.
	wipe()
}

func newSealer(p *profile, ke, ki []byte) sealer {
	if p.camellia {
		return newPortableSealer(p, ke, ki)
	}
	if e := newNativeSealer(p, ke, ki); e != nil {
		return e
	}
	return newPortableSealer(p, ke, ki)
}

// encryptChains encrypts each of chains in place, in CBC mode with an IV of zeros, with a key that is used for nothing
// else.
func encryptChains(key []byte, chains ...[]byte) {
	if encryptNative(key, chains) {
		return
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("crypto: a key of AES was not sized")
	}
	for _, chain := range chains {
		mode := cipher.NewCBCEncrypter(block, zeroIV)
		mode.CryptBlocks(chain, chain)
		wipe.Object(mode)
	}
	wipe.Object(block)
}

func newMAC(p *profile, key []byte) mac {
	if p.camellia {
		return newCMAC(newCamellia(key))
	}
	return newHMAC(p, key)
}

// newHMAC returns HMAC with the hash of p.
func newHMAC(p *profile, key []byte) mac {
	if m := newNativeMAC(p, key); m != nil {
		return m
	}
	return newPortableMAC(p.newHash, key)
}

// cbcMode is implemented by the CBC modes of crypto/cipher, whose IV can be set again.
type cbcMode interface {
	cipher.BlockMode
	SetIV([]byte)
}

// portableSealer works on all processors, and is what the faster sealers are compared with.
type portableSealer struct {
	block cipher.Block
	enc   cbcMode
	dec   cbcMode
	hmac  mac
	etm   bool
}

func newPortableSealer(p *profile, ke, ki []byte) sealer {
	if p.camellia {
		return portableSealerOf(newCamellia(ke), newMAC(p, ki), false)
	}
	block, err := aes.NewCipher(ke)
	if err != nil {
		panic("crypto: derived key of " + p.name + " was not sized")
	}
	return portableSealerOf(block, newPortableMAC(p.newHash, ki), p.etm)
}

func portableSealerOf(block cipher.Block, m mac, etm bool) sealer {
	return &portableSealer{
		block: block,
		enc:   cipher.NewCBCEncrypter(block, zeroIV).(cbcMode),
		dec:   cipher.NewCBCDecrypter(block, zeroIV).(cbcMode),
		hmac:  m,
		etm:   etm,
	}
}

func (e *portableSealer) begin() {
	e.enc.SetIV(zeroIV)
	e.dec.SetIV(zeroIV)
	e.hmac.Reset()
	if e.etm {
		e.hmac.Write(zeroIV)
	}
}

func (e *portableSealer) encrypt(dst, src []byte)      { e.enc.CryptBlocks(dst, src) }
func (e *portableSealer) decrypt(dst, src []byte)      { e.dec.CryptBlocks(dst, src) }
func (e *portableSealer) decryptBlock(dst, src []byte) { e.block.Decrypt(dst, src) }
func (e *portableSealer) mac() mac                     { return e.hmac }
func (e *portableSealer) seal(dst, src []byte)         { sealInTurn(e, e.hmac, e.etm, dst, src) }
func (e *portableSealer) open(dst, src []byte)         { openInTurn(e, e.hmac, e.etm, dst, src) }

func (e *portableSealer) wipe() {
	e.hmac.wipe()
	wipe.Object(e.block)
	wipe.Object(e.enc)
	wipe.Object(e.dec)
}

// chunk is the number of octets that are encrypted before the same octets are hashed, chosen so that both find them in
// the first-level cache.
const chunk = 8192

// sealInTurn implements seal by encryption and MAC, one after the other.
func sealInTurn(e sealer, m mac, etm bool, dst, src []byte) {
	for len(src) > 0 {
		n := min(len(src), chunk)
		if !etm {
			m.Write(src[:n])
		}
		e.encrypt(dst[:n], src[:n])
		if etm {
			m.Write(dst[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}

// openInTurn implements open by decryption and MAC, one after the other.
func openInTurn(e sealer, m mac, etm bool, dst, src []byte) {
	for len(src) > 0 {
		n := min(len(src), chunk)
		if etm {
			m.Write(src[:n])
		}
		e.decrypt(dst[:n], src[:n])
		if !etm {
			m.Write(dst[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}
