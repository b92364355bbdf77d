// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/edwards25519"
	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// loginKDC is an authentication service of realm R that knows alice's password. It does all mechanisms, and does them
// wrong if it is told to. Messages are encoded by other code than ours.
type loginKDC struct {
	salt       string
	iterations uint32
	info       []types.PAData // of the client's keys, in errors
	offer      []int32        // mechanisms; none: no preauthentication
	names      map[string]token.Principal
	refuse     int32 // the code of every error
	elsewhere  string
	noGroup    bool // SPAKE ends with the client's support
	tamper     func(*loginReply)

	mu     sync.Mutex
	armor  *crypto.Key // of the TGS
	seen   []string    // what was proven with
	last   []byte
	reply  []byte
	cookie []byte
	spake  struct {
		secret, w  *edwards25519.Scalar
		wbytes     []byte
		transcript []byte
		group      int32
	}
}

// loginReply is an AS-REP in the making.
type loginReply struct {
	fakeReply
	rep        token.KDCRep
	encPARep   bool
	sum        []byte // that confirms the request
	padata     []types.PAData
	finished   token.Principal
	ticketSum  []byte
	strengthen *crypto.Key
	nonce      int // of the FAST response
	noFast     bool
	noFinished bool
}

// of makes it a ticket for another service, as far as anybody can see.
func (r *loginReply) of(service, realm string) {
	server := token.Principal{Components: strings.Split(service, "/"), Realm: realm}
	ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: 18, Cipher: []byte("for the service only")}}
	r.rep.Ticket.Raw = ticket.Marshal()
	r.part.SRealm, r.part.SName = realm, theirName(server)
}

type fastArmoredReq struct {
	Armor struct {
		Type  int    `asn1:"explicit,tag:0"`
		Value []byte `asn1:"explicit,tag:1"`
	} `asn1:"explicit,tag:0"`
	Checksum types.Checksum      `asn1:"explicit,tag:1"`
	Enc      types.EncryptedData `asn1:"explicit,tag:2"`
}

type fastReq struct {
	Options asn1.BitString       `asn1:"explicit,tag:0"`
	PAData  types.PADataSequence `asn1:"explicit,tag:1"`
	Body    asn1.RawValue        `asn1:"explicit,tag:2"`
}

type fastFinishedMessage struct {
	Time     time.Time           `asn1:"generalized,explicit,tag:0"`
	USec     int                 `asn1:"explicit,tag:1"`
	Realm    string              `asn1:"generalstring,explicit,tag:2"`
	Name     types.PrincipalName `asn1:"explicit,tag:3"`
	Checksum types.Checksum      `asn1:"explicit,tag:4"`
}

type fastResponseMessage struct {
	PAData     types.PADataSequence `asn1:"explicit,tag:0"`
	Strengthen types.EncryptionKey  `asn1:"explicit,optional,tag:1"`
	Finished   fastFinishedMessage  `asn1:"explicit,optional,tag:2"`
	Nonce      int                  `asn1:"explicit,tag:3"`
}

type spakeFactorMessage struct {
	Type int `asn1:"explicit,tag:0"`
}

type spakeChallengeMessage struct {
	Group   int32                `asn1:"explicit,tag:0"`
	Public  []byte               `asn1:"explicit,tag:1"`
	Factors []spakeFactorMessage `asn1:"explicit,tag:2"`
}

type spakeResponseMessage struct {
	Public []byte              `asn1:"explicit,tag:0"`
	Factor types.EncryptedData `asn1:"explicit,tag:1"`
}

