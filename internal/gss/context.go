// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"io"
	"time"

	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
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

// Context is one side of a security context in the hands of its mechanism: half-open, and then an Initiator or an Acceptor,
// or established. Its owner, a ctx.Context or a mechanism that has negotiated it, calls one method at a time and none after
// Delete.
type Context interface {
	// Inquire describes the context, as far as it goes.
	Inquire() ContextInfo
	// Protection protects messages; nil before the context is established.
	Protection() message.Protection
	// InquireByOID answers one of the mechanism's own inquiries about an established context.
	InquireByOID(oid token.OID) ([][]byte, error)
	// ProcessToken takes a token that belongs to no message of an established context.
	ProcessToken(tok []byte) error

	// Export returns what an interprocess token has of an established context. Without an error messages wait until Exported
	// tells whether the context has moved: no number of a message that the token has as unused may be used here. kernel asks
	// for the form that FreeBSD's kernel reads.
	Export(kernel bool) (Interprocess, error)
	// Exported has messages go on, or, if the context has moved, fail.
	Exported(moved bool)
	// Record has the context record the numbers of its messages in words, at once and with each message; if words is nil, not
	// any more.
	Record(words *inherit.Words)
	// Snapshot writes what Mechanism.RestoreContext reads in a child after fork(2). It is false if that cannot be.
	Snapshot(w *wire.Writer) bool

	// Delete overwrites the keys and releases what the context has.
	Delete()
}

// Initiator is a half-open context of an initiator.
type Initiator interface {
	Context
	// Init makes the next token. With krb5.Pending it has changed nothing.
	Init(env *krb5.Env, a InitArgs) (Result, error)
}

// Acceptor is a half-open context of an acceptor.
type Acceptor interface {
	Context
	// Accept takes the initiator's next token.
	Accept(env *krb5.Env, a AcceptArgs) (Result, error)
}

// InitArgs are the inputs of gss_init_sec_context (RFC 2744, Section 5.19).
type InitArgs struct {
	Cred     *Cred // nil: the default credential
	Target   *Name
	Mech     token.OID // "": the default one; once a context is begun it has its mechanism
	Flags    uint32
	Lifetime uint32 // seconds wished for; 0 and Indefinite leave it to the mechanism
	Bindings *Bindings
	Input    []byte
}

// AcceptArgs are the inputs of gss_accept_sec_context (RFC 2744, Section 5.1).
type AcceptArgs struct {
	Cred     *Cred // nil: the default credential
	Bindings *Bindings
	Input    []byte

	// Delegation is whether the program takes what the initiator delegates.
	Delegation bool
}

// Result is one step of establishing a context.
type Result struct {
	Token []byte // for the peer, with an error, too
	More  bool   // the peer's answer is needed
	Over  bool   // with an error: the context does not go on from there

	// Established is what the context has become when the peer's answer is not needed: itself, or what was negotiated.
	Established Context

	Mech      token.OID
	Flags     uint32
	Lifetime  uint32 // seconds, Indefinite
	Source    *Name  // an acceptor's peer
	Delegated *Cred  // what it has delegated; nil: nothing
}

// ContextInfo is what a mechanism tells of a context.
type ContextInfo struct {
	Source, Target *Name // mechanism names
	Mech           token.OID
	Initiator      bool // it is the initiator's side
	Flags          uint32
	End            time.Time     // of the ticket, or whatever else limits the context
	Grace          time.Duration // by which an acceptor lets it outlive that
}

// Remaining returns the seconds until the context expires, 0 if it has.
func (i *ContextInfo) Remaining(now time.Time) uint32 {
	d := i.End.Add(i.Grace).Unix() - now.Unix()
	return uint32(max(0, min(d, Indefinite-1)))
}

// Interprocess is the body of an interprocess token (RFC 2743, Section 2.2.8).
type Interprocess interface {
	// Size is the body's, in octets.
	Size() int
	// Append appends the body, which has keys in it, to b, which has room for it. It begins with the OID of the mechanism
	// behind its length in two octets.
	Append(b []byte) ([]byte, error)
}

// Parsed is the body of an interprocess token that was read.
type Parsed interface {
	// Context makes a context of the body, which is admitted.
	Context(env *krb5.Env) (Context, error)
}

// Bindings are channel bindings (RFC 2744, Section 3.11). The slices alias the caller's memory during the call.
type Bindings struct {
	InitiatorAddrType uint32
	InitiatorAddr     []byte
	AcceptorAddrType  uint32
	AcceptorAddr      []byte
	ApplicationData   []byte
}

// Inherited is what a child after fork(2) knows of a context before it reads what Context.Snapshot wrote.
type Inherited struct {
	Library     *krb5.Library
	Rand        io.Reader
	Initiator   bool
	Established bool
	Words       *inherit.Words // that the parent has recorded its messages in
}
