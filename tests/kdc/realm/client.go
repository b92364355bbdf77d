// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Login is an AS exchange to be made: what kinit does.
type Login struct {
	Client      string // alice@DEMO.TEST
	Server      string // "": krbtgt/REALM@REALM
	Password    string
	Keytab      *keytab.Keytab // instead of Password
	KDCs        []string       // host:port, tried in order
	Enctypes    []int32        // nil: AllEnctypes
	Lifetime    time.Duration  // 0: 10h
	Forwardable bool
	Renewable   time.Duration
	TCP         bool // no UDP
}

// Do gets the ticket. offset is the KDC's clock minus ours.
func (l *Login) Do() (cred *Credential, offset time.Duration, err error) {
	cname, realm := splitPrincipal(l.Client)
	if realm == "" || cname.NameString[0] == "" {
		return nil, 0, fmt.Errorf("%q is not of the form name@REALM", l.Client)
	}
	sname := principalName("krbtgt/" + realm)
	if l.Server != "" {
		sname, _ = splitPrincipal(l.Server)
	}
	enctypes := l.Enctypes
	if enctypes == nil {
		enctypes = AllEnctypes
	}
	now := time.Now()
	q := messages.ASReq{KDCReqFields: messages.KDCReqFields{PVNO: 5, MsgType: msgtype.KRB_AS_REQ}}
	q.ReqBody = messages.KDCReqBody{
		KDCOptions: newFlags(), CName: cname, Realm: realm, SName: sname, EType: enctypes,
		Nonce: int(binary.BigEndian.Uint32(randomBytes(4)) >> 1),
	}
	if l.Forwardable {
		types.SetFlag(&q.ReqBody.KDCOptions, flags.Forwardable)
	}
	var info types.PADataSequence
	for try := 0; ; try++ {
		life := l.Lifetime
		if life == 0 {
			life = 10 * time.Hour
		}
		q.ReqBody.Till = seconds(now.Add(offset + life))
		if l.Renewable > 0 {
			types.SetFlag(&q.ReqBody.KDCOptions, flags.Renewable)
			q.ReqBody.RTime = seconds(now.Add(offset + l.Renewable))
		}
		b, err := q.Marshal()
		if err != nil {
			return nil, 0, err
		}
		rep, err := l.send(b)
		if err != nil {
			return nil, 0, err
		}
		var e messages.KRBError
		if len(rep) > 0 && rep[0]&0x1f == asnAppTag.KRBError {
			if err := e.Unmarshal(rep); err != nil {
				return nil, 0, err
			}
			if e.ErrorCode != errorcode.KDC_ERR_PREAUTH_REQUIRED || try > 0 {
				return nil, 0, e
			}
			offset = e.STime.Sub(now).Round(time.Second)
			if offset.Abs() < 5*time.Second {
				offset = 0
			}
			if err := info.Unmarshal(e.EData); err != nil {
				return nil, 0, err
			}
			key, err := l.key(cname, realm, info, enctypes, 0)
			if err != nil {
				return nil, 0, err
			}
			pa, err := encTimestamp(key, now.Add(offset))
			if err != nil {
				return nil, 0, err
			}
			q.PAData = types.PADataSequence{pa}
			continue
		}
		cred, err := l.open(rep, &q, info)
		return cred, offset, err
	}
}

func encTimestamp(key types.EncryptionKey, now time.Time) (types.PAData, error) {
	b, err := asn1.Marshal(types.PAEncTSEnc{PATimestamp: seconds(now), PAUSec: now.Nanosecond() / 1000})
	if err != nil {
		return types.PAData{}, err
	}
	ed, err := seal(b, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP, 0)
	if err != nil {
		return types.PAData{}, err
	}
	b, err = ed.Marshal()
	return types.PAData{PADataType: patype.PA_ENC_TIMESTAMP, PADataValue: b}, err
}

