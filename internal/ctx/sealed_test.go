// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func export(t testing.TB, r *krbtest.Realm, c *ctx.Context) []byte {
	t.Helper()
	tok, err := c.Export(r.Env, memory)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// refused imports a token, which must fail, and returns the error text.
func refused(t testing.TB, env *krb5.Env, tok []byte, want status.Major, what string, args ...any) string {
	t.Helper()
	c, err := ctx.Import(env, tok, nil)
	if c != nil {
		t.Fatalf("%s: the token is accepted", fmt.Sprintf(what, args...))
	}
	e := status.Of(err)
	if e.Major != want || e.Text == "" {
		t.Fatalf("%s: major %#x, not %#x: %q", fmt.Sprintf(what, args...), e.Major, want, e.Text)
	}
	return e.Text
}

func TestSealedTokenIsUsedOnce(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	server, err := ctx.Import(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, r.Env, tok, status.NoContext, "again in this process")
	refused(t, importerEnv(r.Vars["KRB5_CONFIG"]), tok, status.NoContext, "again in another")
	talk(t, client, server, "after the failure")
}

// A changed token is refused and does not use up the right one.
func TestEveryChangedBitOfASealedTokenIsNoticed(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	_, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	for i := range len(tok) * 8 {
		bad := slices.Clone(tok)
		bad[i/8] ^= 1 << (i % 8)
		refused(t, r.Env, bad, status.DefectiveToken, "bit %d of octet %d", i%8, i/8)
	}
	for n := range len(tok) {
		refused(t, r.Env, tok[:n], status.DefectiveToken, "%d of %d octets", n, len(tok))
	}
	for _, more := range []int{1, 16, 4096} {
		longer := append(slices.Clone(tok), make([]byte, more)...)
		refused(t, r.Env, longer, status.DefectiveToken, "%d octets behind it", more)
	}
	if _, err := ctx.Import(r.Env, tok, nil); err != nil {
		t.Error(err)
	}
}

func TestSealedTokenOfAnotherVersionIsNotUsedUp(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	_, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	later := slices.Clone(tok)
	later[4]++
	if text := refused(t, r.Env, later, status.DefectiveToken, "version 2"); !strings.Contains(text, "version 2") {
		t.Error(text)
	}
	if _, err := ctx.Import(r.Env, tok, nil); err != nil {
		t.Error(err)
	}
}

