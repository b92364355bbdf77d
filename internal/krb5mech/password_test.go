// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// A credential for accepting only is not obtained with a password. A caller who passes one, or wants it verified, must
// not think that it is right.
func TestAcceptorsHaveNoPassword(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	desired, err := gss.ImportName([]byte("demo@server.test.example"), token.NTHostbasedService)
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range []gss.CredStore{storeOf(t, "password", "wrong"), storeOf(t, "password", "wrong", "verify", "")} {
		_, err = Mechanism{}.Acquire(r.Env, gss.Wanted{Name: desired, Usage: gss.Accept, Store: store})
		if err == nil || status.Of(err).Minor != status.G_BAD_USAGE {
			t.Errorf("%v", err)
		}
	}
}
