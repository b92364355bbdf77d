// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func move(t testing.TB, r *krbtest.Realm, c *ctx.Context) *ctx.Context {
	t.Helper()
	tok, err := c.Export(r.Env, memory)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := ctx.Import(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

// configure replaces the section [libgssapi] of the realm's krb5.conf.
func configure(t testing.TB, r *krbtest.Realm, settings string) {
	t.Helper()
	conf, err := os.ReadFile(r.Vars["KRB5_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	conf, _, _ = bytes.Cut(conf, []byte("[libgssapi]"))
	r.Write(t, "krb5.conf", append(conf, "[libgssapi]\n\tledger_directory = "+r.Dir+"\n"+settings+"\n"...))
	r.Env.Library = new(krb5.Library) // otherwise the change would take effect after a second
}

const kernelPolicy = "export_sec_context = open\nformat = kernel"

func TestMovedContextContinues(t *testing.T) {
	for _, etype := range etypes {
		for _, flags := range []uint32{0, gss.FlagMutual, allFlags} {
			r := krbtest.New(t, etype)
			client, server := pair(t, r, flags)
			talk(t, client, server, "before")
			before, _ := server.Inquire(r.Clock)
			for range 3 {
				client, server = move(t, r, client), move(t, r, server)
				if supp := talk(t, client, server, "to the worker"); supp != 0 {
					t.Fatalf("supplementary %#x", supp)
				}
				talk(t, server, client, "to the client")
			}
			after, _ := server.Inquire(r.Clock)
			if before.Flags != after.Flags || before.Lifetime != after.Lifetime || before.Local != after.Local {
				t.Errorf("before %+v, after %+v", before, after)
			}
		}
	}
}

func TestExporterIsLockedOut(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	_, server := pair(t, r, allFlags)
	if _, err := server.Export(r.Env, memory); err != nil {
		t.Fatal(err)
	}
	wantMajor(t, errorOf(server.Wrap(true, 0, []byte("x"), memory)), status.NoContext)
	wantMajor(t, errorOf(server.Export(r.Env, memory)), status.NoContext)
	wantMajor(t, errorOf(server.Inquire(r.Clock)), status.NoContext)
}

// The importer reports messages that were in transit at the export as the exporter would have reported them.
func TestWindowMoves(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	var toks [][]byte
	for range 4 {
		tok, err := client.Wrap(true, 0, []byte("m"), memory)
		if err != nil {
			t.Fatal(err)
		}
		toks = append(toks, tok)
	}
	unwrap := func(i int) status.Major {
		_, _, supp, err := server.Unwrap(toks[i], memory)
		if err != nil {
			t.Fatal(err)
		}
		return supp
	}
	unwrap(0)
	if got := unwrap(2); got != status.GapToken {
		t.Fatalf("message 2 after 0: %#x", got)
	}
	server = move(t, r, server)
	for _, c := range []struct {
		msg  int
		want status.Major
	}{{0, status.DuplicateToken}, {2, status.DuplicateToken}, {1, status.UnseqToken}, {3, 0}} {
		if got := unwrap(c.msg); got != c.want {
			t.Errorf("message %d after the move: %#x, want %#x", c.msg, got, c.want)
		}
	}
}

func TestExpiredContextIsNotExported(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, _ := pair(t, r, allFlags)
	r.Clock = r.Clock.Add(9 * time.Hour)
	wantMajor(t, errorOf(client.Export(r.Env, memory)), status.ContextExpired)
	wantMajor(t, errorOf(client.TimeLeft(r.Clock)), status.ContextExpired)
	r.Clock = r.Clock.Add(-9 * time.Hour)
	if _, err := client.Export(r.Env, memory); err != nil {
		t.Errorf("the failed export has changed the context: %v", err)
	}
}

// A changed token that is not sealed causes an error or a context, but no panic and no unbounded use of memory.
func TestDamagedPlainTokensAreBounded(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	configure(t, r, "export_sec_context = open")
	client, _ := pair(t, r, allFlags)
	whole, err := client.Export(r.Env, memory)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		// A token that ends with the kernel's fields is complete, like those of FreeBSD's libgssapi.
		if c, err := ctx.Import(r.Env, whole[:n], nil); err == nil && n != len(whole)-privateLength(t, whole) {
			t.Errorf("a token cut to %d of %d octets gave %v", n, len(whole), c)
		}
	}
	for i := range whole {
		for _, mask := range []byte{1, 0x80, 0xff} {
			tok := slices.Clone(whole)
			tok[i] ^= mask
			if c, err := ctx.Import(r.Env, tok, nil); err == nil {
				c.Delete()
			}
		}
	}
	if _, err := ctx.Import(r.Env, append(slices.Clone(whole), 0), nil); err == nil {
		t.Error("a trailing octet is ignored")
	}
}

func privateLength(t testing.TB, tok []byte) int {
	t.Helper()
	p, err := token.ParseContextToken(tok)
	if err != nil {
		t.Fatal(err)
	}
	return len(p.Private)
}

func TestKernelFields(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, kernelPolicy)
	client, server := pair(t, r, allFlags)
	for _, c := range []struct {
		name    string
		context *ctx.Context
		local   bool
	}{{"initiator", client, true}, {"acceptor", server, false}} {
		t.Run(c.name, func(t *testing.T) {
			tok, err := c.context.Export(r.Env, memory)
			if err != nil {
				t.Fatal(err)
			}
			if want := append([]byte{0, 9}, token.MechKRB5...); !bytes.HasPrefix(tok, want) {
				t.Errorf("the token begins with %x", tok[:11])
			}
			p, err := token.ParseContextToken(tok)
			if err != nil {
				t.Fatal(err)
			}
			more := token.MoreOpen | token.MoreCFX | token.MoreAcceptorSubkey
			if c.local {
				more |= token.MoreLocal
			}
			if p.MoreFlags != more || p.Flags&gss.FlagTrans == 0 || int64(p.EndTime) != r.Clock.Add(8*time.Hour).Unix() {
				t.Errorf("more_flags %#x, flags %#x, lifetime %d", p.MoreFlags, p.Flags, p.EndTime)
			}
			o := p.Order
			if o.Flags != 12 || o.Length != 0 || len(o.Elems) != 20 || o.Elems[0] != o.FirstSeq-1 {
				t.Errorf("message order %+v", o)
			}
		})
	}
}

func FuzzImport(f *testing.F) {
	r := krbtest.New(f, crypto.AES256SHA1)
	for _, policy := range []string{"export_sec_context = open", mitPolicy} {
		configure(f, r, policy)
		client, server := pair(f, r, allFlags)
		f.Add(export(f, r, client))
		f.Add(export(f, r, server))
	}
	f.Fuzz(func(t *testing.T, tok []byte) {
		c, err := ctx.Import(r.Env, tok, nil)
		if err != nil {
			return
		}
		if _, err := c.Wrap(true, 0, []byte("usable"), memory); err != nil {
			t.Errorf("imported, but %v", err)
		}
	})
}

// Imports remember the last local name. It must not be used for a context with another name.
func TestImportedContextsHaveTheirOwnNames(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, "export_sec_context = open")
	client, server := pair(t, r, allFlags)
	for _, tok := range [][]byte{export(t, r, client), export(t, r, server)} {
		parsed, err := token.ParseContextToken(tok)
		if err != nil {
			t.Fatal(err)
		}
		for _, names := range [][2]string{{"a", "b"}, {"a", "c"}, {"d", "c"}, {"b", "a"}, {"a", "b"}} {
			exported := func(name string) []byte {
				return token.AppendExportedName(nil, token.MechKRB5, func(b []byte) []byte { return append(b, name+"@R"...) })
			}
			parsed.Source, parsed.Target = exported(names[0]), exported(names[1])
			b, err := parsed.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			c, err := ctx.Import(r.Env, b, nil)
			if err != nil {
				t.Fatal(err)
			}
			info, err := c.Inquire(r.Clock)
			if err != nil {
				t.Fatal(err)
			}
			source, _, _ := info.Source.Display()
			target, _, _ := info.Target.Display()
			if string(source) != names[0]+"@R" || string(target) != names[1]+"@R" {
				t.Errorf("%s to %s, not %v", source, target, names)
			}
		}
	}
}

