// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"encoding/binary"
	"slices"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// OIDs of options and inquiries about krb5 credentials (Heimdal's arc 1.2.752.43.13).
const (
	oidCopyCCache        token.OID = "\x2a\x85\x70\x2b\x0d\x01" // .1: the cache's name, or its contents
	oidAllowableEnctypes token.OID = "\x2a\x85\x70\x2b\x0d\x0e" // .14: big-endian 32-bit enctypes
	oidNoCIFlags         token.OID = "\x2a\x85\x70\x2b\x0d\x1d" // .29: no value
	oidImportCred        token.OID = "\x2a\x85\x70\x2b\x0d\x1e" // .30: see ParseImport
)

// Inquire implements gss.Element.
func (c *Element) Inquire(env *krb5.Env) (gss.Info, error) {
	info := gss.Info{Usage: c.usage}
	if a := c.acceptor; a != nil {
		info.AcceptorLifetime = gss.Indefinite
		if p := a.named(env); p != nil {
			info.Name = NameOf(*p)
		}
	}
	if cache := c.cache(); cache != nil {
		info.InitiatorLifetime = remaining(env, cache)
		info.Name = NameOf(cache.Principal)
		if info.InitiatorLifetime == 0 {
			return info, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
				"the tickets of %s in %s have expired", cache.Principal, cache.Name())
		}
	}
	return info, nil
}

// InquireByOID answers inquiries of the krb5 mechanism: for the service that acts for the client, and for the name of
// the credential cache. A cache in our memory has no name that others could use; instead, its principal and tickets are
// returned, so that they can be handed over without a file. The caller wipes them.
func (c *Element) InquireByOID(_ *krb5.Env, oid token.OID) ([][]byte, error) {
	if oid == oidImpersonator {
		if cache := c.primary(); cache != nil {
			if service, ok := cache.Impersonator(); ok {
				return [][]byte{[]byte(service.String())}, nil
			}
		}
		return nil, nil
	}
	if oid != oidCopyCCache {
		return nil, gss.UnknownInquiry(oid)
	}
	c.Settle()
	cache, err := c.Initiator()
	if err != nil {
		return nil, err
	}
	if !cache.InMemory() {
		return [][]byte{[]byte(cache.Name())}, nil
	}
	answer := [][]byte{nil, []byte(cache.Principal.String())}
	for _, ticket := range cache.Copies(nil) {
		answer = append(answer, ticket.Marshal())
		ticket.Wipe()
	}
	for _, entry := range cache.Configuration() {
		answer = append(answer, entry.Marshal())
	}
	return answer, nil
}

// SetOption implements gss.Element.
func (c *Element) SetOption(oid token.OID, value []byte) error {
	if oid == krb5.OptionWithhold {
		if cache, err := c.Initiator(); err == nil {
			cache.Withhold()
		}
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch oid {
	case oidNoCIFlags:
		c.noCI = true
		return nil
	case oidAllowableEnctypes:
		if len(value)%4 != 0 || len(value) > 4*maxEnctypes {
			return status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the enctypes must be 32-bit numbers, at most %d of them",
				maxEnctypes)
		}
		enctypes := []crypto.EType{}
		for b := value; len(b) > 0; b = b[4:] {
			enctypes = append(enctypes, crypto.EType(binary.BigEndian.Uint32(b)))
		}
		// As in MIT krb5, the program learns this at once, instead of when it establishes a context.
		if !slices.ContainsFunc(enctypes, crypto.EType.Supported) {
			return status.Errorf(status.Failure, status.KRB5_PROG_ETYPE_NOSUPP, "none of the enctypes %v is supported", enctypes)
		}
		c.enctypes = enctypes
		return nil
	}
	return gss.UnknownOption(oid)
}
