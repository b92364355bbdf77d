// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func TestMemoryCacheIsSharedByItsName(t *testing.T) {
	env := newTestEnv(t, nil)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	_, err := env.Library.OpenCCache(env, "MEMORY:x")
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
	c, err := CreateCCache(env, "MEMORY:x", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	other, err := env.Library.OpenCCache(env, "MEMORY:x")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
		t.Fatal(err)
	}
	if n := len(c.Credentials()); n != 2 {
		t.Errorf("%d credentials", n)
	}
	other.Close()
	c.Close()
	again, err := env.Library.OpenCCache(env, "MEMORY:x")
	if err != nil || len(again.Credentials()) != 2 || again.Name() != "MEMORY:x" {
		t.Errorf("after the last use: %v, %v", again, err)
	}
	_, err = env.Library.OpenCCache(env, "MEMORY:y")
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
	// It is not a collection: a server may have caches for many clients in its memory.
	if found, err := env.Library.FindCCache(env, "MEMORY:y", tgt.Client.Equal); found != nil {
		t.Errorf("%v, %v", found, err)
	}
	if selected, _, err := env.Library.SelectCCache(env, "MEMORY:y", tgt.Server); selected != nil {
		t.Errorf("%v, %v", selected, err)
	}
}

// keysOf returns the keys themselves, not copies.
func keysOf(contents *ccacheContents) (keys [][]byte) {
	for _, cred := range contents.creds {
		keys = append(keys, cred.Key.Value)
	}
	return keys
}

