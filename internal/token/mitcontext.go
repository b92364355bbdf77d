// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"errors"
	"math"

	"libgssapi/internal/status"
)

// Numbers that MIT krb5 writes before and after each part of a token.
const (
	magicContext       = 0x025ea108 // KG_CONTEXT
	magicOID           = 0x970ea737 // KV5M_GSS_OID
	magicPrincipal     = 0x970ea701
	magicKey           = 0x970ea703
	magicChecksum      = 0x970ea704
	magicAuthData      = 0x970ea70a
	magicAuthenticator = 0x970ea70e
	magicLibrary       = 0x970ea724 // KV5M_CONTEXT
	magicOS            = 0x970ea725
	magicExchange      = 0x970ea729 // KV5M_AUTH_CONTEXT
	magicWindow        = 0x970ea738 // KV5M_GSS_QUEUE
	magicAttributes    = 0x970ea73c // KV5M_AUTHDATA_CONTEXT
	magicProfile       = 0xaaca6012
)

// Numbers that precede the optional parts of an authentication context.
const (
	exchangeKey     = 950920
	exchangeSendKey = 950921
	exchangeRecvKey = 950922
)

// What we write about the exporter's libkrb5: the values of one without a configuration.
const (
	libraryClockSkew  = 300
	libraryKDCOptions = 0x10
	libraryCacheForm  = 0x504
)

// exchangeSequence is a flag of an authentication context (KRB5_AUTH_CONTEXT_DO_SEQUENCE).
const exchangeSequence = 4

// protocolCFX marks tokens of messages as those of RFC 4121.
const protocolCFX = 1

// MITContext is the interprocess token of an established context as MIT krb5 1.20 writes and reads it: the contents of its
// structures. All numbers are big-endian except those of the window, which are in the processor's order; the only supported
// processor is little-endian. Here and There are from the exporter's point of view. Slices alias the input of the parser.
type MITContext struct {
	Mech           OID
	Initiator      bool
	Flags          uint32 // GSS_C_*_FLAG
	AuthTime       uint32 // seconds since 1970, as are all times
	StartTime      uint32
	EndTime        uint32
	RenewTill      uint32
	TicketFlags    uint32
	SendSeq        uint64         // of the next token to send
	RecvSeq        uint64         // the first of the peer
	Here, There    []byte         // principals
	Key            *EncryptionKey // the ticket's session key
	Subkey         *EncryptionKey // the initiator's, or the session key
	AcceptorSubkey *EncryptionKey
	Window         MITWindow
	AuthData       []AuthDataEntry
	Attributes     *NameAttributes // of the initiator's name; nil: none
}

// MITWindow is the record of the sequence numbers received.
type MITWindow struct {
	Replay, Sequence bool
	Base, Next, Map  uint64 // Next is relative to Base; bit i of Map is set if Next-1-i was seen
}

// IsMITContext reports whether b begins like a token of MIT's library, and returns its mechanism. Tokens of other libraries
// begin with the length of the OID in 16 bits.
func IsMITContext(b []byte) (mech []byte, is bool) {
	r := packed{s: b}
	mech = r.counted("mechanism OID")
	return mech, r.fault == "" && len(mech) > 0 && len(mech) <= math.MaxUint8
}

// magic reads a number that must be there.
func (r *packed) magic(want uint32, field string) {
	if r.uint32(field) != want && r.fault == "" {
		r.fault = "has no " + field + " where it should be"
	}
}

// found reads the next number if it is this one.
func (r *packed) found(want uint32) bool {
	if r.fault != "" || len(r.s) < 4 || binary.BigEndian.Uint32(r.s) != want {
		return false
	}
	return r.s.Skip(4)
}

func (r *packed) uint64(field string) (v uint64) {
	if r.fault != "" || !r.s.ReadUint64(&v) {
		r.fail(field)
		return 0
	}
	return v
}

// framed reads octets that have the same number before and after them.
func (r *packed) framed(magic uint32, field string) []byte {
	r.magic(magic, field)
	b := r.counted(field)
	r.magic(magic, field)
	return b
}

