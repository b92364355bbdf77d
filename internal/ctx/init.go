// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"context"
	"errors"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// InitArgs are the inputs of gss_init_sec_context (RFC 2744, Section 5.19).
type InitArgs struct {
	Cred     *gss.Cred // nil: the default credential
	Target   *gss.Name
	Mech     token.OID // "": krb5; once a context is begun it has its mechanism
	Flags    uint32
	Lifetime uint32 // seconds wished for; 0 and Indefinite leave it to the ticket
	Bindings *Bindings
	Input    []byte
}

// initiation is what an initiator remembers while it waits for the AP-REP.
type initiation struct {
	exchange *krb5.Initiation
}

func (i *initiation) wipe() {
	i.exchange.Session.Wipe()
	i.exchange.Subkey.Wipe()
}

// NewInitiator returns a context whose first Init makes the AP-REQ.
func NewInitiator() *Context { return &Context{initiator: true} }

// initiatorFlags are the request flags that are honoured; the rest is left out of the answer.
const initiatorFlags = FlagDeleg | FlagMutual | FlagReplay | FlagSequence | FlagConf | FlagInteg | FlagDCE

// Init makes the next token of an initiator, of krb5 or of SPNEGO.
func (c *Context) Init(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch a.Mech {
	case "", token.MechKRB5, token.MechSPNEGO:
	default:
		return Result{}, status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", a.Mech)
	}
	if !c.initiator {
		return Result{}, status.Errorf(status.NoContext, status.KG_CONTEXT, "the context is an acceptor's")
	}
	mech := token.MechKRB5
	if c.state == negotiating || c.state == fresh && a.Mech == token.MechSPNEGO {
		mech = token.MechSPNEGO
	}
	switch {
	case c.state == negotiating:
		return c.negotiate(cx, env, a)
	case mech == token.MechSPNEGO:
		return c.offer(cx, env, a)
	}
	return c.message(cx, env, a)
}

// initMessage is Init for krb5 alone.
func (c *Context) initMessage(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.message(cx, env, a)
}

// message makes the next message of krb5 (RFC 4121, Section 4.1); c.mu is held.
func (c *Context) message(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	switch c.state {
	case fresh:
		return c.request(cx, env, a)
	case waitingReply:
		return c.reply(env, a.Input)
	case established:
		return Result{}, status.Errorf(status.Failure, status.KG_CONTEXT_ESTABLISHED, "the context is established already")
	}
	return Result{}, c.notEstablished()
}

// request finds a ticket for the target and makes the AP-REQ.
func (c *Context) request(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	if len(a.Input) != 0 {
		return Result{}, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "an initiator's first call takes no token")
	}
	element, err := krb5mech.In(a.Cred)
	if err == nil && element == nil {
		if element, err = krb5mech.Default(env, gss.Initiate); err == nil {
			defer element.Release()
		}
	}
	if err != nil {
		return Result{}, err
	}
	if _, err := element.Initiator(); err != nil {
		return Result{}, err
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return Result{}, err
	}
	target, err := krb5mech.Principal(env, a.Target)
	if err != nil {
		return Result{}, err
	}
	cache, err := element.InitiatorFor(env, target)
	if err != nil {
		return Result{}, err
	}
	defer cache.Hold(env)()
	opt := krb5.TGSOptions{Lifetime: krb5mech.Wish(a.Lifetime), EncTypes: env.ContextEnctypes(element.EncTypes(cfg.TGSEnctypes()))}
	ticket, err := krb5.ServiceTicket(cx, env, cfg, cache, target, opt)
	if err != nil {
		return Result{}, err
	}
	defer ticket.Wipe()
	now := env.Now().Add(cache.Offset())
	if !ticket.EndTime.After(now) {
		return Result{}, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"Ticket expired: the ticket for %s in %s expired at %s", ticket.Server, cache.Name(), ticket.EndTime.UTC().Format(time.RFC3339))
	}
	c.flags = offered(a.Flags, element, ticket, cfg)
	sum := token.GSSChecksum{BindingsHash: a.Bindings.hash(), Flags: c.flags}
	if c.flags&FlagDeleg != 0 {
		// A ticket-granting ticket that may not be forwarded is no reason to fail: the peer sees from the flags that it
		// got none.
		forwarded, err := krb5.ForwardedTGT(cx, env, cfg, cache)
		if errors.Is(err, krb5.Pending) {
			return Result{}, err
		}
		env.Trace.Forwarded(ticket.Client, err)
		if err == nil {
			defer forwarded.Wipe()
			if sum.Deleg, err = krb5.EncryptCred(env, ticket.Key, forwarded); err != nil {
				return Result{}, err
			}
		}
		if sum.HasDeleg = sum.Deleg != nil && len(sum.Deleg) <= token.MaxDeleg; !sum.HasDeleg {
			c.flags &^= FlagDeleg | FlagDelegPolicy
			sum.Flags = c.flags
		}
	}
	mutual := c.flags&FlagMutual != 0
	exchange, req, err := krb5.Initiate(env, ticket, now, krb5.Request{
		Checksum: &token.Checksum{Type: token.GSSChecksumType, Sum: sum.Marshal()},
		Mutual:   mutual,
		EncTypes: opt.EncTypes,
		// Whether bindings were given does not matter: this is what an acceptor on a channel misses them by.
		BindsChannels: a.Flags&FlagChannelBound != 0 || cfg.ClientAwareChannelBindings(),
	})
	if err != nil {
		return Result{}, err
	}
	// The target is what was asked for, not what the KDC made of it: programs compare it with their own name.
	c.source, c.target = krb5mech.NameOf(ticket.Client), krb5mech.NameOf(target)
	c.end, c.authTime, c.ticketFlags = ticket.EndTime.Add(-cache.Offset()), ticket.AuthTime, ticket.Flags
	c.keys = keys{session: keyOf(exchange.Session), initiatorSubkey: keyOf(exchange.Subkey)}
	c.initiate = &initiation{exchange}
	result := c.result(env, c.frame(token.TokAPReq, req))
	if mutual {
		c.state = waitingReply
		result.More = true
		return result, nil
	}
	if err := c.finishInit(env, nil); err != nil {
		return Result{}, err
	}
	result.Flags = c.flags
	return result, nil
}

