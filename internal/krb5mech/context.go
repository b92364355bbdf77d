// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// secContext is what the contexts of both sides have in common, and all there is to an established one.
type secContext struct {
	mech           token.OID // krb5's, or one of its other OIDs
	initiator      bool
	source, target *gss.Name
	flags          uint32
	authTime       time.Time
	end            time.Time     // of the ticket
	grace          time.Duration // how long an acceptor lets contexts outlive their tickets: the clock skew
	keys           keys
	authData       []token.AuthDataEntry // in the ticket
	ticketFlags    uint32
	service        serviceKey

	protection *protect.Protection // nil: the context is half-open
}

// keys holds the keys from which an established context was made, for export.
type keys struct {
	session, initiatorSubkey, acceptorSubkey token.EncryptionKey
}

func (k *keys) wipe() {
	for _, key := range []token.EncryptionKey{k.session, k.initiatorSubkey, k.acceptorSubkey} {
		clear(key.Value)
	}
	*k = keys{}
}

// message returns the key that protects messages: the acceptor's subkey, else the initiator's, else the session key.
func (k *keys) message() token.EncryptionKey {
	if k.acceptorSubkey.Value != nil {
		return k.acceptorSubkey
	}
	return k.base()
}

// base returns the key that protects messages if there is no acceptor's subkey: the initiator's subkey, else the
// session key.
func (k *keys) base() token.EncryptionKey {
	if k.initiatorSubkey.Value != nil {
		return k.initiatorSubkey
	}
	return k.session
}

// Inquire and the following methods implement gss.Context. As in other implementations, a half-open context has no
// names.
func (c *secContext) Inquire() gss.ContextInfo {
	if c.protection == nil {
		return gss.ContextInfo{
			Mech: c.mech, Initiator: c.initiator, Flags: c.flags | gss.FlagTrans, End: c.end, Grace: c.grace,
		}
	}
	return gss.ContextInfo{
		Source: c.source, Target: c.target, Mech: c.mech, Initiator: c.initiator, Flags: c.flags, End: c.end,
		Grace: c.grace,
	}
}

func (c *secContext) Protection() message.Protection {
	if c.protection == nil {
		return nil
	}
	return c.protection
}

// ProcessToken refuses every token, because RFC 4121 defines none. RFC 1964 had a deletion token, with which a peer
// could delete the context while its owner was using it (CVE-2014-5352).
func (c *secContext) ProcessToken([]byte) error {
	return status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "Kerberos has no context tokens after establishment")
}

func (c *secContext) Record(words *inherit.Words) {
	if c.protection != nil {
		c.protection.Record(words)
	}
}

func (c *secContext) Delete() {
	if c.protection != nil {
		c.protection.Wipe()
		c.protection = nil
	}
	c.keys.wipe()
}

// establish makes the context ready for messages. The caller has set keys, flags and names.
func (c *secContext) establish(env *krb5.Env, p protect.Params) (err error) {
	if p.Key, err = newKey(c.keys.message()); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.Key.Wipe()
		}
	}()
	if p.AcceptorSubkey = c.keys.acceptorSubkey.Value != nil; p.AcceptorSubkey {
		if p.BaseKey, err = newKey(c.keys.base()); err != nil {
			return err
		}
	}
	p.Initiator = c.initiator
	p.Replay = c.flags&gss.FlagReplay != 0
	p.Sequence = c.flags&gss.FlagSequence != 0
	p.DCE = c.flags&gss.FlagDCE != 0
	p.Mech = c.mech
	p.Rand = env.Rand
	protection, err := protect.New(p)
	if err != nil {
		return err
	}
	c.flags |= gss.FlagTrans | gss.FlagProtReady
	c.protection = protection
	if env.Trace != nil {
		source, _ := Principal(env, c.source)
		target, _ := Principal(env, c.target)
		env.Trace.Established(source, target, c.keys.message().EType, c.flags, c.end)
	}
	return nil
}

// result describes the context, which is established or waits for the peer.
func (c *secContext) result(env *krb5.Env, tok []byte) gss.Result {
	info := gss.ContextInfo{End: c.end, Grace: c.grace}
	r := gss.Result{Token: tok, Mech: c.mech, Flags: c.flags, Lifetime: info.Remaining(env.Now())}
	if c.protection != nil {
		r.Established = c
	} else {
		r.More = true
	}
	return r
}

func newKey(k token.EncryptionKey) (*crypto.Key, error) {
	return crypto.NewKey(crypto.EType(k.EType), k.Value)
}

// seconds returns a time in seconds since 1970. A ticket in a cache may lack the time of its authentication: 0.
func seconds(t time.Time) uint64 { return uint64(max(t.Unix(), 0)) }

// seconds32 is seconds in the 32 bits that other libraries have for them. A later time becomes NoEndTime.
func seconds32(t time.Time) uint32 { return uint32(min(seconds(t), uint64(token.NoEndTime))) }
