// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"libgssapi/internal/dns"
	"libgssapi/internal/status"
)

// fakeDNS answers from records, by name and type. A name without records does not exist.
func fakeDNS(t *testing.T, records map[string][]dnsmessage.ResourceBody) *resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header = dnsmessage.Header{ID: m.ID, Response: true, RCode: dnsmessage.RCodeNameError}
			m.Additionals = nil
			for _, body := range records[strings.TrimPrefix(q.Type.String(), "Type")+" "+q.Name.String()] {
				m.RCode = dnsmessage.RCodeSuccess
				h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: body})
			}
			if b, err := m.Pack(); err == nil {
				conn.WriteTo(b, from)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return &resolver{Client: dns.Client{
		Config: dns.Config{Servers: []string{"127.0.0.1"}, Timeout: 5 * time.Second, Attempts: 1},
		Port:   uint16(conn.LocalAddr().(*net.UDPAddr).Port),
		Rand:   rand.Reader,
		Limit:  lookupTimeout,
	}}
}

// fakeHosts maps host names, in lower case, to a canonical name and an address, and addresses to a name.
type fakeHosts map[string]string

func (h fakeHosts) Addresses(_ context.Context, host string) (string, []netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return host, []netip.Addr{ip}, nil
	}
	canonical, text, ok := strings.Cut(h[strings.ToLower(host)], " ")
	if !ok {
		return "", nil, errors.New("unknown")
	}
	return canonical, []netip.Addr{netip.MustParseAddr(text)}, nil
}

func (h fakeHosts) Name(_ context.Context, ip netip.Addr) (string, error) {
	if name, ok := h[ip.String()]; ok {
		return name, nil
	}
	return "", errors.New("unknown")
}

func TestLocate(t *testing.T) {
	srv := func(priority uint16, target string, port uint16) dnsmessage.ResourceBody {
		return &dnsmessage.SRVResource{Priority: priority, Port: port, Target: dnsmessage.MustNewName(target)}
	}
	uri := func(priority uint16, text string) dnsmessage.ResourceBody {
		return &dnsmessage.UnknownResource{Type: 256, Data: append([]byte{0, byte(priority), 0, 0}, text...)}
	}
	n := &network{pace: quick, dns: fakeDNS(t, map[string][]dnsmessage.ResourceBody{
		"SRV _kerberos._udp.r.":      {srv(20, "second.r.", 88), srv(10, "first.r.", 750)},
		"SRV _kerberos._tcp.r.":      {srv(0, "first.r.", 88)},
		"SRV _kerberos._udp.none.":   {srv(0, ".", 88)},
		"256 _kerberos.uri.":         {uri(20, "krb5srv:m:tcp:Second.uri:750"), uri(10, "KRB5SRV::udp:[::1]")},
		"SRV _kerberos._udp.uri.":    {srv(0, "not.asked.for.", 88)},
		"256 _kerberos.proxy.":       {uri(0, "krb5srv:m:kkdcp:https://p/KdcProxy"), uri(1, "http://p"), uri(2, "krb5srv:m:tcp:p:0"), uri(3, "krb5srv:m:tcp:88")},
		"256 _kerberos.proxy2.":      {uri(0, "krb5srv::kkdcp:https://p"), uri(1, "krb5srv:a:sctp:p"), uri(2, "krb5srv:m:tcp")},
		"SRV _kerberos._tcp.proxy2.": {srv(0, "first.r.", 88)},
	})}
	ctx, cancel := context.WithTimeout(context.Background(), 2*busy)
	defer cancel()
	for _, test := range []struct {
		name, realm string
		dns         bool // nothing but DNS knows the realm
		preferTCP   bool
		kdcs        []string
		want        []Server
		why         string
	}{
		{name: "configured-kdcs-keep-their-order", realm: "R", kdcs: []string{"b", "a:89", "tcp/c"},
			want: []Server{{"", "b", 88}, {"", "a", 89}, {"tcp", "c", 88}}},
		{name: "srv-records-by-priority-udp-first", realm: "R", dns: true,
			want: []Server{{"udp", "first.r.", 750}, {"udp", "second.r.", 88}, {"tcp", "first.r.", 88}}},
		{name: "srv-records-tcp-first-for-a-long-request", realm: "R", dns: true, preferTCP: true,
			want: []Server{{"tcp", "first.r.", 88}, {"udp", "first.r.", 750}, {"udp", "second.r.", 88}}},
		{name: "uri-records-come-first", realm: "URI", dns: true,
			want: []Server{{"udp", "::1", 88}, {"tcp", "Second.uri", 750}}},
		{name: "uri-records-of-no-use", realm: "PROXY", dns: true, why: "p/KdcProxy\" is behind a proxy|\"http://p\" has a scheme other|malformed"},
		{name: "srv-records-where-uri-records-are-of-no-use", realm: "PROXY2", dns: true, want: []Server{{"tcp", "first.r.", 88}}},
		{name: "no-question-with-dns_lookup_kdc-off", realm: "R"},
		{name: "target-dot-is-no-kdc", realm: "NONE", dns: true},
		{name: "kdc-behind-a-proxy-is-not-for-us", realm: "R", kdcs: []string{"https://proxy/KdcProxy"}},
		{name: "unknown-realm", realm: "OTHER", dns: true},
		{name: "realm-that-is-no-domain-name", realm: "a b\x00c", dns: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := realmOf(t, "", test.kdcs...)
			if test.dns {
				cfg = dnsRealm(t)
			}
			got, err := n.locate(ctx, cfg, test.realm, test.preferTCP)
			if len(got) != len(test.want) {
				t.Fatalf("%v, %v", got, err)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("%d: %v, not %v", i, got[i], test.want[i])
				}
			}
			if len(test.want) == 0 {
				if e := status.Of(err); e == nil || e.Minor != status.KRB5_REALM_UNKNOWN {
					t.Errorf("%v", err)
				}
				for words := range strings.SplitSeq(test.why, "|") {
					if !strings.Contains(err.Error(), words) {
						t.Errorf("%v: no %q", err, words)
					}
				}
			}
		})
	}
}

