// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// storeOf returns a credential store with these keys and values.
func storeOf(t *testing.T, pairs ...string) (store gss.CredStore) {
	t.Helper()
	for ; len(pairs) > 0; pairs = pairs[2:] {
		if err := store.Set(pairs[0], []byte(pairs[1])); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// If there is no cache, a client keytab fills one for its first principal. An existing cache keeps its principal.
func TestClientKeytabDoesNotSwitchIdentity(t *testing.T) {
	valid := func(*krbtest.Part, time.Time) {}
	expired := func(p *krbtest.Part, now time.Time) { p.EndTime = now.Add(-time.Hour) }
	for _, c := range []struct {
		what   string
		cache  func(*krbtest.Part, time.Time) // nil: none
		empty  bool                           // the cache has a principal, and no ticket
		first  string                         // in the keytab
		wanted string
		asked  string // whose ticket the KDC is asked for
		major  status.Major
	}{
		{"no cache", nil, false, "user", "", "user", 0},
		{"no cache, a wanted name", nil, false, "user", "user", "user", 0},
		{"no cache, a user in an empty realm wanted", nil, false, "user", "user@", "", status.NoCred},
		{"valid, a user in an empty realm wanted", valid, false, "alice", "alice@", "", status.NoCred},
		{"expired, of the keytab's", expired, false, "alice", "", "alice", 0},
		{"without ticket, of the keytab's", nil, true, "alice", "", "alice", 0},
		{"expired, of another", expired, false, "user", "", "", 0},
		{"without ticket, of another", nil, true, "user", "", "", status.NoCred},
		{"expired, the keytab's name wanted", expired, false, "user", "user", "", status.NoCred},
		{"valid, the keytab's name wanted", valid, false, "user", "user", "", status.NoCred},
		{"expired, of the keytab's, another wanted", expired, false, "alice", "bob", "", status.NoCred},
		{"without ticket, the keytab's name wanted", nil, true, "user", "user", "", status.NoCred},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES256SHA1)
			of := func(user string) token.Principal {
				return token.Principal{Type: token.NTPrincipal, Components: []string{user}, Realm: r.Name}
			}
			switch {
			case c.empty:
				if _, err := krb5.CreateCCache(r.Env, r.Vars["KRB5CCNAME"], r.Client); err != nil {
					t.Fatal(err)
				}
			case c.cache != nil:
				r.Login(t, func(p *krbtest.Part) { c.cache(p, r.Clock) })
			}
			r.Vars["KRB5_CLIENT_KTNAME"] = "FILE:" + r.Write(t, "client.keytab", r.KeytabOf(of(c.first), 1, r.Key))
			path := strings.TrimPrefix(r.Vars["KRB5CCNAME"], "FILE:")
			before, _ := os.ReadFile(path)
			var asked string
			r.Env.Await = func(key string, _ time.Duration, _ func(context.Context) (any, error)) (any, error) {
				asked = key
				return nil, krb5.Pending
			}
			var desired *gss.Name
			if c.wanted != "" {
				var err error
				if desired, err = gss.ImportName([]byte(c.wanted), token.NTUserName); err != nil {
					t.Fatal(err)
				}
			}
			named := storeOf(t, storeCCache, r.Vars["KRB5CCNAME"], storeClientKeytab, r.Vars["KRB5_CLIENT_KTNAME"])
			negotiated := []token.OID{token.MechSPNEGO}
			for way, acquire := range map[string]func() (*gss.Cred, error){
				"default":  func() (*gss.Cred, error) { return gss.Acquire(r.Env, desired, 0, nil, gss.Initiate) },
				"both":     func() (*gss.Cred, error) { return gss.Acquire(r.Env, desired, 0, nil, gss.Both) },
				"SPNEGO":   func() (*gss.Cred, error) { return gss.Acquire(r.Env, desired, 0, negotiated, gss.Initiate) },
				"by store": func() (*gss.Cred, error) { return gss.AcquireFrom(r.Env, named, desired, 0, nil, gss.Initiate) },
				"added": func() (*gss.Cred, error) {
					return gss.Add(r.Env, gss.NewCred(token.MechSPNEGO, &Element{usage: gss.Accept}), desired, token.MechKRB5, gss.Initiate, 0)
				},
			} {
				if way == "both" && desired != nil {
					continue // the keytab of acceptors has no such name
				}
				asked = ""
				_, err := acquire()
				if (asked != "") != (c.asked != "") || !strings.Contains(asked, c.asked) {
					t.Errorf("%s: asked %q, wanted a ticket of %q", way, asked, c.asked)
				}
				if c.asked == "" && (err == nil) != (c.major == 0) || err != nil && c.major != 0 && status.Of(err).Major != c.major {
					t.Errorf("%s: %v", way, err)
				}
				if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
					t.Errorf("%s: the cache was changed", way)
				}
			}
		})
	}
}

