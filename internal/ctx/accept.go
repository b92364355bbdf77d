// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"bytes"
	"context"
	"crypto/subtle"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/protect"
	"libgssapi/internal/spnego"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// AcceptArgs are the inputs of gss_accept_sec_context (RFC 2744, Section 5.1).
type AcceptArgs struct {
	Cred     *gss.Cred // nil: any key of the default keytab
	Bindings *Bindings
	Input    []byte
}

// AcceptResult is a Result with who the initiator is and what it delegated.
type AcceptResult struct {
	Result
	Source    *gss.Name
	Delegated *gss.Cred // nil: nothing
}

// NewAcceptor returns a context that Accept establishes.
func NewAcceptor() *Context { return &Context{} }

// acceptorFlags are the flags that an initiator's word sets; the others follow from what was verified.
const acceptorFlags = FlagMutual | FlagReplay | FlagSequence | FlagConf | FlagInteg | FlagDCE

// Accept takes an initiator's token, of krb5 or of SPNEGO, and answers it.
func (c *Context) Accept(cx context.Context, env *krb5.Env, a AcceptArgs) (AcceptResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mech := token.MechKRB5
	if c.state == negotiating || c.state == fresh && spnego.IsOffer(a.Input) {
		mech = token.MechSPNEGO
	}
	if c.initiator || c.state != fresh && c.state != negotiating && c.state != waitingConfirmation {
		return AcceptResult{}, status.Errorf(status.NoContext, status.KG_CONTEXT, "the context does not wait for a token")
	}
	if mech == token.MechSPNEGO {
		return c.acceptNegotiated(env, a)
	}
	return c.take(env, a)
}

// acceptMessage is Accept for krb5 alone.
func (c *Context) acceptMessage(env *krb5.Env, a AcceptArgs) (AcceptResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.take(env, a)
}

// take takes an initiator's AP-REQ (RFC 4121, Section 4.1); c.mu is held. Kerberos needs one round, so the context is
// established or failed when it returns, but in DCE style: then it takes the initiator's confirmation, too.
func (c *Context) take(env *krb5.Env, a AcceptArgs) (AcceptResult, error) {
	switch c.state {
	case waitingConfirmation:
		return c.takeConfirmation(env, a.Input)
	case fresh:
	default:
		return AcceptResult{}, status.Errorf(status.NoContext, status.KG_CONTEXT, "the context does not wait for a token")
	}
	req, framed, err := parseRequest(a.Input)
	if err != nil {
		return AcceptResult{}, err
	}
	r, err := c.accept(env, a, req)
	if err == nil && framed && c.flags&FlagDCE != 0 {
		r.Delegated.Release()
		err = status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER, "an AP-REQ in DCE style has no frame, this one has")
	}
	if err == nil {
		return r, nil
	}
	c.state = failed
	e := status.Of(err)
	if req.Options&token.APMutualRequired != 0 {
		msg := krb5.ErrorMessage(e, env.Now(), req.Ticket.SName)
		r.Token = token.Frame(token.MechKRB5, token.TokError, msg)
	}
	return AcceptResult{Result: Result{Token: r.Token}}, e
}

// maxRequest bounds an AP-REQ in octets. Tickets with the authorization data of a thousand groups have a tenth of it.
const maxRequest = 1 << 20

// parseRequest takes a framed AP-REQ and, as every implementation does, the bare message that Windows may send.
func parseRequest(input []byte) (req *token.APReq, framed bool, err error) {
	body := input
	if len(input) == 0 {
		return nil, false, status.Errorf(status.DefectiveToken, status.G_TOK_TRUNC, "the token is empty")
	}
	// The ticket is decrypted with every key that may fit before anything in the token is authenticated.
	if len(input) > maxRequest {
		return nil, false, status.Errorf(status.DefectiveToken, status.KRB5KRB_ERR_FIELD_TOOLONG,
			"the token has %d octets; at most %d are taken", len(input), maxRequest)
	}
	// The caller is told that the mechanism is not here, as by MIT krb5: some try another library then.
	if token.IsNTLM(input) {
		return nil, false, status.Errorf(status.BadMech, status.G_WRONG_MECH, "the token is of NTLM, which is not supported")
	}
	if input[0] != tagAPReq {
		id, inner, err := unframe(input)
		if err != nil {
			return nil, false, err
		}
		if id != token.TokAPReq {
			return nil, false, status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "token of type %#04x where an AP-REQ is due", id)
		}
		body, framed = inner, true
	}
	req, err = token.ParseAPReq(body)
	return req, framed, err
}

func (c *Context) accept(env *krb5.Env, a AcceptArgs, req *token.APReq) (AcceptResult, error) {
	element, err := krb5mech.In(a.Cred)
	if err == nil && element == nil {
		element, err = krb5mech.Default(env, gss.Accept)
	}
	if err != nil {
		return AcceptResult{}, err
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return AcceptResult{}, err
	}
	acceptor, err := element.Acceptor(env, cfg)
	if err != nil {
		return AcceptResult{}, err
	}
	acc, err := acceptor.Accept(env, req)
	if err != nil {
		return AcceptResult{}, err
	}
	defer acc.Wipe() // the context has its own
	var r AcceptResult
	if r.Delegated, err = c.takeChecksum(acc, a.Bindings); err != nil {
		return AcceptResult{}, err
	}
	c.source, c.target = krb5mech.NameOf(acc.Ticket.Client), krb5mech.NameOf(acc.Server)
	c.end, c.grace, c.authTime = acc.Ticket.EndTime, cfg.ClockSkew(), acc.Ticket.AuthTime
	c.ticketFlags = acc.Ticket.Flags
	c.authData = cloneAuthData(acc.Ticket.AuthData)
	tok, err := c.answer(env, acc)
	if err != nil {
		return AcceptResult{}, err
	}
	r.Result = c.result(env, tok)
	r.Source = c.source
	if c.state == waitingConfirmation {
		// The caller gets what it asks for when the context is established.
		r.More = true
		c.confirm.delegated, r.Delegated, r.Source = r.Delegated, nil, nil
	}
	return r, nil
}