func marshal(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

const loginPassword = "open sesame"

// loginKeys are alice's.
func (a *loginKDC) key(e crypto.EType) *crypto.Key {
	if !e.Supported() || e.Legacy() {
		return nil
	}
	k, err := crypto.StringToKey(e, []byte(loginPassword), a.salt, a.iterations)
	if err != nil {
		panic(err)
	}
	return k
}

// conversation is what a request is answered with: within FAST, or in the open.
type loginRequest struct {
	raw    []byte
	body   []byte
	req    messages.ASReq
	padata types.PADataSequence
	armor  *crypto.Key
}

func (a *loginKDC) answer(request []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if bytes.Equal(request, a.last) { // over the other transport, as its reply was of no use
		return a.reply
	}
	a.last, a.reply = request, a.message(request)
	return a.reply
}

func (a *loginKDC) message(request []byte) []byte {
	r := &loginRequest{raw: request}
	if err := r.req.Unmarshal(request); err != nil {
		return a.plainError(60, nil)
	}
	r.body, _ = r.req.ReqBody.Marshal()
	r.padata = r.req.PAData
	for _, pa := range r.req.PAData {
		if pa.PADataType == token.PAFXFast {
			if err := a.unarmor(r, pa.PADataValue); err != nil {
				return a.plainError(60, nil)
			}
		}
	}
	if a.elsewhere != "" {
		return a.fail(r, codeWrongRealm)
	}
	if a.refuse != 0 {
		return a.fail(r, a.refuse)
	}
	etype := crypto.EType(r.req.ReqBody.EType[0])
	key, more := a.key(etype), []types.PAData(nil)
	if len(a.offer) > 0 {
		key = nil
		for _, pa := range r.padata {
			var code int32
			switch pa.PADataType {
			case token.PAFXCookie:
				a.cookie = pa.PADataValue
				continue
			case token.PAEncTimestamp:
				key, code = a.timestamp(pa.PADataValue, nil)
			case token.PAEncryptedChallenge:
				key, code = a.timestamp(pa.PADataValue, r.armor)
				if code == 0 {
					more = append(more, a.kdcChallenge(key, r.armor))
				}
			case token.PASPAKE:
				var challenge []byte
				key, challenge, code = a.spakeStep(pa.PADataValue, etype, r.body)
				if challenge != nil {
					return a.fail(r, codeMorePreauthData, types.PAData{PADataType: token.PASPAKE, PADataValue: challenge},
						types.PAData{PADataType: token.PAFXCookie, PADataValue: []byte("second")})
				}
			}
			if code != 0 {
				return a.fail(r, code)
			}
		}
		if key == nil {
			hints := append([]types.PAData{}, a.info...)
			for _, kind := range a.offer {
				hints = append(hints, types.PAData{PADataType: kind, PADataValue: []byte{}})
			}
			return a.fail(r, codePreauthRequired, append(hints, types.PAData{PADataType: token.PAFXCookie, PADataValue: []byte("first")})...)
		}
	}
	return a.grant(r, key, more)
}

func (a *loginKDC) plainError(code int32, data []byte) []byte {
	m := token.KRBError{STime: time.Now(), Code: code, Data: data,
		SName: token.Principal{Type: 2, Components: []string{"krbtgt", "R"}, Realm: "R"}}
	if a.elsewhere != "" {
		m.Client = &token.Principal{Realm: a.elsewhere}
	}
	return m.Marshal()
}

// fail makes a KRB-ERROR with METHOD-DATA.
func (a *loginKDC) fail(r *loginRequest, code int32, methods ...types.PAData) []byte {
	if r.armor == nil {
		return a.plainError(code, marshal(types.PADataSequence(methods)))
	}
	methods = append(methods, types.PAData{PADataType: token.PAFXError, PADataValue: a.plainError(code, nil)})
	fast := fastResponseMessage{PAData: methods, Nonce: r.req.ReqBody.Nonce}
	sealed := a.fastReply(r, fast)
	// What is outside says something else.
	return a.plainError(60, marshal(types.PADataSequence{sealed}))
}

func (a *loginKDC) fastReply(r *loginRequest, m fastResponseMessage) types.PAData {
	cipher, err := r.armor.Encrypt(usageFastRep, marshal(m), rand.Reader)
	if err != nil {
		panic(err)
	}
	return a.fastPAData(types.EncryptedData{EType: int32(r.armor.EType()), Cipher: cipher})
}

func (a *loginKDC) fastPAData(enc types.EncryptedData) types.PAData {
	inner := marshal(struct {
		Enc types.EncryptedData `asn1:"explicit,tag:0"`
	}{enc})
	return types.PAData{PADataType: token.PAFXFast, PADataValue: append([]byte{0xa0, 0x83, byte(len(inner) >> 16), byte(len(inner) >> 8), byte(len(inner))}, inner...)}
}

func (a *loginKDC) unarmor(r *loginRequest, b []byte) error {
	var m fastArmoredReq
	if _, err := asn1.UnmarshalWithParams(b, &m, "explicit,tag:0"); err != nil {
		return err
	}
	ap, err := token.ParseAPReq(m.Armor.Value)
	if err != nil {
		return err
	}
	plain, err := a.armor.Decrypt(usageTicket, ap.Ticket.Enc.Cipher)
	if err != nil {
		return err
	}
	ticket, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return err
	}
	session, err := crypto.NewKey(crypto.EType(ticket.Key.EType), ticket.Key.Value)
	if err != nil {
		return err
	}
	auth, err := decryptAuthenticator(session, ap)
	if err != nil {
		return err
	}
	subkey, err := crypto.NewKey(crypto.EType(auth.Subkey.EType), auth.Subkey.Value)
	if err != nil {
		return err
	}
	armor, err := crypto.CF2(subkey, session, "subkeyarmor", "ticketarmor")
	if err != nil {
		return err
	}
	if !armor.VerifyChecksum(usageFastReqSum, r.body, m.Checksum.Checksum) {
		return fmt.Errorf("checksum")
	}
	if plain, err = armor.Decrypt(usageFastEnc, m.Enc.Cipher); err != nil {
		return err
	}
	var inner fastReq
	if _, err := asn1.Unmarshal(plain, &inner); err != nil {
		return err
	}
	if !bytes.Equal(inner.Body.Bytes, r.body) {
		return fmt.Errorf("another body inside")
	}
	r.armor, r.padata = armor, inner.PAData
	return nil
}

