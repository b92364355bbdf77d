// SPDX-License-Identifier: BSD-2-Clause

package krb5_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/asn1tools"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/token"
)

// The codecs of package token are compared with those of gokrb5, which were written independently: the same values are
// encoded to the same octets, and each decodes the other's. The values are random, but the same in every run.

type source struct{ *rand.Rand }

func (r source) octets(max int) []byte {
	b := make([]byte, 1+r.IntN(max))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func (r source) text() string {
	b := r.octets(20)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"[b[i]&63]
	}
	return string(b)
}

func (r source) int32() int32         { return int32(r.Uint32()) >> r.IntN(31) }
func (r source) time() time.Time      { return time.Unix(1+r.Int64N(4e9), 0).UTC() }
func (r source) microseconds() uint32 { return 1 + r.Uint32N(999999) }

func (r source) principal() token.Principal {
	p := token.Principal{Type: 1 + r.Int32N(10), Realm: r.text()}
	for range 1 + r.IntN(3) {
		p.Components = append(p.Components, r.text())
	}
	return p
}

func (r source) encrypted() token.EncryptedData {
	e := token.EncryptedData{EType: 17 + r.Int32N(4), Cipher: r.octets(400)}
	if r.IntN(2) == 0 {
		e.HasKVNO, e.KVNO = true, 1+r.Uint32N(1<<31) // gokrb5 takes a zero for an absent one
	}
	return e
}

func (r source) key() *token.EncryptionKey {
	return &token.EncryptionKey{EType: 17 + r.Int32N(4), Value: r.octets(32)}
}

func (r source) authData() (list []token.AuthDataEntry) {
	for range r.IntN(4) {
		list = append(list, token.AuthDataEntry{Type: r.int32(), Data: r.octets(200)})
	}
	return list
}

func (r source) addresses() (list []token.HostAddress) {
	for range r.IntN(4) {
		list = append(list, token.HostAddress{Type: r.int32(), Address: r.octets(16)})
	}
	return list
}

func (r source) ticket() token.Ticket {
	t := token.Ticket{SName: r.principal(), Enc: r.encrypted()}
	t.Raw = t.Marshal()
	return t
}

// The same values in gokrb5's types.

func theirName(p token.Principal) types.PrincipalName {
	return types.PrincipalName{NameType: p.Type, NameString: p.Components}
}

func theirEncrypted(e token.EncryptedData) types.EncryptedData {
	return types.EncryptedData{EType: e.EType, KVNO: int(e.KVNO), Cipher: e.Cipher}
}

func theirKey(k *token.EncryptionKey) types.EncryptionKey {
	if k == nil {
		return types.EncryptionKey{}
	}
	return types.EncryptionKey{KeyType: k.EType, KeyValue: k.Value}
}

func theirFlags(f uint32) asn1.BitString {
	return asn1.BitString{Bytes: []byte{byte(f >> 24), byte(f >> 16), byte(f >> 8), byte(f)}, BitLength: 32}
}

func theirAuthData(list []token.AuthDataEntry) (out types.AuthorizationData) {
	for _, e := range list {
		out = append(out, types.AuthorizationDataEntry{ADType: e.Type, ADData: e.Data})
	}
	return out
}

func theirAddresses(list []token.HostAddress) (out types.HostAddresses) {
	for _, a := range list {
		out = append(out, types.HostAddress{AddrType: a.Type, Address: a.Address})
	}
	return out
}

func theirTicket(t token.Ticket) messages.Ticket {
	return messages.Ticket{TktVNO: 5, Realm: t.SName.Realm, SName: theirName(t.SName), EncPart: theirEncrypted(t.Enc)}
}

