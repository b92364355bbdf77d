// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/dertest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fakeAS is an authentication service of realm R that knows alice's keys.
type fakeAS struct {
	keys   map[crypto.EType]*crypto.Key
	hints  []byte // e-data of KDC_ERR_PREAUTH_REQUIRED; nil: no preauthentication
	clock  func() time.Time
	tamper func(*fakeReply)
	long   bool // all lengths and INTEGERs in more octets than they need

	mu     sync.Mutex
	etypes []int32 // of the last request
	cookie []byte
	proofs int // timestamps that were sent
}

func methodData(t testing.TB, list ...types.PAData) []byte {
	t.Helper()
	b, err := asn1.Marshal(types.PADataSequence(list))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func etypeInfo2(t testing.TB, etypes ...crypto.EType) types.PAData {
	t.Helper()
	var info types.ETypeInfo2
	for _, e := range etypes {
		// If they counted, 2^32-1 iterations would take half an hour.
		info = append(info, types.ETypeInfo2Entry{EType: int32(e), Salt: "salt", S2KParams: []byte{0xff, 0xff, 0xff, 0xff}})
	}
	b, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	return types.PAData{PADataType: patype.PA_ETYPE_INFO2, PADataValue: b}
}

func (a *fakeAS) refuse(code int32, data []byte) []byte {
	m := token.KRBError{STime: a.clock(), Code: code, Data: data,
		SName: token.Principal{Type: 2, Components: []string{"krbtgt", "R"}, Realm: "R"}}
	return m.Marshal()
}

func (a *fakeAS) answer(request []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spelled(a.message(request))
}

func (a *fakeAS) spelled(b []byte) []byte {
	if a.long {
		return dertest.Long(b)
	}
	return b
}

func (a *fakeAS) message(request []byte) []byte {
	var req messages.ASReq
	if req.Unmarshal(request) != nil {
		return a.refuse(60, nil)
	}
	a.etypes = req.ReqBody.EType
	key := a.keys[crypto.EType(a.etypes[0])]
	if a.hints != nil {
		key = nil
		for _, pa := range req.PAData {
			switch pa.PADataType {
			case patype.PA_FX_COOKIE:
				a.cookie = pa.PADataValue
			case patype.PA_ENC_TIMESTAMP:
				a.proofs++
				var enc types.EncryptedData
				var stamp types.PAEncTSEnc
				if enc.Unmarshal(pa.PADataValue) != nil || a.keys[crypto.EType(enc.EType)] == nil {
					return a.refuse(24, nil)
				}
				key = a.keys[crypto.EType(enc.EType)]
				plain, err := key.Decrypt(keyusage.AS_REQ_PA_ENC_TIMESTAMP, enc.Cipher)
				if err != nil || stamp.Unmarshal(plain) != nil {
					return a.refuse(24, nil)
				}
				if stamp.PATimestamp.Sub(a.clock()).Abs() > 5*time.Minute {
					return a.refuse(codeSkew, nil)
				}
			}
		}
		if key == nil {
			return a.refuse(codePreauthRequired, a.spelled(a.hints))
		}
	}
	session, _ := crypto.RandomKey(crypto.EType(a.etypes[0]), rand.Reader)
	now := a.clock().UTC().Truncate(time.Second)
	server := token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", "R"}, Realm: "R"}
	ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: 18, Cipher: []byte("for the TGS only")}}
	r := &fakeReply{
		rep: token.KDCRep{Client: ourName(req.ReqBody.CName, req.ReqBody.Realm),
			Ticket: token.Ticket{Raw: ticket.Marshal()}},
		part: messages.EncKDCRepPart{
			Key:      types.EncryptionKey{KeyType: int32(session.EType()), KeyValue: session.Bytes()},
			LastReqs: []messages.LastReq{{LRValue: now}},
			Nonce:    req.ReqBody.Nonce,
			Flags:    asn1.BitString{Bytes: make([]byte, 4), BitLength: 32},
			AuthTime: now,
			EndTime:  now.Add(time.Hour),
			SRealm:   "R",
			SName:    theirName(server),
		},
		key:   key,
		usage: keyusage.AS_REP_ENCPART,
	}
	if a.tamper != nil {
		a.tamper(r)
	}
	plain, _ := r.part.Marshal()
	r.rep.Enc.EType = int32(r.key.EType())
	r.rep.Enc.Cipher, _ = r.key.Encrypt(r.usage, a.spelled(plain), rand.Reader)
	return r.rep.Marshal(token.TypeASRep)
}

