// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// cacheDirectory makes a collection of type DIR with a cache for each client, the first one in "tkt".
func cacheDirectory(t *testing.T, env *Env, clients ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, client := range clients {
		file := "tkt"
		if i > 0 {
			file += client
		}
		p := mustPrincipal(t, client)
		c, err := CreateCCache(env, "DIR::"+filepath.Join(dir, file), p, &Credential{Client: p, Server: p})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestClientIsFoundInTheCollection(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST", "bob@B.TEST", "carol@C.TEST")
	write(t, filepath.Join(dir, "tktdamaged"), "x")
	for client, found := range map[string]bool{"bob@B.TEST": true, "carol@C.TEST": true, "dave@B.TEST": false} {
		c, err := env.Library.FindCCache(env, "DIR:"+dir, mustPrincipal(t, client).Equal)
		if err != nil || (c != nil) != found || found && c.Principal.String() != client {
			t.Errorf("%s: %v, %v", client, c, err)
		}
	}
	// One cache in the collection does not stand for the collection.
	c, err := env.Library.FindCCache(env, "DIR::"+dir+"/tkt", mustPrincipal(t, "bob@B.TEST").Equal)
	if c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
}

// service returns the name of a service on a host, as made from a GSS-API name.
func service(t *testing.T, s string) token.Principal {
	p := mustPrincipal(t, s)
	p.Type = token.NTSrvHst
	return p
}

func TestSelectionOfACacheForAServer(t *testing.T) {
	home := t.TempDir()
	env := newTestEnv(t, map[string]string{"HOME": home,
		"KRB5_CONFIG": writeFile(t, "krb5.conf", "[libdefaults]\ndefault_realm = A.TEST\n")})
	dir := cacheDirectory(t, env, "alice@A.TEST", "bob@B.TEST", "carol@EAST.C.TEST", "dave@C.TEST")
	for _, v := range []struct{ name, identity, server, want string }{
		{"realm", "", "HTTP/www@B.TEST", "bob@B.TEST"},
		{"unknown-realm", "", "HTTP/www@D.TEST", ""},
		{"domain", "", "HTTP/www.c.test@D.TEST", "dave@C.TEST"},
		{"longest-domain", "", "HTTP/www.east.c.test@D.TEST", "carol@EAST.C.TEST"},
		{"half-a-label", "", "HTTP/www.notb.test@D.TEST", ""},
		{"realm-before-domain", "", "HTTP/www.east.c.test@B.TEST", "bob@B.TEST"},
		{"fallback-realm", "", "HTTP/www.b.test@", "bob@B.TEST"},
		{"identity-first", "dave@C.TEST realm=B.TEST\n", "HTTP/www@B.TEST", "dave@C.TEST"},
		{"no-fields", "# mine\n\n  dave@C.TEST  \n", "HTTP/www@B.TEST", "dave@C.TEST"},
		{"first-line-that-fits", "alice@A.TEST service=imap\ncarol@EAST.C.TEST service=H??P\ndave@C.TEST\n", "HTTP/www@B.TEST",
			"carol@EAST.C.TEST"},
		{"host-in-lower-case", "alice@A.TEST host=*.b.test\n", "HTTP/WWW.B.TEST@B.TEST", "alice@A.TEST"},
		{"all-fields", "alice@A.TEST host=*.b.test service=HTTP realm=C*\n", "HTTP/www.b.test@B.TEST", "bob@B.TEST"},
		{"unknown-field", "alice@A.TEST color=red\n", "HTTP/www@B.TEST", "bob@B.TEST"},
		{"field-without-value", "bob@B.TEST realm\n", "HTTP/www@", "alice@A.TEST"},
		{"default-realm", "alice\n", "HTTP/www@B.TEST", "alice@A.TEST"},
	} {
		t.Run(v.name, func(t *testing.T) {
			write(t, filepath.Join(home, ".k5identity"), v.identity)
			env.Library = &Library{}
			c, _, err := env.Library.SelectCCache(env, "DIR:"+dir, service(t, v.server))
			got := ""
			if c != nil {
				got = c.Principal.String()
			}
			if err != nil || got != v.want {
				t.Errorf("%q, %v, want %q", got, err, v.want)
			}
		})
	}
	write(t, filepath.Join(home, ".k5identity"), "erin@B.TEST\n")
	_, client, err := env.Library.SelectCCache(env, "DIR:"+dir, service(t, "HTTP/www@B.TEST"))
	wantMinor(t, err, status.KRB5_CC_NOTFOUND)
	if client == nil || client.String() != "erin@B.TEST" {
		t.Errorf("the client is %v", client)
	}
}

func TestNewCachesBelongToTheCollection(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := t.TempDir()
	name, err := env.Library.NewCCacheName(env, "DIR:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CreateCCache(env, name, mustPrincipal(t, "alice@A.TEST")); err != nil {
		t.Error(err)
	}
	c, err := env.Library.FindCCache(env, "DIR:"+dir, mustPrincipal(t, "alice@A.TEST").Equal)
	if c == nil || c.Name() != name {
		t.Errorf("%v, %v", c, err)
	}
	for _, name := range []string{name, "FILE:/tmp/x"} {
		_, err := env.Library.NewCCacheName(env, name)
		wantMinor(t, err, status.KRB5_DCC_CANNOT_CREATE)
	}
}

// storeFor stores a ticket for a client under a name, in the primary cache if primary is set, and returns the cache's
// name.
func storeFor(t *testing.T, env *Env, name, client string, primary bool) string {
	t.Helper()
	p := mustPrincipal(t, client)
	cache, err := env.Library.CCacheNameFor(env, name, p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CreateCCache(env, cache, p, &Credential{Client: p, Server: p})
	if err == nil && primary {
		err = env.Library.MakePrimary(env, name, c)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.Name()
}

// checkCollection stores tickets for three clients, for one of them twice, and checks which cache is the primary one.
func checkCollection(t *testing.T, env *Env, name string) {
	t.Helper()
	const alice, bob, carol = "alice@A.TEST", "bob@A.TEST", "carol@A.TEST"
	storeFor(t, env, name, alice, true)
	first := storeFor(t, env, name, bob, true)
	storeFor(t, env, name, carol, false)
	if again := storeFor(t, env, name, bob, false); again != first {
		t.Errorf("%s and %s", first, again)
	}
	c, err := env.Library.OpenCCache(env, name)
	if err != nil || c.Principal.String() != bob {
		t.Errorf("%v, %v", c, err)
	}
	for _, client := range []string{alice, bob, carol} {
		if c, err := env.Library.FindCCache(env, name, mustPrincipal(t, client).Equal); err != nil || c == nil {
			t.Errorf("%s: %v", client, err)
		}
	}
	// A cache addressed by its own name is overwritten, whoever owns it.
	if written := storeFor(t, env, first, alice, true); written != first {
		t.Errorf("%s, %s", first, written)
	}
}

func TestStoredTicketsTakeThePlaceOfAFile(t *testing.T) {
	env := newTestEnv(t, nil)
	for _, name := range []string{"FILE:" + filepath.Join(t.TempDir(), "cc"), "MEMORY:x"} {
		storeFor(t, env, name, "alice@A.TEST", true)
		if again := storeFor(t, env, name, "bob@A.TEST", true); again != name {
			t.Errorf("%s, %s", name, again)
		}
	}
}
