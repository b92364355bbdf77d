// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

const (
	maxSkew     = 5 * time.Minute
	defaultLife = 10 * time.Hour
	defaultNext = 7 * 24 * time.Hour // renewable life
)

func marshalAuthData(a types.AuthorizationData) ([]byte, error) { return asn1.Marshal(a) }

// Answer is the KDC without its sockets: one request in, one reply out. now is the KDC's time.
func (c *Config) Answer(req []byte, now time.Time) []byte {
	rep, realm, sname, err := c.exchange(req, now)
	if err == nil {
		return rep
	}
	f := new(failure)
	if !errors.As(err, &f) {
		f = &failure{code: errorcode.KRB_ERR_GENERIC, text: err.Error()}
	}
	return krbError(f, realm, sname, now)
}

func krbError(f *failure, realm string, sname types.PrincipalName, now time.Time) []byte {
	if len(sname.NameString) == 0 {
		sname = principalName("krbtgt/" + realm)
	}
	e := messages.NewKRBError(sname, realm, f.code, f.text)
	e.STime, e.Susec, e.EData = seconds(now), now.Nanosecond()/1000, f.data
	b, err := e.Marshal()
	if err != nil {
		return nil
	}
	return b
}

func (c *Config) exchange(b []byte, now time.Time) (rep []byte, realm string, sname types.PrincipalName, err error) {
	if len(b) == 0 {
		return nil, "", sname, errors.New("empty request")
	}
	appTag := int(b[0] & 0x1f)
	if appTag != asnAppTag.ASREQ && appTag != asnAppTag.TGSREQ {
		return nil, "", sname, refuse(errorcode.KRB_AP_ERR_MSG_TYPE, "neither AS-REQ nor TGS-REQ")
	}
	q, err := parseRequest(b, appTag)
	if err != nil {
		return nil, "", sname, err
	}
	realm, sname = q.body.Realm, q.body.SName
	r := c.Realm(realm)
	if r == nil {
		return nil, realm, sname, refuse(errorcode.KDC_ERR_WRONG_REALM, "realm %s is not served here", realm)
	}
	if appTag == asnAppTag.ASREQ {
		rep, err = r.as(q, now)
	} else {
		rep, err = c.tgs(r, q, now)
	}
	return rep, realm, sname, err
}

// as answers an AS-REQ (RFC 4120, Section 3.1).
func (r *Realm) as(q *request, now time.Time) ([]byte, error) {
	client := r.Principal(q.body.CName.PrincipalNameString())
	if client == nil || strings.Contains(client.Name, "@") {
		return nil, refuse(errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN, "CLIENT_NOT_FOUND")
	}
	server := r.Principal(q.body.SName.PrincipalNameString())
	if server == nil {
		return nil, refuse(errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN, "SERVER_NOT_FOUND")
	}
	for _, p := range []*Principal{client, server} {
		if p.Refuse != 0 {
			return nil, refuse(p.Refuse, "%s is refused", p.Name)
		}
	}
	e := firstCommon(q.body.EType, client.Enctypes)
	if e == 0 {
		return nil, refuse(errorcode.KDC_ERR_ETYPE_NOSUPP, "BAD_ENCRYPTION_TYPE")
	}
	key, err := client.Key(r.Name, e)
	if err != nil {
		return nil, err
	}
	info, err := client.etypeInfo2(r.Name, q.body.EType)
	if err != nil {
		return nil, err
	}
	flag := []int{flags.Initial}
	if ts, ok := q.pa(patype.PA_ENC_TIMESTAMP); ok {
		if err := client.checkTimestamp(r.Name, ts, now); err != nil {
			return nil, err
		}
		flag = append(flag, flags.PreAuthent)
	} else if !client.NoPreauth {
		data, err := asn1.Marshal(types.PADataSequence{
			info, {PADataType: patype.PA_ENC_TIMESTAMP, PADataValue: []byte{}},
		})
		if err != nil {
			return nil, err
		}
		return nil, &failure{errorcode.KDC_ERR_PREAUTH_REQUIRED, "NEEDED_PREAUTH", data}
	}
	if client.RefuseClient != 0 {
		return nil, refuse(client.RefuseClient, "%s is refused", client.Name)
	}
	part := messages.EncTicketPart{
		Flags: newFlags(flag...), CRealm: r.Name, CName: q.body.CName, AuthTime: seconds(now),
		Transited: messages.TransitedEncoding{TRType: 1}, CAddr: q.body.Addresses,
	}
	if err := r.times(q, &part, server, now, time.Time{}); err != nil {
		return nil, err
	}
	if q.option(flags.Forwardable) && !client.NotForwardable && !server.NotForwardable {
		types.SetFlag(&part.Flags, flags.Forwardable)
	}
	if q.option(flags.Proxiable) {
		types.SetFlag(&part.Flags, flags.Proxiable)
	}
	return r.issue(q, issue{
		msgType: msgtype.KRB_AS_REP, encTag: asnAppTag.EncASRepPart, part: part, server: server, sname: q.body.SName,
		replyKey: key, usage: keyusage.AS_REP_ENCPART, kvno: client.KVNO, pa: types.PADataSequence{info}, now: now,
	})
}

