// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
)

// onThread keeps the test on one thread, whose keyrings disappear with it.
func onThread(t *testing.T) *Env {
	t.Helper()
	runtime.LockOSThread() // not unlocked: the thread ends with the test
	if _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_THREAD_KEYRING, true); err != nil {
		if err == unix.ENOSYS || err == unix.EPERM {
			t.Skipf("this system has no keyrings: %v", err)
		}
		t.Fatal(err)
	}
	return newTestEnv(t, nil)
}

func TestKeyringCacheIsReadBack(t *testing.T) {
	env := onThread(t)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	_, err := env.Library.OpenCCache(env, "KEYRING:thread:x")
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
	c, err := CreateCCacheOffset(env, "KEYRING:thread:x", tgt.Client, -3*time.Second, tgt, refreshEntry(tgt.Client, time.Unix(1, 0)))
	if err != nil || c.Name() != "KEYRING:thread:x:x" {
		t.Fatalf("%v, %v", c, err)
	}
	for range 2 { // of a server there is one ticket
		if err := c.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.Credentials()); n != 2 || c.Offset() != -3*time.Second || !c.RefreshDue(env) {
		t.Errorf("%d credentials, %s", n, c.Offset())
	}
	bob := mustPrincipal(t, "bob@A.TEST")
	name, err := env.Library.NewCCacheName(env, "KEYRING:thread:x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CreateCCache(env, name, bob, sampleCredential(t, "krbtgt/A.TEST@A.TEST")); err != nil {
		t.Fatal(err)
	}
	found, err := env.Library.FindCCache(env, "KEYRING:thread:x", bob.Equal)
	if err != nil || found == nil || found.Name() != name {
		t.Errorf("%v, %v", found, err)
	}
	// Recreated for another client.
	if _, err := CreateCCache(env, "KEYRING:thread:x:x", bob); err != nil {
		t.Fatal(err)
	}
	wantMinor(t, c.Store(tgt), status.KG_CCACHE_NOMATCH)
	if len(c.Credentials()) != 0 {
		t.Error("tickets of somebody else")
	}
}

func TestDamagedKeyringsAreRefused(t *testing.T) {
	env := onThread(t)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	for _, v := range []struct {
		key, payload string
		minor        status.Minor
	}{
		{"some ticket", "\x01\x02", status.KRB5_CC_FORMAT},
		{keyPrincipal, "\x00\x00\x00\x01\x00\x00\x00\x09", status.KRB5_CC_FORMAT},
		{keyPrincipal, "", status.KRB5_CC_FORMAT},
	} {
		if _, err := CreateCCache(env, "KEYRING:thread:d", tgt.Client, tgt); err != nil {
			t.Fatal(err)
		}
		s := &keyringCCache{parseKeyringName("thread:d:d")}
		ring, err := s.ring()
		if err != nil {
			t.Fatal(err)
		}
		collection, err := s.cache.find(false)
		if err != nil {
			t.Fatal(err)
		}
		if v.payload == "" {
			v.payload = "\x00"
		}
		if _, err := unix.AddKey("user", v.key, []byte(v.payload), ring); err != nil {
			t.Fatal(err)
		}
		_, err = env.Library.OpenCCache(env, "KEYRING:thread:d")
		wantMinor(t, err, v.minor)
		if _, err := unix.AddKey("user", keyPrimary, []byte("\x00\x00\x00\x09\x00\x00\x00\x01a"), collection); err != nil {
			t.Fatal(err)
		}
		_, err = env.Library.OpenCCache(env, "KEYRING:thread:d")
		wantMinor(t, err, status.KRB5_KCC_UNKNOWN_VERSION)
		if _, err := unix.AddKey("user", keyPrimary, marshalPrimary("d"), collection); err != nil {
			t.Fatal(err)
		}
	}
	for name, minor := range map[string]status.Minor{
		"KEYRING:nowhere:x": status.KRB5_KCC_INVALID_ANCHOR, "KEYRING:persistent:x": status.KRB5_KCC_INVALID_UID,
		"KEYRING:persistent:-1": status.KRB5_KCC_INVALID_UID, "KEYRING:thread:x:": status.KRB5_CC_BADNAME,
	} {
		_, err := env.Library.OpenCCache(env, name)
		wantMinor(t, err, minor)
	}
}

func TestLargeKeyringIsRefused(t *testing.T) {
	env := onThread(t)
	defer func(size int) { maxKeyringSize = size }(maxKeyringSize)
	tgt, ticket := sampleCredential(t, "krbtgt/A.TEST@A.TEST"), sampleCredential(t, "host/h@A.TEST")
	c, err := CreateCCache(env, "KEYRING:thread:l", tgt.Client, tgt, ticket)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	maxKeyringSize = len(tgt.Marshal()) + len(ticket.Marshal())
	if c, err = env.Library.OpenCCache(env, "KEYRING:thread:l"); err != nil {
		t.Fatal(err)
	}
	c.Close()
	maxKeyringSize--
	_, err = env.Library.OpenCCache(env, "KEYRING:thread:l")
	wantMinor(t, err, status.KRB5_CC_FORMAT)
}

// A ticket that ends within a second must not stay for ever.
func TestKeysEndWithTheirTickets(t *testing.T) {
	for left, want := range map[time.Duration]int{
		-time.Hour: 1, 0: 1, time.Millisecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 1 << 62: 1<<31 - 1,
	} {
		if got := timeoutSeconds(left); got != want {
			t.Errorf("%s: %d seconds, want %d", left, got, want)
		}
	}
}

func TestStoredTicketsHaveACacheOfTheirOwnInAKeyring(t *testing.T) {
	checkCollection(t, onThread(t), "KEYRING:thread:stored")
}
