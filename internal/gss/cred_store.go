// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"slices"

	"libgssapi/internal/status"
)

// CredStore is a credential store as in MIT krb5 (gss_const_key_value_set_t): values for keys that a mechanism knows. The
// zero CredStore is empty.
type CredStore struct {
	pairs []pair
}

type pair struct {
	key    string
	value  string
	octets []byte // of a secret, in place of the value
}

// StoreKey is a key of credential stores.
type StoreKey struct {
	Name   string
	Empty  bool // its value may be empty
	Secret bool // its value is not copied: it belongs to the caller
}

// Set adds a value. A key that is there already is an error, and so is one that no mechanism knows: a program that passes a
// password must be able to rely on its being checked.
func (s *CredStore) Set(key string, value []byte) error {
	k := storeKey(key)
	switch {
	case k == nil:
		return status.Errorf(status.Failure, status.Generic,
			"the credential store has the key %q, which is not supported", key)
	case s.Has(key):
		return status.Errorf(status.DuplicateElement, status.Generic, "the credential store has the key %s twice", key)
	case len(value) == 0 && !k.Empty:
		return status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the credential store has no value for %s", key)
	case k.Secret:
		s.pairs = append(s.pairs, pair{key: key, octets: value})
	default:
		s.pairs = append(s.pairs, pair{key: key, value: string(value)})
	}
	return nil
}

func storeKey(name string) *StoreKey {
	for _, m := range table {
		keys := m.Description().StoreKeys
		if i := slices.IndexFunc(keys, func(k StoreKey) bool { return k.Name == name }); i >= 0 {
			return &keys[i]
		}
	}
	return nil
}

func (s *CredStore) find(key string) *pair {
	for i := range s.pairs {
		if s.pairs[i].key == key {
			return &s.pairs[i]
		}
	}
	return nil
}

// Has reports whether a key is there.
func (s *CredStore) Has(key string) bool { return s.find(key) != nil }

// Value returns the value of a key, or "" if it is not there.
func (s *CredStore) Value(key string) string {
	if p := s.find(key); p != nil {
		return p.value
	}
	return ""
}

// Secret returns the value of a key that is secret. It aliases the memory of the caller of Set.
func (s *CredStore) Secret(key string) []byte {
	if p := s.find(key); p != nil {
		return p.octets
	}
	return nil
}