func (a *loginKDC) timestamp(b []byte, armor *crypto.Key) (*crypto.Key, int32) {
	var enc types.EncryptedData
	var stamp types.PAEncTSEnc
	if enc.Unmarshal(b) != nil {
		return nil, 60
	}
	usage, what := uint32(keyusage.AS_REQ_PA_ENC_TIMESTAMP), "timestamp"
	key := a.key(crypto.EType(enc.EType))
	with := key
	if armor != nil {
		usage, what = usageChallengeClient, "challenge"
		key = a.key(crypto.AES256SHA1)
		with, _ = crypto.CF2(armor, key, "clientchallengearmor", "challengelongterm")
	}
	a.seen = append(a.seen, what)
	plain, err := with.Decrypt(usage, enc.Cipher)
	if err != nil || stamp.Unmarshal(plain) != nil {
		return nil, 24
	}
	return key, 0
}

func (a *loginKDC) kdcChallenge(key, armor *crypto.Key) types.PAData {
	with, _ := crypto.CF2(armor, key, "kdcchallengearmor", "challengelongterm")
	cipher, _ := with.Encrypt(usageChallengeKDC, token.MarshalTimestamp(time.Now()), rand.Reader)
	return types.PAData{PADataType: token.PAEncryptedChallenge,
		PADataValue: marshal(types.EncryptedData{EType: int32(with.EType()), Cipher: cipher})}
}

func point(text string) *edwards25519.Point {
	b, _ := hex.DecodeString(text)
	p, err := new(edwards25519.Point).SetBytes(b)
	if err != nil {
		panic(err)
	}
	return p
}

// spakeStep is the KDC's side of RFC 9588, written anew: PRF+, the transcript hash and K'[n].
func (a *loginKDC) spakeStep(b []byte, etype crypto.EType, body []byte) (key *crypto.Key, challenge []byte, code int32) {
	s := &a.spake
	initial := a.key(etype)
	var response spakeResponseMessage
	if _, err := asn1.UnmarshalWithParams(b, &response, "explicit,tag:2"); err != nil {
		a.seen = append(a.seen, "SPAKE")
		if a.noGroup {
			return nil, nil, 24
		}
		s.group = 1
		s.wbytes = nil
		for n := byte(1); len(s.wbytes) < 32; n++ {
			s.wbytes = append(s.wbytes, initial.PRF([]byte{n}, []byte("SPAKEsecret\x00\x00\x00\x01"))...)
		}
		s.wbytes = s.wbytes[:32]
		s.w, _ = new(edwards25519.Scalar).SetUniformBytes(append(bytes.Clone(s.wbytes), make([]byte, 32)...))
		random := make([]byte, 64)
		rand.Read(random)
		s.secret, _ = new(edwards25519.Scalar).SetUniformBytes(random)
		t := new(edwards25519.Point).ScalarMult(s.w, point("d048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf"))
		own := new(edwards25519.Point).ScalarBaseMult(s.secret)
		t.Add(t, own.MultByCofactor(own))
		m := spakeChallengeMessage{Group: s.group, Public: t.Bytes(), Factors: []spakeFactorMessage{{1}}}
		inner := marshal(m)
		challenge = append([]byte{0xa1, byte(len(inner))}, inner...)
		sum := sha256.Sum256(append(append(make([]byte, 32), b...), challenge...))
		s.transcript = sum[:]
		return nil, challenge, 0
	}
	a.seen = append(a.seen, "response")
	sum := sha256.Sum256(append(bytes.Clone(s.transcript), response.Public...))
	element, err := new(edwards25519.Point).SetBytes(response.Public)
	if err != nil {
		return nil, nil, 24
	}
	n := new(edwards25519.Point).ScalarMult(s.w, point("d3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab"))
	element.Subtract(element, n)
	element.ScalarMult(s.secret, element.MultByCofactor(element))
	derive := func(n byte) *crypto.Key {
		in := append([]byte("SPAKEkey\x00\x00\x00\x01"), binary.BigEndian.AppendUint32(nil, uint32(etype))...)
		in = append(append(append(append(in, s.wbytes...), element.Bytes()...), sum[:]...), body...)
		seed := sha256.Sum256(append(in, 0, 0, 0, n, 1))
		k, _ := crypto.NewKey(etype, seed[:etype.KeySize()])
		k, _ = crypto.CF2(initial, k, "SPAKE", "keyderiv")
		return k
	}
	plain, err := derive(1).Decrypt(usageSPAKE, response.Factor.Cipher)
	if err != nil || !bytes.Equal(plain, marshal(spakeFactorMessage{1})) {
		return nil, nil, 24
	}
	return derive(0), nil, 0
}

