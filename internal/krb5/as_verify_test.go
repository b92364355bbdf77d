// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// keytabEntry encodes a key in the form of a keytab.
func keytabEntry(p token.Principal, key *crypto.Key) []byte {
	var e []byte
	counted := func(s string) {
		e = append(binary.BigEndian.AppendUint16(e, uint16(len(s))), s...)
	}
	e = binary.BigEndian.AppendUint16(e, uint16(len(p.Components)))
	counted(p.Realm)
	for _, c := range p.Components {
		counted(c)
	}
	e = binary.BigEndian.AppendUint32(e, uint32(p.Type))
	e = append(binary.BigEndian.AppendUint32(e, 0), 1)
	e = binary.BigEndian.AppendUint16(e, uint16(key.EType()))
	counted(string(key.Bytes()))
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(e))), e...)
}

// A ticket-granting ticket is verified with this host's keys, or is refused.
func TestVerify(t *testing.T) {
	realms, env, cfg := fakeRealms(t, nil, "", "A")
	a := realms["A"]
	a.addServices(t, "host/one", "host/two", "http/one")
	alice := mustPrincipal(t, "alice@A")
	other := newKey(t, crypto.AES256SHA1)
	path := t.TempDir() + "/keytab"
	keytab := func(entries ...string) string {
		b := []byte{5, 2}
		for _, name := range entries {
			name, wrong := strings.CutSuffix(name, "!")
			key := other
			if !wrong {
				a.set(func() { key = a.keys[name] })
			}
			b = append(b, keytabEntry(mustPrincipal(t, name+"@A"), key)...)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return "FILE:" + path
	}
	for _, c := range []struct {
		what    string
		ahead   time.Duration // the KDC's clock
		keytab  string
		service string // the service; "": any host
		tgt     func(*Credential)
		tamper  func(*fakeReply)
		minor   status.Minor
	}{
		{what: "with a host's key", keytab: keytab("http/one", "host/one")},
		{what: "no keytab", keytab: "FILE:/nonexistent/keytab", minor: 2},
		{what: "an empty keytab", keytab: "none", minor: status.KRB5_KT_NOTFOUND},
		{what: "no host's key", keytab: "http", minor: status.KRB5_KT_NOTFOUND},
		{what: "a wrong key", keytab: "wrong", minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a wrong key before the right one", keytab: "second"},
		{what: "a host that the KDC does not know", keytab: "unknown", minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
		{what: "a service of our choice", keytab: "both", service: "http/one@A"},
		{what: "a service without a key", keytab: "right", service: "http/one@A", minor: status.KRB5_KT_NOTFOUND},
		{what: "a service with a wrong key beside a host with the right one", keytab: "wrong service", service: "http/one@A",
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{what: "a ticket of another client", keytab: "right", tgt: func(c *Credential) { c.Client.Components = []string{"root"} },
			minor: status.OfKRBError(36)},
		{what: "a KDC whose TGT is for another", keytab: "right", tamper: func(r *fakeReply) {
			r.rep.Ticket.Raw = a.seal(&token.EncTicketPart{Key: token.EncryptionKey{EType: r.part.Key.KeyType, Value: r.part.Key.KeyValue},
				Client: mustPrincipal(t, "root@A"), AuthTime: time.Now(), EndTime: time.Now().Add(time.Hour)}, mustPrincipal(t, "host/one@A"))
		}, minor: status.KRB5KRB_AP_ERR_BADMATCH},
		{what: "a clock that is hours slow", keytab: "right", ahead: -20 * time.Hour},
		{what: "an old ticket, and a clock of then", keytab: "right", ahead: -30 * 24 * time.Hour, minor: status.KRB5KRB_AP_ERR_SKEW},
		{what: "a ticket with another session key", keytab: "right", tamper: func(r *fakeReply) { r.part.Key.KeyValue[0]++ },
			minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
	} {
		t.Run(c.what, func(t *testing.T) {
			name := c.keytab
			switch name {
			case "none":
				name = keytab()
			case "http":
				name = keytab("http/one")
			case "wrong":
				name = keytab("host/one!")
			case "second":
				name = keytab("host/two!", "host/one")
			case "unknown":
				name = keytab("host/three!")
			case "both":
				name = keytab("host/one!", "http/one")
			case "wrong service":
				name = keytab("host/one", "http/one!")
			case "right":
				name = keytab("host/one")
			default:
				if strings.Contains(name, path) {
					name = keytab("http/one", "host/one")
				}
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