func TestSendResolvesNames(t *testing.T) {
	k := (&fakeKDC{udp: answersUDP(says("good"))}).start(t)
	n := &network{pace: quick, hosts: fakeHosts{"kdc.r": "kdc.r 127.0.0.1"}, dns: &resolver{missing: "no file"}}
	cfg := realmOf(t, "", "none.r", fmt.Sprintf("kdc.r:%d", k.port))
	if reply, err := n.send(context.Background(), cfg, "R", []byte("request"), wantGood); string(reply) != "good" {
		t.Errorf("%q, %v", reply, err)
	}
	_, err := n.send(context.Background(), realmOf(t, "", "none.r"), "R", []byte("request"), wantGood)
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDC_UNREACH || !strings.Contains(e.Text, "none.r: unknown (no file)") {
		t.Errorf("%v", err)
	}
}

// dnsRealm is an empty configuration: dns_lookup_kdc is on.
func dnsRealm(t *testing.T) *Config {
	t.Helper()
	_, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": "/nonexistent/krb5.conf"})
	return cfg
}

// FuzzURI reads arbitrary text as the URI record of a KDC.
func FuzzURI(f *testing.F) {
	for _, text := range []string{"krb5srv:m:tcp:Second.uri:750", "KRB5SRV::udp:[::1]", "krb5srv:m:kkdcp:https://p/KdcProxy", "krb5srv:m:tcp:88"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, primary, reason := parseURI(text)
		if usable := s.Host != "" && s.Port != 0 && (s.Proto == "udp" || s.Proto == "tcp"); usable != (reason == "") {
			t.Errorf("%v: %s", s, reason)
		}
		if flags := strings.Split(text, ":"); primary && !strings.ContainsAny(flags[1], "mM") {
			t.Error("a primary KDC without the flag")
		}
	})
}