// key finds the client's key: of the enctype e, or if that is 0, of the first in the KDC's ETYPE-INFO2 that we have.
func (l *Login) key(cname types.PrincipalName, realm string, pa types.PADataSequence, offered []int32, e int32) (
	types.EncryptionKey, error) {
	list := types.ETypeInfo2{}
	for _, p := range pa {
		if p.PADataType == patype.PA_ETYPE_INFO2 {
			if err := list.Unmarshal(p.PADataValue); err != nil {
				return types.EncryptionKey{}, err
			}
		}
	}
	if len(list) == 0 {
		for _, o := range offered {
			list = append(list, types.ETypeInfo2Entry{EType: o, Salt: cname.GetSalt(realm)})
		}
	}
	for _, i := range list {
		if e != 0 && i.EType != e || !slices.Contains(offered, i.EType) || keySize(i.EType) == 0 {
			continue
		}
		if l.Keytab != nil {
			if k, _, err := l.Keytab.GetEncryptionKey(cname, realm, 0, i.EType); err == nil {
				return k, nil
			}
			continue
		}
		et, err := crypto.GetEtype(i.EType)
		if err != nil {
			return types.EncryptionKey{}, err
		}
		params := et.GetDefaultStringToKeyParams()
		if len(i.S2KParams) == 4 {
			if n := binary.BigEndian.Uint32(i.S2KParams); n == 0 || n > 1<<20 {
				return types.EncryptionKey{}, errors.New("the KDC asks for an absurd number of iterations")
			}
			params = hex.EncodeToString(i.S2KParams)
		}
		b, err := et.StringToKey(l.Password, i.Salt, params)
		return types.EncryptionKey{KeyType: i.EType, KeyValue: b}, err
	}
	return types.EncryptionKey{}, errors.New("the KDC offers no enctype that there is a key for")
}

func (l *Login) open(rep []byte, q *messages.ASReq, info types.PADataSequence) (*Credential, error) {
	var m kdcRep
	outer := fmt.Sprintf("application,explicit,tag:%d", asnAppTag.ASREP)
	if _, err := asn1.UnmarshalWithParams(rep, &m, outer); err != nil {
		return nil, fmt.Errorf("the KDC's reply is not an AS-REP: %w", err)
	}
	if slices.ContainsFunc(m.PAData, func(p types.PAData) bool { return p.PADataType == patype.PA_ETYPE_INFO2 }) {
		info = m.PAData
	}
	realm := q.ReqBody.Realm
	key, err := l.key(q.ReqBody.CName, realm, info, q.ReqBody.EType, m.EncPart.EType)
	if err != nil {
		return nil, err
	}
	b, err := open(m.EncPart, key, keyusage.AS_REP_ENCPART)
	if err != nil {
		return nil, errors.New("the KDC's reply does not decrypt: wrong password or key")
	}
	var e messages.EncKDCRepPart
	// MIT KDCs say EncTGSRepPart in some AS replies, so the tag is taken as it comes.
	if len(b) == 0 {
		return nil, errors.New("empty reply")
	}
	if _, err := asn1.UnmarshalWithParams(b, &e, fmt.Sprintf("application,explicit,tag:%d", b[0]&0x1f)); err != nil {
		return nil, err
	}
	if e.Nonce != q.ReqBody.Nonce || e.SRealm != realm || !m.CName.Equal(q.ReqBody.CName) || m.CRealm != realm {
		return nil, errors.New("the KDC's reply belongs to another request")
	}
	return &Credential{
		Client: m.CName.PrincipalNameString() + "@" + m.CRealm, Server: e.SName.PrincipalNameString() + "@" + e.SRealm,
		Key: e.Key, AuthTime: e.AuthTime, StartTime: e.StartTime, EndTime: e.EndTime, RenewTill: e.RenewTill,
		Flags: flagWord(e.Flags), Addresses: e.CAddr, Ticket: m.Ticket.Bytes,
	}, nil
}

func (l *Login) send(req []byte) ([]byte, error) {
	if len(l.KDCs) == 0 {
		return nil, errors.New("no KDC known")
	}
	var last error
	for _, addr := range l.KDCs {
		if !l.TCP {
			rep, err := sendUDP(addr, req)
			var e messages.KRBError
			if err == nil && !(len(rep) > 0 && rep[0]&0x1f == asnAppTag.KRBError && e.Unmarshal(rep) == nil &&
				e.ErrorCode == errorcode.KRB_ERR_RESPONSE_TOO_BIG) {
				return rep, nil
			}
		}
		rep, err := sendTCP(addr, req)
		if err == nil {
			return rep, nil
		}
		last = err
	}
	return nil, last
}

func sendUDP(addr string, req []byte) ([]byte, error) {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	buf := make([]byte, 65536)
	for range 3 {
		c.SetDeadline(time.Now().Add(time.Second))
		if _, err = c.Write(req); err != nil {
			return nil, err
		}
		n, e := c.Read(buf)
		if e == nil {
			return buf[:n], nil
		}
		err = e
	}
	return nil, err
}

func sendTCP(addr string, req []byte) ([]byte, error) {
	c, err := net.DialTimeout("tcp", addr, 3*time.Second)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Write(tcpFrame(req)); err != nil {
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > 1<<20 {
		return nil, fmt.Errorf("%s announces a reply of %d octets", addr, n)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(c, b)
	return b, err
}
