// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// KDC options (RFC 4120, Section 5.4.1; RFC 6806, Section 3). An option has the bit of the flag that it asks for.
const (
	optPostdate     uint32 = 1 << (31 - 5)
	optCanonicalize uint32 = 1 << (31 - 15)

	// inheritedOptions are those that a TGS-REQ takes from the flags of the TGT it uses, as MIT's library does.
	inheritedOptions = token.TicketForwardable | token.TicketProxiable | optPostdate | token.TicketRenewable
)

// kdcRequest is what an AS-REQ and a TGS-REQ have in common (KDC-REQ, RFC 4120, Section 5.4.1).
type kdcRequest struct {
	msgType int // msgtype.KRB_AS_REQ or KRB_TGS_REQ
	options uint32
	client  *token.Principal // AS-REQ only
	server  token.Principal  // its realm is that of the KDC
	till    time.Time
	rtime   time.Time // zero: none
	nonce   int32
	etypes  []crypto.EType
}

func (r *kdcRequest) body() messages.KDCReqBody {
	options := make([]byte, 4)
	binary.BigEndian.PutUint32(options, r.options)
	b := messages.KDCReqBody{
		KDCOptions: asn1.BitString{Bytes: options, BitLength: 32},
		Realm:      r.server.Realm,
		SName:      principalName(r.server),
		Till:       r.till.UTC(),
		RTime:      r.rtime.UTC(),
		Nonce:      int(r.nonce),
	}
	if r.rtime.IsZero() {
		b.RTime = time.Time{}
	}
	if r.client != nil {
		b.CName = principalName(*r.client)
	}
	for _, e := range r.etypes {
		b.EType = append(b.EType, int32(e))
	}
	return b
}

// marshalBody gives the KDC-REQ-BODY, over which the checksum of a TGS-REQ goes.
func (r *kdcRequest) marshalBody() ([]byte, error) {
	body := r.body()
	return body.Marshal()
}

// marshal gives the whole message. Its tickets are in padata, as the octets we have: gokrb5 would encode them anew.
func (r *kdcRequest) marshal(padata ...types.PAData) ([]byte, error) {
	fields := messages.KDCReqFields{PVNO: iana.PVNO, MsgType: r.msgType, PAData: padata, ReqBody: r.body()}
	if r.msgType == msgtype.KRB_AS_REQ {
		m := messages.ASReq{KDCReqFields: fields}
		return m.Marshal()
	}
	m := messages.TGSReq{KDCReqFields: fields}
	return m.Marshal()
}

// newNonce returns 31 random bits: some KDCs take the UInt32 of RFC 4120 as signed.
func newNonce(rand io.Reader) (int32, error) {
	var b [4]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return 0, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no randomness: %v", err)
	}
	return int32(binary.BigEndian.Uint32(b[:]) >> 1), nil
}

func principalName(p token.Principal) types.PrincipalName {
	return types.PrincipalName{NameType: p.Type, NameString: p.Components}
}

// replyKey is a key with which a KDC may have encrypted enc-part.
type replyKey struct {
	key   *crypto.Key
	usage uint32
}

// decryptReply opens enc-part with the first of the keys that fits. Its content is the word of a holder of that key.
func decryptReply(r *token.KDCRep, candidates ...replyKey) (*messages.EncKDCRepPart, error) {
	err := fmt.Errorf("its reply is encrypted with enctype %d, for which there is no key", r.Enc.EType)
	for _, c := range candidates {
		if int32(c.key.EType()) != r.Enc.EType {
			continue
		}
		plain, failure := c.key.Decrypt(c.usage, r.Enc.Cipher)
		if failure != nil {
			err = errors.New("its reply does not decrypt: it comes from someone else, or was changed")
			continue
		}
		defer clear(plain)
		var part messages.EncKDCRepPart
		if failure := part.Unmarshal(plain); failure != nil {
			return nil, errors.New("its reply has a malformed enc-part")
		}
		part.Flags.Bytes = bytes.Clone(part.Flags.Bytes) // alone of all fields they alias plain
		return &part, nil
	}
	return nil, err
}

// replyCredential makes a credential of a reply of which everything was checked.
func replyCredential(r *token.KDCRep, part *messages.EncKDCRepPart) *Credential {
	c := &Credential{
		Client:    r.Client,
		Server:    principal(part.SName, part.SRealm),
		Key:       token.EncryptionKey{EType: part.Key.KeyType, Value: part.Key.KeyValue},
		AuthTime:  part.AuthTime,
		StartTime: part.StartTime,
		EndTime:   part.EndTime,
		RenewTill: part.RenewTill,
		Flags:     flagsOf(part.Flags),
		Ticket:    append([]byte(nil), r.Ticket.Raw...),
	}
	for _, a := range part.CAddr {
		c.Addresses = append(c.Addresses, token.HostAddress{Type: a.AddrType, Address: a.Address})
	}
	return c
}

func principal(n types.PrincipalName, realm string) token.Principal {
	return token.Principal{Type: n.NameType, Components: n.NameString, Realm: realm}
}

// flagsOf takes the first 32 bits; the rest of a longer string is unknown to us, a shorter one ends with zeros.
func flagsOf(bits asn1.BitString) uint32 {
	var b [4]byte
	copy(b[:], bits.Bytes)
	return binary.BigEndian.Uint32(b[:])
}