// FuzzPreauthHints reads the e-data of a KRB-ERROR, which is not protected.
func FuzzPreauthHints(f *testing.F) {
	f.Add(methodData(f, etypeInfo2(f, crypto.AES256SHA1), types.PAData{PADataType: patype.PA_ENC_TIMESTAMP}))
	f.Add(methodData(f, types.PAData{PADataType: 151}))
	f.Add(methodData(f, types.PAData{PADataType: 151, PADataValue: []byte("\xa1\x14\x30\x12\xa0\x03\x02\x01\x01")}))
	f.Add(methodData(f, types.PAData{PADataType: patype.PA_ETYPE_INFO2, // des3-cbc-sha1, and a salt without octets
		PADataValue: []byte("\x30\x0b\x30\x09\xa0\x03\x02\x01\x10\xa1\x02\x1b\x00")}, types.PAData{PADataType: patype.PA_ENC_TIMESTAMP}))
	key := newKey(f, crypto.AES256SHA1)
	client := token.Principal{Components: []string{"alice"}, Realm: "R"}
	all := []crypto.EType{crypto.AES256SHA1, crypto.AES128SHA2, crypto.Camellia128, crypto.DES3, crypto.RC4}
	f.Fuzz(func(t *testing.T, b []byte) {
		methods, err := token.ParseMethodData(b)
		if err != nil {
			return
		}
		for _, s := range []secret{{keys: []*crypto.Key{key}}, {password: []byte{}}} {
			x := &asExchange{requester: &requester{env: &Env{Now: time.Now, Rand: rand.Reader}, cfg: new(Config), etypes: all},
				request: kdcRequest{client: &client}, secret: s, iterations: maxAllIterations - 2*minIterations}
			if x.next(&refusal{message: &token.KRBError{Code: codePreauthRequired}}, methods) != nil {
				continue
			}
			if padata, err := x.mechanism.prove(x, nil); err == nil && len(padata) != 1 {
				t.Errorf("%d elements of padata", len(padata))
			}
			// The same in a KDC's reply.
			if x.next(&refusal{message: &token.KRBError{Code: codeMorePreauthData}}, methods) == nil {
				_, _ = x.mechanism.prove(x, nil)
			}
			if key, err := x.replyKey(&token.KDCRep{Client: client, Enc: token.EncryptedData{EType: int32(all[len(b)%len(all)])}}, methods, nil); err == nil {
				key.Wipe()
			}
		}
	})
}

