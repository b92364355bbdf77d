// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Initiation is the client's side of one AP exchange (RFC 4120, Section 3.2), from the request to the reply that
// authenticates the server.
type Initiation struct {
	Session   *crypto.Key // the ticket's
	Subkey    *crypto.Key // ours
	SeqNumber uint32      // our initial one
	CTime     time.Time   // in the authenticator, whole seconds
	CUSec     uint32
	EncTypes  []crypto.EType // allowed for the server's subkey, in addition to that of ours
}

// Request says what a client asks for in an AP-REQ.
type Request struct {
	Checksum      *token.Checksum // for the authenticator
	Mutual        bool            // the server must authenticate, too
	EncTypes      []crypto.EType  // allowed for the server's subkey, best first, in addition to that of the session key
	BindsChannels bool            // the checksum binds to every channel that we know of (KERB_AP_OPTIONS_CBT)
}

// Initiate builds an AP-REQ with the ticket in cred. now is the time by the KDC's clock.
func Initiate(env *Env, cred *Credential, now time.Time, r Request) (*Initiation, []byte, error) {
	session, subkey, err := requestKeys(env, cred)
	if err != nil {
		return nil, nil, err
	}
	i := &Initiation{Session: session, Subkey: subkey}
	req, err := i.request(env, cred, now, r)
	if err != nil {
		session.Wipe()
		subkey.Wipe()
		return nil, nil, err
	}
	return i, req.Marshal(), nil
}

// request builds the AP-REQ and sets what it takes to verify the reply.
func (i *Initiation) request(env *Env, cred *Credential, now time.Time, r Request) (req *token.APReq, err error) {
	session := i.Session
	if i.SeqNumber, err = newSeqNumber(env.Rand); err != nil {
		return nil, err
	}
	if !session.EType().Legacy() { // a newer key must not be replaced by an old one
		r.EncTypes = slices.DeleteFunc(slices.Clone(r.EncTypes), crypto.EType.Legacy)
	}
	i.CTime, i.CUSec = splitTime(now)
	i.EncTypes = r.EncTypes
	req, err = newAPReq(env, cred, session, usageAuthenticator, &token.Authenticator{
		Client:    cred.Client,
		Checksum:  r.Checksum,
		CUSec:     i.CUSec,
		CTime:     i.CTime,
		Subkey:    &token.EncryptionKey{EType: int32(i.Subkey.EType()), Value: i.Subkey.Bytes()},
		SeqNumber: i.SeqNumber,
		HasSeq:    true,
		AuthData:  r.authData(session.EType()),
	})
	if err == nil && r.Mutual {
		req.Options |= token.APMutualRequired
	}
	return req, err
}

// requestKeys returns the session key in cred and a fresh subkey of the same enctype.
func requestKeys(env *Env, cred *Credential) (session, subkey *crypto.Key, err error) {
	session, err = crypto.NewKey(crypto.EType(cred.Key.EType), cred.Key.Value)
	if err != nil {
		return nil, nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE, "ticket of %s for %s: %v",
			cred.Client, cred.Server, err)
	}
	if subkey, err = crypto.RandomKey(session.EType(), env.Rand); err != nil {
		session.Wipe()
		return nil, nil, err
	}
	return session, subkey, nil
}

// newAPReq returns an AP-REQ with the ticket in cred, sent as the octets that came from the KDC, and an authenticator.
func newAPReq(env *Env, cred *Credential, session *crypto.Key, usage uint32, auth *token.Authenticator,
) (*token.APReq, error) {
	plain := auth.Marshal()
	defer clear(plain)
	cipher, err := session.Encrypt(usage, plain, env.Rand)
	if err != nil {
		return nil, err
	}
	return &token.APReq{
		Ticket:        token.Ticket{Raw: cred.Ticket},
		Authenticator: token.EncryptedData{EType: int32(session.EType()), Cipher: cipher},
	}, nil
}

// splitTime splits a time into whole seconds and microseconds, as Kerberos messages have it.
func splitTime(t time.Time) (seconds time.Time, microseconds uint32) {
	t = t.UTC()
	return t.Truncate(time.Second), uint32(t.Nanosecond() / 1000)
}

// Confirm builds the third message of a DCE-style exchange (MS-KILE, Section 3.4.5.1): an AP-REP in reply to the
// server's, with the server's sequence number and no subkey.
func (i *Initiation) Confirm(env *Env, reply *Reply) ([]byte, error) {
	part := token.EncAPRepPart{CTime: i.CTime, CUSec: i.CUSec, SeqNumber: reply.SeqNumber, HasSeq: true}
	cipher, err := i.Session.Encrypt(usageAPRep, part.Marshal(), env.Rand)
	if err != nil {
		return nil, err
	}
	msg := token.APRep{Enc: token.EncryptedData{EType: int32(i.Session.EType()), Cipher: cipher}}
	return msg.Marshal(), nil
}

// Confirmation is what a server remembers about a DCE-style exchange until the client has confirmed the reply.
type Confirmation struct {
	SeqNumber uint32 // ours
	Reply     []byte // the AP-REP
}

