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
	FlagDeleg         uint32 = 1
	FlagMutual        uint32 = 2
	FlagReplay        uint32 = 4
	FlagSequence      uint32 = 8
	FlagConf          uint32 = 16
	FlagInteg         uint32 = 32
	FlagAnon          uint32 = 64
	FlagProtReady     uint32 = 128
	FlagTrans         uint32 = 256
	FlagDCE           uint32 = 0x1000
	FlagIdentify      uint32 = 0x2000
	FlagExtendedError uint32 = 0x4000
	FlagChannelBound  uint32 = 2048
	FlagDelegPolicy   uint32 = 32768
)

// Context is a mechanism's side of a security context. A half-open one is an Initiator or an Acceptor. The owner, which is a
// ctx.Context or a mechanism that negotiates, calls one method at a time and none after Delete.
type Context interface {
	// Inquire describes the context. For a half-open one it may return only Mech, Initiator and Flags.
	Inquire() ContextInfo
	// Protection returns the protection of messages, or nil before the context is established.
	Protection() message.Protection
	// InquireByOID returns the object of an established context that an OID of the mechanism denotes. The caller wipes
	// the result.
	InquireByOID(env *krb5.Env, oid token.OID) ([][]byte, error)
	// ProcessToken processes a token that is not part of a message.
	ProcessToken(tok []byte) error

	// Export returns the body of an interprocess token for an established context. Unless it fails, per-message calls block
	// until Exported: a sequence number that the token lists as unused must not be used here.
	Export(form token.ContextForm) (Interprocess, error)
	// Exported unblocks per-message calls. If the context has moved, they fail from then on.
	Exported(moved bool)
	// Record makes the context record its sequence numbers in words, now and with each message, until it is called with
	// nil.
	Record(words *inherit.Words)
	// Snapshot writes what Mechanism.RestoreContext reads in a child after fork(2), and reports whether it could.
	Snapshot(w *wire.Writer) bool

	// Delete overwrites the keys and releases everything that the context holds.
	Delete()
}

// Initiator is a half-open context of an initiator.
type Initiator interface {
	Context
	// Init produces the next token. If it returns krb5.Pending it has changed nothing.
	Init(env *krb5.Env, a InitArgs) (Result, error)
}

// Acceptor is a half-open context of an acceptor.
type Acceptor interface {
	Context
	// Accept processes the initiator's next token.
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

	// Delegation is set if the program accepts a delegated credential.
	Delegation bool
}

// Result is one step of establishing a context.
type Result struct {
	Token []byte // for the peer, with an error, too
	More  bool   // the peer's answer is needed
	Over  bool   // with an error: the context cannot continue

	// Established is set once no answer of the peer is needed any more. It is the context itself, or the negotiated one.
	Established Context

	Mech      token.OID
	Flags     uint32
	Lifetime  uint32 // seconds, Indefinite
	Source    *Name  // an acceptor's peer
	Delegated *Cred  // what it has delegated; nil: nothing
}

// ContextInfo describes a context.
type ContextInfo struct {
	Source, Target *Name // mechanism names
	Mech           token.OID
	Initiator      bool // it is the initiator's side
	Flags          uint32
	End            time.Time     // when the ticket, or whatever else limits the context, expires
	Grace          time.Duration // by which an acceptor lets it outlive that
}

// Remaining returns the seconds until the context expires, or 0 if it has expired.
func (i *ContextInfo) Remaining(now time.Time) uint32 {
	d := i.End.Add(i.Grace).Unix() - now.Unix()
	return uint32(max(0, min(d, Indefinite-1)))
}

// Interprocess is the body of an interprocess token (RFC 2743, Section 2.2.8).
type Interprocess interface {
	// Size returns the size of the body in octets.
	Size() int
	// Append appends the body, which contains keys, to b, whose capacity is sufficient. The body begins with the
	// mechanism's OID, after its length in two octets, or four in the format of MIT krb5.
	Append(b []byte) ([]byte, error)
}

// Parsed is a parsed body of an interprocess token.
type Parsed interface {
	// Context creates the context. The caller has checked that the policy admits the token.
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

// Inherited is what a child after fork(2) knows about a context apart from what Context.Snapshot wrote.
type Inherited struct {
	Library     *krb5.Library
	Rand        io.Reader
	Initiator   bool
	Established bool
	Words       *inherit.Words // in which the parent recorded its sequence numbers
}
