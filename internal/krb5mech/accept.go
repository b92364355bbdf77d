// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"bytes"
	"crypto/subtle"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// acceptorContext is an acceptor's half-open context.
type acceptorContext struct {
	secContext
	confirm *confirmation // while waiting for the third message of DCE style
}

// NewAcceptor implements gss.Mechanism.
func (m Mechanism) NewAcceptor() gss.Acceptor {
	return &acceptorContext{secContext: secContext{mech: m.oid()}}
}

// Recognizes implements gss.Mechanism. Windows may send an AP-REQ without a frame.
func (m Mechanism) Recognizes(tok []byte) bool {
	if len(tok) > 0 && tok[0] == tagAPReq {
		return m.as == ""
	}
	mech, _, err := token.Unframe(tok)
	return err == nil && mech == m.oid()
}

// acceptorFlags are the flags taken from the initiator; all others follow from what is verified.
const acceptorFlags = gss.FlagMutual | gss.FlagReplay | gss.FlagSequence | gss.FlagConf | gss.FlagInteg | gss.FlagDCE |
	gss.FlagIdentify | gss.FlagExtendedError

// Accept processes an initiator's AP-REQ (RFC 4121, Section 4.1), which establishes the context. In DCE style, the
// context is established when the initiator has confirmed the reply.
func (c *acceptorContext) Accept(env *krb5.Env, a gss.AcceptArgs) (gss.Result, error) {
	if c.confirm != nil {
		return c.acceptConfirmation(env, a.Input)
	}
	req, framed, err := c.parseRequest(a.Input)
	if err != nil {
		return gss.Result{}, err
	}
	x := &acceptance{acceptorContext: c, env: env, args: a, req: req, framed: framed}
	if err := x.steps(); err != nil {
		x.delegated.Release()
		return gss.Result{Token: x.errorToken(err), Over: true}, err
	}
	return x.result(), nil
}

// Delete implements gss.Context.
func (c *acceptorContext) Delete() {
	if c.confirm != nil {
		c.confirm.delegated.Release()
		c.confirm = nil
	}
	c.secContext.Delete()
}

// acceptance processes one AP-REQ.
type acceptance struct {
	*acceptorContext
	env    *krb5.Env
	args   gss.AcceptArgs
	req    *token.APReq
	framed bool

	own       *Element // the acceptor's
	cfg       *krb5.Config
	judge     *krb5.Acceptor   // verifies the request, with the credential's keys
	verified  *krb5.Acceptance // the verified content of the request
	delegated *gss.Cred
	reply     []byte
}

// steps performs the exchange. The initiator's message is authenticated once verifyRequest has returned.
func (x *acceptance) steps() error {
	if err := x.openCredential(); err != nil {
		return err
	}
	if err := x.verifyRequest(); err != nil {
		return err
	}
	defer x.verified.Wipe() // the context has its own copies
	if err := x.readChecksum(); err != nil {
		return err
	}
	x.actForClient()
	x.recordIdentity()
	x.recordKeys()
	if err := x.checkStyle(); err != nil {
		return err
	}
	if x.flags&gss.FlagMutual == 0 {
		return x.establishWith(uint64(x.verified.Authenticator.SeqNumber))
	}
	seq, err := x.makeReply()
	if err != nil {
		return err
	}
	if x.flags&gss.FlagDCE != 0 {
		x.waitForConfirmation(seq)
		return nil
	}
	return x.establishWith(uint64(seq))
}

// openCredential opens the keytab and the replay cache.
func (x *acceptance) openCredential() (err error) {
	x.own, err = inOrDefault(x.env, x.args.Cred, x.mech, gss.Accept)
	if err != nil {
		return err
	}
	if x.cfg, err = x.env.Library.Config(x.env); err != nil {
		return err
	}
	x.judge, err = x.own.Acceptor(x.env, x.cfg)
	return err
}

// verifyRequest verifies the ticket and the authenticator, and refuses replays.
func (x *acceptance) verifyRequest() (err error) {
	x.verified, err = x.judge.Verify(x.env, x.req)
	return err
}

