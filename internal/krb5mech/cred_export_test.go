// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/message"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var memory = &message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

// octets are a sealing.Body.
type octets []byte

func (o octets) Size() int                       { return len(o) }
func (o octets) Append(b []byte) ([]byte, error) { return append(b, o...), nil }

// inMemory returns a realm with a policy, and a delegated credential.
func inMemory(t *testing.T, policy string) (*krbtest.Realm, *gss.Cred) {
	t.Helper()
	r := krbtest.New(t, crypto.AES256SHA1)
	setPolicy(t, r, policy)
	return r, Delegated(tgtOf(t, r))
}

func setPolicy(t *testing.T, r *krbtest.Realm, policy string) {
	t.Helper()
	r.Vars["KRB5_CONFIG"] = r.Write(t, "krb5."+policy+".conf", fmt.Appendf(nil,
		"[libdefaults]\n default_realm = %s\n[libgssapi]\n ledger_directory = %s\n export_sec_context = %s\n", r.Name, r.Dir, policy))
}

func tgtOf(t *testing.T, r *krbtest.Realm) *krb5.Credential {
	c := r.Ticket(t, func(p *krbtest.Part) { p.EndTime = r.Clock.Add(time.Hour) })
	c.Server = token.Principal{Components: []string{"krbtgt", r.Name}, Realm: r.Name}
	return c
}

func ticketKey(t *testing.T, c *gss.Cred) []byte {
	t.Helper()
	e, err := In(c, token.MechKRB5)
	if err != nil {
		t.Fatal(err)
	}
	return e.initiator.cache.Credentials()[0].Key.Value
}

func TestKeysAreExportedAsThePolicySays(t *testing.T) {
	for _, policy := range []string{"account", "open"} {
		r, c := inMemory(t, policy)
		key := bytes.Clone(ticketKey(t, c))
		tok, err := gss.ExportCred(r.Env, c, memory)
		if err != nil {
			t.Fatal(err)
		}
		if token.IsSealed(tok) != (policy == "account") || bytes.Contains(tok, []byte("K5C1")) != (policy == "open") {
			t.Errorf("%s: %.60q", policy, tok)
		}
		c.Release()
		back, err := gss.ImportCred(r.Env, tok, nil)
		if err != nil || !bytes.Equal(ticketKey(t, back), key) {
			t.Fatalf("%s: %v", policy, err)
		}
		_, err = gss.ImportCred(r.Env, tok, nil)
		if once := policy == "account"; (err != nil) != once || once && status.Of(err).Major != status.NoCred {
			t.Errorf("%s, again: %v", policy, err)
		}
	}
}

// An attacker who wrote a token with keys in the clear may have chosen whose they are.
func TestKeysInTheClearAreRefused(t *testing.T) {
	r, c := inMemory(t, "open")
	tok, err := gss.ExportCred(r.Env, c, memory)
	if err != nil {
		t.Fatal(err)
	}
	setPolicy(t, r, "account")
	if _, err := gss.ImportCred(r.Env, tok, nil); err == nil || status.Of(err).Major != status.Unauthorized ||
		!strings.Contains(err.Error(), "export_sec_context = account") {
		t.Errorf("%v", err)
	}
	// Nor inside the element of SPNEGO.
	element := token.AppendCredElement(nil, token.MechKRB5, (&token.ExportedCred{Usage: 1, Password: []byte("a password")}).Marshal())
	if _, err := gss.ImportCred(r.Env, element, nil); err == nil || status.Of(err).Major != status.Unauthorized ||
		strings.Contains(err.Error(), "a password") {
		t.Errorf("a password: %v", err)
	}
}

