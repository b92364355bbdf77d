// SPDX-License-Identifier: BSD-2-Clause

// Package protect protects messages with the keys of an established context (RFC 4121, Section 4.2; for older encryption
// types RFC 1964, Section 1.2): MICs, wrapping of whole and scattered messages, and the window that detects messages that
// are repeated, missing or out of order. It knows no mechanism; mechanisms pass it keys and flags.
package protect

import (
	"io"
	"sync"
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/inherit"
	"libgssapi/internal/stack"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Key usages (RFC 4121, Section 2).
const (
	usageAcceptorSeal  = 22
	usageAcceptorSign  = 23
	usageInitiatorSeal = 24
	usageInitiatorSign = 25
)

// Params is what context establishment agreed on.
type Params struct {
	Initiator      bool
	AcceptorSubkey bool // Key is the acceptor's subkey
	Replay         bool
	Sequence       bool
	DCE            bool        // DCE style: tokens over several buffers are filled and rotated as Windows wants them
	Key            *crypto.Key // protects messages of both sides
	// BaseKey is the initiator's subkey, else the session key; nil stands for Key. It is the partial key of PseudoRandom,
	// and an initiator may protect messages with it before it has seen the acceptor's subkey.
	BaseKey *crypto.Key
	SendSeq uint64    // number of the next message to send
	RecvSeq uint64    // number of the next message expected
	Mech    token.OID // whose frame message tokens may have
	Window  *Window   // of a context that was imported; overrides Replay, Sequence and RecvSeq
	Rand    io.Reader // for confounders
}

// Protection is the per-message protection of an established context (RFC 4121, Section 4.2). The two directions have
// separate state and locks: one thread may wrap while another unwraps, and any number of threads may do either.
type Protection struct {
	initiator      bool
	acceptorSubkey bool
	dce            bool
	legacy         bool // the key's type is one of RFC 1964's times
	mech           token.OID
	send           sender
	recv           receiver
}

// sender is the outgoing direction.
type sender struct {
	mu     sync.Mutex
	keys   directionKeys
	seq    uint64
	flags  byte
	header [token.MessageHeaderSize]byte
	rand   randomness     // for confounders
	pieces []crypto.Piece // of the message at work, for its array
	words  *inherit.Words // where seq is recorded, or nil
}

// receiver is the incoming direction.
type receiver struct {
	mu     sync.Mutex
	keys   directionKeys
	early  directionKeys // of messages from before the peer knew the acceptor's subkey
	window Window
	header [token.MessageHeaderSize]byte
	sum    [maxChecksum]byte
	pieces []crypto.Piece // of the message at work, for its array
	words  *inherit.Words // where window is recorded, or nil
}

// maxChecksum is at least the length of the longest checksum of all encryption types.
const maxChecksum = 32

// directionKeys are the keys of one direction, derived when they are first needed.
type directionKeys struct {
	key              *crypto.Key
	sealUse, signUse uint32
	cipher           *crypto.Cipher
	wrapMAC, micMAC  *crypto.MAC
}

func (k *directionKeys) forSealing() *crypto.Cipher {
	if k.cipher == nil {
		k.cipher = k.key.NewCipher(k.sealUse)
		stack.Wipe()
	}
	return k.cipher
}

// forWrap computes the checksums of Wrap tokens without confidentiality, which have the key usage of sealed tokens.
func (k *directionKeys) forWrap() *crypto.MAC {
	if k.wrapMAC == nil {
		k.wrapMAC = k.key.NewMAC(k.sealUse)
		stack.Wipe()
	}
	return k.wrapMAC
}

func (k *directionKeys) forMIC() *crypto.MAC {
	if k.micMAC == nil {
		k.micMAC = k.key.NewMAC(k.signUse)
		stack.Wipe()
	}
	return k.micMAC
}

// New starts per-message protection. It keeps the keys until Wipe overwrites them.
func New(p Params) (*Protection, error) {
	if p.Key == nil || p.Rand == nil {
		return nil, status.Errorf(status.Failure, status.KG_CTX_INCOMPLETE, "")
	}
	initiatorKeys := directionKeys{key: p.Key, sealUse: usageInitiatorSeal, signUse: usageInitiatorSign}
	acceptorKeys := directionKeys{key: p.Key, sealUse: usageAcceptorSeal, signUse: usageAcceptorSign}

	prot := &Protection{initiator: p.Initiator, acceptorSubkey: p.AcceptorSubkey, dce: p.DCE, mech: p.Mech}
	prot.legacy = p.Key.EType().Legacy()
	prot.send.seq, prot.send.rand.source = p.SendSeq, p.Rand
	if p.AcceptorSubkey {
		prot.send.flags |= token.FlagAcceptorSubkey
	}
	if p.Initiator {
		prot.send.keys, prot.recv.keys = initiatorKeys, acceptorKeys
	} else {
		prot.send.keys, prot.recv.keys = acceptorKeys, initiatorKeys
		prot.send.flags |= token.FlagSentByAcceptor
	}
	prot.recv.early = directionKeys{key: p.BaseKey, sealUse: prot.recv.keys.sealUse, signUse: prot.recv.keys.signUse}
	if p.BaseKey == nil {
		prot.recv.early.key = p.Key
	}
	if p.Window != nil {
		prot.recv.window = *p.Window
	} else {
		prot.recv.window = Window{Replay: p.Replay, Sequence: p.Sequence, Base: p.RecvSeq}
	}
	return prot, nil
}

// State returns the number of the next message to send, the number of the next message expected, and the record of
// those received.
func (p *Protection) State() (sendSeq, recvSeq uint64, w Window) {
	p.lock()
	defer p.unlock()
	return p.state()
}

// state is State; both locks are held.
func (p *Protection) state() (sendSeq, recvSeq uint64, w Window) {
	w = p.recv.window
	return p.send.seq, w.Base + w.Next, w
}

// Wipe overwrites the keys. All later calls fail with NoContext.
func (p *Protection) Wipe() {
	p.lock()
	defer p.unlock()
	p.wipe()
}

// Stop is like State, but blocks all calls until Resume or Retire.
func (p *Protection) Stop() (sendSeq, recvSeq uint64, w Window) {
	p.lock()
	return p.state()
}

// Resume unblocks the calls after Stop.
func (p *Protection) Resume() { p.unlock() }

// Retire wipes the keys after Stop, because the context has moved elsewhere, and unblocks the calls, which fail.
func (p *Protection) Retire() {
	p.wipe()
	p.unlock()
}

// lock blocks both directions.
func (p *Protection) lock() {
	p.send.mu.Lock()
	p.recv.mu.Lock()
}

func (p *Protection) unlock() {
	p.recv.mu.Unlock()
	p.send.mu.Unlock()
}

// wipe is Wipe; both locks are held.
func (p *Protection) wipe() {
	for _, k := range []*directionKeys{&p.send.keys, &p.recv.keys, &p.recv.early} {
		if k.key != nil {
			k.key.Wipe()
		}
		if k.cipher != nil {
			k.cipher.Wipe()
		}
		for _, m := range []*crypto.MAC{k.wrapMAC, k.micMAC} {
			if m != nil {
				m.Wipe()
			}
		}
		*k = directionKeys{}
	}
}

func errWiped() error {
	return status.Errorf(status.NoContext, status.KG_CONTEXT, "the context was deleted or exported")
}

func errMemory(n int) error {
	return status.Errorf(status.Failure, status.Minor(syscall.ENOMEM),
		"no memory for a token or message of %d octets", n)
}

// checkQOP accepts only the default quality of protection.
func checkQOP(qop uint32) error {
	if qop != 0 {
		return status.Errorf(status.BadQOP, status.G_UNKNOWN_QOP,
			"quality of protection %d is not supported, only 0 is", qop)
	}
	return nil
}

// messageToken removes the frame of initial context tokens from a message token. RFC 4121, Section 4.2, does not allow a
// frame there, but MIT krb5 accepts it, and so do we. The result aliases tok.
func (p *Protection) messageToken(tok []byte) ([]byte, error) {
	if len(tok) == 0 || tok[0] != 0x60 {
		return tok, nil
	}
	mech, inner, err := token.Unframe(tok)
	if err != nil {
		return nil, err
	}
	if mech != p.mech {
		return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH, "the message token is for mechanism %s", mech)
	}
	return inner, nil
}

