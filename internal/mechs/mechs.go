// SPDX-License-Identifier: BSD-2-Clause

// Package mechs holds the table of mechanisms. Importing it makes them available.
package mechs

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/spnego"
)

// Table lists the mechanisms, the default one first. SPNEGO comes after the mechanisms that it negotiates, and before those
// that are deprecated.
var Table = append([]gss.Mechanism{
	krb5mech.Mechanism{},
	spnego.Mechanism{},
}, krb5mech.Deprecated...)

func init() { gss.Use(Table...) }
