// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"encoding/binary"
	"slices"

	"libgssapi/internal/token"
)

// lucidContext is what the messages of a context need, for programs that protect them by themselves: gssd(8) of FreeBSD
// 15 gives it to the kernel. gss_krb5_export_lucid_sec_context(3) makes a gss_krb5_lucid_context_v1_t of its octets.
type lucidContext struct {
	Initiator        bool
	EndTime          uint32 // seconds since 1970
	SendSeq, RecvSeq uint64
	Key              token.EncryptionKey // the initiator's subkey, else the ticket's session key
	AcceptorSubkey   token.EncryptionKey // no Value: none
}

// wipe overwrites the keys.
func (l *lucidContext) wipe() {
	clear(l.Key.Value)
	clear(l.AcceptorSubkey.Value)
}

// lucid describes an established context; c.mu is held.
func (c *Context) lucid() *lucidContext {
	take := func(k token.EncryptionKey) token.EncryptionKey {
		return token.EncryptionKey{EType: k.EType, Value: slices.Clone(k.Value)}
	}
	base := c.keys.initiatorSubkey
	if base.Value == nil {
		base = c.keys.session
	}
	send, recv, _ := c.protection.Load().State()
	return &lucidContext{
		Initiator: c.initiator, EndTime: uint32(min(uint64(c.end.Unix()), uint64(token.NoEndTime))),
		SendSeq: send, RecvSeq: recv, Key: take(base), AcceptorSubkey: take(c.keys.acceptorSubkey),
	}
}

// marshal encodes l as libgssapi_krb5.so.10 of FreeBSD reads it: version, initiator, end, both sequence numbers,
// protocol (1: RFC 4121), whether there is an acceptor's subkey, key, acceptor's subkey; big-endian. FreeBSD's own
// library gives the acceptor's subkey twice and no other key.
func (l *lucidContext) marshal() []byte {
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
	number(lucidVersion)
	flag(l.Initiator)
	number(l.EndTime)
	b = binary.BigEndian.AppendUint64(b, l.SendSeq)
	b = binary.BigEndian.AppendUint64(b, l.RecvSeq)
	number(lucidProtocol)
	flag(l.AcceptorSubkey.Value != nil)
	key(l.Key)
	if l.AcceptorSubkey.Value != nil {
		key(l.AcceptorSubkey)
	}
	return b
}

const (
	lucidVersion  = 1
	lucidProtocol = 1 // RFC 4121; RFC 1964 is 0
)