// offered returns the flags that the context will have. Kerberos always can protect messages, and says so unless the
// caller asked it (GSS_KRB5_CRED_NO_CI_FLAGS_X) to offer only what was requested.
func offered(requested uint32, element *krb5mech.Element, ticket *krb5.Credential, cfg *krb5.Config) uint32 {
	flags := requested & initiatorFlags
	if flags&FlagDCE != 0 {
		flags |= FlagMutual
	}
	if cfg.EnforceOKAsDelegate() && !ticket.OKAsDelegate() {
		flags &^= FlagDeleg
	}
	if requested&FlagDelegPolicy != 0 && ticket.OKAsDelegate() {
		flags |= FlagDeleg | FlagDelegPolicy
	}
	if !element.NoCI() {
		flags |= FlagConf | FlagInteg
	}
	return flags | FlagTrans
}

// reply takes the acceptor's answer: the AP-REP or a KRB-ERROR. A bad one leaves the context to be deleted, and its
// handle valid (CVE-2017-11462).
func (c *Context) reply(env *krb5.Env, input []byte) (Result, error) {
	id, body, err := c.unframe(input)
	if err != nil {
		return Result{}, err
	}
	switch id {
	case token.TokError:
		c.state = failed
		return Result{}, krb5.PeerError(body)
	case token.TokAPRep:
	default:
		return Result{}, status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "token of type %#04x where an AP-REP is due", id)
	}
	rep, err := c.initiate.exchange.Verify(body)
	var confirmation []byte
	if err == nil && c.flags&FlagDCE != 0 {
		confirmation, err = c.initiate.exchange.Confirm(env, rep)
	}
	if err == nil {
		err = c.finishInit(env, rep)
	}
	if err != nil {
		c.state = failed
		return Result{}, c.fromTarget(env, err)
	}
	return c.result(env, confirmation), nil
}

// fromTarget says in an error whose reply it is about.
func (c *Context) fromTarget(env *krb5.Env, err error) error {
	text, _, nameErr := c.target.Display()
	if nameErr != nil {
		return err
	}
	e := status.Of(err)
	return status.Errorf(e.Major, e.Minor, "reply of %s: %s", text, e.Text)
}

// finishInit establishes the context. Without a reply both sides go on with the initiator's subkey and sequence number.
func (c *Context) finishInit(env *krb5.Env, rep *krb5.Reply) error {
	seq := uint64(c.initiate.exchange.SeqNumber)
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
	c.initiate.wipe()
	c.initiate = nil
	return c.establish(env, p)
}

// usesSubkey reports whether an acceptor's subkey of this type protects messages. In the contexts of RFC 1964 the
// initiator's does, unless the acceptor chose another type or DCE style was agreed, as MIT krb5 does it.
func (c *Context) usesSubkey(e crypto.EType) bool {
	return !e.Legacy() || c.flags&FlagDCE != 0 || int32(e) != c.keys.initiatorSubkey.EType
}

// result describes the context as it stands; c.mu is held.
func (c *Context) result(env *krb5.Env, tok []byte) Result {
	return Result{Token: tok, Mech: token.MechKRB5, Flags: c.flags, Lifetime: c.remaining(env.Now())}
}

func keyOf(k *crypto.Key) token.EncryptionKey {
	return token.EncryptionKey{EType: int32(k.EType()), Value: slices.Clone(k.Bytes())}
}
