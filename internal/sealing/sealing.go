// SPDX-License-Identifier: BSD-2-Clause

// Package sealing makes and reads the tokens with which a process passes an object to another one: interprocess tokens of
// contexts, and exported credentials. They are sealed, unless the policy of the process is open. The key is stored in the
// ledger of this host, so that those whom the policy names can open the token, once.
package sealing

import (
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/krb5"
	"libgssapi/internal/ledger"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// place returns the ledger for the tokens of a policy, and the policy as tokens have it.
func place(env *krb5.Env, policy *krb5.ContextPolicy) (ledger.Place, uint8) {
	p := ledger.Place{Directories: policy.Directories, Group: policy.Kind == krb5.PolicyGroup}
	p.Rights = env.LedgerRights(p.Group)
	if p.Group {
		p.ID = policy.GID
		return p, token.SealedGroup
	}
	p.ID = uint32(env.EUID)
	return p, token.SealedAccount
}

// Body is the content of a token.
type Body interface {
	// Size returns the size of the body in octets.
	Size() int
	// Append appends the body to b, whose capacity is sufficient.
	Append(b []byte) ([]byte, error)
}

// Make returns a token in memory from mem. Under an open policy it is not sealed; otherwise it is sealed and can be
// imported until end. After an error no copy of the body is left. Nothing can fail once the key is in the ledger.
func Make(env *krb5.Env, policy *krb5.ContextPolicy, content token.SealedContent, body Body, end time.Time, mem *message.Memory,
) ([]byte, error) {
	if policy.Open() {
		return Plain(content, body, mem)
	}
	size := body.Size()
	tok, err := allocate(content, token.SealedSize+size+token.SealedOverhead, mem)
	if err != nil {
		return nil, err
	}
	// A child that another thread forks meanwhile has the caller's memory, and must not have the keys.
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	b := r[:]
	if len(tok) > len(b) {
		b = make([]byte, len(tok))
	}
	b = b[:len(tok)]
	defer clear(b)
	if err = write(content, body, b[token.SealedSize:][:size]); err == nil {
		err = seal(env, policy, content, b, end)
	}
	if err != nil {
		drop(tok, mem)
		return nil, err
	}
	copy(tok, b)
	return tok, nil
}

// Plain returns a token that is not sealed.
func Plain(content token.SealedContent, body Body, mem *message.Memory) ([]byte, error) {
	tok, err := allocate(content, body.Size(), mem)
	if err != nil {
		return nil, err
	}
	if err := write(content, body, tok); err != nil {
		drop(tok, mem)
		return nil, err
	}
	return tok, nil
}

func allocate(content token.SealedContent, size int, mem *message.Memory) ([]byte, error) {
	tok := mem.Alloc(size)
	if tok == nil {
		return nil, status.Errorf(status.Failure, status.Minor(unix.ENOMEM), "%s: no memory for %d octets", content.Token(), size)
	}
	return tok, nil
}

// write writes a body into room, which has its size.
func write(content token.SealedContent, body Body, room []byte) error {
	b, err := body.Append(room[:0:len(room)])
	if err == nil && len(b) != len(room) {
		err = status.Errorf(status.Failure, status.Generic, "%s: its body is not as long as announced", content.Token())
	}
	return err
}

// drop wipes and frees memory that may contain keys.
func drop(tok []byte, mem *message.Memory) {
	clear(tok)
	mem.Free(tok)
}

// seal encrypts a body, which has room for the header before it and for the tag after it, with a key that is stored in
// the ledger and nowhere else.
func seal(env *krb5.Env, policy *krb5.ContextPolicy, content token.SealedContent, tok []byte, end time.Time) error {
	var key ledger.Key
	defer clear(key[:])
	if _, err := io.ReadFull(env.Rand, key[:]); err != nil {
		return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no randomness: %v", err)
	}
	where, kind := place(env, policy)
	ref, err := env.Library.ActivationStore().Deposit(&where, &key, env.Now(), end, env.Rand)
	if err != nil {
		return noLedger(policy, err)
	}
	h := token.SealedHeader{
		Policy: kind, Content: content, Owner: where.ID, Ledger: ref.Ledger, Slot: ref.Slot, State: ref.State,
	}
	header := h.Append(tok[:0])
	crypto.SealOnce((*[crypto.OnceKeySize]byte)(&key), tok[len(header):], header)
	return nil
}

// Discard drops a token that nobody will get, and removes its key from the ledger.
func Discard(env *krb5.Env, policy *krb5.ContextPolicy, tok []byte, mem *message.Memory) {
	defer drop(tok, mem)
	h, _, err := token.ParseSealed(tok)
	if err != nil {
		return // it is a plain one
	}
	where, _ := place(env, policy)
	ref := ledger.Ref{Ledger: h.Ledger, Slot: h.Slot, State: h.State}
	if entry, err := env.Library.ActivationStore().Peek(&where, ref, env.Now()); err == nil {
		_ = entry.Claim()
		entry.Wipe()
	}
}

// noLedger is the error for an unavailable ledger, with advice for an administrator.
func noLedger(policy *krb5.ContextPolicy, err error) error {
	minor := status.Generic
	var errno unix.Errno
	if errors.As(err, &errno) {
		minor = status.Minor(errno)
	}
	return status.Errorf(status.Unavailable, minor, "activation ledger %v. The policy is export_sec_context = %s; "+
		"ledger_directory in [libgssapi] of krb5.conf can name another directory", err, policy)
}

// Importer creates objects from tokens of one kind of content.
type Importer[T any] struct {
	Content token.SealedContent
	// Make creates an object from a body, which it does not keep. sealed is true if only a process that the ledger admits
	// can have written or read the body.
	Make func(body []byte, sealed bool) (T, error)
	// Discard releases an object that nobody will get.
	Discard func(T)
	// Ready, if it is not nil, makes sure that nothing else can fail.
	Ready func() error
}

// Import creates an object from a token. It uses up a sealed token at the very end; after an error, the token can still
// be imported by others.
func (i *Importer[T]) Import(env *krb5.Env, tok []byte) (object T, err error) {
	var none T
	if !token.IsSealed(tok) {
		return i.make(tok, nil)
	}
	// The caller's memory may change at any time, so it is read once.
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	b := append(r[:0], tok...)
	defer clear(b)
	o, err := open(env, i.Content, b)
	if err != nil {
		return none, err
	}
	defer o.entry.Wipe()
	return i.make(o.plain, o.claim)
}

// make creates an object, and then calls claim.
func (i *Importer[T]) make(body []byte, claim func() error) (object T, err error) {
	var none T
	if object, err = i.Make(body, claim != nil); err != nil {
		return none, err
	}
	if i.Ready != nil {
		err = i.Ready()
	}
	if err == nil && claim != nil {
		err = claim()
	}
	if err != nil {
		i.Discard(object)
		return none, err
	}
	return object, nil
}

// room is a pool of memory for opened tokens, large enough for most. All memory in it is wiped.
type room [1024]byte

var rooms = sync.Pool{New: func() any { return new(room) }}

// opened is a sealed token after decryption. Until it is claimed, other processes can open it, too.
type opened struct {
	plain  []byte
	entry  ledger.Entry
	policy *krb5.ContextPolicy
	header token.SealedHeader
}

// open decrypts a sealed token of this content in place.
func open(env *krb5.Env, content token.SealedContent, tok []byte) (o opened, err error) {
	h, body, err := token.ParseSealed(tok)
	if err != nil {
		return o, err
	}
	if h.Content != content {
		return o, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "%s: this is one of a %s", content.Token(), h.Content)
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return o, err
	}
	where, err := origin(env, policy, &h)
	if err != nil {
		return o, err
	}
	ref := ledger.Ref{Ledger: h.Ledger, Slot: h.Slot, State: h.State}
	entry, err := env.Library.ActivationStore().Peek(&where, ref, env.Now())
	if err != nil {
		return o, notImported(policy, &h, err)
	}
	plain, ok := crypto.OpenOnce((*[crypto.OnceKeySize]byte)(entry.Key()), body, tok[:token.SealedSize])
	if !ok {
		defer entry.Wipe()
		// Another importer's wiping shows as a key that does not fit.
		if entry.Used() {
			return o, errUsed(content)
		}
		return o, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"%s: it was damaged or changed on the way", content.Token())
	}
	return opened{plain, entry, policy, h}, nil
}

