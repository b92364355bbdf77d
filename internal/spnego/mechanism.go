// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Mechanism is SPNEGO's entry in the table of mechanisms. It has no names of its own, but uses those of the default
// mechanism.
type Mechanism struct{}

// capi/front/mech_attr.c has a copy of the attributes and names, which the front returns without loading the engine.
var description = gss.Description{
	OID:         token.MechSPNEGO,
	Attributes:  []token.OID{token.MAMechNego, token.MAItokFramed},
	SASLName:    "SPNEGO",
	Name:        "spnego",
	Explanation: "Negotiation of a mechanism",
	NameTypes: []token.OID{
		token.NTUserName, token.NTMachineUID, token.NTStringUID, token.NTHostbasedServiceX, token.NTHostbasedService,
		token.NTAnonymous, token.NTExportName, token.NTCompositeExport, token.NTKRB5Principal, token.NTKRB5Enterprise,
	},
	DefaultNameType: token.NTKRB5Principal,
}

// Description implements gss.Mechanism.
func (Mechanism) Description() *gss.Description { return &description }

// CanonicalizeName implements gss.Mechanism.
func (Mechanism) CanonicalizeName(env *krb5.Env, n *gss.Name) (gss.MechName, error) {
	if n.IsMN() {
		return n.MN(), nil
	}
	m, err := gss.Lookup("")
	if err != nil {
		return nil, err
	}
	return m.CanonicalizeName(env, n)
}

// ParseName implements gss.Mechanism.
func (Mechanism) ParseName([]byte) (gss.MechName, error) {
	return nil, status.Errorf(status.BadMech, status.Generic, "mechanism %s has no names of its own", token.MechSPNEGO)
}

// RestoreName implements gss.Mechanism.
func (Mechanism) RestoreName(r *wire.Reader) gss.MechName {
	r.Fail()
	return nil
}

// SetOption implements gss.Mechanism.
func (Mechanism) SetOption(_ *krb5.Options, oid token.OID, _ []byte) error {
	return gss.UnknownOption(oid)
}

// DisplayStatus implements gss.Mechanism.
func (Mechanism) DisplayStatus(minor uint32) string { return status.Minor(minor).Text() }

// ParseInterprocess implements gss.Mechanism. A negotiated context is a context of the mechanism that was chosen.
func (Mechanism) ParseInterprocess([]byte) (gss.Parsed, error) {
	return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH, "the interprocess token is for mechanism %s", token.MechSPNEGO)
}
