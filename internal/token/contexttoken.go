// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"errors"
	"math"

	"libgssapi/internal/status"
)

// ContextForm is the form of an interprocess token of a context.
type ContextForm int

// Forms. Those but the first have their keys in the clear.
const (
	FormFull   ContextForm = iota // a ContextToken, with its private part
	FormKernel                    // a ContextToken as FreeBSD's kernel reads it
	FormMIT                       // an MITContext
)

// Values of ContextToken.ACFlags (KRB5_AUTH_CONTEXT_*).
const (
	ACDoTime      int32 = 1
	ACRetTime     int32 = 2
	ACDoSequence  int32 = 4
	ACRetSequence int32 = 8
	ACUseSubkey   int32 = 32
)

// Values of ContextToken.MoreFlags.
const (
	MoreLocal          uint32 = 1 // the exporter is the initiator
	MoreOpen           uint32 = 2 // established
	MoreAcceptorSubkey uint32 = 16
	MoreRetried        uint32 = 32
	MoreCFX            uint32 = 128 // RFC 4121 tokens
)

// NoEndTime, as ContextToken.EndTime, means that the context does not expire.
const NoEndTime uint32 = math.MaxUint32

// JitterWindow is the size of the replay window that FreeBSD's library and kernel keep.
const JitterWindow = 20

// Bits that indicate which optional fields follow.
const (
	hasLocalAddress  = 1
	hasRemoteAddress = 2
	hasKey           = 4
	hasLocalSubkey   = 8
	hasRemoteSubkey  = 16
	hasAll           = 31
)

// ContextToken is the interprocess token of gss_export_sec_context() as libgssapi of FreeBSD up to 14 writes it (in
// Heimdal 1.5's layout, big-endian) and as FreeBSD's kernel reads it. Local and Remote are from the exporter's point
// of view: the acceptor's subkey is RemoteSubkey for an initiator and LocalSubkey for an acceptor. Private contains
// the octets after the last field, which the kernel ignores. Slices alias the input of the parser.
type ContextToken struct {
	Mech          OID
	ACFlags       int32
	LocalAddress  *HostAddress
	RemoteAddress *HostAddress
	LocalPort     uint16
	RemotePort    uint16
	Key           *EncryptionKey // the ticket's session key
	LocalSubkey   *EncryptionKey
	RemoteSubkey  *EncryptionKey
	LocalSeq      uint32 // of the next token to send
	RemoteSeq     uint32
	KeyType       int32  // 0
	ChecksumType  int32  // 0
	Source        []byte // exported name of the initiator
	Target        []byte // exported name of the acceptor
	Flags         uint32 // GSS_C_*_FLAG
	MoreFlags     uint32
	EndTime       uint32 // seconds since 1970, not a duration, or NoEndTime
	Order         MessageOrder
	Private       []byte
}

// MessageOrder is the replay and ordering window. The first Length of Elems are the highest sequence numbers seen, the
// latest first. The capacity of the window, len(Elems), is the token's jitter_window.
type MessageOrder struct {
	Flags    uint32 // OrderReplay, OrderSequence
	Start    uint32
	Length   uint32
	FirstSeq uint32
	Elems    []uint32
}

// Values of MessageOrder.Flags, which are GSS_C_REPLAY_FLAG and GSS_C_SEQUENCE_FLAG.
const (
	OrderReplay   uint32 = 4
	OrderSequence uint32 = 8
)

// NewMessageOrder returns the window before the first message, with elems, which are zeros.
func NewMessageOrder(flags, firstSeq uint32, elems []uint32) MessageOrder {
	elems[0] = firstSeq - 1
	return MessageOrder{Flags: flags & (OrderReplay | OrderSequence), FirstSeq: firstSeq, Elems: elems}
}

