// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Verify says with which key a TGT is verified: "" is the default keytab, and a nil service any host/ principal in it.
type Verify struct {
	Keytab  string
	Service *token.Principal
}

// initial makes sure that tgt, which a password gave, is from the KDC that made keys of this host, as
// krb5_verify_init_creds(3) does. A reply that decrypts shows only that its sender knows the password: whoever chose it can
// have sent it, as anybody. The ticket-granting ticket must get one for a service whose key is in the keytab, and that one must
// be for the same client.
//
// A keytab without such keys is an error, whatever verify_ap_req_nofail says: who asks for this wants to be sure.
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
			"Key table entry not found: the ticket of %s cannot be verified, as %s has no key of %s", tgt.Client, kt, what)
	}
	// The clock is the KDC's, as far as it counts. It is not verified: who answers in place of the KDC could set it back to when
	// an old ticket of the client was valid, which says nothing of today.
	now, ahead := env.Now, ClockOffset(env, cfg, tgt)
	if ahead.Abs() > maxOffset {
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_SKEW,
			"Clock skew too great: the ticket of %s cannot be verified, as the clock of the KDC is %s off from ours, more than %s",
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

// verification is of one TGT, with keys of one keytab.
type verification struct {
	env    *Env
	cfg    *Config
	keytab *Keytab
	cache  *CCache // with the TGT
}

// against lets the client authenticate to the principal, which we are, too.
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
