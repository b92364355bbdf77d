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

// KDC options (RFC 4120, Section 5.4.1; RFC 6806, Section 3). Each is the bit of the ticket flag that it requests.
const (
	optPostdate     uint32 = 1 << (31 - 5)
	optCanonicalize uint32 = 1 << (31 - 15)

	// inheritedOptions are those that a TGS-REQ takes from the flags of its TGT, as in MIT's library.
	inheritedOptions = token.TicketForwardable | token.TicketProxiable | optPostdate | token.TicketRenewable
)

// kdcRequest is what an AS-REQ and a TGS-REQ have in common (KDC-REQ, RFC 4120, Section 5.4.1).
type kdcRequest struct {
	msgType uint8 // token.TypeASReq or TypeTGSReq
	options uint32
	client  *token.Principal // AS-REQ only
	server  token.Principal  // its realm is the KDC's
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

// marshal returns the whole message. The TGT is in padata.
func (r *kdcRequest) marshal(padata ...token.PAData) []byte {
	return r.message().Marshal(r.msgType, padata)
}

// replyKey is a key with which a KDC may have encrypted enc-part.
type replyKey struct {
	key   *crypto.Key
	usage uint32
}

// decryptReply decrypts enc-part with the first key that fits. The content comes from someone who has that key.
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

// modified returns an error that says how a KDC's reply differs from what was asked for.
func modified(format string, args ...any) *status.Error {
	return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED, "its reply "+format, args...)
}

// replyCredential makes a credential from a reply. The caller checks it.
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