func firstCommon(want, have []int32) int32 {
	for _, e := range want {
		if slices.Contains(have, e) {
			return e
		}
	}
	return 0
}

// etypeInfo2 lists the client's enctypes that the request knows, with their salt.
func (p *Principal) etypeInfo2(realm string, want []int32) (types.PAData, error) {
	var list types.ETypeInfo2
	for _, e := range want {
		if slices.Contains(p.Enctypes, e) {
			list = append(list, types.ETypeInfo2Entry{EType: e, Salt: p.salt(realm)})
		}
	}
	b, err := asn1.Marshal(list)
	return types.PAData{PADataType: patype.PA_ETYPE_INFO2, PADataValue: b}, err
}

func (p *Principal) checkTimestamp(realm string, ts []byte, now time.Time) error {
	var ed types.EncryptedData
	if err := ed.Unmarshal(ts); err != nil {
		return err
	}
	key, err := p.Key(realm, ed.EType)
	if err != nil {
		return refuse(errorcode.KDC_ERR_ETYPE_NOSUPP, "no key for the timestamp's enctype %d", ed.EType)
	}
	b, err := open(ed, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP)
	if err != nil {
		return refuse(errorcode.KDC_ERR_PREAUTH_FAILED, "PREAUTH_FAILED")
	}
	var t types.PAEncTSEnc
	if err := t.Unmarshal(b); err != nil {
		return err
	}
	if d := now.Sub(t.PATimestamp); d > maxSkew || d < -maxSkew {
		return refuse(errorcode.KRB_AP_ERR_SKEW, "the timestamp is %v off", d.Round(time.Second))
	}
	return nil
}

// times sets the ticket's times: as asked for, not beyond the TGT (zero: none) or the server's longest life.
func (r *Realm) times(q *request, part *messages.EncTicketPart, server *Principal, now, limit time.Time) error {
	life := time.Duration(server.MaxLife)
	if life == 0 {
		life = defaultLife
	}
	part.StartTime = seconds(now)
	if !q.body.From.IsZero() && q.option(6) && q.body.From.After(now) {
		part.StartTime = seconds(q.body.From)
		types.SetFlags(&part.Flags, []int{flags.PostDated, flags.Invalid})
	}
	part.EndTime = seconds(part.StartTime.Add(life))
	if till := q.body.Till; till.Unix() > 0 && till.Before(part.EndTime) {
		part.EndTime = seconds(till)
	}
	if !limit.IsZero() && limit.Before(part.EndTime) {
		part.EndTime = seconds(limit)
	}
	if !part.EndTime.After(part.StartTime) {
		return refuse(errorcode.KDC_ERR_NEVER_VALID, "NEVER_VALID")
	}
	rtime := q.body.RTime
	if !q.option(flags.Renewable) && q.option(flags.RenewableOK) && q.body.Till.After(part.EndTime) {
		rtime = q.body.Till
	} else if !q.option(flags.Renewable) {
		return nil
	}
	types.SetFlag(&part.Flags, flags.Renewable)
	part.RenewTill = seconds(now.Add(defaultNext))
	if !rtime.IsZero() && rtime.Before(part.RenewTill) {
		part.RenewTill = seconds(rtime)
	}
	return nil
}

