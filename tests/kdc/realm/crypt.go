// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"errors"
	"fmt"

	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/types"
)

// AllEnctypes are the encryption types served, in the order of preference.
var AllEnctypes = []int32{18, 17, 20, 19}

// keySize gives the octets of a protocol key. gokrb5's GetKeyByteSize says 24 for enctype 20.
func keySize(e int32) int {
	switch e {
	case 17, 19:
		return 16
	case 18, 20:
		return 32
	}
	return 0
}

// shortest gives the length of an encrypted empty message: a confounder and a checksum. gokrb5 panics below it.
func shortest(e int32) int {
	switch e {
	case 17, 18:
		return 16 + 12
	case 19:
		return 16 + 16
	case 20:
		return 16 + 24
	}
	return 0
}

// NewKey makes a random key; of an unsupported enctype, an empty one.
func NewKey(e int32) types.EncryptionKey {
	return types.EncryptionKey{KeyType: e, KeyValue: randomBytes(keySize(e))}
}

func stringToKey(e int32, password, salt string) ([]byte, error) {
	et, err := crypto.GetEtype(e)
	if err != nil {
		return nil, err
	}
	return et.StringToKey(password, salt, et.GetDefaultStringToKeyParams())
}

func seal(plain []byte, key types.EncryptionKey, usage uint32, kvno int) (types.EncryptedData, error) {
	if len(key.KeyValue) != keySize(key.KeyType) || len(key.KeyValue) == 0 {
		return types.EncryptedData{}, fmt.Errorf("key of enctype %d has %d octets", key.KeyType, len(key.KeyValue))
	}
	return crypto.GetEncryptedData(plain, key, usage, kvno)
}

func open(ed types.EncryptedData, key types.EncryptionKey, usage uint32) ([]byte, error) {
	if ed.EType != key.KeyType || len(key.KeyValue) != keySize(key.KeyType) || len(key.KeyValue) == 0 {
		return nil, fmt.Errorf("enctype %d does not go with a key of enctype %d", ed.EType, key.KeyType)
	}
	if len(ed.Cipher) < shortest(ed.EType) {
		return nil, errors.New("ciphertext is shorter than its checksum")
	}
	return crypto.DecryptEncPart(ed, key, usage)
}

func checksumOK(key types.EncryptionKey, data []byte, sum types.Checksum, usage uint32) bool {
	et, err := crypto.GetEtype(key.KeyType)
	if err != nil || sum.CksumType != et.GetHashID() || len(key.KeyValue) != keySize(key.KeyType) {
		return false
	}
	return et.VerifyChecksum(key.KeyValue, data, sum.Checksum, usage)
}
