// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/asn1tools"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// kdcReq is KDC-REQ with its body still in octets: the checksum of a TGS-REQ covers them as they came.
type kdcReq struct {
	PVNO    int                  `asn1:"explicit,tag:1"`
	MsgType int                  `asn1:"explicit,tag:2"`
	PAData  types.PADataSequence `asn1:"explicit,optional,tag:3"`
	ReqBody asn1.RawValue        `asn1:"explicit,tag:4"`
}

type request struct {
	padata types.PADataSequence
	raw    []byte // the DER of body
	body   messages.KDCReqBody
}

func parseRequest(b []byte, appTag int) (*request, error) {
	var m kdcReq
	rest, err := asn1.UnmarshalWithParams(b, &m, fmt.Sprintf("application,explicit,tag:%d", appTag))
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || m.PVNO != 5 || m.MsgType != appTag {
		return nil, errors.New("not a KDC-REQ")
	}
	q := &request{padata: m.PAData, raw: m.ReqBody.Bytes}
	if err := q.body.Unmarshal(q.raw); err != nil {
		return nil, err
	}
	if len(q.body.KDCOptions.Bytes) < 4 || len(q.body.SName.NameString) == 0 {
		return nil, errors.New("KDC-REQ without options or server name")
	}
	return q, nil
}

func (q *request) option(bit int) bool { return types.IsFlagSet(&q.body.KDCOptions, bit) }

func (q *request) pa(t int32) ([]byte, bool) {
	for _, p := range q.padata {
		if p.PADataType == t {
			return p.PADataValue, true
		}
	}
	return nil, false
}

// principalName splits name at its slashes.
func principalName(name string) types.PrincipalName {
	n := types.PrincipalName{NameType: nametype.KRB_NT_PRINCIPAL, NameString: strings.Split(name, "/")}
	if n.NameString[0] == "krbtgt" {
		n.NameType = nametype.KRB_NT_SRV_INST
	} else if len(n.NameString) == 2 {
		n.NameType = nametype.KRB_NT_SRV_HST
	}
	return n
}

// splitPrincipal splits "alice@REALM"; realm is "" if there is none.
func splitPrincipal(s string) (name types.PrincipalName, realm string) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s, realm = s[:i], s[i+1:]
	}
	return principalName(s), realm
}

func newFlags(bits ...int) asn1.BitString {
	f := types.NewKrbFlags()
	types.SetFlags(&f, bits)
	return f
}

func flagWord(f asn1.BitString) uint32 {
	var w uint32
	for i := range 4 {
		w <<= 8
		if i < len(f.Bytes) {
			w |= uint32(f.Bytes[i])
		}
	}
	return w
}

func flagsOf(w uint32) asn1.BitString {
	return asn1.BitString{Bytes: []byte{byte(w >> 24), byte(w >> 16), byte(w >> 8), byte(w)}, BitLength: 32}
}

func marshalApp(v any, tag int) ([]byte, error) {
	b, err := asn1.Marshal(v)
	if err != nil {
		return nil, err
	}
	return asn1tools.AddASNAppTag(b, tag), nil
}

// seconds cuts t down to what KerberosTime can say.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func marshalTicket(realm string, sname types.PrincipalName, ed types.EncryptedData) ([]byte, error) {
	return marshalApp(struct {
		TktVNO  int                 `asn1:"explicit,tag:0"`
		Realm   string              `asn1:"generalstring,explicit,tag:1"`
		SName   types.PrincipalName `asn1:"explicit,tag:2"`
		EncPart types.EncryptedData `asn1:"explicit,tag:3"`
	}{5, realm, sname, ed}, asnAppTag.Ticket)
}

type reply struct {
	msgType int
	pa      types.PADataSequence
	crealm  string
	cname   types.PrincipalName
	ticket  []byte
	encPart types.EncryptedData
}

// kdcRep is KDC-REP; the ticket inside is in octets, so that it is sent as it was made.
type kdcRep struct {
	PVNO    int                  `asn1:"explicit,tag:0"`
	MsgType int                  `asn1:"explicit,tag:1"`
	PAData  types.PADataSequence `asn1:"explicit,optional,omitempty,tag:2"`
	CRealm  string               `asn1:"generalstring,explicit,tag:3"`
	CName   types.PrincipalName  `asn1:"explicit,tag:4"`
	Ticket  asn1.RawValue        `asn1:"explicit,tag:5"`
	EncPart types.EncryptedData  `asn1:"explicit,tag:6"`
}

func (r *reply) marshal() ([]byte, error) {
	return marshalApp(kdcRep{
		PVNO: 5, MsgType: r.msgType, PAData: r.pa, CRealm: r.crealm, CName: r.cname,
		Ticket:  asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Tag: 5, Bytes: r.ticket},
		EncPart: r.encPart,
	}, r.msgType)
}

// failure is a KRB-ERROR in the making.
type failure struct {
	code int32
	text string
	data []byte
}

func (f *failure) Error() string { return fmt.Sprintf("KRB-ERROR %d: %s", f.code, f.text) }

func refuse(code int32, format string, a ...any) error {
	return &failure{code: code, text: fmt.Sprintf(format, a...)}
}
