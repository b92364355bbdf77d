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
	confirm *confirmation // while it waits for the third message of DCE style
}

// NewAcceptor implements gss.Mechanism.
func (Mechanism) NewAcceptor() gss.Acceptor { return &acceptorContext{} }

// Recognizes implements gss.Mechanism. Windows may send an AP-REQ without a frame.
func (Mechanism) Recognizes(tok []byte) bool {
	if len(tok) > 0 && tok[0] == tagAPReq {
		return true
	}
	mech, _, err := token.Unframe(tok)
	return err == nil && mech == token.MechKRB5
}

// acceptorFlags are the flags that an initiator's word sets; the others follow from what was verified.
const acceptorFlags = gss.FlagMutual | gss.FlagReplay | gss.FlagSequence | gss.FlagConf | gss.FlagInteg | gss.FlagDCE

// Accept processes an initiator's AP-REQ (RFC 4121, Section 4.1), after which the context is established. In DCE style it
// waits for the initiator's confirmation first.
func (c *acceptorContext) Accept(env *krb5.Env, a gss.AcceptArgs) (gss.Result, error) {
	if c.confirm != nil {
		return c.acceptConfirmation(env, a.Input)
	}
	req, framed, err := parseRequest(a.Input)
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

// acceptance is the processing of one AP-REQ, with what its steps have found out.
type acceptance struct {
	*acceptorContext
	env    *krb5.Env
	args   gss.AcceptArgs
	req    *token.APReq
	framed bool

	own       *Element // the acceptor's
	cfg       *krb5.Config
	judge     *krb5.Acceptor   // of the request, with the credential's keys
	verified  *krb5.Acceptance // what the request says, verified
	delegated *gss.Cred
	reply     []byte
}

// steps is the exchange. Once verifyRequest has returned, the initiator's message is authenticated.
func (x *acceptance) steps() error {
	if err := x.openCredential(); err != nil {
		return err
	}
	if err := x.verifyRequest(); err != nil {
		return err
	}
	defer x.verified.Wipe() // the context has its own
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

// openCredential finds the keytab and the replay cache.
func (x *acceptance) openCredential() (err error) {
	x.own, err = In(x.args.Cred)
	if err == nil && x.own == nil {
		x.own, err = Default(x.env, gss.Accept)
	}
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

// readChecksum reads the authenticator's 0x8003 checksum (RFC 4121, Section 4.1.1): channel bindings, flags, delegation.
func (x *acceptance) readChecksum() error {
	client := x.verified.Ticket.Client
	sum := x.verified.Authenticator.Checksum
	if sum == nil || sum.Type != token.GSSChecksumType {
		// Clients that know only raw Kerberos send a checksum of nothing (old Samba), or none (other SMB clients; MS-KILE,
		// Section 3.4.5). They cannot bind to a channel, and only the option of the AP-REQ, which nothing protects, says
		// whether they wait for a reply. A checksum of something is an authenticator of another protocol.
		if sum != nil && !x.verified.VerifyChecksum() {
			return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_INAPP_CKSUM,
				"the authenticator of %s has a checksum of type %d, which is wrong or not for GSS-API", client, sum.Type)
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
// them. An acceptor that gave none ignores the initiator's. An initiator that gave none is let in, and the missing
// CHANNEL_BOUND flag says so (RFC 4121, Section 4.1.1.2, as MIT does), unless it says that it gives those of every channel:
// then what it sent was made for no channel, and somebody has brought it into ours (MS-KILE, Section 3.4.5).
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
		return status.Errorf(status.BadBindings, status.Generic, "%s gave no channel bindings, and says that it always does "+
			"(client_aware_channel_bindings): its program does not pass them, or this token was made for another connection",
			client)
	}
	return nil
}

// recordIdentity records the names of both sides and what the ticket says.
func (x *acceptance) recordIdentity() {
	ticket := x.verified.Ticket
	x.source, x.target = NameOf(ticket.Client), NameOf(x.verified.Server)
	x.end, x.grace, x.authTime = ticket.EndTime, x.cfg.ClockSkew(), ticket.AuthTime
	x.ticketFlags = ticket.Flags
	x.authData = cloneAuthData(ticket.AuthData)
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
		return status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_MSG_TYPE, "an initiator in DCE style wants no reply")
	case x.framed:
		return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER, "an AP-REQ in DCE style has no frame, this one has")
	}
	return nil
}

// makeReply makes the AP-REP and returns its sequence number. As in MIT krb5 and Heimdal it is the flag in the checksum that
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

// waitForConfirmation leaves the context half-open. The delegated credential is held back until it is established.
func (x *acceptance) waitForConfirmation(seq uint32) {
	x.confirm = &confirmation{
		krb5.Confirmation{SeqNumber: seq, Reply: x.reply}, x.verified.Authenticator.SeqNumber, x.delegated,
	}
	x.delegated = nil
}

// establishWith makes the context ready for messages. first is the sequence number of our first message.
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

// errorToken returns a KRB-ERROR for an initiator that waits for an answer.
func (x *acceptance) errorToken(err error) []byte {
	if x.req.Options&token.APMutualRequired == 0 {
		return nil
	}
	msg := krb5.ErrorMessage(status.Of(err), x.env.Now(), x.req.Ticket.SName)
	return token.Frame(token.MechKRB5, token.TokError, msg)
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
