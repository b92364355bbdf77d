// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"libgssapi/internal/sock"
	"libgssapi/internal/status"
)

// fakeDNS answers SRV questions from records, by name; kdc.r is 127.0.0.1, and any other name does not exist.
func fakeDNS(t *testing.T, records map[string][]dnsmessage.SRVResource) *net.Resolver {
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
			if list, ok := records[q.Name.String()]; ok && q.Type == dnsmessage.TypeSRV {
				m.RCode = dnsmessage.RCodeSuccess
				for i := range list {
					h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &list[i]})
				}
			}
			if q.Name.String() == "kdc.r." {
				m.RCode = dnsmessage.RCodeSuccess
				if q.Type == dnsmessage.TypeA {
					h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: h,
						Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}})
				}
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
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return sock.Dial(ctx, "udp", conn.LocalAddr().(*net.UDPAddr).AddrPort())
	}}
}

func TestLocate(t *testing.T) {
	srv := func(priority uint16, target string, port uint16) dnsmessage.SRVResource {
		return dnsmessage.SRVResource{Priority: priority, Port: port, Target: dnsmessage.MustNewName(target)}
	}
	n := &network{pace: quick, resolver: fakeDNS(t, map[string][]dnsmessage.SRVResource{
		"_kerberos._udp.R.":    {srv(20, "second.r.", 88), srv(10, "first.r.", 750)},
		"_kerberos._tcp.R.":    {srv(0, "first.r.", 88)},
		"_kerberos._udp.NONE.": {srv(0, ".", 88)},
	})}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, test := range []struct {
		name, realm string
		dns         bool // nothing but DNS knows the realm
		preferTCP   bool
		kdcs        []string
		want        []Server
	}{
		{name: "configured-kdcs-keep-their-order", realm: "R", kdcs: []string{"b", "a:89", "tcp/c"},
			want: []Server{{"", "b", 88}, {"", "a", 89}, {"tcp", "c", 88}}},
		{name: "srv-records-by-priority-udp-first", realm: "R", dns: true,
			want: []Server{{"udp", "first.r.", 750}, {"udp", "second.r.", 88}, {"tcp", "first.r.", 88}}},
		{name: "srv-records-tcp-first-for-a-long-request", realm: "R", dns: true, preferTCP: true,
			want: []Server{{"tcp", "first.r.", 88}, {"udp", "first.r.", 750}, {"udp", "second.r.", 88}}},
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
			}
		})
	}
}

func TestSendResolvesNames(t *testing.T) {
	k := (&fakeKDC{udp: answersUDP(says("good"))}).start(t)
	n := &network{pace: quick, resolver: fakeDNS(t, nil)}
	cfg := realmOf(t, "", "none.r.", fmt.Sprintf("kdc.r.:%d", k.port))
	if reply, err := n.send(context.Background(), cfg, "R", []byte("request"), wantGood); string(reply) != "good" {
		t.Errorf("%q, %v", reply, err)
	}
	_, err := n.send(context.Background(), realmOf(t, "", "none.r."), "R", []byte("request"), wantGood)
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDC_UNREACH || !strings.Contains(e.Text, "none.r.") {
		t.Errorf("%v", err)
	}
}

// dnsRealm is an empty configuration: dns_lookup_kdc is on.
func dnsRealm(t *testing.T) *Config {
	t.Helper()
	_, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": "/nonexistent/krb5.conf"})
	return cfg
}
