// SPDX-License-Identifier: BSD-2-Clause

// Package ctx is the security context of GSS-API (RFC 2743, Section 2.2): its establishment by the AP exchange of
// RFC 4121, negotiated or not, the protection of messages, and its way from one process to another.
package ctx

import (
	"sync"
	"sync/atomic"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/message"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Context flags (RFC 2744, Section 5.19).
const (
	FlagDeleg        uint32 = 1
	FlagMutual       uint32 = 2
	FlagReplay       uint32 = 4
	FlagSequence     uint32 = 8
	FlagConf         uint32 = 16
	FlagInteg        uint32 = 32
	FlagAnon         uint32 = 64
	FlagProtReady    uint32 = 128
	FlagTrans        uint32 = 256
	FlagDCE          uint32 = 0x1000
	FlagChannelBound uint32 = 2048
	FlagDelegPolicy  uint32 = 32768
)

// Indefinite is the lifetime that does not end (GSS_C_INDEFINITE).
const Indefinite = 0xffffffff

// Context is one side of a security context. It is safe for concurrent use; when two threads send on one context the
// order of their messages is theirs to define.
type Context struct {
	// protection is set once, when the context is established, and read without the lock by per-message calls.
	protection atomic.Pointer[protect.Protection]

	// moved is set when any of the processes that share the context by fork(2) has exported it; nil where none can.
	moved atomic.Pointer[inherit.Cell]

	// withheld is set when the program does not want children to have the context.
	withheld atomic.Bool

	mu        sync.Mutex
	state     state
	initiator bool
	initiate  *initiation   // while waitingReply
	confirm   *confirmation // while waitingConfirmation
	nego      *negotiation  // while negotiating

	source, target *gss.Name
	flags          uint32
	authTime       time.Time
	end            time.Time     // of the ticket
	grace          time.Duration // by which an acceptor lets contexts outlive their tickets, as it lets tickets
	keys           keys
	authData       []token.AuthDataEntry // of the ticket
	ticketFlags    uint32
}

// state is where a context stands.
type state int

const (
	fresh               state = iota // no token was made or taken yet
	waitingReply                     // an initiator's AP-REQ is out
	waitingConfirmation              // a DCE-style acceptor's AP-REP is out
	negotiating                      // SPNEGO is not over
	established
	failed   // by an error after the first token; only deletion is left
	exported // gone to another process
	deleted
)

func (s state) String() string {
	return [...]string{"fresh", "waiting for the acceptor's reply",
		"waiting for the initiator's confirmation", "being negotiated", "established", "failed", "exported", "deleted"}[s]
}

// keys are what an established context was made of, for export.
type keys struct {
	session, initiatorSubkey, acceptorSubkey token.EncryptionKey
}

func (k *keys) wipe() {
	for _, key := range []token.EncryptionKey{k.session, k.initiatorSubkey, k.acceptorSubkey} {
		clear(key.Value)
	}
}

// Result is one step of establishing a context. Token goes to the peer, with an error, too.
type Result struct {
	Token    []byte
	More     bool // the peer's answer is needed
	Mech     token.OID
	Flags    uint32
	Lifetime uint32 // seconds, Indefinite
}

// Info is what gss_inquire_context tells.
type Info struct {
	Source, Target *gss.Name // mechanism names
	Lifetime       uint32
	Mech           token.OID
	Flags          uint32
	Local          bool // we are the initiator
	Open           bool // established
}

// protect returns the per-message state of an established context.
func (c *Context) protect() (*protect.Protection, error) {
	if p := c.protection.Load(); p != nil {
		if cell := c.moved.Load(); cell == nil || !cell.IsSet() {
			return p, nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	return nil, c.notEstablished()
}

// settle notices that another process of the family has exported the context; c.mu is held.
func (c *Context) settle() {
	if cell := c.moved.Load(); cell != nil && cell.IsSet() && (c.state == established || c.state == waitingReply) {
		c.state = exported
		c.wipe()
	}
}

func (c *Context) notEstablished() error {
	return status.Errorf(status.NoContext, status.KG_CTX_INCOMPLETE, "the context is %s, not established", c.state)
}

// GetMIC computes a MIC token over msg (RFC 4121, Section 4.2.6.1). Like its peers it works on after the ticket's end:
// gss_context_time tells when a context has expired.
func (c *Context) GetMIC(qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
	p, err := c.protect()
	if err != nil {
		return nil, err
	}
	return p.GetMIC(qop, msg, mem)
}

// VerifyMIC checks a peer's MIC token over msg and its place in the sequence.
func (c *Context) VerifyMIC(msg, tok []byte) (status.Major, error) {
	p, err := c.protect()
	if err != nil {
		return 0, err
	}
	return p.VerifyMIC(msg, tok)
}

// Wrap protects msg (RFC 4121, Section 4.2.6.2).
func (c *Context) Wrap(conf bool, qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
	p, err := c.protect()
	if err != nil {
		return nil, err
	}
	return p.Wrap(conf, qop, msg, mem)
}

// Unwrap verifies and, if it is sealed, decrypts a peer's Wrap token.
func (c *Context) Unwrap(tok []byte, mem *message.Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	p, err := c.protect()
	if err != nil {
		return nil, false, 0, err
	}
	return p.Unwrap(tok, mem)
}

// WrapIOV, WrapIOVLength, UnwrapIOV, GetMICIOV, GetMICIOVLength and VerifyMICIOV do the same for messages in several
// buffers, in place; WrapAEAD and UnwrapAEAD for one with associated data.
func (c *Context) WrapIOV(conf bool, qop uint32, iov []message.Buffer, mem *message.Memory) (bool, error) {
	p, err := c.protect()
	if err != nil {
		return false, err
	}
	return p.WrapIOV(conf, qop, iov, mem)
}

// WrapIOVLength tells the lengths of WrapIOV's buffers.
func (c *Context) WrapIOVLength(conf bool, qop uint32, iov []message.Buffer) (bool, error) {
	p, err := c.protect()
	if err != nil {
		return false, err
	}
	return p.WrapIOVLength(conf, qop, iov)
}

// UnwrapIOV see WrapIOV.
func (c *Context) UnwrapIOV(iov []message.Buffer, mem *message.Memory) (conf bool, supplementary status.Major, err error) {
	p, err := c.protect()
	if err != nil {
		return false, 0, err
	}
	return p.UnwrapIOV(iov, mem)
}

// GetMICIOV see WrapIOV.
func (c *Context) GetMICIOV(qop uint32, iov []message.Buffer, mem *message.Memory) error {
	p, err := c.protect()
	if err != nil {
		return err
	}
	return p.GetMICIOV(qop, iov, mem)
}

// GetMICIOVLength tells the lengths of GetMICIOV's buffers.
func (c *Context) GetMICIOVLength(qop uint32, iov []message.Buffer) error {
	p, err := c.protect()
	if err != nil {
		return err
	}
	return p.GetMICIOVLength(qop, iov)
}

// VerifyMICIOV see WrapIOV.
func (c *Context) VerifyMICIOV(iov []message.Buffer) (status.Major, error) {
	p, err := c.protect()
	if err != nil {
		return 0, err
	}
	return p.VerifyMICIOV(iov)
}

// WrapAEAD see WrapIOV.
func (c *Context) WrapAEAD(conf bool, qop uint32, assoc, msg []byte, mem *message.Memory) ([]byte, bool, error) {
	p, err := c.protect()
	if err != nil {
		return nil, false, err
	}
	return p.WrapAEAD(conf, qop, assoc, msg, mem)
}

// UnwrapAEAD see WrapIOV.
func (c *Context) UnwrapAEAD(tok, assoc []byte, mem *message.Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	p, err := c.protect()
	if err != nil {
		return nil, false, 0, err
	}
	return p.UnwrapAEAD(tok, assoc, mem)
}

// WrapSizeLimit returns the largest message whose Wrap token has at most maxOutput octets.
func (c *Context) WrapSizeLimit(conf bool, qop, maxOutput uint32) (uint32, error) {
	p, err := c.protect()
	if err != nil {
		return 0, err
	}
	return p.WrapSizeLimit(conf, qop, maxOutput)
}

// PseudoRandom returns n octets that both sides of the context get for the same input (RFC 4401, Section 3).
func (c *Context) PseudoRandom(full bool, in []byte, n int, mem *message.Memory) ([]byte, error) {
	p, err := c.protect()
	if err != nil {
		return nil, err
	}
	return p.PseudoRandom(full, in, n, mem)
}

// Inquire describes the context (RFC 2744, Section 5.20). Of a half-open one only the flags are known, and which side
// it is; as with its peers it has no names yet.
func (c *Context) Inquire(now time.Time) (Info, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	switch c.state {
	case established:
	case waitingReply, waitingConfirmation:
		return Info{Mech: token.MechKRB5, Flags: c.flags | FlagTrans, Local: c.initiator}, nil
	case negotiating:
		return c.nego.inquire(c.initiator), nil
	default:
		return Info{}, c.notEstablished()
	}
	return Info{
		Source: c.source, Target: c.target, Lifetime: c.remaining(now), Mech: token.MechKRB5,
		Flags: c.flags, Local: c.initiator, Open: true,
	}, nil
}

// TimeLeft returns the seconds until the context expires; an expired one is an error (RFC 2744, Section 5.7).
func (c *Context) TimeLeft(now time.Time) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return 0, c.notEstablished()
	}
	left := c.remaining(now)
	if left == 0 {
		return 0, status.Errorf(status.ContextExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "the context expired at %s",
			c.end.UTC().Format(time.RFC3339))
	}
	return left, nil
}

func (c *Context) remaining(now time.Time) uint32 {
	d := c.end.Add(c.grace).Unix() - now.Unix()
	return uint32(max(0, min(d, Indefinite-1)))
}

// ProcessToken takes a token that belongs to no message. RFC 4121 defines none: the deletion token of RFC 1964 is gone,
// and let a peer take the context away under its owner's feet (CVE-2014-5352).
func (c *Context) ProcessToken(tok []byte) error {
	if _, err := c.protect(); err != nil {
		return err
	}
	return status.Errorf(status.DefectiveToken, status.G_WRONG_TOKID, "Kerberos has no token but those of messages")
}

// Delete wipes the context's keys. It may be called at any time, more than once, but not before its handle is gone:
// until then a child may inherit the context, and looks at the cell to see whether it was exported.
func (c *Context) Delete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != exported {
		c.state = deleted
	}
	c.wipe()
	if cell := c.moved.Swap(nil); cell != nil {
		cell.Release()
	}
}

