// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"errors"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// initiatorContext is an initiator's half-open context.
type initiatorContext struct {
	secContext
	exchange *krb5.Initiation // while waiting for the AP-REP
}

// NewInitiator implements gss.Mechanism.
func (m Mechanism) NewInitiator() gss.Initiator {
	return &initiatorContext{secContext: secContext{mech: m.oid(), initiator: true}}
}

// initiatorFlags are the request flags that are honoured; others are not reported back. The last two are for the
// acceptor's program (RFC 4757, Section 7.1).
const initiatorFlags = gss.FlagDeleg | gss.FlagMutual | gss.FlagReplay | gss.FlagSequence | gss.FlagConf | gss.FlagInteg | gss.FlagDCE |
	gss.FlagIdentify | gss.FlagExtendedError

// Init produces the next message (RFC 4121, Section 4.1).
func (c *initiatorContext) Init(env *krb5.Env, a gss.InitArgs) (gss.Result, error) {
	if c.exchange == nil {
		return c.request(env, a)
	}
	return c.reply(env, a.Input)
}

// Delete implements gss.Context.
func (c *initiatorContext) Delete() {
	c.forget()
	c.secContext.Delete()
}

// forget ends the exchange.
func (c *initiatorContext) forget() {
	if c.exchange != nil {
		c.exchange.Session.Wipe()
		c.exchange.Subkey.Wipe()
		c.exchange = nil
	}
}

// request gets a ticket for the target and builds the AP-REQ.
func (c *initiatorContext) request(env *krb5.Env, a gss.InitArgs) (gss.Result, error) {
	if len(a.Input) != 0 {
		return gss.Result{}, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "an initiator's first call must not pass a token")
	}
	element, err := inOrDefault(env, a.Cred, c.mech, gss.Initiate)
	if err != nil {
		return gss.Result{}, err
	}
	if a.Cred == nil {
		defer element.Release()
	}
	if _, err := element.Initiator(); err != nil {
		return gss.Result{}, err
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return gss.Result{}, err
	}
	target, err := Principal(env, a.Target)
	if err != nil {
		return gss.Result{}, err
	}
	cache, err := element.InitiatorFor(env, target)
	if err != nil {
		return gss.Result{}, err
	}
	defer cache.Hold(env)()
	opt := krb5.TGSOptions{Lifetime: kerberosLifetime(a.Lifetime), EncTypes: env.ContextEnctypes(element.EncTypes(cfg.TGSEnctypes()))}
	ticket, err := krb5.ServiceTicket(env, cfg, cache, target, opt)
	if err != nil {
		return gss.Result{}, err
	}
	defer ticket.Wipe()
	now := env.Now().Add(cache.Offset())
	if !ticket.EndTime.After(now) {
		return gss.Result{}, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"Ticket expired: the ticket for %s in %s expired at %s", ticket.Server, cache.Name(), ticket.EndTime.UTC().Format(time.RFC3339))
	}
	c.flags = offered(a.Flags, element, ticket, cfg)
	sum := token.GSSChecksum{BindingsHash: bindingsHash(a.Bindings), Flags: c.flags}
	if c.flags&gss.FlagDeleg != 0 {
		if sum.Deleg, err = delegated(env, cfg, cache, ticket); err != nil {
			return gss.Result{}, err
		}
		if sum.HasDeleg = sum.Deleg != nil; !sum.HasDeleg {
			c.flags &^= gss.FlagDeleg | gss.FlagDelegPolicy
			sum.Flags = c.flags
		}
	}
	mutual := c.flags&gss.FlagMutual != 0
	exchange, req, err := krb5.Initiate(env, ticket, now, krb5.Request{
		Checksum: &token.Checksum{Type: token.GSSChecksumType, Sum: sum.Marshal()},
		Mutual:   mutual,
		EncTypes: opt.EncTypes,
		// Set even if no bindings were given, so that an acceptor on a channel notices that they are missing.
		BindsChannels: a.Flags&gss.FlagChannelBound != 0 || cfg.ClientAwareChannelBindings(),
	})
	if err != nil {
		return gss.Result{}, err
	}
	// The target is the name asked for, not the KDC's version of it, because programs compare it with their own.
	c.source, c.target = NameOf(ticket.Client), NameOf(target)
	c.end, c.authTime, c.ticketFlags = ticket.EndTime.Add(-cache.Offset()), ticket.AuthTime, ticket.Flags
	c.keys = keys{session: keyOf(exchange.Session), initiatorSubkey: keyOf(exchange.Subkey)}
	c.exchange = exchange
	if !mutual {
		if err := c.finish(env, nil); err != nil {
			return gss.Result{}, err
		}
	}
	return c.result(env, c.frame(token.TokAPReq, req)), nil
}

