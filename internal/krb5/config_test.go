// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// configCase is one case of testdata/config.txt.
type configCase struct {
	name      string
	conf      strings.Builder
	questions [][2]string
	fault     string
}

func readConfigCases(t *testing.T) []*configCase {
	t.Helper()
	b, err := os.ReadFile("testdata/config.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []*configCase
	var c *configCase
	for i, line := range strings.Split(string(b), "\n") {
		switch {
		case strings.HasPrefix(line, "== "):
			c = &configCase{name: line[3:]}
			cases = append(cases, c)
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "|e "):
			s, err := strconv.Unquote(`"` + line[3:] + `"`)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			c.conf.WriteString(s)
		case line[0] == '|':
			c.conf.WriteString(line[1:] + "\n")
		case line[0] == '?':
			c.questions = append(c.questions, [2]string{line[2:], ""})
		case line[0] == '=':
			c.questions[len(c.questions)-1][1] = strings.TrimPrefix(line[1:], " ")
		case line[0] == '!':
			c.fault = line[2:]
		default:
			t.Fatalf("line %d: %q", i+1, line)
		}
	}
	return cases
}

var minorNames = map[status.Minor]string{
	status.KRB5_CONFIG_NODEFREALM: "KRB5_CONFIG_NODEFREALM",
	status.KRB5_LNAME_NOTRANS:     "KRB5_LNAME_NOTRANS",
	status.KRB5_CONFIG_BADFORMAT:  "KRB5_CONFIG_BADFORMAT",
}

func join[T any](list []T) string {
	var s []string
	for _, v := range list {
		s = append(s, fmt.Sprint(v))
	}
	return strings.Join(s, " , ")
}

