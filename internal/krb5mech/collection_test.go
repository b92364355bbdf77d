// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// A collection of alice's cache, which is the primary one if it exists, and bob's. The client keytab, if there is one,
// is erin's.
type collection struct {
	*krbtest.Realm
	dir   string
	asked string // what the KDC was asked
}

func newCollection(t *testing.T, clients ...string) *collection {
	t.Helper()
	c := &collection{Realm: krbtest.New(t, crypto.AES256SHA1), dir: t.TempDir()}
	c.Vars["KRB5CCNAME"] = "DIR:" + c.dir
	c.Vars["HOME"] = t.TempDir()
	for _, client := range clients {
		file := "tkt"
		if client != "alice" {
			file += client
		}
		ticket := c.Ticket(t, func(p *krbtest.Part) { p.Client = c.named(client) })
		if _, err := krb5.CreateCCache(c.Env, "DIR::"+filepath.Join(c.dir, file), c.named(client), ticket); err != nil {
			t.Fatal(err)
		}
	}
	c.Env.Await = func(key string, _ time.Duration, _ func(context.Context) (any, error)) (any, error) {
		c.asked = key
		return nil, krb5.Pending
	}
	return c
}

func (c *collection) named(user string) token.Principal {
	return token.Principal{Type: token.NTPrincipal, Components: []string{user}, Realm: c.Name}
}

func (c *collection) identity(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.Vars["HOME"], ".k5identity"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c *collection) keytab(t *testing.T, user string) {
	t.Helper()
	c.Vars["KRB5_CLIENT_KTNAME"] = "FILE:" + c.Write(t, "client.keytab", c.KeytabOf(c.named(user), 1, c.Key))
}

// acquire returns the krb5 element of a credential for a client, or for anybody if the name is "".
func (c *collection) acquire(t *testing.T, user string) (*Element, error) {
	t.Helper()
	var desired *gss.Name
	if user != "" {
		var err error
		if desired, err = gss.ImportName([]byte(user), token.NTUserName); err != nil {
			t.Fatal(err)
		}
	}
	cred, err := gss.Acquire(c.Env, desired, 0, nil, gss.Initiate)
	if err != nil {
		return nil, err
	}
	return In(cred, token.MechKRB5)
}

func (c *collection) service() token.Principal {
	p := c.Service
	p.Type = token.NTSrvHst
	return p
}

func TestWantedClientIsLookedForInTheCollection(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	for _, user := range []string{"", "alice", "bob"} {
		e, err := c.acquire(t, user)
		if err != nil {
			t.Fatal(err)
		}
		cache, _ := e.Initiator()
		if want := map[string]string{"": "alice", "alice": "alice", "bob": "bob"}[user]; !cache.Principal.Equal(c.named(want)) {
			t.Errorf("%q: %s", user, cache.Principal)
		}
	}
	if _, err := c.acquire(t, "erin"); status.Of(err).Minor != status.KRB5_CC_NOTFOUND {
		t.Errorf("erin: %v", err)
	}
	// A cache that the program has chosen is kept.
	c.Env.CCacheName = "DIR:" + c.dir
	if _, err := c.acquire(t, "bob"); status.Of(err).Minor != status.KG_CCACHE_NOMATCH {
		t.Errorf("bob: %v", err)
	}
}

func TestTargetChoosesAmongTheCaches(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.identity(t, "bob@"+c.Name+" host=*.test.example\n")
	e, err := c.acquire(t, "")
	if err != nil {
		t.Fatal(err)
	}
	other := c.named("elsewhere")
	bob, err := e.Duplicate(nil).(*Element).InitiatorFor(c.Env, c.service())
	if err != nil || !bob.Principal.Equal(c.named("bob")) {
		t.Errorf("%v, %v", bob, err)
	}
	alice, err := e.InitiatorFor(c.Env, other)
	if err != nil || !alice.Principal.Equal(c.named("alice")) {
		t.Errorf("%v, %v", alice, err)
	}
	// The choice is final.
	if alice, err = e.InitiatorFor(c.Env, c.service()); err != nil || !alice.Principal.Equal(c.named("alice")) {
		t.Errorf("%v, %v", alice, err)
	}
	// The client that was asked for does not change with the target.
	if e, err = c.acquire(t, "alice"); err != nil {
		t.Fatal(err)
	}
	if alice, err = e.InitiatorFor(c.Env, c.service()); err != nil || !alice.Principal.Equal(c.named("alice")) {
		t.Errorf("%v, %v", alice, err)
	}
}

