// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// hostEnv is a host in search domain s.test that knows some others.
func hostEnv(t testing.TB, config string) (*Env, *Config) {
	t.Helper()
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", config)})
	env.Library.resolvConf = writeFile(t, "resolv.conf", "search s.test t.test\n")
	env.Hosts = fakeHosts{
		"db": "db.corp.test 192.0.2.5", "db.corp.test": "db.corp.test 192.0.2.5", "192.0.2.5": "db.corp.test",
		"www.corp.test": "Web.corp.test. 192.0.2.6", "192.0.2.6": "Host6.corp.test.",
		"alias.corp.test": "real.corp.test 192.0.2.7",
		"2001:db8::5":     "six.corp.test",
		"nameless":        " 192.0.2.8",
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	return env, cfg
}

func TestServicePrincipal(t *testing.T) {
	const realms = "[domain_realm]\n db.corp.test = DB\n .corp.test = CORP\n s.test = S\n corp.test:1433 = WRONG\n"
	for _, test := range []struct{ name, settings, host, want string }{
		{"canonical", "", "db", "h/db.corp.test@DB"},
		{"reverse", "", "www.corp.test", "h/host6.corp.test@CORP"},
		{"rdns-off", "rdns = false", "www.corp.test", "h/web.corp.test@CORP"},
		{"no-name-of-the-address", "", "alias.corp.test", "h/real.corp.test@CORP"},
		{"upper-case", "", "WWW.Corp.Test", "h/host6.corp.test@CORP"},
		{"unknown", "", "Other.Corp.Test.", "h/other.corp.test@CORP"},
		{"unknown-with-two-dots-at-the-end", "", "other.corp.test..", "h/other.corp.test.@CORP"},
		{"unknown-short", "", "Other", "h/other.s.test@S"},
		{"unknown-short-with-a-dot", "", "other.", "h/other@"},
		{"unknown-short-in-a-domain", "qualify_shortname = corp.test", "other", "h/other.corp.test@CORP"},
		{"unknown-short-stays", `qualify_shortname = ""`, "other", "h/other@"},
		{"no-canonical-name", "", "nameless", "h/nameless.s.test@S"},
		{"off", "dns_canonicalize_hostname = false", "WWW.corp.test.", "h/www.corp.test@CORP"},
		{"off-short", "dns_canonicalize_hostname = false", "db", "h/db.s.test@S"},
		{"address", "", "192.0.2.5", "h/db.corp.test@DB"},
		{"address-6", "", "2001:db8::5", "h/six.corp.test@CORP"},
		{"address-unknown", "", "192.0.2.99", "h/192.0.2.99@"},
		{"address-6-unknown", "", "2001:DB8::99", "h/2001:db8::99@"},
		{"address-rdns-off", "rdns = false", "192.0.2.5", "h/192.0.2.5@"},
		{"address-6-rdns-off", "rdns = false", "2001:db8::5", "h/2001:db8::5@"},
		{"address-6-off", "dns_canonicalize_hostname = false", "::1", "h/::1@"},
		{"port", "", "db:1433", "h/db.corp.test:1433@DB"},
		{"port-off", "dns_canonicalize_hostname = false", "db.corp.test:1433", "h/db.corp.test:1433@DB"},
		{"port-short", "", "Other:1433", "h/other.s.test:1433@S"},
		{"instance", "", "WWW.corp.test:SQLexpress", "h/host6.corp.test:SQLexpress@CORP"},
		{"address-and-port", "", "192.0.2.5:1433", "h/db.corp.test:1433@DB"},
		{"colon-at-the-end", "", "Other.corp.test:", "h/other.corp.test:@"},
		{"not-ascii", "", "\xc4\xd6\xff.corp.test", "h/\xc4\xd6\xff.corp.test@CORP"},
		{"fallback-waits", "dns_canonicalize_hostname = fallback", "WWW:Port", "h/WWW:Port@"},
		{"long", "", strings.Repeat("a.", 20000) + "A", "h/" + strings.Repeat("a.", 20000) + "a@"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _ := hostEnv(t, "[libdefaults]\n"+test.settings+"\n"+realms)
			p, err := ServicePrincipal(env, "h", test.host)
			if err != nil || p.String() != test.want || p.Type != token.NTSrvHst {
				t.Errorf("%.200s of type %d, %v", p, p.Type, err)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	const realms = "[domain_realm]\n .corp.test = CORP\n s.test = S\n"
	for _, test := range []struct {
		name, settings, host, realm string
		want                        string
	}{
		{"true", "", "db", "", "h/db@"}, // what it has become is not looked at again
		{"false", "dns_canonicalize_hostname = false", "db", "", "h/db@"},
		{"fallback", "dns_canonicalize_hostname = fallback", "WWW.corp.test", "", "h/www.corp.test@CORP h/host6.corp.test@CORP"},
		{"fallback-short", "dns_canonicalize_hostname = fallback", "DB", "", "h/db.s.test@S h/db.corp.test@CORP"},
		{"fallback-port", "dns_canonicalize_hostname = fallback", "db:PORT", "", "h/db.s.test:PORT@S h/db.corp.test:PORT@CORP"},
		{"fallback-once", "dns_canonicalize_hostname = fallback", "db.corp.test", "", "h/db.corp.test@CORP"},
		{"fallback-unknown", "dns_canonicalize_hostname = fallback", "x.corp.test", "", "h/x.corp.test@CORP"},
		{"fallback-of-a-realm", "dns_canonicalize_hostname = fallback", "www.corp.test", "R", "h/www.corp.test@R h/host6.corp.test@R"},
		{"fallback-address", "dns_canonicalize_hostname = fallback", "192.0.2.5", "", "h/192.0.2.5@ h/db.corp.test@CORP"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, cfg := hostEnv(t, "[libdefaults]\n"+test.settings+"\n"+realms)
			p := token.Principal{Type: token.NTSrvHst, Components: []string{"h", test.host}, Realm: test.realm}
			var got []string
			for c, err := range Candidates(env, cfg, p) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, c.String())
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("%s, not %s", s, test.want)
			}
		})
	}
	env, cfg := hostEnv(t, "[libdefaults]\ndns_canonicalize_hostname = fallback\n")
	for c := range Candidates(env, cfg, mustPrincipal(t, "h/WWW.corp.test@")) {
		if c.String() != "h/WWW.corp.test@" {
			t.Errorf("a principal that was not made of a host-based name: %s", c)
		}
	}
	for range Candidates(env, cfg, token.Principal{Type: token.NTSrvHst, Components: []string{"h", "db"}}) {
		env.Hosts = nil // is not asked as long as the first name will do
		break
	}
}

// slowHosts answers only when the question's time is over.
type slowHosts struct{}

func (slowHosts) Addresses(ctx context.Context, _ string) (string, []netip.Addr, error) {
	<-ctx.Done()
	return "", nil, ctx.Err()
}

func (slowHosts) Name(ctx context.Context, _ netip.Addr) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// hurriedHosts fails unless each question has its own time limit.
type hurriedHosts struct{ t *testing.T }

func (h hurriedHosts) limited(ctx context.Context) {
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > lookupTimeout {
		h.t.Errorf("a question may last until %s", end)
	}
}

func (h hurriedHosts) Addresses(ctx context.Context, host string) (string, []netip.Addr, error) {
	h.limited(ctx)
	return host, []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

func (h hurriedHosts) Name(ctx context.Context, _ netip.Addr) (string, error) {
	h.limited(ctx)
	return "n", nil
}

func TestHostsThatDoNotAnswer(t *testing.T) {
	if name, err := canonicalHost(context.Background(), hurriedHosts{t}, "h", true); name != "n" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if name, err := canonicalHost(ctx, slowHosts{}, "h", true); name != "" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	memory := status.Errorf(status.Failure, status.G_BUFFER_ALLOC, "out of memory")
	if _, err := canonicalHost(ctx, failingHosts{memory}, "h", true); err != memory {
		t.Errorf("without memory another name is taken: %v", err)
	}
}

type failingHosts struct{ err error }

func (h failingHosts) Addresses(context.Context, string) (string, []netip.Addr, error) {
	return "", nil, h.err
}

func (h failingHosts) Name(context.Context, netip.Addr) (string, error) { return "", h.err }

func text(s string) []dnsmessage.ResourceBody {
	return []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{s}}}
}

