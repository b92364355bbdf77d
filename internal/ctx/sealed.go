// SPDX-License-Identifier: BSD-2-Clause

package ctx

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

// seal makes a sealed token of tok: room for the header, and the body, which it encrypts with a key that goes into the
// ledger and nowhere else. After an error nothing of the body is left.
func seal(env *krb5.Env, policy *krb5.ContextPolicy, tok []byte, end time.Time) (sealed []byte, err error) {
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
	ref, err := env.Library.Ledgers.Deposit(&where, &key, env.Now(), end, env.Rand)
	if err != nil {
		return nil, noLedger(policy, err)
	}
	h := token.SealedHeader{Policy: kind, Owner: where.ID, Ledger: ref.Ledger, Slot: ref.Slot, State: ref.State}
	header := h.Append(tok[:0])
	return aead.Seal(header, sealNonce[:], tok[len(header):], header), nil
}

// discard takes the key of a token that nobody will have out of the ledger.
func discard(env *krb5.Env, policy *krb5.ContextPolicy, tok []byte) {
	defer clear(tok)
	h, _, err := token.ParseSealed(tok)
	if err != nil {
		return // it is a plain one
	}
	where, _ := place(env, policy)
	ref := ledger.Ref{Ledger: h.Ledger, Slot: h.Slot, State: h.State}
	if entry, err := env.Library.Ledgers.Peek(&where, ref, env.Now()); err == nil {
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

// importSealed makes a context of a sealed token. The token is used up at the end, when nothing can go wrong any more.
func importSealed(env *krb5.Env, tok []byte) (*Context, error) {
	h, body, err := token.ParseSealed(tok)
	if err != nil {
		return nil, err
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
	entry, err := env.Library.Ledgers.Peek(where, ref, env.Now())
	if err != nil {
		return nil, notImported(policy, &h, err)
	}
	defer entry.Wipe()
	plain, err := unseal(entry, tok[:token.SealedSize], body)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	t, err := token.ParseContextToken(plain)
	if err != nil {
		return nil, err
	}
	c, err := importBody(env, t)
	if err != nil {
		return nil, err
	}
	if err := entry.Claim(); err != nil {
		c.Delete()
		return nil, notImported(policy, &h, err)
	}
	return c, nil
}

func unseal(entry *ledger.Entry, header, body []byte) ([]byte, error) {
	aead, err := newSealer(&entry.Key)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "%v", err)
	}
	defer wipe.Object(aead)
	plain, err := aead.Open(nil, sealNonce[:], body, header)
	if err != nil {
		// Another importer's wiping shows as a key that does not fit.
		if entry.Used() {
			return nil, errUsed()
		}
		return nil, status.Errorf(status.DefectiveToken, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"interprocess token: it was damaged or changed on the way")
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
		return nil, unauthorized("the interprocess token is for user %d (export_sec_context = account), this is user %d",
			h.Owner, env.EUID)
	case where.Group && policy.Kind == krb5.PolicyAccount:
		return nil, unauthorized("the interprocess token comes from group %d, the policy here is "+
			"export_sec_context = account", h.Owner)
	case where.Group && policy.Kind == krb5.PolicyGroup && policy.GID != h.Owner:
		return nil, unauthorized("the interprocess token comes from group %d, the policy here is "+
			"export_sec_context = %s (group %d)", h.Owner, policy, policy.GID)
	}
	return where, nil
}

func unauthorized(format string, args ...any) error {
	return status.Errorf(status.Unauthorized, status.KG_CONTEXT, format, args...)
}

func errUsed() error {
	return status.Errorf(status.NoContext, status.KG_CONTEXT, "interprocess token: it was imported already, here or by "+
		"another process, or its context has expired")
}

// notImported makes an answer of why the ledger has no key for the token.
func notImported(policy *krb5.ContextPolicy, h *token.SealedHeader, err error) error {
	switch {
	case err == ledger.ErrUsed:
		return errUsed()
	case err == ledger.ErrUnknown:
		return status.Errorf(status.DefectiveToken, status.KG_CONTEXT, "interprocess token: it was not made on this host, "+
			"or the activation ledger that it was made with is gone, or in another directory (ledger_directory in "+
			"[libgssapi] of krb5.conf)")
	case h.Policy == token.SealedGroup && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)):
		return unauthorized("the interprocess token is for members of group %d, this process is not one: %v", h.Owner, err)
	}
	return noLedger(policy, err)
}
