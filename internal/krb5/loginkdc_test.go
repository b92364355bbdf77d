// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"filippo.io/edwards25519"
	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// loginKDC is an authentication service of realm R that knows alice's password. It supports all mechanisms, and makes
// mistakes when told to. Its messages are not encoded by our code.
type loginKDC struct {
	salt       string
	iterations uint32
	info       []types.PAData // of the client's keys, in errors
	offer      []int32        // mechanisms; none: no preauthentication
	names      map[string]token.Principal
	refuse     int32 // the code of every error
	elsewhere  string
	noGroup    bool  // SPAKE ends with the client's support
	atOnce     bool  // SPAKE begins with a challenge
	failed     int32 // the code after each response of SPAKE
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

// loginReply is an AS-REP being built.
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

// of makes it a ticket for another service, as far as a client can see.
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

// key returns alice's key.
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

// loginRequest is a request, in FAST or in the open.
type loginRequest struct {
	raw    []byte
	body   []byte
	req    messages.ASReq
	padata types.PADataSequence
	armor  *crypto.Key
}

// proofs returns what it has seen since it was asked for that.
func (a *loginKDC) proofs() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := a.seen
	a.seen = nil
	return seen
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
				hint := types.PAData{PADataType: kind, PADataValue: []byte{}}
				if kind == token.PASPAKE && a.atOnce {
					_, hint.PADataValue, _ = a.spakeStep(nil, etype, r.body)
				}
				hints = append(hints, hint)
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

// fail returns a KRB-ERROR with METHOD-DATA.
func (a *loginKDC) fail(r *loginRequest, code int32, methods ...types.PAData) []byte {
	if r.armor == nil {
		return a.plainError(code, marshal(types.PADataSequence(methods)))
	}
	methods = append(methods, types.PAData{PADataType: token.PAFXError, PADataValue: a.plainError(code, nil)})
	fast := fastResponseMessage{PAData: methods, Nonce: r.req.ReqBody.Nonce}
	sealed := a.fastReply(r, fast)
	// The outer error says something else.
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

// spakeStep is the KDC's side of RFC 9588, an independent implementation of PRF+, the transcript hash and K'[n].
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
	if a.failed != 0 {
		return nil, nil, a.failed
	}
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
