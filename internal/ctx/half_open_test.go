// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func TestMovedHalfOpenContextsAreEstablishedElsewhere(t *testing.T) {
	for _, policy := range []string{"", "export_sec_context = open", kernelPolicy} {
		r := krbtest.New(t, crypto.AES256SHA1)
		configure(t, r, policy)
		r.Login(t, nil)

		client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
		server, ares, err := accept(r, res.Token, nil)
		if err != nil {
			t.Fatal(err)
		}
		client = move(t, r, move(t, r, client))
		if res, err = client.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token}); err != nil || res.More {
			t.Fatalf("%s: the reply: %+v, %v", policy, res, err)
		}
		talk(t, client, server, "from the importer")
		talk(t, server, client, "to the importer")

		client, server, reply := dceHalf(t, r)
		client, server = move(t, r, client), move(t, r, server)
		if res, err = client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply}); err != nil {
			t.Fatalf("%s: DCE style, the reply: %v", policy, err)
		}
		if _, err := server.Accept(r.Env, gss.AcceptArgs{Input: res.Token}); err != nil {
			t.Fatalf("%s: DCE style, the confirmation: %v", policy, err)
		}
		talk(t, client, server, "from the importer")
		talk(t, server, client, "to the importer")
	}
}

func TestDelegatedCredentialMovesWithAHalfOpenContext(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	server, confirmation := delegating(t, r)
	res, err := move(t, r, server).Accept(r.Env, gss.AcceptArgs{Input: confirmation, Delegation: true})
	if err != nil || res.Delegated == nil {
		t.Errorf("%+v, %v", res, err)
	}
}

// Under every policy, the token of a half-open context is sealed.
func TestHalfOpenContextsAreAlwaysSealed(t *testing.T) {
	for _, policy := range []string{"", "export_sec_context = open", kernelPolicy} {
		r := krbtest.New(t, crypto.AES256SHA1)
		configure(t, r, policy)
		r.Login(t, nil)
		half, _ := initiate(t, r, gss.InitArgs{Flags: allFlags})
		h, _, err := token.ParseSealed(export(t, r, half))
		if err != nil || h.Content != token.SealedHalfOpen || h.Policy != token.SealedAccount {
			t.Errorf("%s: %+v, %v", policy, h, err)
		}
	}
}

// After the import, the peer must still prove who it is.
func TestMovedHalfOpenContextNeedsItsPeersProof(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server, reply := dceHalf(t, r)
	client, server = move(t, r, client), move(t, r, server)
	for _, c := range []*ctx.Context{client, server} {
		info, err := c.Inquire(r.Clock)
		if err != nil || info.Open || info.Flags&gss.FlagProtReady != 0 || info.Source != nil {
			t.Errorf("%+v, %v", info, err)
		}
		wantMajor(t, errorOf(c.Wrap(true, 0, []byte("x"), memory)), status.NoContext)
		wantMajor(t, errorOf(c.TimeLeft(r.Clock)), status.NoContext)
	}
	damaged := slices.Clone(reply)
	damaged[len(damaged)-1] ^= 1
	if _, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: damaged}); err == nil {
		t.Error("an initiator accepts a changed reply")
	}
	if _, err := server.Accept(r.Env, gss.AcceptArgs{Input: reply}); err == nil {
		t.Error("an acceptor accepts its own reply")
	}
}

func TestHalfOpenTokenIsUsedOnceAndExpires(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	half, _ := initiate(t, r, gss.InitArgs{Flags: allFlags})
	tok := export(t, r, half)
	wantMajor(t, errorOf(half.Export(r.Env, memory)), status.NoContext)
	half, err := ctx.Import(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, r.Env, tok, status.NoContext, "again")
	tok = export(t, r, half)
	r.Clock = r.Clock.Add(10*time.Minute + time.Second)
	refused(t, r.Env, tok, status.NoContext, "after ten minutes")
}

