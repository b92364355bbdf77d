// SPDX-License-Identifier: BSD-2-Clause

package krbtest

import (
	"crypto/rand"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
)

// Flags that Request's checksum carries: mutual, replay, sequence, conf, integ, trans.
const requestFlags = 2 | 4 | 8 | 16 | 32 | 256

// Request makes the framed AP-REQ of a client that holds c. change, if any, may falsify the message and the authenticator,
// which is sealed with the session key afterwards: what an attacker with a valid ticket can do.
func (r *Realm) Request(t testing.TB, c *krb5.Credential, change func(*token.APReq, *token.Authenticator)) []byte {
	t.Helper()
	session, err := crypto.NewKey(crypto.EType(c.Key.EType), c.Key.Value)
	if err != nil {
		t.Fatal(err)
	}
	subkey := r.randomKey(t)
	sum := token.GSSChecksum{Flags: requestFlags}
	auth := &token.Authenticator{
		Client:    c.Client,
		Checksum:  &token.Checksum{Type: token.GSSChecksumType, Sum: sum.Marshal()},
		CTime:     r.Clock,
		Subkey:    &token.EncryptionKey{EType: int32(subkey.EType()), Value: subkey.Bytes()},
		SeqNumber: 7,
		HasSeq:    true,
	}
	req := &token.APReq{
		Options:       token.APMutualRequired,
		Ticket:        token.Ticket{Raw: c.Ticket},
		Authenticator: token.EncryptedData{EType: c.Key.EType},
	}
	if change != nil {
		change(req, auth)
	}
	const usageAuthenticator = 11
	if req.Authenticator.Cipher == nil {
		if req.Authenticator.Cipher, err = session.Encrypt(usageAuthenticator, auth.Marshal(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return token.Frame(token.MechKRB5, token.TokAPReq, req.Marshal())
}
