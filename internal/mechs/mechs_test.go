// SPDX-License-Identifier: BSD-2-Clause

package mechs_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/mechs"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/toymech"
	"libgssapi/internal/wire"
)

var memory = &message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

const flags = gss.FlagMutual | gss.FlagReplay | gss.FlagConf | gss.FlagInteg

// withToy has a table with one line more, and an environment for it.
func withToy(t *testing.T) *krbtest.Realm {
	t.Helper()
	gss.Use(append(slices.Clone(mechs.Table[:1]), toymech.Mechanism{}, mechs.Table[1])...)
	t.Cleanup(func() { gss.Use(mechs.Table...) })
	return krbtest.New(t, crypto.AES256SHA1)
}

func imported(t *testing.T, text string, nameType token.OID) *gss.Name {
	t.Helper()
	n, err := gss.ImportName([]byte(text), nameType)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bob is a credential of bob's for mechanisms, of which krb5 has none for him.
func bob(t *testing.T, env *krb5.Env, mechs ...token.OID) *gss.Cred {
	t.Helper()
	var store gss.CredStore
	if err := store.Set(toymech.StoreKey, []byte("bob")); err != nil {
		t.Fatal(err)
	}
	c, err := gss.AcquireFrom(env, store, nil, gss.Indefinite, mechs, gss.Initiate)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// establish has both sides agree. No mech is the default one.
func establish(t *testing.T, env *krb5.Env, mech token.OID, c *gss.Cred) (client, server *ctx.Context, last gss.Result) {
	t.Helper()
	client, server = ctx.NewInitiator(), ctx.NewAcceptor()
	args := gss.InitArgs{Cred: c, Mech: mech, Target: imported(t, "demo@server.test.example", token.NTHostbasedService), Flags: flags}
	for {
		res, err := client.Init(env, args)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Token) == 0 {
			return client, server, last
		}
		if last, err = server.Accept(env, gss.AcceptArgs{Input: res.Token}); err != nil {
			t.Fatal(err)
		}
		if !res.More {
			return client, server, last
		}
		args.Input = last.Token
	}
}

func talk(t *testing.T, from, to *ctx.Context) {
	t.Helper()
	sender, err := from.Messages()
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := to.Messages()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := sender.Wrap(true, 0, []byte("text"), memory)
	if err != nil {
		t.Fatal(err)
	}
	msg, conf, supplementary, err := receiver.Unwrap(tok, memory)
	if err != nil || !conf || supplementary != status.Complete || string(msg) != "text" {
		t.Fatalf("%q, %v, %#x, %v", msg, conf, supplementary, err)
	}
}

func TestToyIsAMechanism(t *testing.T) {
	withToy(t)
	if got := gss.Mechs(); !slices.Equal(got, []token.OID{token.MechKRB5, toymech.OID, token.MechSPNEGO}) {
		t.Errorf("the mechanisms are %v", got)
	}
	m, err := gss.Lookup(toymech.OID)
	if err != nil || m.DisplayStatus(1) != "the toy is broken" {
		t.Error(err)
	}
	if types, err := gss.NameTypes(toymech.OID); err != nil || !slices.Contains(types, token.NTUserName) {
		t.Errorf("%v, %v", types, err)
	}
}

func TestToyHasNames(t *testing.T) {
	r := withToy(t)
	n, err := imported(t, "Bob", token.NTUserName).Canonicalize(r.Env, toymech.OID)
	if err != nil {
		t.Fatal(err)
	}
	if text, _, err := n.Display(); err != nil || string(text) != "bob" {
		t.Errorf("%q, %v", text, err)
	}
	exported, err := n.Export(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := imported(t, string(exported), token.NTExportName)
	if equal, err := gss.CompareNames(r.Env, n, again); err != nil || !equal {
		t.Errorf("%v, %v", equal, err)
	}
	if equal, err := gss.CompareNames(r.Env, imported(t, "BOB", token.NTUserName), n); err != nil || !equal {
		t.Errorf("an imported name is compared in another mechanism: %v, %v", equal, err)
	}
	principal, err := imported(t, "bob", token.NTUserName).Canonicalize(r.Env, token.MechKRB5)
	if err != nil {
		t.Fatal(err)
	}
	if equal, err := gss.CompareNames(r.Env, n, principal); err != nil || equal {
		t.Errorf("names of two mechanisms are equal: %v, %v", equal, err)
	}
	if _, err := n.Canonicalize(r.Env, token.MechKRB5); err == nil || status.Of(err).Major != status.BadName {
		t.Errorf("a name of another mechanism is a principal: %v", err)
	}
	if got := n.Mechs(); !slices.Equal(got, []token.OID{toymech.OID, token.MechSPNEGO}) {
		t.Errorf("it can be used by %v", got)
	}
	w := wire.NewWriter(64)
	n.Snapshot(w)
	form := wire.NewReader(w.Form())
	if child := gss.RestoreName(form); !form.Done() || !child.MN().Equal(n.MN()) {
		t.Errorf("a child has %+v", child)
	}
}

func TestToyIsAnElementOfACredential(t *testing.T) {
	r := withToy(t)
	r.Login(t, nil)
	alice, err := gss.Acquire(r.Env, nil, gss.Indefinite, nil, gss.Initiate)
	if err != nil {
		t.Fatal(err)
	}
	if got := alice.Mechs(); !slices.Equal(got, []token.OID{token.MechKRB5, token.MechSPNEGO}) {
		t.Errorf("what the toy lacks is no element: %v", got)
	}
	var store gss.CredStore
	if err := store.Set(toymech.StoreKey, []byte("bob")); err != nil {
		t.Fatal(err)
	}
	both, err := gss.AddFrom(r.Env, store, alice, nil, toymech.OID, gss.Initiate, gss.Indefinite)
	if err != nil {
		t.Fatal(err)
	}
	w := wire.NewWriter(256)
	both.Snapshot(w)
	child := gss.RestoreCred(new(krb5.Library), wire.NewReader(w.Form()))
	if child == nil {
		t.Fatal("a child has nothing")
	}
	for whose, c := range map[string]*gss.Cred{"ours": both, "a child's": child} {
		for mech, want := range map[token.OID]string{token.MechKRB5: "alice@TEST.EXAMPLE", toymech.OID: "bob", token.MechSPNEGO: "alice@TEST.EXAMPLE"} {
			info, err := gss.InquireByMech(r.Env, c, mech)
			if err != nil {
				t.Fatal(err)
			}
			if text, _, _ := info.Name.Display(); string(text) != want || len(info.Mechs) != 3 {
				t.Errorf("%s for %s is of %s, for %v", whose, mech, text, info.Mechs)
			}
		}
	}
	if _, err := gss.AddFrom(r.Env, store, both, nil, toymech.OID, gss.Initiate, 0); err == nil || status.Of(err).Major != status.DuplicateElement {
		t.Errorf("a second element: %v", err)
	}
}

func TestToyHasContexts(t *testing.T) {
	r := withToy(t)
	client, server, last := establish(t, r.Env, toymech.OID, bob(t, r.Env, toymech.OID))
	if text, _, _ := last.Source.Display(); string(text) != "bob" || last.Mech != toymech.OID {
		t.Errorf("%q by %s", text, last.Mech)
	}
	talk(t, client, server)
	talk(t, server, client)
	info, err := server.Inquire(r.Clock)
	if err != nil || info.Mech != toymech.OID || !info.Open || info.Local || info.Lifetime != 3600 {
		t.Errorf("%+v, %v", info, err)
	}

	// In a child after fork(2),
	var words inherit.Words
	server.Record(&words)
	child, err := ctx.Restore(new(krb5.Library), rand.Reader, server.Snapshot(nil), &words)
	if err != nil {
		t.Fatal(err)
	}
	talk(t, client, child)
	// and in another process.
	tok, err := client.Export(r.Env, memory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Messages(); err == nil || status.Of(err).Major != status.NoContext {
		t.Errorf("the exporter goes on: %v", err)
	}
	if client, err = ctx.Import(r.Env, tok, nil); err != nil {
		t.Fatal(err)
	}
	talk(t, client, child)
	if info, err := client.Inquire(r.Clock); err != nil || !info.Local || info.Mech != toymech.OID {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestHalfOpenToyIsInherited(t *testing.T) {
	r := withToy(t)
	args := gss.InitArgs{Cred: bob(t, r.Env, toymech.OID), Mech: toymech.OID, Target: imported(t, "x", token.NTUserName), Flags: flags}
	client, server := ctx.NewInitiator(), ctx.NewAcceptor()
	res, err := client.Init(r.Env, args)
	if err != nil || !res.More {
		t.Fatalf("%+v, %v", res, err)
	}
	answer, err := server.Accept(r.Env, gss.AcceptArgs{Input: res.Token})
	if err != nil {
		t.Fatal(err)
	}
	var words inherit.Words
	child, err := ctx.Restore(new(krb5.Library), rand.Reader, client.Snapshot(nil), &words)
	if err != nil {
		t.Fatal(err)
	}
	args.Input = bytes.ToUpper(answer.Token)
	if _, err := client.Init(r.Env, args); err == nil {
		t.Error("a wrong answer is taken")
	}
	args.Input = answer.Token
	if _, err := child.Init(r.Env, args); err != nil {
		t.Fatal(err)
	}
	talk(t, child, server)
}

// SPNEGO offers what there are credentials for, and hands over what was negotiated.
func TestToyIsNegotiated(t *testing.T) {
	r := withToy(t)
	for what, mechs := range map[string][]token.OID{"toy": {toymech.OID}, "toy and SPNEGO": {toymech.OID, token.MechSPNEGO}, "SPNEGO": {token.MechSPNEGO}} {
		client, server, last := establish(t, r.Env, token.MechSPNEGO, bob(t, r.Env, mechs...))
		if last.Mech != toymech.OID {
			t.Errorf("%s: %s was negotiated", what, last.Mech)
		}
		talk(t, client, server)
		talk(t, server, client)
	}
	r.Login(t, nil)
	client, server, last := establish(t, r.Env, token.MechSPNEGO, nil)
	if last.Mech != token.MechKRB5 {
		t.Errorf("with tickets %s was negotiated", last.Mech)
	}
	talk(t, client, server)
}

func TestKerberosStaysTheDefault(t *testing.T) {
	r := withToy(t)
	r.Login(t, nil)
	client, server, last := establish(t, r.Env, "", nil)
	if text, _, _ := last.Source.Display(); last.Mech != token.MechKRB5 || string(text) != "alice@TEST.EXAMPLE" {
		t.Errorf("%q by %s", text, last.Mech)
	}
	talk(t, client, server)
}

func TestTableHasNoToy(t *testing.T) {
	if _, err := gss.Lookup(toymech.OID); err == nil || status.Of(err).Major != status.BadMech {
		t.Errorf("%v", err)
	}
	if got := gss.Mechs(); !slices.Equal(got, []token.OID{token.MechKRB5, token.MechSPNEGO}) {
		t.Errorf("the mechanisms are %v", got)
	}
}