// A program that wants to check a password must not be satisfied by a valid cache.
func TestUnknownStoreKeysAreRefused(t *testing.T) {
	for _, key := range []string{"pass", "verify_keytab", "", "CCACHE", "no such key"} {
		var s gss.CredStore
		if err := s.Set(key, []byte("value")); err == nil || !strings.Contains(err.Error(), key) || s.Value(key) != "" {
			t.Errorf("%q: %v", key, err)
		} else if strings.Contains(err.Error(), "value") {
			t.Errorf("%q: the text has the value: %v", key, err)
		}
	}
}

// For a client keytab, a name whose realm only a KDC knows is in the default realm.
func TestClientKeytabTakesTheDefaultRealm(t *testing.T) {
	for wanted, principal := range map[string]string{"demo@server.nowhere.example": "demo/server.nowhere.example",
		"demo": "demo/server.test.example"} {
		r := krbtest.New(t, crypto.AES256SHA1)
		p, _, _ := token.ParsePrincipal(principal + "@" + r.Name)
		r.Vars["KRB5_CLIENT_KTNAME"] = "FILE:" + r.Write(t, "client.keytab", r.KeytabOf(p, 1, r.Key))
		var asked string
		r.Env.Await = func(key string, _ time.Duration, _ func(context.Context) (any, error)) (any, error) {
			asked = key
			return nil, krb5.Pending
		}
		desired, err := gss.ImportName([]byte(wanted), token.NTHostbasedService)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = gss.Acquire(r.Env, desired, 0, nil, gss.Initiate); !strings.Contains(asked, p.String()) {
			t.Errorf("%s: asked %q, %v", wanted, asked, err)
		}
	}
}

// The best ticket counts: if a renewed ticket follows an expired one, there is no reason to ask the KDC or to fail.
func TestRenewedTicketCounts(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	tgt := func(hours time.Duration) *krb5.Credential {
		c := r.Ticket(t, func(p *krbtest.Part) { p.EndTime = r.Clock.Add(hours * time.Hour) })
		c.Server = token.Principal{Components: []string{"krbtgt", r.Name}, Realm: r.Name}
		return c
	}
	if _, err := krb5.CreateCCache(r.Env, r.Vars["KRB5CCNAME"], r.Client, tgt(-2), tgt(8), tgt(-3)); err != nil {
		t.Fatal(err)
	}
	r.Vars["KRB5_CLIENT_KTNAME"] = "FILE:" + r.Write(t, "client.keytab", r.KeytabOf(r.Client, 1, r.Key))
	r.Env.Await = func(string, time.Duration, func(context.Context) (any, error)) (any, error) {
		t.Error("the KDC is asked")
		return nil, krb5.Pending
	}
	c, err := gss.Acquire(r.Env, nil, 0, nil, gss.Initiate)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := gss.Inquire(r.Env, c); err != nil || info.InitiatorLifetime != 8*3600 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := gss.StoreInto(r.Env, storeOf(t, storeCCache, r.Dir+"/stored"), c, gss.Initiate, token.MechKRB5, false, true); err != nil {
		t.Error(err)
	}
}

