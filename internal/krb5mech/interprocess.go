// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// privateVersion is the first octet of what follows the kernel's fields in our interprocess tokens, for what those
// fields cannot hold. Tokens of other libraries end before it. attributesVersion is that of contexts whose initiator's name
// has attributes.
const (
	privateVersion    = 1
	attributesVersion = 2
)

// Export implements gss.Context.
func (c *secContext) Export(form token.ContextForm) (gss.Interprocess, error) {
	send, recv, window := c.protection.Stop()
	body, err := c.inForm(form, send, recv, window)
	if err != nil {
		c.protection.Resume()
		return nil, err
	}
	return body, nil
}

func (c *secContext) inForm(form token.ContextForm, send, recv uint64, window protect.Window) (gss.Interprocess, error) {
	if form == token.FormMIT {
		return c.mitContext(send, window), nil
	}
	x := exports.Get().(*exported)
	err := c.fill(x, send, recv, window)
	if err == nil && form == token.FormKernel {
		err = checkKernel(&x.ContextToken)
		x.Private = nil // which the kernel does not read
	}
	if err != nil {
		x.drop()
		return nil, err
	}
	return x, nil
}

// exported is the body of an interprocess token, which Append ends, with the memory that its parts need. There are no
// keys in it.
type exported struct {
	token.ContextToken
	elems   [token.JitterWindow]uint32
	names   [2][96]byte
	private [privateSize]byte
}

var exports = sync.Pool{New: func() any { return new(exported) }}

func (x *exported) drop() {
	*x = exported{}
	exports.Put(x)
}

// Append implements gss.Interprocess.
func (x *exported) Append(b []byte) ([]byte, error) {
	defer x.drop()
	return x.ContextToken.Append(b)
}

// Exported implements gss.Context.
func (c *secContext) Exported(moved bool) {
	if moved {
		c.protection.Retire()
	} else {
		c.protection.Resume()
	}
}

// checkKernel refuses keys that FreeBSD's kernel cannot use: it would mistake them for others, or ignore them.
func checkKernel(t *token.ContextToken) error {
	for _, k := range []*token.EncryptionKey{t.Key, t.LocalSubkey, t.RemoteSubkey} {
		if k == nil {
			continue
		}
		if e := crypto.EType(k.EType); e != crypto.AES128SHA1 && e != crypto.AES256SHA1 {
			return status.Errorf(status.Unavailable, status.KRB5_BAD_ENCTYPE, "the context has a key of %s, which the kernel "+
				"does not support: it was established before format = kernel was set", e)
		}
	}
	return nil
}

// fill fills in the context in the format that FreeBSD's kernel and libgssapi read.
func (c *secContext) fill(x *exported, send, recv uint64, window protect.Window) error {
	source, err := c.source.Export(x.names[0][:])
	if err != nil {
		return err
	}
	target, err := c.target.Export(x.names[1][:])
	if err != nil {
		return err
	}
	t := &x.ContextToken
	*t = token.ContextToken{
		Mech:      c.mech,
		ACFlags:   token.ACDoTime | token.ACDoSequence | token.ACUseSubkey,
		Key:       &c.keys.session,
		LocalSeq:  uint32(send),
		RemoteSeq: uint32(recv),
		Source:    source,
		Target:    target,
		Flags:     c.flags &^ gss.FlagProtReady,
		MoreFlags: token.MoreOpen | token.MoreCFX,
		EndTime:   seconds32(c.end),
		Order:     token.NewMessageOrder(c.flags, uint32(recv), x.elems[:]),
		Private:   c.marshalPrivate(x.private[:0], send, window),
	}
	local, remote := &c.keys.acceptorSubkey, &c.keys.initiatorSubkey
	if c.initiator {
		t.MoreFlags |= token.MoreLocal
		local, remote = remote, local
	}
	if local.Value != nil {
		t.LocalSubkey = local
	}
	if remote.Value != nil {
		t.RemoteSubkey = remote
	}
	if c.keys.acceptorSubkey.Value != nil {
		t.MoreFlags |= token.MoreAcceptorSubkey
	}
	return nil
}

