// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Verify says which keys verify a TGT. An empty Keytab is the default one; a nil Service is any host/ principal in it.
type Verify struct {
	Keytab  string
	Service *token.Principal
}

// initial makes sure that tgt, which was obtained with a password, comes from the KDC that made the keys of this host,
// as krb5_verify_init_creds(3) does. That the reply could be decrypted shows only that its sender knows the password:
// an attacker who chose the password could have sent it, in anybody's name. So tgt must get a ticket for a service
// whose key is in the keytab, and that ticket must be for the same client.
//
// A keytab without such keys is an error, whatever verify_ap_req_nofail says: a caller who asks for verification wants
// to be sure.
func (v *Verify) initial(env *Env, cfg *Config, tgt *Credential) error {
	kt, err := env.Library.OpenKeytab(env, v.Keytab)
	if err != nil {
		return err
	}
	services, what := kt.hosts(), "a host/ principal"
	if v.Service != nil {
		services, what = nil, v.Service.String()
		if len(kt.Newest(*v.Service)) > 0 {
			services = []token.Principal{*v.Service}
		}
	}
	if len(services) == 0 {
		return status.Errorf(status.Failure, status.KRB5_KT_NOTFOUND,
			"Key table entry not found: the ticket of %s cannot be verified, because %s has no key of %s", tgt.Client, kt, what)
	}
	// The KDC's clock counts, within limits, because it is not verified: an attacker in place of the KDC could set it
	// back to when an old ticket of the client was valid, which proves nothing today.
	now, ahead := env.Now, ClockOffset(env, cfg, tgt)
	if ahead.Abs() > maxOffset {
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_SKEW,
			"Clock skew too great: the ticket of %s cannot be verified, because the KDC's clock is %s off from ours, more than %s",
			tgt.Client, ahead.Abs(), maxOffset)
	}
	by := *env
	by.Now = func() time.Time { return now().Add(ahead) }
	with := &verification{env: &by, cfg: cfg, keytab: kt, cache: NewMemoryCCache(tgt.Client, tgt.copy())}
	defer with.cache.Close()
	for _, service := range services {
		if err = with.against(service); err == nil || errors.Is(err, Pending) {
			return err
		}
	}
	return status.Prefix(err, "the ticket of %s cannot be verified", tgt.Client)
}

// verification verifies one TGT with the keys of one keytab.
type verification struct {
	env    *Env
	cfg    *Config
	keytab *Keytab
	cache  *CCache // holds the TGT
}

// against authenticates the client to a service of which we have the key.
func (v *verification) against(service token.Principal) error {
	ticket, err := ServiceTicket(v.env, v.cfg, v.cache, service, TGSOptions{})
	if err != nil {
		return err
	}
	defer ticket.Wipe()
	initiation, b, err := Initiate(v.env, ticket, v.env.Now(), Request{})
	if err != nil {
		return err
	}
	defer initiation.Session.Wipe()
	defer initiation.Subkey.Wipe()
	req, err := token.ParseAPReq(b)
	if err != nil {
		return err
	}
	acceptor := &Acceptor{Keytab: v.keytab, Match: service.Equal, Wanted: service.String(), Config: v.cfg,
		EncTypes: append([]crypto.EType{initiation.Session.EType()}, v.cfg.PermittedEnctypes()...)}
	accepted, err := acceptor.Verify(v.env, req)
	if err != nil {
		return err
	}
	accepted.Wipe()
	return nil
}
