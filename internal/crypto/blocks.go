// SPDX-License-Identifier: BSD-2-Clause

package crypto

// chunk is how much is encrypted before the same octets go through the hash: both readings find them in the first-level
// cache.
const chunk = 8192

// sealBlocks encrypts the whole blocks of src into dst, of the same length, and sends plaintext or ciphertext, as the
// type has it, through the hash.
func (c *Cipher) sealBlocks(dst, src []byte) {
	for len(src) > 0 {
		n := min(len(src), chunk)
		c.enc.CryptBlocks(dst[:n], src[:n])
		if c.etm {
			c.hmac.Write(dst[:n])
		} else {
			c.hmac.Write(src[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}

// openBlocks decrypts the whole blocks of src into dst, of the same length or the same memory, and sends plaintext or
// ciphertext through the hash.
func (c *Cipher) openBlocks(dst, src []byte) {
	for len(src) > 0 {
		n := min(len(src), chunk)
		if c.etm {
			c.hmac.Write(src[:n])
		}
		c.dec.CryptBlocks(dst[:n], src[:n])
		if !c.etm {
			c.hmac.Write(dst[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}
