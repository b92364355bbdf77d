// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"
	"golang.org/x/net/dns/dnsmessage"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// If a replica may be out of date, the primary KDC is asked, but no KDC twice.
func TestPrimaryKDC(t *testing.T) {
	knows := func(salt string) *loginKDC {
		return &loginKDC{salt: salt, iterations: 4096, offer: []int32{token.PAEncTimestamp},
			info: []types.PAData{info2("pepper", nil, crypto.AES256SHA1)}}
	}
	right, wrong := "pepper", "another password's"
	for _, test := range []struct {
		name    string
		replica *loginKDC
		primary *loginKDC
		host    string // of the primary KDC
		setting string // "": primary_kdc
		down    bool
		minor   status.Minor
		seen    int // proofs at the primary KDC
	}{
		{name: "new-password", replica: knows(wrong), primary: knows(right), seen: 1},
		{name: "new-password-master_kdc", setting: "master_kdc", replica: knows(wrong), primary: knows(right), seen: 1},
		{name: "new-client", replica: &loginKDC{salt: right, refuse: 6}, primary: knows(right), seen: 1},
		{name: "no-preauthentication", replica: &loginKDC{salt: wrong}, primary: &loginKDC{salt: "Ralice"}},
		{name: "wrong-password", replica: knows(wrong), primary: knows(wrong), seen: 1, minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{name: "primary-has-the-say", replica: knows(wrong), primary: &loginKDC{refuse: 18},
			minor: status.KRB5KDC_ERR_CLIENT_REVOKED},
		{name: "primary-is-down", replica: knows(wrong), primary: knows(right), down: true,
			minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{name: "replica-is-the-primary", host: "127.0.0.1", replica: knows(wrong), primary: knows(right),
			minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{name: "replica-knows", replica: knows(right), primary: knows(right)},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := test.host
			if host == "" {
				host = "127.0.0.2"
			}
			if test.primary.iterations == 0 {
				test.primary.iterations = 4096
			}
			k := (&fakeKDC{host: host, closed: test.down, udp: answersUDP(test.primary.answer), tcp: answersTCP(test.primary.answer)}).start(t)
			setting := test.setting
			if setting == "" {
				setting = "primary_kdc"
			}
			l := login{kdc: test.replica, config: setting + " = " + k.addr("")}
			begun := time.Now()
			_, err := l.do(t)
			if (err == nil) != (test.minor == 0) || err != nil && status.Of(err).Minor != test.minor {
				t.Errorf("%v", err)
			}
			if took := time.Since(begun); took > busy {
				t.Errorf("it took %v", took)
			}
			if proofs := test.primary.proofs(); len(proofs) != test.seen {
				t.Errorf("%d proofs at the primary KDC: %v", len(proofs), proofs)
			}
			if proofs := test.replica.proofs(); len(proofs) > 1 {
				t.Errorf("%d proofs at the replica: %v", len(proofs), proofs)
			}
		})
	}
}

// DNS names primary KDCs by records of their own, and by a flag of URI records.
func TestPrimariesInDNS(t *testing.T) {
	srv := func(target string) dnsmessage.ResourceBody {
		return &dnsmessage.SRVResource{Port: 88, Target: dnsmessage.MustNewName(target)}
	}
	uri := func(text string) dnsmessage.ResourceBody {
		return &dnsmessage.UnknownResource{Type: 256, Data: append([]byte{0, 0, 0, 0}, text...)}
	}
	n := &network{pace: quick, hosts: fakeHosts{"primary.r.": "primary.r 127.0.0.2"}, dns: fakeDNS(t, map[string][]dnsmessage.ResourceBody{
		"SRV _kerberos._udp.r.":        {srv("replica.r.")},
		"SRV _kerberos-master._udp.r.": {srv("primary.r.")},
		"SRV _kerberos-master._tcp.r.": {srv("primary.r.")},
		"256 _kerberos.uri.":           {uri("krb5srv::udp:127.0.0.3"), uri("krb5srv:M:udp:127.0.0.2")},
		"256 _kerberos.none.":          {uri("krb5srv::udp:127.0.0.3")},
		"SRV _kerberos._udp.none.":     {srv("replica.none.")},
	})}
	ctx, cancel := context.WithTimeout(context.Background(), 2*busy)
	defer cancel()
	for _, test := range []struct {
		name, realm string
		cfg         *Config
		other       string
		want        []Server
	}{
		{"srv-records", "R", dnsRealm(t), "127.0.0.9", []Server{{"udp", "primary.r.", 88}, {"tcp", "primary.r.", 88}}},
		{"uri-records", "URI", dnsRealm(t), "127.0.0.3", []Server{{"udp", "127.0.0.2", 88}}},
		{"one-that-has-answered", "R", dnsRealm(t), "127.0.0.2", nil},
		{"none", "NONE", dnsRealm(t), "127.0.0.9", nil},
		{"no-question-with-dns_lookup_kdc-off", "R", realmOf(t, "dns_lookup_kdc = false", "127.0.0.9"), "127.0.0.9", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := n.primaries(ctx, test.cfg, test.realm, netip.MustParseAddr(test.other))
			if !slices.Equal(got, test.want) {
				t.Errorf("%v", got)
			}
		})
	}
	if servers, _ := n.locate(ctx, dnsRealm(t), "R", false); len(servers) != 1 || !strings.HasPrefix(servers[0].Host, "replica") {
		t.Errorf("other KDCs: %v", servers)
	}
}

// A KDC that does not have the client's key can try one password with each SPAKE response. It gets no more than two,
// whatever it says, and its primary KDC gets none in addition.
func TestSPAKEProofsAreBounded(t *testing.T) {
	for code, want := range map[int32]int{codePreauthExpired: 2, codeSkew: 2, codePreauthFailed: 1, codeMorePreauthData: 1} {
		impostor := func() *loginKDC {
			return &loginKDC{salt: "Ralice", iterations: 4096, offer: []int32{token.PASPAKE}, atOnce: true, failed: code}
		}
		kdc, primary := impostor(), impostor()
		k := (&fakeKDC{host: "127.0.0.2", udp: answersUDP(primary.answer), tcp: answersTCP(primary.answer)}).start(t)
		_, err := (&login{kdc: kdc, config: "primary_kdc = " + k.addr("")}).do(t)
		if err == nil {
			t.Errorf("error %d: a ticket", code)
		}
		responses := func(k *loginKDC) (n int) {
			for _, s := range k.proofs() {
				if s == "response" {
					n++
				}
			}
			return n
		}
		n := responses(kdc)
		if n > want {
			t.Errorf("error %d: %d responses", code, n)
		}
		if n += responses(primary); n > 2 {
			t.Errorf("error %d: %d responses with those to the primary KDC", code, n)
		}
	}
}
