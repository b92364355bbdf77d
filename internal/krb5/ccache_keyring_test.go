// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"testing"
	"time"

	"libgssapi/internal/status"
)

func TestKeyringNames(t *testing.T) {
	for residual, want := range map[string]keyringName{
		"":                 {anchor: "legacy"},
		"abc":              {anchor: "legacy", collection: "abc"},
		"session:abc":      {anchor: "session", collection: "abc"},
		"session:abc:tkt":  {anchor: "session", collection: "abc", subsidiary: "tkt", isCache: true},
		"persistent:0:a:b": {anchor: "persistent", collection: "0", subsidiary: "a:b", isCache: true},
	} {
		if got := parseKeyringName(residual); got != want {
			t.Errorf("%q: %+v", residual, got)
		}
	}
}

func TestKeyringPrimary(t *testing.T) {
	if got, err := parseKeyringPrimary(marshalPrimary("tkt")); err != nil || got != "tkt" {
		t.Errorf("%q, %v", got, err)
	}
	for payload, minor := range map[string]status.Minor{
		"":                                     status.KRB5_CC_FORMAT,
		"\x00\x00\x00\x01":                     status.KRB5_CC_FORMAT,
		"\x00\x00\x00\x02\x00\x00\x00\x01a":    status.KRB5_KCC_UNKNOWN_VERSION,
		"\x00\x00\x00\x01\x00\x00\x00\x02a":    status.KRB5_CC_FORMAT,
		"\x00\x00\x00\x01\xff\xff\xff\xffa":    status.KRB5_CC_FORMAT,
		"\x00\x00\x00\x01\x00\x00\x00\x00":     status.KRB5_CC_FORMAT,
		"\x00\x00\x00\x01\x00\x00\x00\x01\x00": status.KRB5_CC_FORMAT,
	} {
		if _, err := parseKeyringPrimary([]byte(payload)); err == nil || err.Minor != minor {
			t.Errorf("%q: %v", payload, err)
		}
	}
}

// FuzzKeyring reads arbitrary keys, because the user's other programs write them, too.
func FuzzKeyring(f *testing.F) {
	f.Add(marshalPrimary("tkt"), "keyring;0;0;3f010000;krb_ccache_x")
	f.Add(marshalOffsets(-3*time.Second-time.Microsecond), "user;0")
	f.Add(sampleCredential(f, "krbtgt/A.TEST@A.TEST").Marshal(), "")
	f.Fuzz(func(t *testing.T, b []byte, description string) {
		if name, err := parseKeyringPrimary(b); err == nil && name == "" {
			t.Error("no name")
		}
		if offset := parseOffsets(b); len(b) == 8 && offset != parseOffsets(marshalOffsets(offset)) {
			t.Errorf("offset %s", offset)
		}
		if cred, ok := unmarshalCredential(b); ok {
			again, ok := unmarshalCredential(cred.Marshal())
			if !ok || !again.Server.Equal(cred.Server) || len(again.Key.Value) != len(cred.Key.Value) {
				t.Errorf("%+v became %+v", cred, again)
			}
		}
		_, _ = unmarshalPrincipal(b)
		if kind, _ := parseKeyDescription(description); len(kind) > len(description) {
			t.Error(kind)
		}
	})
}
