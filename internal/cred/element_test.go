// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"slices"
	"testing"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func TestElementsAreForTheirMechanisms(t *testing.T) {
	var library krb5.Library
	of := examples(&library)
	const other token.OID = "\x2a"
	for _, c := range []struct {
		name, mech string
		oid        token.OID
		usage      Usage
		major      status.Major
	}{
		{"two-elements", "krb5", token.MechKRB5, Initiate, 0},
		{"two-elements", "SPNEGO", token.MechSPNEGO, Accept, 0},
		{"two-elements", "default", "", Initiate, 0},
		{"two-elements", "another", other, 0, status.NoCred},
		{"service", "SPNEGO, by that of krb5", token.MechSPNEGO, Accept, 0},
		{"any-key", "krb5", token.MechKRB5, 0, status.NoCred},
	} {
		e, err := of[c.name].For(c.oid)
		if (err == nil) != (c.major == 0) || err != nil && status.Of(err).Major != c.major ||
			err == nil && e.usage != c.usage {
			t.Errorf("%s for %s: %v", c.name, c.mech, err)
		}
	}
	if got := of["two-elements"].all().list(); !slices.Equal(got, []token.OID{token.MechKRB5, token.MechSPNEGO}) {
		t.Errorf("the mechanisms are %v", got)
	}
}
