// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// fakeRealm is a ticket-granting service. It knows services by name without realm, and refers to other realms.
type fakeRealm struct {
	name           string
	keys           map[string]*crypto.Key // of services, "krbtgt/B" among them
	referral       map[string]string      // from a service to a realm that may have it
	clock          func() time.Time
	tamper         func(*fakeReply) // changes an answer before it is encrypted
	noCanonicalize bool             // refuses that option, as MIT KDCs before 1.7 do
	spell          func([]byte) []byte
	s4u            *fakeS4U // nil: it knows nothing of that
	requests       []string // what was asked, "service@REALM"

	mu  sync.Mutex // of all the above: the KDC has its own goroutine
	kdc *fakeKDC
}

// fakeReply is a TGS-REP being built.
type fakeReply struct {
	rep       token.KDCRep
	part      messages.EncKDCRepPart
	key       *crypto.Key // that encrypts part
	usage     uint32
	session   *crypto.Key // of the TGT
	subkey    *crypto.Key // of S4U
	marshaled func([]byte) []byte
}

func ourName(n types.PrincipalName, realm string) token.Principal {
	return token.Principal{Type: n.NameType, Components: n.NameString, Realm: realm}
}

func flagsIn(bits asn1.BitString) uint32 { return binary.BigEndian.Uint32(bits.Bytes) }

func theirName(p token.Principal) types.PrincipalName {
	return types.PrincipalName{NameType: p.Type, NameString: p.Components}
}

func newKey(t testing.TB, e crypto.EType) *crypto.Key {
	t.Helper()
	key, err := crypto.RandomKey(e, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// fakeRealms starts realms and writes a krb5.conf for them. trusts lists pairs "A>B": A issues TGTs for B.
func fakeRealms(t testing.TB, trusts []string, config string, names ...string) (map[string]*fakeRealm, *Env, *Config) {
	t.Helper()
	realms := make(map[string]*fakeRealm)
	var conf strings.Builder
	conf.WriteString("[libdefaults]\n dns_lookup_kdc = false\n default_realm = A\n[realms]\n")
	for _, name := range names {
		r := &fakeRealm{name: name, clock: time.Now, referral: make(map[string]string),
			keys: map[string]*crypto.Key{"krbtgt/" + name: newKey(t, crypto.AES256SHA1)}}
		r.kdc = &fakeKDC{udp: answersUDP(r.answer), tcp: answersTCP(r.answer)}
		if tt, ok := t.(*testing.T); ok {
			r.kdc.start(tt)
		}
		realms[name] = r
		fmt.Fprintf(&conf, " %s = {\n  kdc = 127.0.0.1:%d\n }\n", name, r.kdc.port)
	}
	for _, trust := range trusts {
		from, to, _ := strings.Cut(trust, ">")
		key := newKey(t, crypto.AES256SHA1)
		realms[from].set(func() { realms[from].keys["krbtgt/"+to] = key })
		realms[to].set(func() { realms[to].keys["krbtgt/"+to+"@"+from] = key })
	}
	path := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(path, []byte(conf.String()+config), 0o600); err != nil {
		t.Fatal(err)
	}
	if tt, ok := t.(*testing.T); ok {
		env, cfg := testEnv(tt, map[string]string{"KRB5_CONFIG": path})
		return realms, env, cfg
	}
	return realms, nil, nil
}

// issue issues a ticket, and makes a credential from it, without an exchange.
func (r *fakeRealm) issue(t testing.TB, client token.Principal, service string, flags uint32) *Credential {
	t.Helper()
	session := newKey(t, crypto.AES256SHA1)
	now := r.clock().UTC().Truncate(time.Second)
	part := token.EncTicketPart{
		Flags:    flags,
		Key:      token.EncryptionKey{EType: int32(session.EType()), Value: session.Bytes()},
		Client:   client,
		AuthTime: now, StartTime: now, EndTime: now.Add(time.Hour),
	}
	server := token.Principal{Type: token.NTSrvInst, Components: strings.Split(service, "/"), Realm: r.name}
	return &Credential{Client: client, Server: server, Key: part.Key, AuthTime: now, StartTime: now, EndTime: part.EndTime,
		Flags: flags, Ticket: r.seal(&part, server)}
}

// set changes the realm.
func (r *fakeRealm) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// addServices adds services with random keys.
func (r *fakeRealm) addServices(t testing.TB, names ...string) {
	r.set(func() {
		for _, name := range names {
			r.keys[name] = newKey(t, crypto.AES256SHA1)
		}
	})
}

func (r *fakeRealm) seal(part *token.EncTicketPart, server token.Principal) []byte {
	key := r.keys[server.WithoutRealm()]
	cipher, err := key.Encrypt(usageTicket, part.Marshal(), rand.Reader)
	if err != nil {
		panic(err)
	}
	ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: int32(key.EType()), Cipher: cipher}}
	return ticket.Marshal()
}

func (r *fakeRealm) refuse(code int32, server token.Principal) []byte {
	m := token.KRBError{STime: r.clock(), Code: code, SName: server, Text: "by the test"}
	return m.Marshal()
}

// answer is the KDC.
func (r *fakeRealm) answer(request []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spelled(r.message(request))
}

// spelled re-encodes DER as this KDC writes it.
func (r *fakeRealm) spelled(b []byte) []byte {
	if r.spell == nil {
		return b
	}
	return r.spell(b)
}