func (c *Context) wipe() {
	if p := c.protection.Swap(nil); p != nil {
		p.Wipe()
	}
	if c.initiate != nil {
		c.initiate.wipe()
		c.initiate = nil
	}
	if c.confirm != nil {
		c.confirm.release()
		c.confirm = nil
	}
	if c.nego != nil {
		if i := c.nego.inner; i != nil {
			c.moved.Store(i.moved.Swap(nil)) // as long as the handle is there, see Delete
		}
		c.nego.release()
		c.nego = nil
	}
	c.keys.wipe()
	c.keys = keys{}
}

// establish makes the context ready for messages; c.keys, c.flags and the names are set.
func (c *Context) establish(env *krb5.Env, p protect.Params) (err error) {
	if p.Key, err = newKey(c.keys.message()); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.Key.Wipe()
		}
	}()
	base := c.keys.initiatorSubkey
	if base.Value == nil {
		base = c.keys.session
	}
	if p.BaseKey, err = newKey(base); err != nil {
		return err
	}
	p.AcceptorSubkey = c.keys.acceptorSubkey.Value != nil
	p.Initiator = c.initiator
	p.Replay = c.flags&FlagReplay != 0
	p.Sequence = c.flags&FlagSequence != 0
	p.DCE = c.flags&FlagDCE != 0
	p.Mech = token.MechKRB5
	p.Rand = env.Rand
	protection, err := protect.New(p)
	if err != nil {
		return err
	}
	c.flags |= FlagTrans | FlagProtReady
	c.protection.Store(protection)
	c.state = established
	if env.Trace != nil {
		source, _ := krb5mech.Principal(env, c.source)
		target, _ := krb5mech.Principal(env, c.target)
		env.Trace.Established(source, target, c.keys.message().EType, c.flags, c.end)
	}
	return nil
}

func newKey(k token.EncryptionKey) (*crypto.Key, error) {
	return crypto.NewKey(crypto.EType(k.EType), k.Value)
}
