// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"fmt"
	"strings"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var (
	tls      = &gss.Bindings{ApplicationData: []byte("tls-exporter:0123")}
	otherTLS = &gss.Bindings{ApplicationData: []byte("tls-exporter:9999")}
)

// exchange establishes a context with the bindings of each side.
func exchange(t testing.TB, r *krbtest.Realm, mech token.OID, flags uint32, client, server *gss.Bindings,
) (res gss.Result, ares gss.Result, err error) {
	t.Helper()
	i, a := ctx.NewInitiator(), ctx.NewAcceptor()
	for res.More = true; ; {
		if res.More {
			if res, err = i.Init(r.Env, gss.InitArgs{
				Target: target(t), Mech: mech, Flags: flags, Bindings: client, Input: ares.Token}); err != nil {
				t.Fatal(err)
			}
		}
		if res.Token == nil {
			return res, ares, nil
		}
		if ares, err = a.Accept(r.Env, gss.AcceptArgs{Bindings: server, Input: res.Token}); err != nil {
			return res, ares, err
		}
		if ares.Token == nil {
			return res, ares, nil
		}
	}
}

// setDefault adds a setting to [libdefaults].
func setDefault(t testing.TB, r *krbtest.Realm, setting string) {
	t.Helper()
	first := r.Write(t, "first.conf", []byte("[libdefaults]\n\t"+setting+"\n"))
	r.Vars["KRB5_CONFIG"] = first + ":" + r.Vars["KRB5_CONFIG"]
}

// An initiator with KERB_AP_OPTIONS_CBT but without bindings is accepted only if the acceptor has no bindings either.
func TestBindings(t *testing.T) {
	const aware = "client_aware_channel_bindings = true"
	for _, c := range []struct {
		name           string
		client, server *gss.Bindings
		refused        bool // only of an initiator that sets the option, unless always
		always, bound  bool
	}{
		{"same", tls, tls, false, false, true},
		{"different", tls, otherTLS, true, true, false},
		{"server-only", nil, tls, true, false, false},
		{"client-only", tls, nil, false, false, false},
		{"none", nil, nil, false, false, false},
		{"empty-on-both-sides", &gss.Bindings{}, &gss.Bindings{}, false, false, true},
		{"server-empty", nil, &gss.Bindings{}, true, false, false},
	} {
		for _, asked := range []struct {
			name    string
			setting string
			flags   uint32
			says    bool
		}{
			{"", "", 0, false},
			{"flag", "", gss.FlagChannelBound, true},
			{"setting", aware, 0, true},
			{"both", aware, gss.FlagChannelBound, true},
		} {
			for name, mech := range map[string]token.OID{"krb5": token.MechKRB5, "spnego": token.MechSPNEGO} {
				for _, flags := range []uint32{0, allFlags, dceFlags} {
					t.Run(fmt.Sprintf("%s/%s/%s/%#x", c.name, asked.name, name, flags), func(t *testing.T) {
						r := krbtest.New(t, crypto.AES256SHA2)
						if asked.setting != "" {
							setDefault(t, r, asked.setting)
						}
						r.Login(t, nil)
						res, ares, err := exchange(t, r, mech, flags|asked.flags, c.client, c.server)
						if c.always || c.refused && asked.says {
							wantMajor(t, err, status.BadBindings)
							return
						}
						if err != nil || (ares.Flags&gss.FlagChannelBound != 0) != c.bound {
							t.Errorf("error %v, flags %#x", err, ares.Flags)
						}
						// The initiator does not learn whether the bindings matched.
						if res.Flags&gss.FlagChannelBound != 0 {
							t.Errorf("the initiator's flags are %#x", res.Flags)
						}
					})
				}
			}
		}
	}
}

// options returns an element AD-AUTH-DATA-AP-OPTIONS.
func options(b ...byte) token.AuthDataEntry {
	return token.AuthDataEntry{Type: token.ADAPOptions, Data: b}
}

