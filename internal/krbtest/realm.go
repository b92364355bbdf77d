// SPDX-License-Identifier: BSD-2-Clause

// Package krbtest makes what a KDC and an administrator would: a configuration, a keytab, tickets. Tests of contexts need
// no network with it, and can forge whatever a KDC never issues.
package krbtest

import (
	"crypto/rand"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
)

// Realm is a realm of one client and one service, in a directory of its own.
type Realm struct {
	Name    string
	Dir     string
	Client  token.Principal
	Service token.Principal
	EType   crypto.EType
	Key     *crypto.Key // of the service
	KVNO    uint32
	Env     *krb5.Env
	Vars    map[string]string // the environment
	Clock   time.Time
}

// Part is what Ticket seals: tests change it before.
type Part = token.EncTicketPart

// New makes a realm whose service key is of the given enctype. The clock stands still at a whole second.
func New(t testing.TB, etype crypto.EType) *Realm {
	t.Helper()
	r := &Realm{
		Name:    "TEST.EXAMPLE",
		Dir:     t.TempDir(),
		EType:   etype,
		KVNO:    3,
		Clock:   time.Now().UTC().Truncate(time.Second),
		Client:  token.Principal{Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "TEST.EXAMPLE"},
		Service: token.Principal{Type: token.NTSrvHst, Components: []string{"demo", "server.test.example"}, Realm: "TEST.EXAMPLE"},
	}
	r.Key = r.randomKey(t)
	r.Vars = map[string]string{
		"KRB5_CONFIG":    r.write(t, "krb5.conf", []byte(conf+"[libgssapi]\n\tledger_directory = "+r.Dir+"\n")),
		"KRB5_KTNAME":    "FILE:" + r.write(t, "keytab", r.KeytabOf(r.Service, r.KVNO, r.Key)),
		"KRB5CCNAME":     "FILE:" + filepath.Join(r.Dir, "ccache"),
		"KRB5RCACHENAME": "file2:" + filepath.Join(r.Dir, "rcache"),
	}
	r.Env = &krb5.Env{
		Library:   new(krb5.Library),
		Getenv:    func(name string) string { return r.Vars[name] },
		Now:       func() time.Time { return r.Clock },
		Rand:      rand.Reader,
		EUID:      os.Geteuid(),
		LookupUID: func(uid uint32) (string, bool) { return "alice", uid == 1000 },
		Hostname:  func() (string, error) { return "server.test.example", nil },
	}
	return r
}

const conf = `[libdefaults]
	default_realm = TEST.EXAMPLE
	dns_canonicalize_hostname = false
	dns_lookup_kdc = false
	dns_lookup_realm = false
[realms]
	TEST.EXAMPLE = {
	}
[domain_realm]
	.test.example = TEST.EXAMPLE
`

// Login puts a ticket of the client for the service into the credential cache and returns it.
func (r *Realm) Login(t testing.TB, change func(*Part)) *krb5.Credential {
	t.Helper()
	c := r.Ticket(t, change)
	if _, err := krb5.CreateCCache(r.Env, r.Vars["KRB5CCNAME"], r.Client, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Ticket issues a ticket of eight hours. change, if any, may falsify it.
func (r *Realm) Ticket(t testing.TB, change func(*Part)) *krb5.Credential {
	t.Helper()
	session := r.randomKey(t)
	part := &Part{
		Flags:     token.TicketInitial,
		Key:       token.EncryptionKey{EType: int32(r.EType), Value: session.Bytes()},
		Client:    r.Client,
		Transited: token.Transited{Type: 1},
		AuthTime:  r.Clock,
		EndTime:   r.Clock.Add(8 * time.Hour),
	}
	if change != nil {
		change(part)
	}
	const usageTicket = 2
	cipher, err := r.Key.Encrypt(usageTicket, part.Marshal(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ticket := token.Ticket{
		SName: r.Service,
		Enc:   token.EncryptedData{EType: int32(r.EType), KVNO: r.KVNO, HasKVNO: true, Cipher: cipher},
	}
	return &krb5.Credential{
		Client: part.Client, Server: r.Service, Key: part.Key, Flags: part.Flags, AuthTime: part.AuthTime,
		StartTime: part.StartTime, EndTime: part.EndTime, RenewTill: part.RenewTill, Ticket: ticket.Marshal(),
	}
}

// KeytabOf encodes a keytab file of one entry.
func (r *Realm) KeytabOf(p token.Principal, kvno uint32, key *crypto.Key) []byte {
	var e []byte
	counted := func(s string) {
		e = binary.BigEndian.AppendUint16(e, uint16(len(s)))
		e = append(e, s...)
	}
	e = binary.BigEndian.AppendUint16(e, uint16(len(p.Components)))
	counted(p.Realm)
	for _, c := range p.Components {
		counted(c)
	}
	e = binary.BigEndian.AppendUint32(e, uint32(p.Type))
	e = binary.BigEndian.AppendUint32(e, uint32(r.Clock.Unix()))
	e = append(e, byte(kvno))
	e = binary.BigEndian.AppendUint16(e, uint16(key.EType()))
	counted(string(key.Bytes()))
	e = binary.BigEndian.AppendUint32(e, kvno)
	return append(binary.BigEndian.AppendUint32([]byte{5, 2}, uint32(len(e))), e...)
}

// Write replaces a file of the realm's directory and returns its path.
func (r *Realm) Write(t testing.TB, name string, content []byte) string {
	return r.write(t, name, content)
}

func (r *Realm) write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(r.Dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (r *Realm) randomKey(t testing.TB) *crypto.Key {
	t.Helper()
	k, err := crypto.RandomKey(r.EType, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
