// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// Limits of lists whose elements take much more memory of ours than the octets that carry them: a peer could make a
// message of a few octets per element cost many times its size. Lists of a type and octets (addresses, authorization
// data, padata) cost some three times theirs, so the size of the message bounds them: a host may have any number of
// addresses, and a KDC may say any number of things about a client.
const (
	maxComponents = 32  // of a name; names in use have at most four (kadmin/, krbtgt/, host/, three-part DRSUAPI names)
	maxEtypes     = 128 // of an EtypeList; a dozen are in use
	maxTickets    = 64  // of a KRB-CRED; forwarding sends one, a cache sent whole some dozens
)

// EncryptedData (RFC 4120, Section 5.2.9). KVNO counts only if HasKVNO. Cipher aliases what it was parsed from.
type EncryptedData struct {
	EType   int32
	KVNO    uint32
	HasKVNO bool
	Cipher  []byte
}

// EncryptionKey (RFC 4120, Section 5.2.9). Value aliases what it was parsed from.
type EncryptionKey struct {
	EType int32
	Value []byte
}

// Checksum (RFC 4120, Section 5.2.9). Sum aliases what it was parsed from.
type Checksum struct {
	Type int32
	Sum  []byte
}

// HostAddress (RFC 4120, Section 5.2.5). Address aliases what it was parsed from.
type HostAddress struct {
	Type    int32
	Address []byte
}

// AuthDataEntry is one element of AuthorizationData (RFC 4120, Section 5.2.6). Data aliases what it was parsed from.
type AuthDataEntry struct {
	Type int32
	Data []byte
}

// Types of AuthDataEntry.
const (
	ADIfRelevant int32 = 1   // RFC 4120, Section 5.2.6.1; Data is AuthorizationData
	ADWin2kPAC   int32 = 128 // MS-PAC
	ADEtypeNeg   int32 = 129 // RFC 4537; Data is an EtypeList
	ADAPOptions  int32 = 143 // AD-AUTH-DATA-AP-OPTIONS (MS-KILE); Data is what ParseAPOptions reads
)

func (f *fields) encrypted(n uint8, field string) (e EncryptedData) {
	sub := f.sequence(n, field)
	e.EType = sub.int32(0, "etype")
	if sub.has(1) {
		e.KVNO, e.HasKVNO = sub.uint32(1, "kvno"), true
	}
	e.Cipher = sub.octets(2, "cipher")
	f.leave(&sub)
	return e
}

func addEncrypted(b *builder, n uint8, e *EncryptedData) { b.AddASN1(explicit(n), e.add) }

func (e *EncryptedData) add(b *builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addInt(b, 0, int64(e.EType))
		if e.HasKVNO {
			addInt(b, 1, int64(e.KVNO))
		}
		addOctets(b, 2, e.Cipher)
	})
}

// typed reads the pair that keys, checksums, addresses, authorization data and transited realms all are: a number and
// an OCTET STRING.
func (f *fields) typed(first uint8, kind, value string) (int32, []byte) {
	t := f.int32(first, kind)
	return t, f.octets(first+1, value)
}

func addTyped(b *builder, n uint8, t int32, v []byte) {
	addSequence(b, n, func(b *builder) {
		addInt(b, 0, int64(t))
		addOctets(b, 1, v)
	})
}

func (f *fields) key(n uint8, field string) (k EncryptionKey) {
	sub := f.sequence(n, field)
	k.EType, k.Value = sub.typed(0, "keytype", "keyvalue")
	f.leave(&sub)
	return k
}

func (f *fields) optionalKey(n uint8, field string) *EncryptionKey {
	if !f.has(n) {
		return nil
	}
	k := f.key(n, field)
	return &k
}

func addOptionalKey(b *builder, n uint8, k *EncryptionKey) {
	if k != nil {
		addTyped(b, n, k.EType, k.Value)
	}
}

func (f *fields) checksum(n uint8, field string) (c Checksum) {
	sub := f.sequence(n, field)
	c.Type, c.Sum = sub.typed(0, "cksumtype", "checksum")
	f.leave(&sub)
	return c
}