func relevant(list ...token.AuthDataEntry) token.AuthDataEntry {
	return token.AuthDataEntry{Type: token.ADIfRelevant, Data: token.MarshalAuthData(list)}
}

func TestOptionsOfTheAuthenticator(t *testing.T) {
	other := token.AuthDataEntry{Type: 141, Data: []byte("anything")}
	cbt := options(0, 0x40, 0, 0)
	malformed := status.KRB5KRB_AP_ERR_MSG_TYPE
	for _, c := range []struct {
		name  string
		list  []token.AuthDataEntry
		major status.Major
		minor status.Minor
	}{
		{"none", nil, 0, 0},
		{"another-element", []token.AuthDataEntry{relevant(other)}, 0, 0},
		{"set", []token.AuthDataEntry{relevant(cbt)}, status.BadBindings, status.Generic},
		{"in-the-second-element", []token.AuthDataEntry{relevant(other), relevant(other, cbt)}, status.BadBindings, status.Generic},
		{"not-inside", []token.AuthDataEntry{cbt}, status.BadBindings, status.Generic},
		{"nested", []token.AuthDataEntry{relevant(relevant(cbt))}, status.BadBindings, status.Generic},
		{"with-unverified-target-name", []token.AuthDataEntry{relevant(options(0, 0xc0, 0, 0))}, status.BadBindings, status.Generic},
		{"another-option", []token.AuthDataEntry{relevant(options(0, 0x80, 0, 0))}, 0, 0},
		{"big-endian", []token.AuthDataEntry{relevant(options(0, 0, 0x40, 0))}, 0, 0},
		{"cut", []token.AuthDataEntry{relevant(options(0, 0x40, 0))}, status.Failure, malformed},
		{"longer", []token.AuthDataEntry{relevant(options(0, 0x40, 0, 0, 0))}, status.Failure, malformed},
		{"empty", []token.AuthDataEntry{relevant(options())}, status.Failure, malformed},
		{"twice", []token.AuthDataEntry{relevant(cbt, cbt)}, status.Failure, malformed},
		{"in-two-places", []token.AuthDataEntry{relevant(options(0, 0, 0, 0)), cbt}, status.Failure, malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES128SHA1)
			tok := r.Request(t, r.Ticket(t, nil), func(_ *token.APReq, a *token.Authenticator) { a.AuthData = c.list })
			_, ares, err := accept(r, tok, tls)
			if c.major == 0 {
				if err != nil || ares.Flags&gss.FlagChannelBound != 0 {
					t.Errorf("error %v, flags %#x", err, ares.Flags)
				}
				return
			}
			if e := wantMajor(t, err, c.major); e.Minor != c.minor || e.Text == "" {
				t.Errorf("minor %q: %s", e.Minor.Text(), e.Text)
			}
		})
	}
}

// Only the client can set options, in its authenticator: those in the ticket have no effect.
func TestOptionsOfTheTicketDoNotCount(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	ticket := r.Ticket(t, func(p *krbtest.Part) { p.AuthData = []token.AuthDataEntry{relevant(options(0, 0x40, 0, 0))} })
	if _, _, err := accept(r, r.Request(t, ticket, nil), tls); err != nil {
		t.Error(err)
	}
}

func TestBindingsTexts(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	r.Login(t, nil)
	_, _, err := exchange(t, r, token.MechKRB5, gss.FlagChannelBound, nil, tls)
	if e := wantMajor(t, err, status.BadBindings); !strings.HasPrefix(e.Text, "alice@TEST.EXAMPLE gave no channel bindings") {
		t.Error(e.Text)
	}
	_, _, err = exchange(t, r, token.MechKRB5, gss.FlagChannelBound, otherTLS, tls)
	if e := wantMajor(t, err, status.BadBindings); e.Text != "the channel bindings of alice@TEST.EXAMPLE differ from ours" {
		t.Error(e.Text)
	}
}