// incoming returns the keys for a message with these flags. The caller holds p.recv.mu. The flags are not authenticated
// yet, but the checksum or the sealed header under the returned keys covers them.
func (p *Protection) incoming(flags byte) (*directionKeys, error) {
	if p.recv.keys.key == nil {
		return nil, errWiped()
	}
	if fromAcceptor := flags&token.FlagSentByAcceptor != 0; fromAcceptor != p.initiator {
		return nil, status.Errorf(status.BadMIC, status.G_BAD_DIRECTION,
			"the token comes from this side of the context: it was sent back to us")
	}
	if p.acceptorSubkey && flags&token.FlagAcceptorSubkey == 0 {
		if p.recv.early.key.EType().Legacy() {
			return nil, status.Errorf(status.DefectiveToken, status.KG_NO_SUBKEY, "the acceptor's subkey is of another kind than the initiator's key")
		}
		return &p.recv.early, nil
	}
	return &p.recv.keys, nil
}

// checkSubkey refuses a verified message whose flags do not fit the context. Only an initiator may send messages without
// the acceptor's subkey, before it has seen it.
func (p *Protection) checkSubkey(flags byte) error {
	switch withSubkey := flags&token.FlagAcceptorSubkey != 0; {
	case withSubkey && !p.acceptorSubkey:
		return status.Errorf(status.DefectiveToken, status.KG_NO_SUBKEY,
			"the token is marked as protected with the acceptor's subkey, but there is none")
	case !withSubkey && p.acceptorSubkey && p.initiator:
		return status.Errorf(status.DefectiveToken, status.KG_NO_SUBKEY,
			"the acceptor did not protect the token with its subkey")
	}
	return nil
}
