// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var refusing = token.Principal{Type: token.NTSrvHst, Components: []string{"host", "server"}, Realm: "TEST"}

// The text of an error may name files. The peer gets the code, or a text without names.
func TestErrorsForPeersNameNoFile(t *testing.T) {
	for _, test := range []struct {
		minor      status.Minor
		code       int32
		text, says string
	}{
		{status.KRB5KRB_AP_ERR_SKEW, 37, "", "host/server@TEST refused the request: Clock skew too great"},
		{status.KRB5_KT_NOTFOUND, 60, "Key table entry not found",
			`host/server@TEST refused the request: Generic error (Key table entry not found)`},
		{status.Generic, 60, "", "host/server@TEST refused the request: Generic error"},
		{2, 60, "", "host/server@TEST refused the request: Generic error"}, // ENOENT
	} {
		b := ErrorMessage(status.Errorf(status.Failure, test.minor, "FILE:/etc/secret: no key"), time.Now(), refusing)
		msg, err := token.ParseKRBError(b)
		if err != nil || msg.Code != test.code || msg.Text != test.text {
			t.Errorf("%#x: %+v, %v", uint32(test.minor), msg, err)
		}
		if e := status.Of(PeerError(b)); e.Text != test.says || e.Minor != status.OfKRBError(test.code) {
			t.Errorf("%#x: %#x, %s", uint32(test.minor), uint32(e.Minor), e.Text)
		}
	}
}

// Texts from peers are shown, but cannot do anything else.
func TestTextsOfPeers(t *testing.T) {
	for text, want := range map[string]string{
		"database is down\x00":    `Generic error (database is down)`,
		"\x1b[2J\nroot logged in": `Generic error (?[2J?root logged in)`,
		`" refused"`:              `Generic error (" refused")`,
		"\u202egnorw":             `Generic error (?gnorw)`,
		"K\xf6ln":                 `Generic error (K?ln)`,
		"\x00secret":              "Generic error",
		"Generic error":           "Generic error",
		strings.Repeat("a", 999):  "Generic error (" + strings.Repeat("a", 256) + ")",
	} {
		msg := token.KRBError{Code: 60, SName: refusing, STime: time.Unix(1e9, 0), Text: text}
		if got := PeerError(msg.Marshal()).Error(); got != "host/server@TEST refused the request: "+want {
			t.Errorf("%q: %s", text, got)
		}
	}
}
