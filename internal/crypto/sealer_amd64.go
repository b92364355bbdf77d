// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

import (
	"crypto/sha1"
	"crypto/sha256"

	"libgssapi/internal/processor"
)

// nativeSealer uses the processor's AES instructions. If there are instructions for the hash as well, the two are
// interleaved, because the instructions of each spend most of their time waiting for one another.
type nativeSealer struct {
	ks   schedule
	iv   [blockSize]byte
	etm  bool
	hmac mac
	sha  *nativeMAC // hmac, if it is native
}

func newNativeSealer(p *profile, ke, ki []byte) sealer {
	if !processor.Has().AES {
		return nil
	}
	e := &nativeSealer{etm: p.etm, hmac: newMAC(p, ki)}
	e.ks.expand(ke)
	if m, ok := e.hmac.(*nativeMAC); ok {
		e.sha = m
	}
	return e
}

// encryptNative is encryptChains for processors with AES instructions. It reports whether this one has them.
func encryptNative(key []byte, chains [][]byte) bool {
	if !processor.Has().AES {
		return false
	}
	var ks schedule
	ks.expand(key)
	for _, chain := range chains {
		var iv [blockSize]byte
		cbcEncrypt(&ks, &iv, chain, chain)
	}
	ks = schedule{}
	return true
}

func (e *nativeSealer) begin() {
	clear(e.iv[:])
	e.hmac.Reset()
	if e.etm {
		e.hmac.Write(zeroIV)
	}
}

func (e *nativeSealer) wipe() {
	e.ks = schedule{}
	e.hmac.wipe()
}

func (e *nativeSealer) mac() mac                { return e.hmac }
func (e *nativeSealer) encrypt(dst, src []byte) { cbcEncrypt(&e.ks, &e.iv, dst[:len(src)], src) }
func (e *nativeSealer) decrypt(dst, src []byte) { cbcDecrypt(&e.ks, &e.iv, dst[:len(src)], src) }

func (e *nativeSealer) decryptBlock(dst, src []byte) {
	var iv [blockSize]byte
	cbcDecrypt(&e.ks, &iv, dst[:blockSize], src[:blockSize])
}

// seal and open first complete a group that the hash has begun, and process what is too short for a group last. After
// octets in the clear (Piece) the hash may be in the middle of a block; then nothing can be interleaved.

func (e *nativeSealer) seal(dst, src []byte) {
	if e.sha == nil || e.sha.missing()%blockSize != 0 {
		sealInTurn(e, e.hmac, e.etm, dst, src)
		return
	}
	dst = dst[:len(src)]
	n := min(e.sha.missing(), len(src))
	m := n + (len(src)-n)&^(e.sha.group-1)
	sealInTurn(e, e.sha, e.etm, dst[:n], src[:n])
	for n < m {
		run := min(m-n, maxRun)
		e.sealGroups(dst[n:n+run], src[n:n+run])
		n += run
	}
	sealInTurn(e, e.sha, e.etm, dst[m:], src[m:])
}

func (e *nativeSealer) open(dst, src []byte) {
	if e.sha == nil || e.sha.missing()%blockSize != 0 {
		openInTurn(e, e.hmac, e.etm, dst, src)
		return
	}
	dst = dst[:len(src)]
	n := min(e.sha.missing(), len(src))
	m := n + (len(src)-n)&^(e.sha.group-1)
	openInTurn(e, e.sha, e.etm, dst[:n], src[:n])
	for n < m {
		run := min(m-n, maxRun)
		e.openGroups(dst[n:n+run], src[n:n+run])
		n += run
	}
	openInTurn(e, e.sha, e.etm, dst[m:], src[m:])
}

// A group is the number of octets that the hash processes at once. The kernels encrypt or decrypt the groups of src
// and hash the same number of groups of hashed. Interleaved octets do not depend on each other: if the hash processes
// the output of the cipher, it runs one group behind. If it processes the cipher's input, it has read a group before
// the cipher writes the first octet of it, so dst may be src.

// sealGroups is seal for whole groups, when the hash has not begun one.
func (e *nativeSealer) sealGroups(dst, src []byte) {
	e.sha.length += uint64(len(src))
	if !e.etm {
		sealSHA1(&e.ks, &e.iv, &e.sha.h, dst, src, src)
		return
	}
	first, last := e.sha.group, len(src)-e.sha.group
	cbcEncrypt(&e.ks, &e.iv, dst[:first], src[:first])
	if e.sha.size == sha256.Size {
		sealSHA256(&e.ks, &e.iv, &e.sha.h, dst[first:], src[first:], dst[:last])
	} else {
		sealSHA512(&e.ks, &e.iv, &e.sha.h, dst[first:], src[first:], dst[:last])
	}
	e.sha.blocks(&e.sha.h, dst[last:])
}

// openGroups is open for whole groups, when the hash has not begun one.
func (e *nativeSealer) openGroups(dst, src []byte) {
	e.sha.length += uint64(len(src))
	switch e.sha.size {
	case sha1.Size:
		first, last := e.sha.group, len(src)-e.sha.group
		cbcDecrypt(&e.ks, &e.iv, dst[:first], src[:first])
		openSHA1(&e.ks, &e.iv, &e.sha.h, dst[first:], src[first:], dst[:last])
		sha1Blocks(&e.sha.h, dst[last:])
	case sha256.Size:
		openSHA256(&e.ks, &e.iv, &e.sha.h, dst, src, src)
	default:
		openSHA512(&e.ks, &e.iv, &e.sha.h, dst, src, src)
	}
}

//go:noescape
func sealSHA1(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)

//go:noescape
func openSHA1(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)

//go:noescape
func sealSHA256(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)

//go:noescape
func openSHA256(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)

// sealSHA512 and openSHA512 want a key of 256 bits.
//
//go:noescape
func sealSHA512(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)

//go:noescape
func openSHA512(ks *schedule, iv *[blockSize]byte, h *hashState, dst, src, hashed []byte)
