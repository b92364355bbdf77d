// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Export moves the context into an interprocess token (RFC 2743, Section 2.2.8) in memory from mem, in the format that
// the policy of the process requires. From then on, calls with the context fail with NO_CONTEXT. After an error it is
// unchanged.
func (c *Context) Export(env *krb5.Env, mem *message.Memory) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established && c.state != establishing {
		return nil, c.notEstablished()
	}
	info := c.mech.Inquire()
	switch {
	case info.Flags&gss.FlagTrans != 0:
	case c.state == establishing:
		return nil, c.notEstablished()
	default:
		return nil, status.Errorf(status.Unavailable, status.KG_CONTEXT, "the context is not transferable (GSS_C_TRANS_FLAG)")
	}
	if info.Remaining(env.Now()) == 0 {
		return nil, errExpired(info.End)
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return nil, err
	}
	export := c.exportEstablished
	if c.state == establishing {
		export = c.exportHalfOpen
	}
	tok, err := export(env, policy, info, mem)
	if err != nil {
		return nil, err
	}
	c.drop()
	if cell := c.moved.Load(); cell != nil && !cell.Set() {
		// A process that has the context by fork(2) was faster.
		sealing.Discard(env, policy, tok, mem)
		c.state = exported
		return nil, c.notEstablished()
	}
	c.state = exported
	return tok, nil
}

// exportEstablished returns the token of an established context, which protects no messages from then on; c.mu is held.
func (c *Context) exportEstablished(env *krb5.Env, policy *krb5.ContextPolicy, info gss.ContextInfo, mem *message.Memory,
) ([]byte, error) {
	body, err := c.mech.Export(policy.Form)
	if err != nil {
		return nil, err
	}
	moved := false
	defer func() { c.mech.Exported(moved) }()
	tok, err := sealing.Make(env, policy, token.SealedContext, body, info.End.Add(info.Grace), mem)
	moved = err == nil
	return tok, err
}

// Import returns the context in an interprocess token: a sealed token of this library or, if the policy of the process is
// open, a plain one of this library, of FreeBSD's libgssapi or of MIT krb5. ready, if it is not nil, is called when
// nothing can fail any more, except that another importer may be faster. After an error, others can still import a sealed
// token.
func Import(env *krb5.Env, tok []byte, ready func() error) (*Context, error) {
	importer := sealing.Importer[*Context]{
		Content: token.SealedContext,
		Make:    func(body []byte, sealed bool) (*Context, error) { return establishedOf(env, body, sealed) },
		Discard: (*Context).Delete,
		Ready:   ready,
	}
	if h, _, err := token.ParseSealed(tok); err == nil && h.Content == token.SealedHalfOpen {
		importer.Content = token.SealedHalfOpen
		importer.Make = func(form []byte, _ bool) (*Context, error) { return halfOpenOf(env, form) }
	}
	return importer.Import(env, tok)
}

// establishedOf returns the established context in the body of a token.
func establishedOf(env *krb5.Env, body []byte, sealed bool) (*Context, error) {
	parsed, err := parseBody(body)
	if err != nil {
		return nil, err
	}
	if !sealed {
		if err := sealing.Admit(env, token.SealedContext); err != nil {
			return nil, err
		}
	}
	return contextOf(parsed.Context(env))
}

// parseBody parses the body of an interprocess token.
func parseBody(body []byte) (gss.Parsed, error) {
	mech, err := token.InterprocessMech(body)
	if err != nil {
		return nil, err
	}
	m, err := gss.ForInterprocess(mech)
	if err != nil {
		return nil, err
	}
	return m.ParseInterprocess(body)
}

// contextOf returns a Context for an established context of a mechanism.
func contextOf(mech gss.Context, err error) (*Context, error) {
	if err != nil {
		return nil, err
	}
	c := &Context{initiator: mech.Inquire().Initiator}
	c.establish(mech)
	return c, nil
}