type issue struct {
	msgType, encTag int
	part            messages.EncTicketPart
	server          *Principal
	sname           types.PrincipalName
	ticketKey       *types.EncryptionKey // nil: the server's first
	replyKey        types.EncryptionKey
	usage           uint32
	kvno            int
	pa, encPA       types.PADataSequence
	now             time.Time
}

// issue makes the ticket and the reply around it.
func (r *Realm) issue(q *request, i issue) ([]byte, error) {
	session := i.server.SessionEnctypes
	if session == nil {
		session = i.server.Enctypes
	}
	e := firstCommon(q.body.EType, session)
	if e == 0 {
		return nil, refuse(errorcode.KDC_ERR_ETYPE_NOSUPP, "no enctype of the request suits the server")
	}
	i.part.Key = NewKey(e)
	if i.server.OKAsDelegate {
		types.SetFlag(&i.part.Flags, flags.OKAsDelegate)
	}
	var key types.EncryptionKey
	var err error
	if i.ticketKey != nil {
		key = *i.ticketKey
	} else if key, err = i.server.Key(r.Name, i.server.Enctypes[0]); err != nil {
		return nil, err
	}
	nonce := q.body.Nonce
	if i.server.ReplyNonce {
		nonce ^= 1
	}
	enc := messages.EncKDCRepPart{
		Key: i.part.Key, LastReqs: []messages.LastReq{{LRType: 0, LRValue: seconds(i.now)}}, Nonce: nonce,
		Flags: i.part.Flags, AuthTime: i.part.AuthTime, StartTime: i.part.StartTime, EndTime: i.part.EndTime,
		RenewTill: i.part.RenewTill, SRealm: r.Name, SName: i.sname, CAddr: i.part.CAddr,
		EncPAData: i.encPA,
	}
	rep := reply{msgType: i.msgType, pa: i.pa, crealm: i.part.CRealm, cname: i.part.CName}
	if i.server.ReplySName != "" {
		enc.SName = principalName(i.server.ReplySName)
	}
	// Only now the ticket may differ from what its reply says.
	i.part.Flags.Bytes = slices.Clone(i.part.Flags.Bytes)
	if err := i.server.bend(&i.part, i.now, key); err != nil {
		return nil, err
	}
	kvno := i.server.KVNO
	if i.server.TicketKVNO != 0 {
		kvno = i.server.TicketKVNO
	}
	if i.server.WrongKey {
		key = NewKey(key.KeyType)
	}
	if rep.ticket, err = sealTicket(i.part, r.Name, i.sname, key, kvno, i.server.TicketDamage); err != nil {
		return nil, err
	}
	b, err := marshalApp(enc, i.encTag)
	if err != nil {
		return nil, err
	}
	if rep.encPart, err = seal(b, i.replyKey, i.usage, i.kvno); err != nil {
		return nil, err
	}
	return rep.marshal()
}

// decryptTGT opens the ticket of a TGS-REQ, or an additional one.
func (c *Config) decryptTGT(r *Realm, t *messages.Ticket) (messages.EncTicketPart, error) {
	var part messages.EncTicketPart
	if n := t.SName.NameString; len(n) != 2 || n[0] != "krbtgt" || n[1] != r.Name {
		return part, refuse(errorcode.KRB_AP_ERR_NOT_US, "the ticket is not for the TGS of %s", r.Name)
	}
	p := r.tgsPrincipal(t.Realm)
	if p == nil {
		return part, refuse(errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN, "no trust from %s to %s", t.Realm, r.Name)
	}
	key, err := p.Key(r.Name, t.EncPart.EType)
	if err != nil || t.EncPart.KVNO != 0 && t.EncPart.KVNO != p.KVNO {
		return part, refuse(errorcode.KRB_AP_ERR_BADKEYVER, "no key of kvno %d, enctype %d", t.EncPart.KVNO, t.EncPart.EType)
	}
	b, err := open(t.EncPart, key, keyusage.KDC_REP_TICKET)
	if err != nil {
		return part, refuse(errorcode.KRB_AP_ERR_BAD_INTEGRITY, "the ticket does not decrypt")
	}
	return part, part.Unmarshal(b)
}

