// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/spnego"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func init() { gss.Use(Mechanism{}, spnego.Mechanism{}) }

var (
	alice = token.Principal{Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "TEST"}
	host  = token.Principal{Type: token.NTSrvHst, Components: []string{"host", "server"}, Realm: ""}
)

// examples returns credentials of all kinds. Together they have a value in each field.
func examples(library *krb5.Library) map[string]*gss.Cred {
	tgt := &krb5.Credential{
		Client: alice, Server: token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", "TEST"}, Realm: "TEST"},
		Key:      token.EncryptionKey{EType: 18, Value: bytes.Repeat([]byte{7}, 32)},
		AuthTime: time.Unix(1000, 0).UTC(), StartTime: time.Unix(1001, 0).UTC(), EndTime: time.Unix(2000, 0).UTC(),
		RenewTill: time.Unix(3000, 0).UTC(), Flags: 0x40000000, Ticket: []byte("a ticket"),
	}
	w := wire.NewWriter(64)
	w.Text("/tmp/krb5cc")
	w.Principal(alice)
	file := library.RestoreCCache(wire.NewReader(w.Form()))
	of := map[string]*gss.Cred{"delegated": Delegated(tgt)}
	for name, e := range map[string]*Element{
		"file":    {usage: gss.Initiate, initiator: &initiator{cache: file}, noCI: true},
		"any-key": {usage: gss.Accept, acceptor: &acceptor{keytabName: "FILE:/etc/krb5.keytab"}},
		"service": {usage: gss.Accept, acceptor: &acceptor{keytabName: "FILE:/k", owner: owner{&host, &host, "nfs"}, replay: "none:"}},
		"both": {usage: gss.Both, initiator: &initiator{cache: file}, enctypes: []crypto.EType{crypto.AES256SHA1, 3},
			acceptor: &acceptor{keytabName: "FILE:/k", owner: owner{desired: &alice, principal: &host}}},
		"no-enctype": {usage: gss.Initiate, initiator: &initiator{cache: file}, enctypes: []crypto.EType{}},
	} {
		of[name] = gss.NewCred(token.MechKRB5, e)
	}
	return of
}

func TestRestoredCredentialIsTheSame(t *testing.T) {
	var library krb5.Library
	for name, c := range examples(&library) {
		t.Run(name, func(t *testing.T) {
			form := wire.FormOf(c, nil)
			restored := gss.RestoreCred(&library, wire.NewReader(form))
			if restored == nil {
				t.Fatal("not restored")
			}
			if !bytes.Equal(wire.FormOf(restored, nil), form) {
				t.Error("its form is another one")
			}
			c, got := elementOf(t, c), elementOf(t, restored)
			if got.usage != c.usage || got.noCI != c.noCI || !reflect.DeepEqual(got.enctypes, c.enctypes) ||
				!reflect.DeepEqual(got.acceptor, c.acceptor) || (got.initiator == nil) != (c.initiator == nil) {
				t.Errorf("%+v is not %+v", got, c)
			}
			if c.initiator == nil {
				return
			}
			a, b := c.initiator.cache, got.initiator.cache
			if a.Name() != b.Name() || !a.Principal.Equal(b.Principal) {
				t.Errorf("%+v is not %+v", got.initiator, c.initiator)
			}
			if name == "delegated" && (len(b.Credentials()) != 1 || !restored.InMemory() ||
				!sameTicket(b.Credentials()[0], a.Credentials()[0])) {
				t.Error("the delegated ticket is another one")
			}
		})
	}
}

func elementOf(t *testing.T, c *gss.Cred) *Element {
	t.Helper()
	e, err := In(c, token.MechKRB5)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sameTicket(a, b *krb5.Credential) bool {
	return bytes.Equal(a.Ticket, b.Ticket) && reflect.DeepEqual(a.Key, b.Key) && a.Server.Equal(b.Server) &&
		a.Client.Equal(b.Client) && a.Flags == b.Flags && a.AuthTime.Equal(b.AuthTime) && a.StartTime.Equal(b.StartTime) &&
		a.EndTime.Equal(b.EndTime) && a.RenewTill.Equal(b.RenewTill)
}

func TestTruncatedFormsAreNoCredentials(t *testing.T) {
	var library krb5.Library
	for name, c := range examples(&library) {
		form := wire.FormOf(c, nil)
		for n := range form {
			if gss.RestoreCred(&library, wire.NewReader(form[:n])) != nil {
				t.Fatalf("%s: the first %d octets of %d are a credential", name, n, len(form))
			}
		}
		if gss.RestoreCred(&library, wire.NewReader(append(slices.Clone(form), 0))) != nil {
			t.Errorf("%s: an octet too many is not noticed", name)
		}
	}
}

// A new field of a credential must be added to its form, and to the examples above.
func TestSnapshotKnowsEveryField(t *testing.T) {
	for typ, known := range map[reflect.Type][]string{
		reflect.TypeFor[gss.Cred]():  {"elements", "withheld"},
		reflect.TypeFor[Element]():   {"usage", "initiator", "acceptor", "mu", "enctypes", "noCI"},
		reflect.TypeFor[initiator](): {"cache", "selects", "absent", "clientKeytab", "earlier"}, // the last is no longer in use
		reflect.TypeFor[acceptor]():  {"keytabName", "owner", "replay"},
		reflect.TypeFor[owner]():     {"desired", "principal", "service"},
	} {
		for i := range typ.NumField() {
			if f := typ.Field(i).Name; !slices.Contains(known, f) {
				t.Errorf("a child after fork(2) does not get %s.%s", typ, f)
			}
		}
	}
}

func FuzzRestore(f *testing.F) {
	var library krb5.Library
	for _, c := range examples(&library) {
		f.Add(wire.FormOf(c, nil))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		if c := gss.RestoreCred(&library, wire.NewReader(form)); c != nil && gss.RestoreCred(&library, wire.NewReader(wire.FormOf(c, nil))) == nil {
			t.Error("a credential that was restored is not restored again")
		}
	})
}

// Releasing a credential must not wipe the tickets of one made from it.
func TestReleaseLeavesWhatWasAdded(t *testing.T) {
	alice := token.Principal{Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "A.TEST"}
	first := Delegated(&krb5.Credential{Client: alice, Server: alice, Key: token.EncryptionKey{EType: 18, Value: []byte("a key")}})
	second := first.Duplicate()
	key := elementOf(t, first).initiator.cache.Credentials()[0].Key.Value
	first.Release()
	left := elementOf(t, second).initiator.cache
	if string(key) != "a key" || len(left.Credentials()) != 1 {
		t.Error("the other credential has lost its ticket")
	}
	second.Release()
	if string(key) != "\x00\x00\x00\x00\x00" || len(left.Credentials()) != 0 {
		t.Error("the key is still there")
	}
}
