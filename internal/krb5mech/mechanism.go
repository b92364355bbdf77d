// SPDX-License-Identifier: BSD-2-Clause

// Package krb5mech is Kerberos as a GSS-API mechanism (RFC 4121): its names, its credentials (a credential cache for
// initiators, a keytab for acceptors), and its contexts, from the AP exchange to what another process continues with.
package krb5mech

import (
	"bytes"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Mechanism is the krb5 entry in the table of mechanisms.
type Mechanism struct{}

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

// Description implements gss.Mechanism.
func (Mechanism) Description() *gss.Description { return &description }

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
