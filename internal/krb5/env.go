// SPDX-License-Identifier: BSD-2-Clause

// Package krb5 is Kerberos below the GSS-API mechanism: configuration, credential caches, keytabs, the replay cache,
// exchanges with KDCs, and the AP exchange.
package krb5

import (
	"context"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"libgssapi/internal/rights"
	"libgssapi/internal/trace"
)

// Seen holds what one call has read: a call that has begun with a configuration uses it to its end. The zero value is
// ready.
type Seen struct {
	config atomic.Pointer[Config]
	policy atomic.Pointer[ContextPolicy]
	keytab atomic.Pointer[Keytab] // the last one opened

	once   sync.Once
	number uint64 // of the call; 0: not assigned
}

// calls counts the calls that have asked for a number.
var calls atomic.Uint64

// call returns a number unique to the call, or 0 if nothing about the call is remembered.
func (s *Seen) call() uint64 {
	if s == nil {
		return 0
	}
	s.once.Do(func() { s.number = calls.Add(1) })
	return s.number
}

// Env is the process as one call sees it. The environment, the clock and randomness come in here, so that an exchange
// can be replayed in a test. All fields must be set unless their comments say otherwise.
type Env struct {
	Library *Library

	// Seen, if not nil, holds what the call has already read and will not read again.
	Seen *Seen

	// Getenv returns the value of an environment variable, or "" if it is unset or if the program was started with
	// privileges that its caller does not have.
	Getenv func(string) string

	// IsSet reports whether a variable is set, even if it is empty. Nil: a variable without a value is unset.
	IsSet func(string) bool

	// Trace records what the call does. Nil: nothing is recorded.
	Trace *trace.Log

	// CCacheName is the credential cache that the calling thread chose with gss_krb5_ccache_name, or "" if it chose
	// none.
	CCacheName string

	Now  func() time.Time
	Rand io.Reader

	// EUID is the effective user ID.
	EUID int

	// Rights returns the user and groups that the kernel checks for the call. What was read or opened with other rights
	// is not used. If Rights is nil, the call has no rights.
	Rights func() rights.Rights

	// LookupUID returns the account name of a user ID.
	LookupUID func(uid uint32) (string, bool)

	// LookupHome returns the home directory of a user ID. If it is nil, no user has one.
	LookupHome func(uid uint32) (string, bool)

	// Account returns the account of that name. If it is nil, there are no accounts.
	Account func(name string) (Account, bool)

	// LookupGroup returns the ID of a group. It may be nil if no policy names a group.
	LookupGroup func(name string) (gid uint32, ok bool)

	// Await puts a question to the network while the caller waits elsewhere. It returns the answer to the question
	// identified by key, or Pending. limit bounds all questions of the call together. If Await is nil, the call itself
	// waits.
	Await func(key string, limit time.Duration, ask func(context.Context) (any, error)) (any, error)

	// Program is the name of the running program, for which [libgssapi] of krb5.conf may have settings. It is "" if the
	// name is unknown or the process is privileged: whoever starts a set-user-ID program chooses its name.
	Program string

	// Hostname returns the name of this host as gethostname(3) gives it.
	Hostname func() (string, error)

	// Hosts looks up other hosts.
	Hosts Hosts
}

// chosen returns what a variable of the environment chooses. An empty variable also chooses: it names nothing, and
// rules out what would be found without it.
func (env *Env) chosen(variable string) (value string, ok bool) {
	value = env.Getenv(variable)
	return value, value != "" || env.IsSet != nil && env.IsSet(variable)
}

func (env *Env) rights() rights.Rights {
	if env.Rights == nil {
		return rights.Rights{}
	}
	return env.Rights()
}

// LedgerRights returns the rights with which to open a ledger: a group's or the account's own.
func (env *Env) LedgerRights(group bool) rights.Rights {
	if group {
		return env.rights()
	}
	return rights.Account(env.EUID)
}

// Hosts looks up hosts in whatever sources the system is configured to use. Both methods return when ctx ends.
type Hosts interface {
	// Addresses returns the canonical name of a host, or "" if it has none, and its addresses in the order in which to
	// try them, as getaddrinfo(3) does. The host may itself be an address.
	Addresses(ctx context.Context, host string) (canonical string, addresses []netip.Addr, err error)

	// Name returns the name of the host with this address, as getnameinfo(3) does.
	Name(ctx context.Context, address netip.Addr) (string, error)
}
