// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/md5"
	"errors"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

const usageAuthenticatorSum = 10

// sumOver returns a checksum as authenticators of plain Kerberos have it.
func sumOver(t testing.TB, c *krb5.Credential, text string) *token.Checksum {
	t.Helper()
	session, err := crypto.NewKey(crypto.EType(c.Key.EType), c.Key.Value)
	if err != nil {
		t.Fatal(err)
	}
	return &token.Checksum{Type: session.EType().ChecksumType(), Sum: session.Checksum(usageAuthenticatorSum, []byte(text))}
}

func md5Over(text string) *token.Checksum {
	sum := md5.Sum([]byte(text))
	return &token.Checksum{Type: 7, Sum: sum[:]}
}

// CVE-2010-1321: an authenticator without the 0x8003 checksum, as clients of plain Kerberos send it. The context has the
// flags of the AP-REQ's options, and no channel bindings.
func TestCVE2010_1321_AuthenticatorsWithoutGSSChecksum(t *testing.T) {
	const replay = gss.FlagReplay | gss.FlagSequence
	for _, c := range []struct {
		name  string
		sum   func(*krb5.Credential) *token.Checksum
		flags uint32
		fails bool
	}{
		{"none", func(*krb5.Credential) *token.Checksum { return nil }, 0, false},
		{"of-nothing", func(c *krb5.Credential) *token.Checksum { return sumOver(t, c, "") }, replay, false},
		{"md5-of-nothing", func(*krb5.Credential) *token.Checksum { return md5Over("") }, replay, false},
		{"of-something", func(c *krb5.Credential) *token.Checksum { return sumOver(t, c, "GET /") }, 0, true},
		{"md5-of-something", func(*krb5.Credential) *token.Checksum { return md5Over("GET /") }, 0, true},
		{"md5-cut", func(*krb5.Credential) *token.Checksum { return &token.Checksum{Type: 7, Sum: md5Over("").Sum[:15]} }, 0, true},
		{"of-no-octets", func(*krb5.Credential) *token.Checksum { return &token.Checksum{Type: 16, Sum: nil} }, 0, true},
		{"of-unknown-type", func(*krb5.Credential) *token.Checksum { return &token.Checksum{Type: 1, Sum: make([]byte, 4)} }, 0, true},
	} {
		for _, mutual := range []bool{false, true} {
			for _, b := range []*gss.Bindings{nil, tls} {
				for _, says := range []bool{false, true} {
					r := krbtest.New(t, crypto.AES256SHA1)
					ticket := r.Ticket(t, nil)
					tok := r.Request(t, ticket, func(q *token.APReq, a *token.Authenticator) {
						a.Checksum = c.sum(ticket)
						q.Options = 0
						if mutual {
							q.Options = token.APMutualRequired
						}
						if says {
							a.AuthData = []token.AuthDataEntry{relevant(options(0, 0x40, 0, 0))}
						}
					})
					_, ares, err := accept(r, tok, b)
					var e *status.Error
					switch {
					case c.fails:
						if !errors.As(err, &e) || e.Minor != status.KRB5KRB_AP_ERR_INAPP_CKSUM {
							t.Errorf("%s: %v", c.name, err)
						}
						continue
					case says && b != nil:
						if !errors.As(err, &e) || e.Major != status.BadBindings {
							t.Errorf("%s, bindings missing: %v", c.name, err)
						}
						continue
					case err != nil:
						t.Errorf("%s: %v", c.name, err)
						continue
					}
					want := c.flags | gss.FlagTrans | gss.FlagProtReady
					if mutual {
						want |= gss.FlagMutual
					}
					if ares.Flags != want || (ares.Token != nil) != mutual || ares.Source == nil {
						t.Errorf("%s, mutual %v: flags %#x, want %#x, a token of %d octets", c.name, mutual, ares.Flags, want, len(ares.Token))
					}
				}
			}
		}
	}
}