// A token that names files contains no keys, and is the same under any policy.
func TestFilesAreExportedByName(t *testing.T) {
	for _, policy := range []string{"account", "open"} {
		r, c := inMemory(t, policy)
		c.Release()
		r.Login(t, nil)
		for _, usage := range []gss.Usage{gss.Initiate, gss.Accept, gss.Both} {
			c, err := gss.Acquire(r.Env, nil, 0, []token.OID{token.MechKRB5}, usage)
			if err != nil {
				t.Fatal(err)
			}
			tok, err := gss.ExportCred(r.Env, c, memory)
			if err != nil || token.IsSealed(tok) {
				t.Fatalf("%s, usage %d: %v", policy, usage, err)
			}
			back, err := gss.ImportCred(r.Env, tok, nil)
			if err != nil {
				t.Fatal(err)
			}
			want, got := c.Info(r.Env), back.Info(r.Env)
			if want.Usage != got.Usage || want.InitiatorLifetime != got.InitiatorLifetime ||
				want.AcceptorLifetime != got.AcceptorLifetime {
				t.Errorf("%s: %+v becomes %+v", policy, want, got)
			}
		}
	}
}

func TestEnctypesAreExported(t *testing.T) {
	r, c := inMemory(t, "open")
	if err := c.SetOption(oidAllowableEnctypes, []byte{0, 0, 0, 17, 0, 0, 0, 18}); err != nil {
		t.Fatal(err)
	}
	tok, err := gss.ExportCred(r.Env, c, memory)
	if err != nil {
		t.Fatal(err)
	}
	back, err := gss.ImportCred(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := In(back, token.MechKRB5)
	if got := e.EncTypes([]crypto.EType{18, 17, 20}); fmt.Sprint(got) != fmt.Sprint([]crypto.EType{17, 18}) {
		t.Errorf("%v", got)
	}
}

// The key that seals a token stays in the ledger until the tickets end.
func TestExpiredTicketsAreNotImported(t *testing.T) {
	r, c := inMemory(t, "account")
	tok, err := gss.ExportCred(r.Env, c, memory)
	if err != nil {
		t.Fatal(err)
	}
	r.Clock = r.Clock.Add(2 * time.Hour)
	if _, err := gss.ImportCred(r.Env, tok, nil); err == nil || status.Of(err).Major != status.NoCred {
		t.Errorf("%v", err)
	}
}

// A sealed token says what kind of content it has: a credential cannot be imported as a context or the reverse,
// whatever the octets.
func TestSealedTokensOfOtherContentAreRefused(t *testing.T) {
	r, c := inMemory(t, "open")
	plain, err := gss.ExportCred(r.Env, c, memory)
	if err != nil {
		t.Fatal(err)
	}
	setPolicy(t, r, "account")
	policy, err := r.Env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	for content, major := range map[token.SealedContent]status.Major{
		token.SealedCredential: 0, token.SealedContext: status.DefectiveToken,
	} {
		tok, err := sealing.Make(r.Env, policy, content, octets(plain), r.Clock.Add(time.Hour), memory)
		if err != nil {
			t.Fatal(err)
		}
		back, err := gss.ImportCred(r.Env, tok, nil)
		if (err != nil) != (major != 0) || err != nil && status.Of(err).Major != major {
			t.Errorf("%s: %v", content, err)
		}
		back.Release()
	}
}

func TestTokensOfSeveralElements(t *testing.T) {
	r, c := inMemory(t, "open")
	tok, err := gss.ExportCred(r.Env, c, memory)
	if err != nil {
		t.Fatal(err)
	}
	const iakerb token.OID = "\x2b\x06\x01\x05\x02\x05"
	if back, err := gss.ImportCred(r.Env, token.AppendCredElement(bytes.Clone(tok), iakerb, []byte("anything")), nil); err != nil {
		t.Errorf("one of a mechanism that is not here: %v", err)
	} else {
		back.Release()
	}
	if _, err := gss.ImportCred(r.Env, append(bytes.Clone(tok), tok...), nil); status.Of(err).Major != status.DefectiveToken {
		t.Errorf("two of one mechanism: %v", err)
	}
	if _, err := gss.ImportCred(r.Env, token.AppendCredElement(nil, iakerb, nil), nil); status.Of(err).Major != status.BadMech {
		t.Errorf("none that is here: %v", err)
	}
}

// A cache in a token belongs to the principal it names, whatever tickets are in it.
func FuzzImportElement(f *testing.F) {
	alice := token.Principal{Components: []string{"alice"}, Realm: "A"}
	f.Add((&token.ExportedCred{Usage: 1, Cache: &token.ExportedCache{Principal: alice, Tickets: []token.ExportedTicket{
		{Client: &alice, Server: &alice, Key: token.EncryptionKey{EType: 18, Value: []byte("key")}}}}}).Marshal())
	f.Fuzz(func(t *testing.T, body []byte) {
		x, err := token.ParseExportedCred(body)
		if err != nil || x.Cache == nil || x.Usage != 1 {
			return
		}
		e, err := importElement(nil, x)
		if err != nil {
			return
		}
		again, err := e.ExportElement(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := token.ParseExportedCred(again.Body); err != nil {
			t.Errorf("%v: %s", err, again.Body)
		}
		e.Release()
	})
}

// If no cache of the collection has been selected yet, one is selected after the import.
func TestInitiatorWithoutACacheIsExportedWithoutOne(t *testing.T) {
	c := newCollection(t, "alice", "bob")
	c.identity(t, "bob@"+c.Name+" service=host\n")
	cred, err := gss.Acquire(c.Env, nil, 0, []token.OID{token.MechKRB5}, gss.Initiate)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := gss.ExportCred(c.Env, cred, memory)
	if err != nil || bytes.Contains(tok, []byte("tkt")) || bytes.Contains(tok, []byte("alice")) {
		t.Fatalf("%q, %v", tok, err)
	}
	back, err := gss.ImportCred(c.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := In(back, token.MechKRB5)
	host := token.Principal{Type: token.NTSrvHst, Components: []string{"host", "server.test.example"}, Realm: c.Name}
	if cache, err := e.InitiatorFor(c.Env, host); err != nil || !cache.Principal.Equal(c.named("bob")) {
		t.Errorf("%v, %v", cache, err)
	}
	// Then the choice is final.
	if tok, err = gss.ExportCred(c.Env, back, memory); err != nil || !bytes.Contains(tok, []byte("tktbob")) {
		t.Errorf("%q, %v", tok, err)
	}
}

// The name of a cache of type MEMORY is valid only in this process.
func TestCachesOfEachTypeAreExported(t *testing.T) {
	c := newCollection(t, "alice")
	ticket := c.Ticket(t, nil)
	if _, err := krb5.CreateCCache(c.Env, "MEMORY:mine", c.Client, ticket); err != nil {
		t.Fatal(err)
	}
	for name, inMemory := range map[string]bool{"MEMORY:mine": true, "DIR::" + c.dir + "/tkt": false, "FILE:" + c.dir + "/tkt": false} {
		cred, err := gss.AcquireFrom(c.Env, storeOf(t, "ccache", name), nil, 0, []token.OID{token.MechKRB5}, gss.Initiate)
		if err != nil {
			t.Fatal(err)
		}
		tok, err := gss.ExportCred(c.Env, cred, memory)
		if err != nil || token.IsSealed(tok) != inMemory || bytes.Contains(tok, []byte(name)) == inMemory {
			t.Fatalf("%s: %.80q, %v", name, tok, err)
		}
		back, err := gss.ImportCred(c.Env, tok, nil)
		if err != nil || back.InMemory() != inMemory {
			t.Fatalf("%s: %v", name, err)
		}
		back.Release()
		cred.Release()
	}
}

// Who can hand a token to a program chooses no cache in its memory, whatever the policy.
func TestTokenNamesNoCacheInMemory(t *testing.T) {
	for _, policy := range []string{"account", "open"} {
		r, c := inMemory(t, policy)
		defer c.Release()
		if _, err := gss.StoreInto(r.Env, storeOf(t, storeCCache, "MEMORY:mine"), c, gss.Initiate, token.MechKRB5, true, false); err != nil {
			t.Fatal(err)
		}
		for name, refused := range map[string]bool{"MEMORY:mine": true, "FILE:" + r.Dir + "/nobody's": false} {
			x := token.ExportedCred{Usage: int32(gss.Initiate), DefaultIdentity: true, CCache: name}
			back, err := gss.ImportCred(r.Env, token.AppendCredElement(nil, token.MechKRB5, x.Marshal()), nil)
			if err == nil || (status.Of(err).Major == status.DefectiveToken) != refused {
				t.Errorf("%s, %s: %v, %v", policy, name, back, err)
			}
		}
	}
}
