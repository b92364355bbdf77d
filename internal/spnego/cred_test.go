// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func init() { gss.Use(krb5mech.Mechanism{}, Mechanism{}) }

// of returns a user's krb5 credential in memory.
func of(user string) *gss.Cred {
	p := token.Principal{Type: token.NTPrincipal, Components: []string{user}, Realm: "TEST"}
	return krb5mech.Delegated(&krb5.Credential{Client: p, Server: p, Key: token.EncryptionKey{EType: 18, Value: []byte("a key")}})
}

// examples returns credentials of all kinds, by the user whose tickets a negotiation uses.
func examples() map[string]*gss.Cred {
	own := gss.NewCred(token.MechSPNEGO, &credential{with: of("own"), own: true})
	limited := gss.NewCred(token.MechSPNEGO, &credential{with: of("limited"), own: true, mechs: []token.OID{}})
	ordered := gss.NewCred(token.MechSPNEGO, &credential{with: of("ordered"), own: true, mechs: []token.OID{token.MechKRB5}})
	list := map[string]*gss.Cred{"krb5": of("krb5"), "own": own, "limited": limited, "ordered": ordered}
	return list
}

func whose(t *testing.T, c *gss.Cred) string {
	t.Helper()
	with, _, err := credentialFor(c)
	if err != nil {
		t.Fatal(err)
	}
	e, err := krb5mech.In(with, token.MechKRB5)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := e.Initiator()
	if err != nil {
		t.Fatal(err)
	}
	return cache.Principal.Components[0]
}

func TestNegotiationsUseElementsOfTheCredential(t *testing.T) {
	for name, c := range examples() {
		if got := whose(t, c); got != name {
			t.Errorf("%s: the tickets of %s are used", name, got)
		}
	}
	acceptor := gss.NewCred("\x2a", nil)
	if _, _, err := credentialFor(acceptor); err == nil || status.Of(err).Major != status.NoCred {
		t.Errorf("a credential of another mechanism: %v", err)
	}
	if _, mechs, err := credentialFor(nil); err != nil || !slices.Equal(mechs, []token.OID{token.MechKRB5}) {
		t.Errorf("the default credential: %v, %v", mechs, err)
	}
	if _, mechs, err := credentialFor(examples()["limited"]); err != nil || len(mechs) != 0 {
		t.Errorf("limited: %v, %v", mechs, err)
	}
}

// What both elements use is shared: it is written once and released once.
func TestElementsShareWhatTheyNegotiateWith(t *testing.T) {
	c := of("alice")
	e, err := Mechanism{}.Acquire(nil, gss.Wanted{Before: c})
	if err != nil {
		t.Fatal(err)
	}
	if shared := e.(*credential); shared.own || shared.with != c {
		t.Errorf("%+v", shared)
	}
	d := &credential{with: c, mechs: []token.OID{token.MechKRB5}}
	e = d.Duplicate(of("bob"))
	if got := whose(t, e.(*credential).with); got != "bob" {
		t.Errorf("a duplicate uses the tickets of %s", got)
	}
	if d.InMemory() || !gss.IsUnavailable(d.SetOption("\x2a", nil)) {
		t.Error("an element answers for another one")
	}
}

func TestRestoredCredentialIsTheSame(t *testing.T) {
	library := new(krb5.Library)
	for name, c := range examples() {
		form := wire.FormOf(c, nil)
		got := gss.RestoreCred(library, wire.NewReader(form))
		if got == nil {
			t.Fatalf("%s is not restored", name)
		}
		if whose(t, got) != name || !bytes.Equal(wire.FormOf(got, nil), form) || !slices.Equal(got.Mechs(), c.Mechs()) {
			t.Errorf("%s is another credential", name)
		}
		for n := range form {
			if gss.RestoreCred(library, wire.NewReader(form[:n])) != nil {
				t.Fatalf("%s: the first %d octets of %d are a credential", name, n, len(form))
			}
		}
	}
}

func TestSnapshotKnowsEveryField(t *testing.T) {
	typ := reflect.TypeFor[credential]()
	for i := range typ.NumField() {
		if f := typ.Field(i).Name; !slices.Contains([]string{"with", "own", "mu", "mechs"}, f) {
			t.Errorf("a child after fork(2) does not get %s", f)
		}
	}
}

func FuzzRestoreCred(f *testing.F) {
	library := new(krb5.Library)
	for _, c := range examples() {
		f.Add(wire.FormOf(c, nil))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		if c := gss.RestoreCred(library, wire.NewReader(form)); c != nil && gss.RestoreCred(library, wire.NewReader(wire.FormOf(c, nil))) == nil {
			t.Error("a credential that was restored is not restored again")
		}
	})
}

func TestSnapshotsOfContextsKnowEveryField(t *testing.T) {
	for typ, known := range map[reflect.Type][]string{
		reflect.TypeFor[context]():   {"negotiation", "inner", "delegated"},
		reflect.TypeFor[initiator](): {"context"},
		reflect.TypeFor[acceptor]():  {"context"},
	} {
		for i := range typ.NumField() {
			if f := typ.Field(i).Name; !slices.Contains(known, f) {
				t.Errorf("a child after fork(2) does not get %s.%s", typ, f)
			}
		}
	}
}