// Verify verifies the client's AP-REP b, which is encrypted with the ticket's session key. Only someone who could
// decrypt our AP-REP can have made it, because our sequence number is in it. Our own AP-REP sent back does not count,
// however it is encoded. The time in it is the client's (MIT krb5) or that of the exchange (Windows), and proves
// nothing.
func (c *Confirmation) Verify(session *crypto.Key, b []byte) error {
	rep, err := token.ParseAPRep(b)
	if err != nil {
		return err
	}
	ours, err := token.ParseAPRep(c.Reply)
	if err != nil {
		return err
	}
	if bytes.Equal(rep.Enc.Cipher, ours.Enc.Cipher) {
		return status.Errorf(status.Failure, status.KRB5_MUTUAL_FAILED, "our own AP-REP was sent back to us")
	}
	part, err := decryptAPRep(session, rep)
	if err != nil {
		return err
	}
	if part.Subkey != nil {
		clear(part.Subkey.Value) // Windows may send one, which is not used
	}
	if !part.HasSeq || part.SeqNumber != c.SeqNumber {
		return status.Errorf(status.Failure, status.KRB5_MUTUAL_FAILED, "the client's AP-REP confirms a reply that is not ours")
	}
	return nil
}

// decryptAPRep returns a copy of the encrypted part of an AP-REP.
func decryptAPRep(session *crypto.Key, rep *token.APRep) (*token.EncAPRepPart, error) {
	if rep.Enc.EType != int32(session.EType()) {
		return nil, status.Errorf(status.Failure, status.KRB5_WRONG_ETYPE, "AP-REP is encrypted with enctype %d, the session key has %d",
			rep.Enc.EType, session.EType())
	}
	plain, err := session.Decrypt(usageAPRep, rep.Enc.Cipher)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"AP-REP does not decrypt with the session key: it comes from another exchange or was changed")
	}
	part, err := token.ParseEncAPRepPart(plain)
	if err != nil {
		clear(plain)
	}
	return part, err
}

// Reply is the content of a server's AP-REP.
type Reply struct {
	Subkey    *crypto.Key // nil if the server chose none
	SeqNumber uint32
	HasSeq    bool
}

// Verify verifies the AP-REP b. Only someone who could decrypt our ticket can have made it.
func (i *Initiation) Verify(b []byte) (*Reply, error) {
	rep, err := token.ParseAPRep(b)
	if err != nil {
		return nil, err
	}
	part, err := decryptAPRep(i.Session, rep)
	if err != nil {
		return nil, err
	}
	if part.Subkey != nil {
		defer clear(part.Subkey.Value)
	}
	if !part.CTime.Equal(i.CTime) || part.CUSec != i.CUSec {
		return nil, status.Errorf(status.Failure, status.KRB5_MUTUAL_FAILED, "AP-REP answers a request that is not ours")
	}
	reply := &Reply{SeqNumber: part.SeqNumber, HasSeq: part.HasSeq}
	if part.Subkey != nil {
		etype := crypto.EType(part.Subkey.EType)
		if etype != i.Subkey.EType() && !slices.Contains(i.EncTypes, etype) {
			return nil, status.Errorf(status.Failure, status.KRB5_NOPERM_ETYPE,
				"acceptor's subkey: we have not offered enctype %s", etype)
		}
		reply.Subkey, err = crypto.NewKey(crypto.EType(part.Subkey.EType), part.Subkey.Value)
		if err != nil {
			return nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE, "acceptor's subkey: %v", err)
		}
	}
	return reply, nil
}

// EncryptCred builds the KRB-CRED that carries forwarded to a server in the 0x8003 checksum, encrypted with the session
// key (RFC 4121, Section 4.1.1). The checksum precedes the authenticator, so there is no subkey yet.
func EncryptCred(env *Env, session token.EncryptionKey, forwarded *Credential) ([]byte, error) {
	key, err := crypto.NewKey(crypto.EType(session.EType), session.Value)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE, "session key: %v", err)
	}
	defer key.Wipe()
	client, server := forwarded.Client, forwarded.Server
	part := token.EncKRBCredPart{Info: []token.KRBCredInfo{{
		Key:       forwarded.Key,
		Client:    &client,
		Flags:     forwarded.Flags,
		AuthTime:  forwarded.AuthTime,
		StartTime: forwarded.StartTime,
		EndTime:   forwarded.EndTime,
		RenewTill: forwarded.RenewTill,
		Server:    &server,
		Addresses: forwarded.Addresses,
	}}}
	plain := part.Marshal()
	defer clear(plain)
	cipher, err := key.Encrypt(usageKRBCred, plain, env.Rand)
	if err != nil {
		return nil, err
	}
	msg := token.KRBCred{
		Tickets: []token.Ticket{{Raw: forwarded.Ticket}},
		Enc:     token.EncryptedData{EType: session.EType, Cipher: cipher},
	}
	return msg.Marshal(), nil
}
