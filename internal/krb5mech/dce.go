// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// DCE style (GSS_C_DCE_STYLE; MS-KILE, Section 3.4.5.1) is how Windows RPC uses Kerberos: messages have no frame, the
// initiator answers the AP-REP with one of its own, and tokens that span several buffers are padded and rotated
// (internal/protect).

// confirmation is what a DCE-style acceptor remembers while it waits for the third message.
type confirmation struct {
	krb5.Confirmation
	recvSeq   uint32 // the initiator's initial sequence number
	delegated *gss.Cred
}

// acceptConfirmation establishes the context. After a wrong message, the context can only be deleted.
func (c *acceptorContext) acceptConfirmation(env *krb5.Env, input []byte) (gss.Result, error) {
	id, body, err := c.unframe(input)
	if err == nil && id != token.TokAPRep {
		err = wrongToken(id, "AP-REP")
	}
	if err == nil {
		err = c.verifyConfirmation(body)
	}
	if err == nil {
		err = c.establish(env, protect.Params{SendSeq: uint64(c.confirm.SeqNumber), RecvSeq: uint64(c.confirm.recvSeq)})
	}
	if err != nil {
		return gss.Result{Over: true}, err
	}
	r := c.result(env, nil)
	r.Source, r.Delegated = c.source, c.confirm.delegated
	c.confirm = nil
	return r, nil
}

func (c *acceptorContext) verifyConfirmation(body []byte) error {
	session, err := newKey(c.keys.session)
	if err != nil {
		return err
	}
	defer session.Wipe()
	return c.confirm.Verify(session, body)
}

// frame makes a context token from a Kerberos message.
func (c *secContext) frame(id uint16, msg []byte) []byte {
	if c.flags&gss.FlagDCE != 0 {
		return msg
	}
	return token.Frame(c.mech, id, msg)
}

// Tags of Kerberos messages (RFC 4120, Section 5.10).
const (
	tagAPReq = 0x6e
	tagAPRep = 0x6f
	tagError = 0x7e
)

// unframe splits a token from the peer. In DCE style, it is the message itself.
func (c *secContext) unframe(input []byte) (id uint16, body []byte, err error) {
	if c.flags&gss.FlagDCE != 0 && len(input) > 0 {
		switch input[0] {
		case tagAPRep:
			return token.TokAPRep, input, nil
		case tagError:
			return token.TokError, input, nil
		}
	}
	id, body, err = c.unframeToken(input)
	if err == nil && c.flags&gss.FlagDCE != 0 && id != token.TokError {
		err = status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER, "a message in DCE style must not have a frame")
	}
	return id, body, err
}