// InterprocessMech returns the OID of the mechanism of an interprocess token. Tokens of different mechanisms have
// nothing else in common.
func InterprocessMech(b []byte) ([]byte, error) {
	if mech, is := IsMITContext(b); is {
		return mech, nil
	}
	r := packed{s: b}
	mech := r.mech()
	if r.fault != "" {
		return nil, defective(status.KG_BAD_LENGTH, "interprocess token: %s", r.fault)
	}
	return mech, nil
}

// ParseContextToken parses an interprocess token. Its contents are only as trustworthy as the channel that it came
// through.
func ParseContextToken(b []byte) (*ContextToken, error) {
	p := new(ContextTokenParser)
	if err := p.Parse(b); err != nil {
		return nil, err
	}
	return &p.ContextToken, nil
}

// ContextTokenParser is a parsed token with the memory that its parts need. The zero value is ready for one token.
type ContextTokenParser struct {
	ContextToken
	keys  [3]EncryptionKey
	elems [JitterWindow]uint32
}

// Parse is ParseContextToken into p.
func (p *ContextTokenParser) Parse(b []byte) error {
	r := packed{s: b}
	t := &p.ContextToken
	t.Mech = OID(r.mech())
	present := r.uint32("flags")
	t.ACFlags = int32(r.uint32("ac_flags"))
	t.LocalAddress = r.address(present&hasLocalAddress != 0, "local address")
	t.RemoteAddress = r.address(present&hasRemoteAddress != 0, "remote address")
	t.LocalPort = r.uint16("local port")
	t.RemotePort = r.uint16("remote port")
	t.Key = r.key(&p.keys[0], present&hasKey != 0, "session key")
	t.LocalSubkey = r.key(&p.keys[1], present&hasLocalSubkey != 0, "local subkey")
	t.RemoteSubkey = r.key(&p.keys[2], present&hasRemoteSubkey != 0, "remote subkey")
	t.LocalSeq = r.uint32("local sequence number")
	t.RemoteSeq = r.uint32("remote sequence number")
	t.KeyType = int32(r.uint32("keytype"))
	t.ChecksumType = int32(r.uint32("cksumtype"))
	t.Source = r.counted("source name")
	t.Target = r.counted("target name")
	t.Flags = r.uint32("context flags")
	t.MoreFlags = r.uint32("more_flags")
	t.EndTime = r.uint32("lifetime")
	t.Order = r.order(p.elems[:0])
	if present&^hasAll != 0 {
		return defective(status.KG_CONTEXT, "interprocess token: unknown fields are flagged (%#x)", present)
	}
	if r.fault != "" {
		return defective(status.KG_BAD_LENGTH, "interprocess token: %s", r.fault)
	}
	if err := t.check(); err != nil {
		return defective(status.KG_CONTEXT, "interprocess token: %v", err)
	}
	t.Private = r.s
	return nil
}

// maxJitterWindow is far above the 20 of every known writer. Without a limit, a token could request a window of 4 GiB.
const maxJitterWindow = 1024

// maxPart is more than any name or ticket needs, in octets.
const maxPart = 1 << 20

// check verifies what the kernel takes on trust: the kernel copies as many octets of a key as the enctype needs,
// whatever the key's length, and writes outside a window that has no room.
func (t *ContextToken) check() error {
	for _, a := range []*HostAddress{t.LocalAddress, t.RemoteAddress} {
		if a != nil && a.Type != int32(int16(a.Type)) {
			return errors.New("an address type does not fit into 16 bits")
		}
	}
	for _, k := range []*EncryptionKey{t.Key, t.LocalSubkey, t.RemoteSubkey} {
		if k == nil {
			continue
		}
		if k.EType != int32(int16(k.EType)) {
			return errors.New("an enctype does not fit into 16 bits")
		}
		if n := keySize(k.EType); n != 0 && len(k.Value) != n {
			return errors.New("the length of a key does not match its enctype")
		}
	}
	for _, n := range []int{len(t.Source), len(t.Target), len(t.Private)} {
		if n > maxPart {
			return errors.New("a name or the private part is too long")
		}
	}
	if len(t.Mech) > maxPart>>8 {
		return errors.New("the mechanism OID is too long")
	}
	o := &t.Order
	if o.Flags != 0 && len(o.Elems) == 0 {
		return errors.New("message order is checked, but the window has no room")
	}
	if len(o.Elems) > maxJitterWindow {
		return errors.New("the window for the message order is too large")
	}
	if uint64(o.Length) > uint64(len(o.Elems)) {
		return errors.New("the window for the message order has more entries than room")
	}
	if t.MoreFlags&MoreAcceptorSubkey != 0 && t.acceptorSubkey() == nil {
		return errors.New("there is no acceptor subkey, but it is flagged")
	}
	return nil
}

