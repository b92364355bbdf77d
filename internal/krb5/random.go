// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"encoding/hex"
	"io"

	"libgssapi/internal/status"
)

// fillRandom fills b with random octets.
func fillRandom(rand io.Reader, b []byte) error {
	if _, err := io.ReadFull(rand, b); err != nil {
		return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no randomness: %v", err)
	}
	return nil
}

// newNonce returns 31 random bits: some KDCs take the UInt32 of RFC 4120 as signed.
func newNonce(rand io.Reader) (int32, error) {
	var b [4]byte
	err := fillRandom(rand, b[:])
	return int32(binary.BigEndian.Uint32(b[:]) >> 1), err
}

// seqMask keeps initial sequence numbers below 2^30: peers that treat them as signed wrap late, or never.
const seqMask = 0x3fffffff

// newSeqNumber returns an initial sequence number.
func newSeqNumber(rand io.Reader) (uint32, error) {
	var b [4]byte
	err := fillRandom(rand, b[:])
	return binary.BigEndian.Uint32(b[:]) & seqMask, err
}

// uniqueSuffix returns a part of a name that makes it unique.
func uniqueSuffix(rand io.Reader) (string, error) {
	var b [8]byte
	err := fillRandom(rand, b[:])
	return hex.EncodeToString(b[:]), err
}
