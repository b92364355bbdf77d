// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func TestRestoredOptionsAreTheSame(t *testing.T) {
	for _, canonicalize := range []*bool{nil, new(bool)} {
		o := &Options{keytab: "FILE:/k", ccache: "FILE:/c", realm: "TEST", canonicalize: canonicalize}
		w := wire.NewWriter(64)
		o.Snapshot(w)
		got := &Options{keytab: "another"}
		got.Restore(wire.NewReader(w.Form()))
		if !reflect.DeepEqual(got, o) {
			t.Errorf("%+v is not %+v", got, o)
		}
		got = &Options{keytab: "mine"}
		got.Restore(wire.NewReader(w.Form()[1:]))
		if got.keytab != "mine" {
			t.Error("a damaged form sets options")
		}
	}
}

func TestRestoredMemoryCacheIsTheSame(t *testing.T) {
	alice := token.Principal{Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "TEST"}
	c := NewMemoryCCache(alice, &Credential{
		Client: alice, Server: token.Principal{Components: []string{"krbtgt", "TEST"}, Realm: "TEST"},
		Key: token.EncryptionKey{EType: 17, Value: make([]byte, 16)}, EndTime: time.Unix(1e9, 0).UTC(),
		Ticket: []byte("ticket"),
	})
	c.backend.(*memoryCCache).cache.contents.offset = 3 * time.Second
	if err := c.SetConfig("fast_avail", []byte("yes")); err != nil {
		t.Fatal(err)
	}
	w := wire.NewWriter(64)
	c.Snapshot(w)
	var l Library
	r := wire.NewReader(w.Form())
	got := l.RestoreCCache(r)
	value, ok := got.Config("fast_avail")
	if !r.Done() || got.Offset() != c.Offset() || !ok || string(value) != "yes" || len(got.Credentials()) != 1 ||
		string(got.Credentials()[0].Ticket) != "ticket" || got.Name() != "" {
		t.Errorf("%+v is not %+v", got.contents, c.contents)
	}
}

func TestSnapshotKnowsEveryField(t *testing.T) {
	for typ, known := range map[reflect.Type][]string{
		reflect.TypeFor[Options](): {"mu", "keytab", "ccache", "realm", "canonicalize", "withheld"},
		reflect.TypeFor[CCache](): {"Principal", "mu", "backend", "contents", "unread", "openedBy", "holds", "looked", "fault",
			"more", "closed"}, // each user is kept by itself, and none that was released
		reflect.TypeFor[fileCCache]():     {"kind", "path", "locks", "stamp", "reread"},
		reflect.TypeFor[memoryCCache]():   {"residual", "cache", "caches", "changed", "foreign", "seen"},
		reflect.TypeFor[sharedCache]():    {"mu", "contents", "serial", "withheld"},
		reflect.TypeFor[kcmCCache]():      {"library", "residual", "socket"},
		reflect.TypeFor[ccacheContents](): {"version", "principal", "offset", "creds", "config", "end", "configAt"},
	} {
		for i := range typ.NumField() {
			if f := typ.Field(i).Name; !slices.Contains(known, f) {
				t.Errorf("a child after fork(2) does not get %s.%s", typ, f)
			}
		}
	}
}