func (t *ContextToken) present() (bits uint32) {
	if t.LocalAddress != nil {
		bits |= hasLocalAddress
	}
	if t.RemoteAddress != nil {
		bits |= hasRemoteAddress
	}
	if t.Key != nil {
		bits |= hasKey
	}
	if t.LocalSubkey != nil {
		bits |= hasLocalSubkey
	}
	if t.RemoteSubkey != nil {
		bits |= hasRemoteSubkey
	}
	return bits
}

func (t *ContextToken) acceptorSubkey() *EncryptionKey {
	if t.MoreFlags&MoreLocal != 0 {
		return t.RemoteSubkey
	}
	return t.LocalSubkey
}

// keySize returns the size of the keys of an enctype, 0 if it is not one whose contexts are exported.
func keySize(etype int32) int {
	switch etype {
	case 17, 19:
		return 16
	case 18, 20:
		return 32
	}
	return 0
}

// Append appends the token to b, which must have room for it, so that no keys are left in memory that was too small.
// It rejects everything that ParseContextToken rejects.
func (t *ContextToken) Append(b []byte) ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, status.Errorf(status.Failure, status.KG_CONTEXT, "interprocess token: %v", err)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(t.Mech)))
	b = append(b, t.Mech...)
	b = addUint32(b, t.present())
	b = addUint32(b, uint32(t.ACFlags))
	b = addPackedAddress(b, t.LocalAddress)
	b = addPackedAddress(b, t.RemoteAddress)
	b = binary.BigEndian.AppendUint16(b, t.LocalPort)
	b = binary.BigEndian.AppendUint16(b, t.RemotePort)
	b = addPackedKey(b, t.Key)
	b = addPackedKey(b, t.LocalSubkey)
	b = addPackedKey(b, t.RemoteSubkey)
	b = addUint32(b, t.LocalSeq)
	b = addUint32(b, t.RemoteSeq)
	b = addUint32(b, uint32(t.KeyType))
	b = addUint32(b, uint32(t.ChecksumType))
	b = addCounted(b, t.Source)
	b = addCounted(b, t.Target)
	b = addUint32(b, t.Flags)
	b = addUint32(b, t.MoreFlags)
	b = addUint32(b, t.EndTime)
	b = addUint32(b, t.Order.Flags)
	b = addUint32(b, t.Order.Start)
	b = addUint32(b, t.Order.Length)
	b = addUint32(b, uint32(len(t.Order.Elems)))
	b = addUint32(b, t.Order.FirstSeq)
	for _, e := range t.Order.Elems {
		b = addUint32(b, e)
	}
	return append(b, t.Private...), nil
}

// Sizes of the fixed parts of a token: before and between its variable parts, and before an address or a key.
const (
	fixedSize = 70
	frameSize = 6
)

// Size returns the size of the token in octets.
func (t *ContextToken) Size() int {
	n := fixedSize + len(t.Mech) + len(t.Source) + len(t.Target) + 4*len(t.Order.Elems) + len(t.Private)
	for _, a := range []*HostAddress{t.LocalAddress, t.RemoteAddress} {
		if a != nil {
			n += frameSize + len(a.Address)
		}
	}
	for _, k := range []*EncryptionKey{t.Key, t.LocalSubkey, t.RemoteSubkey} {
		if k != nil {
			n += frameSize + len(k.Value)
		}
	}
	return n
}
