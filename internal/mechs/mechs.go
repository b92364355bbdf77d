// SPDX-License-Identifier: BSD-2-Clause

// Package mechs is the table of mechanisms. Whoever imports it has them.
package mechs

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/spnego"
)

// Table has the mechanisms, the default one first, and SPNEGO behind those that it negotiates.
var Table = []gss.Mechanism{
	krb5mech.Mechanism{},
	spnego.Mechanism{},
}

func init() { gss.Use(Table...) }