// compare checks that ours and theirs are encoded to the same octets, and that each decodes the other's.
func compare[T, U any](t *testing.T, ours *T, marshal func(*T) []byte, parse func([]byte) (*T, error),
	theirs U, encode func(U) ([]byte, error), decode func([]byte) (U, error)) {
	t.Helper()
	b, err := encode(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if out := marshal(ours); !bytes.Equal(out, b) {
		t.Fatalf("%+v\nis for us\n%x\nfor gokrb5\n%x", ours, out, b)
	}
	if got, err := parse(b); err != nil || !reflect.DeepEqual(got, ours) {
		t.Fatalf("we parse\n%+v, %v\nnot\n%+v", got, err, ours)
	}
	if got, err := decode(b); err != nil || !reflect.DeepEqual(got, theirs) {
		t.Fatalf("gokrb5 parses\n%+v, %v\nnot\n%+v", got, err, theirs)
	}
}

// tagged encodes a type of gokrb5 that has no Marshal of its own.
func tagged[U any](tag int) func(U) ([]byte, error) {
	return func(v U) ([]byte, error) {
		b, err := asn1.Marshal(v)
		return asn1tools.AddASNAppTag(b, tag), err
	}
}

const rounds = 300

func newSource(seed uint64) source { return source{rand.New(rand.NewPCG(seed, 4120))} }

func TestTicketAsGokrb5Has(t *testing.T) {
	r := newSource(1)
	for range rounds {
		ours := r.ticket()
		compare(t, &ours, (*token.Ticket).Marshal, token.ParseTicket, theirTicket(ours),
			func(v messages.Ticket) ([]byte, error) { return v.Marshal() },
			func(b []byte) (v messages.Ticket, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestAPReqAsGokrb5Has(t *testing.T) {
	r := newSource(2)
	for range rounds {
		ours := &token.APReq{Options: r.Uint32(), Ticket: r.ticket(), Authenticator: r.encrypted()}
		theirs := messages.APReq{PVNO: 5, MsgType: 14, APOptions: theirFlags(ours.Options),
			Ticket: theirTicket(ours.Ticket), EncryptedAuthenticator: theirEncrypted(ours.Authenticator)}
		compare(t, ours, (*token.APReq).Marshal, token.ParseAPReq, theirs,
			func(v messages.APReq) ([]byte, error) { return v.Marshal() },
			func(b []byte) (v messages.APReq, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestAuthenticatorAsGokrb5Has(t *testing.T) {
	r := newSource(3)
	for range rounds {
		ours := &token.Authenticator{Client: r.principal(), CUSec: r.microseconds(), CTime: r.time(), AuthData: r.authData()}
		theirs := types.Authenticator{AVNO: 5, CRealm: ours.Client.Realm, CName: theirName(ours.Client),
			Cusec: int(ours.CUSec), CTime: ours.CTime, AuthorizationData: theirAuthData(ours.AuthData)}
		if r.IntN(2) == 0 {
			ours.Checksum = &token.Checksum{Type: token.GSSChecksumType, Sum: r.octets(60)}
			theirs.Cksum = types.Checksum{CksumType: 0x8003, Checksum: ours.Checksum.Sum}
		}
		if r.IntN(2) == 0 {
			ours.Subkey = r.key()
			theirs.SubKey = theirKey(ours.Subkey)
		}
		if r.IntN(2) == 0 {
			ours.SeqNumber, ours.HasSeq = 1+r.Uint32N(1<<32-1), true
			theirs.SeqNumber = int64(ours.SeqNumber)
		}
		compare(t, ours, (*token.Authenticator).Marshal, token.ParseAuthenticator, theirs,
			func(v types.Authenticator) ([]byte, error) { return v.Marshal() },
			func(b []byte) (v types.Authenticator, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestEncTicketPartAsGokrb5Has(t *testing.T) {
	r := newSource(4)
	for range rounds {
		ours := &token.EncTicketPart{Flags: r.Uint32(), Key: *r.key(), Client: r.principal(),
			Transited: token.Transited{Type: 1, Contents: r.octets(50)}, AuthTime: r.time(), EndTime: r.time(),
			Addresses: r.addresses(), AuthData: r.authData()}
		if r.IntN(2) == 0 {
			ours.StartTime = r.time()
		}
		if r.IntN(2) == 0 {
			ours.RenewTill = r.time()
		}
		theirs := messages.EncTicketPart{Flags: theirFlags(ours.Flags), Key: theirKey(&ours.Key),
			CRealm: ours.Client.Realm, CName: theirName(ours.Client),
			Transited: messages.TransitedEncoding{TRType: 1, Contents: ours.Transited.Contents},
			AuthTime:  ours.AuthTime, StartTime: ours.StartTime, EndTime: ours.EndTime, RenewTill: ours.RenewTill,
			CAddr: theirAddresses(ours.Addresses), AuthorizationData: theirAuthData(ours.AuthData)}
		compare(t, ours, (*token.EncTicketPart).Marshal, token.ParseEncTicketPart, theirs,
			tagged[messages.EncTicketPart](asnAppTag.EncTicketPart),
			func(b []byte) (v messages.EncTicketPart, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestAPRepAsGokrb5Has(t *testing.T) {
	r := newSource(5)
	for range rounds {
		ours := &token.APRep{Enc: r.encrypted()}
		compare(t, ours, (*token.APRep).Marshal, token.ParseAPRep,
			messages.APRep{PVNO: 5, MsgType: 15, EncPart: theirEncrypted(ours.Enc)},
			tagged[messages.APRep](asnAppTag.APREP),
			func(b []byte) (v messages.APRep, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestEncAPRepPartAsGokrb5Has(t *testing.T) {
	r := newSource(6)
	for range rounds {
		ours := &token.EncAPRepPart{CTime: r.time(), CUSec: r.microseconds()}
		if r.IntN(2) == 0 {
			ours.Subkey = r.key()
		}
		if r.IntN(2) == 0 {
			ours.SeqNumber, ours.HasSeq = 1+r.Uint32N(1<<32-1), true
		}
		theirs := messages.EncAPRepPart{CTime: ours.CTime, Cusec: int(ours.CUSec), Subkey: theirKey(ours.Subkey),
			SequenceNumber: int64(ours.SeqNumber)}
		compare(t, ours, (*token.EncAPRepPart).Marshal, token.ParseEncAPRepPart, theirs,
			tagged[messages.EncAPRepPart](asnAppTag.EncAPRepPart),
			func(b []byte) (v messages.EncAPRepPart, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestKRBErrorAsGokrb5Has(t *testing.T) {
	r := newSource(7)
	for range rounds {
		ours := &token.KRBError{STime: r.time(), SUSec: r.microseconds(), Code: r.int32(), SName: r.principal()}
		theirs := messages.KRBError{PVNO: 5, MsgType: 30, STime: ours.STime, Susec: int(ours.SUSec), ErrorCode: ours.Code,
			Realm: ours.SName.Realm, SName: theirName(ours.SName)}
		if r.IntN(2) == 0 {
			ours.CTime, ours.CUSec = r.time(), r.microseconds()
			theirs.CTime, theirs.Cusec = ours.CTime, int(ours.CUSec)
		}
		if r.IntN(2) == 0 {
			p := r.principal()
			ours.Client = &p
			theirs.CRealm, theirs.CName = p.Realm, theirName(p)
		}
		if r.IntN(2) == 0 {
			ours.Text, ours.Data = r.text(), r.octets(100)
			theirs.EText, theirs.EData = ours.Text, ours.Data
		}
		compare(t, ours, (*token.KRBError).Marshal, token.ParseKRBError, theirs,
			func(v messages.KRBError) ([]byte, error) { return v.Marshal() },
			func(b []byte) (v messages.KRBError, err error) { err = v.Unmarshal(b); return v, err })
	}
}

// gokrb5 reads KRB-CRED, but does not write it.
func TestKRBCredIsReadByGokrb5(t *testing.T) {
	r := newSource(8)
	for range rounds {
		ours := &token.KRBCred{Enc: r.encrypted()}
		theirs := messages.KRBCred{PVNO: 5, MsgType: 22, EncPart: theirEncrypted(ours.Enc)}
		for range 1 + r.IntN(3) {
			ticket := r.ticket()
			ours.Tickets = append(ours.Tickets, ticket)
			theirs.Tickets = append(theirs.Tickets, theirTicket(ticket))
		}
		b := ours.Marshal()
		var got messages.KRBCred
		if err := got.Unmarshal(b); err != nil || !reflect.DeepEqual(got, theirs) {
			t.Fatalf("gokrb5 parses\n%+v, %v\nnot\n%+v", got, err, theirs)
		}
		if again, err := token.ParseKRBCred(b); err != nil || !reflect.DeepEqual(again, ours) {
			t.Fatalf("we parse\n%+v, %v\nnot\n%+v", again, err, ours)
		}
	}
}

// Without the server's realm, for which gokrb5 uses another string type.
func TestEncKRBCredPartAsGokrb5Has(t *testing.T) {
	r := newSource(9)
	for range rounds {
		ours := &token.EncKRBCredPart{Nonce: 1 + r.Uint32N(1<<31), HasNonce: true, Timestamp: r.time(),
			USec: r.microseconds()}
		theirs := messages.EncKrbCredPart{Nouce: int(ours.Nonce), Timestamp: ours.Timestamp, Usec: int(ours.USec)}
		for range 1 + r.IntN(3) {
			client, key := r.principal(), r.key()
			i := token.KRBCredInfo{Key: *key, Client: &client, Flags: r.Uint32(), AuthTime: r.time(), StartTime: r.time(),
				EndTime: r.time(), RenewTill: r.time(), Addresses: r.addresses()}
			ours.Info = append(ours.Info, i)
			theirs.TicketInfo = append(theirs.TicketInfo, messages.KrbCredInfo{Key: theirKey(key), PRealm: client.Realm,
				PName: theirName(client), Flags: theirFlags(i.Flags), AuthTime: i.AuthTime, StartTime: i.StartTime,
				EndTime: i.EndTime, RenewTill: i.RenewTill, CAddr: theirAddresses(i.Addresses)})
		}
		compare(t, ours, (*token.EncKRBCredPart).Marshal, token.ParseEncKRBCredPart, theirs,
			tagged[messages.EncKrbCredPart](asnAppTag.EncKrbCredPart),
			func(b []byte) (v messages.EncKrbCredPart, err error) { err = v.Unmarshal(b); return v, err })
	}
}

func TestKDCReqAsGokrb5Has(t *testing.T) {
	r := newSource(10)
	for range rounds {
		ours := &token.KDCReq{Options: r.Uint32(), Server: r.principal(), Till: r.time(), Nonce: r.Uint32N(1 << 31)}
		fields := messages.KDCReqFields{PVNO: 5, MsgType: token.TypeTGSReq, ReqBody: messages.KDCReqBody{
			KDCOptions: theirFlags(ours.Options), Realm: ours.Server.Realm, SName: theirName(ours.Server),
			Till: ours.Till, Nonce: int(ours.Nonce)}}
		for range 1 + r.IntN(4) {
			ours.ETypes = append(ours.ETypes, r.int32())
		}
		fields.ReqBody.EType = ours.ETypes
		if r.IntN(2) == 0 {
			client := r.principal()
			ours.Client, fields.ReqBody.CName, fields.MsgType = &client, theirName(client), token.TypeASReq
		}
		if r.IntN(2) == 0 {
			ours.RTime = r.time()
			fields.ReqBody.RTime = ours.RTime
		}
		var padata []token.PAData
		for range r.IntN(3) {
			pa := token.PAData{Type: r.int32(), Value: r.octets(300)}
			padata = append(padata, pa)
			fields.PAData = append(fields.PAData, types.PAData{PADataType: pa.Type, PADataValue: pa.Value})
		}
		body, err := fields.ReqBody.Marshal()
		if err != nil || !bytes.Equal(ours.MarshalBody(), body) {
			t.Fatalf("the body is\n%x, %v\nnot\n%x", body, err, ours.MarshalBody())
		}
		as, tgs := messages.ASReq{KDCReqFields: fields}, messages.TGSReq{KDCReqFields: fields}
		marshal := tgs.Marshal
		if fields.MsgType == token.TypeASReq {
			marshal = as.Marshal
		}
		want, err := marshal()
		if got := ours.Marshal(uint8(fields.MsgType), padata); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("gokrb5 has\n%x, %v\nnot\n%x", want, err, got)
		}
	}
}

func TestEncKDCRepPartAsGokrb5Has(t *testing.T) {
	r := newSource(11)
	for range rounds {
		want := &token.EncKDCRepPart{Key: *r.key(), Nonce: r.Uint32N(1 << 31), Flags: r.Uint32(), AuthTime: r.time(),
			EndTime: r.time(), Server: r.principal(), Addresses: r.addresses()}
		theirs := messages.EncKDCRepPart{Key: theirKey(&want.Key), LastReqs: []messages.LastReq{{LRValue: r.time()}},
			Nonce: int(want.Nonce), Flags: theirFlags(want.Flags), AuthTime: want.AuthTime, EndTime: want.EndTime,
			SRealm: want.Server.Realm, SName: theirName(want.Server), CAddr: theirAddresses(want.Addresses)}
		if r.IntN(2) == 0 {
			want.StartTime, want.RenewTill = r.time(), r.time()
			theirs.StartTime, theirs.RenewTill, theirs.KeyExpiration = want.StartTime, want.RenewTill, r.time()
		}
		b, err := tagged[messages.EncKDCRepPart](25 + r.IntN(2))(theirs)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := token.ParseEncKDCRepPart(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("we parse\n%+v, %v\nnot\n%+v", got, err, want)
		}
		for n := range b {
			if _, err := token.ParseEncKDCRepPart(b[:n]); err == nil {
				t.Fatalf("the first %d octets are accepted", n)
			}
		}
	}
}

func TestPreauthenticationAsGokrb5Has(t *testing.T) {
	r := newSource(12)
	for range rounds {
		var methods types.PADataSequence
		var want []token.PAData
		for range 1 + r.IntN(5) {
			pa := token.PAData{Type: r.int32(), Value: r.octets(40)}
			want = append(want, pa)
			methods = append(methods, types.PAData{PADataType: pa.Type, PADataValue: pa.Value})
		}
		b, err := asn1.Marshal(methods)
		if got, failure := token.ParseMethodData(b); err != nil || failure != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("METHOD-DATA: %+v, %v, not %+v", got, failure, want)
		}
		var info types.ETypeInfo2
		var entries []token.ETypeInfo
		for range 1 + r.IntN(5) {
			e := token.ETypeInfo{EType: r.int32(), Salt: "salt", HasSalt: true, S2KParams: r.octets(4)}
			entries = append(entries, e)
			info = append(info, types.ETypeInfo2Entry{EType: e.EType, Salt: e.Salt, S2KParams: e.S2KParams})
		}
		b, err = asn1.Marshal(info)
		if got, failure := token.ParseETypeInfo2(b); err != nil || failure != nil || !reflect.DeepEqual(got, entries) {
			t.Fatalf("ETYPE-INFO2: %+v, %v, not %+v", got, failure, entries)
		}
		now := r.time().Add(time.Duration(1+r.IntN(999999)) * time.Microsecond)
		stamp, err := asn1.Marshal(types.PAEncTSEnc{PATimestamp: now.Truncate(time.Second), PAUSec: now.Nanosecond() / 1000})
		if err != nil || !bytes.Equal(token.MarshalTimestamp(now), stamp) {
			t.Fatalf("PA-ENC-TS-ENC: %x, not %x", token.MarshalTimestamp(now), stamp)
		}
		e := r.encrypted()
		e.HasKVNO, e.KVNO = false, 0
		sealed, err := asn1.Marshal(theirEncrypted(e))
		if err != nil || !bytes.Equal(e.Marshal(), sealed) {
			t.Fatalf("EncryptedData: %x, not %x", e.Marshal(), sealed)
		}
	}
}
