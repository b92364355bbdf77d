// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// sampleCredential returns a credential that uses every field.
func sampleCredential(t testing.TB, server string) *Credential {
	return &Credential{
		Client:    mustPrincipal(t, "alice@A.TEST"),
		Server:    mustPrincipal(t, server),
		Key:       token.EncryptionKey{EType: 18, Value: bytes.Repeat([]byte{0x5a}, 32)},
		AuthTime:  time.Unix(1_800_000_000, 0),
		StartTime: time.Unix(1_800_000_001, 0),
		EndTime:   time.Unix(2_200_000_000, 0), // beyond 2038
		RenewTill: time.Unix(4_000_000_000, 0),
		Flags:     0x40e10000,
		Addresses: []token.HostAddress{{Type: 2, Address: []byte{127, 0, 0, 1}}},
		AuthData:  []token.AuthDataEntry{{Type: 1, Data: []byte("authdata")}},
		Ticket:    []byte("\x61\x03\x30\x01\x00"),
	}
}

func createCache(t testing.TB, creds ...*Credential) (*Env, *CCache) {
	t.Helper()
	env := newTestEnv(t, nil)
	path := filepath.Join(t.TempDir(), "cc")
	c, err := CreateCCache(env, "FILE:"+path, mustPrincipal(t, "alice@A.TEST"), creds...)
	if err != nil {
		t.Fatal(err)
	}
	return env, c
}

// filePath returns the path of a cache of type FILE.
func filePath(c *CCache) string { return c.backend.(*fileCCache).path }