// privateSize is the size of the private part without authorization data, in octets.
const privateSize = 65

// marshalPrivate appends what only this library reads: 64-bit sequence numbers and the whole window, times and flags of
// the ticket, its authorization data, and what is proven of it.
func (c *secContext) marshalPrivate(b []byte, send uint64, w protect.Window) []byte {
	var authData []byte
	if len(c.authData) > 0 {
		authData = token.MarshalAuthData(c.authData)
	}
	version, attributes := byte(privateVersion), c.clientAttributes()
	var proved []byte
	if attributes != nil {
		version, proved = attributesVersion, proof(attributes)
	}
	b = append(slices.Grow(b, privateSize+len(authData)+len(proved)), version)
	for _, v := range [...]uint64{
		send, w.Base, w.Next, w.Map,
		seconds(c.end), uint64(c.grace / time.Second), seconds(c.authTime),
	} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, c.ticketFlags)
	b = binary.BigEndian.AppendUint32(b, uint32(len(authData)))
	return append(append(b, authData...), proved...)
}

// ParseInterprocess implements gss.Mechanism.
func (m Mechanism) ParseInterprocess(body []byte) (gss.Parsed, error) {
	if _, is := token.IsMITContext(body); is {
		t, err := token.ParseMITContext(body)
		if err != nil {
			return nil, err
		}
		return &mitParsed{t, m.oid()}, nil
	}
	p := parses.Get().(*parsed)
	if err := p.Parse(body); err != nil {
		p.drop()
		return nil, err
	}
	p.mech = m.oid()
	return p, nil
}

// parsed is a parsed body, which Context ends.
type parsed struct {
	token.ContextTokenParser
	mech token.OID
}

var parses = sync.Pool{New: func() any { return new(parsed) }}

func (p *parsed) drop() {
	*p = parsed{}
	parses.Put(p)
}

// Context implements gss.Parsed.
func (p *parsed) Context(env *krb5.Env) (gss.Context, error) {
	defer p.drop()
	c, err := importBody(env, p.mech, &p.ContextToken)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// importBody makes a context from the fields of an interprocess token.
func importBody(env *krb5.Env, mech token.OID, t *token.ContextToken) (*secContext, error) {
	c := &secContext{
		mech:      mech,
		initiator: t.MoreFlags&token.MoreLocal != 0,
		flags:     t.Flags,
		end:       time.Unix(int64(t.EndTime), 0),
	}
	if t.EndTime == token.NoEndTime {
		c.end = time.Unix(1<<62, 0)
	}
	p := protect.Params{SendSeq: uint64(t.LocalSeq), Window: windowOf(&t.Order)}
	var attributes *token.NameAttributes
	if len(t.Private) > 0 {
		var err error
		if attributes, err = c.parsePrivate(t.Private, &p); err != nil {
			return nil, err
		}
	}
	if err := c.importNames(t); err != nil {
		return nil, err
	}
	c.source = withAttributes(c.source, attributes)
	if t.MoreFlags&token.MoreOpen == 0 || t.Key == nil {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT,
			"interprocess token of a context that was not established")
	}
	c.importKeys(t)
	if (c.keys.acceptorSubkey.Value != nil) != (t.MoreFlags&token.MoreAcceptorSubkey != 0) {
		return nil, status.Errorf(status.DefectiveToken, status.KG_NO_SUBKEY,
			"interprocess token: the acceptor subkey and its flag disagree")
	}
	if err := c.establish(env, p); err != nil {
		return nil, status.Errorf(status.DefectiveToken, status.KG_ENC_DESC, "interprocess token: %v", err)
	}
	c.flags = c.flags&^gss.FlagTrans | t.Flags&gss.FlagTrans
	return c, nil
}

func (c *secContext) importNames(t *token.ContextToken) (err error) {
	if c.source, err = importName(t.Source, c.initiator); err != nil {
		return err
	}
	c.target, err = importName(t.Target, !c.initiator)
	return err
}

// ownName is the name of this side of the context that was imported last. It is mostly that of the next one, too.
type ownName struct {
	octets []byte
	name   *gss.Name
}