func (a *loginKDC) grant(r *loginRequest, key *crypto.Key, padata []types.PAData) []byte {
	session, _ := crypto.RandomKey(crypto.EType(r.req.ReqBody.EType[0]), rand.Reader)
	now := time.Now().UTC().Truncate(time.Second)
	client := ourName(r.req.ReqBody.CName, r.req.ReqBody.Realm)
	if other, ok := a.names[client.WithoutRealm()]; ok {
		client = other
	}
	server := token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", client.Realm}, Realm: client.Realm}
	ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: 18, Cipher: []byte("for the TGS only")}}
	m := &loginReply{
		fakeReply: fakeReply{
			part: messages.EncKDCRepPart{
				Key:      types.EncryptionKey{KeyType: int32(session.EType()), KeyValue: session.Bytes()},
				LastReqs: []messages.LastReq{{LRValue: now}},
				Nonce:    r.req.ReqBody.Nonce,
				AuthTime: now, StartTime: now,
				EndTime: now.Add(time.Hour),
				SRealm:  server.Realm,
				SName:   theirName(server),
			},
			key: key, usage: keyusage.AS_REP_ENCPART,
		},
		rep:      token.KDCRep{Client: client, Ticket: token.Ticket{Raw: ticket.Marshal()}},
		encPARep: true, padata: padata, nonce: r.req.ReqBody.Nonce, finished: client,
	}
	if r.armor != nil {
		m.strengthen, _ = crypto.RandomKey(crypto.AES256SHA1, rand.Reader)
		if len(a.offer) > 0 { // then the client knows which of its keys it is
			m.strengthen, _ = crypto.RandomKey(crypto.AES128SHA1, rand.Reader)
		}
		m.ticketSum = r.armor.Checksum(usageFastFinished, m.rep.Ticket.Raw)
		m.key, _ = crypto.CF2(m.strengthen, key, "strengthenkey", "replykey")
	}
	m.sum = m.key.Checksum(usageASReq, r.raw)
	if a.tamper != nil {
		a.tamper(m)
	}
	flags := make([]byte, 4)
	if m.encPARep {
		flags[1] = 1
		sum := types.Checksum{CksumType: m.key.EType().ChecksumType(), Checksum: m.sum}
		m.part.EncPAData = types.PADataSequence{{PADataType: token.PAReqEncPARep, PADataValue: marshal(sum)}}
		if m.sum == nil {
			m.part.EncPAData = nil
		}
	}
	m.part.Flags = asn1.BitString{Bytes: flags, BitLength: 32}
	plain, err := m.part.Marshal()
	if err != nil {
		panic(err)
	}
	m.rep.Enc.EType = int32(m.key.EType())
	m.rep.Enc.Cipher, _ = m.key.Encrypt(m.usage, plain, rand.Reader)
	if r.armor != nil && !m.noFast {
		fast := fastResponseMessage{PAData: m.padata, Nonce: m.nonce,
			Strengthen: types.EncryptionKey{KeyType: int32(m.strengthen.EType()), KeyValue: m.strengthen.Bytes()}}
		if fast.PAData == nil {
			fast.PAData = types.PADataSequence{}
		}
		if !m.noFinished {
			fast.Finished = fastFinishedMessage{Time: now, Realm: m.finished.Realm, Name: theirName(m.finished),
				Checksum: types.Checksum{CksumType: r.armor.EType().ChecksumType(), Checksum: m.ticketSum}}
		}
		m.padata = []types.PAData{a.fastReply(r, fast)}
	}
	for _, pa := range m.padata {
		m.rep.PAData = append(m.rep.PAData, token.PAData{Type: pa.PADataType, Value: pa.PADataValue})
	}
	return m.rep.Marshal(token.TypeASRep)
}

func info2(salt string, params []byte, etypes ...crypto.EType) types.PAData {
	var info types.ETypeInfo2
	for _, e := range etypes {
		info = append(info, types.ETypeInfo2Entry{EType: int32(e), Salt: salt, S2KParams: params})
	}
	return types.PAData{PADataType: token.PAETypeInfo2, PADataValue: marshal(info)}
}

