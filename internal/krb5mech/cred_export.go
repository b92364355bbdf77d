// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"strings"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ExportElement implements gss.Exporter: files are exported by name, a cache in memory with its contents.
func (c *Element) ExportElement(*krb5.Env) (*gss.ExportedElement, error) {
	x := &token.ExportedCred{Usage: int32(c.usage)}
	cache, decided := c.decided()
	switch {
	case cache == nil:
	case !decided:
		// As in MIT krb5, the first target decides in the importing process, as it would here.
		x.DefaultIdentity, x.ClientKeytab = true, c.initiator.clientKeytab
	default:
		x.Name = &token.ExportedCredName{Principal: &cache.Principal}
		if service, ok := cache.Impersonator(); ok {
			x.Impersonator = &service
		}
		if cache.Named() {
			x.CCache = cache.Name()
		} else {
			x.Cache = cache.Export()
		}
		x.HaveTGT = cache.HasTGT()
		x.Expire, _ = cache.Expiry()
	}
	if a := c.acceptor; a != nil {
		x.Keytab, x.ReplayCache = a.keytabName, a.replay
		if x.DefaultIdentity = a.owner.desired == nil; !x.DefaultIdentity {
			x.Name = &token.ExportedCredName{Principal: a.owner.principal, Service: a.owner.service}
		}
	}
	c.mu.Lock()
	if c.enctypes != nil {
		x.EncTypes = []int32{}
	}
	for _, e := range c.enctypes {
		x.EncTypes = append(x.EncTypes, int32(e))
	}
	c.mu.Unlock()
	defer x.Wipe()
	return &gss.ExportedElement{Body: x.Marshal(), Secret: x.HasSecrets(), End: x.Expire}, nil
}

// decided returns the cache of an initiator, and whether it will be used for every target. For an acceptor, the cache
// is nil.
func (c *Element) decided() (cache *krb5.CCache, decided bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.initiator == nil {
		return nil, false
	}
	i := c.initiator
	return i.cache, !i.selects || !i.absent && !i.cache.OfCollection()
}

// ImportElement implements gss.ElementImporter. The files are opened with the rights of this process.
func (Mechanism) ImportElement(env *krb5.Env, body []byte, _ *gss.Cred, sealed bool) (gss.Element, error) {
	x, err := token.ParseExportedCred(body)
	if err != nil {
		return nil, err
	}
	defer x.Wipe()
	if x.HasSecrets() {
		if err := gss.AdmitSecrets(env, sealed); err != nil {
			return nil, err
		}
	}
	return importElement(env, x)
}

func importElement(env *krb5.Env, x *token.ExportedCred) (*Element, error) {
	desired, err := importedName(x)
	if err != nil {
		return nil, err
	}
	// No library writes such a name for another process: whoever has made this token wants what this one keeps for
	// itself.
	if strings.HasPrefix(x.CCache, "MEMORY:") {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT,
			"exported credential: its cache %q is in the memory of a process, and not in the token", x.CCache)
	}
	var store gss.CredStore
	for _, file := range []struct{ key, value string }{
		{storeCCache, x.CCache}, {storeKeytab, x.Keytab}, {storeClientKeytab, x.ClientKeytab}, {storeReplayCache, x.ReplayCache},
	} {
		if file.value == "" {
			continue
		}
		if err := store.Set(file.key, []byte(file.value)); err != nil {
			return nil, err
		}
	}
	// MIT's library exports a password that it has not used yet.
	if x.Password != nil && x.CCache == "" && gss.Usage(x.Usage) != gss.Accept {
		if err := store.Set(storePassword, x.Password); err != nil {
			return nil, err
		}
	}
	c := &Element{usage: gss.Usage(x.Usage)}
	if x.Cache == nil || c.usage == gss.Accept {
		e, err := Mechanism{}.Acquire(env, gss.Wanted{Name: desired, Usage: c.usage, Store: store})
		if err != nil {
			return nil, err
		}
		c = e.(*Element)
	} else {
		if c.usage == gss.Both {
			if c.acceptor, err = newAcceptor(env, store, desired); err != nil {
				return nil, err
			}
		}
		c.initiator = &initiator{cache: krb5.NewCCacheOf(x.Cache)}
	}
	for _, e := range x.EncTypes {
		c.enctypes = append(c.enctypes, crypto.EType(e))
	}
	if x.EncTypes != nil && c.enctypes == nil {
		c.enctypes = []crypto.EType{}
	}
	return c, nil
}

// importedName returns whose credential was wanted, nil being anybody's.
func importedName(x *token.ExportedCred) (*gss.Name, error) {
	switch {
	case x.DefaultIdentity || x.Name == nil:
		return nil, nil
	case x.Name.Service != "" && x.Name.Host == "":
		return gss.ImportName([]byte(x.Name.Service), token.NTHostbasedService)
	case x.Name.Principal == nil:
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "exported credential: it has no principal")
	}
	return NameOf(*x.Name.Principal), nil
}
