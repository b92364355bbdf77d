// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// A realm may refer a client to another one (RFC 6806, Section 7), and that one to a third, but not for ever.
func TestClientIsReferred(t *testing.T) {
	names := map[string]token.Principal{`alice\@corp`: {Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "S"}}
	there := &loginKDC{salt: "Salice", iterations: 4096, offer: []int32{token.PASPAKE}, names: names,
		info: []types.PAData{info2("Salice", nil, crypto.AES256SHA1)}}
	other := (&fakeKDC{udp: answersUDP(there.answer), tcp: answersTCP(there.answer)}).start(t)
	l := login{kdc: &loginKDC{elsewhere: "S"}, client: token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"},
		realms: fmt.Sprintf(" S = {\n  kdc = %s\n }\n", other.addr(""))}
	cred, err := l.do(t)
	if err != nil || cred.Client.String() != "alice@S" || cred.Server.String() != "krbtgt/S@S" {
		t.Errorf("%v, %v", cred, err)
	}
	there.mu.Lock()
	there.elsewhere = "R"
	there.mu.Unlock()
	if _, err := l.do(t); err == nil || status.Of(err).Minor != status.KRB5_GET_IN_TKT_LOOP {
		t.Errorf("two realms that refer to each other: %v", err)
	}
}

// Anyone can refer a client to a realm for which krb5.conf does not forbid encrypted timestamps.
func TestReferralEnablesNoTimestamps(t *testing.T) {
	there := &loginKDC{salt: "Salice", iterations: 4096, offer: []int32{token.PAEncTimestamp}}
	other := (&fakeKDC{udp: answersUDP(there.answer), tcp: answersTCP(there.answer)}).start(t)
	for _, config := range []string{"", "disable_encrypted_timestamp = true"} {
		l := login{kdc: &loginKDC{elsewhere: "S"}, client: token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"},
			config: config, realms: fmt.Sprintf(" S = {\n  kdc = %s\n }\n", other.addr(""))}
		_, err := l.do(t)
		seen := strings.Join(there.proofs(), " ")
		if want := config == ""; strings.Contains(seen, "timestamp") != want || !want && status.Of(err).Minor != status.KRB5_PREAUTH_FAILED {
			t.Errorf("%q: the other realm saw %q: %v", config, seen, err)
		}
	}
}

// A referral after the client has authenticated counts only if FAST protects it.
func TestReferralComesBeforeProofs(t *testing.T) {
	l := login{kdc: &loginKDC{salt: "Ralice"}, config: "canonicalize = true"}
	env, cfg, client := l.begin(t)
	for _, c := range []struct {
		mechanism mechanism
		armor     *fastArmor
		realm     string
	}{
		{nil, nil, "S"},
		{encryptedTimestamp{}, nil, ""},
		{&spake{}, nil, ""},
		{encryptedChallenge{}, &fastArmor{key: newKey(t, crypto.AES256SHA1)}, "S"},
	} {
		x, err := (&requester{env: env, cfg: cfg, etypes: cfg.TktEnctypes()}).newASExchange(client, &secret{password: []byte(loginPassword)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		x.mechanism, x.armor = c.mechanism, c.armor
		r := refuse(&token.KRBError{Code: codeWrongRealm, Client: &token.Principal{Realm: "S"}}, time.Now(), "R", x.request.server, client)
		if got := referredTo(x.next(r, nil)); got != c.realm {
			t.Errorf("after %T, FAST %t: referred to %q", c.mechanism, c.armor != nil, got)
		}
		x.wipe()
	}
}