// unsealed uses up a token and returns the form in it.
func unsealed(t testing.TB, r *krbtest.Realm, tok []byte) []byte {
	t.Helper()
	importer := sealing.Importer[[]byte]{
		Content: token.SealedHalfOpen,
		Make:    func(form []byte, _ bool) ([]byte, error) { return bytes.Clone(form), nil },
		Discard: func([]byte) {},
	}
	form, err := importer.Import(r.Env, tok)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// form is the body of a token.
type form []byte

func (f form) Size() int { return len(f) }

func (f form) Append(b []byte) ([]byte, error) { return append(b, f...), nil }

// sealed returns a token with a form, as another process of the account could make it.
func sealed(t testing.TB, r *krbtest.Realm, f []byte) []byte {
	t.Helper()
	policy, err := r.Env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := sealing.Make(r.Env, policy.Sealing(), token.SealedHalfOpen, form(f), r.Clock.Add(time.Minute), memory)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestForgedHalfOpenTokens(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, "export_sec_context = open")
	r.Login(t, nil)
	half, _ := initiate(t, r, gss.InitArgs{Flags: allFlags})
	form := unsealed(t, r, export(t, r, half))
	refused(t, r.Env, form, status.DefectiveToken, "a form that is not sealed")
	refused(t, r.Env, sealed(t, r, nil), status.DefectiveToken, "an empty form")
	for n := range form {
		refused(t, r.Env, sealed(t, r, form[:n]), status.DefectiveToken, "cut to %d of %d octets", n, len(form))
	}
	refused(t, r.Env, sealed(t, r, append(slices.Clone(form), 0)), status.DefectiveToken, "a trailing octet")
	later := slices.Clone(form)
	later[0]++
	if text := refused(t, r.Env, sealed(t, r, later), status.DefectiveToken, "version 2"); !strings.Contains(text, "another release") {
		t.Error(text)
	}

	// A negotiation cannot be imported: its form is only for children.
	for name, c := range halfOpenNegotiations(t, r) {
		w := wire.NewWriter(len(form))
		w.Uint8(form[0])
		w.Bool(strings.Contains(name, "initiator"))
		inherited := wire.NewReader(c.Snapshot(nil))
		inherited.Uint8()
		inherited.Bool()
		inherited.Uint64()
		refused(t, r.Env, sealed(t, r, append(w.Form(), inherited.Rest()...)), status.DefectiveToken, "negotiation: %s", name)
	}
}

// Stored forms of this version are read and written again without a difference. If the form changes, increment
// halfOpenVersion.
func TestHalfOpenForm(t *testing.T) {
	for _, name := range []string{"initiator", "acceptor-dce"} {
		file := "testdata/half-open-1-" + name + ".hex"
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		form, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		r := krbtest.New(t, crypto.AES256SHA1)
		r.Clock = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
		c, err := ctx.Import(r.Env, sealed(t, r, form), nil)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if again := unsealed(t, r, export(t, r, c)); !bytes.Equal(again, form) {
			t.Errorf("%s: it is written again as\n%x", file, again)
		}
	}
}

func FuzzImportHalfOpen(f *testing.F) {
	r := krbtest.New(f, crypto.AES256SHA1)
	client, server, reply := dceHalf(f, r)
	delegated, _ := delegating(f, r)
	for _, c := range []*ctx.Context{client, server, delegated} {
		f.Add(unsealed(f, r, export(f, r, c)))
	}
	policy, err := r.Env.ContextPolicy()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		tok := sealed(t, r, form)
		c, err := ctx.Import(r.Env, tok, nil)
		if err != nil {
			sealing.Discard(r.Env, policy, tok, memory)
			return
		}
		defer c.Delete()
		if info, err := c.Inquire(r.Clock); err != nil || info.Open {
			t.Errorf("%+v, %v", info, err)
		}
		if _, err := c.Wrap(true, 0, []byte("text"), memory); err == nil {
			t.Error("it protects messages")
		}
		_, _ = c.Accept(r.Env, gss.AcceptArgs{Input: reply})
		_, _ = c.Init(r.Env, gss.InitArgs{Input: reply})
	})
}
