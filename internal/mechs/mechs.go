// SPDX-License-Identifier: BSD-2-Clause

// Package mechs is the table of mechanisms. Whoever imports it has them.
package mechs

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/spnego"
)

func init() { gss.Use(krb5mech.Mechanism{}, spnego.Mechanism{}) }
