// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libgssapi/internal/status"
)

// storeFor stores a ticket of a client under a name, as the primary one if that is wished, and returns the cache's name.
func storeFor(t *testing.T, env *Env, name, client string, primary bool) string {
	t.Helper()
	p := parseTestPrincipal(t, client)
	cache, err := env.Library.StoreName(env, name, p)
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

// checkCollection stores for three clients, one twice, and looks who is the primary one.
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
		if c, err := env.Library.FindCCache(env, name, parseTestPrincipal(t, client).Equal); err != nil || c == nil {
			t.Errorf("%s: %v", client, err)
		}
	}
	// One of its caches is written by its name, whoever it is of.
	if written := storeFor(t, env, first, alice, true); written != first {
		t.Errorf("%s, %s", first, written)
	}
}

func TestStoredTicketsHaveACacheOfTheirOwnInADirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	checkCollection(t, newTestEnv(t, nil), "DIR:"+dir)
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", st, err)
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

func TestKCMIsToldOfThePrimaryCache(t *testing.T) {
	d := &kcmDaemon{answers: map[kcmOperation][]byte{kcmGetCacheUUIDList: kcmReply()}}
	env := d.start(t)
	p := parseTestPrincipal(t, "alice@A.TEST")
	name, err := env.Library.StoreName(env, "KCM:", p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CreateCCache(env, name, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Library.MakePrimary(env, "", c); err != nil || "KCM:"+d.primaryCache() != name {
		t.Errorf("%v, %s", err, d.primaryCache())
	}
	d.mu.Lock()
	d.answers[kcmSetDefaultCache] = kcmFailure(status.KRB5_FCC_PERM)
	d.mu.Unlock()
	wantMinor(t, env.Library.MakePrimary(env, "KCM:", c), status.KRB5_FCC_PERM)
}

func TestKCMKeepsThePrimaryCache(t *testing.T) {
	d := &kcmDaemon{}
	env := d.start(t)
	storeFor(t, env, "KCM:", "alice@A.TEST", false)
	d.mu.Lock()
	d.primary = "0"
	d.mu.Unlock()
	if name := storeFor(t, env, "KCM:", "bob@A.TEST", false); name == "KCM:0" || d.primaryCache() != "0" {
		t.Errorf("%s, %s", name, d.primaryCache())
	}
}

// What names the primary cache can be read again: the collection is not without one for a name that does not fit there.
func TestPrimaryCacheHasANameThatCanBeRead(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST")
	bob := parseTestPrincipal(t, "bob@A.TEST")
	for file, fits := range map[string]bool{
		"tkt" + strings.Repeat("x", maxPrimary-5): true, "tkt" + strings.Repeat("x", maxPrimary-4): false,
		"tkt\nx": false, `tkt\x`: false,
	} {
		c, err := CreateCCache(env, "DIR::"+filepath.Join(dir, file), bob)
		if err != nil {
			t.Fatal(err)
		}
		err = env.Library.MakePrimary(env, "DIR:"+dir, c)
		if !fits {
			wantMinor(t, err, status.KRB5_CC_BADNAME)
		} else if err != nil {
			t.Error(err)
		}
		primary, err := env.Library.OpenCCache(env, "DIR:"+dir)
		if err != nil || fits && primary.Name() != c.Name() {
			t.Errorf("%q: %v, %v", file, primary, err)
		}
		c.Close()
	}
	write(t, filepath.Join(dir, "primary"), strings.Repeat("x", maxPrimary+1))
	_, err := env.Library.OpenCCache(env, "DIR:"+dir)
	if text := wantMinor(t, err, status.KRB5_CC_IO); !strings.Contains(text, "64 octets") {
		t.Error(text)
	}
}
