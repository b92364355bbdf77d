// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ExportElement is gss.Exporter's. As with MIT krb5 the elements to negotiate with are in it, and not which mechanisms.
func (c *credential) ExportElement(env *krb5.Env) (*gss.ExportedElement, error) {
	return gss.ExportElements(env, c.with, gss.ConcreteMechs())
}

// ImportElement is gss.ElementImporter's. Where the credential has elements to negotiate with, they serve.
func (Mechanism) ImportElement(env *krb5.Env, body []byte, before *gss.Cred, sealed bool) (gss.Element, error) {
	if negotiable(before) != nil {
		return &credential{with: before}, nil
	}
	with, err := gss.ImportElements(env, body, gss.ConcreteMechs(), sealed)
	if err != nil {
		return nil, err
	}
	if negotiable(with) == nil {
		with.Release()
		return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH,
			"exported credential: its element for %s has nothing to negotiate with", token.MechSPNEGO)
	}
	return &credential{with: with, own: true}, nil
}