// delegated returns the KRB-CRED with a forwarded ticket-granting ticket for the service of ticket. It returns nil if the
// ticket-granting ticket cannot be forwarded or is too long, which is no reason to fail: the flags tell the peer that it
// got none.
func delegated(env *krb5.Env, cfg *krb5.Config, cache *krb5.CCache, ticket *krb5.Credential) ([]byte, error) {
	forwarded, err := krb5.ForwardedTGT(env, cfg, cache)
	if errors.Is(err, krb5.Pending) {
		return nil, err
	}
	env.Trace.Forwarded(ticket.Client, err)
	if err != nil {
		return nil, nil
	}
	defer forwarded.Wipe()
	message, err := krb5.EncryptCred(env, ticket.Key, forwarded)
	if err != nil || len(message) > token.MaxDeleg {
		return nil, err
	}
	return message, nil
}

// offered returns the flags that the context will have. Kerberos can always protect messages, and says so unless the
// caller asked it (GSS_KRB5_CRED_NO_CI_FLAGS_X) to offer only what was requested.
func offered(requested uint32, element *Element, ticket *krb5.Credential, cfg *krb5.Config) uint32 {
	flags := requested & initiatorFlags
	if flags&gss.FlagDCE != 0 {
		flags |= gss.FlagMutual
	}
	if cfg.EnforceOKAsDelegate() && !ticket.OKAsDelegate() {
		flags &^= gss.FlagDeleg
	}
	if requested&gss.FlagDelegPolicy != 0 && ticket.OKAsDelegate() {
		flags |= gss.FlagDeleg | gss.FlagDelegPolicy
	}
	if !element.NoCI() {
		flags |= gss.FlagConf | gss.FlagInteg
	}
	return flags | gss.FlagTrans
}

// reply processes the acceptor's reply, an AP-REP or a KRB-ERROR. After a bad one, the context can only be deleted, and
// its handle remains valid (CVE-2017-11462).
func (c *initiatorContext) reply(env *krb5.Env, input []byte) (gss.Result, error) {
	id, body, err := c.unframe(input)
	if err != nil {
		return gss.Result{}, err
	}
	switch id {
	case token.TokError:
		return gss.Result{Over: true}, krb5.PeerError(body)
	case token.TokAPRep:
	default:
		return gss.Result{}, wrongToken(id, "AP-REP")
	}
	rep, err := c.exchange.Verify(body)
	var confirmation []byte
	if err == nil && c.flags&gss.FlagDCE != 0 {
		confirmation, err = c.exchange.Confirm(env, rep)
	}
	if err == nil {
		err = c.finish(env, rep)
	}
	if err != nil {
		return gss.Result{Over: true}, c.fromTarget(err)
	}
	return c.result(env, confirmation), nil
}

// fromTarget adds to an error whose reply it is about.
func (c *initiatorContext) fromTarget(err error) error {
	text, _, nameErr := c.target.Display()
	if nameErr != nil {
		return err
	}
	return status.Prefix(err, "reply of %s", text)
}

// finish establishes the context. Without a reply, both sides use the initiator's subkey and sequence number.
func (c *initiatorContext) finish(env *krb5.Env, rep *krb5.Reply) error {
	seq := uint64(c.exchange.SeqNumber)
	p := protect.Params{SendSeq: seq, RecvSeq: seq}
	if rep != nil {
		p.RecvSeq = uint64(rep.SeqNumber) // 0 if the acceptor sent none
		if rep.Subkey != nil {
			defer rep.Subkey.Wipe()
		}
		if rep.Subkey != nil && c.usesSubkey(rep.Subkey.EType()) {
			if err := env.CheckContextEnctype(rep.Subkey.EType(), "acceptor's subkey"); err != nil {
				return err
			}
			c.keys.acceptorSubkey = keyOf(rep.Subkey)
		}
	}
	c.forget()
	return c.establish(env, p)
}

// usesSubkey reports whether an acceptor's subkey of this type protects messages. As in MIT krb5, in contexts of RFC
// 1964 the initiator's subkey does, unless the acceptor chose another type or DCE style was agreed on.
func (c *initiatorContext) usesSubkey(e crypto.EType) bool {
	return !e.Legacy() || c.flags&gss.FlagDCE != 0 || int32(e) != c.keys.initiatorSubkey.EType
}

func keyOf(k *crypto.Key) token.EncryptionKey {
	return token.EncryptionKey{EType: int32(k.EType()), Value: slices.Clone(k.Bytes())}
}