// mitKey reads a key if there is one.
func (r *packed) mitKey(field string) *EncryptionKey {
	if !r.found(magicKey) {
		return nil
	}
	k := &EncryptionKey{EType: int32(r.uint32(field)), Value: r.counted(field)}
	r.magic(magicKey, field)
	return k
}

func (r *packed) mitWindow() (w MITWindow) {
	const field, size = "window", 40
	r.magic(magicWindow, field)
	var b []byte
	if r.fault != "" || !r.s.ReadBytes(&b, size) {
		r.fail(field)
		return w
	}
	r.magic(magicWindow, field)
	order := binary.LittleEndian
	w.Replay, w.Sequence = order.Uint32(b) != 0, order.Uint32(b[4:]) != 0
	w.Base, w.Next, w.Map = order.Uint64(b[16:]), order.Uint64(b[24:]), order.Uint64(b[32:])
	// MIT's acceptors of DCE style count in 32 bits.
	if mask := order.Uint64(b[8:]); mask != math.MaxUint64 && mask != math.MaxUint32 && r.fault == "" {
		r.fault = "numbers its messages with neither 32 bits nor 64"
	}
	return w
}

func (r *packed) mitAuthData() (e AuthDataEntry) {
	const field = "authorization data"
	r.magic(magicAuthData, field)
	e = AuthDataEntry{Type: int32(r.uint32(field)), Data: r.counted(field)}
	r.magic(magicAuthData, field)
	return e
}

// skipLibrary skips the configuration of the exporter's libkrb5. The importer has its own.
func (r *packed) skipLibrary() {
	const field = "library's state"
	r.magic(magicLibrary, field)
	r.counted(field) // default realm
	for n := r.uint32(field); n > 0 && r.fault == ""; n-- {
		r.uint32(field) // enctype
	}
	for range 5 {
		r.uint32(field) // clock skew, KDC options, library options, whether the profile is secure, the form of caches
	}
	if r.found(magicOS) {
		for range 3 {
			r.uint32(field) // offset of the clock, flags
		}
		r.magic(magicOS, field)
	}
	if r.found(magicProfile) {
		for n := r.uint32(field); n > 0 && r.fault == ""; n-- {
			r.counted(field) // file
		}
		r.magic(magicProfile, field)
	}
	r.magic(magicLibrary, field)
}

// exchange parses the state of the exchange and returns the session key, the only useful part.
func (r *packed) exchange() (key *EncryptionKey) {
	const field = "exchange's state"
	r.magic(magicExchange, field)
	for range 5 {
		r.uint32(field) // flags, sequence numbers, checksum types
	}
	r.counted(field) // cipher state
	if r.found(exchangeKey) {
		key = r.mitKey(field)
	}
	for _, subkey := range []uint32{exchangeSendKey, exchangeRecvKey} {
		if r.found(subkey) {
			r.mitKey(field)
		}
	}
	if r.found(magicAuthenticator) {
		for range 3 {
			r.uint32(field) // time, microseconds, sequence number
		}
		if r.found(magicPrincipal) {
			r.counted(field)
			r.magic(magicPrincipal, field)
		}
		if r.found(magicChecksum) {
			r.uint32(field)
			r.counted(field)
			r.magic(magicChecksum, field)
		}
		r.mitKey(field)
		for n := r.uint32(field); n > 0 && r.fault == ""; n-- {
			r.mitAuthData()
		}
		r.magic(magicAuthenticator, field)
	}
	r.magic(magicExchange, field)
	return key
}

