// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ExportElement implements gss.Exporter. As in MIT krb5, it exports the elements to negotiate with, but not which
// mechanisms to negotiate.
func (c *credential) ExportElement(env *krb5.Env) (*gss.ExportedElement, error) {
	return gss.ExportElements(env, c.with, gss.ConcreteMechs())
}

// ImportElement implements gss.ElementImporter. If the credential already has elements to negotiate with, these are
// used.
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
