// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Mechanism is SPNEGO in the table of mechanisms. It has no names of its own: it uses those of what it negotiates, which is
// above all the default mechanism.
type Mechanism struct{}

// What capi/front/mech_attr.c tells of the mechanism, too: the front answers for these without the engine.
var description = gss.Description{
	OID:         token.MechSPNEGO,
	Attributes:  []token.OID{token.MAMechNego, token.MAItokFramed},
	SASLName:    "SPNEGO",
	Name:        "spnego",
	Explanation: "Negotiation of a mechanism",
	NameTypes: []token.OID{
		token.NTUserName, token.NTMachineUID, token.NTStringUID, token.NTHostbasedServiceX, token.NTHostbasedService,
		token.NTAnonymous, token.NTExportName, token.NTKRB5Principal, token.NTKRB5Enterprise,
	},
	DefaultNameType: token.NTKRB5Principal,
}

// Description is gss.Mechanism's.
func (Mechanism) Description() *gss.Description { return &description }

// CanonicalizeName is gss.Mechanism's.
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

// ParseName is gss.Mechanism's.
func (Mechanism) ParseName([]byte) (gss.MechName, error) {
	return nil, status.Errorf(status.BadMech, status.Generic, "mechanism %s has no names of its own", token.MechSPNEGO)
}

// RestoreName is gss.Mechanism's.
func (Mechanism) RestoreName(r *wire.Reader) gss.MechName {
	r.Fail()
	return nil
}

// SetOption is gss.Mechanism's.
func (Mechanism) SetOption(_ *krb5.Options, oid token.OID, _ []byte) error {
	return gss.UnknownOption(oid)
}

// DisplayStatus is gss.Mechanism's.
func (Mechanism) DisplayStatus(minor uint32) string { return status.Minor(minor).Text() }

// ParseInterprocess is gss.Mechanism's. What was negotiated is a context of the mechanism that it was negotiated for.
func (Mechanism) ParseInterprocess([]byte) (gss.Parsed, error) {
	return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH, "interprocess token of mechanism %s", token.MechSPNEGO)
}
