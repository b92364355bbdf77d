// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// A ticket-granting ticket is verified with this host's keys, or is refused.
func TestVerify(t *testing.T) {
	realms, env, cfg := fakeRealms(t, nil, "", "A")
	a := realms["A"]
	a.addServices(t, "host/one", "host/two", "http/one")
	alice := mustPrincipal(t, "alice@A")
	other := newKey(t, crypto.AES256SHA1)
	// keytab writes keys of services in realm A. A name that ends in ! gets a wrong key.
	keytab := func(t *testing.T, names []string) string {
		file := newKeytabFile(keytabVersion2)
		for _, name := range names {
			name, wrong := strings.CutSuffix(name, "!")
			key := other
			if !wrong {
				a.set(func() { key = a.keys[name] })
			}
			file.addKey(mustPrincipal(t, name+"@A"), key)
		}
		return writeFile(t, "keytab", string(file.b))
	}
	type keys = []string
	for _, c := range []struct {
		what    string
		ahead   time.Duration // the KDC's clock
		keys    keys          // of the keytab; nil: there is none
		service string        // "": any host
		tgt     func(*Credential)
		tamper  func(*fakeReply)
		minor   status.Minor
	}{
		{what: "with a host's key", keys: keys{"http/one", "host/one"}},
		{what: "no keytab", minor: 2},
		{what: "an empty keytab", keys: keys{}, minor: status.KRB5_KT_NOTFOUND},
		{what: "no host's key", keys: keys{"http/one"}, minor: status.KRB5_KT_NOTFOUND},
		{what: "a wrong key", keys: keys{"host/one!"}, minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a wrong key before the right one", keys: keys{"host/two!", "host/one"}},
		{what: "a host that the KDC does not know", keys: keys{"host/three!"}, minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
		{what: "a service of our choice", keys: keys{"host/one!", "http/one"}, service: "http/one@A"},
		{what: "a service without a key", keys: keys{"host/one"}, service: "http/one@A", minor: status.KRB5_KT_NOTFOUND},
		{what: "a service with a wrong key beside a host with the right one", keys: keys{"host/one", "http/one!"}, service: "http/one@A",
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a ticket of another client", keys: keys{"host/one"}, tgt: func(c *Credential) { c.Client.Components = []string{"root"} },
			minor: status.OfKRBError(36)},
		{what: "a KDC whose TGT is for another", keys: keys{"host/one"}, tamper: func(r *fakeReply) {
			r.rep.Ticket.Raw = a.seal(&token.EncTicketPart{Key: token.EncryptionKey{EType: r.part.Key.KeyType, Value: r.part.Key.KeyValue},
				Client: mustPrincipal(t, "root@A"), AuthTime: time.Now(), EndTime: time.Now().Add(time.Hour)}, mustPrincipal(t, "host/one@A"))
		}, minor: status.KRB5KRB_AP_ERR_BADMATCH},
		{what: "a clock that is hours slow", keys: keys{"host/one"}, ahead: -20 * time.Hour},
		{what: "an old ticket, and a clock of then", keys: keys{"host/one"}, ahead: -30 * 24 * time.Hour, minor: status.KRB5KRB_AP_ERR_SKEW},
		{what: "a ticket with another session key", keys: keys{"host/one"}, tamper: func(r *fakeReply) { r.part.Key.KeyValue[0]++ },
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
	} {
		t.Run(c.what, func(t *testing.T) {
			name := "FILE:/nonexistent/keytab"
			if c.keys != nil {
				name = keytab(t, c.keys)
			}
			a.set(func() { a.clock = func() time.Time { return time.Now().Add(c.ahead) } })
			tgt := a.issue(t, alice, "krbtgt/A", token.TicketInitial)
			if c.tgt != nil {
				c.tgt(tgt)
			}
			a.set(func() { a.tamper = c.tamper })
			before := string(tgt.Key.Value)
			var service *token.Principal
			if c.service != "" {
				p := mustPrincipal(t, c.service)
				service = &p
			}
			err := (&Verify{name, service}).initial(env, cfg, tgt)
			if e := status.Of(err); c.minor == 0 && err != nil || c.minor != 0 && (e == nil || e.Minor != c.minor) {
				t.Errorf("%v", err)
			}
			if string(tgt.Key.Value) != before {
				t.Error("the key of the ticket was wiped")
			}
		})
	}
}
