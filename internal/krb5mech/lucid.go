// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"encoding/binary"
	"slices"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// lucidContext is what it takes to protect messages of a context, for programs that do so themselves: gssd(8) of
// FreeBSD 15 gives it to the kernel. gss_krb5_export_lucid_sec_context(3) makes a gss_krb5_lucid_context_v1_t of its
// octets.
type lucidContext struct {
	Initiator        bool
	EndTime          uint32 // seconds since 1970
	SendSeq, RecvSeq uint64
	Protocol         uint32
	SignAlg, SealAlg uint16              // RFC 1964 only
	Key              token.EncryptionKey // RFC 1964: the message key; else the initiator's subkey or the session key
	AcceptorSubkey   token.EncryptionKey // nil Value: none
}

// Protocols of message protection.
const (
	protocolRFC1964 = 0
	protocolRFC4121 = 1
)

// lucidTripleDES is MIT krb5's enctype for the triple DES of RFC 1964: des3-cbc-raw.
const lucidTripleDES = 6

// wipe overwrites the keys.
func (l *lucidContext) wipe() {
	clear(l.Key.Value)
	clear(l.AcceptorSubkey.Value)
}

// lucid describes an established context.
func (c *secContext) lucid() *lucidContext {
	clone := func(k token.EncryptionKey) token.EncryptionKey {
		return token.EncryptionKey{EType: k.EType, Value: slices.Clone(k.Value)}
	}
	send, recv, _ := c.protection.State()
	l := &lucidContext{
		Initiator: c.initiator, EndTime: seconds32(c.end),
		SendSeq: send, RecvSeq: recv, Protocol: protocolRFC4121, Key: clone(c.keys.base()), AcceptorSubkey: clone(c.keys.acceptorSubkey),
	}
	if e := crypto.EType(c.keys.message().EType); e.Legacy() {
		l.wipe()
		l.Protocol, l.Key, l.AcceptorSubkey = protocolRFC1964, clone(c.keys.message()), token.EncryptionKey{}
		l.SignAlg, l.SealAlg = e.SignAlg(), e.SealAlg()
		l.SendSeq, l.RecvSeq = uint64(uint32(send)), uint64(uint32(recv))
		if e == crypto.DES3 {
			l.Key.EType = lucidTripleDES
		}
	}
	return l
}

// marshal encodes l as FreeBSD's libgssapi_krb5.so.10 reads it: version, initiator, end, both sequence numbers,
// protocol; then, for RFC 4121, whether there is an acceptor's subkey, the key, and the acceptor's subkey; for RFC
// 1964, SGN_ALG, SEAL_ALG and the key. Numbers are big-endian. FreeBSD's own library writes the acceptor's subkey twice
// and no other key.
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
	number(l.Protocol)
	if l.Protocol == protocolRFC1964 {
		number(uint32(l.SignAlg))
		number(uint32(l.SealAlg))
		key(l.Key)
		return b
	}
	flag(l.AcceptorSubkey.Value != nil)
	key(l.Key)
	if l.AcceptorSubkey.Value != nil {
		key(l.AcceptorSubkey)
	}
	return b
}

const lucidVersion = 1
