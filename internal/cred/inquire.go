// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"encoding/binary"

	"libgssapi/internal/crypto"
	"libgssapi/internal/krb5"
	"libgssapi/internal/name"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// OIDs of the options and inquiries that the krb5 mechanism takes (Heimdal's arc 1.2.752.43.13).
const (
	oidCopyCCache        token.OID = "\x2a\x85\x70\x2b\x0d\x01" // .1: the cache's name, or what is in it
	oidAllowableEnctypes token.OID = "\x2a\x85\x70\x2b\x0d\x0e" // .14: big-endian 32-bit enctypes
	oidNoCIFlags         token.OID = "\x2a\x85\x70\x2b\x0d\x1d" // .29: no value
)

// Info is what gss_inquire_cred tells. Name is nil for a default acceptor whose keytab is gone.
type Info struct {
	Name              *name.Name
	InitiatorLifetime uint32 // seconds; 0 if c does not initiate or has expired
	AcceptorLifetime  uint32 // seconds, Indefinite; 0 if c does not accept
	Usage             Usage
	Mechs             []token.OID
}

// Lifetime returns the shortest lifetime among the sides that the credential serves.
func (i Info) Lifetime() uint32 {
	switch i.Usage {
	case Initiate:
		return i.InitiatorLifetime
	case Accept:
		return i.AcceptorLifetime
	}
	return min(i.InitiatorLifetime, i.AcceptorLifetime)
}

// Inquire describes c; nil is the default initiator credential (RFC 2744, Section 5.21), of the default mechanism. One
// that has expired is an error.
func Inquire(env *krb5.Env, c *Cred) (Info, error) {
	if c == nil {
		var err error
		if c, err = Acquire(env, nil, Indefinite, []token.OID{token.MechKRB5}, Initiate); err != nil {
			return Info{}, err
		}
		defer c.Release()
	}
	info := c.Info(env)
	if c.initiator != nil && info.InitiatorLifetime == 0 {
		return Info{}, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"the tickets of %s in %s have expired", c.initiator.cache.Principal, c.initiator.cache.Name())
	}
	return info, nil
}

// Info describes c, expired or not.
func (c *Cred) Info(env *krb5.Env) Info {
	info := Info{Usage: c.usage, Mechs: c.all().list()}
	if a := c.acceptor; a != nil {
		info.AcceptorLifetime = Indefinite
		if p := a.named(env); p != nil {
			info.Name = name.FromPrincipal(*p)
		}
	}
	if i := c.initiator; i != nil {
		info.InitiatorLifetime = remaining(env, i.cache)
		info.Name = name.FromPrincipal(i.cache.Principal)
	}
	return info
}

// InquireByMech describes c's element for mech.
func InquireByMech(env *krb5.Env, c *Cred, mech token.OID) (Info, error) {
	m := mechOf(mech)
	if m == 0 {
		return Info{}, status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", mech)
	}
	if c == nil {
		return Inquire(env, nil)
	}
	e := c.element(m)
	if e == nil {
		return Info{}, status.Errorf(status.NoCred, status.KG_CRED, "the credential has no element for mechanism %s",
			m.list()[0])
	}
	return Inquire(env, e)
}

// InquireByOID answers the inquiries of the krb5 mechanism: the name of the credential cache. Of one in memory, which has
// none, the principal and the tickets follow, so that they can be handed over without a file. The caller wipes them.
func InquireByOID(env *krb5.Env, c *Cred, oid token.OID) ([][]byte, error) {
	if oid != oidCopyCCache {
		return nil, status.Errorf(status.Unavailable, status.Generic, "inquiry %s is not known", oid)
	}
	if c == nil {
		var err error
		if c, err = Default(env, Initiate); err != nil {
			return nil, err
		}
		defer c.Release()
	}
	cache, err := c.Initiator()
	if err != nil {
		return nil, err
	}
	answer := [][]byte{[]byte(cache.Name())}
	if cache.Name() == "" {
		answer = append(answer, []byte(cache.Principal.String()))
		for _, ticket := range cache.Copies(func(*krb5.Credential) bool { return true }) {
			answer = append(answer, ticket.Marshal())
			ticket.Wipe()
		}
	}
	return answer, nil
}

// SetOption sets an option of c (gss_set_cred_option). Without a credential, nil, there is nothing to set.
func (c *Cred) SetOption(oid token.OID, value []byte) error {
	if c == nil {
		return status.Errorf(status.Unavailable, status.Generic, "option %s is of a credential, and none was passed", oid)
	}
	if c.other != nil {
		if err := c.other.SetOption(oid, value); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch oid {
	case krb5.OptionWithhold:
		c.withheld = true
		return nil
	case oidNoCIFlags:
		c.noCI = true
		return nil
	case oidAllowableEnctypes:
		if len(value)%4 != 0 || len(value) > 4*maxEnctypes {
			return status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the enctypes are 32-bit numbers, at most %d",
				maxEnctypes)
		}
		c.enctypes = []crypto.EType{}
		for b := value; len(b) > 0; b = b[4:] {
			c.enctypes = append(c.enctypes, crypto.EType(binary.BigEndian.Uint32(b)))
		}
		return nil
	}
	return status.Errorf(status.Unavailable, status.Generic, "option %s is not known", oid)
}