// readChecksum reads the authenticator's 0x8003 checksum (RFC 4121, Section 4.1.1): channel bindings, flags,
// delegation.
func (x *acceptance) readChecksum() error {
	client := x.verified.Ticket.Client
	sum := x.verified.Authenticator.Checksum
	if sum == nil || sum.Type != token.GSSChecksumType {
		// Clients that know only raw Kerberos send a checksum over no data (old Samba), or no checksum (other SMB
		// clients; MS-KILE, Section 3.4.5). They cannot bind to a channel, and only the options of the AP-REQ, which
		// are not protected, say whether they wait for a reply. A checksum over data belongs to an authenticator of
		// another protocol.
		if sum != nil && !x.verified.VerifyChecksum() {
			return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_INAPP_CKSUM,
				"the authenticator of %s has a checksum of type %d that is wrong or not for GSS-API", client, sum.Type)
		}
		if sum != nil {
			x.flags = gss.FlagReplay | gss.FlagSequence
		}
		if x.req.Options&token.APMutualRequired != 0 {
			x.flags |= gss.FlagMutual
		}
		return x.checkBindings(nil)
	}
	checksum, err := token.ParseGSSChecksum(sum.Sum)
	if err != nil {
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_INAPP_CKSUM, "checksum of %s: %v", client, err)
	}
	x.flags = checksum.Flags & acceptorFlags
	if err := x.checkBindings(checksum.BindingsHash[:]); err != nil {
		return err
	}
	if checksum.Flags&gss.FlagDeleg == 0 || !checksum.HasDeleg {
		return nil
	}
	forwarded, err := x.verified.DecryptCred(checksum.Deleg)
	if err != nil {
		return err
	}
	x.flags |= gss.FlagDeleg
	x.delegated = Delegated(forwarded)
	return nil
}

// checkBindings compares the channel bindings of both sides; sent is nil if the initiator's checksum has no place for
// them. An acceptor without bindings ignores the initiator's. An initiator without bindings is let in, and the missing
// CHANNEL_BOUND flag says so (RFC 4121, Section 4.1.1.2, as in MIT krb5), unless it claims to bind to every channel:
// then what it sent was not made for our channel, and an attacker has brought it there (MS-KILE, Section 3.4.5).
func (x *acceptance) checkBindings(sent []byte) error {
	b, client := x.args.Bindings, x.verified.Ticket.Client
	if b == nil {
		return nil
	}
	var none [16]byte
	ours := bindingsHash(b)
	switch {
	case subtle.ConstantTimeCompare(ours[:], sent) == 1:
		x.flags |= gss.FlagChannelBound
	case sent != nil && !bytes.Equal(sent, none[:]):
		return status.Errorf(status.BadBindings, status.Generic, "the channel bindings of %s differ from ours", client)
	case x.verified.BindsChannels:
		return status.Errorf(status.BadBindings, status.Generic, "%s gave no channel bindings although it claims to bind to every channel "+
			"(client_aware_channel_bindings): its program does not pass them, or this token was made for another connection",
			client)
	}
	return nil
}

// recordIdentity records the names of both sides and the facts in the ticket.
func (x *acceptance) recordIdentity() {
	ticket := x.verified.Ticket
	x.source, x.target = NameOf(ticket.Client), NameOf(x.verified.Server)
	x.source = withAttributes(x.source, cloneAttributes(x.verified.Attributes))
	x.end, x.grace, x.authTime = ticket.EndTime, x.cfg.ClockSkew(), ticket.AuthTime
	x.ticketFlags = ticket.Flags
	x.authData = cloneAuthData(ticket.AuthData)
	x.service = serviceKey{keytab: x.own.acceptor.keytabName, owner: x.verified.Server, kvno: x.verified.KVNO,
		etype: x.req.Ticket.Enc.EType}
}

func (x *acceptance) recordKeys() {
	x.keys = keys{session: keyOf(x.verified.Session)}
	if x.verified.Subkey != nil {
		x.keys.initiatorSubkey = keyOf(x.verified.Subkey)
	}
}

// checkStyle refuses requests that ask for DCE style but do not have its form.
func (x *acceptance) checkStyle() error {
	switch {
	case x.flags&gss.FlagDCE == 0:
	case x.flags&gss.FlagMutual == 0:
		return status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "the initiator asks for DCE style without mutual authentication")
	case x.framed:
		return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER, "an AP-REQ in DCE style must not have a frame")
	}
	return nil
}