func (r *fakeRealm) message(request []byte) []byte {
	var req messages.TGSReq
	if err := req.Unmarshal(request); err != nil {
		return r.refuse(60, token.Principal{Realm: r.name})
	}
	server := ourName(req.ReqBody.SName, req.ReqBody.Realm)
	r.requests = append(r.requests, server.String())
	reply, code := r.reply(&req, server)
	if code != 0 {
		return r.refuse(code, server)
	}
	if r.tamper != nil {
		r.tamper(reply)
	}
	plain, err := reply.part.Marshal()
	if err != nil {
		return nil
	}
	reply.rep.Enc.EType = int32(reply.key.EType())
	if reply.rep.Enc.Cipher, err = reply.key.Encrypt(reply.usage, r.spelled(plain), rand.Reader); err != nil {
		return nil
	}
	b := reply.rep.Marshal(token.TypeTGSRep)
	if reply.marshaled != nil {
		b = reply.marshaled(b)
	}
	return b
}

// reply checks a TGS-REQ as required by RFC 4120, Section 3.3.2, and returns the reply or an error code.
func (r *fakeRealm) reply(req *messages.TGSReq, server token.Principal) (*fakeReply, int32) {
	if len(req.PAData) == 0 || req.PAData[0].PADataType != patype.PA_TGS_REQ || len(req.PAData) > 1 && r.unwilling() {
		return nil, codeUnknownPAData
	}
	ap, err := token.ParseAPReq(req.PAData[0].PADataValue)
	if err != nil {
		return nil, 40
	}
	tgt := "krbtgt/" + r.name
	if ap.Ticket.SName.Realm != r.name {
		tgt += "@" + ap.Ticket.SName.Realm
	}
	key := r.keys[tgt]
	if key == nil {
		return nil, 35
	}
	plain, err := key.Decrypt(usageTicket, ap.Ticket.Enc.Cipher)
	if err != nil {
		return nil, 31
	}
	ticket, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return nil, 31
	}
	session, err := crypto.NewKey(crypto.EType(ticket.Key.EType), ticket.Key.Value)
	if err != nil {
		return nil, 14
	}
	plain, err = session.Decrypt(keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR, ap.Authenticator.Cipher)
	if err != nil {
		return nil, 31
	}
	auth, err := token.ParseAuthenticator(plain)
	if err != nil {
		return nil, 31
	}
	body, _ := req.ReqBody.Marshal()
	switch {
	case !auth.Client.Equal(ticket.Client):
		return nil, 36
	case auth.CTime.Sub(r.clock()).Abs() > 5*time.Minute:
		return nil, codeSkew
	case auth.Checksum == nil ||
		!session.VerifyChecksum(keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR_CHKSUM, body, auth.Checksum.Sum):
		return nil, 41
	case auth.Subkey == nil:
		return nil, 60
	}
	subkey, err := crypto.NewKey(crypto.EType(auth.Subkey.EType), auth.Subkey.Value)
	if err != nil {
		return nil, 14
	}
	canonicalize := flagsIn(req.ReqBody.KDCOptions)&optCanonicalize != 0
	if canonicalize && r.noCanonicalize {
		return nil, codeBadOption
	}
	name := server.WithoutRealm()
	if to, ok := r.referral[name]; ok && (canonicalize || server.IsTGS()) {
		name = "krbtgt/" + to
	}
	acted, code := r.actedFor(req, ticket, session, subkey, &name)
	switch {
	case code != 0:
		return nil, code
	case r.keys[name] == nil:
		return nil, codeUnknownServer
	}
	reply := r.grant(req, ticket, session, subkey, name, acted)
	return reply, 0
}

func (r *fakeRealm) grant(req *messages.TGSReq, tgt *token.EncTicketPart, session, subkey *crypto.Key,
	name string, acted *fakeActed) *fakeReply {
	issued, _ := crypto.RandomKey(crypto.EType(req.ReqBody.EType[0]), rand.Reader)
	now := r.clock().UTC().Truncate(time.Second)
	granted := flagsIn(req.ReqBody.KDCOptions)&(inheritedOptions|token.TicketForwarded) | token.TicketOKAsDelegate
	part := token.EncTicketPart{
		Flags:     granted,
		Key:       token.EncryptionKey{EType: int32(issued.EType()), Value: issued.Bytes()},
		Client:    tgt.Client,
		AuthTime:  tgt.AuthTime,
		StartTime: now,
		EndTime:   req.ReqBody.Till,
	}
	if acted != nil {
		part.Client = acted.client
		if part.Flags &^= token.TicketForwardable; acted.forwardable {
			part.Flags |= token.TicketForwardable
		}
		granted = part.Flags
	}
	server := token.Principal{Type: token.NTSrvInst, Components: strings.Split(name, "/"), Realm: r.name}
	bits := make([]byte, 4)
	bits[0], bits[1], bits[2], bits[3] = byte(granted>>24), byte(granted>>16), byte(granted>>8), byte(granted)
	reply := &fakeReply{
		rep: token.KDCRep{Client: part.Client},
		part: messages.EncKDCRepPart{
			Key:       types.EncryptionKey{KeyType: part.Key.EType, KeyValue: bytes.Clone(part.Key.Value)},
			LastReqs:  []messages.LastReq{{LRValue: now}},
			Nonce:     req.ReqBody.Nonce,
			Flags:     asn1.BitString{Bytes: bits, BitLength: 32},
			AuthTime:  part.AuthTime,
			StartTime: part.StartTime,
			EndTime:   part.EndTime,
			SRealm:    r.name,
			SName:     theirName(server),
		},
		key:     subkey,
		usage:   keyusage.TGS_REP_ENCPART_AUTHENTICATOR_SUB_KEY,
		session: session,
	}
	reply.rep.Ticket.Raw = r.seal(&part, server)
	if acted != nil {
		reply.subkey, reply.rep.PAData, reply.part.EncPAData = subkey, acted.padata, acted.encrypted
	}
	return reply
}

// asked returns the requests to a realm since the last call.
func (r *fakeRealm) asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.requests
	r.requests = nil
	return list
}