func TestCreatedCacheIsReadBack(t *testing.T) {
	want := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	env, c := createCache(t, want)
	again, err := env.Library.OpenCCache(env, c.Name())
	if err != nil {
		t.Fatal(err)
	}
	if !again.Principal.Equal(want.Client) || again.Name() != c.Name() {
		t.Errorf("%s of %s", again.Name(), again.Principal)
	}
	if got := again.Credentials(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCreatedCacheIsForItsOwnerOnly(t *testing.T) {
	_, c := createCache(t)
	fi, err := os.Stat(filePath(c))
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if names, _ := filepath.Glob(filepath.Dir(filePath(c)) + "/.*"); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestCreateReplacesASymbolicLinkAndNotItsTarget(t *testing.T) {
	env := newTestEnv(t, nil)
	target := writeFile(t, "target", "precious")
	link := filepath.Join(t.TempDir(), "cc")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateCCache(env, link, mustPrincipal(t, "alice@A.TEST")); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(target); string(b) != "precious" {
		t.Errorf("the target has %q", b)
	}
}

// After a cache has been recreated for another client, nothing in it is returned under the first client's name.
func TestConfigurationOfSomebodyElseIsNotExported(t *testing.T) {
	env, c := createCache(t, refreshEntry(mustPrincipal(t, "alice@A.TEST"), time.Unix(1, 0)))
	if _, ok := c.Config(refreshKey); !ok || len(c.Export().Tickets) != 1 {
		t.Fatal("the client's own is missing")
	}
	bob := mustPrincipal(t, "bob@A.TEST")
	if _, err := CreateCCache(env, c.Name(), bob, refreshEntry(bob, time.Unix(2, 0))); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Config(refreshKey); ok || len(c.Export().Tickets) != 0 || len(c.Configuration()) != 0 {
		t.Error("bob's configuration is alice's")
	}
}

func TestStoreAppendsInEachVersion(t *testing.T) {
	for version := 1; version <= 4; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			first, second := sampleCredential(t, "krbtgt/A.TEST@A.TEST"), sampleCredential(t, "host/h@A.TEST")
			w := newCCacheWriter(version)
			w.b = binary.BigEndian.AppendUint16(w.b, uint16(0x0500+version))
			if version == 4 {
				w.uint16(0)
			}
			w.principal(first.Client)
			w.credential(first)
			env := newTestEnv(t, nil)
			c, err := env.Library.OpenCCache(env, writeFile(t, "cc", string(w.b)))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Store(second); err != nil {
				t.Fatal(err)
			}
			if version == 1 { // has no name types
				for _, cred := range []*Credential{first, second} {
					cred.Client.Type, cred.Server.Type = token.NTUnknown, token.NTUnknown
				}
			}
			if got := c.Credentials(); len(got) != 2 || !reflect.DeepEqual(got[0], first) || !reflect.DeepEqual(got[1], second) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestChangedCacheIsReadAgain(t *testing.T) {
	env, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	other, err := env.Library.OpenCCache(env, c.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
		t.Fatal(err)
	}
	if n := len(c.Credentials()); n != 2 {
		t.Errorf("%d credentials", n)
	}
	if _, err := CreateCCache(env, c.Name(), mustPrincipal(t, "bob@A.TEST")); err != nil {
		t.Fatal(err)
	}
	if n := len(c.Credentials()); n != 0 {
		t.Errorf("%d credentials of another client", n)
	}
	text := wantMinor(t, c.Store(sampleCredential(t, "host/i@A.TEST")), status.KG_CCACHE_NOMATCH)
	if !strings.Contains(text, "bob@A.TEST") {
		t.Error(text)
	}
}

func TestMemoryCache(t *testing.T) {
	cred := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c := NewMemoryCCache(cred.Client, cred)
	if err := c.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
		t.Fatal(err)
	}
	if n := len(c.Credentials()); n != 2 || c.Name() != "" || c.Offset() != 0 {
		t.Errorf("%d credentials, name %q", n, c.Name())
	}
}

func TestConfigEntriesAreNoCredentials(t *testing.T) {
	env, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	if err := c.SetConfig("fast_avail", []byte("yes")); err != nil {
		t.Fatal(err)
	}
	again, err := env.Library.OpenCCache(env, c.Name())
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := again.Config("fast_avail"); !ok || string(v) != "yes" {
		t.Errorf("%q, %v", v, ok)
	}
	if n := len(again.Credentials()); n != 1 {
		t.Errorf("%d credentials", n)
	}
}

// A user can leave a cache for a server that reads the caches of all users.
func TestManyConfigEntriesTakeLittleTime(t *testing.T) {
	const entries, limit = 200_000, 2 * time.Minute // a file of 64 MiB has twice as many
	client := mustPrincipal(t, "alice@A.TEST")
	var c ccacheContents
	began := time.Now()
	for i := range entries {
		c.add(configEntry(client, fmt.Sprint(i%(entries/2)), []byte{byte(i / (entries / 2))}))
		if time.Since(began) > limit {
			t.Fatalf("%d of %d entries took %s", i, entries, limit)
		}
	}
	if len(c.config) != entries/2 {
		t.Errorf("%d entries, not %d", len(c.config), entries/2)
	}
	if value, ok := c.configValue("0"); !ok || value[0] != 1 {
		t.Errorf("%v, %t: of two entries with one name the last counts", value, ok)
	}
	own := c.copy()
	own.add(configEntry(client, "0", []byte{2}))
	if value, _ := c.configValue("0"); value[0] != 1 || len(own.config) != entries/2 {
		t.Errorf("%v, %d entries: a copy is not of its own", value, len(own.config))
	}
}

func TestListsOfACredentialAreBounded(t *testing.T) {
	const n = maxCCacheList
	for _, test := range []struct {
		name   string
		change func(c *Credential, n int)
	}{
		{"components", func(c *Credential, n int) { c.Server.Components = make([]string, n) }},
		{"addresses", func(c *Credential, n int) { c.Addresses = make([]token.HostAddress, n) }},
		{"authorization-data", func(c *Credential, n int) { c.AuthData = make([]token.AuthDataEntry, n) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			cred := sampleCredential(t, "host/h@A.TEST")
			test.change(cred, n)
			_, most := createCache(t, cred)
			if len(most.Credentials()) != 1 {
				t.Errorf("%d credentials", len(most.Credentials()))
			}
			test.change(cred, n+1)
			_, err := CreateCCache(newTestEnv(t, nil), filepath.Join(t.TempDir(), "cc"), cred.Client, cred)
			wantMinor(t, err, status.KRB5_CC_FORMAT)
			if _, ok := unmarshalCredential(cred.Marshal()); ok {
				t.Error("another type of cache takes it")
			}
		})
	}
}

func TestRemovedCredentialIsNone(t *testing.T) {
	removed := sampleCredential(t, "host/h@A.TEST")
	removed.AuthTime, removed.EndTime = time.Unix(1<<32-1, 0), time.Time{}
	_, c := createCache(t, removed, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	if got := c.Credentials(); len(got) != 1 || !got[0].Server.IsTGS() {
		t.Errorf("%+v", got)
	}
}

func TestClockOffsetOfTheHeader(t *testing.T) {
	env := newTestEnv(t, nil)
	want := -20*time.Minute - 250*time.Microsecond
	c, err := CreateCCacheOffset(env, filepath.Join(t.TempDir(), "cc"), mustPrincipal(t, "a@A"), want)
	if err != nil || c.Offset() != want {
		t.Errorf("%s, %v", c.Offset(), err)
	}
}

func TestUnknownHeaderFieldsAreSkipped(t *testing.T) {
	c, err := parseCCache([]byte("\x05\x04\x00\x12" + "\x00\x09\x00\x02xx" +
		"\x00\x01\x00\x08\x00\x00\x00\x05\x00\x00\x00\x00" +
		"\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01A\x00\x00\x00\x01a"))
	if err != nil {
		t.Fatal(err)
	}
	if c.offset != 5*time.Second || c.principal.String() != "a@A" {
		t.Errorf("%s, %s", c.offset, c.principal)
	}
}

func TestMalformedCaches(t *testing.T) {
	_, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	good, err := os.ReadFile(filePath(c))
	if err != nil {
		t.Fatal(err)
	}
	change := func(offset int, b string) string {
		return string(good[:offset]) + b + string(good[offset+len(b):])
	}
	for _, v := range []struct {
		name, file string
		minor      status.Minor
	}{
		{"empty", "", status.KRB5_FCC_NOFILE},
		{"one-octet", "\x05", status.KRB5_CC_FORMAT},
		{"text", "hello, world", status.KRB5_CCACHE_BADVNO},
		{"version-5", change(1, "\x05"), status.KRB5_CCACHE_BADVNO},
		{"header-beyond-file", change(2, "\xff\xff"), status.KRB5_CC_FORMAT},
		{"header-field-cut", "\x05\x04\x00\x03\x00\x01\x00", status.KRB5_CC_FORMAT},
		{"no-principal", "\x05\x04\x00\x00", status.KRB5_CC_FORMAT},
		{"components-beyond-file", change(8, "\xff\xff\xff\xff"), status.KRB5_CC_FORMAT},
		{"realm-beyond-file", change(12, "\x7f\xff\xff\xff"), status.KRB5_CC_FORMAT},
		{"ticket-beyond-file", change(len(good)-13, "\xff\xff\xff\xff"), status.KRB5_CC_FORMAT},
		{"version-1-without-realm", "\x05\x01\x00\x00\x00\x00\x00\x00\x00\x00", status.KRB5_CC_FORMAT},
	} {
		t.Run(v.name, func(t *testing.T) {
			env := newTestEnv(t, nil)
			path := writeFile(t, "cc", v.file)
			_, err := env.Library.OpenCCache(env, path)
			if text := wantMinor(t, err, v.minor); !strings.Contains(text, path) {
				t.Errorf("%q does not name the file", text)
			}
		})
	}
}

func TestTruncatedCredentialIsIgnoredAndOverwritten(t *testing.T) {
	env, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	good, err := os.ReadFile(filePath(c))
	if err != nil {
		t.Fatal(err)
	}
	w := newCCacheWriter(4)
	w.credential(sampleCredential(t, "host/h@A.TEST"))
	for n := range w.b {
		path := writeFile(t, "cc", string(good)+string(w.b[:n]))
		c, err := env.Library.OpenCCache(env, path)
		if err != nil {
			t.Fatalf("%d octets: %v", n, err)
		}
		if len(c.Credentials()) != 1 {
			t.Fatalf("%d octets: %d credentials", n, len(c.Credentials()))
		}
		if n%50 == 0 {
			if err := c.Store(sampleCredential(t, "host/i@A.TEST")); err != nil {
				t.Fatal(err)
			}
			if got := c.Credentials(); len(got) != 2 || got[1].Server.String() != "host/i@A.TEST" {
				t.Fatalf("%d octets: %+v", n, got)
			}
		}
	}
}

func TestEachPrefixOfACacheIsReadOrRefused(t *testing.T) {
	_, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	good, err := os.ReadFile(filePath(c))
	if err != nil {
		t.Fatal(err)
	}
	for n := range good {
		if got, err := parseCCache(good[:n]); err == nil && len(got.creds) != 0 {
			t.Errorf("%d octets of %d: %d credentials", n, len(good), len(got.creds))
		}
	}
}

func TestCacheErrorsNameTheCause(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := t.TempDir()
	for _, v := range []struct {
		name, text string
		minor      status.Minor
	}{
		{"FILE:" + dir + "/none", dir + "/none", status.KRB5_FCC_NOFILE},
		{dir, dir, status.KRB5_CC_FORMAT},
		{"FOO:" + dir, "type FOO", status.KRB5_CC_UNKNOWN_TYPE},
		{"API:x", "API:x", status.KRB5_CC_UNKNOWN_TYPE},
		{"FILE:a\x00b", "NUL", status.KRB5_CC_BADNAME},
		{"FILE:", "no path", status.KRB5_FCC_NOFILE},
	} {
		_, err := env.Library.OpenCCache(env, v.name)
		if text := wantMinor(t, err, v.minor); !strings.Contains(text, v.text) {
			t.Errorf("%q lacks %q", text, v.text)
		}
	}
	_, err := CreateCCache(env, dir+"/no/such/dir", mustPrincipal(t, "a@A"))
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
}

// An invalid name is refused even if nobody opens the cache, for acceptors too, as with MIT krb5.
func TestNamesOfCachesAreChecked(t *testing.T) {
	env := newTestEnv(t, nil)
	for name, minor := range map[string]status.Minor{
		"KEYRING:nowhere:x": status.KRB5_KCC_INVALID_ANCHOR, "KEYRING:persistent:x": status.KRB5_KCC_INVALID_UID,
		"KEYRING:persistent:-1": status.KRB5_KCC_INVALID_UID, "KEYRING:session:x:": status.KRB5_CC_BADNAME,
		"DIR::/tmp/x": status.KRB5_CC_BADNAME, "DIR::tkt": status.KRB5_CC_BADNAME, "API:x": status.KRB5_CC_UNKNOWN_TYPE,
	} {
		if strings.HasPrefix(name, "KEYRING:") && runtime.GOOS != "linux" {
			minor = status.KRB5_CC_UNKNOWN_TYPE
		}
		wantMinor(t, env.Library.CheckCCacheName(env, name), minor)
	}
	for _, name := range []string{"KEYRING:x", "KEYRING:user:x:y", "KEYRING:persistent:", "DIR:/nonexistent", "DIR::/x/tkt", "KCM:x"} {
		if err := env.Library.CheckCCacheName(env, name); err != nil && (runtime.GOOS == "linux" || name[0] != 'K') {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnreadableCacheIsNamed(t *testing.T) {
	asOrdinaryUser(t)
	env := newTestEnv(t, nil)
	path := writeFile(t, "cc", "")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := env.Library.OpenCCache(env, path)
	if text := wantMinor(t, err, status.KRB5_FCC_PERM); !strings.Contains(text, path) {
		t.Error(text)
	}
}

func TestFIFOIsRefusedAtOnce(t *testing.T) {
	env := newTestEnv(t, nil)
	path := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := env.Library.OpenCCache(env, path)
	if text := wantMinor(t, err, status.KRB5_CC_FORMAT); !strings.Contains(text, "not a regular file") {
		t.Error(text)
	}
}

func TestConcurrentStoresLoseNothing(t *testing.T) {
	env, c := createCache(t)
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			own, err := env.Library.OpenCCache(env, c.Name())
			if err != nil {
				t.Error(err)
				return
			}
			if i%2 == 0 { // a process of its own, as far as locks are concerned
				own.backend.(*fileCCache).locks = &fileLocks{}
			}
			for j := range each {
				if err := own.Store(sampleCredential(t, fmt.Sprintf("host/%d-%d@A.TEST", i, j))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, cred := range c.Credentials() {
		seen[cred.Server.String()] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d credentials, want %d", len(seen), writers*each)
	}
}

func TestMITKlistReadsOurCache(t *testing.T) {
	klist, err := exec.LookPath("klist")
	if err != nil {
		t.Skip("klist (Debian: krb5-user) is not installed")
	}
	if out, _ := exec.Command(klist, "-V").CombinedOutput(); !strings.Contains(string(out), "Kerberos 5 version") {
		t.Skip("klist is not MIT's")
	}
	_, c := createCache(t, sampleCredential(t, "krbtgt/A.TEST@A.TEST"))
	if err := c.Store(sampleCredential(t, `HTTP/www.a.test@A.TEST`)); err != nil {
		t.Fatal(err)
	}
	if err := c.SetConfig("fast_avail", []byte("yes")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(klist, "-f", "-C", "-c", filePath(c))
	cmd.Env = []string{"KRB5_CONFIG=/dev/null", "TZ=UTC", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"Default principal: alice@A.TEST", "krbtgt/A.TEST@A.TEST", "HTTP/www.a.test@A.TEST", "Flags: FRIA",
		"09/18/39 23:06:40", "config: fast_avail = yes",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("klist does not say %q:\n%s", want, out)
		}
	}
}
