// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// Caches of alice@A, each "SERVER HOURS[!CLIENT][/invalid][/skey][/start=REALM]": a ticket for SERVER that ends HOURS
// from now. chosen is the index of the TGT that counts, or -1 if there is none; hours says when the cache ends.
func TestTGTSelection(t *testing.T) {
	const tgt = "krbtgt/A@A"
	for _, test := range []struct {
		name   string
		creds  string
		chosen int
		hours  int // 0: it holds nothing for its client
	}{
		{"one", tgt + " 8", 0, 8},
		{"expired-before-renewed", tgt + " -2, " + tgt + " 8", 1, 8},
		{"expired-after-renewed", tgt + " 8, " + tgt + " -2", 0, 8},
		{"expired-on-both-sides", tgt + " -2, " + tgt + " 8, " + tgt + " -3", 1, 8},
		{"two-good-ones", tgt + " 9, " + tgt + " 8", 0, 9},
		{"two-that-end-together", tgt + " 8, " + tgt + " 8", 1, 8},
		{"expired-alone", tgt + " -2", 0, -2},
		{"all-expired", tgt + " -3, " + tgt + " -2, " + tgt + " -4", 1, -2},
		{"another-client's", tgt + " -2, " + tgt + " 8!bob@A", 0, -2},
		{"another-client's-alone", tgt + " 8!bob@A", -1, 0},
		{"another-client's-of-another-realm", tgt + " 8!alice@B, " + tgt + " 7", 1, 7},
		{"user-to-user", tgt + " 9/skey, " + tgt + " 8", 1, 8},
		{"user-to-user-alone", tgt + " 9/skey", -1, 0},
		{"invalid-before-good", tgt + " 9/invalid, " + tgt + " 8", 1, 8},
		{"invalid-after-good", tgt + " 8, " + tgt + " 9/invalid", 0, 8},
		{"invalid-alone", tgt + " 8/invalid", 0, 8},
		{"expired-of-another-realm's-kdc", "krbtgt/A@B -2, " + tgt + " 8", 1, 8},
		{"of-another-realm's-kdc-alone", "krbtgt/A@B 8", -1, 8},
		{"cross-realm", tgt + " 8, krbtgt/B@A 9", 0, 8},
		{"service-ticket-that-outlasts", tgt + " 8, host/x@A 9", 0, 8},
		{"service-tickets-alone", "host/x@A -2, host/x@A 8, host/y@A 7", -1, 8},
		{"service-ticket-of-another", "host/x@A 8!bob@A, host/y@A 7", -1, 7},
		{"another-start", "krbtgt/B@B -2/start=B, " + tgt + " 7, krbtgt/B@B 8", 2, 8},
		{"nothing", "", -1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Now().Truncate(time.Second)
			alice := mustPrincipal(t, "alice@A")
			cc := NewMemoryCCache(alice)
			for _, text := range strings.Split(test.creds, ", ") {
				if text == "" {
					continue
				}
				server, rest, _ := strings.Cut(text, " ")
				options := strings.Split(rest, "/")
				hours, client, foreign := strings.Cut(options[0], "!")
				n, err := strconv.Atoi(hours)
				if err != nil {
					t.Fatal(err)
				}
				cred := &Credential{Client: alice, Server: mustPrincipal(t, server), EndTime: now.Add(time.Duration(n) * time.Hour),
					Key: token.EncryptionKey{EType: 18, Value: make([]byte, 32)}}
				if foreign {
					cred.Client = mustPrincipal(t, client)
				}
				for _, o := range options[1:] {
					switch name, value, _ := strings.Cut(o, "="); name {
					case "invalid":
						cred.Flags |= token.TicketInvalid
					case "skey":
						cred.IsSKey = true
					case "start":
						if err := cc.SetConfig("start_realm", []byte(value)); err != nil {
							t.Fatal(err)
						}
					}
				}
				if err := cc.Store(cred); err != nil {
					t.Fatal(err)
				}
			}
			creds := cc.Credentials()
			chosen := -1
			for i, cred := range creds {
				if cred == cc.startTGT(creds, cc.startRealm()) {
					chosen = i
				}
			}
			if chosen != test.chosen {
				t.Errorf("number %d counts, not %d", chosen, test.chosen)
			}
			end, ok := cc.Expiry()
			if ok != (test.hours != 0) || ok && !end.Equal(now.Add(time.Duration(test.hours)*time.Hour)) {
				t.Errorf("ends in %s, %v", end.Sub(now), ok)
			}
			// A requester starts from that TGT, or fails if it is no longer valid.
			env, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": "/nonexistent/krb5.conf"})
			q := newRequester(env, cfg, cc, nil)
			defer q.wipe()
			got, err := q.startTGT(cc, mustPrincipal(t, "host/z@A"))
			good := chosen >= 0 && usable(cc, creds[chosen], now)
			if good != (err == nil) || good && (!got.EndTime.Equal(creds[chosen].EndTime) || !got.Server.Equal(creds[chosen].Server)) {
				t.Errorf("starts from %+v, %v", got, err)
			}
		})
	}
}

// The KDC's clock is ahead, so by our clock the tickets end earlier.
func TestExpiryIsByOurClock(t *testing.T) {
	alice := mustPrincipal(t, "alice@A")
	env := newTestEnv(t, nil)
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	cc, err := CreateCCacheOffset(env, t.TempDir()+"/cc", alice, 20*time.Minute,
		&Credential{Client: alice, Server: mustPrincipal(t, "krbtgt/A@A"), EndTime: end})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := cc.Expiry(); !ok || !got.Equal(end.Add(-20*time.Minute)) {
		t.Errorf("%s, %v", got, ok)
	}
}

