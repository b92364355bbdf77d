// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"crypto/subtle"
	"time"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// mitContext fills in the form that MIT's library reads.
func (c *secContext) mitContext(send uint64, w protect.Window) *token.MITContext {
	t := &token.MITContext{
		Mech:        c.mech,
		Initiator:   c.initiator,
		Flags:       c.flags,
		AuthTime:    seconds32(c.authTime),
		StartTime:   seconds32(c.authTime),
		EndTime:     seconds32(c.end),
		TicketFlags: c.ticketFlags,
		SendSeq:     send,
		RecvSeq:     w.Base,
		Key:         &c.keys.session,
		Window:      token.MITWindow{Replay: w.Replay, Sequence: w.Sequence, Base: w.Base, Next: w.Next, Map: w.Map},
		AuthData:    c.authData,
		Attributes:  c.clientAttributes(),
	}
	subkey := c.keys.base()
	t.Subkey = &subkey
	if c.keys.acceptorSubkey.Value != nil {
		t.AcceptorSubkey = &c.keys.acceptorSubkey
	}
	here, there := c.source, c.target
	if !c.initiator {
		here, there = there, here
	}
	t.Here, t.There = here.MN().AppendExport(nil), there.MN().AppendExport(nil)
	return t
}

type mitParsed struct {
	*token.MITContext
	mech token.OID
}

// Context implements gss.Parsed.
func (p *mitParsed) Context(env *krb5.Env) (gss.Context, error) {
	c := &secContext{
		mech:        p.mech,
		initiator:   p.Initiator,
		flags:       p.Flags,
		authTime:    time.Unix(int64(p.AuthTime), 0),
		end:         time.Unix(int64(p.EndTime), 0),
		ticketFlags: p.TicketFlags,
		authData:    cloneAuthData(p.AuthData),
	}
	source, target := p.Here, p.There
	if !c.initiator {
		source, target = target, source
		cfg, err := env.Library.Config(env)
		if err != nil {
			return nil, err
		}
		c.grace = cfg.ClockSkew()
	}
	if err := c.importNames(&token.ContextToken{Source: exportedName(source), Target: exportedName(target)}); err != nil {
		return nil, err
	}
	if !c.initiator {
		c.source = withAttributes(c.source, cloneAttributes(p.Attributes))
	}
	c.importKeys(p.contextKeys())
	w := p.Window
	err := c.establish(env, protect.Params{SendSeq: p.SendSeq, Window: &protect.Window{
		Replay: w.Replay, Sequence: w.Sequence, Base: w.Base, Next: w.Next, Map: w.Map,
	}})
	if err != nil {
		return nil, status.Errorf(status.DefectiveToken, status.KG_ENC_DESC, "interprocess token: %v", err)
	}
	return c, nil
}

// exportedName returns a name in the encoding that other tokens use.
func exportedName(text []byte) []byte {
	return token.AppendExportedName(nil, token.MechKRB5, func(b []byte) []byte { return append(b, text...) })
}

// contextKeys returns the keys in the fields that other tokens have. If there is no subkey, MIT's library puts the session key
// in its place. A token need not contain the session key itself.
func (p *mitParsed) contextKeys() *token.ContextToken {
	t := &token.ContextToken{Key: p.Key, LocalSubkey: p.AcceptorSubkey}
	switch {
	case p.Key == nil:
		t.Key = p.Subkey
	case subtle.ConstantTimeCompare(p.Key.Value, p.Subkey.Value) == 0:
		t.RemoteSubkey = p.Subkey
	}
	if p.Initiator {
		t.LocalSubkey, t.RemoteSubkey = t.RemoteSubkey, t.LocalSubkey
	}
	return t
}