// ParseMITContext parses an interprocess token of MIT krb5. Its contents are only as trustworthy as the channel that it
// came through.
func ParseMITContext(b []byte) (*MITContext, error) {
	r := packed{s: b}
	t := &MITContext{Mech: OID(r.counted("mechanism OID"))}
	r.magic(magicContext, "context")
	t.Initiator = r.uint32("role") != 0
	established := r.uint32("state") != 0
	r.uint32("flag of the acceptor's subkey")
	r.uint32("seed")
	t.Flags = r.uint32("context flags")
	for range 4 {
		r.uint32("seed")
	}
	for range 3 {
		r.uint32("algorithms of RFC 1964")
	}
	t.AuthTime, t.StartTime = r.uint32("authentication time"), r.uint32("start time")
	t.EndTime, t.RenewTill = r.uint32("end time"), r.uint32("renewal time")
	t.TicketFlags = r.uint32("ticket flags")
	t.SendSeq, t.RecvSeq = r.uint64("local sequence number"), r.uint64("remote sequence number")
	mech := r.framed(magicOID, "mechanism OID")
	if !established && r.fault == "" {
		return nil, defective(status.KG_CONTEXT, "interprocess token of MIT krb5: only its library can continue a half-open context")
	}
	t.Here = r.framed(magicPrincipal, "exporter's name")
	t.There = r.framed(magicPrincipal, "peer's name")
	t.Subkey = r.mitKey("subkey")
	if r.found(magicKey) {
		return nil, defective(status.KG_CONTEXT, "interprocess token of MIT krb5: its messages are those of RFC 1964")
	}
	t.Window = r.mitWindow()
	r.skipLibrary()
	t.Key = r.exchange()
	protocol := r.uint32("protocol")
	r.uint32("checksum type")
	t.AcceptorSubkey = r.mitKey("acceptor's subkey")
	r.uint32("checksum type")
	r.uint32("replay cache")
	for n := r.uint32("authorization data"); n > 0 && r.fault == ""; n-- {
		t.AuthData = append(t.AuthData, r.mitAuthData())
	}
	// Nothing says where the attributes end but the two marks behind them.
	if r.found(magicAttributes) && len(r.s) >= 8 {
		attributes := r.s[:len(r.s)-8]
		r.s = r.s[len(r.s)-8:]
		r.magic(magicAttributes, "name attributes")
		a, err := ParseNameAttributes(attributes)
		if err != nil {
			return nil, defective(status.KG_BAD_LENGTH, "interprocess token of MIT krb5: %v", err)
		}
		if !a.Empty() {
			t.Attributes = a
		}
	}
	r.magic(magicContext, "end mark")
	switch {
	case r.fault != "":
		return nil, defective(status.KG_BAD_LENGTH, "interprocess token of MIT krb5: it %s", r.fault)
	case len(r.s) > 0:
		return nil, defective(status.KG_BAD_LENGTH, "interprocess token of MIT krb5: %d octets follow its end", len(r.s))
	case protocol != protocolCFX || string(mech) != string(t.Mech):
		return nil, defective(status.KG_CONTEXT, "interprocess token of MIT krb5: its protocol is %d, its mechanism %s", protocol,
			OID(mech))
	}
	if err := t.check(); err != nil {
		return nil, defective(status.KG_CONTEXT, "interprocess token of MIT krb5: %v", err)
	}
	return t, nil
}

// check rejects what MIT's library would accept unchecked.
func (t *MITContext) check() error {
	if t.Subkey == nil {
		return errors.New("there is no key")
	}
	message := t.Subkey
	if t.AcceptorSubkey != nil {
		message = t.AcceptorSubkey
	}
	for _, k := range []*EncryptionKey{t.Key, t.Subkey, t.AcceptorSubkey} {
		if k == nil {
			continue
		}
		size, _ := mitKey(k.EType)
		if size == 0 && k == message {
			return errors.New("the key of the messages is not one of RFC 4121")
		}
		if size != 0 && len(k.Value) != size {
			return errors.New("the length of a key does not match its enctype")
		}
	}
	if len(t.Here) > maxPart || len(t.There) > maxPart {
		return errors.New("a name is too long")
	}
	return nil
}

// mitKey returns the size of a key and MIT krb5's checksum type for an enctype that protects messages as in RFC 4121, or 0.
func mitKey(enctype int32) (size int, checksum uint32) {
	switch enctype {
	case 17:
		return 16, 15
	case 18:
		return 32, 16
	case 19:
		return 16, 19
	case 20:
		return 32, 20
	case 25:
		return 16, 17
	case 26:
		return 32, 18
	}
	return 0, 0
}

func addFramed(b []byte, magic uint32, v []byte) []byte {
	return addUint32(addCounted(addUint32(b, magic), v), magic)
}

func addMITKey(b []byte, k *EncryptionKey) []byte {
	if k == nil {
		return b
	}
	b = addUint32(addUint32(b, magicKey), uint32(k.EType))
	return addUint32(addCounted(b, k.Value), magicKey)
}