func (s Server) String() string {
	proto, host := "", s.Host
	if s.Proto != "" {
		proto = s.Proto + "/"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s%s:%d", proto, host, s.Port)
}

// answer asks c a question of config.txt.
func answer(t *testing.T, c *Config, question string) string {
	t.Helper()
	or := func(s string, err error) string {
		var e *status.Error
		if errors.As(err, &e) {
			return "error " + minorNames[e.Minor]
		}
		return s
	}
	f := strings.Fields(question)
	switch f[0] {
	case "get":
		return strings.NewReplacer("\t", `\t`, "\n", `\n`, `"`, `\"`, `\`, `\\`).Replace(join(c.Setting(f[1:]...)))
	case "default_realm":
		return or(c.DefaultRealm())
	case "kdcs":
		return join(c.KDCs(f[1]))
	case "realm":
		return c.RealmOfHost(f[1])
	case "fallback":
		return c.FallbackRealmOfHost(f[1])
	case "permitted":
		return join(c.PermittedEnctypes())
	case "tgs":
		return join(c.TGSEnctypes())
	case "tkt":
		return join(c.TktEnctypes())
	case "bool":
		return fmt.Sprint(map[string]func() bool{"rdns": c.RDNS, "forwardable": func() bool { return c.Forwardable("A.TEST") }}[f[1]]())
	case "duration":
		s, _ := c.first("libdefaults", f[1])
		if d, ok := parseDuration(s); ok {
			return d.String()
		}
		return "malformed"
	case "canonicalize":
		return c.DNSCanonicalizeHostname().String()
	case "clockskew":
		return c.ClockSkew().String()
	case "capath":
		return join(c.Capath(f[1], f[2]))
	case "local":
		return or(localName(c, mustPrincipal(t, f[1])))
	case "udp_limit":
		return fmt.Sprint(c.UDPPreferenceLimit())
	case "dns_kdc":
		return fmt.Sprint(c.DNSLookupKDC())
	}
	t.Fatalf("question %q", question)
	return ""
}

func TestConfigVectors(t *testing.T) {
	cases := readConfigCases(t)
	if len(cases) < 70 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, v := range cases {
		t.Run(v.name, func(t *testing.T) {
			path := writeFile(t, "krb5.conf", v.conf.String())
			env := newTestEnv(t, map[string]string{"KRB5_CONFIG": path})
			c, err := env.Library.Config(env)
			if v.fault != "" {
				text := wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
				if !strings.Contains(text, v.fault) || !strings.Contains(text, path) {
					t.Fatalf("error %q, want %q and the path", text, v.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(v.questions) == 0 {
				t.Fatal("nothing is asked")
			}
			for _, q := range v.questions {
				if got := answer(t, c, q[0]); got != q[1] {
					t.Errorf("%s = %q, want %q", q[0], got, q[1])
				}
			}
		})
	}
}

// config reads the files that KRB5_CONFIG lists.
func config(t *testing.T, list ...string) (*Config, error) {
	t.Helper()
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": strings.Join(list, ":")})
	return env.Library.Config(env)
}

func wantSetting(t *testing.T, c *Config, want string, path ...string) {
	t.Helper()
	if got := join(c.Setting(path...)); got != want {
		t.Errorf("%s = %q, want %q", strings.Join(path, "/"), got, want)
	}
}

func TestConfigListGivesTheValuesOfAllFilesInOrder(t *testing.T) {
	a := writeFile(t, "a", "[libdefaults]\nx = 1\n[realms]\nA = {\nkdc = a1\n}\n")
	b := writeFile(t, "b", "[libdefaults]\nx = 2\ny = 3\n[realms]\nA = {\nkdc = a2\n}\n")
	c, err := config(t, a, "/nonexistent/krb5.conf", "", b)
	if err != nil {
		t.Fatal(err)
	}
	wantSetting(t, c, "1 , 2", "libdefaults", "x")
	wantSetting(t, c, "3", "libdefaults", "y")
	wantSetting(t, c, "a1 , a2", "realms", "A", "kdc")
}

func TestFinalSectionsKeepLaterFilesOut(t *testing.T) {
	later := writeFile(t, "b", "[libdefaults]\nx = 2\n[realms]\nA = {\nkdc = a2\n}\nB = {\nkdc = b2\n}\n")
	for _, v := range []struct{ name, conf, x, a, b string }{
		{"section", "[libdefaults]*\nx = 1\n", "1", "a2", "b2"},
		{"closing-brace", "[realms]\nA = {\nkdc = a1\n}*\n", "2", "a1", "b2"},
		{"tag", "[realms]\nA* = {\nkdc = a1\n}\n", "2", "a1", "b2"},
		{"one-line", "[realms]\nA = { kdc = a1 }*\n", "2", "a1", "b2"},
		{"relation-has-no-effect", "[libdefaults]\nx* = 1\n", "1 , 2", "a2", "b2"},
	} {
		t.Run(v.name, func(t *testing.T) {
			c, err := config(t, writeFile(t, "a", v.conf), later)
			if err != nil {
				t.Fatal(err)
			}
			wantSetting(t, c, v.x, "libdefaults", "x")
			wantSetting(t, c, v.a, "realms", "A", "kdc")
			wantSetting(t, c, v.b, "realms", "B", "kdc")
		})
	}
}

func TestIncludeAddsWhereItStands(t *testing.T) {
	inc := writeFile(t, "inc", "ignored\n[libdefaults]\nx = inc\n")
	c, err := config(t, writeFile(t, "a", "[libdefaults]\nx = 1\ninclude "+inc+" \nx = 2\n[realms]\nA = {\ninclude\t"+inc+
		"\nkdc = k\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantSetting(t, c, "1 , inc , 2 , inc", "libdefaults", "x")
	wantSetting(t, c, "k", "realms", "A", "kdc")
}

func TestIncludedirTakesTheNamesThatMITTakesInOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a.conf", "B", "c-d_1", "a,b.conf", ".conf", ".h.conf", "x.rpmsave", "y~", "ü"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("[libdefaults]\nx = "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := config(t, writeFile(t, "k", "includedir "+dir+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantSetting(t, c, "B , a,b.conf , a.conf , b , c-d_1", "libdefaults", "x")
	if c, err = config(t, dir); err != nil {
		t.Fatal(err)
	}
	wantSetting(t, c, "B , a,b.conf , a.conf , b , c-d_1", "libdefaults", "x")
}

func TestFaultInAnIncludedFileNamesBothFiles(t *testing.T) {
	inc := writeFile(t, "inc", "[libdefaults]\nx\n")
	conf := writeFile(t, "krb5.conf", "[libdefaults]\n\ninclude "+inc+"\n")
	_, err := config(t, conf)
	text := wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
	for _, want := range []string{inc + ", line 2", conf + ", line 3"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not name %q", text, want)
		}
	}
}

func TestMissingIncludeIsAnError(t *testing.T) {
	for _, line := range []string{"include /nonexistent/file", "includedir /nonexistent/directory"} {
		_, err := config(t, writeFile(t, "k", line+"\n"))
		if text := wantMinor(t, err, status.KRB5_CONFIG_CANTOPEN); !strings.Contains(text, "/nonexistent") {
			t.Error(text)
		}
	}
}

func TestIncludeOfItselfIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(path, []byte("include "+path+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config(t, path)
	wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
}

func TestMissingConfigIsEmptyAndTheErrorSaysWhy(t *testing.T) {
	c, err := config(t, "/nonexistent/krb5.conf")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.DefaultRealm()
	text := wantMinor(t, err, status.KRB5_CONFIG_NODEFREALM)
	if !strings.Contains(text, "/nonexistent/krb5.conf (no such file)") {
		t.Error(text)
	}
}

func TestUnreadableConfigIsAnErrorUnlessAnotherOneIsThere(t *testing.T) {
	asOrdinaryUser(t)
	denied := writeFile(t, "denied", "[libdefaults]\n")
	if err := os.Chmod(denied, 0); err != nil {
		t.Fatal(err)
	}
	_, err := config(t, denied)
	if text := wantMinor(t, err, status.KRB5_CONFIG_CANTOPEN); !strings.Contains(text, denied) {
		t.Error(text)
	}
	if _, err = config(t, denied, writeFile(t, "k", "")); err != nil {
		t.Error(err)
	}
}

func TestDevNullIsAnEmptyConfig(t *testing.T) {
	if _, err := config(t, os.DevNull); err != nil {
		t.Fatal(err)
	}
}

func TestConfigIsBounded(t *testing.T) {
	big := writeFile(t, "big", "[libdefaults]\n"+strings.Repeat("x = 1\n", maxConfigSize/6))
	_, err := config(t, big)
	if text := wantMinor(t, err, status.KRB5_CONFIG_CANTOPEN); !strings.Contains(text, "larger than 4 MiB") {
		t.Error(text)
	}
	deep := writeFile(t, "deep", "[libdefaults]\n"+strings.Repeat("x = {\n", maxNesting+1))
	_, err = config(t, deep)
	wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
}

func TestLongLinesAreWhole(t *testing.T) {
	long := strings.Repeat("k", 100_000)
	c, err := config(t, writeFile(t, "k", "[libdefaults]\nx = "+long+"\ny = 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantSetting(t, c, long, "libdefaults", "x")
	wantSetting(t, c, "1", "libdefaults", "y")
}

func TestChangedConfigIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	inc := filepath.Join(dir, "inc")
	path := filepath.Join(dir, "krb5.conf")
	write := func(path, contents string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(inc, "[libdefaults]\ndefault_realm = A\n")
	write(path, "include "+inc+"\n")
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": path})
	want := func(realm string) *Config {
		t.Helper()
		c, err := env.Library.Config(env)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := c.DefaultRealm(); got != realm {
			t.Fatalf("realm %q, want %q", got, realm)
		}
		return c
	}
	want("A")
	write(inc, "[libdefaults]\ndefault_realm = B\n") // the same size, at once
	want("B")
	time.Sleep(2 * tick)
	want("B")
	if a, b := want("B"), want("B"); a != b {
		t.Error("an unchanged configuration was parsed again")
	}
	write(inc, "[libdefaults]\ndefault_realm = C\n")
	want("C")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("")
}

func TestEnvironmentIsReadAtEachCall(t *testing.T) {
	conf := writeFile(t, "k", "[libdefaults]\ndefault_ccache_name = FILE:/c/%{euid}/%{null}x\n")
	environ := map[string]string{"KRB5_CONFIG": conf}
	env := newTestEnv(t, environ)
	c, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.DefaultCCacheName(env)
	if want := fmt.Sprintf("FILE:/c/%d/x", env.EUID); got != want || err != nil {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	environ["KRB5CCNAME"] = "FILE:/tmp/%{uid}"
	if got, _ := c.DefaultCCacheName(env); got != "FILE:/tmp/%{uid}" {
		t.Errorf("%q; the environment is not expanded", got)
	}
}

func TestDefaultNames(t *testing.T) {
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": os.DevNull})
	c, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := c.DefaultCCacheName(env); got != fmt.Sprintf("FILE:/tmp/krb5cc_%d", os.Getuid()) {
		t.Error(got)
	}
	if got, _ := c.DefaultKeytabName(env); got != "FILE:/etc/krb5.keytab" {
		t.Error(got)
	}
}

// An empty variable hides what would be found without it, as in MIT krb5 and Heimdal: a program that clears KRB5CCNAME
// does not want anybody's tickets.
func TestEmptyVariablesNameNothing(t *testing.T) {
	environ := map[string]string{"KRB5_CONFIG": writeFile(t, "k", "[libdefaults]\n"+
		"default_realm = A.TEST\ndefault_ccache_name = FILE:/c\ndefault_keytab_name = FILE:/k\ndefault_client_keytab_name = FILE:/l\n")}
	env := newTestEnv(t, environ)
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	for variable, name := range map[string]func(*Env) (string, error){
		"KRB5CCNAME": cfg.DefaultCCacheName, "KRB5_KTNAME": cfg.DefaultKeytabName, "KRB5_CLIENT_KTNAME": cfg.ClientKeytabName,
	} {
		if got, err := name(env); got == "FILE:" || err != nil {
			t.Errorf("%s unset: %q, %v", variable, got, err)
		}
		environ[variable] = ""
		if got, err := name(env); got != "FILE:" || err != nil {
			t.Errorf("%s empty: %q, %v", variable, got, err)
		}
	}
	_, err = env.Library.OpenCCache(env, "")
	wantMinor(t, err, status.KRB5_FCC_NOFILE)
	_, err = env.Library.OpenKeytab(env, "")
	wantMinor(t, err, status.Minor(unix.ENOENT))
	environ["KRB5RCACHETYPE"] = ""
	_, err = OpenReplayCache(env, cfg)
	wantMinor(t, err, status.KRB5_RC_TYPE_NOTFOUND)
	environ["KRB5RCACHENAME"] = ""
	_, err = OpenReplayCache(env, cfg)
	wantMinor(t, err, status.KRB5_RC_PARSE)

	environ["KRB5_CONFIG"] = ""
	env.Library.policy.Store(&cachedPolicy{hostConfig, env.EUID, time.Since(started), &ContextPolicy{Kind: PolicyOpen}})
	if p, err := env.ContextPolicy(); err != nil || p.Kind != PolicyAccount {
		t.Errorf("the policy of no configuration: %v, %v", p, err)
	}
	_, err = env.DefaultRealm()
	if text := wantMinor(t, err, status.KRB5_CONFIG_NODEFREALM); !strings.Contains(text, "KRB5_CONFIG, which names no file") {
		t.Error(text)
	}
}

func TestPathTokens(t *testing.T) {
	env := newTestEnv(t, map[string]string{"TMPDIR": "/t"})
	for in, want := range map[string]string{
		"%{username}": "user", "%{TEMP}/x": "/t/x", "a%{null}b": "ab", "plain%": "plain%",
		"%{USERID}": strconv.Itoa(os.Getuid()), "%{uid}": strconv.Itoa(os.Getuid()), "%{euid}": strconv.Itoa(env.EUID),
		"%{BINDIR}/x": "/usr/bin/x", "%{SBINDIR}": "/usr/sbin", "%{LIBDIR}": installed["LIBDIR"], "%{LIBEXEC}": installed["LIBEXEC"],
	} {
		if got, err := expandPath(env, in); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"%{nothing}", "%{uid", "%{}"} {
		if got, err := expandPath(env, in); err == nil {
			t.Errorf("%s: %q, want an error", in, got)
		}
	}
}

func localName(c *Config, p token.Principal) (string, error) {
	realm, err := c.DefaultRealm()
	if err != nil {
		return "", noLocalName(p)
	}
	return c.LocalName(p, realm)
}

func TestTooManyConfigFilesAreAnError(t *testing.T) {
	dir := t.TempDir()
	for i := range maxProfileFiles + 1 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.conf", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	many := strings.Repeat("includedir "+t.TempDir()+"\n", maxProfileFiles+1)
	for _, name := range []string{dir, writeFile(t, "krb5.conf", "includedir "+dir+"\n"), writeFile(t, "many.conf", many)} {
		env := newTestEnv(t, map[string]string{"KRB5_CONFIG": name})
		_, err := env.Library.Config(env)
		if text := wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT); !strings.Contains(text, "more than 512 configuration files") {
			t.Error(text)
		}
	}
}
