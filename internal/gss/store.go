// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"slices"

	"libgssapi/internal/status"
)

// Store is a credential store, as programs that were written for MIT krb5 have them: values by keys that a mechanism knows.
// The zero Store has none.
type Store struct {
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
	Empty  bool // its value may be without octets
	Secret bool // its value is not copied: it is the caller's
}

// Set takes an element of the store; each may be there once. A key that no mechanism knows is an error: whoever passes a
// password wants it checked.
func (s *Store) Set(key string, value []byte) error {
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

func (s *Store) find(key string) *pair {
	for i := range s.pairs {
		if s.pairs[i].key == key {
			return &s.pairs[i]
		}
	}
	return nil
}

// Has reports whether a key is there.
func (s *Store) Has(key string) bool { return s.find(key) != nil }

// Value returns the value of a key, "" for one that is not there.
func (s *Store) Value(key string) string {
	if p := s.find(key); p != nil {
		return p.value
	}
	return ""
}

// Secret returns the value of a key that is one.
func (s *Store) Secret(key string) []byte {
	if p := s.find(key); p != nil {
		return p.octets
	}
	return nil
}