func iterations(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// login is one try.
type login struct {
	kdc      *loginKDC
	config   string
	client   token.Principal // "": alice
	password string          // "": the right one
	armored  bool
	realms   string // other ones, for krb5.conf
}

func (l *login) do(t *testing.T) (*Credential, error) {
	t.Helper()
	env, cfg, client := l.begin(t)
	password := l.password
	if password == "" {
		password = loginPassword
	}
	given := []byte(password)
	cred, err := made(func() (*Credential, error) {
		return PasswordCredential(env, cfg, client, 0, given)
	})
	if string(given) != password {
		t.Error("the caller's password was changed")
	}
	return cred, err
}

// beside has questions asked on goroutines, as the engine does.
func beside(t *testing.T) func(string, time.Duration, func(context.Context) (any, error)) (any, error) {
	type answer struct {
		value any
		err   error
	}
	answers := map[string]chan answer{}
	return func(key string, _ time.Duration, ask func(context.Context) (any, error)) (any, error) {
		if c := answers[key]; c != nil {
			a := <-c
			c <- a
			if cred, ok := a.value.(*Credential); ok && a.err == nil {
				return cred.Copy(), nil
			}
			return a.value, a.err
		}
		c := make(chan answer, 1)
		answers[key] = c
		go func() {
			value, err := ask(context.Background())
			c <- answer{value, err}
		}()
		return nil, Pending
	}
}

// made makes a call again until it is not pending.
func made[T any](call func() (T, error)) (T, error) {
	for {
		if v, err := call(); !errors.Is(err, Pending) {
			return v, err
		}
	}
}

// begin starts the KDC.
func (l *login) begin(t *testing.T) (*Env, *Config, token.Principal) {
	t.Helper()
	if l.kdc.iterations == 0 {
		l.kdc.iterations = 4096
	}
	k := (&fakeKDC{udp: answersUDP(l.kdc.answer), tcp: answersTCP(l.kdc.answer)}).start(t)
	conf := fmt.Sprintf("[libdefaults]\n dns_lookup_kdc = false\n max_retries = 1\n kdc_timeout = 5\n default_realm = R\n %s\n"+
		"[realms]\n R = {\n  kdc = %s\n  %s\n }\n%s", l.config, k.addr(""), l.config, l.realms)
	env, _ := testEnv(t, map[string]string{})
	path := t.TempDir()
	if l.armored {
		armor := newKey(t, crypto.AES256SHA1)
		session := newKey(t, crypto.AES256SHA1)
		l.kdc.mu.Lock()
		l.kdc.armor = armor
		l.kdc.mu.Unlock()
		host := mustPrincipal(t, "host/h@R")
		now := time.Now().UTC().Truncate(time.Second)
		part := token.EncTicketPart{Key: token.EncryptionKey{EType: int32(session.EType()), Value: session.Bytes()},
			Client: host, AuthTime: now, EndTime: now.Add(time.Hour)}
		cipher, _ := armor.Encrypt(usageTicket, part.Marshal(), rand.Reader)
		server := mustPrincipal(t, "krbtgt/R@R")
		ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: int32(armor.EType()), Cipher: cipher}}
		tgt := &Credential{Client: host, Server: server, Key: token.EncryptionKey{EType: part.Key.EType, Value: bytes.Clone(part.Key.Value)},
			AuthTime: now, EndTime: part.EndTime, Ticket: ticket.Marshal()}
		if _, err := CreateCCache(env, "FILE:"+path+"/armor", host, tgt); err != nil {
			t.Fatal(err)
		}
		conf += "[libgssapi]\n armor_ccache = FILE:" + path + "/armor\n"
	}
	env, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", conf)})
	env.Await = beside(t)
	client := l.client
	if client.Components == nil {
		client = mustPrincipal(t, "alice@R")
	}
	return env, cfg, client
}