func TestRealmsByDNS(t *testing.T) {
	records := map[string][]dnsmessage.ResourceBody{
		"TXT _kerberos.corp.test.":  text("CORP.TEST."),
		"TXT _kerberos.t.test.":     text("SEARCHED"),
		"TXT _kerberos.bad.test.":   {&dnsmessage.TXTResource{TXT: []string{"a b"}}, &dnsmessage.TXTResource{TXT: []string{"GOOD"}}},
		"TXT _kerberos.empty.test.": text("."),
	}
	d := fakeDNS(t, records)
	for _, test := range []struct{ name, settings, hostname, host, realm, fallback string }{
		{"by-a-domain", "dns_lookup_realm = true", "vm.x.corp.test", "a.b.corp.test", "CORP.TEST", "CORP.TEST"},
		{"canonical-name-of-this-host", "dns_lookup_realm = true", "DB", "x.nowhere.test", "CORP.TEST", "NOWHERE.TEST"},
		{"search-list", "dns_lookup_realm = true", "vm", "vm", "SEARCHED", "SEARCHED"},
		{"record-that-is-no-realm", "dns_lookup_realm = true", "x.bad.test", "x.empty.test", "GOOD", "EMPTY.TEST"},
		{"address", "dns_lookup_realm = true", "vm.corp.test", "192.0.2.1", "CORP.TEST", "CORP.TEST"},
		{"dns_fallback", "dns_fallback = true", "vm.corp.test", "vm.corp.test", "CORP.TEST", "CORP.TEST"},
		{"configured", "dns_lookup_realm = true\n default_realm = SET", "vm.corp.test", "vm.corp.test", "SET", "CORP.TEST"},
		{"off", "", "vm.corp.test", "vm.corp.test", "", "CORP.TEST"},
		{"none", "dns_lookup_realm = true", "vm.nowhere.test", "vm", "SEARCHED", "SEARCHED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, cfg := hostEnv(t, "[libdefaults]\n "+test.settings+"\n")
			env.Library.resolvConf = writeFile(t, "resolv.conf", "nameserver 127.0.0.1\nsearch s.test t.test\n")
			env.Library.resolvPort = d.Port
			env.Hostname = func() (string, error) { return test.hostname, nil }
			realm, err := env.DefaultRealm()
			if realm != test.realm || (err == nil) != (realm != "") {
				t.Errorf("the default realm is %q, %v", realm, err)
			}
			if realm, _ := env.fallbackRealm(cfg, test.host); realm != test.fallback {
				t.Errorf("the realm of %s is %q, not %q", test.host, realm, test.fallback)
			}
		})
	}
	env, _ := hostEnv(t, "[libdefaults]\n dns_lookup_realm = true\n")
	env.Library.resolvPort = d.Port
	env.Library.resolvConf = writeFile(t, "resolv.conf", "nameserver 127.0.0.1\nsearch nowhere.test\n")
	_, err := env.DefaultRealm()
	for _, words := range []string{"no default_realm in ", "DNS has no TXT record", "_kerberos.a.test", "_kerberos.nowhere.test"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%v: no %q", err, words)
		}
	}
	wantMinor(t, err, status.KRB5_CONFIG_NODEFREALM)
	env.Library.resolvConf = "/nonexistent/resolv.conf"
	env.Library.resolvPort = 1
	_, err = env.DefaultRealm()
	for _, words := range []string{"DNS does not answer: 127.0.0.1: ", "refused", "(/nonexistent/resolv.conf: no such file or directory)"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%v: no %q", err, words)
		}
	}
}

func TestResolverOfThisHost(t *testing.T) {
	env := newTestEnv(t, map[string]string{"LOCALDOMAIN": "l.test", "RES_OPTIONS": "timeout:7 attempts:4"})
	env.Library.resolvConf = writeFile(t, "resolv.conf", "nameserver 192.0.2.1\nsearch s.test\n")
	c := env.resolver().Config
	if c.Servers[0] != "192.0.2.1" || c.Search[0] != "l.test" || c.Timeout != 7*time.Second || c.Attempts != 4 {
		t.Errorf("%+v", c)
	}
	env = newTestEnv(t, nil)
	env.Library.resolvConf = writeFile(t, "resolv.conf", "")
	if c := env.resolver().Config; len(c.Search) != 1 || c.Search[0] != "a.test" { // of host.a.test
		t.Errorf("%+v", c)
	}
}