func TestInitialCredential(t *testing.T) {
	keys := map[crypto.EType]*crypto.Key{}
	for _, e := range []crypto.EType{crypto.AES128SHA1, crypto.AES256SHA1, crypto.AES256SHA2} {
		keys[e] = newKey(t, e)
	}
	timestamp := types.PAData{PADataType: patype.PA_ENC_TIMESTAMP}
	cookie := types.PAData{PADataType: patype.PA_FX_COOKIE, PADataValue: []byte("MIT")}
	other := newKey(t, crypto.AES256SHA1)
	for _, test := range []struct {
		name   string
		hints  []byte
		ahead  time.Duration
		have   []crypto.EType // in the keytab; nil: all
		tamper func(*fakeReply)
		wrong  bool // the keytab has another key
		minor  status.Minor
		proofs int
		long   bool
	}{
		{name: "no-preauthentication"},
		{name: "long-lengths", long: true, hints: methodData(t, types.PAData{PADataType: patype.PA_ETYPE_INFO2,
			PADataValue: dertest.Long(etypeInfo2(t, crypto.AES128SHA1).PADataValue)}, timestamp), proofs: 1},
		{name: "long-lengths-of-an-error", long: true, wrong: true, hints: methodData(t, timestamp), proofs: 1,
			minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{name: "encrypted-timestamp", hints: methodData(t, etypeInfo2(t, crypto.AES256SHA1), timestamp, cookie), proofs: 1},
		{name: "no-etype-info", hints: methodData(t, timestamp), proofs: 1},
		{name: "only-the-keytab's-enctypes-are-offered", have: []crypto.EType{crypto.AES128SHA1},
			hints: methodData(t, etypeInfo2(t, crypto.AES256SHA1, crypto.AES128SHA1), timestamp), proofs: 1},
		{name: "empty-etype-info", hints: methodData(t, etypeInfo2(t), timestamp), proofs: 1},
		{name: "etype-info-that-is-none", hints: methodData(t,
			types.PAData{PADataType: patype.PA_ETYPE_INFO2, PADataValue: []byte("\x30\x84\xff\xff\xff\xff")}, timestamp),
			proofs: 1},
		{name: "method-data-that-is-none", hints: []byte("\x30\x84\xff\xff\xff\xff"),
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{name: "no-method-data", hints: []byte{}, minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{name: "other-methods-only", hints: methodData(t, types.PAData{PADataType: patype.PA_PK_AS_REQ}),
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{name: "wrong-key-is-tried-once", wrong: true, hints: methodData(t, timestamp), proofs: 1,
			minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{name: "wrong-key-without-preauthentication", wrong: true, minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{name: "no-key", have: []crypto.EType{crypto.AES128SHA2}, minor: status.KRB5_KT_NOTFOUND},
		{name: "kdc-20-minutes-ahead", ahead: 20 * time.Minute},
		{name: "kdc-20-minutes-ahead-with-timestamp", ahead: 20 * time.Minute, hints: methodData(t, timestamp), proofs: 2},
		{name: "wrong-nonce", tamper: func(r *fakeReply) { r.part.Nonce++ }, minor: status.KRB5_KDCREP_MODIFIED},
		{name: "wrong-client", tamper: func(r *fakeReply) { r.rep.Client.Components = []string{"bob"} },
			minor: status.KRB5_KDCREP_MODIFIED},
		{name: "tgt-of-another-realm", tamper: func(r *fakeReply) { rename(r, []string{"krbtgt", "R"}, "S") },
			minor: status.KRB5_KDCREP_MODIFIED},
		{name: "ticket-for-another-service", tamper: func(r *fakeReply) { rename(r, []string{"host", "x"}, "R") },
			minor: status.KRB5_KDCREP_MODIFIED},
		{name: "somebody-else's-key", tamper: func(r *fakeReply) { r.key = other },
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := &fakeAS{keys: keys, hints: test.hints, tamper: test.tamper, long: test.long,
				clock: func() time.Time { return time.Now().Add(test.ahead) }}
			k := (&fakeKDC{udp: answersUDP(a.answer), tcp: answersTCP(a.answer)}).start(t)
			cfg := realmOf(t, "", k.addr(""))
			env, _ := testEnv(t, map[string]string{"KRB5_CONFIG": "/nonexistent/krb5.conf"})
			alice := mustPrincipal(t, "alice@R")
			cred, err := InitialCredential(env, cfg, alice, 0, func(e crypto.EType) (*crypto.Key, error) {
				switch {
				case test.have != nil && e != test.have[0], keys[e] == nil:
					return nil, nil
				case test.wrong:
					return newKey(t, e), nil
				}
				return keys[e].Copy(), nil
			})
			if e := status.Of(err); test.minor == 0 && err != nil || test.minor != 0 && (e == nil || e.Minor != test.minor) {
				t.Errorf("%v", err)
			}
			if err == nil && (ClockOffset(env, cfg, cred)-test.ahead).Abs() > 2*time.Second {
				t.Errorf("the KDC's clock is ahead by %s", ClockOffset(env, cfg, cred))
			}
			if err == nil && (cred.Server.String() != "krbtgt/R@R" || !cred.Client.Equal(alice)) {
				t.Errorf("%s for %s", cred.Server, cred.Client)
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.proofs != test.proofs {
				t.Errorf("%d timestamps were sent, not %d", a.proofs, test.proofs)
			}
			if test.have != nil && err == nil && (len(a.etypes) != 1 || a.etypes[0] != int32(test.have[0])) {
				t.Errorf("offered enctypes %d", a.etypes)
			}
			if test.name == "encrypted-timestamp" && string(a.cookie) != "MIT" {
				t.Errorf("the KDC's cookie came back as %q", a.cookie)
			}
		})
	}
}
