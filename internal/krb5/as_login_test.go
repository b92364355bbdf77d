// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// login is one attempt.
type login struct {
	kdc      *loginKDC
	config   string
	client   token.Principal // "": alice
	password string          // "": the right one
	armored  bool
	realms   string // other ones, for krb5.conf
}

func (l *login) do(t *testing.T) (*Credential, error) {
	t.Helper()
	env, cfg, client := l.begin(t)
	password := l.password
	if password == "" {
		password = loginPassword
	}
	given := []byte(password)
	cred, err := made(func() (*Credential, error) {
		return PasswordCredential(env, cfg, client, 0, given)
	})
	if string(given) != password {
		t.Error("the caller's password was changed")
	}
	return cred, err
}

// beside has questions asked on goroutines, as the engine does.
func beside(t *testing.T) func(string, time.Duration, func(context.Context) (any, error)) (any, error) {
	type answer struct {
		value any
		err   error
	}
	answers := map[string]chan answer{}
	return func(key string, _ time.Duration, ask func(context.Context) (any, error)) (any, error) {
		if c := answers[key]; c != nil {
			a := <-c
			c <- a
			if cred, ok := a.value.(*Credential); ok && a.err == nil {
				return cred.Copy(), nil
			}
			return a.value, a.err
		}
		c := make(chan answer, 1)
		answers[key] = c
		go func() {
			value, err := ask(context.Background())
			c <- answer{value, err}
		}()
		return nil, Pending
	}
}

// made repeats a call until it is no longer pending.
func made[T any](call func() (T, error)) (T, error) {
	for {
		if v, err := call(); !errors.Is(err, Pending) {
			return v, err
		}
	}
}

// begin starts the KDC.
func (l *login) begin(t *testing.T) (*Env, *Config, token.Principal) {
	t.Helper()
	if l.kdc.iterations == 0 {
		l.kdc.iterations = 4096
	}
	k := (&fakeKDC{udp: answersUDP(l.kdc.answer), tcp: answersTCP(l.kdc.answer)}).start(t)
	conf := fmt.Sprintf("[libdefaults]\n dns_lookup_kdc = false\n default_realm = R\n %s\n"+
		"[realms]\n R = {\n  kdc = %s\n  %s\n }\n%s", l.config, k.addr(""), l.config, l.realms)
	env, _ := testEnv(t, map[string]string{})
	path := t.TempDir()
	if l.armored {
		armor := newKey(t, crypto.AES256SHA1)
		session := newKey(t, crypto.AES256SHA1)
		l.kdc.mu.Lock()
		l.kdc.armor = armor
		l.kdc.mu.Unlock()
		host := mustPrincipal(t, "host/h@R")
		now := time.Now().UTC().Truncate(time.Second)
		part := token.EncTicketPart{Key: token.EncryptionKey{EType: int32(session.EType()), Value: session.Bytes()},
			Client: host, AuthTime: now, EndTime: now.Add(time.Hour)}
		cipher, _ := armor.Encrypt(usageTicket, part.Marshal(), rand.Reader)
		server := mustPrincipal(t, "krbtgt/R@R")
		ticket := token.Ticket{SName: server, Enc: token.EncryptedData{EType: int32(armor.EType()), Cipher: cipher}}
		tgt := &Credential{Client: host, Server: server, Key: token.EncryptionKey{EType: part.Key.EType, Value: bytes.Clone(part.Key.Value)},
			AuthTime: now, EndTime: part.EndTime, Ticket: ticket.Marshal()}
		if _, err := CreateCCache(env, "FILE:"+path+"/armor", host, tgt); err != nil {
			t.Fatal(err)
		}
		conf += "[libgssapi]\n armor_ccache = FILE:" + path + "/armor\n"
	}
	env, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", conf)})
	env.Await = beside(t)
	client := l.client
	if client.Components == nil {
		client = mustPrincipal(t, "alice@R")
	}
	return env, cfg, client
}