// principal reads a PrincipalName; the realm is another field's.
func (f *fields) principal(n uint8, field string) (p Principal) {
	sub := f.sequence(n, field)
	p.Type = sub.int32(0, "name-type")
	list := sub.sequence(1, "name-string")
	for list.moreOf(len(p.Components), maxComponents) {
		c := list.listed(generalString, "component", "is not a KerberosString")
		p.Components = append(p.Components, list.noNUL(c, "component"))
	}
	sub.leave(&list)
	f.leave(&sub)
	return p
}

func addPrincipal(b *builder, n uint8, p *Principal) {
	addSequence(b, n, func(b *builder) {
		addInt(b, 0, int64(p.Type))
		addSequence(b, 1, func(b *builder) {
			for _, c := range p.Components {
				addString(b, c)
			}
		})
	})
}

// principalSize is not less than what a name takes, with its realm.
func principalSize(p *Principal) int {
	n := 64 + len(p.Realm)
	for _, c := range p.Components {
		n += 8 + len(c)
	}
	return n
}

// optionalPrincipal reads realm [n] OPTIONAL, name [n+1] OPTIONAL. Windows sends a realm alone with
// KDC_ERR_WRONG_REALM; nil stands for neither.
func (f *fields) optionalPrincipal(n uint8, realm, name string) *Principal {
	var p Principal
	var r string
	if f.has(n) {
		r = f.realm(n, realm)
	}
	if f.has(n + 1) {
		p = f.principal(n+1, name)
	}
	p.Realm = r
	if r == "" && p.Type == 0 && len(p.Components) == 0 {
		return nil
	}
	return &p
}

func addOptionalPrincipal(b *builder, n uint8, p *Principal) {
	if p == nil {
		return
	}
	if p.Realm != "" {
		addText(b, n, p.Realm)
	}
	if p.Type != 0 || len(p.Components) != 0 {
		addPrincipal(b, n+1, p)
	}
}

func (f *fields) addresses(n uint8, field string) (list []HostAddress) {
	sub := f.sequence(n, field)
	for sub.more() {
		e := sub.element("address")
		var a HostAddress
		a.Type, a.Address = e.typed(0, "addr-type", "address")
		sub.leave(&e)
		list = append(list, a)
	}
	f.leave(&sub)
	return list
}

func (f *fields) address(n uint8, field string) *HostAddress {
	sub := f.sequence(n, field)
	var a HostAddress
	a.Type, a.Address = sub.typed(0, "addr-type", "address")
	f.leave(&sub)
	return &a
}

func addAddresses(b *builder, n uint8, list []HostAddress) {
	if len(list) == 0 {
		return
	}
	addSequence(b, n, func(b *builder) {
		for _, a := range list {
			b.AddASN1(asn1.SEQUENCE, func(b *builder) {
				addInt(b, 0, int64(a.Type))
				addOctets(b, 1, a.Address)
			})
		}
	})
}

func (f *fields) authData(n uint8, field string) []AuthDataEntry {
	sub := f.sequence(n, field)
	list := sub.authDataList()
	f.leave(&sub)
	return list
}

func (f *fields) authDataList() (list []AuthDataEntry) {
	for f.more() {
		e := f.element("element")
		var a AuthDataEntry
		a.Type, a.Data = e.typed(0, "ad-type", "ad-data")
		f.leave(&e)
		list = append(list, a)
	}
	return list
}

func addAuthData(b *builder, n uint8, list []AuthDataEntry) {
	if len(list) > 0 {
		addSequence(b, n, func(b *builder) { addAuthDataList(b, list) })
	}
}

func addAuthDataList(b *builder, list []AuthDataEntry) {
	for _, a := range list {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) {
			addInt(b, 0, int64(a.Type))
			addOctets(b, 1, a.Data)
		})
	}
}

// ParseAuthData reads AuthorizationData that stands alone, as inside an AD-IF-RELEVANT element. One level is read: who
// wants the content of an element parses that.
func ParseAuthData(b []byte) ([]AuthDataEntry, error) {
	f, rest := openSequence(b, "AuthorizationData")
	// This is no message, but a part of one, in which restrictions may be: nothing is passed over.
	if len(rest) > 0 {
		f.fail(status.ASN1_BAD_LENGTH, "list", "is followed by other octets")
	}
	list := f.authDataList()
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// MarshalAuthData is the inverse of ParseAuthData.
func MarshalAuthData(list []AuthDataEntry) []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) { addAuthDataList(b, list) })
	return b.Bytes()
}
