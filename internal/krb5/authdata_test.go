// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"testing"

	"libgssapi/internal/token"
)

func TestMalformedAuthorizationDataIsRefused(t *testing.T) {
	relevant := func(b []byte) []token.AuthDataEntry {
		return []token.AuthDataEntry{{Type: token.ADIfRelevant, Data: b}}
	}
	good := token.MarshalAuthData([]token.AuthDataEntry{{Type: 128, Data: []byte("anything")}})
	nested := good
	for range maxRelevant - 1 {
		nested = token.MarshalAuthData(relevant(nested))
	}
	for what, c := range map[string]struct {
		data []byte
		ok   bool
	}{
		"good":     {good, true},
		"nested":   {nested, true},
		"too-deep": {token.MarshalAuthData(relevant(token.MarshalAuthData(relevant(nested)))), false},
		"empty":    {nil, false},
		"cut":      {good[:len(good)-1], false},
		"more":     {append(append([]byte(nil), good...), 0), false},
		"inside":   {token.MarshalAuthData(relevant([]byte("\x30\x80"))), false},
	} {
		if err := wellFormed(relevant(c.data), 0); (err == nil) != c.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := wellFormed([]token.AuthDataEntry{{Type: 128, Data: []byte("what nobody knows")}}, 0); err != nil {
		t.Error(err)
	}
}