// makeReply builds the AP-REP and returns its sequence number. As in MIT krb5 and Heimdal, the flag in the checksum
// asks for one: the option of the AP-REQ is not authenticated.
func (x *acceptance) makeReply() (seq uint32, err error) {
	rep, subkey, seq, err := x.verified.Reply(x.env, x.flags&gss.FlagDCE != 0)
	if err != nil {
		return 0, err
	}
	if subkey != nil {
		x.keys.acceptorSubkey = keyOf(subkey)
		subkey.Wipe()
	}
	x.reply = rep
	return seq, nil
}

// waitForConfirmation leaves the context half-open. The delegated credential is held back until the context is
// established.
func (x *acceptance) waitForConfirmation(seq uint32) {
	x.confirm = &confirmation{
		krb5.Confirmation{SeqNumber: seq, Reply: x.reply}, x.verified.Authenticator.SeqNumber, x.delegated,
	}
	x.delegated = nil
}

// establishWith makes the context ready for messages. first is our initial sequence number.
func (x *acceptance) establishWith(first uint64) error {
	return x.establish(x.env, protect.Params{SendSeq: first, RecvSeq: uint64(x.verified.Authenticator.SeqNumber)})
}

func (x *acceptance) result() gss.Result {
	var tok []byte
	if x.reply != nil {
		tok = x.frame(token.TokAPRep, x.reply)
	}
	r := x.secContext.result(x.env, tok)
	if !r.More {
		r.Source, r.Delegated = x.source, x.delegated
	}
	return r
}

// errorToken returns a KRB-ERROR for an initiator that waits for a reply.
func (x *acceptance) errorToken(err error) []byte {
	if x.req.Options&token.APMutualRequired == 0 {
		return nil
	}
	msg := krb5.ErrorMessage(status.Of(err), x.env.Now(), x.req.Ticket.SName)
	return token.Frame(x.mech, token.TokError, msg)
}

// maxRequest bounds the size of an AP-REQ in octets. Tickets with the authorization data of a thousand groups need a
// tenth of it.
const maxRequest = 1 << 20

// parseRequest parses a framed AP-REQ or, like every implementation, the bare message that Windows may send.
func (c *secContext) parseRequest(input []byte) (req *token.APReq, framed bool, err error) {
	body := input
	if len(input) == 0 {
		return nil, false, status.Errorf(status.DefectiveToken, status.G_TOK_TRUNC, "the token is empty")
	}
	// Before anything in the token is authenticated, the ticket is decrypted with every key that may fit.
	if len(input) > maxRequest {
		return nil, false, status.Errorf(status.DefectiveToken, status.KRB5KRB_ERR_FIELD_TOOLONG,
			"the token has %d octets; the limit is %d", len(input), maxRequest)
	}
	// As in MIT krb5, the error says that the mechanism is missing: some callers then try another library.
	if token.IsNTLM(input) {
		return nil, false, status.Errorf(status.BadMech, status.G_WRONG_MECH, "the token is an NTLM message; NTLM is not supported")
	}
	if input[0] != tagAPReq {
		id, inner, err := c.unframeToken(input)
		if err != nil {
			return nil, false, err
		}
		if id != token.TokAPReq {
			return nil, false, wrongToken(id, "AP-REQ")
		}
		body, framed = inner, true
	}
	req, err = token.ParseAPReq(body)
	return req, framed, err
}

// unframeToken splits a token of the mechanism into its type and its body.
func (c *secContext) unframeToken(input []byte) (id uint16, body []byte, err error) {
	mech, inner, err := token.Unframe(input)
	if err != nil {
		return 0, nil, err
	}
	if mech != c.mech {
		return 0, nil, status.Errorf(status.BadMech, status.G_WRONG_MECH, "the token is for mechanism %s", mech)
	}
	return token.TokenID(inner)
}

// wrongToken is the error for a token of another type than the expected one.
func wrongToken(id uint16, expected string) error {
	return status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "token of type %#04x instead of an %s", id, expected)
}

func cloneAuthData(entries []token.AuthDataEntry) []token.AuthDataEntry {
	out := slices.Clone(entries)
	for i := range out {
		out[i].Data = slices.Clone(out[i].Data)
	}
	return out
}