func (c *Config) tgsAuth(r *Realm, q *request, now time.Time) (*messages.APReq, *messages.EncTicketPart, error) {
	pa, ok := q.pa(patype.PA_TGS_REQ)
	if !ok {
		return nil, nil, refuse(errorcode.KDC_ERR_PADATA_TYPE_NOSUPP, "no PA-TGS-REQ")
	}
	ap := new(messages.APReq)
	if err := ap.Unmarshal(pa); err != nil {
		return nil, nil, err
	}
	tgt, err := c.decryptTGT(r, &ap.Ticket)
	if err != nil {
		return nil, nil, err
	}
	b, err := open(ap.EncryptedAuthenticator, tgt.Key, keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR)
	if err != nil {
		return nil, nil, refuse(errorcode.KRB_AP_ERR_BAD_INTEGRITY, "the authenticator does not decrypt")
	}
	a := &ap.Authenticator
	if err := a.Unmarshal(b); err != nil {
		return nil, nil, err
	}
	d := now.Sub(a.CTime)
	switch {
	case !a.CName.Equal(tgt.CName) || a.CRealm != tgt.CRealm:
		return nil, nil, refuse(errorcode.KRB_AP_ERR_BADMATCH, "the authenticator is not of the ticket's client")
	case d > maxSkew || d < -maxSkew:
		return nil, nil, refuse(errorcode.KRB_AP_ERR_SKEW, "the authenticator is %v off", d.Round(time.Second))
	case tgt.EndTime.Before(now):
		return nil, nil, refuse(errorcode.KRB_AP_ERR_TKT_EXPIRED, "the ticket-granting ticket has expired")
	case tgt.StartTime.After(now.Add(maxSkew)):
		return nil, nil, refuse(errorcode.KRB_AP_ERR_TKT_NYV, "the ticket-granting ticket is not yet valid")
	case types.IsFlagSet(&tgt.Flags, flags.Invalid) && !q.option(flags.Validate):
		return nil, nil, refuse(errorcode.KRB_AP_ERR_TKT_NYV, "the ticket-granting ticket is invalid")
	case !checksumOK(tgt.Key, q.raw, a.Cksum, keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR_CHKSUM):
		return nil, nil, refuse(errorcode.KRB_AP_ERR_MODIFIED, "the checksum of the request is wrong")
	}
	return ap, &tgt, nil
}

// server finds whom a ticket is to be for: the service asked for, or the TGS of the next realm towards it.
func (r *Realm) server(q *request) (*Principal, types.PrincipalName, error) {
	sname := q.body.SName
	if sname.NameType == enterprise {
		return r.enterpriseServer(sname)
	}
	if p := r.Principal(sname.PrincipalNameString()); p != nil {
		return p, sname, nil
	}
	to := ""
	n := sname.NameString
	switch {
	case len(n) == 2 && n[0] == "krbtgt":
		to = n[1]
	case len(n) >= 2 && q.option(flags.Canonicalize) && sname.NameType != nametype.KRB_NT_PRINCIPAL:
		to = r.realmOfHost(n[1])
	}
	for range 10 {
		if to == "" {
			break
		}
		if p := r.Principal("krbtgt/" + to); p != nil && to != r.Name {
			return p, principalName(p.Name), nil
		}
		to = r.Via[to]
	}
	return nil, sname, refuse(errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN, "LOOKING_UP_SERVER")
}

