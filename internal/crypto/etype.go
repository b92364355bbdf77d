// SPDX-License-Identifier: BSD-2-Clause

// Package crypto implements Kerberos encryption: the simplified profile of RFC 3961 with AES (RFC 3962), AES with
// HMAC-SHA2 (RFC 8009), and Camellia (RFC 6803). Keys are derived once and kept; processing a message allocates
// nothing. The package knows keys and octets, but no tokens.
package crypto

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"
)

// EType is an encryption type (RFC 3961, Section 8, and the registry it establishes).
type EType int32

// Supported encryption types.
const (
	AES128SHA1 EType = 17 // RFC 3962
	AES256SHA1 EType = 18
	AES128SHA2 EType = 19 // RFC 8009
	AES256SHA2 EType = 20

	DES3 EType = 16 // RFC 3961, Section 6.3
	RC4  EType = 23 // RFC 4757

	Camellia128 EType = 25 // RFC 6803
	Camellia256 EType = 26
)

// blockSize is the block size of AES and Camellia in octets, which is also the size of the confounder.
const blockSize = 16

// maxKeySize, maxMACSize and maxHashSize limit the size of scratch memory for all supported types.
const (
	maxKeySize  = 32
	maxMACSize  = 24
	maxHashSize = sha512.Size
)

// profile is one column of the parameter tables in RFC 3962, Section 6, and RFC 8009, Section 5.
type profile struct {
	name       string
	newHash    func() hash.Hash
	hashSize   int   // octets
	keySize    int   // protocol key and Ke, octets
	macKeySize int   // Ki and Kc, octets
	macSize    int   // truncated HMAC, octets
	checksum   int32 // checksum type
	iterations uint32
	// camellia tells RFC 6803's cipher, MAC, key derivation and PRF from the others', which have AES and HMAC.
	camellia bool
	// etm tells RFC 8009's order, HMAC over IV and ciphertext, from RFC 3961's, HMAC over the plaintext. The two also
	// differ in key derivation and PRF.
	etm bool
}

// profiles begins with the profile of AES128SHA1.
var profiles = [...]profile{
	{"aes128-cts-hmac-sha1-96", sha1.New, sha1.Size, 16, 16, 12, 15, 4096, false, false},
	{"aes256-cts-hmac-sha1-96", sha1.New, sha1.Size, 32, 32, 12, 16, 4096, false, false},
	{"aes128-cts-hmac-sha256-128", sha256.New, sha256.Size, 16, 16, 16, 19, 32768, false, true},
	{"aes256-cts-hmac-sha384-192", sha512.New384, sha512.Size384, 32, 24, 24, 20, 32768, false, true},
}

// camelliaProfiles begins with the profile of Camellia128. The hash is the one used in string-to-key.
var camelliaProfiles = [...]profile{
	{"camellia128-cts-cmac", sha1.New, sha1.Size, 16, 16, 16, 17, 32768, true, false},
	{"camellia256-cts-cmac", sha1.New, sha1.Size, 32, 32, 16, 18, 32768, true, false},
}

func (e EType) profile() *profile {
	switch {
	case e >= AES128SHA1 && e <= AES256SHA2:
		return &profiles[e-AES128SHA1]
	case e >= Camellia128 && e <= Camellia256:
		return &camelliaProfiles[e-Camellia128]
	case e == DES3:
		return &des3Profile
	case e == RC4:
		return &rc4Profile
	}
	return nil
}

// Supported reports whether the package implements e.
func (e EType) Supported() bool { return e.profile() != nil }

// KeySize returns the length of a protocol key in octets, or 0 for an unsupported type.
func (e EType) KeySize() int {
	if p := e.profile(); p != nil {
		return p.keySize
	}
	return 0
}

// Strength returns the strength of a key of type e in bits, as MIT krb5 counts it for the security strength factor of
// SASL: less than the length of the key if the algorithm is weaker. It returns 0 for an unsupported type.
func (e EType) Strength() int {
	switch e {
	case DES3:
		return 112
	case RC4:
		return 64
	}
	return 8 * e.KeySize()
}

// MACSize returns the length in octets of a checksum and of the MAC at the end of a ciphertext, or 0 for an
// unsupported type.
func (e EType) MACSize() int {
	if p := e.profile(); p != nil {
		return p.macSize
	}
	return 0
}

// Overhead returns the number of octets that encryption adds to a plaintext for confounder and MAC, or 0 for an
// unsupported type.
func (e EType) Overhead() int {
	if p := e.profile(); p != nil {
		return blockSize + p.macSize
	}
	return 0
}

// ChecksumType returns the mandatory checksum type of e, or 0 for an unsupported type.
func (e EType) ChecksumType() int32 {
	if p := e.profile(); p != nil {
		return p.checksum
	}
	return 0
}

// DefaultIterations returns the iteration count of string-to-key if the KDC specifies none, or 0 for an unsupported
// type.
func (e EType) DefaultIterations() uint32 {
	if p := e.profile(); p != nil {
		return p.iterations
	}
	return 0
}

// String returns the registered name, or "enctype 99".
func (e EType) String() string {
	if p := e.profile(); p != nil {
		return p.name
	}
	for _, n := range etypeNames {
		if n.etype == e {
			return n.name
		}
	}
	return fmt.Sprintf("enctype %d", int32(e))
}

// etypeNames are the names used in krb5.conf. The first name of a type is its registered one. Types that are known but
// not supported are included so that a list that contains them is not an error.
var etypeNames = []struct {
	name  string
	etype EType
}{
	{"aes128-cts-hmac-sha1-96", AES128SHA1},
	{"aes128-cts", AES128SHA1},
	{"aes128-sha1", AES128SHA1},
	{"aes256-cts-hmac-sha1-96", AES256SHA1},
	{"aes256-cts", AES256SHA1},
	{"aes256-sha1", AES256SHA1},
	{"aes128-cts-hmac-sha256-128", AES128SHA2},
	{"aes128-sha2", AES128SHA2},
	{"aes256-cts-hmac-sha384-192", AES256SHA2},
	{"aes256-sha2", AES256SHA2},
	{"des-cbc-crc", 1},
	{"des-cbc-md4", 2},
	{"des-cbc-md5", 3},
	{"des", 3},
	{"des-cbc-raw", 4},
	{"des3-cbc-raw", 6},
	{"des-hmac-sha1", 8},
	{"des3-cbc-sha1", DES3},
	{"des3-hmac-sha1", DES3},
	{"des3-cbc-sha1-kd", DES3},
	{"arcfour-hmac", RC4},
	{"rc4-hmac", RC4},
	{"arcfour-hmac-md5", RC4},
	{"arcfour-hmac-exp", 24},
	{"rc4-hmac-exp", 24},
	{"arcfour-hmac-md5-exp", 24},
	{"camellia128-cts-cmac", Camellia128},
	{"camellia128-cts", Camellia128},
	{"camellia256-cts-cmac", Camellia256},
	{"camellia256-cts", Camellia256},
}

// ParseEType returns the type with the given name, ignoring case. ok is false for an unknown name; a known type may
// still be unsupported.
func ParseEType(name string) (e EType, ok bool) {
	for _, n := range etypeNames {
		if strings.EqualFold(n.name, name) {
			return n.etype, true
		}
	}
	return 0, false
}