var lastOwnName atomic.Pointer[ownName]

// importName imports the name of a side; own says that it is this one.
func importName(octets []byte, own bool) (*gss.Name, error) {
	if last := lastOwnName.Load(); own && last != nil && bytes.Equal(last.octets, octets) {
		return last.name, nil
	}
	name, err := gss.ImportName(octets, token.NTExportName)
	if err != nil {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token: %v", err)
	}
	if own {
		lastOwnName.Store(&ownName{bytes.Clone(octets), name})
	}
	return name, nil
}

// importKeys copies the keys into a single allocation, because the token belongs to the caller.
func (c *secContext) importKeys(t *token.ContextToken) {
	size := 0
	for _, k := range []*token.EncryptionKey{t.Key, t.LocalSubkey, t.RemoteSubkey} {
		if k != nil {
			size += len(k.Value)
		}
	}
	room := make([]byte, 0, size)
	clone := func(k *token.EncryptionKey) token.EncryptionKey {
		if k == nil {
			return token.EncryptionKey{}
		}
		begin := len(room)
		room = append(room, k.Value...)
		return token.EncryptionKey{EType: k.EType, Value: room[begin:len(room):len(room)]}
	}
	c.keys.session = clone(t.Key)
	c.keys.acceptorSubkey, c.keys.initiatorSubkey = clone(t.LocalSubkey), clone(t.RemoteSubkey)
	if c.initiator {
		c.keys.acceptorSubkey, c.keys.initiatorSubkey = c.keys.initiatorSubkey, c.keys.acceptorSubkey
	}
}

// parsePrivate is the inverse of marshalPrivate. It returns the attributes of the initiator's name.
func (c *secContext) parsePrivate(b []byte, p *protect.Params) (attributes *token.NameAttributes, err error) {
	in := cryptobyte.String(b)
	var version uint8
	var end, grace, authTime uint64
	var authData cryptobyte.String
	if !in.ReadUint8(&version) || version != privateVersion && version != attributesVersion {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT,
			"interprocess token of another version of this library (%d)", version)
	}
	w := p.Window
	if !in.ReadUint64(&p.SendSeq) || !in.ReadUint64(&w.Base) || !in.ReadUint64(&w.Next) || !in.ReadUint64(&w.Map) ||
		!in.ReadUint64(&end) || !in.ReadUint64(&grace) || !in.ReadUint64(&authTime) || !in.ReadUint32(&c.ticketFlags) ||
		!readUint32Prefixed(&in, &authData) || in.Empty() != (version == privateVersion) || end > 1<<62 || grace > 1<<30 || authTime > 1<<62 {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token: the private part is malformed")
	}
	c.end, c.authTime = time.Unix(int64(end), 0), time.Unix(int64(authTime), 0)
	c.grace = time.Duration(grace) * time.Second
	if len(authData) > 0 {
		entries, err := token.ParseAuthData(authData)
		if err != nil {
			return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token: %v", err)
		}
		c.authData = cloneAuthData(entries)
	}
	if version == attributesVersion {
		if attributes, err = proven(in, c.authData); err != nil || c.initiator {
			return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token: the attributes are malformed")
		}
	}
	return attributes, nil
}

// windowOf converts the kernel's list of sequence numbers seen, the highest first, to our window.
func windowOf(o *token.MessageOrder) *protect.Window {
	w := &protect.Window{
		Replay:   o.Flags&token.OrderReplay != 0,
		Sequence: o.Flags&token.OrderSequence != 0,
		Base:     uint64(o.FirstSeq),
	}
	if o.Length == 0 {
		return w
	}
	highest := o.Elems[0] - o.FirstSeq
	w.Next = uint64(highest) + 1
	for _, e := range o.Elems[:o.Length] {
		if behind := highest - (e - o.FirstSeq); behind < protect.WindowSize {
			w.Map |= 1 << behind
		}
	}
	return w
}

func readUint32Prefixed(in, out *cryptobyte.String) bool {
	var n uint32
	return in.ReadUint32(&n) && uint64(n) <= uint64(len(*in)) && in.ReadBytes((*[]byte)(out), int(n))
}
