// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/rand"
	"reflect"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krb5mech"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// inherited returns the context as a child after fork(2) inherits it. The words are copied, as a fork copies memory.
func inherited(t testing.TB, c *ctx.Context, words *inherit.Words) *ctx.Context {
	t.Helper()
	var copied inherit.Words
	for i := range words {
		copied[i].Store(words[i].Load())
	}
	child, err := ctx.Restore(new(krb5.Library), rand.Reader, c.Snapshot(nil), &copied)
	if err != nil {
		t.Fatal(err)
	}
	return child
}

func TestChildContinuesAContext(t *testing.T) {
	for _, etype := range []crypto.EType{crypto.AES256SHA1, crypto.AES256SHA2} {
		r := krbtest.New(t, etype)
		client, server := pair(t, r, allFlags)
		var cw, sw inherit.Words
		client.Record(&cw)
		server.Record(&sw)
		var tokens [][]byte
		for range 5 {
			tok, err := client.Wrap(true, 0, []byte("text"), memory)
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, tok)
		}
		for _, n := range []int{0, 1, 3} { // message 2 is still in transit
			if _, _, _, err := server.Unwrap(tokens[n], memory); err != nil {
				t.Fatal(err)
			}
		}
		for generation := range 3 { // only the last continues the conversation
			client, server = inherited(t, client, &cw), inherited(t, server, &sw)
			_, _, sup, err := inherited(t, server, &sw).Unwrap(tokens[1], memory)
			if err != nil || sup != status.DuplicateToken {
				t.Errorf("generation %d: a message that was received is %#x, %v", generation, sup, err)
			}
			client.Record(&cw)
			server.Record(&sw)
		}
		for _, m := range []struct {
			n    int
			want status.Major
		}{{2, status.UnseqToken}, {4, status.Complete}, {4, status.DuplicateToken}} {
			if _, _, sup, err := server.Unwrap(tokens[m.n], memory); err != nil || sup != m.want {
				t.Errorf("message %d is %#x, not %#x: %v", m.n, sup, m.want, err)
			}
		}
		if sup := talk(t, client, server, "from the child"); sup != status.Complete {
			t.Errorf("the child's next message is %#x", sup)
		}
		if sup := talk(t, server, client, "and back"); sup != status.Complete {
			t.Errorf("the answer is %#x", sup)
		}
	}
}

func TestChildKnowsWhatTheParentKnew(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA2)
	client, server := pair(t, r, allFlags)
	now := r.Env.Now()
	for _, c := range []*ctx.Context{client, server} {
		var words inherit.Words
		c.Record(&words)
		child := inherited(t, c, &words)
		if string(child.Snapshot(nil)) != string(c.Snapshot(nil)) {
			t.Error("the child's form differs")
		}
		a, err := c.Inquire(now)
		b, err2 := child.Inquire(now)
		if err != nil || err2 != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("the child knows %+v, not %+v: %v %v", b, a, err, err2)
		}
		p, _ := c.PseudoRandom(false, []byte("in"), 40, memory)
		q, _ := child.PseudoRandom(false, []byte("in"), 40, memory)
		if p == nil || !slices.Equal(p, q) {
			t.Error("the child derives another partial key")
		}
	}
}

func TestChildEstablishesAHalfOpenContext(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
	server, ares, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // two children, one after the other
		var words inherit.Words
		child := inherited(t, client, &words)
		if _, err := child.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token}); err != nil {
			t.Fatal(err)
		}
		tok, err := child.GetMIC(0, []byte("text"), memory)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.VerifyMIC([]byte("text"), tok); err != nil {
			t.Error(err)
		}
	}
}

