// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// Whatever happens to a forwarded ticket, its key is only in the credential. With enctype 0, the message that is parsed
// would itself be a copy of it.
func TestKeyOfAForwardedTicketIsInTheCredentialOnly(t *testing.T) {
	forwarded := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	key := bytes.Clone(forwarded.Key.Value)
	info := token.KRBCredInfo{Key: forwarded.Key, Client: &forwarded.Client, Server: &forwarded.Server, Addresses: forwarded.Addresses}
	nameless := info
	nameless.Client = nil
	ticket := token.Ticket{Raw: (&token.Ticket{SName: forwarded.Server, Enc: token.EncryptedData{EType: 18, Cipher: []byte("c")}}).Marshal()}
	for _, test := range []struct {
		name    string
		tickets int
		info    []token.KRBCredInfo
		plain   []byte // nil: info
		good    bool
	}{
		{"forwarded", 1, []token.KRBCredInfo{info}, nil, true},
		{"two-forwarded", 2, []token.KRBCredInfo{info, info}, nil, true},
		{"more-tickets-than-keys", 2, []token.KRBCredInfo{info}, nil, false},
		{"no-client", 1, []token.KRBCredInfo{nameless}, nil, false},
		{"malformed", 1, nil, bytes.Repeat(key, 2), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			plain := test.plain
			if plain == nil {
				plain = (&token.EncKRBCredPart{Info: test.info}).Marshal()
			}
			msg := token.KRBCred{Enc: token.EncryptedData{EType: 0, Cipher: plain}}
			for range test.tickets {
				msg.Tickets = append(msg.Tickets, ticket)
			}
			b := msg.Marshal()
			acc := &Acceptance{Ticket: &token.EncTicketPart{Client: forwarded.Client}}
			cred, err := acc.DecryptCred(b)
			if (err == nil) != test.good {
				t.Fatal(err)
			}
			if bytes.Contains(b, key) {
				t.Error("the key is still in the message")
			}
			if err == nil && (!bytes.Equal(cred.Key.Value, key) || !bytes.Equal(cred.Addresses[0].Address, forwarded.Addresses[0].Address)) {
				t.Errorf("%+v", cred)
			}
		})
	}
}

func TestRefusedAuthenticatorIsWiped(t *testing.T) {
	sum, subkey := []byte("a forwarded ticket"), bytes.Repeat([]byte{7}, 32)
	session, err := crypto.NewKey(crypto.AES256SHA1, subkey)
	if err != nil {
		t.Fatal(err)
	}
	acc := &Acceptance{
		Session:       session,
		Ticket:        &token.EncTicketPart{},
		Authenticator: &token.Authenticator{Checksum: &token.Checksum{Sum: sum}, Subkey: &token.EncryptionKey{Value: subkey}},
	}
	acc.Wipe()
	if !bytes.Equal(sum, make([]byte, len(sum))) || !bytes.Equal(subkey, make([]byte, len(subkey))) {
		t.Errorf("%x, %x", sum, subkey)
	}
}