// takeChecksum reads the authenticator's 0x8003 checksum (RFC 4121, Section 4.1.1): channel bindings, flags, delegation.
func (c *Context) takeChecksum(acc *krb5.Acceptance, b *Bindings) (*gss.Cred, error) {
	sum := acc.Authenticator.Checksum
	if sum == nil || sum.Type != token.GSSChecksumType {
		// Clients that know only raw Kerberos send a checksum of nothing (old Samba), or none (other SMB clients; MS-KILE,
		// Section 3.4.5). They cannot bind to a channel, and only the option of the AP-REQ, which nothing protects, says
		// whether they wait for a reply. A checksum of something is an authenticator of another protocol.
		if sum != nil && !acc.VerifyChecksum() {
			return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_INAPP_CKSUM,
				"the authenticator of %s has a checksum of type %d, which is wrong or not for GSS-API", acc.Ticket.Client, sum.Type)
		}
		if sum != nil {
			c.flags = FlagReplay | FlagSequence
		}
		if acc.Request.Options&token.APMutualRequired != 0 {
			c.flags |= FlagMutual
		}
		return nil, c.checkBindings(acc, nil, b)
	}
	gss, err := token.ParseGSSChecksum(sum.Sum)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_INAPP_CKSUM, "checksum of %s: %v", acc.Ticket.Client, err)
	}
	c.flags = gss.Flags & acceptorFlags
	if err := c.checkBindings(acc, gss.BindingsHash[:], b); err != nil {
		return nil, err
	}
	if gss.Flags&FlagDeleg == 0 || !gss.HasDeleg {
		return nil, nil
	}
	forwarded, err := acc.DecryptCred(gss.Deleg)
	if err != nil {
		return nil, err
	}
	c.flags |= FlagDeleg
	return krb5mech.Delegated(forwarded), nil
}

// checkBindings compares the channel bindings of both sides; sent is nil if the initiator's checksum has no place for
// them. An acceptor that gave none ignores the initiator's. An initiator that gave none is let in, and the missing
// CHANNEL_BOUND flag says so (RFC 4121, Section 4.1.1.2, as MIT does), unless it says that it gives those of every channel:
// then what it sent was made for no channel, and somebody has brought it into ours (MS-KILE, Section 3.4.5).
func (c *Context) checkBindings(acc *krb5.Acceptance, sent []byte, b *Bindings) error {
	if b == nil {
		return nil
	}
	var none [16]byte
	ours := b.hash()
	switch {
	case subtle.ConstantTimeCompare(ours[:], sent) == 1:
		c.flags |= FlagChannelBound
	case sent != nil && !bytes.Equal(sent, none[:]):
		return status.Errorf(status.BadBindings, status.Generic, "the channel bindings of %s differ from ours", acc.Ticket.Client)
	case acc.BindsChannels:
		return status.Errorf(status.BadBindings, status.Generic, "%s gave no channel bindings, and says that it always does "+
			"(client_aware_channel_bindings): its program does not pass them, or this token was made for another connection",
			acc.Ticket.Client)
	}
	return nil
}

// answer makes the AP-REP, if the initiator wants one, and establishes the context. It is the flag in the checksum that
// says so, as with MIT krb5 and Heimdal: anyone on the way can change the option of the AP-REQ.
func (c *Context) answer(env *krb5.Env, acc *krb5.Acceptance) ([]byte, error) {
	first := uint64(acc.Authenticator.SeqNumber)
	c.keys = keys{session: keyOf(acc.Session)}
	if acc.Subkey != nil {
		c.keys.initiatorSubkey = keyOf(acc.Subkey)
	}
	p := protect.Params{SendSeq: first, RecvSeq: first}
	if c.flags&FlagDCE != 0 && c.flags&FlagMutual == 0 {
		return nil, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "an initiator in DCE style wants no reply")
	}
	if c.flags&FlagMutual == 0 {
		return nil, c.establish(env, p)
	}
	rep, subkey, seq, err := acc.Reply(env, c.flags&FlagDCE != 0)
	if err != nil {
		return nil, err
	}
	if subkey != nil {
		c.keys.acceptorSubkey = keyOf(subkey)
		subkey.Wipe()
	}
	p.SendSeq = uint64(seq)
	if c.flags&FlagDCE != 0 {
		c.confirm = &confirmation{krb5.Confirmation{SeqNumber: seq, Reply: rep}, acc.Authenticator.SeqNumber, nil}
		c.state = waitingConfirmation
		return c.frame(token.TokAPRep, rep), nil
	}
	return c.frame(token.TokAPRep, rep), c.establish(env, p)
}

// unframe splits a token of the krb5 mechanism into its type and its body.
func unframe(input []byte) (id uint16, body []byte, err error) {
	mech, inner, err := token.Unframe(input)
	if err != nil {
		return 0, nil, err
	}
	if mech != token.MechKRB5 {
		return 0, nil, status.Errorf(status.BadMech, status.G_WRONG_MECH, "token of mechanism %s", mech)
	}
	return token.TokenID(inner)
}

func cloneAuthData(entries []token.AuthDataEntry) []token.AuthDataEntry {
	out := slices.Clone(entries)
	for i := range out {
		out[i].Data = slices.Clone(out[i].Data)
	}
	return out
}
