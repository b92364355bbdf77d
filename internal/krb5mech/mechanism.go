// SPDX-License-Identifier: BSD-2-Clause

// Package krb5mech is Kerberos as a GSS-API mechanism (RFC 4121): its names, its credentials (a credential cache for
// initiators, a keytab for acceptors), and its contexts, from the AP exchange to what another process continues with.
package krb5mech

import (
	"bytes"
	"cmp"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Mechanism is an entry in the table of mechanisms: krb5, or one of Deprecated.
type Mechanism struct {
	as token.OID // one of the other OIDs; "": krb5 itself
}

// Deprecated lists krb5 under its other OIDs, for programs that ask for them. As in MIT krb5, each is a mechanism by itself:
// its tokens begin with its OID, and it needs an element of its own in a credential. Its names are krb5's.
var Deprecated = []gss.Mechanism{Mechanism{token.MechKRB5Old}, Mechanism{token.MechKRB5Windows}}

func (m Mechanism) oid() token.OID { return cmp.Or(m.as, token.MechKRB5) }

// capi/front/mech_attr.c has a copy of the attributes and names, which the front returns without loading the engine.
var description = gss.Description{
	OID:     token.MechKRB5,
	Aliases: []token.OID{token.MechKRB5Windows, token.MechKRB5Old},
	Attributes: []token.OID{
		token.MAMechConcrete, token.MAItokFramed, token.MAAuthInit, token.MAAuthTarg, token.MADelegCred, token.MAIntegProt,
		token.MAConfProt, token.MAMIC, token.MAWrap, token.MAProtReady, token.MAReplayDet, token.MAOOSDet, token.MACBindings,
		token.MACtxTrans,
	},
	SASLName:        "GS2-KRB5",
	Name:            "krb5",
	Explanation:     "Kerberos 5",
	NameTypes:       nameTypes,
	DefaultNameType: token.NTKRB5Principal,
	StoreKeys:       storeKeys,
	CredInquiries:   []token.OID{oidCopyCCache, oidImpersonator},
}

// deprecated describes the mechanisms in Deprecated.
var deprecated = map[token.OID]*gss.Description{
	token.MechKRB5Old:     describeDeprecated(token.MechKRB5Old),
	token.MechKRB5Windows: describeDeprecated(token.MechKRB5Windows),
}

func describeDeprecated(oid token.OID) *gss.Description {
	d := description
	d.OID, d.Aliases = oid, nil
	d.Attributes = append(slices.Clone(d.Attributes), token.MADeprecated)
	return &d
}

// Description implements gss.Mechanism.
func (m Mechanism) Description() *gss.Description {
	if m.as == "" {
		return &description
	}
	return deprecated[m.as]
}

// DisplayStatus implements gss.Mechanism.
func (Mechanism) DisplayStatus(minor uint32) string { return status.Minor(minor).Text() }

// OIDs of process-wide options, in Heimdal's arc 1.2.752.43.13, which FreeBSD's headers use.
const (
	oidAcceptorIdentity token.OID = "\x2a\x85\x70\x2b\x0d\x05" // .5: name of a keytab
	oidDNSCanonicalize  token.OID = "\x2a\x85\x70\x2b\x0d\x07" // .7: one octet, 0 or 1
	oidDefaultRealm     token.OID = "\x2a\x85\x70\x2b\x0d\x0f" // .15
	oidCCacheName       token.OID = "\x2a\x85\x70\x2b\x0d\x10" // .16: name of a credential cache
)

// SetOption implements gss.Mechanism. An empty value resets the option.
func (Mechanism) SetOption(options *krb5.Options, oid token.OID, value []byte) error {
	switch text := string(bytes.TrimSuffix(value, []byte{0})); oid {
	case oidAcceptorIdentity:
		options.SetKeytab(text)
	case oidCCacheName:
		options.SetCCache(text)
	case oidDefaultRealm:
		options.SetRealm(text)
	case oidDNSCanonicalize:
		options.SetCanonicalize(len(value) > 0 && value[0] != 0)
	default:
		return gss.UnknownOption(oid)
	}
	return nil
}