// Even if the header's checksum is right, each of its fields is checked.
func TestForgedHeaders(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	tok, other := export(t, r, server), export(t, r, client)
	h, body, err := token.ParseSealed(tok)
	if err != nil {
		t.Fatal(err)
	}
	h2, body2, err := token.ParseSealed(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(h *token.SealedHeader)
		want   status.Major
	}{
		"body-of-another-token": {func(h *token.SealedHeader) { body = body2 }, status.DefectiveToken},
		"slot-of-another-token": {func(h *token.SealedHeader) { h.Slot, h.State = h2.Slot, h2.State }, status.DefectiveToken},
		"slot-of-none":          {func(h *token.SealedHeader) { h.Slot += 100 }, status.NoContext},
		"header-as-slot":        {func(h *token.SealedHeader) { h.Slot = 0 }, status.NoContext},
		"slot-beyond-the-end":   {func(h *token.SealedHeader) { h.Slot = 1<<32 - 1 }, status.NoContext},
		"state":                 {func(h *token.SealedHeader) { h.State++ }, status.NoContext},
		"ledger":                {func(h *token.SealedHeader) { h.Ledger[0]++ }, status.DefectiveToken},
		"another-user":          {func(h *token.SealedHeader) { h.Owner++ }, status.Unauthorized},
		"a-group":               {func(h *token.SealedHeader) { h.Policy = token.SealedGroup }, status.Unauthorized},
		"no-policy":             {func(h *token.SealedHeader) { h.Policy = 0 }, status.DefectiveToken},
	} {
		forged, whole := h, body
		c.change(&forged)
		refused(t, r.Env, append(forged.Append(nil), body...), c.want, "%s", name)
		body = whole
	}
	for _, tok := range [][]byte{tok, other} {
		if _, err := ctx.Import(r.Env, tok, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestSealedTokenOfAnotherHost(t *testing.T) {
	r, other := krbtest.New(t, crypto.AES128SHA1), krbtest.New(t, crypto.AES128SHA1)
	_, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	text := refused(t, other.Env, tok, status.DefectiveToken, "a host without a ledger")
	_, theirs := pair(t, other, allFlags)
	move(t, other, theirs)
	again := refused(t, other.Env, tok, status.DefectiveToken, "a host with a ledger")
	for _, s := range []string{text, again} {
		if !strings.Contains(s, "not made on this host") || !strings.Contains(s, "ledger_directory") {
			t.Error(s)
		}
	}
}

// keysOf returns all keys of a context.
func keysOf(t testing.TB, c *ctx.Context) (keys [][]byte) {
	t.Helper()
	for _, last := range []string{"\x08", "\x09", "\x0a"} { // message key, subkeys of initiator and acceptor
		if b, err := c.InquireByOID(nil, token.OID("\x2a\x85\x70\x2b\x0d"+last)); err == nil {
			keys = append(keys, b[0][6:])
		}
	}
	if len(keys) < 2 {
		t.Fatal("the context has no keys")
	}
	return keys
}

func TestKeysAreNeitherInTheTokenNorInTheLedger(t *testing.T) {
	for _, etype := range etypes {
		r := krbtest.New(t, etype)
		session := r.Login(t, nil).Key.Value
		client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
		server, ares, err := accept(r, res.Token, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := gss.InitArgs{Target: target(t), Input: ares.Token}
		if _, err := client.Init(r.Env, a); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*ctx.Context{client, server} {
			keys := append(keysOf(t, c), session)
			tok := export(t, r, c)
			absent := func(where string, b []byte) {
				t.Helper()
				for _, key := range keys {
					for i := 0; i+8 <= len(key); i++ {
						if bytes.Contains(b, key[i:i+8]) {
							t.Errorf("%v: octets %d-%d of a key are in the %s", etype, i, i+7, where)
						}
					}
				}
			}
			absent("token", tok)
			absent("ledger before the import", ledgerFile(t, r))
			if _, err := ctx.Import(r.Env, tok, nil); err != nil {
				t.Fatal(err)
			}
			b := ledgerFile(t, r)
			absent("ledger", b)
			// The keys of tokens are wiped as well: no slot after the header has one.
			for i := 64; i < len(b); i += 64 {
				if !bytes.Equal(b[i+8:i+64], make([]byte, 56)) {
					t.Errorf("%v: slot %d holds a key after the import", etype, i/64)
				}
			}
		}
	}
}

func ledgerFile(t testing.TB, r *krbtest.Realm) []byte {
	t.Helper()
	files, err := filepath.Glob(r.Dir + "/libgssapi-*/ledger")
	if err != nil || len(files) != 1 {
		t.Fatalf("ledgers %v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// as returns the environment of a process with another policy, program or user.
func as(t testing.TB, r *krbtest.Realm, settings string, change func(*krb5.Env)) *krb5.Env {
	t.Helper()
	env := *r.Env
	env.Library = new(krb5.Library)
	conf := r.Write(t, fmt.Sprintf("krb5-%d.conf", time.Now().UnixNano()),
		[]byte("[libgssapi]\n\tledger_directory = "+r.Dir+"\n"+settings+"\n"))
	env.Getenv = func(name string) string {
		if name == "KRB5_CONFIG" {
			return conf
		}
		return r.Vars[name]
	}
	if change != nil {
		change(&env)
	}
	return &env
}

func TestPolicyOfImporters(t *testing.T) {
	gid := os.Getegid()
	group := fmt.Sprintf("export_sec_context = group %d", gid)
	for _, c := range []struct {
		name, exporter, importer string
		change                   func(*krb5.Env)
		want                     status.Major
		text                     string
	}{
		{"account-to-itself", "", "", nil, 0, ""},
		{"account-to-open", "", "export_sec_context = open", nil, 0, ""},
		{"account-to-group", "", group, nil, 0, ""},
		{"account-to-another-user", "", "", func(e *krb5.Env) { e.EUID++ }, status.Unauthorized, "account"},
		{"group-to-itself", group, group, nil, 0, ""},
		{"group-to-open", group, "export_sec_context = open", nil, 0, ""},
		{"group-to-account", group, "export_sec_context = account", nil, status.Unauthorized, "account"},
		{"group-to-another-group", group, fmt.Sprintf("export_sec_context = group %d", gid+1), nil, status.Unauthorized,
			fmt.Sprintf("group %d", gid+1)},
		{"open-to-open", "export_sec_context = open", "export_sec_context = open", nil, 0, ""},
		{"open-to-account", "export_sec_context = open", "", nil, status.Unauthorized, "account"},
		{"open-to-group", "export_sec_context = open", group, nil, status.Unauthorized, "group"},
		{"open-to-a-program-that-admits-it", "export_sec_context = open", "worker = {\nexport_sec_context = open\n}",
			func(e *krb5.Env) { e.Program = "worker" }, 0, ""},
		{"open-to-another-program", "export_sec_context = open", "worker = {\nexport_sec_context = open\n}",
			func(e *krb5.Env) { e.Program = "other" }, status.Unauthorized, "account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES256SHA1)
			configure(t, r, c.exporter)
			client, server := pair(t, r, allFlags)
			tok := export(t, r, server)
			env := as(t, r, c.importer, c.change)
			if c.want != 0 {
				if text := refused(t, env, tok, c.want, "import"); !strings.Contains(text, c.text) ||
					!strings.Contains(text, "export_sec_context") {
					t.Errorf("the text does not name the policy %s: %s", c.text, text)
				}
				return
			}
			moved, err := ctx.Import(env, tok, nil)
			if err != nil {
				t.Fatal(err)
			}
			talk(t, client, moved, "hello")
		})
	}
}

func TestMalformedPolicies(t *testing.T) {
	for _, settings := range []string{
		"export_sec_context = everyone", "export_sec_context = group", "export_sec_context = group no-such-group",
		"export_sec_context = open sesame", "format = kernel", "export_sec_context = open\nformat = small",
		"ledger_directory = relative",
	} {
		r := krbtest.New(t, crypto.AES256SHA1)
		client, server := pair(t, r, allFlags)
		env := as(t, r, "test = {\n"+settings+"\n}", func(e *krb5.Env) { e.Program = "test" })
		e := wantMajor(t, errorOf(server.Export(env, memory)), status.Unavailable)
		value := settings[strings.LastIndex(settings, "\n")+1:]
		if !strings.Contains(e.Text, value) || !strings.Contains(e.Text, "krb5-") {
			t.Errorf("the text names neither file nor setting: %s", e.Text)
		}
		talk(t, client, server, "after the failure")
	}
}

// Without a ledger the export fails, and the context continues.
func TestExportWithoutALedger(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	talk(t, client, server, "before")
	missing := r.Dir + "/missing"
	configure(t, r, "test = {\nledger_directory = "+missing+"\n}")
	r.Env.Program = "test"
	for range 2 {
		e := wantMajor(t, errorOf(server.Export(r.Env, memory)), status.Unavailable)
		if !strings.Contains(e.Text, missing) || !strings.Contains(e.Text, "ledger_directory") ||
			e.Minor != status.Minor(syscall.ENOENT) {
			t.Errorf("%d, %s", e.Minor, e.Text)
		}
		if supp := talk(t, client, server, "after"); supp != 0 {
			t.Errorf("supplementary %#x", supp)
		}
		talk(t, server, client, "after")
	}
	r.Env.Program = ""
	r.Env.Library = new(krb5.Library)
	move(t, r, server)
}

// Every inquiry about a context has the same result after the move.
func TestMovedContextAnswersInquiriesAlike(t *testing.T) {
	for _, policy := range []string{"account", "open"} {
		r := krbtest.New(t, crypto.AES256SHA2)
		configure(t, r, "export_sec_context = "+policy)
		r.Login(t, func(p *krbtest.Part) {
			p.Flags |= token.TicketForwardable
			p.AuthTime = r.Clock.Add(-time.Minute)
			p.AuthData = []token.AuthDataEntry{{Type: 128, Data: append(make([]byte, 8), bytes.Repeat([]byte("PAC"), 5000)...)}}
		})
		bindings := &gss.Bindings{ApplicationData: []byte("tls-unique:x")}
		_, res := initiate(t, r, gss.InitArgs{Flags: allFlags, Bindings: bindings})
		server, _, err := accept(r, res.Token, bindings)
		if err != nil {
			t.Fatal(err)
		}
		tell := func(c *ctx.Context) string {
			info, err := c.Inquire(r.Clock)
			if err != nil {
				t.Fatal(err)
			}
			source, _, _ := info.Source.Display()
			target, _, _ := info.Target.Display()
			said := fmt.Sprintf("%s %s %d %#x %v %v", source, target, info.Lifetime, info.Flags, info.Local, info.Open)
			for _, oid := range []string{"\x02", "\x03\x81\x00", "\x08", "\x09", "\x0a", "\x0c", "\x06\x01"} {
				b, err := c.InquireByOID(nil, token.OID("\x2a\x85\x70\x2b\x0d"+oid))
				said += fmt.Sprintf(" %x %v", b, err)
			}
			return said
		}
		before := tell(server)
		if !strings.Contains(before, fmt.Sprintf("%x", "PACPAC")) {
			t.Error("the authorization data is missing")
		}
		if info, _ := server.Inquire(r.Clock); info.Flags&gss.FlagChannelBound == 0 {
			t.Error("the context is not bound to the channel")
		}
		if after := tell(move(t, r, server)); after != before {
			t.Errorf("%s: before %.300s, after %.300s", policy, before, after)
		}
	}
}

func TestContextWithoutTheTransferFlagIsNotExported(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, "export_sec_context = open")
	client, server := pair(t, r, allFlags)
	tok, err := token.ParseContextToken(export(t, r, server))
	if err != nil {
		t.Fatal(err)
	}
	tok.Flags &^= gss.FlagTrans
	b, err := tok.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if server, err = ctx.Import(r.Env, b, nil); err != nil {
		t.Fatal(err)
	}
	wantMajor(t, errorOf(server.Export(r.Env, memory)), status.Unavailable)
	talk(t, client, server, "after the failure")
}

func TestPlainTokenOfAnotherMechanism(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, "export_sec_context = open")
	_, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	tok[10]++
	refused(t, r.Env, tok, status.DefectiveToken, "another mechanism")
}

// A process in the group of the policy can import the token, and one that is not in it cannot.
func TestGroupPolicyAdmitsMembersOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run processes as several accounts")
	}
	const gid = 54321
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, fmt.Sprintf("export_sec_context = group %d", gid))
	client, server := pair(t, r, allFlags)
	barrier := r.Write(t, "barrier", nil)
	for dir := r.Dir; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	self := copyOfSelf(t, r)
	for _, path := range []string{r.Vars["KRB5_CONFIG"], barrier} {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(uid, gid uint32) *importer {
		return startImporter(t, r, barrier, func(cmd *exec.Cmd) {
			cmd.Path, cmd.Args[0] = self, self
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid, NoSetGroups: false}}
		})
	}
	member, stranger := run(54322, gid), run(54323, 54323)
	tok := export(t, r, server)
	if err := send(stranger.in, tok); err != nil {
		t.Fatal(err)
	}
	major, text := stranger.answer(t)
	if major != status.Unauthorized || !strings.Contains(string(text), fmt.Sprint(gid)) {
		t.Errorf("the stranger got %#x: %s", major, text)
	}
	if err := send(member.in, tok); err != nil {
		t.Fatal(err)
	}
	major, rest := member.answer(t)
	if major != 0 {
		t.Fatalf("the member got %#x: %s", major, rest)
	}
	if msg, _, _, err := client.Unwrap(rest, memory); err != nil || string(msg) != "I have it" {
		t.Errorf("%q, %v", msg, err)
	}
	if err := send(member.in, tok); err != nil {
		t.Fatal(err)
	}
	if major, text := member.answer(t); major != status.NoContext {
		t.Errorf("again: %#x: %s", major, text)
	}
}

// copyOfSelf puts the test binary where other accounts can start it.
func copyOfSelf(t *testing.T, r *krbtest.Realm) string {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(r.Dir+"/importer", os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Name()
}

// FuzzImportSealed changes a good token: whatever is not the token itself is refused, and does not use it up.
func FuzzImportSealed(f *testing.F) {
	r := krbtest.New(f, crypto.AES256SHA1)
	_, server := pair(f, r, allFlags)
	tok := export(f, r, server)
	f.Add(tok)
	f.Add(tok[:token.SealedSize])
	f.Add(append(slices.Clone(tok), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ctx.Import(r.Env, b, nil)
		if bytes.Equal(b, tok) {
			if err != nil {
				t.Fatal(err)
			}
			tok = export(t, r, c)
			return
		}
		if err == nil {
			t.Error("a changed token is accepted")
		}
	})
}
