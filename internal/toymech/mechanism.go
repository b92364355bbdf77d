// SPDX-License-Identifier: BSD-2-Clause

// Package toymech is an insecure mechanism for tests: the initiator claims a name and sends the key in the clear. It shows
// what a new mechanism takes: one package and one line in the table.
package toymech

import (
	"strings"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// OID is 1.2.3.4.5.
const OID token.OID = "\x2a\x03\x04\x05"

// StoreKey is the key for the name of the user in a credential store.
const StoreKey = "toy"

// Mechanism is an entry of the table.
type Mechanism struct{}

var description = gss.Description{
	OID:             OID,
	Attributes:      []token.OID{token.MAMechConcrete, token.MAItokFramed, token.MAConfProt, token.MAIntegProt, token.MACtxTrans},
	SASLName:        "TOY",
	Name:            "toy",
	Explanation:     "A mechanism for tests",
	NameTypes:       []token.OID{token.NTUserName, token.NTHostbasedService, token.NTExportName},
	DefaultNameType: token.NTUserName,
	StoreKeys:       []gss.StoreKey{{Name: StoreKey}},
}

func (Mechanism) Description() *gss.Description { return &description }

func (Mechanism) DisplayStatus(uint32) string { return "the toy is broken" }

func (Mechanism) SetOption(_ *krb5.Options, oid token.OID, _ []byte) error {
	return gss.UnknownOption(oid)
}

// user is a mechanism name. It is in lower case.
type user string

func (Mechanism) CanonicalizeName(_ *krb5.Env, n *gss.Name) (gss.MechName, error) {
	if n.IsMN() {
		u, ok := n.MN().(user)
		if !ok {
			return nil, status.Errorf(status.BadName, status.Generic, "the name is one of mechanism %s", n.MN().Mech())
		}
		return u, nil
	}
	return user(strings.ToLower(string(n.Text()))), nil
}

func (Mechanism) ParseName(octets []byte) (gss.MechName, error) { return user(octets), nil }

func (Mechanism) RestoreName(r *wire.Reader) gss.MechName { return user(r.Text()) }

func (u user) Mech() token.OID { return OID }

func (u user) Display() ([]byte, token.OID) { return []byte(u), token.NTUserName }

func (u user) AppendExport(b []byte) []byte { return append(b, u...) }

func (u user) Equal(other gss.MechName) bool { return u == other }

func (u user) IsAnonymous() bool { return u == "" }

func (u user) LocalName(*krb5.Env) (string, error) { return string(u), nil }

func (u user) MayUse(_ *krb5.Env, account string) error {
	if string(u) != account {
		return status.Errorf(status.Unauthorized, status.Generic, "%s is not %s", u, account)
	}
	return nil
}

func (u user) Snapshot(w *wire.Writer) { w.Text(string(u)) }

// credential is an element of a credential.
type credential struct {
	of    user
	usage gss.Usage
}

func (Mechanism) Acquire(_ *krb5.Env, w gss.Wanted) (gss.Element, error) {
	of := user(w.Store.Value(StoreKey))
	if of == "" && w.Usage != gss.Accept {
		return nil, status.Errorf(status.NoCred, status.Generic, "nobody is named in the credential store")
	}
	return &credential{of, w.Usage}, nil
}

func (Mechanism) RestoreElement(_ *krb5.Library, r *wire.Reader, _ *gss.Cred) gss.Element {
	return &credential{user(r.Text()), gss.Usage(r.Uint8())}
}

func (c *credential) Inquire(*krb5.Env) (gss.Info, error) {
	return gss.Info{
		Name: gss.NewMN(c.of), Usage: c.usage, InitiatorLifetime: gss.Indefinite, AcceptorLifetime: gss.Indefinite,
	}, nil
}

func (c *credential) InquireByOID(_ *krb5.Env, oid token.OID) ([][]byte, error) {
	return nil, gss.UnknownInquiry(oid)
}

func (c *credential) SetOption(oid token.OID, _ []byte) error { return gss.UnknownOption(oid) }

func (c *credential) Store(*krb5.Env, gss.CredStore, bool, bool) (gss.Stored, error) {
	return gss.Stored{}, status.Errorf(status.Unavailable, status.Generic, "there is nothing to store")
}

func (c *credential) InMemory() bool { return false }

func (c *credential) Duplicate(*gss.Cred) gss.Element { return &credential{c.of, c.usage} }

func (c *credential) Snapshot(w *wire.Writer) {
	w.Text(string(c.of))
	w.Uint8(uint8(c.usage))
}

func (c *credential) Release() {}
