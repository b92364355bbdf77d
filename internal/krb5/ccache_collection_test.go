// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// cacheDirectory makes a collection of type DIR with a cache for each client, "tkt" being the first one's.
func cacheDirectory(t *testing.T, env *Env, clients ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, client := range clients {
		file := "tkt"
		if i > 0 {
			file += client
		}
		p := parseTestPrincipal(t, client)
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

func TestDirectoryIsItsPrimaryCache(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST", "bob@B.TEST")
	for _, v := range []struct {
		primary, client string
		minor           status.Minor
	}{
		{"", "alice@A.TEST", 0}, // none: tkt
		{"tkt\n", "alice@A.TEST", 0},
		{"tktbob@B.TEST\n", "bob@B.TEST", 0},
		{"tktbob@B.TEST\nmore", "bob@B.TEST", 0},
		{"tktbob@B.TEST", "", status.KRB5_CC_FORMAT}, // cut off
		{"primary\n", "", status.KRB5_CC_FORMAT},     // no cache
		{"tkt/../../x\n", "", status.KRB5_CC_FORMAT}, // elsewhere
		{"tkt\x00bob@B.TEST\n", "", status.KRB5_CC_FORMAT},
		{"tktnone\n", "", status.KRB5_FCC_NOFILE},
	} {
		if v.primary != "" {
			write(t, filepath.Join(dir, "primary"), v.primary)
		}
		c, err := env.Library.OpenCCache(env, "DIR:"+dir)
		if v.minor != 0 {
			wantMinor(t, err, v.minor)
		} else if err != nil || c.Principal.String() != v.client {
			t.Errorf("%q: %v, %v", v.primary, c, err)
		}
	}
}

func TestDirectoriesThatAreNone(t *testing.T) {
	env := newTestEnv(t, nil)
	file := writeFile(t, "tkt", "x")
	for name, minor := range map[string]status.Minor{
		"DIR:":                         status.KRB5_CC_BADNAME,
		"DIR:" + file:                  status.KRB5_CC_FORMAT,
		"DIR:" + file + "no":           status.KRB5_FCC_NOFILE,
		"DIR::tkt":                     status.KRB5_CC_BADNAME,
		"DIR::/tmp/other":              status.KRB5_CC_BADNAME,
		"DIR::" + file + "/tkt":        status.KRB5_FCC_PERM,
		"DIR::" + t.TempDir() + "/tkt": status.KRB5_FCC_NOFILE,
	} {
		_, err := env.Library.OpenCCache(env, name)
		wantMinor(t, err, minor)
	}
}

func TestClientIsFoundInTheCollection(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST", "bob@B.TEST", "carol@C.TEST")
	write(t, filepath.Join(dir, "tktdamaged"), "x")
	for client, found := range map[string]bool{"bob@B.TEST": true, "carol@C.TEST": true, "dave@B.TEST": false} {
		c, err := env.Library.FindCCache(env, "DIR:"+dir, parseTestPrincipal(t, client).Equal)
		if err != nil || (c != nil) != found || found && c.Principal.String() != client {
			t.Errorf("%s: %v, %v", client, c, err)
		}
	}
	// A cache of the collection is not the collection.
	c, err := env.Library.FindCCache(env, "DIR::"+dir+"/tkt", parseTestPrincipal(t, "bob@B.TEST").Equal)
	if c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
}

// service is the name of a service on a host, as GSS-API names have it.
func service(t *testing.T, s string) token.Principal {
	p := parseTestPrincipal(t, s)
	p.Type = token.NTSrvHst
	return p
}

func TestSelectionOfACacheForAServer(t *testing.T) {
	home := t.TempDir()
	env := newTestEnv(t, map[string]string{"HOME": home})
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
			env.Getenv = func(name string) string {
				return map[string]string{"HOME": home, "KRB5_CONFIG": writeFile(t, "krb5.conf", "[libdefaults]\ndefault_realm = A.TEST\n")}[name]
			}
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

// Only a service on a host has one; HTTP/www may also be somebody's name.
func TestIdentityByHostIsForServicesOnly(t *testing.T) {
	p := parseTestPrincipal(t, "HTTP/www@B.TEST")
	if _, ok := parseIdentity("alice@A.TEST host=*", p); ok {
		t.Error("the name of no service has a host")
	}
	if _, ok := parseIdentity("alice@A.TEST host=*", service(t, "HTTP/www@B.TEST")); !ok {
		t.Error("the name of a service has no host")
	}
}

func TestPatterns(t *testing.T) {
	for _, v := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abbd", false},
		{"?", "", false}, {"?b", "ab", true}, {"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a]", "a", false},
		{"[!a]", "b", true}, {"[]]", "]", true}, {"[a", "[a", true}, {`\*`, "*", true}, {`\*`, "a", false}, {`[\]]`, "]", true},
		{"*a*b*", "xxaxxb", true}, {"*a*b", "abab", true}, {"**", "a/b", true}, {"ab", "abc", false}, {`a\`, `a\`, true},
	} {
		if got := matchesPattern(v.pattern, v.text); got != v.want {
			t.Errorf("%q matches %q: %v", v.pattern, v.text, got)
		}
	}
}

// FuzzIdentity reads any line for any host; neither a panic nor a long search comes of it.
func FuzzIdentity(f *testing.F) {
	f.Add("alice@A.TEST realm=B* service=[!a-z]* host=\\*?.test", "www.b.test")
	f.Add("a host=[[]", "[")
	f.Fuzz(func(t *testing.T, line, host string) {
		p := token.Principal{Type: token.NTSrvHst, Components: []string{"HTTP", host}, Realm: "B.TEST"}
		if client, ok := parseIdentity(line, p); ok && len(client.Components) == 0 {
			t.Errorf("%q", line)
		}
	})
}

// FuzzDirectoryPrimary reads any file; what it names is in the directory.
func FuzzDirectoryPrimary(f *testing.F) {
	f.Add([]byte("tkt\n"))
	f.Add([]byte("tkt/../x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, ok := parsePrimary(b); ok && filepath.Dir(filepath.Join("/a", name)) != "/a" {
			t.Errorf("%q", name)
		}
	})
}

func TestFreshNamesAreOfTheCollection(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := t.TempDir()
	name, err := env.Library.NewCCacheName(env, "DIR:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CreateCCache(env, name, parseTestPrincipal(t, "alice@A.TEST")); err != nil {
		t.Error(err)
	}
	c, err := env.Library.FindCCache(env, "DIR:"+dir, parseTestPrincipal(t, "alice@A.TEST").Equal)
	if c == nil || c.Name() != name {
		t.Errorf("%v, %v", c, err)
	}
	for _, name := range []string{name, "FILE:/tmp/x"} {
		_, err := env.Library.NewCCacheName(env, name)
		wantMinor(t, err, status.KRB5_DCC_CANNOT_CREATE)
	}
}
