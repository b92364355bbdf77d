// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"errors"
	"fmt"
	"time"

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
	msgType uint8 // token.TypeASReq or TypeTGSReq
	options uint32
	client  *token.Principal // AS-REQ only
	server  token.Principal  // its realm is that of the KDC
	till    time.Time
	rtime   time.Time // zero: none
	nonce   int32
	etypes  []crypto.EType
	tickets [][]byte // additional ones
}

func (r *kdcRequest) message() *token.KDCReq {
	m := &token.KDCReq{Options: r.options, Client: r.client, Server: r.server, Till: r.till, RTime: r.rtime,
		Nonce: uint32(r.nonce), Tickets: r.tickets}
	for _, e := range r.etypes {
		m.ETypes = append(m.ETypes, int32(e))
	}
	return m
}

// marshal gives the whole message. Its tickets are in padata.
func (r *kdcRequest) marshal(padata ...token.PAData) []byte {
	return r.message().Marshal(r.msgType, padata)
}

// replyKey is a key with which a KDC may have encrypted enc-part.
type replyKey struct {
	key   *crypto.Key
	usage uint32
}

// decryptReply opens enc-part with the first of the keys that fits. Its content is the word of a holder of that key.
func decryptReply(r *token.KDCRep, candidates ...replyKey) (*token.EncKDCRepPart, error) {
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
		part, failure := token.ParseEncKDCRepPart(plain)
		if failure != nil {
			return nil, errors.New("its reply has a malformed enc-part")
		}
		part.Key.Value = bytes.Clone(part.Key.Value)
		for i, a := range part.Addresses {
			part.Addresses[i].Address = bytes.Clone(a.Address)
		}
		for i, pa := range part.PAData {
			part.PAData[i].Value = bytes.Clone(pa.Value)
		}
		return part, nil
	}
	return nil, err
}

// modified says in what a KDC's reply differs from what was asked for.
func modified(format string, args ...any) *status.Error {
	return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED, "its reply "+format, args...)
}

// replyCredential makes a credential of a reply of which everything was checked.
func replyCredential(r *token.KDCRep, part *token.EncKDCRepPart) *Credential {
	return &Credential{
		Client:    r.Client,
		Server:    part.Server,
		Key:       part.Key,
		AuthTime:  part.AuthTime,
		StartTime: part.StartTime,
		EndTime:   part.EndTime,
		RenewTill: part.RenewTill,
		Flags:     part.Flags,
		Ticket:    bytes.Clone(r.Ticket.Raw),
		Addresses: part.Addresses,
	}
}
