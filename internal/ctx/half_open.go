// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"time"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// halfOpenVersion is the first octet of the form of a half-open context. Increment it when the form that a mechanism's
// Snapshot writes for such a context changes (TestHalfOpenForm).
const halfOpenVersion = 1

// halfOpenLife is how long the token of a half-open context can be imported: twice the usual clock skew, after which no
// acceptor accepts the initiator's token. The limit keeps abandoned exchanges from filling the ledger.
const halfOpenLife = 10 * time.Minute

// exportHalfOpen moves a half-open context, as MIT krb5 can: gssproxy(8) passes such contexts to its clients between two
// of their calls. The token is sealed under every policy, because only this library can import it; under an open policy
// it is sealed for the account. c.mu is held.
func (c *Context) exportHalfOpen(env *krb5.Env, policy *krb5.ContextPolicy, info gss.ContextInfo, mem *message.Memory,
) ([]byte, error) {
	w := wire.NewWriter(1024) // more than most need, but for delegated credentials
	defer func() { clear(w.Form()) }()
	w.Uint8(halfOpenVersion)
	w.Bool(c.initiator)
	w.Text(string(info.Mech))
	if !c.mech.Snapshot(w) {
		return nil, status.Errorf(status.Unavailable, status.KG_CONTEXT, "the context has no state that can be exported")
	}
	end := info.End.Add(info.Grace)
	if limit := env.Now().Add(halfOpenLife); end.After(limit) {
		end = limit
	}
	return sealing.Make(env, policy.Sealing(), token.SealedHalfOpen, halfOpen(w.Form()), end, mem)
}

// halfOpen is the form of a half-open context as the body of a token.
type halfOpen []byte

// Size and Append implement sealing.Body.
func (f halfOpen) Size() int { return len(f) }

func (f halfOpen) Append(b []byte) ([]byte, error) { return append(b, f...), nil }

// halfOpenOf returns the context in a form of exportHalfOpen. It still waits for its peer.
func halfOpenOf(env *krb5.Env, form []byte) (*Context, error) {
	r := wire.NewReader(form)
	if version := r.Uint8(); version != halfOpenVersion {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT,
			"interprocess token: half-open contexts of version %d, made by another release of this library", version)
	}
	c := &Context{initiator: r.Bool(), state: establishing}
	m, err := gss.ForInterprocess([]byte(r.Text()))
	if err != nil {
		return nil, err
	}
	if !m.Description().Concrete() { // a negotiation stays where it is
		return nil, errHalfOpenForm("it is a negotiation")
	}
	c.mech, err = m.RestoreContext(gss.Inherited{Library: env.Library, Rand: env.Rand, Initiator: c.initiator}, r)
	switch {
	case !r.Done():
		err = errHalfOpenForm("it is malformed")
	case err != nil:
		err = errHalfOpenForm(err)
	}
	if err != nil {
		c.drop()
		return nil, err
	}
	return c, nil
}

func errHalfOpenForm(why any) error {
	return status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token of a half-open context: %v", why)
}