// A credential obtained with a password is used by the KDC's clock.
func TestPasswordsCacheKnowsTheKDCsClock(t *testing.T) {
	const ahead = 20 * time.Minute
	l := login{kdc: &loginKDC{salt: "Ralice", iterations: 4096, tamper: func(r *loginReply) {
		r.part.AuthTime, r.part.StartTime = r.part.AuthTime.Add(ahead), r.part.StartTime.Add(ahead)
		r.part.EndTime = r.part.EndTime.Add(ahead)
	}}}
	env, _, client := l.begin(t)
	cc, err := made(func() (*CCache, error) {
		return CCacheFromPassword(env, client, 0, []byte(loginPassword), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	if d := cc.Offset() - ahead; d.Abs() > 2*time.Second || cc.Name() != "" || len(cc.Credentials()) != 1 {
		t.Errorf("offset %s, %d credentials in %q", cc.Offset(), len(cc.Credentials()), cc.Name())
	}
}

// Within one call, tickets obtained with keys do not tell whether a password is right.
func TestKeytabTicketsDoNotVerifyAPassword(t *testing.T) {
	l := login{kdc: &loginKDC{salt: "Ralice"}}
	env, cfg, client := l.begin(t)
	if _, err := made(func() (*Credential, error) {
		return InitialCredential(env, cfg, client, 0, func(e crypto.EType) (*crypto.Key, error) { return l.kdc.key(e), nil })
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := made(func() (*Credential, error) {
		return PasswordCredential(env, cfg, client, 0, []byte("wrong"))
	}); err == nil {
		t.Error("a wrong password gives a ticket")
	}
}

// Unauthenticated replies do not keep us busy, however many there are.
func TestExchangeBoundsIterations(t *testing.T) {
	x := &asExchange{secret: secret{password: []byte(loginPassword)}, iterations: maxAllIterations - minIterations}
	r := recipe{etype: crypto.AES256SHA1, salt: "Ralice", iterations: minIterations}
	if _, err := x.makeKey(r, mustPrincipal(t, "alice@R")); err != nil {
		t.Error(err)
	}
	if _, err := x.makeKey(r, mustPrincipal(t, "alice@R")); err == nil || status.Of(err).Minor != status.KRB5_ERR_BAD_S2K_PARAMS {
		t.Errorf("more than enough: %v", err)
	}
	// An exchange remembers what it has done, and counts what replies ask for.
	l := login{kdc: &loginKDC{salt: "Ralice"}}
	env, cfg, client := l.begin(t)
	x, err := (&requester{env: env, cfg: cfg, etypes: cfg.TktEnctypes()}).newASExchange(client, &secret{password: []byte(loginPassword)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x.iterations = maxAllIterations
	x.restart()
	if _, err := x.clientKey(); err == nil {
		t.Error("a key for a proof")
	}
	if _, err := x.longTermKey(&token.KDCRep{Client: client, Enc: token.EncryptedData{EType: 18}}, nil, false); err == nil {
		t.Error("a key of a reply")
	}
}

func TestPasswordLogin(t *testing.T) {
	all := []crypto.EType{crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2}
	timestamp, spake, challenge := []int32{token.PAEncTimestamp}, []int32{token.PASPAKE, token.PAEncTimestamp},
		[]int32{token.PAEncryptedChallenge, token.PAEncTimestamp}
	enterprise := token.Principal{Type: token.NTEnterprise, Components: []string{"alice@corp"}, Realm: "R"}
	bob := token.Principal{Type: 1, Components: []string{"bob"}, Realm: "R"}
	aliases := map[string]token.Principal{`alice\@corp`: {Type: 1, Components: []string{"alice"}, Realm: "R"}, "alice": bob}
	salted := func(e ...crypto.EType) []types.PAData { return []types.PAData{info2("pepper", iterations(5000), e...)} }
	for _, c := range []struct {
		what  string
		login login
		minor status.Minor
		seen  string // what the KDC has seen
		as    string // the credential's client; "": alice@R
	}{
		{what: "no preauthentication, default salt", login: login{kdc: &loginKDC{salt: "Ralice"}}},
		{what: "no preauthentication, a salt in the reply", login: login{kdc: &loginKDC{salt: "pepper", tamper: func(r *loginReply) {
			r.padata = []types.PAData{info2("pepper", nil, crypto.AES256SHA1)}
		}}}},
		{what: "no preauthentication, a wrong password", login: login{kdc: &loginKDC{salt: "Ralice"}, password: "wrong"},
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "encrypted timestamp", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...), offer: timestamp}},
			seen: "timestamp"},
		{what: "the KDC's first enctype", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(crypto.RC4, crypto.AES128SHA2, crypto.AES256SHA1), offer: timestamp}}, seen: "timestamp"},
		{what: "an empty password is one, and wrong", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: timestamp}, password: " "}, seen: "timestamp", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "a wrong password is tried once", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: spake}, password: "wrong"}, seen: "SPAKE response", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "a salt of an old KDC", login: login{kdc: &loginKDC{salt: "old", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAPWSalt, PADataValue: []byte("old")}}}}, seen: "timestamp"},
		{what: "an ETYPE-INFO", login: login{kdc: &loginKDC{salt: "info", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAETypeInfo, PADataValue: marshal([]types.ETypeInfoEntry{{EType: 18, Salt: []byte("info")}})},
				{PADataType: token.PAPWSalt, PADataValue: []byte("wrong")}}}}, seen: "timestamp"},
		{what: "a malformed ETYPE-INFO2 before a salt", login: login{kdc: &loginKDC{salt: "old", offer: timestamp,
			info: []types.PAData{{PADataType: token.PAETypeInfo2, PADataValue: []byte{0x30, 0x84}},
				{PADataType: token.PAPWSalt, PADataValue: []byte("old")}}}}, seen: "timestamp"},
		{what: "no enctype in common", login: login{kdc: &loginKDC{info: salted(crypto.RC4, crypto.DES3, 99), offer: timestamp}},
			minor: status.KRB5KDC_ERR_ETYPE_NOSUPP},
		{what: "too few iterations", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(4095), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "too many iterations", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(1<<24+1), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "no iterations, which are 2^32", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", iterations(0), all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "malformed s2kparams", login: login{kdc: &loginKDC{info: []types.PAData{info2("pepper", []byte{1, 2, 3}, all...)}, offer: timestamp}},
			minor: status.KRB5_ERR_BAD_S2K_PARAMS},
		{what: "few iterations in the reply", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) {
			r.padata = []types.PAData{info2("Ralice", iterations(1), crypto.AES256SHA1)}
		}}}, minor: status.KRB5_ERR_BAD_S2K_PARAMS},

		{what: "SPAKE", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...), offer: spake}}, seen: "SPAKE response"},
		{what: "SPAKE is not allowed", login: login{config: "spake_preauth_groups = none", kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake}}, seen: "timestamp"},
		{what: "timestamps are not allowed", login: login{config: "disable_encrypted_timestamp = true", kdc: &loginKDC{offer: timestamp}},
			minor: status.KRB5_PREAUTH_FAILED},
		{what: "SPAKE fails before anything is proven", login: login{kdc: &loginKDC{salt: "pepper", iterations: 5000, info: salted(all...),
			offer: spake, noGroup: true}}, seen: "SPAKE timestamp"},
		{what: "timestamps are preferred", login: login{config: "preferred_preauth_types = 2", kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake}}, seen: "timestamp"},
		{what: "SPAKE, and a reply with the client's key", login: login{kdc: &loginKDC{salt: "Ralice", offer: spake,
			tamper: func(r *loginReply) { r.key, _ = crypto.StringToKey(18, []byte(loginPassword), "Ralice", 0) }}},
			seen: "SPAKE response", minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a mechanism of which we have none", login: login{kdc: &loginKDC{offer: []int32{16, 17}}}, minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{what: "an encrypted challenge without armor", login: login{kdc: &loginKDC{offer: []int32{token.PAEncryptedChallenge}}},
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},

		{what: "the password has expired", login: login{kdc: &loginKDC{refuse: 23}}, minor: status.KRB5KDC_ERR_KEY_EXP},
		{what: "the account is locked", login: login{kdc: &loginKDC{refuse: 18}}, minor: status.KRB5KDC_ERR_CLIENT_REVOKED},
		{what: "the account is unknown", login: login{kdc: &loginKDC{refuse: 6}}, minor: status.KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN},
		{what: "more preauthentication from the start", login: login{kdc: &loginKDC{refuse: codeMorePreauthData}},
			minor: status.OfKRBError(codeMorePreauthData)},
		{what: "preauthentication that is always too old", login: login{kdc: &loginKDC{refuse: codePreauthExpired}},
			minor: status.KRB5_GET_IN_TKT_LOOP},

		{what: "the request was changed on the way", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.sum[0]++ }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "the request's checksum is missing", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.sum = nil }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an old KDC confirms nothing", login: login{kdc: &loginKDC{salt: "Ralice", tamper: func(r *loginReply) { r.encPARep = false }}}},
		{what: "a ticket for too long", login: login{kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.part.EndTime = r.part.EndTime.Add(48 * time.Hour) }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "renewable for too long", login: login{kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.part.RenewTill = r.part.EndTime.Add(48 * time.Hour) }}}, minor: status.KRB5_KDCREP_MODIFIED},

		{what: "another client, not asked for", login: login{kdc: &loginKDC{salt: "Rbob", names: aliases}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "another client, asked for", login: login{config: "canonicalize = true", kdc: &loginKDC{salt: "Rbob", names: aliases}}, as: "bob@R"},
		{what: "an enterprise name", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases}}, as: "alice@R"},
		{what: "an enterprise name, with preauthentication", login: login{client: enterprise, kdc: &loginKDC{salt: "pepper", iterations: 5000,
			info: salted(all...), offer: spake, names: aliases}}, as: "alice@R", seen: "SPAKE response"},
		{what: "an enterprise name, of another realm's TGT", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases,
			tamper: func(r *loginReply) { r.of("krbtgt/S", "S") }}},
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an enterprise name, with a ticket for a service", login: login{client: enterprise, kdc: &loginKDC{salt: "Ralice", names: aliases,
			tamper: func(r *loginReply) { r.of("host/h", "R") }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "an enterprise name, without components", login: login{client: enterprise, kdc: &loginKDC{salt: "R",
			tamper: func(r *loginReply) { r.rep.Client.Components = nil }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "the realm's other name", login: login{config: "canonicalize = true", kdc: &loginKDC{salt: "CORP.EXAMPLEalice",
			names: map[string]token.Principal{"alice": {Type: 1, Components: []string{"alice"}, Realm: "CORP.EXAMPLE"}}}}, as: "alice@CORP.EXAMPLE"},
		{what: "a realm that refers to itself", login: login{client: enterprise, kdc: &loginKDC{elsewhere: "R"}}, minor: status.KRB5KDC_ERR_WRONG_REALM},
		{what: "a referral that nobody asked for", login: login{kdc: &loginKDC{elsewhere: "S"}}, minor: status.KRB5KDC_ERR_WRONG_REALM},
		{what: "a referral to a realm without KDC", login: login{client: enterprise, kdc: &loginKDC{elsewhere: "S"}}, minor: status.KRB5_REALM_UNKNOWN},

		{what: "FAST without preauthentication", login: login{armored: true, kdc: &loginKDC{salt: "Ralice"}}},
		{what: "FAST with an encrypted challenge", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge}}, seen: "challenge"},
		{what: "FAST with SPAKE", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: spake}}, seen: "SPAKE response"},
		{what: "FAST with a wrong password", login: login{armored: true, password: "wrong", kdc: &loginKDC{salt: "Ralice", offer: challenge}},
			seen: "challenge", minor: status.KRB5KDC_ERR_PREAUTH_FAILED},
		{what: "FAST: no timestamp that anybody could try passwords on", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: timestamp}},
			minor: status.KRB5KDC_ERR_PREAUTH_REQUIRED},
		{what: "FAST: the KDC's challenge is missing", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge,
			tamper: func(r *loginReply) { r.padata = nil }}}, seen: "challenge", minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: the KDC's challenge is another's", login: login{armored: true, kdc: &loginKDC{salt: "Ralice", offer: challenge,
			tamper: func(r *loginReply) { r.padata[0].PADataValue[len(r.padata[0].PADataValue)-1]++ }}}, seen: "challenge",
			minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: a reply without it", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.noFast = true }}}, minor: status.KRB5_ERR_FAST_REQUIRED},
		{what: "FAST: not finished", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.noFinished = true }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another ticket", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.ticketSum[3]++ }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another client", login: login{armored: true, config: "canonicalize = true", kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.finished = bob }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: another request's response", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.nonce++ }}}, minor: status.KRB5_KDCREP_MODIFIED},
		{what: "FAST: the key is not strengthened", login: login{armored: true, kdc: &loginKDC{salt: "Ralice",
			tamper: func(r *loginReply) { r.key, _ = crypto.StringToKey(18, []byte(loginPassword), "Ralice", 0) }}},
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "FAST: the password has expired", login: login{armored: true, kdc: &loginKDC{refuse: 23}}, minor: status.KRB5KDC_ERR_KEY_EXP},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			cred, err := c.login.do(t)
			if e := status.Of(err); c.minor == 0 && err != nil || c.minor != 0 && (e == nil || e.Minor != c.minor) {
				t.Errorf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), loginPassword) {
				t.Errorf("the password is in the text: %v", err)
			}
			as := c.as
			if as == "" {
				as = "alice@R"
			}
			if err == nil {
				if cred.Client.String() != as || cred.Server.String() != "krbtgt/"+cred.Client.Realm+"@"+cred.Client.Realm {
					t.Errorf("%s for %s", cred.Server, cred.Client)
				}
				if cred.Client.Type != token.NTPrincipal {
					t.Errorf("%s is of the name type %d", cred.Client, cred.Client.Type)
				}
			}
			k := c.login.kdc
			if got := strings.Join(k.proofs(), " "); got != c.seen {
				t.Errorf("the KDC has seen %q, not %q", got, c.seen)
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			if last := map[string]string{"timestamp": "first", "challenge": "first", "SPAKE timestamp": "first", "SPAKE response": "second"}[c.seen]; string(k.cookie) != last {
				t.Errorf("the last cookie was %q, not %q", k.cookie, last)
			}
		})
	}
}
