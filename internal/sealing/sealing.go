// SPDX-License-Identifier: BSD-2-Clause

// Package sealing seals what one process hands to another: interprocess tokens of contexts, and exported credentials. The
// key goes into the ledger of this host, so that whom the policy of the process names can open it, once.
package sealing

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/krb5"
	"libgssapi/internal/ledger"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wipe"
)

// newSealer returns the cipher of one token. Its key is used once, so the nonce may be constant.
func newSealer(key *ledger.Key) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	defer wipe.Object(block) // the mode has a copy
	return cipher.NewGCM(block)
}

var sealNonce [12]byte

// place is the ledger of the tokens that a policy makes.
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

// Seal makes a sealed token of tok: room for the header (token.SealedSize), and the body, which it encrypts with a key that
// goes into the ledger and nowhere else until end. After an error nothing of the body is left.
func Seal(env *krb5.Env, policy *krb5.ContextPolicy, content token.SealedContent, tok []byte, end time.Time,
) (sealed []byte, err error) {
	var key ledger.Key
	defer func() {
		clear(key[:])
		if err != nil {
			clear(tok)
		}
	}()
	if _, err := io.ReadFull(env.Rand, key[:]); err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no randomness: %v", err)
	}
	aead, err := newSealer(&key)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "%v", err)
	}
	defer wipe.Object(aead)
	where, kind := place(env, policy)
	ref, err := env.Library.ActivationStore().Deposit(&where, &key, env.Now(), end, env.Rand)
	if err != nil {
		return nil, noLedger(policy, err)
	}
	h := token.SealedHeader{
		Policy: kind, Content: content, Owner: where.ID, Ledger: ref.Ledger, Slot: ref.Slot, State: ref.State,
	}
	header := h.Append(tok[:0])
	return aead.Seal(header, sealNonce[:], tok[len(header):], header), nil
}

// Discard takes the key of a token that nobody will have out of the ledger.
func Discard(env *krb5.Env, policy *krb5.ContextPolicy, tok []byte) {
	defer clear(tok)
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

// noLedger says what an administrator can do about a ledger that there is not.
func noLedger(policy *krb5.ContextPolicy, err error) error {
	minor := status.Generic
	var errno unix.Errno
	if errors.As(err, &errno) {
		minor = status.Minor(errno)
	}
	return status.Errorf(status.Unavailable, minor, "activation ledger %v. The policy is export_sec_context = %s; "+
		"ledger_directory in [libgssapi] of krb5.conf can name another directory", err, policy)
}

// Opened is a sealed token that was opened. As long as it is not claimed another process may open it, too.
type Opened struct {
	Plain  []byte
	entry  ledger.Entry
	policy *krb5.ContextPolicy
	header token.SealedHeader
}

// Open opens a sealed token of this content. Whoever has made of it what it is for claims it, and gives up what it has made
// if it cannot.
func Open(env *krb5.Env, content token.SealedContent, tok []byte) (*Opened, error) {
	h, body, err := token.ParseSealed(tok)
	if err != nil {
		return nil, err
	}
	if h.Content != content {
		return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "%s: this is one of a %s", content.Token(), h.Content)
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return nil, err
	}
	where, err := origin(env, policy, &h)
	if err != nil {
		return nil, err
	}
	ref := ledger.Ref{Ledger: h.Ledger, Slot: h.Slot, State: h.State}
	entry, err := env.Library.ActivationStore().Peek(where, ref, env.Now())
	if err != nil {
		return nil, notImported(policy, &h, err)
	}
	plain, err := unseal(entry, h.Content, tok[:token.SealedSize], body)
	if err != nil {
		entry.Wipe()
		return nil, err
	}
	return &Opened{plain, entry, policy, h}, nil
}

// Claim uses the token up.
func (o *Opened) Claim() error {
	if err := o.entry.Claim(); err != nil {
		return notImported(o.policy, &o.header, err)
	}
	return nil
}

// Wipe overwrites the content and the key.
func (o *Opened) Wipe() {
	clear(o.Plain)
	o.entry.Wipe()
}

func unseal(entry ledger.Entry, content token.SealedContent, header, body []byte) ([]byte, error) {
	aead, err := newSealer(entry.Key())
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "%v", err)
	}
	defer wipe.Object(aead)
	plain, err := aead.Open(nil, sealNonce[:], body, header)
	if err != nil {
		// Another importer's wiping shows as a key that does not fit.
		if entry.Used() {
			return nil, errUsed(content)
		}
		return nil, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"%s: it was damaged or changed on the way", content.Token())
	}
	return plain, nil
}

// origin returns the ledger of a token, if the policy admits tokens from there. Who can read that ledger is the
// kernel's decision; what is decided here is whom this process trusts, and what an error says.
func origin(env *krb5.Env, policy *krb5.ContextPolicy, h *token.SealedHeader) (*ledger.Place, error) {
	where := &ledger.Place{Directories: policy.Directories, Group: h.Policy == token.SealedGroup, ID: h.Owner}
	where.Rights = env.LedgerRights(where.Group)
	switch {
	case !where.Group && h.Owner != uint32(env.EUID):
		return nil, unauthorized("the %s is for user %d (export_sec_context = account), this is user %d",
			h.Content.Token(), h.Owner, env.EUID)
	case where.Group && policy.Kind == krb5.PolicyAccount:
		return nil, unauthorized("the %s comes from group %d, the policy here is export_sec_context = account",
			h.Content.Token(), h.Owner)
	case where.Group && policy.Kind == krb5.PolicyGroup && policy.GID != h.Owner:
		return nil, unauthorized("the %s comes from group %d, the policy here is export_sec_context = %s (group %d)",
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

// notImported makes an answer of why the ledger has no key for the token.
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