func TestDefaultAcceptorHasTheKeytabsName(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	c, err := gss.Acquire(r.Env, nil, 0, nil, gss.Accept)
	if err != nil {
		t.Fatal(err)
	}
	text := func() string {
		info := c.Info(r.Env)
		if info.Name == nil {
			return ""
		}
		text, _, _ := info.Name.Display()
		return string(text)
	}
	if got := text(); got != r.Service.String() {
		t.Errorf("%q", got)
	}
	if err := os.Remove(strings.TrimPrefix(r.Vars["KRB5_KTNAME"], "FILE:")); err != nil {
		t.Fatal(err)
	}
	if got := text(); got != "" {
		t.Errorf("without a keytab %q", got)
	}
	desired, err := gss.ImportName([]byte("demo"), token.NTHostbasedService)
	if err != nil {
		t.Fatal(err)
	}
	r.Vars["KRB5_KTNAME"] = "FILE:" + r.Write(t, "other.keytab", r.KeytabOf(r.Service, 1, r.Key))
	if c, err = gss.Acquire(r.Env, desired, 0, nil, gss.Accept); err != nil {
		t.Fatal(err)
	}
	if got := text(); got != "demo/server.test.example@TEST.EXAMPLE" {
		t.Errorf("without a host %q", got)
	}
}

// A cache filled with a client keytab is refreshed halfway through its ticket's lifetime, for which it has an entry as
// in MIT krb5. While the ticket is valid, failure does not matter.
func TestClientKeytabRefreshesInTime(t *testing.T) {
	for _, c := range []struct {
		what, entry string // seconds from now on, "" for no entry
		due         bool
	}{
		{"no entry", "", false},
		{"in the future", "60", false},
		{"now", "0", true},
		{"in the past", "-60", true},
		{"no number", "soon", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES256SHA1)
			r.Login(t, nil)
			r.Vars["KRB5_CLIENT_KTNAME"] = "FILE:" + r.Write(t, "client.keytab", r.KeytabOf(r.Client, 1, r.Key))
			refresh := func() string {
				cache, err := r.Env.Library.OpenCCache(r.Env, "")
				if err != nil {
					t.Fatal(err)
				}
				defer cache.Close()
				value, _ := cache.Config("refresh_time")
				return string(value)
			}
			set := func(value string) {
				cache, err := r.Env.Library.OpenCCache(r.Env, "")
				if err != nil {
					t.Fatal(err)
				}
				defer cache.Close()
				if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
					value = strconv.FormatInt(r.Clock.Unix()+seconds, 10)
				}
				if err := cache.SetConfig("refresh_time", []byte(value)); err != nil {
					t.Fatal(err)
				}
			}
			if c.entry != "" {
				set(c.entry)
			}
			before := refresh()
			asked, answer := 0, krb5.Pending
			r.Env.Await = func(string, time.Duration, func(context.Context) (any, error)) (any, error) {
				asked++
				return nil, answer
			}
			if _, err := gss.Acquire(r.Env, nil, 0, nil, gss.Initiate); (asked != 0) != c.due || errors.Is(err, krb5.Pending) != c.due {
				t.Fatalf("asked %d times, %v", asked, err)
			}
			if refresh() != before {
				t.Errorf("what is pending has changed the entry to %q", refresh())
			}
			if !c.due {
				return
			}
			answer = errors.New("the KDC is on fire")
			if got, err := gss.Acquire(r.Env, nil, 0, nil, gss.Initiate); err != nil || got.Info(r.Env).Lifetime() == 0 {
				t.Fatalf("%v", err)
			}
			if want := strconv.FormatInt(r.Clock.Unix()+30, 10); refresh() != want {
				t.Errorf("then the entry is %q, not %q", refresh(), want)
			}
			asked = 0
			if _, err := gss.Acquire(r.Env, nil, 0, nil, gss.Initiate); err != nil || asked != 0 {
				t.Errorf("it is tried again at once: %v", err)
			}
		})
	}
}
