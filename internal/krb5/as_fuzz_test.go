// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fuzzExchange returns an exchange in progress, and a KDC's valid reply to it.
func fuzzExchange(f testing.TB, armored bool) (x *asExchange, reply []byte) {
	key := newKey(f, crypto.AES256SHA1)
	client := mustPrincipal(f, "alice@R")
	x = &asExchange{
		requester: &requester{env: &Env{Now: time.Now, Rand: rand.Reader}, cfg: new(Config), etypes: []crypto.EType{crypto.AES256SHA1}},
		request: kdcRequest{client: &client, server: mustPrincipal(f, "krbtgt/R@R"), nonce: 7, options: optCanonicalize,
			etypes: []crypto.EType{crypto.AES256SHA1}, till: time.Now().Add(time.Hour)},
		secret:  secret{keys: []*crypto.Key{key}},
		network: new(network),
	}
	r := &loginRequest{}
	r.req.ReqBody.EType = []int32{int32(crypto.AES256SHA1)}
	r.req.ReqBody.CName, r.req.ReqBody.Realm, r.req.ReqBody.Nonce = theirName(client), "R", 7
	if armored {
		x.armor = &fastArmor{key: newKey(f, crypto.AES256SHA1)}
		r.armor = x.armor.key
	}
	kdc := &loginKDC{tamper: func(r *loginReply) { r.part.EndTime = x.request.till.Truncate(time.Second) }}
	reply = kdc.grant(r, key, nil)
	if _, err := x.verify(reply, nil); err != nil {
		f.Fatal(err)
	}
	return x, reply
}

// FuzzASReply reads an AS-REP in which nothing is authenticated.
func FuzzASReply(f *testing.F) {
	x, reply := fuzzExchange(f, false)
	armored, other := fuzzExchange(f, true)
	f.Add(reply)
	f.Add(other)
	f.Fuzz(func(t *testing.T, b []byte) {
		for i, x := range []*asExchange{x, armored} {
			cred, err := x.verify(b, nil)
			if err == nil && (cred.Client.Realm != "R" || !bytes.Equal(b, [][]byte{reply, other}[i]) && len(cred.Ticket) == 0) {
				t.Errorf("a reply of %d octets counts", len(b))
			}
		}
	})
}

// FuzzFastResponse reads the encrypted part of a reply: a KDC that has the armor key may also be hostile.
func FuzzFastResponse(f *testing.F) {
	x, _ := fuzzExchange(f, true)
	f.Add(marshal(fastResponseMessage{PAData: types.PADataSequence{{PADataType: token.PAFXError, PADataValue: []byte{0x7e}}}, Nonce: 7}))
	kdc := new(loginKDC)
	inner := kdc.plainError(codePreauthRequired, nil)
	f.Add(marshal(fastResponseMessage{PAData: types.PADataSequence{{PADataType: token.PAFXError, PADataValue: inner},
		{PADataType: token.PASPAKE}, {PADataType: token.PAEncryptedChallenge}}, Nonce: 7}))
	f.Fuzz(func(t *testing.T, b []byte) {
		cipher, err := x.armor.key.Encrypt(usageFastRep, b, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		sealed := kdc.fastPAData(types.EncryptedData{EType: int32(x.armor.key.EType()), Cipher: cipher})
		r := &refusal{err: status.Errorf(status.Failure, status.Generic, "outside"), message: &token.KRBError{Code: 60,
			Data: marshal(types.PADataSequence{sealed})}}
		methods, err := x.methodData(&r)
		if err != nil {
			return
		}
		if r.message.Data != nil && r.message.Code == 60 && bytes.Equal(r.message.Data, marshal(types.PADataSequence{sealed})) {
			t.Error("what is outside counts")
		}
		y := *x
		_ = y.next(r, methods)
	})
}