// Entries of alice@A in a keytab, "KVNO[+WIDE] TIME": an 8-bit version number, and a 32-bit one after the key if WIDE
// is given. chosen is the index of the one with which to ask for a ticket.
func TestKeytabKeySelection(t *testing.T) {
	for _, test := range []struct {
		name, entries string
		chosen        int
	}{
		{"one", "3 1", 0},
		{"greater-later", "3 1, 4 2", 1},
		{"greater-earlier", "4 2, 3 1", 0},
		{"greater-before-a-restored-one", "4 1, 3 2", 0},
		{"alike", "3 1, 3 1", 1},
		{"alike-made-anew", "3 2, 3 1", 0},
		{"wide", "255+255 1, 0+256 2", 1},
		{"wide-in-another-order", "0+256 2, 255+255 1", 0},
		{"wide-at-one-time", "255+255 1, 0+256 1", 1},
		{"wrapped", "255 1, 0 2", 1},
		{"wrapped-to-one", "255 1, 1 2", 1},
		{"wrapped-in-another-order", "1 2, 255 1", 0},
		{"wrapped-at-one-time", "255 1, 1 1", 1},
		{"wrapped-with-versions-left-out", "200 1, 20 2", 1},
		{"wrapped-with-a-wide-one-that-is-cut", "255+255 1, 1+1 2", 1},
		{"wrapped-after-a-wide-one", "44+300 1, 45 2", 1},
		{"wide-after-a-narrow-one", "45 1, 44+300 2", 1},
		{"narrow-before-wrapping", "254 1, 255 2, 0 3, 1 4", 3},
		{"far-apart-without-wrapping", "1 1, 200 2", 1},
		{"made-anew", "200+4000 1, 2+2 2", 1},
		{"read-only-controller's", "1+65537 2, 3+3 1", 0},
	} {
		k := newKeytabFile(keytabVersion2)
		other := mustPrincipal(t, "bob@A")
		k.addAt(other, 9, 0, 18, bytes.Repeat([]byte{0xee}, 32), 9)
		for i, text := range strings.Split(test.entries, ", ") {
			version, when, _ := strings.Cut(text, " ")
			narrow, wide, _ := strings.Cut(version, "+")
			var n [3]uint64
			for j, s := range []string{narrow, wide, when} {
				n[j], _ = strconv.ParseUint(s, 10, 32)
			}
			k.addAt(mustPrincipal(t, "alice@A"), uint8(n[0]), uint32(n[1]), 18, bytes.Repeat([]byte{byte(i)}, 32), uint32(n[2]))
			// Unusable keys do not count.
			k.addAt(mustPrincipal(t, "alice@A"), 255, 1<<20, 18, make([]byte, 16), 1<<20)
		}
		kt := openTestKeytab(t, k)
		newest := kt.Newest(mustPrincipal(t, "alice@A"))
		if len(newest) != 1 {
			t.Fatalf("%s: %d keys", test.name, len(newest))
		}
		key, err := kt.Key(newest[crypto.AES256SHA1])
		if err != nil {
			t.Fatal(err)
		}
		if got := int(key.Bytes()[0]); got != test.chosen {
			t.Errorf("%s: number %d counts, not %d", test.name, got, test.chosen)
		}
	}
}

// The key that a ticket names is tried first, then others of its service, then all others.
func TestKeysForATicket(t *testing.T) {
	k := newKeytabFile(keytabVersion2)
	for i, e := range []struct {
		name  string
		kvno  uint8
		etype uint16
	}{{"host/a@A", 3, 18}, {"host/b@A", 4, 18}, {"host/a@A", 4, 18}, {"host/a@A", 4, 17}, {"host/a@A", 5, 18}, {"host/a@A", 4, 18}} {
		k.add(mustPrincipal(t, e.name), e.kvno, 0, e.etype, bytes.Repeat([]byte{byte(i)}, map[uint16]int{17: 16, 18: 32}[e.etype]))
	}
	kt := openTestKeytab(t, k)
	for _, test := range []struct {
		name string
		kvno int64 // -1: none
		only string
		want string
	}{
		{"host/a@A", 4, "", "5 2 4 0 1"},
		{"host/a@A", 260, "", "5 2 4 0 1"},
		{"host/a@A", 7, "", "5 4 2 0 1"},
		{"host/a@A", -1, "", "5 4 2 0 1"},
		{"host/b@A", 4, "", "1 0 2 4 5"},
		{"host/c@A", 4, "", "0 1 2 4 5"},
		{"host/a@A", 4, "host/b@A", "1"},
	} {
		ticket := &token.Ticket{SName: mustPrincipal(t, test.name), Enc: token.EncryptedData{EType: 18}}
		if test.kvno >= 0 {
			ticket.Enc.KVNO, ticket.Enc.HasKVNO = uint32(test.kvno), true
		}
		var got []string
		for _, e := range kt.forTicket(ticket, func(p token.Principal) bool { return test.only == "" || p.String() == test.only }) {
			key, err := kt.Key(e)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strconv.Itoa(int(key.Bytes()[0])))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s, kvno %d, only %q: %s, not %s", test.name, test.kvno, test.only, s, test.want)
		}
	}
}