// claim uses up the token.
func (o *opened) claim() error {
	if err := o.entry.Claim(); err != nil {
		return notImported(o.policy, &o.header, err)
	}
	return nil
}

// Admit refuses a token that contains keys but is not sealed, unless the policy of the process admits it.
func Admit(env *krb5.Env, content token.SealedContent) error {
	policy, err := env.ContextPolicy()
	if err != nil || policy.Open() {
		return err
	}
	return unauthorized("the %s has keys in it and is not sealed: anyone may have made it, or read it. The policy here is "+
		"export_sec_context = %s; only open admits such tokens", content.Token(), policy)
}

// origin returns the ledger of a token, if the policy admits its tokens. The kernel decides who can read the ledger; here
// it is decided whom this process trusts, and what the error says.
func origin(env *krb5.Env, policy *krb5.ContextPolicy, h *token.SealedHeader) (ledger.Place, error) {
	where := ledger.Place{Directories: policy.Directories, Group: h.Policy == token.SealedGroup, ID: h.Owner}
	where.Rights = env.LedgerRights(where.Group)
	switch {
	case !where.Group && h.Owner != uint32(env.EUID):
		return ledger.Place{}, unauthorized("the %s is for user %d (export_sec_context = account), this is user %d",
			h.Content.Token(), h.Owner, env.EUID)
	case where.Group && policy.Kind == krb5.PolicyAccount:
		return ledger.Place{}, unauthorized("the %s comes from group %d, the policy here is export_sec_context = account",
			h.Content.Token(), h.Owner)
	case where.Group && policy.Kind == krb5.PolicyGroup && policy.GID != h.Owner:
		return ledger.Place{}, unauthorized("the %s comes from group %d, the policy here is export_sec_context = %s (group %d)",
			h.Content.Token(), h.Owner, policy, policy.GID)
	}
	return where, nil
}

func unauthorized(format string, args ...any) error {
	return status.Errorf(status.Unauthorized, status.KG_CONTEXT, format, args...)
}

func errUsed(content token.SealedContent) error {
	major := status.NoContext
	if content == token.SealedCredential {
		major = status.NoCred
	}
	return status.Errorf(major, status.KG_CONTEXT, "%s: it was imported already, here or by another process, or its %s has expired",
		content.Token(), content)
}

// notImported returns the error for a token without a key in the ledger.
func notImported(policy *krb5.ContextPolicy, h *token.SealedHeader, err error) error {
	switch {
	case err == ledger.ErrUsed:
		return errUsed(h.Content)
	case err == ledger.ErrUnknown:
		return status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "%s: it was not made on this host, "+
			"or the activation ledger that it was made with is gone, or in another directory (ledger_directory in "+
			"[libgssapi] of krb5.conf)", h.Content.Token())
	case h.Policy == token.SealedGroup && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)):
		return unauthorized("the %s is for members of group %d, this process is not one: %v", h.Content.Token(), h.Owner, err)
	}
	return noLedger(policy, err)
}