// Without memory for the token, the export fails, the context continues, and the ledger is not used.
func TestExportWithoutMemory(t *testing.T) {
	for _, policy := range []string{"account", "open"} {
		r := krbtest.New(t, crypto.AES256SHA1)
		configure(t, r, "export_sec_context = "+policy)
		client, server := pair(t, r, allFlags)
		none := &message.Memory{Alloc: func(int) []byte { return nil }, Free: func([]byte) { t.Error("nothing is freed") }}
		e := wantMajor(t, errorOf(server.Export(r.Env, none)), status.Failure)
		if e.Minor != status.Minor(syscall.ENOMEM) || !strings.Contains(e.Text, "memory") {
			t.Errorf("minor %d: %s", e.Minor, e.Text)
		}
		talk(t, client, server, "after the failure")
		if files, _ := filepath.Glob(r.Dir + "/libgssapi-*/ledger"); len(files) > 0 {
			t.Error("there is a ledger")
		}
		move(t, r, server)
	}
}

// If the caller has no handle for the context, the token is not used up.
func TestImportThatIsNotReadyLeavesTheToken(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	full := status.Errorf(status.Failure, status.G_BUFFER_ALLOC, "no handle is left")
	for range 2 {
		if c, err := ctx.Import(r.Env, tok, func() error { return full }); c != nil || !errors.Is(err, full) {
			t.Fatalf("%v, %v", c, err)
		}
	}
	calls := 0
	server, err := ctx.Import(r.Env, tok, func() error { calls++; return nil })
	if err != nil || calls != 1 {
		t.Fatalf("ready was called %d times: %v", calls, err)
	}
	talk(t, client, server, "hello")
	refused(t, r.Env, tok, status.NoContext, "again")
}

// A ticket in a cache may lack the time of its client's authentication, which other programs do not need.
func TestContextWithoutAuthenticationTimeMoves(t *testing.T) {
	const authTime token.OID = "\x2a\x85\x70\x2b\x0d\x0c"
	for _, policy := range []string{"", "export_sec_context = open", mitPolicy} {
		r := krbtest.New(t, crypto.AES256SHA1)
		configure(t, r, policy)
		cred := r.Ticket(t, nil)
		cred.AuthTime = time.Time{}
		if _, err := krb5.CreateCCache(r.Env, r.Vars["KRB5CCNAME"], r.Client, cred); err != nil {
			t.Fatal(err)
		}
		client, _ := initiate(t, r, gss.InitArgs{})
		for range 3 {
			if got, err := client.InquireByOID(r.Env, authTime); err != nil || !bytes.Equal(got[0], make([]byte, 4)) {
				t.Errorf("%q: authentication time %x, %v", policy, got, err)
			}
			client = move(t, r, client)
		}
	}
}
