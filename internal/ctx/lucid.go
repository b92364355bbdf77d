// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"encoding/binary"
	"slices"
	"time"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Lucid is what the messages of a context need, for programs that protect them by themselves: FreeBSD's gssd(8) gives it
// to the kernel (gss_krb5_lucid_context_v1_t). It holds keys in the clear.
type Lucid struct {
	Initiator        bool
	EndTime          uint32 // seconds since 1970
	SendSeq, RecvSeq uint64
	Key              token.EncryptionKey // the initiator's subkey, else the ticket's session key
	AcceptorSubkey   token.EncryptionKey // no Value: none
}

// Wipe overwrites the keys.
func (l *Lucid) Wipe() {
	clear(l.Key.Value)
	clear(l.AcceptorSubkey.Value)
}

// Lucid describes an established context. If consume, the context is gone then, as after Export: so MIT krb5 and
// FreeBSD from 15 on have it; in libgssapi_krb5.so.10 the context stays.
func (c *Context) Lucid(env *krb5.Env, consume bool) (*Lucid, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != established {
		return nil, c.notEstablished()
	}
	if c.remaining(env.Now()) == 0 {
		return nil, status.Errorf(status.ContextExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "the context expired at %s",
			c.end.UTC().Format(time.RFC3339))
	}
	l := c.lucid()
	if consume {
		c.state = exported
		c.wipe()
	}
	return l, nil
}

func (c *Context) lucid() *Lucid {
	take := func(k token.EncryptionKey) token.EncryptionKey {
		return token.EncryptionKey{EType: k.EType, Value: slices.Clone(k.Value)}
	}
	base := c.keys.initiatorSubkey
	if base.Value == nil {
		base = c.keys.session
	}
	send, recv, _ := c.protection.Load().State()
	return &Lucid{
		Initiator: c.initiator, EndTime: uint32(min(uint64(c.end.Unix()), uint64(token.NoEndTime))),
		SendSeq: send, RecvSeq: recv, Key: take(base), AcceptorSubkey: take(c.keys.acceptorSubkey),
	}
}

// Marshal encodes l as libgssapi_krb5.so.10 of FreeBSD reads it: version, initiator, end, both sequence numbers,
// protocol (1: RFC 4121), whether there is an acceptor's subkey, key, acceptor's subkey; big-endian.
func (l *Lucid) Marshal() []byte {
	b := make([]byte, 0, 128)
	number := func(v uint32) { b = binary.BigEndian.AppendUint32(b, v) }
	key := func(k token.EncryptionKey) {
		b = binary.BigEndian.AppendUint16(b, uint16(k.EType))
		number(uint32(len(k.Value)))
		b = append(b, k.Value...)
	}
	flag := func(v bool) {
		if v {
			number(1)
		} else {
			number(0)
		}
	}
	number(LucidVersion)
	flag(l.Initiator)
	number(l.EndTime)
	b = binary.BigEndian.AppendUint64(b, l.SendSeq)
	b = binary.BigEndian.AppendUint64(b, l.RecvSeq)
	number(LucidProtocol)
	flag(l.AcceptorSubkey.Value != nil)
	key(l.Key)
	if l.AcceptorSubkey.Value != nil {
		key(l.AcceptorSubkey)
	}
	return b
}

const (
	LucidVersion  = 1
	LucidProtocol = 1 // RFC 4121; RFC 1964 is 0
)