// The clock of the KDC is the one that counts for what the credential is used for.
func TestPasswordsCacheKnowsTheKDCsClock(t *testing.T) {
	const ahead = 20 * time.Minute
	l := login{kdc: &loginKDC{salt: "Ralice", iterations: 4096, tamper: func(r *loginReply) {
		r.part.AuthTime, r.part.StartTime = r.part.AuthTime.Add(ahead), r.part.StartTime.Add(ahead)
		r.part.EndTime = r.part.EndTime.Add(ahead)
	}}}
	env, _, client := l.begin(t)
	cc, err := made(func() (*CCache, error) {
		return CCacheFromPassword(env, client, 0, []byte(loginPassword), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	if d := cc.Offset() - ahead; d.Abs() > 2*time.Second || cc.Name() != "" || len(cc.Credentials()) != 1 {
		t.Errorf("offset %s, %d credentials in %q", cc.Offset(), len(cc.Credentials()), cc.Name())
	}
}

// A realm may say that a client is of another one (RFC 6806, Section 7), and that one of a third, but not for ever.
func TestClientIsReferred(t *testing.T) {
	names := map[string]token.Principal{`alice\@corp`: {Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "S"}}
	there := &loginKDC{salt: "Salice", iterations: 4096, offer: []int32{token.PASPAKE}, names: names,
		info: []types.PAData{info2("Salice", nil, crypto.AES256SHA1)}}
	other := (&fakeKDC{udp: answersUDP(there.answer), tcp: answersTCP(there.answer)}).start(t)
	l := login{kdc: &loginKDC{elsewhere: "S"}, client: token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"},
		realms: fmt.Sprintf(" S = {\n  kdc = %s\n }\n", other.addr(""))}
	cred, err := l.do(t)
	if err != nil || cred.Client.String() != "alice@S" || cred.Server.String() != "krbtgt/S@S" {
		t.Errorf("%v, %v", cred, err)
	}
	there.mu.Lock()
	there.elsewhere = "R"
	there.mu.Unlock()
	if _, err := l.do(t); err == nil || status.Of(err).Minor != status.KRB5_GET_IN_TKT_LOOP {
		t.Errorf("two realms that refer to each other: %v", err)
	}
}

// Anybody can say that a client is of a realm for which krb5.conf does not forbid encrypted timestamps.
func TestReferralEnablesNoTimestamps(t *testing.T) {
	there := &loginKDC{salt: "Salice", iterations: 4096, offer: []int32{token.PAEncTimestamp}}
	other := (&fakeKDC{udp: answersUDP(there.answer), tcp: answersTCP(there.answer)}).start(t)
	for _, config := range []string{"", "disable_encrypted_timestamp = true"} {
		l := login{kdc: &loginKDC{elsewhere: "S"}, client: token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"},
			config: config, realms: fmt.Sprintf(" S = {\n  kdc = %s\n }\n", other.addr(""))}
		_, err := l.do(t)
		there.mu.Lock()
		seen := strings.Join(there.seen, " ")
		there.seen = nil
		there.mu.Unlock()
		if want := config == ""; strings.Contains(seen, "timestamp") != want || !want && status.Of(err).Minor != status.KRB5_PREAUTH_FAILED {
			t.Errorf("%q: the other realm saw %q: %v", config, seen, err)
		}
	}
}

// Within one call, tickets that keys gave are no answer to whether a password is right.
func TestKeysDoNotAnswerForAPassword(t *testing.T) {
	l := login{kdc: &loginKDC{salt: "Ralice"}}
	env, cfg, client := l.begin(t)
	if _, err := made(func() (*Credential, error) {
		return InitialCredential(env, cfg, client, 0, func(e crypto.EType) (*crypto.Key, error) { return l.kdc.key(e), nil })
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := made(func() (*Credential, error) {
		return PasswordCredential(env, cfg, client, 0, []byte("wrong"))
	}); err == nil {
		t.Error("a wrong password gives a ticket")
	}
}

// A referral that follows a proof of the client is one only if FAST protects it.
func TestReferralComesBeforeProofs(t *testing.T) {
	l := login{kdc: &loginKDC{salt: "Ralice"}, config: "canonicalize = true"}
	env, cfg, client := l.begin(t)
	for _, c := range []struct {
		mechanism mechanism
		armor     *fastArmor
		realm     string
	}{
		{nil, nil, "S"},
		{encryptedTimestamp{}, nil, ""},
		{&spake{}, nil, ""},
		{encryptedChallenge{}, &fastArmor{key: newKey(t, crypto.AES256SHA1)}, "S"},
	} {
		x, err := (&requester{env: env, cfg: cfg, etypes: cfg.TktEnctypes()}).newASExchange(client, &secret{password: []byte(loginPassword)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		x.mechanism, x.armor = c.mechanism, c.armor
		r := refuse(&token.KRBError{Code: codeWrongRealm, Client: &token.Principal{Realm: "S"}}, time.Now(), "R", x.request.server, client)
		if got := referredTo(x.next(r, nil)); got != c.realm {
			t.Errorf("after %T, FAST %t: referred to %q", c.mechanism, c.armor != nil, got)
		}
		x.wipe()
	}
}

// Replies that nobody has authenticated do not keep us busy, however many there are.
func TestExchangeBoundsIterations(t *testing.T) {
	x := &asExchange{secret: secret{password: []byte(loginPassword)}, iterations: maxAllIterations - minIterations}
	r := recipe{etype: crypto.AES256SHA1, salt: "Ralice", iterations: minIterations}
	if _, err := x.makeKey(r, mustPrincipal(t, "alice@R")); err != nil {
		t.Error(err)
	}
	if _, err := x.makeKey(r, mustPrincipal(t, "alice@R")); err == nil || status.Of(err).Minor != status.KRB5_ERR_BAD_S2K_PARAMS {
		t.Errorf("more than enough: %v", err)
	}
	// An exchange does not forget what it has done, and counts what its replies ask for.
	l := login{kdc: &loginKDC{salt: "Ralice"}}
	env, cfg, client := l.begin(t)
	x, err := (&requester{env: env, cfg: cfg, etypes: cfg.TktEnctypes()}).newASExchange(client, &secret{password: []byte(loginPassword)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x.iterations = maxAllIterations
	x.restart()
	if _, err := x.clientKey(); err == nil {
		t.Error("a key for a proof")
	}
	if _, err := x.longTermKey(&token.KDCRep{Client: client, Enc: token.EncryptedData{EType: 18}}, nil, false); err == nil {
		t.Error("a key of a reply")
	}
}

func TestPasswordLogin(t *testing.T) {
	all := []crypto.EType{crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2}
	timestamp, spake, challenge := []int32{token.PAEncTimestamp}, []int32{token.PASPAKE, token.PAEncTimestamp},
		[]int32{token.PAEncryptedChallenge, token.PAEncTimestamp}
	enterprise := token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"}
	bob := token.Principal{Type: 1, Components: []string{"bob"}, Realm: "R"}
	aliases := map[string]token.Principal{`alice\@corp`: {Type: 1, Components: []string{"alice"}, Realm: "R"}, "alice": bob}
	salted := func(e ...crypto.EType) []types.PAData { return []types.PAData{info2("pepper", iterations(5000), e...)} }
	for _, c := range []struct {
		what  string
		login login
		minor status.Minor
		seen  string // what the KDC has seen
		as    string // the credential's client; "": alice@R
	}{
		{what: "no preauthentication, default salt", login: login{kdc: &loginKDC{salt: "Ralice"}}},
		{what: "no preauthentication, a salt in the reply", login: login{kdc: &loginKDC{salt: "pepper", tamper: func(r *loginReply) {
			r.padata = []types.PAData{info2("pepper", nil, crypto.AES256SHA1)}
		}}}},
		{what: "no preauthentication, a wrong password", login: login{kdc: &loginKDC{salt: "Ralice"}, password: "wrong"},
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "encrypted timestamp", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...), offer: timestamp}},
			seen: "timestamp"},
		{what: "the KDC's first enctype", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(crypto.RC4, crypto.AES128SHA2, crypto.AES256SHA1), offer: timestamp}}, seen: "timestamp"},
		{what: "an empty password is one, and wrong", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: timestamp}, password: " "}, seen: "timestamp", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "a wrong password is tried once", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: spake}, password: "wrong"}, seen: "SPAKE response", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "a salt of an old KDC", login: login{kdc: &loginKDC{salt: "old", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAPWSalt, PADataValue: []byte("old")}}}}, seen: "timestamp"},
		{what: "an ETYPE-INFO", login: login{kdc: &loginKDC{salt: "info", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAETypeInfo, PADataValue: marshal([]types.ETypeInfoEntry{{EType: 18, Salt: []byte("info")}})},
				{PADataType: token.PAPWSalt, PADataValue: []byte("wrong")}}}}, seen: "timestamp"},
		{what: "a malformed ETYPE-INFO2 before a salt", login: login{kdc: &loginKDC{salt: "old", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAETypeInfo2, PADataValue: []byte{0x30, 0x84}},
				{PADataType: token.PAPWSalt, PADataValue: []byte("old")}}}}, seen: "timestamp"},
		{what: "no enctype in common", login: login{kdc: &loginKDC{info: salted(crypto.RC4, crypto.DES3, 99), offer: timestamp}},
			minor: status.KRB5KDC_ERR_ETYPE_NOSUPP},
		{what: "too few iterations", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(4095), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "too many iterations", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(1<<24+1), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "no iterations, which are 2^32", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(0), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "malformed s2kparams", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", []byte{1, 2, 3}, all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "few iterations in the reply", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) {
			r.padata = []types.PAData{info2("Ralice", iterations(1), crypto.AES256SHA1)}
		}}}, minor: status.KRB5_ERR_BAD_S2K_PARAMS},

		{what: "SPAKE", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...), offer: spake}}, seen: "SPAKE response"},
		{what: "SPAKE is not allowed", login: login{config: "spake_preauth_groups = none", kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake}}, seen: "timestamp"},
		{what: "timestamps are not allowed", login: login{config: "disable_encrypted_timestamp = true", kdc: &loginKDC{offer: timestamp}},
			minor: status.KRB5_PREAUTH_FAILED},
		{what: "SPAKE fails before anything is proven", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: spake, noGroup: true}}, seen: "SPAKE timestamp"},
		{what: "timestamps are preferred", login: login{config: "preferred_preauth_types = 2", kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake}}, seen: "timestamp"},
		{what: "SPAKE, and a reply with the client's key", login: login{kdc: &loginKDC{salt: "Ralice", offer: spake,
			tamper: func(r *loginReply) { r.key, _ = crypto.StringToKey(18, []byte(loginPassword), "Ralice", 0) }}},
			seen: "SPAKE response", minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a mechanism of which we have none", login: login{kdc: &loginKDC{offer: []int32{16, 17}}}, minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{what: "an encrypted challenge without armor", login: login{kdc: &loginKDC{offer: []int32{token.PAEncryptedChallenge}}},
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},

		{what: "the password has expired", login: login{kdc: &loginKDC{refuse: 23}}, minor: status.KRB5KDC_ERR_KEY_EXP},
		{what: "the account is locked", login: login{kdc: &loginKDC{refuse: 18}}, minor: status.KRB5KDC_ERR_CLIENT_REVOKED},
		{what: "the account is unknown", login: login{kdc: &loginKDC{refuse: 6}}, minor: status.KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN},
		{what: "more preauthentication from the start", login: login{kdc: &loginKDC{refuse: codeMorePreauthData}},
			minor: status.OfKRBError(codeMorePreauthData)},
		{what: "preauthentication that is always too old", login: login{kdc: &loginKDC{refuse: codePreauthExpired}},
			minor: status.KRB5_GET_IN_TKT_LOOP},

		{what: "the request was changed on the way", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.sum[0]++ }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "the request's checksum is missing", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.sum = nil }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an old KDC confirms nothing", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.encPARep = false }}}},
		{what: "a ticket for too long", login: login{kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.part.EndTime = r.part.EndTime.Add(48 * time.Hour) }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "renewable for too long", login: login{kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.part.RenewTill = r.part.EndTime.Add(48 * time.Hour) }}}, minor: status.KRB5_KDCREP_MODIFIED},

		{what: "another client, not asked for", login: login{kdc: &loginKDC{salt: "Rbob", names: aliases}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "another client, asked for", login: login{config: "canonicalize = true", kdc: &loginKDC{salt: "Rbob", names: aliases}}, as: "bob@R"},
		{what: "an enterprise name", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases}}, as: "alice@R"},
		{what: "an enterprise name, with preauthentication", login: login{client: enterprise, kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake, names: aliases}}, as: "alice@R", seen: "SPAKE response"},
		{what: "an enterprise name, of another realm's TGT", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases,
			tamper: func(r *loginReply) { r.of("krbtgt/S", "S") }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an enterprise name, with a ticket for a service", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases,
			tamper: func(r *loginReply) { r.of("host/h", "R") }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an enterprise name, without components", login: login{client: enterprise, kdc: &loginKDC{salt: "R",
			tamper: func(r *loginReply) { r.rep.Client.Components = nil }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "the realm's other name", login: login{config: "canonicalize = true", kdc: &loginKDC{salt: "CORP.EXAMPLEalice",
			names: map[string]token.Principal{"alice": {Type: 1, Components: []string{"alice"}, Realm: "CORP.EXAMPLE"}}}}, as: "alice@CORP.EXAMPLE"},
		{what: "a realm that refers to itself", login: login{client: enterprise, kdc: &loginKDC{elsewhere: "R"}}, minor: status.KRB5KDC_ERR_WRONG_REALM},
		{what: "a referral that nobody asked for", login: login{kdc: &loginKDC{elsewhere: "S"}}, minor: status.KRB5KDC_ERR_WRONG_REALM},
		{what: "a referral to a realm without KDC", login: login{client: enterprise, kdc: &loginKDC{elsewhere: "S"}}, minor: status.KRB5_REALM_UNKNOWN},

		{what: "FAST without preauthentication", login: login{armored: true, kdc: &loginKDC{salt: "Ralice"}}},
		{what: "FAST with an encrypted challenge", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge}}, seen: "challenge"},
		{what: "FAST with SPAKE", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: spake}}, seen: "SPAKE response"},
		{what: "FAST with a wrong password", login: login{armored: true, password: "wrong", kdc: &loginKDC{salt: "Ralice", offer: challenge}},
			seen: "challenge", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "FAST: no timestamp that anybody could try passwords on", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: timestamp}},
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{what: "FAST: the KDC's challenge is missing", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge,
			tamper: func(r *loginReply) { r.padata = nil }}}, seen: "challenge", minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: the KDC's challenge is another's", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge,
			tamper: func(r *loginReply) { r.padata[0].PADataValue[len(r.padata[0].PADataValue)-1]++ }}}, seen: "challenge",
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: a reply without it", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.noFast = true }}}, minor: status.KRB5_ERR_FAST_REQUIRED},
		{what: "FAST: not finished", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.noFinished = true }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another ticket", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.ticketSum[3]++ }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another client", login: login{armored: true, config: "canonicalize = true", kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.finished = bob }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another request's response", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.nonce++ }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: the key is not strengthened", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.key, _ = crypto.StringToKey(18, []byte(loginPassword), "Ralice", 0) }}},
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "FAST: the password has expired", login: login{armored: true, kdc: &loginKDC{refuse: 23}}, minor: status.KRB5KDC_ERR_KEY_EXP},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			cred, err := c.login.do(t)
			if e := status.Of(err); c.minor == 0 && err != nil || c.minor != 0 && (e == nil || e.Minor != c.minor) {
				t.Errorf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), loginPassword) {
				t.Errorf("the password is in the text: %v", err)
			}
			as := c.as
			if as == "" {
				as = "alice@R"
			}
			if err == nil {
				if cred.Client.String() != as || cred.Server.String() != "krbtgt/"+cred.Client.Realm+"@"+cred.Client.Realm {
					t.Errorf("%s for %s", cred.Server, cred.Client)
				}
				if cred.Client.Type != token.NTPrincipal {
					t.Errorf("%s is of the name type %d", cred.Client, cred.Client.Type)
				}
			}
			k := c.login.kdc
			k.mu.Lock()
			defer k.mu.Unlock()
			if got := strings.Join(k.seen, " "); got != c.seen {
				t.Errorf("the KDC has seen %q, not %q", got, c.seen)
			}
			if last := map[string]string{"timestamp": "first", "challenge": "first", "SPAKE timestamp": "first", "SPAKE response": "second"}[c.seen]; string(k.cookie) != last {
				t.Errorf("the last cookie was %q, not %q", k.cookie, last)
			}
		})
	}
}

// fuzzExchange is an exchange in the middle, and a KDC's true reply to it.
func fuzzExchange(f *testing.F, armored bool) (x *asExchange, reply []byte) {
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

// FuzzASReply takes an AS-REP, of which nothing is known.
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

// FuzzFastResponse takes what is encrypted in a reply: a KDC that has the armor's key may be hostile, too.
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
		methods, err := x.unarmored(&r)
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
