// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

const (
	krb5kdc     = "/usr/sbin/krb5kdc"
	mitPassword = "correct horse"
)

// mitRealms is a running krb5kdc for A.TEST, B.TEST and C.TEST, where A shares a key with B, and B with C.
type mitRealms struct {
	dir  string
	addr string
}

func startMIT(t *testing.T) *mitRealms {
	t.Helper()
	if _, err := os.Stat(krb5kdc); err != nil {
		t.Skip("krb5-kdc not installed")
	}
	// Each process has a host of its own: a port that is free now may be somebody else's when the KDC begins.
	pid := os.Getpid()
	m := &mitRealms{dir: t.TempDir(), addr: fmt.Sprintf("127.%d.%d.%d:7088", 1+pid>>16, pid>>8&0xff, pid&0xff)}
	realms := []string{"A.TEST", "B.TEST", "C.TEST"}
	var profile strings.Builder
	fmt.Fprintf(&profile, "[kdcdefaults]\n kdc_listen = %s\n kdc_tcp_listen = %s\n[realms]\n", m.addr,
		m.addr)
	for _, r := range realms {
		fmt.Fprintf(&profile, ` %s = {
  database_name = %s/%s.db
  key_stash_file = %s/%s.stash
  acl_file = %s/acl
  max_life = 10h
  supported_enctypes = aes256-cts:normal aes128-cts:normal aes256-sha2:normal aes128-sha2:normal
 }
`, r, m.dir, r, m.dir, r, m.dir)
	}
	m.write(t, "kdc.conf", profile.String()+"[logging]\n kdc = FILE:"+m.dir+"/kdc.log\n")
	m.write(t, "kdc-krb5.conf", m.config(`
[domain_realm]
 .a.test = A.TEST
 .b.test = B.TEST
 .c.test = C.TEST
[capaths]
 A.TEST = {
  C.TEST = B.TEST
 }
`))
	principals := map[string][]string{
		"A.TEST": {"alice", "host/a.a.test", "krbtgt/B.TEST"},
		"B.TEST": {"host/b.b.test", "krbtgt/B.TEST@A.TEST", "krbtgt/C.TEST"},
		"C.TEST": {"host/c.c.test", "krbtgt/C.TEST@B.TEST"},
	}
	for _, r := range realms {
		m.run(t, "", "kdb5_util", "create", "-s", "-r", r, "-P", "master")
		var script strings.Builder
		for _, p := range principals[r] {
			fmt.Fprintf(&script, "addprinc +ok_as_delegate -pw \"%s\" %s\n", mitPassword, p)
		}
		if r == "A.TEST" {
			for e, name := range mitEnctypes {
				fmt.Fprintf(&script, "addprinc -e %s:normal -pw \"%s\" etype%d/a.a.test\n", name, mitPassword, e)
			}
		}
		m.run(t, script.String(), "kadmin.local", "-r", r)
	}
	kdc := exec.Command(krb5kdc, "-n", "-r", "A.TEST", "-r", "B.TEST", "-r", "C.TEST")
	kdc.Env = m.env("kdc-krb5.conf")
	if err := kdc.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kdc.Process.Kill()
		kdc.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(m.dir + "/kdc.log")
			t.Logf("%s", log)
		}
	})
	for i := 0; ; i++ {
		conn, err := net.Dial("tcp", m.addr)
		if err == nil {
			conn.Close()
			return m
		}
		if i == 1000 {
			t.Fatal("krb5kdc does not listen")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

var mitEnctypes = map[crypto.EType]string{
	crypto.AES128SHA1: "aes128-cts-hmac-sha1-96",
	crypto.AES256SHA1: "aes256-cts-hmac-sha1-96",
	crypto.AES128SHA2: "aes128-cts-hmac-sha256-128",
	crypto.AES256SHA2: "aes256-cts-hmac-sha384-192",
}

func (m *mitRealms) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// config returns a krb5.conf for the three realms, with additions.
func (m *mitRealms) config(added string) string {
	var b strings.Builder
	b.WriteString("[libdefaults]\n default_realm = A.TEST\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n" +
		" rdns = false\n forwardable = true\n[realms]\n")
	for _, r := range []string{"A.TEST", "B.TEST", "C.TEST"} {
		fmt.Fprintf(&b, " %s = {\n  kdc = %s\n }\n", r, m.addr)
	}
	return b.String() + added
}

func (m *mitRealms) env(config string) []string {
	return []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "KRB5_CONFIG=" + m.dir + "/" + config,
		"KRB5_KDC_PROFILE=" + m.dir + "/kdc.conf", "KRB5CCNAME=FILE:" + m.dir + "/cc", "KRB5RCACHENAME=none:", "LC_ALL=C"}
}

func (m *mitRealms) run(t *testing.T, input, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = m.env("kdc-krb5.conf")
	for _, dir := range []string{"/usr/sbin/", "/usr/bin/"} {
		if _, err := os.Stat(dir + program); err == nil {
			cmd.Path, cmd.Err = dir+program, nil
		}
	}
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// client returns the environment of one of alice's programs, with additions to krb5.conf.
func (m *mitRealms) client(t *testing.T, added string) (*Env, *Config) {
	t.Helper()
	m.write(t, "client.conf", m.config(added))
	return testEnv(t, map[string]string{"KRB5_CONFIG": m.dir + "/client.conf", "KRB5CCNAME": "FILE:" + m.dir + "/cc"})
}

// testEnv is newTestEnv on another host, with its configuration.
func testEnv(t *testing.T, vars map[string]string) (*Env, *Config) {
	t.Helper()
	env := newTestEnv(t, vars)
	env.LookupUID = func(uint32) (string, bool) { return "", false }
	env.Hostname = func() (string, error) { return "client.a.test", nil }
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	return env, cfg
}

// passwordKey returns the keys that kadmin's -pw derives from the password.
func passwordKey(p token.Principal) keySource {
	return func(e crypto.EType) (*crypto.Key, error) {
		return crypto.StringToKey(e, []byte(mitPassword), p.Realm+strings.Join(p.Components, ""), e.DefaultIterations())
	}
}

// checkTicket decrypts a ticket as its service would.
func checkTicket(t *testing.T, cred *Credential, service token.Principal) *token.EncTicketPart {
	t.Helper()
	ticket, err := token.ParseTicket(cred.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	key, err := passwordKey(service)(crypto.EType(ticket.Enc.EType))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := key.Decrypt(usageTicket, ticket.Enc.Cipher)
	if err != nil {
		t.Fatal(err)
	}
	part, err := token.ParseEncTicketPart(plain)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(part.Key.Value, cred.Key.Value) || part.Key.EType != cred.Key.EType {
		t.Error("the service has another session key than we")
	}
	if !part.Client.Equal(cred.Client) {
		t.Errorf("ticket is for %s, credential for %s", part.Client, cred.Client)
	}
	return part
}

func TestMIT(t *testing.T) {
	m := startMIT(t)
	alice := mustPrincipal(t, "alice@A.TEST")

	login := func(t *testing.T, env *Env, cfg *Config) *CCache {
		t.Helper()
		tgt, err := InitialCredential(env, cfg, alice, 0, passwordKey(alice))
		if err != nil {
			t.Fatal(err)
		}
		cc, err := CreateCCache(env, "", alice, tgt)
		if err != nil {
			t.Fatal(err)
		}
		return cc
	}
	ticket := func(t *testing.T, env *Env, cfg *Config, cc *CCache, name string) *Credential {
		t.Helper()
		server := mustPrincipal(t, name)
		cred, err := ServiceTicket(env, cfg, cc, server, TGSOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkTicket(t, cred, server)
		return cred
	}
	inCache := func(cc *CCache, server string) bool {
		return slices.ContainsFunc(cc.Credentials(), func(c *Credential) bool { return c.Server.String() == server })
	}

	t.Run("same-realm-and-klist-reads-the-cache", func(t *testing.T) {
		env, cfg := m.client(t, "")
		cc := login(t, env, cfg)
		cred := ticket(t, env, cfg, cc, "host/a.a.test@A.TEST")
		again, err := ServiceTicket(env, cfg, cc, cred.Server, TGSOptions{})
		if err != nil || !bytes.Equal(again.Ticket, cred.Ticket) {
			t.Errorf("second call got another ticket, or %v", err)
		}
		if out := m.run(t, "", "klist", "-e"); !strings.Contains(out, "host/a.a.test@A.TEST") {
			t.Errorf("klist does not show the ticket:\n%s", out)
		}
	})
	t.Run("cache-of-kinit", func(t *testing.T) {
		m.run(t, mitPassword+"\n", "kinit", "-f", "alice@A.TEST")
		env, cfg := m.client(t, "")
		cc, err := env.Library.OpenCCache(env, "")
		if err != nil {
			t.Fatal(err)
		}
		ticket(t, env, cfg, cc, "host/a.a.test@A.TEST")
		// MIT's kvno finds ours in the cache: the KDC's log shows no second request.
		before, _ := os.ReadFile(m.dir + "/kdc.log")
		m.run(t, "", "kvno", "host/a.a.test@A.TEST")
		if after, _ := os.ReadFile(m.dir + "/kdc.log"); len(before) != len(after) {
			t.Errorf("kvno asked the KDC:\n%s", after[len(before):])
		}
	})
	for e := range mitEnctypes {
		t.Run("enctype-"+e.String(), func(t *testing.T) {
			env, cfg := m.client(t, fmt.Sprintf("[libdefaults]\n default_tkt_enctypes = %s\n", mitEnctypes[e]))
			cc := login(t, env, cfg)
			service := mustPrincipal(t, fmt.Sprintf("etype%d/a.a.test@A.TEST", e))
			cred, err := ServiceTicket(env, cfg, cc, service, TGSOptions{EncTypes: []crypto.EType{e}})
			if err != nil {
				t.Fatal(err)
			}
			if cred.Key.EType != int32(e) {
				t.Errorf("session key has enctype %d", cred.Key.EType)
			}
			checkTicket(t, cred, service)
		})
	}
	t.Run("one-hop", func(t *testing.T) {
		env, cfg := m.client(t, "")
		cc := login(t, env, cfg)
		ticket(t, env, cfg, cc, "host/b.b.test@B.TEST")
		if !inCache(cc, "krbtgt/B.TEST@A.TEST") {
			t.Error("the cross-realm TGT was not kept")
		}
	})
	t.Run("two-hops-by-capaths", func(t *testing.T) {
		env, cfg := m.client(t, "[capaths]\n A.TEST = {\n  C.TEST = B.TEST\n }\n")
		cc := login(t, env, cfg)
		ticket(t, env, cfg, cc, "host/c.c.test@C.TEST")
		if !inCache(cc, "krbtgt/B.TEST@A.TEST") || !inCache(cc, "krbtgt/C.TEST@B.TEST") {
			t.Error("the cross-realm TGTs were not kept")
		}
	})
	t.Run("two-hops-by-the-kdc's-capaths", func(t *testing.T) {
		env, cfg := m.client(t, "")
		cc := login(t, env, cfg)
		ticket(t, env, cfg, cc, "host/c.c.test@C.TEST")
	})
	for _, target := range []string{"a.a.test@A.TEST", "b.b.test@B.TEST", "c.c.test@C.TEST"} {
		t.Run("referral-to-"+target, func(t *testing.T) {
			env, cfg := m.client(t, "")
			cc := login(t, env, cfg)
			real := mustPrincipal(t, "host/"+target)
			asked := token.Principal{Type: token.NTSrvHst, Components: real.Components}
			cred, err := ServiceTicket(env, cfg, cc, asked, TGSOptions{})
			if err != nil {
				t.Fatal(err)
			}
			checkTicket(t, cred, real)
			env.Library = new(Library)
			cc, err = env.Library.OpenCCache(env, "")
			if err != nil {
				t.Fatal(err)
			}
			q := newRequester(env, cfg, cc, nil)
			if q.cachedTicket(cc, asked) == nil {
				t.Error("the ticket is not found under the name without realm")
			}
		})
	}
	t.Run("unknown-service", func(t *testing.T) {
		env, cfg := m.client(t, "")
		cc := login(t, env, cfg)
		for _, name := range []string{"host/nobody.a.test@A.TEST", "host/nobody.a.test@B.TEST"} {
			_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, name), TGSOptions{})
			if e := status.Of(err); e == nil || e.Minor != status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN ||
				!strings.Contains(e.Text, name) || !strings.Contains(e.Text, "alice@A.TEST") {
				t.Errorf("%s: %v", name, err)
			}
		}
		asked := token.Principal{Type: token.NTSrvHst, Components: []string{"host", "nobody.example.test"}}
		_, err := ServiceTicket(env, cfg, cc, asked, TGSOptions{})
		if e := status.Of(err); e == nil || e.Minor != status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN {
			t.Errorf("%s: %v", asked, err)
		}
	})
	t.Run("over-tcp", func(t *testing.T) {
		env, cfg := m.client(t, "[libdefaults]\n udp_preference_limit = 0\n")
		cc := login(t, env, cfg)
		host := mustPrincipal(t, "host/a.a.test@A.TEST")
		if _, err := ServiceTicket(env, cfg, cc, host, TGSOptions{}); err != nil {
			t.Fatal(err)
		}
	})
	for name, offset := range map[string]time.Duration{"clock-20-minutes-slow": -20 * time.Minute,
		"clock-20-minutes-fast": 20 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			env, cfg := m.client(t, "")
			env.Now = func() time.Time { return time.Now().Add(offset) }
			cc := login(t, env, cfg)
			ticket(t, env, cfg, cc, "host/a.a.test@A.TEST")
		})
	}
	t.Run("forwarded-tgt", func(t *testing.T) {
		env, cfg := m.client(t, "")
		cc := login(t, env, cfg)
		cred, err := ForwardedTGT(env, cfg, cc)
		if err != nil {
			t.Fatal(err)
		}
		if cred.Flags&token.TicketForwarded == 0 || cred.Server.String() != "krbtgt/A.TEST@A.TEST" {
			t.Errorf("%s with flags %#x", cred.Server, cred.Flags)
		}
		// Anyone who has it can use it.
		ticket(t, env, cfg, NewMemoryCCache(alice, cred), "host/a.a.test@A.TEST")
	})
	t.Run("client-keytab", func(t *testing.T) {
		keytab := m.dir + "/client.keytab"
		m.run(t, "ktadd -norandkey -k "+keytab+" alice\n", "kadmin.local", "-r", "A.TEST")
		env, cfg := m.client(t, "[libdefaults]\n default_client_keytab_name = FILE:"+keytab+"\n renew_lifetime = 2d\n")
		cc, err := FromClientKeytab(env, &alice, "", "", 0)
		if err != nil || cc == nil {
			t.Fatal(cc, err)
		}
		ticket(t, env, cfg, cc, "host/a.a.test@A.TEST")
		if out := m.run(t, "", "klist"); !strings.Contains(out, "Default principal: alice@A.TEST") {
			t.Errorf("klist:\n%s", out)
		}
	})
	t.Run("wrong-key", func(t *testing.T) {
		env, cfg := m.client(t, "")
		_, err := InitialCredential(env, cfg, alice, 0, func(e crypto.EType) (*crypto.Key, error) {
			return crypto.RandomKey(e, rand.Reader)
		})
		if e := status.Of(err); e == nil {
			t.Error("a random key was accepted")
		}
	})
	t.Run("preauthentication", func(t *testing.T) {
		m.run(t, "modprinc +requires_preauth alice\n", "kadmin.local", "-r", "A.TEST")
		for e := range mitEnctypes {
			env, cfg := m.client(t, "")
			_, err := InitialCredential(env, cfg, alice, 0, func(wanted crypto.EType) (*crypto.Key, error) {
				if wanted != e {
					return nil, nil
				}
				return passwordKey(alice)(e)
			})
			if err != nil {
				t.Errorf("only a key of %s: %v", e, err)
			}
		}
		env, cfg := m.client(t, "")
		_, err := InitialCredential(env, cfg, alice, 0, func(e crypto.EType) (*crypto.Key, error) {
			return crypto.RandomKey(e, rand.Reader)
		})
		if e := status.Of(err); e == nil || e.Minor != status.KRB5KDC_ERR_PREAUTH_FAILED {
			t.Errorf("random key: %v", err)
		}
		env.Now = func() time.Time { return time.Now().Add(-20 * time.Minute) }
		if _, err := InitialCredential(env, cfg, alice, 0, passwordKey(alice)); err != nil {
			t.Errorf("clock 20 minutes slow: %v", err)
		}
	})
}
