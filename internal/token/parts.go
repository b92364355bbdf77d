// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Limits for lists whose elements take much more of our memory than the octets that carry them, so that a message with
// a few octets per element could cost many times its size. Lists of a type and octets (addresses, authorization data,
// padata) take about three times their size in the message, so the size of the message limits them: a host may have
// any number of addresses, and a KDC may state any number of things about a client.
const (
	maxComponents = 32  // of a name; names in use have at most four (kadmin/, krbtgt/, host/, three-part DRSUAPI names)
	maxEtypes     = 128 // of an EtypeList; a dozen are in use
	maxTickets    = 64  // of a KRB-CRED; forwarding sends one, a cache sent whole some dozens
)

// EncryptedData is defined in RFC 4120, Section 5.2.9. KVNO is valid only if HasKVNO is set. Cipher aliases the input
// of the parser.
type EncryptedData struct {
	EType   int32
	KVNO    uint32
	HasKVNO bool
	Cipher  []byte
}

// EncryptionKey is defined in RFC 4120, Section 5.2.9. Value aliases the input of the parser.
type EncryptionKey struct {
	EType int32
	Value []byte
}

// Checksum is defined in RFC 4120, Section 5.2.9. Sum aliases the input of the parser.
type Checksum struct {
	Type int32
	Sum  []byte
}

// HostAddress is defined in RFC 4120, Section 5.2.5. Address aliases the input of the parser.
type HostAddress struct {
	Type    int32
	Address []byte
}

// AuthDataEntry is one element of AuthorizationData (RFC 4120, Section 5.2.6). Data aliases the input of the parser.
type AuthDataEntry struct {
	Type int32
	Data []byte
}

// Types of AuthDataEntry.
const (
	ADIfRelevant int32 = 1   // RFC 4120, Section 5.2.6.1; Data is AuthorizationData
	ADCAMMAC     int32 = 96  // RFC 7751; Data is what ParseCAMMAC reads
	ADIndicator  int32 = 97  // RFC 8129; Data is what ParseAuthIndicators reads
	ADWin2kPAC   int32 = 128 // MS-PAC
	ADEtypeNeg   int32 = 129 // RFC 4537; Data is an EtypeList
	ADAPOptions  int32 = 143 // AD-AUTH-DATA-AP-OPTIONS (MS-KILE); Data is what ParseAPOptions reads
)

func (f *fields) encrypted(n uint8, field string) (e EncryptedData) {
	sub := f.sequence(n, field)
	e = sub.encryptedFields()
	f.leave(&sub)
	return e
}

// encryptedFields reads the members of an EncryptedData.
func (f *fields) encryptedFields() (e EncryptedData) {
	e.EType = f.int32(0, "etype")
	if f.has(1) {
		e.KVNO, e.HasKVNO = f.uint32(1, "kvno"), true
	}
	e.Cipher = f.octets(2, "cipher")
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

// Marshal returns the DER encoding of an EncryptedData that is a message by itself.
func (e *EncryptedData) Marshal() []byte {
	b := newBuilder(32 + len(e.Cipher))
	e.add(b)
	return b.Bytes()
}

// ParseEncryptedData parses an EncryptedData that is a message by itself. The result aliases b.
func ParseEncryptedData(b []byte) (*EncryptedData, error) {
	f, _ := openSequence(b, "EncryptedData")
	e := f.encryptedFields()
	if err := f.close(); err != nil {
		return nil, err
	}
	return &e, nil
}

// typed reads a pair of a number and an OCTET STRING, the form of keys, checksums, addresses, authorization data and
// transited realms.
func (f *fields) typed(first uint8, kind, value string) (int32, []byte) {
	t := f.int32(first, kind)
	return t, f.octets(first+1, value)
}

func addTyped(b *builder, n uint8, t int32, v []byte) {
	addSequence(b, n, func(b *builder) { addPair(b, 0, t, v) })
}

func addPair(b *builder, first uint8, t int32, v []byte) {
	addInt(b, first, int64(t))
	addOctets(b, first+1, v)
}

// typedList reads a SEQUENCE OF such pairs; of makes an element of each.
func typedList[T any](f *fields, element string, first uint8, kind, value string, of func(int32, []byte) T) (list []T) {
	for f.more() {
		e := f.element(element)
		t, v := e.typed(first, kind, value)
		f.leave(&e)
		list = append(list, of(t, v))
	}
	return list
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
	c = sub.checksumFields()
	f.leave(&sub)
	return c
}

// checksumFields reads the members of a Checksum.
func (f *fields) checksumFields() (c Checksum) {
	c.Type, c.Sum = f.typed(0, "cksumtype", "checksum")
	return c
}

// ParseChecksum parses a Checksum that is a message by itself. The result aliases b.
func ParseChecksum(b []byte) (*Checksum, error) {
	f, _ := openSequence(b, "Checksum")
	c := f.checksumFields()
	if err := f.close(); err != nil {
		return nil, err
	}
	return &c, nil
}

// principal reads a PrincipalName; the realm is in another field.
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

// principalSize returns an upper bound for the encoded size of a name and its realm.
func principalSize(p *Principal) int {
	n := 64 + len(p.Realm)
	for _, c := range p.Components {
		n += 8 + len(c)
	}
	return n
}

// optionalPrincipal reads realm [n] OPTIONAL, name [n+1] OPTIONAL. Windows sends only a realm with
// KDC_ERR_WRONG_REALM; the result is nil if both are missing.
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

func (f *fields) addresses(n uint8, field string) []HostAddress {
	sub := f.sequence(n, field)
	list := typedList(&sub, "address", 0, "addr-type", "address", func(t int32, v []byte) HostAddress { return HostAddress{t, v} })
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
			b.AddASN1(asn1.SEQUENCE, func(b *builder) { addPair(b, 0, a.Type, a.Address) })
		}
	})
}

func (f *fields) authData(n uint8, field string) []AuthDataEntry {
	sub := f.sequence(n, field)
	list := sub.authDataList()
	f.leave(&sub)
	return list
}

func (f *fields) authDataList() []AuthDataEntry {
	return typedList(f, "element", 0, "ad-type", "ad-data", func(t int32, v []byte) AuthDataEntry { return AuthDataEntry{t, v} })
}

func addAuthData(b *builder, n uint8, list []AuthDataEntry) {
	if len(list) > 0 {
		addSequence(b, n, func(b *builder) { addAuthDataList(b, list) })
	}
}

func addAuthDataList(b *builder, list []AuthDataEntry) {
	for _, a := range list {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) { addPair(b, 0, a.Type, a.Data) })
	}
}

// ParseAuthData parses AuthorizationData that stands alone, as inside an AD-IF-RELEVANT element. It parses one level:
// the content of an element is left to the caller.
func ParseAuthData(b []byte) ([]AuthDataEntry, error) {
	// This is not a message but a part of one that may contain restrictions, so nothing is skipped.
	f := openWhole(b, "AuthorizationData")
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
