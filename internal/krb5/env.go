// SPDX-License-Identifier: BSD-2-Clause

// Package krb5 is Kerberos below the GSS-API mechanism: configuration, credential caches, keytabs, the replay cache,
// the exchange with KDCs and the AP exchange.
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

// Seen is the configuration that a call has begun with. It sees no other until its end. The zero value is ready.
type Seen struct {
	config atomic.Pointer[Config]
	policy atomic.Pointer[ContextPolicy]
	keytab atomic.Pointer[Keytab] // the last one opened

	once   sync.Once
	number uint64 // of the call; 0 is none's
}

// calls counts those that have asked for their number.
var calls atomic.Uint64

// call returns a number that no other call has, 0 where nothing of the call is remembered.
func (s *Seen) call() uint64 {
	if s == nil {
		return 0
	}
	s.once.Do(func() { s.number = calls.Add(1) })
	return s.number
}

// Env is the process as one call sees it. The environment, the clock and randomness come in here, so that an exchange
// can be replayed in a test; all fields must be set but those that say otherwise.
type Env struct {
	Library *Library

	// Seen, if it is there, has what was read before in the call and is not read again.
	Seen *Seen

	// Getenv returns the value of an environment variable, "" where it is unset or the program was started
	// with other privileges than its caller's.
	Getenv func(string) string

	// Trace is where the call tells what it does. Nil: nowhere.
	Trace *trace.Log

	// CCacheName is the credential cache that the calling thread has chosen (gss_krb5_ccache_name), "" if it has not.
	CCacheName string

	Now  func() time.Time
	Rand io.Reader

	// EUID is the effective user ID.
	EUID int

	// Rights returns the user and groups as which the kernel judges the call: what was read or opened as somebody else
	// is not used. Nil: nobody's.
	Rights func() rights.Rights

	// LookupUID returns the account name of a user ID.
	LookupUID func(uid uint32) (string, bool)

	// LookupHome returns the home directory of a user ID. Nil: no user has one.
	LookupHome func(uid uint32) (string, bool)

	// LookupGroup returns the ID of a group. It may be nil where no policy names a group.
	LookupGroup func(name string) (gid uint32, ok bool)

	// Await has a question put to the network while the caller waits elsewhere: it returns the answer to the question of
	// that key, or Pending. limit bounds all questions of the call together. Nil: questions are put in place.
	Await func(key string, limit time.Duration, ask func(context.Context) (any, error)) (any, error)

	// Program is the name of the running program, by which [libgssapi] of krb5.conf has settings; "" if it is unknown,
	// or the process is privileged: whoever starts a set-user-ID program chooses its name.
	Program string

	// Hostname returns the name of this host as gethostname(3) gives it.
	Hostname func() (string, error)

	// Hosts knows the other ones.
	Hosts Hosts
}

func (env *Env) rights() rights.Rights {
	if env.Rights == nil {
		return rights.Rights{}
	}
	return env.Rights()
}

// LedgerRights returns the rights with which a ledger is opened, the account's own or a group's.
func (env *Env) LedgerRights(group bool) rights.Rights {
	if group {
		return env.rights()
	}
	return rights.Account(env.EUID)
}

// Hosts is what the system knows of hosts, from wherever its configuration says. Both methods return when ctx ends.
type Hosts interface {
	// Addresses returns the canonical name of a host, "" if there is none, and its addresses in the order in which they
	// are to be tried, as getaddrinfo(3) does. The host may be an address itself.
	Addresses(ctx context.Context, host string) (canonical string, addresses []netip.Addr, err error)

	// Name returns the name of the host with an address, as getnameinfo(3) does.
	Name(ctx context.Context, address netip.Addr) (string, error)
}