func addBool(b []byte, v bool) []byte {
	if v {
		return addUint32(b, 1)
	}
	return addUint32(b, 0)
}

// Append appends the token to b, which must have room for it, so that no keys are left in memory that was too small.
func (t *MITContext) Append(b []byte) ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, status.Errorf(status.Unavailable, status.KG_CONTEXT, "interprocess token in the form of MIT krb5: %v", err)
	}
	b = addCounted(b, []byte(t.Mech))
	b = addUint32(b, magicContext)
	b = addBool(b, t.Initiator)
	b = addBool(b, true) // established
	b = addBool(b, t.AcceptorSubkey != nil)
	b = addUint32(b, 0) // no seed
	b = addUint32(b, t.Flags)
	for _, v := range [...]uint32{
		0, 0, 0, 0, // the seed
		math.MaxUint32, 0, math.MaxUint32, // no algorithms of RFC 1964
		t.AuthTime, t.StartTime, t.EndTime, t.RenewTill, t.TicketFlags,
	} {
		b = addUint32(b, v)
	}
	b = binary.BigEndian.AppendUint64(b, t.SendSeq)
	b = binary.BigEndian.AppendUint64(b, t.RecvSeq)
	b = addFramed(b, magicOID, []byte(t.Mech))
	b = addFramed(b, magicPrincipal, t.Here)
	b = addFramed(b, magicPrincipal, t.There)
	b = addMITKey(b, t.Subkey)
	b = t.Window.append(b)
	for _, v := range [...]uint32{
		magicLibrary, 0, 0, // no realm, no enctypes
		libraryClockSkew, libraryKDCOptions, 0, 0, libraryCacheForm,
		magicOS, 0, 0, 0, magicOS, magicLibrary,
		magicExchange, exchangeSequence, uint32(t.RecvSeq), uint32(t.SendSeq), 0, 0, 0,
	} {
		b = addUint32(b, v)
	}
	if t.Key != nil {
		b = addMITKey(addUint32(b, exchangeKey), t.Key)
	}
	b = addUint32(b, magicExchange)
	b = addUint32(b, protocolCFX)
	_, checksum := mitKey(t.Subkey.EType)
	b = addUint32(b, checksum)
	b = addMITKey(b, t.AcceptorSubkey)
	if t.AcceptorSubkey != nil {
		_, checksum := mitKey(t.AcceptorSubkey.EType)
		b = addUint32(b, checksum)
	} else {
		b = addUint32(b, 0)
	}
	b = addUint32(b, 0) // the credential has no replay cache of its own
	b = addUint32(b, uint32(len(t.AuthData)))
	for _, e := range t.AuthData {
		b = addUint32(addUint32(b, magicAuthData), uint32(e.Type))
		b = addUint32(addCounted(b, e.Data), magicAuthData)
	}
	if t.Attributes != nil {
		b = addUint32(AppendNameAttributes(addUint32(b, magicAttributes), t.Attributes), magicAttributes)
	}
	return addUint32(b, magicContext), nil
}

func (w *MITWindow) append(b []byte) []byte {
	order := binary.LittleEndian
	b = addUint32(b, magicWindow)
	for _, v := range [...]bool{w.Replay, w.Sequence} {
		n := uint32(0)
		if v {
			n = 1
		}
		b = order.AppendUint32(b, n)
	}
	for _, v := range [...]uint64{math.MaxUint64, w.Base, w.Next, w.Map} {
		b = order.AppendUint64(b, v)
	}
	return addUint32(b, magicWindow)
}

// mitFixedSize is the size of the parts that every token has, in octets.
const mitFixedSize = 288

// Size returns the size of the token in octets.
func (t *MITContext) Size() int {
	n := mitFixedSize + 2*len(t.Mech) + len(t.Here) + len(t.There)
	for _, k := range []*EncryptionKey{t.Subkey, t.AcceptorSubkey} {
		if k != nil {
			n += 16 + len(k.Value)
		}
	}
	if t.Key != nil {
		n += 20 + len(t.Key.Value)
	}
	for _, e := range t.AuthData {
		n += 16 + len(e.Data)
	}
	if t.Attributes != nil {
		n += 8 + nameAttributesSize(t.Attributes)
	}
	return n
}
