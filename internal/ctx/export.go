// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"time"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Export moves the context into an interprocess token (RFC 2743, Section 2.2.8), in the form that the policy of the
// process asks for. From then on the context answers NO_CONTEXT. After an error it is as it was.
func (c *Context) Export(env *krb5.Env) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return nil, c.notEstablished()
	}
	info := c.mech.Inquire()
	if info.Remaining(env.Now()) == 0 {
		return nil, errExpired(info.End)
	}
	if info.Flags&gss.FlagTrans == 0 {
		return nil, status.Errorf(status.Unavailable, status.KG_CONTEXT, "the context was made without GSS_C_TRANS_FLAG")
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return nil, err
	}
	body, err := c.mech.Export(policy.Kernel)
	if err != nil {
		return nil, err
	}
	moved := false
	defer func() {
		c.mech.Exported(moved)
		if moved {
			c.drop()
		}
	}()
	tok, err := interprocess(env, policy, body, info.End.Add(info.Grace))
	if err != nil {
		return nil, err
	}
	moved = true
	if cell := c.moved.Load(); cell != nil && !cell.Set() {
		// A process that has the context by fork(2) was faster.
		sealing.Discard(env, policy, tok)
		c.state = exported
		return nil, c.notEstablished()
	}
	c.state = exported
	return tok, nil
}

// interprocess returns the token. Nothing fails after its key is in the ledger.
func interprocess(env *krb5.Env, policy *krb5.ContextPolicy, body gss.Interprocess, end time.Time) ([]byte, error) {
	if policy.Open() {
		return body.Append(make([]byte, 0, body.Size()))
	}
	// The body is sealed where it lies, with room for the header before it.
	tok, err := body.Append(make([]byte, token.SealedSize, token.SealedSize+body.Size()+token.SealedOverhead))
	if err != nil {
		return nil, err
	}
	return sealing.Seal(env, policy, token.SealedContext, tok, end)
}

// Back makes the context anew of the token that Export has just given, for a caller who could not pass that on.
func (c *Context) Back(env *krb5.Env, tok []byte) (*Context, error) {
	back, err := Import(env, tok)
	if err == nil {
		back.withheld.Store(c.withheld.Load())
	}
	return back, err
}

// Import makes a context of an interprocess token: a sealed one of ours, or, where the policy of the process is open, a
// plain one of ours or of FreeBSD's own libgssapi. After an error a sealed token is what it was before, for another to
// import.
func Import(env *krb5.Env, tok []byte) (*Context, error) {
	if token.IsSealed(tok) {
		return importSealed(env, tok)
	}
	parsed, err := parseBody(tok)
	if err != nil {
		return nil, err
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return nil, err
	}
	if !policy.Open() {
		return nil, status.Errorf(status.Unauthorized, status.KG_CONTEXT, "the interprocess token is not sealed: anyone "+
			"may have made it. The policy here is export_sec_context = %s; only open admits such tokens", policy)
	}
	return contextOf(parsed.Context(env))
}

// importSealed makes a context of a sealed token, which is used up at the end, when nothing can go wrong any more.
func importSealed(env *krb5.Env, tok []byte) (*Context, error) {
	opened, err := sealing.Open(env, token.SealedContext, tok)
	if err != nil {
		return nil, err
	}
	defer opened.Wipe()
	parsed, err := parseBody(opened.Plain)
	if err != nil {
		return nil, err
	}
	c, err := contextOf(parsed.Context(env))
	if err != nil {
		return nil, err
	}
	if err := opened.Claim(); err != nil {
		c.Delete()
		return nil, err
	}
	return c, nil
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

// contextOf returns the context for an established one of a mechanism.
func contextOf(mech gss.Context, err error) (*Context, error) {
	if err != nil {
		return nil, err
	}
	c := &Context{initiator: mech.Inquire().Initiator}
	c.establish(mech)
	return c, nil
}