// delegating performs a DCE-style exchange with a delegated credential, as far as the acceptor's reply.
func delegating(t testing.TB, r *krbtest.Realm) (server *ctx.Context, confirmation []byte) {
	t.Helper()
	ticket := r.Login(t, nil)
	deleg, err := krb5.EncryptCred(r.Env, ticket.Key, ticket)
	if err != nil {
		t.Fatal(err)
	}
	sum := token.GSSChecksum{Flags: dceFlags | gss.FlagDeleg, HasDeleg: true, Deleg: deleg}
	x, req, err := krb5.Initiate(r.Env, ticket, r.Clock, krb5.Request{
		Mutual: true, Checksum: &token.Checksum{Type: token.GSSChecksumType, Sum: sum.Marshal()},
	})
	if err != nil {
		t.Fatal(err)
	}
	server, ares, err := accept(r, req, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := x.Verify(ares.Token)
	if err != nil {
		t.Fatal(err)
	}
	if confirmation, err = x.Confirm(r.Env, reply); err != nil {
		t.Fatal(err)
	}
	return server, confirmation
}

func initiatorOf(c *gss.Cred) (*krb5.CCache, error) {
	e, err := krb5mech.In(c, token.MechKRB5)
	if err != nil {
		return nil, err
	}
	return e.Initiator()
}

func TestChildGetsWhatWasDelegatedBeforeTheFork(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	server, confirmation := delegating(t, r)
	var words inherit.Words
	for _, c := range []*ctx.Context{inherited(t, server, &words), server} {
		ares, err := c.Accept(r.Env, gss.AcceptArgs{Input: confirmation})
		if err != nil {
			t.Fatal(err)
		}
		if ares.Delegated == nil || ares.Flags&gss.FlagDeleg == 0 {
			t.Fatalf("nothing is delegated: flags %#x", ares.Flags)
		}
		cache, err := initiatorOf(ares.Delegated)
		if err != nil || len(cache.Credentials()) != 1 || len(cache.Credentials()[0].Key.Value) != 32 {
			t.Errorf("another credential: %+v, %v", cache, err)
		}
	}
}

func TestChildFindsAFailedContextFailed(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
	_, ares, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	ares.Token[len(ares.Token)-1] ^= 1
	if _, err = client.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token}); err == nil {
		t.Fatal("a forged answer is accepted")
	}
	var words inherit.Words
	child := inherited(t, client, &words)
	_, err = child.Wrap(true, 0, []byte("text"), memory)
	wantMajor(t, err, status.NoContext)
	child.Delete()
}

func TestDeadContextsAreNotInherited(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	if _, err := client.Export(r.Env, memory); err != nil {
		t.Fatal(err)
	}
	server.Delete()
	for _, c := range []*ctx.Context{client, server, ctx.NewInitiator(), ctx.NewAcceptor()} {
		if c.Snapshot(nil) != nil {
			t.Error("a context without state has a form")
		}
	}
}

// A truncated form is rejected, and so is one with a trailing octet.
func TestDamagedForms(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, _ := pair(t, r, allFlags)
	half, _ := initiate(t, r, gss.InitArgs{Flags: allFlags})
	var words inherit.Words
	waiting, _ := delegating(t, r)
	for _, c := range []*ctx.Context{client, half, waiting} {
		form := c.Snapshot(nil)
		for n := range form {
			if _, err := ctx.Restore(new(krb5.Library), rand.Reader, form[:n], &words); err == nil {
				t.Fatalf("the first %d octets of %d are accepted", n, len(form))
			}
		}
		if _, err := ctx.Restore(new(krb5.Library), rand.Reader, append(slices.Clone(form), 0), &words); err == nil {
			t.Error("a trailing octet is ignored")
		}
	}
}

// tolerateFault, which must be deferred, ends a test that read at an invalid address. Forms come from the process's own
// memory, so the address of a cell in a form is trusted.
func tolerateFault(before bool) {
	debug.SetPanicOnFault(before)
	fault := recover()
	if _, ok := fault.(interface{ Addr() uintptr }); fault != nil && !ok {
		panic(fault)
	}
}

func FuzzRestore(f *testing.F) {
	r := krbtest.New(f, crypto.AES256SHA1)
	client, server := pair(f, r, allFlags)
	half, res := initiate(f, r, gss.InitArgs{Flags: allFlags | gss.FlagDCE})
	waiting, _, err := accept(r, res.Token, nil)
	if err != nil {
		f.Fatal(err)
	}
	delegated, _ := delegating(f, r)
	for _, c := range []*ctx.Context{client, server, half, waiting, delegated} {
		f.Add(c.Snapshot(nil), uint64(3))
	}
	for _, c := range halfOpenNegotiations(f, r) {
		f.Add(c.Snapshot(nil), uint64(3))
	}
	f.Fuzz(func(t *testing.T, form []byte, word uint64) {
		defer tolerateFault(debug.SetPanicOnFault(true))
		var words inherit.Words
		for i := range words {
			words[i].Store(word)
		}
		c, err := ctx.Restore(new(krb5.Library), rand.Reader, form, &words)
		if err != nil {
			return
		}
		if info, err := c.Inquire(time.Unix(0, 0)); err == nil && info.Open {
			if _, err := c.Wrap(true, 0, []byte("text"), memory); err != nil {
				t.Errorf("an established context does not wrap: %v", err)
			}
		}
		if !slices.Equal(c.Snapshot(nil), form) && len(form) > 2 {
			t.Error("a restored context has another form")
		}
		c.Delete()
	})
}

// A new field of a context must be added to its form, unless it is temporary.
func TestSnapshotKnowsEveryField(t *testing.T) {
	known := []string{"ready", "moved", "withheld", "mu", "state", "initiator", "mech", "protection"}
	typ := reflect.TypeFor[ctx.Context]()
	for i := range typ.NumField() {
		if f := typ.Field(i).Name; !slices.Contains(known, f) {
			t.Errorf("a child after fork(2) does not get %s", f)
		}
	}
}
