// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// OIDs of inquiries about a krb5 context: in Heimdal's arc 1.2.752.43.13, which FreeBSD's headers use, and in MIT's.
const (
	oidTicketFlags     token.OID = "\x2a\x85\x70\x2b\x0d\x02"     // .2: 4 octets, little-endian, bit N is the RFC's flag N
	oidAuthData        token.OID = "\x2a\x85\x70\x2b\x0d\x03"     // .3.N: the first authorization data of ad-type N
	oidLucid           token.OID = "\x2a\x85\x70\x2b\x0d\x06\x01" // .6.1: see lucidContext.marshal
	oidSubkey          token.OID = "\x2a\x85\x70\x2b\x0d\x08"     // .8: the key that protects messages
	oidInitiatorSubkey token.OID = "\x2a\x85\x70\x2b\x0d\x09"     // .9
	oidAcceptorSubkey  token.OID = "\x2a\x85\x70\x2b\x0d\x0a"     // .10
	oidAuthTime        token.OID = "\x2a\x85\x70\x2b\x0d\x0c"     // .12: 4 octets, little-endian
	oidServiceKey      token.OID = "\x2a\x85\x70\x2b\x0d\x0d"     // .13: the key in the keytab

	// MIT's arc is 1.2.840.113554.1.2.2.5. Its numbers are in native byte order. The front answers .6.1.
	oidTicketFlagsMIT token.OID = mitInquiry + "\x01"
	oidSessionKey     token.OID = mitInquiry + "\x05" // as in SSPI
	oidAuthDataMIT    token.OID = mitInquiry + "\x0a" // .10.N, as .3.N above
	oidAuthTimeMIT    token.OID = mitInquiry + "\x0c"
	oidStrength       token.OID = mitInquiry + "\x0f"                        // 4 octets, big-endian
	oidSessionKeyType token.OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x04" // .4.N names enctype N in an answer

	mitInquiry = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"
)

// InquireByOID implements gss.Context.
func (c *secContext) InquireByOID(env *krb5.Env, oid token.OID) ([][]byte, error) {
	switch oid {
	case oidTicketFlags:
		return [][]byte{binary.LittleEndian.AppendUint32(nil, bits.Reverse32(c.ticketFlags))}, nil
	case oidTicketFlagsMIT:
		return [][]byte{binary.NativeEndian.AppendUint32(nil, c.ticketFlags)}, nil
	case oidAuthTimeMIT:
		return [][]byte{binary.NativeEndian.AppendUint32(nil, seconds32(c.authTime))}, nil
	case oidStrength:
		strength := crypto.EType(c.keys.message().EType).Strength()
		return [][]byte{binary.BigEndian.AppendUint32(nil, uint32(strength))}, nil
	case oidAuthTime:
		return [][]byte{binary.LittleEndian.AppendUint32(nil, seconds32(c.authTime))}, nil
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
	case oidServiceKey:
		return c.service.key(env)
	case oidSessionKey:
		k := c.keys.message()
		return [][]byte{append([]byte(nil), k.Value...), []byte(oidSessionKeyType + token.OID(arc(uint64(k.EType))))}, nil
	}
	if n, ok := arcBelow(oid, oidAuthData); ok {
		found := c.authDataOf(n)
		if found == nil {
			return nil, status.Errorf(status.Failure, status.Generic, "the ticket has no authorization data of type %d", n)
		}
		return found[:1], nil // FreeBSD's libgssapi_krb5 refuses more than one
	}
	if n, ok := arcBelow(oid, oidAuthDataMIT); ok {
		return c.authDataOf(n), nil // finding none is not an error in MIT krb5
	}
	return nil, gss.UnknownInquiry(oid)
}

// keyBlock encodes a key as FreeBSD's libgssapi_krb5 expects it: 16 bits of enctype, 32 bits of length, and the octets.
func keyBlock(k token.EncryptionKey, what string) ([][]byte, error) {
	if k.Value == nil {
		return nil, status.Errorf(status.Failure, status.KG_NO_SUBKEY, "the context has no %s", what)
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(k.EType))
	b = binary.BigEndian.AppendUint32(b, uint32(len(k.Value)))
	return [][]byte{append(b, k.Value...)}, nil
}

// authDataOf returns the ticket's authorization data of one type, including that inside AD-IF-RELEVANT.
func (c *secContext) authDataOf(adType uint64) (found [][]byte) {
	collect := func(entries []token.AuthDataEntry) {
		for _, e := range entries {
			if uint64(uint32(e.Type)) == adType {
				found = append(found, append([]byte(nil), e.Data...))
			}
		}
	}
	collect(c.authData)
	for _, e := range c.authData {
		if e.Type != token.ADIfRelevant {
			continue
		}
		if inner, err := token.ParseAuthData(e.Data); err == nil { // an element that we do not understand is not relevant
			collect(inner)
		}
	}
	return found
}

// arc encodes one arc of an OID in base 128.
func arc(v uint64) string {
	b := []byte{byte(v & 0x7f)}
	for v >>= 7; v > 0; v >>= 7 {
		b = append([]byte{byte(v&0x7f) | 0x80}, b...)
	}
	return string(b)
}

// arcBelow returns the single arc, of at most 32 bits, that oid has below another OID.
func arcBelow(oid, above token.OID) (uint64, bool) {
	s, ok := strings.CutPrefix(string(oid), string(above))
	var v uint64
	for i := 0; ok && i < len(s) && i < 5; i++ {
		v = v<<7 | uint64(s[i]&0x7f)
		if s[i]&0x80 == 0 {
			return v, i == len(s)-1 && v < 1<<32
		}
	}
	return 0, false
}