// A credential stays with the client that its program was told of, whoever the target would choose, as with MIT krb5.
func TestInquiryKeepsTheClient(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.identity(t, "bob@"+c.Name+" host=*.test.example\n")
	for what, tell := range map[string]func(*gss.Cred) error{
		"inquire":         func(cred *gss.Cred) error { _, err := gss.Inquire(c.Env, cred); return err },
		"inquire by mech": func(cred *gss.Cred) error { _, err := gss.InquireByMech(c.Env, cred, token.MechKRB5); return err },
		"copy":            func(cred *gss.Cred) error { _, err := gss.InquireByOID(c.Env, cred, oidCopyCCache); return err },
		"store": func(cred *gss.Cred) error {
			_, err := gss.StoreInto(c.Env, storeOf(t, "ccache", "FILE:"+filepath.Join(t.TempDir(), "cc")), cred, gss.Initiate, token.MechKRB5, false, false)
			return err
		},
	} {
		e, err := c.acquire(t, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := tell(gss.NewCred(token.MechKRB5, e)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if alice, err := e.InitiatorFor(c.Env, c.service()); err != nil || !alice.Principal.Equal(c.named("alice")) {
			t.Errorf("%s: %v, %v", what, alice, err)
		}
	}
}

func TestChosenClientWithoutACache(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.identity(t, "erin@"+c.Name+"\n")
	e, err := c.acquire(t, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.InitiatorFor(c.Env, c.service()); status.Of(err).Minor != status.KRB5_CC_NOTFOUND {
		t.Errorf("%v", err)
	}
	c.keytab(t, "erin")
	if _, err := e.InitiatorFor(c.Env, c.service()); err != krb5.Pending || c.asked == "" {
		t.Errorf("%v; asked %q", err, c.asked)
	}
}

// If there is no primary cache, a target selects one of the others.
func TestCollectionWithoutItsPrimaryCache(t *testing.T) {
	c := newCollection(t, "bob")
	e, err := c.acquire(t, "")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := token.Principal{Type: token.NTSrvHst, Components: []string{"HTTP", "www.nowhere.example"}, Realm: "NOWHERE.EXAMPLE"}
	if _, err := e.InitiatorFor(c.Env, elsewhere); status.Of(err).Minor != status.KRB5_CC_NOTFOUND {
		t.Errorf("%v", err)
	}
	// A cache that the program has chosen since does not become the credential's.
	c.Env.CCacheName = "DIR:" + c.dir
	if cache, err := e.InitiatorFor(c.Env, elsewhere); status.Of(err).Minor != status.KRB5_CC_NOTFOUND {
		t.Errorf("%v, %v", cache, err)
	}
	by := gss.NewCred(token.MechKRB5, e.Duplicate(nil))
	if acting, err := (Mechanism{}).AcquireImpersonating(c.Env, by, gss.Wanted{}); status.Of(err).Minor != status.KRB5_CC_NOTFOUND {
		t.Errorf("%v, %v", acting, err)
	}
	c.Env.CCacheName = ""
	cache, err := e.InitiatorFor(c.Env, c.service()) // of bob's realm
	if err != nil || !cache.Principal.Equal(c.named("bob")) {
		t.Errorf("%v, %v", cache, err)
	}
}

// A client keytab does not overwrite somebody else's primary cache, but adds a cache.
func TestClientKeytabAddsACacheToTheCollection(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.keytab(t, "erin")
	if _, err := c.acquire(t, "erin"); err != krb5.Pending || c.asked == "" {
		t.Errorf("%v; asked %q", err, c.asked)
	}
	desired := c.named("erin")
	_, name, err := openWanted(c.Env, gss.CredStore{}, owner{desired: &desired, principal: &desired})
	if !krb5.IsMissing(err) || filepath.Dir(name) != "DIR::"+c.dir || filepath.Base(name) == "tkt" {
		t.Errorf("%q, %v", name, err)
	}
}

// If nobody has logged in, the place of the primary cache is left to whoever does, and the keytab's own cache is found
// again.
func TestClientKeytabLeavesThePrimaryCacheToALogin(t *testing.T) {
	for _, user := range []string{"", "erin"} {
		c := newCollection(t, "bob")
		c.keytab(t, "erin")
		asked := 0
		c.Env.Await = func(string, time.Duration, func(context.Context) (any, error)) (any, error) {
			asked++
			return c.Ticket(t, func(p *krbtest.Part) { p.Client = c.named("erin") }), nil
		}
		var names []string
		for range 2 {
			e, err := c.acquire(t, user)
			if err != nil {
				t.Fatalf("%q: %v", user, err)
			}
			names = append(names, e.initiator.cache.Name())
			e.Release()
		}
		primary := "DIR::" + filepath.Join(c.dir, "tkt")
		if asked != 1 || names[0] != names[1] || names[0] == primary || filepath.Dir(names[0]) != filepath.Dir(primary) {
			t.Errorf("%q: %d questions, caches %q", user, asked, names)
		}
		if _, err := c.Env.Library.OpenCCache(c.Env, primary); !krb5.IsMissing(err) {
			t.Errorf("%q: the primary cache: %v", user, err)
		}
	}
}

// Threads that share a credential see the same choice, or none yet.
func TestThreadsSeeOneChoice(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.identity(t, "bob@"+c.Name+"\n")
	e, err := c.acquire(t, "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if cache, err := e.InitiatorFor(c.Env, c.service()); err != nil || !cache.Principal.Equal(c.named("bob")) || len(cache.Credentials()) == 0 {
				t.Errorf("%v, %v", cache, err)
			}
		})
		wg.Go(func() {
			if info, err := e.Inquire(c.Env); err != nil || info.InitiatorLifetime == 0 {
				t.Errorf("%+v, %v", info, err)
			}
			e.Snapshot(wire.NewWriter(64))
		})
	}
	wg.Wait()
}

