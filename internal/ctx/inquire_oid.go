// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"bytes"
	"encoding/binary"
	"strings"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Inquiries about a krb5 context, and options: Heimdal's arc 1.2.752.43.13, which FreeBSD's headers use, and MIT's.
const (
	oidTicketFlags     token.OID = "\x2a\x85\x70\x2b\x0d\x02"     // .2: 4 octets, little-endian
	oidAuthData        token.OID = "\x2a\x85\x70\x2b\x0d\x03"     // .3.N: authorization data of ad-type N
	oidLucid           token.OID = "\x2a\x85\x70\x2b\x0d\x06\x01" // .6.1: see lucidContext.marshal
	oidSubkey          token.OID = "\x2a\x85\x70\x2b\x0d\x08"     // .8: the key that protects messages
	oidInitiatorSubkey token.OID = "\x2a\x85\x70\x2b\x0d\x09"     // .9
	oidAcceptorSubkey  token.OID = "\x2a\x85\x70\x2b\x0d\x0a"     // .10
	oidAuthTime        token.OID = "\x2a\x85\x70\x2b\x0d\x0c"     // .12: 4 octets, little-endian

	oidAcceptorIdentity token.OID = "\x2a\x85\x70\x2b\x0d\x05" // .5: name of a keytab
	oidDNSCanonicalize  token.OID = "\x2a\x85\x70\x2b\x0d\x07" // .7: one octet, 0 or 1
	oidDefaultRealm     token.OID = "\x2a\x85\x70\x2b\x0d\x0f" // .15
	oidCCacheName       token.OID = "\x2a\x85\x70\x2b\x0d\x10" // .16: name of a credential cache

	oidSessionKey     token.OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05" // 1.2.840.113554.1.2.2.5.5 (MS-SSPI)
	oidSessionKeyType token.OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x04"     // .4.N names enctype N in its answer
)

// InquireByOID answers gss_inquire_sec_context_by_oid.
func (c *Context) InquireByOID(oid token.OID) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return nil, c.notEstablished()
	}
	switch oid {
	case oidTicketFlags:
		return [][]byte{binary.LittleEndian.AppendUint32(nil, c.ticketFlags)}, nil
	case oidAuthTime:
		return [][]byte{binary.LittleEndian.AppendUint32(nil, uint32(c.authTime.Unix()))}, nil
	case oidLucid:
		l := c.lucid()
		defer l.wipe()
		return [][]byte{l.marshal()}, nil
	case oidSubkey:
		return keyBlock(c.keys.message(), "message key")
	case oidInitiatorSubkey:
		return keyBlock(c.keys.initiatorSubkey, "initiator subkey")
	case oidAcceptorSubkey:
		return keyBlock(c.keys.acceptorSubkey, "acceptor subkey")
	case oidSessionKey:
		k := c.keys.message()
		return [][]byte{append([]byte(nil), k.Value...), []byte(oidSessionKeyType + token.OID(arc(uint64(k.EType))))}, nil
	}
	if rest, ok := strings.CutPrefix(string(oid), string(oidAuthData)); ok {
		if n, ok := lastArc(rest); ok {
			return c.authDataOf(n)
		}
	}
	return nil, status.Errorf(status.Unavailable, status.Generic, "inquiry %s is not known", oid)
}

// SetOption sets an option of one context.
func (c *Context) SetOption(oid token.OID, value []byte) error {
	if oid != krb5.OptionWithhold {
		return unknownOption(oid)
	}
	c.withheld.Store(true)
	return nil
}

// SetGlobalOption sets an option of the mechanism for the whole process. An empty value takes the choice back.
func SetGlobalOption(env *krb5.Env, oid token.OID, value []byte) error {
	options := &env.Library.Options
	switch text := string(bytes.TrimSuffix(value, []byte{0})); oid {
	case oidAcceptorIdentity:
		options.SetKeytab(text)
	case oidCCacheName:
		options.SetCCache(text)
	case oidDefaultRealm:
		options.SetRealm(text)
	case oidDNSCanonicalize:
		options.SetCanonicalize(len(value) > 0 && value[0] != 0)
	case krb5.OptionWithhold:
		options.Withhold()
	default:
		return unknownOption(oid)
	}
	return nil
}

func unknownOption(oid token.OID) error {
	return status.Errorf(status.Unavailable, status.Generic, "option %s is not known", oid)
}

// message is the key that protects messages: the acceptor's subkey, else the initiator's, else the ticket's.
func (k *keys) message() token.EncryptionKey {
	switch {
	case k.acceptorSubkey.Value != nil:
		return k.acceptorSubkey
	case k.initiatorSubkey.Value != nil:
		return k.initiatorSubkey
	}
	return k.session
}

// keyBlock encodes a key as libgssapi_krb5 of FreeBSD expects it: enctype in 16 bits, length in 32, octets.
func keyBlock(k token.EncryptionKey, what string) ([][]byte, error) {
	if k.Value == nil {
		return nil, status.Errorf(status.Failure, status.KG_NO_SUBKEY, "the context has no %s", what)
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(k.EType))
	b = binary.BigEndian.AppendUint32(b, uint32(len(k.Value)))
	return [][]byte{append(b, k.Value...)}, nil
}

// authDataOf returns the ticket's authorization data of one type, also from inside AD-IF-RELEVANT.
func (c *Context) authDataOf(adType uint64) ([][]byte, error) {
	var found [][]byte
	for _, e := range c.authData {
		inner := []token.AuthDataEntry{e}
		if e.Type == token.ADIfRelevant {
			var err error
			if inner, err = token.ParseAuthData(e.Data); err != nil {
				continue // it is for us only if we understand it
			}
		}
		for _, i := range inner {
			if uint64(uint32(i.Type)) == adType {
				found = append(found, append([]byte(nil), i.Data...))
			}
		}
	}
	if found == nil {
		return nil, status.Errorf(status.Failure, status.Generic, "the ticket has no authorization data of type %d", adType)
	}
	return found, nil
}

// arc encodes one arc of an OID in base 128.
func arc(v uint64) string {
	b := []byte{byte(v & 0x7f)}
	for v >>= 7; v > 0; v >>= 7 {
		b = append([]byte{byte(v&0x7f) | 0x80}, b...)
	}
	return string(b)
}

// lastArc decodes s as exactly one arc of at most 32 bits.
func lastArc(s string) (uint64, bool) {
	var v uint64
	for i := 0; i < len(s) && i < 5; i++ {
		v = v<<7 | uint64(s[i]&0x7f)
		if s[i]&0x80 == 0 {
			return v, i == len(s)-1 && v < 1<<32
		}
	}
	return 0, false
}