// tgs answers a TGS-REQ (RFC 4120, Section 3.3).
func (c *Config) tgs(r *Realm, q *request, now time.Time) ([]byte, error) {
	ap, tgt, err := c.tgsAuth(r, q, now)
	if err != nil {
		return nil, err
	}
	server, sname, err := r.server(q)
	if err != nil {
		return nil, err
	}
	if server.Refuse != 0 {
		return nil, refuse(server.Refuse, "%s is refused", server.Name)
	}
	part := messages.EncTicketPart{
		CRealm: tgt.CRealm, CName: tgt.CName, AuthTime: tgt.AuthTime, CAddr: tgt.CAddr,
		Flags:     flagsOf(flagWord(tgt.Flags) & flagWord(newFlags(flags.PreAuthent, flags.HWAuthent, flags.Forwarded))),
		Transited: tgt.Transited, AuthorizationData: tgt.AuthorizationData,
	}
	// RFC 4120, Section 3.3.3.2: the realm that issued a cross-realm TGT is transited, unless it is the client's.
	if issuer := ap.Ticket.Realm; issuer != r.Name && issuer != tgt.CRealm {
		if list := string(part.Transited.Contents); list != "" {
			part.Transited.Contents = []byte(list + "," + issuer)
		} else {
			part.Transited.Contents = []byte(issuer)
		}
	}
	if !server.TransitedSkip && !q.option(flags.DisableTransitedCheck) {
		types.SetFlag(&part.Flags, flags.TransitedPolicyChecked)
	}
	forwardable := types.IsFlagSet(&tgt.Flags, flags.Forwardable)
	if q.option(flags.Forwarded) {
		if !forwardable {
			return nil, refuse(errorcode.KDC_ERR_BADOPTION, "TGT NOT FORWARDABLE")
		}
		types.SetFlag(&part.Flags, flags.Forwarded)
		part.CAddr = q.body.Addresses
	}
	if q.option(flags.Forwardable) && forwardable && !server.NotForwardable {
		types.SetFlag(&part.Flags, flags.Forwardable)
	}
	acts, err := r.acts(q, ap, tgt, server)
	if err != nil {
		return nil, err
	}
	if acts != nil {
		part.CName, part.CRealm = acts.name, acts.realm
		if !acts.forwardable {
			types.UnsetFlag(&part.Flags, flags.Forwardable)
		}
	}
	limit := tgt.EndTime
	if q.option(flags.Renew) {
		if !types.IsFlagSet(&tgt.Flags, flags.Renewable) || tgt.RenewTill.Before(now) {
			return nil, refuse(errorcode.KDC_ERR_BADOPTION, "TGT NOT RENEWABLE")
		}
		limit = tgt.RenewTill
	}
	if err := r.times(q, &part, server, now, limit); err != nil {
		return nil, err
	}
	if !types.IsFlagSet(&tgt.Flags, flags.Renewable) {
		types.UnsetFlag(&part.Flags, flags.Renewable)
		part.RenewTill = time.Time{}
	} else if tgt.RenewTill.Before(part.RenewTill) {
		part.RenewTill = tgt.RenewTill
	}
	i := issue{
		msgType: msgtype.KRB_TGS_REP, encTag: asnAppTag.EncTGSRepPart, part: part, server: server, sname: sname,
		replyKey: tgt.Key, usage: keyusage.TGS_REP_ENCPART_SESSION_KEY, now: now,
	}
	if acts != nil {
		i.pa, i.encPA = acts.pa, acts.encPA
	}
	if sub := ap.Authenticator.SubKey; len(sub.KeyValue) > 0 {
		i.replyKey, i.usage = sub, keyusage.TGS_REP_ENCPART_AUTHENTICATOR_SUB_KEY
	}
	if q.option(flags.EncTktInSkey) {
		if len(q.body.AdditionalTickets) == 0 {
			return nil, refuse(errorcode.KDC_ERR_BADOPTION, "no additional ticket")
		}
		second, err := c.decryptTGT(r, &q.body.AdditionalTickets[0])
		if err != nil {
			return nil, err
		}
		i.ticketKey = &second.Key
	}
	return r.issue(q, i)
}

// tcpFrame puts the length before a message (RFC 4120, Section 7.2.2).
func tcpFrame(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}