// Storing a credential in a collection leaves other clients' caches alone, and makes its cache the primary one if
// requested.
func TestStoredCredentialLeavesOthersAlone(t *testing.T) {
	for _, toDefault := range []bool{false, true} {
		c := newCollection(t, "alice")
		other := filepath.Join(t.TempDir(), "bob")
		if _, err := krb5.CreateCCache(c.Env, other, c.named("bob"), c.Ticket(t, func(p *krbtest.Part) { p.Client = c.named("bob") })); err != nil {
			t.Fatal(err)
		}
		bob, err := gss.AcquireFrom(c.Env, storeOf(t, storeCCache, other), nil, 0, nil, gss.Initiate)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gss.StoreInto(c.Env, gss.CredStore{}, bob, gss.Initiate, token.MechKRB5, false, toDefault); err != nil {
			t.Fatal(err)
		}
		_, err = gss.StoreInto(c.Env, gss.CredStore{}, bob, gss.Initiate, token.MechKRB5, false, toDefault)
		if status.Of(err).Major != status.DuplicateElement {
			t.Errorf("again: %v", err)
		}
		primary, err := c.Env.Library.OpenCCache(c.Env, "")
		if want := map[bool]string{false: "alice", true: "bob"}[toDefault]; err != nil || primary.Principal.Components[0] != want {
			t.Errorf("%v, %v", primary, err)
		}
		if kept, err := c.Env.Library.FindCCache(c.Env, "", c.named("alice").Equal); err != nil || kept == nil {
			t.Errorf("alice's: %v", err)
		}
	}
}