func TestReplacedMemoryCacheIsWiped(t *testing.T) {
	env := newTestEnv(t, nil)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c, err := CreateCCache(env, "MEMORY:x", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	keys := append(keysOf(env.Library.memory.m["x"].contents), keysOf(&c.contents)...)
	bob := mustPrincipal(t, "bob@A.TEST")
	if _, err := CreateCCache(env, "MEMORY:x", bob); err != nil {
		t.Fatal(err)
	}
	if c.Credentials() != nil {
		t.Error("tickets of somebody else")
	}
	wantMinor(t, c.Store(tgt), status.KG_CCACHE_NOMATCH)
	c.Close()
	if len(keys) != 2 {
		t.Fatalf("%d keys", len(keys))
	}
	for i, key := range keys {
		if !bytes.Equal(key, make([]byte, len(key))) {
			t.Errorf("key %d is left", i)
		}
	}
}

// The receiver of an export wipes it, while another thread may make its own.
func TestExportSharesNoKeys(t *testing.T) {
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	entry := configEntry(tgt.Client, "fast_avail", []byte("yes"))
	entry.Key.Value = []byte("not empty")
	contents := &ccacheContents{principal: tgt.Client}
	contents.add(tgt)
	contents.add(entry)
	c := memoryCCacheOf(contents)
	for range 2 {
		x := c.Export()
		if len(x.Tickets) != 2 {
			t.Fatalf("%d tickets", len(x.Tickets))
		}
		for i := range x.Tickets {
			key := x.Tickets[i].Key.Value
			if len(bytes.Trim(key, "\x00")) == 0 {
				t.Errorf("ticket %d was wiped", i)
			}
			clear(key)
		}
	}
}

func TestUnnamedMemoryCacheEndsWithItsLastUse(t *testing.T) {
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c := NewMemoryCCache(tgt.Client, tgt)
	c.Share()
	c.Close()
	if len(c.Credentials()) != 1 {
		t.Error("it has ended with the first one")
	}
	keys := append(keysOf(&c.contents), tgt.Key.Value)
	c.Close()
	for i, key := range keys {
		if !bytes.Equal(key, make([]byte, len(key))) {
			t.Errorf("key %d is left", i)
		}
	}
	if len(c.Credentials()) != 0 {
		t.Error("a closed cache has credentials")
	}
}

func TestMemoryCachesAreBounded(t *testing.T) {
	env := newTestEnv(t, nil)
	alice := mustPrincipal(t, "alice@A.TEST")
	for i := range maxMemoryCCaches {
		if _, err := CreateCCache(env, fmt.Sprint("MEMORY:", i), alice); err != nil {
			t.Fatal(err)
		}
	}
	_, err := CreateCCache(env, "MEMORY:x", alice)
	wantMinor(t, err, status.KRB5_CC_NOMEM)
	if _, err := CreateCCache(env, "MEMORY:0", alice); err != nil {
		t.Error(err)
	}
}

// inChild returns what a child after fork(2) has of a credential's cache.
func inChild(t *testing.T, l *Library, c *CCache) *CCache {
	t.Helper()
	form := wire.NewWriter(64)
	c.Snapshot(form)
	child := newTestEnv(t, nil)
	for residual := range l.memory.m {
		if form := l.MemoryCacheForm(residual); form != nil {
			child.Library.RestoreMemoryCache(form)
		}
	}
	r := wire.NewReader(form.Form())
	restored := child.Library.RestoreCCache(r)
	if !r.Done() || restored.Name() != c.Name() {
		t.Fatalf("%s is not %s", restored.Name(), c.Name())
	}
	return restored
}

func TestChildHasTheNamedMemoryCacheOfACredential(t *testing.T) {
	env := newTestEnv(t, nil)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c, err := CreateCCache(env, "MEMORY:x", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(inChild(t, env.Library, c).Credentials()); n != 1 {
		t.Errorf("%d credentials", n)
	}
}

// A cache that one credential withholds does not reach children through another, even if that was acquired earlier.
func TestWithheldMemoryCacheIsWithheldForAll(t *testing.T) {
	env := newTestEnv(t, nil)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c, err := CreateCCache(env, "MEMORY:x", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	earlier := wire.NewWriter(64)
	c.Snapshot(earlier)
	if bytes.Contains(earlier.Form(), tgt.Key.Value) {
		t.Error("the form of a credential has the keys of a named cache")
	}
	other, err := env.Library.OpenCCache(env, "MEMORY:x")
	if err != nil {
		t.Fatal(err)
	}
	other.Withhold()
	if n := len(inChild(t, env.Library, c).Credentials()); n != 0 {
		t.Errorf("%d credentials of a cache that is withheld", n)
	}
}

// libkrb5 stands for the library that the program uses.
type libkrb5 struct {
	client string
	creds  [][]byte
	given  [][]byte
	keys   []ForeignKey
	err    error
}

func (k *libkrb5) CCache(residual string) (string, [][]byte, error) {
	if residual != "theirs" {
		return "", nil, k.err
	}
	k.given = nil
	for _, b := range k.creds {
		k.given = append(k.given, bytes.Clone(b))
	}
	return k.client, k.given, k.err
}

func (k *libkrb5) Keytab(name string) ([]ForeignKey, error) {
	if name != "MEMORY:theirs" {
		return nil, k.err
	}
	k.given = nil
	var own []ForeignKey
	for _, e := range k.keys {
		e.Key = bytes.Clone(e.Key)
		own = append(own, e)
		k.given = append(k.given, e.Key)
	}
	return own, k.err
}

func (k *libkrb5) Key(name, principal string, kvno uint32, etype int32) (*ForeignKey, error) {
	if k.err != nil || name != "KDB:" {
		return nil, errors.New("unknown type")
	}
	k.given = nil
	for _, e := range k.keys {
		if e.Principal == principal && e.KVNO == kvno && e.EType == etype {
			e.Key = bytes.Clone(e.Key)
			k.given = append(k.given, e.Key)
			return &e, nil
		}
	}
	return nil, nil
}

func TestMemoryCacheOfLibkrb5(t *testing.T) {
	env := newTestEnv(t, nil)
	k := &libkrb5{client: "alice@A.TEST", creds: [][]byte{sampleCredential(t, "krbtgt/A.TEST@A.TEST").Marshal()}}
	env.Library.Foreign = k
	c, err := env.Library.OpenCCache(env, "MEMORY:theirs")
	if err != nil || c.Principal.String() != "alice@A.TEST" || len(c.Credentials()) != 1 {
		t.Fatalf("%v, %v", c, err)
	}
	if !bytes.Equal(k.given[0], make([]byte, len(k.given[0]))) {
		t.Error("what libkrb5 gave is left")
	}
	wantMinor(t, c.Store(sampleCredential(t, "host/h@A.TEST")), status.KRB5_CC_READONLY)
	_, err = env.Library.OpenCCache(env, "MEMORY:none")
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
	for _, damaged := range []*libkrb5{{client: "a@b@c"}, {client: "a@A", creds: [][]byte{{1, 2}}}} {
		env.Library.Foreign = damaged
		_, err = env.Library.OpenCCache(env, "MEMORY:theirs")
		wantMinor(t, err, status.KRB5_CC_FORMAT)
	}
	env.Library.Foreign = &libkrb5{err: errors.New("no memory")}
	_, err = env.Library.OpenCCache(env, "MEMORY:theirs")
	wantMinor(t, err, status.KRB5_CC_IO)
}

// A key in a KDC's database is found when a ticket asks for it.
func TestDatabaseKeytab(t *testing.T) {
	env := newTestEnv(t, nil)
	_, err := env.Library.OpenKeytab(env, "KDB:")
	wantMinor(t, err, status.KRB5_KT_UNKNOWN_TYPE)
	k := &libkrb5{keys: []ForeignKey{{Principal: "kadmin/admin@A.TEST", KVNO: 3, EType: 18, Key: bytes.Repeat([]byte{7}, 32)}}}
	env.Library.Foreign = k
	_, err = env.Library.OpenKeytab(env, "KDB:other")
	wantMinor(t, err, status.KRB5_KT_UNKNOWN_TYPE)
	kt, err := env.Library.OpenKeytab(env, "KDB:")
	if err != nil || !kt.Unlisted {
		t.Fatalf("%+v, %v", kt, err)
	}
	for name, found := range map[string]int{"kadmin/admin@A.TEST": 1, "kadmin/changepw@A.TEST": 0} {
		ticket := &token.Ticket{SName: mustPrincipal(t, name), Enc: token.EncryptedData{EType: 18, KVNO: 3, HasKVNO: true}}
		listed, err := kt.forServer(ticket)
		if err != nil || len(listed.Entries) != found || len(kt.Entries) != 0 {
			t.Fatalf("%s: %+v, %v", name, listed, err)
		}
		if found == 0 {
			continue
		}
		key, err := listed.Key(&listed.Entries[0])
		if err != nil {
			t.Fatal(err)
		}
		key.Wipe()
		if !bytes.Equal(k.given[0], make([]byte, 32)) {
			t.Error("a key that libkrb5 gave is left")
		}
		k.keys[0].KVNO = 4
		_, err = listed.Key(&listed.Entries[0])
		wantMinor(t, err, status.KRB5_KT_NOTFOUND)
	}
	k.err = errors.New("no database")
	_, err = kt.forServer(&token.Ticket{})
	wantMinor(t, err, status.KRB5_KT_IOERR)
}

func TestMemoryKeytabOfLibkrb5(t *testing.T) {
	env := newTestEnv(t, nil)
	key := bytes.Repeat([]byte{7}, 32)
	k := &libkrb5{keys: []ForeignKey{
		{Principal: "host/h@A.TEST", KVNO: 3, Time: time.Unix(5, 0), EType: 18, Key: key},
		{Principal: "host/h@A.TEST", KVNO: 3, EType: 18, Key: key[:5]},
		{Principal: "a@b@c", EType: 18, Key: key},
	}}
	env.Library.Foreign = k
	kt, err := env.Library.OpenKeytab(env, "MEMORY:theirs")
	if err != nil || len(kt.Entries) != 2 || !kt.Entries[0].Usable || kt.Entries[1].Usable {
		t.Fatalf("%+v, %v", kt, err)
	}
	got, err := kt.Key(&kt.Entries[0])
	if err != nil {
		t.Fatal(err)
	}
	got.Wipe()
	for _, b := range k.given {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Error("a key that libkrb5 gave is left")
		}
	}
	k.keys = k.keys[1:]
	_, err = kt.Key(&kt.Entries[0])
	wantMinor(t, err, status.KRB5_KT_NOTFOUND)
	_, err = env.Library.OpenKeytab(env, "MEMORY:none")
	wantMinor(t, err, status.KRB5_KT_NOTFOUND)
	env.Library.Foreign = &libkrb5{err: errors.New("no memory")}
	_, err = env.Library.OpenKeytab(env, "MEMORY:theirs")
	wantMinor(t, err, status.KRB5_KT_IOERR)
}

func TestChildHasTheNamedMemoryCaches(t *testing.T) {
	env := newTestEnv(t, nil)
	changes := map[string]int{}
	env.Library.MemoryChanged = func(residual string) { changes[residual]++ }
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c, err := CreateCCache(env, "MEMORY:x", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
		t.Fatal(err)
	}
	secret, err := CreateCCache(env, "MEMORY:secret", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	secret.Withhold()
	if changes["x"] != 2 || changes["secret"] != 2 {
		t.Errorf("changes that are told of: %v", changes)
	}
	child := newTestEnv(t, nil)
	form := env.Library.MemoryCacheForm("x")
	if residual, ok := child.Library.RestoreMemoryCache(form); residual != "x" || !ok {
		t.Errorf("MEMORY:%s is restored, %v", residual, ok)
	}
	if found, err := child.Library.OpenCCache(child, "MEMORY:x"); err != nil || len(found.Credentials()) != 2 {
		t.Errorf("%v, %v", found, err)
	}
	for _, residual := range []string{"secret", "none"} {
		if form := env.Library.MemoryCacheForm(residual); form != nil {
			t.Errorf("a child gets MEMORY:%s", residual)
		}
	}
	for n := range form {
		if _, ok := child.Library.RestoreMemoryCache(form[:n]); ok {
			t.Errorf("%d of %d octets are a cache", n, len(form))
		}
	}
}
