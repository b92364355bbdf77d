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

type pair struct{ key, value string }

// Set takes an element of the store; each may be there once. A key that no mechanism knows is an error: whoever passes a
// password wants it checked.
func (s *Store) Set(key, value string) error {
	switch {
	case !slices.ContainsFunc(table, func(m Mechanism) bool { return slices.Contains(m.Description().StoreKeys, key) }):
		return status.Errorf(status.Failure, status.Generic,
			"the credential store has the key %q, which is not supported", key)
	case s.Value(key) != "":
		return status.Errorf(status.DuplicateElement, status.Generic, "the credential store has the key %s twice", key)
	case value == "":
		return status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the credential store has no value for %s", key)
	}
	s.pairs = append(s.pairs, pair{key, value})
	return nil
}

// Value returns the value of a key, "" for one that is not there.
func (s *Store) Value(key string) string {
	for _, p := range s.pairs {
		if p.key == key {
			return p.value
		}
	}
	return ""
}
