// SPDX-License-Identifier: BSD-2-Clause

package status

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What a peer has put into a name does not control a terminal.
func TestTextsArePrintable(t *testing.T) {
	for peers, want := range map[string]string{
		"R\n[1] a line": "R?[1] a line", "\x1b[2J": "?[2J", "\u009b2J": "?2J", "\u0085": "?", "\x7f": "?", "\x9b2J": "?2J",
		"Köln": "Köln", "\u202emoor": "?moor", "a\u2066b\u200bc\u2028d\ufeff": "a?b?c?d?",
	} {
		if got := Errorf(Failure, Generic, "%s", peers).Text; got != want {
			t.Errorf("%q is %q", peers, got)
		}
		if got := Of(errors.New(peers)).Text; got != want {
			t.Errorf("an error of another kind: %q is %q", peers, got)
		}
	}
}

func TestErrorsKeepWhatIsNotReplaced(t *testing.T) {
	cause := Errorf(NoCred, KRB5_KT_NOTFOUND, "no key")
	if got := *WithMajor(fmt.Errorf("wrapped: %w", cause), Failure); got != (Error{Failure, KRB5_KT_NOTFOUND, "no key"}) {
		t.Errorf("%+v", got)
	}
	if cause.Major != NoCred {
		t.Error("the cause has changed")
	}
	if got := *Prefix(cause, "keytab %s", "100%"); got != (Error{NoCred, KRB5_KT_NOTFOUND, "keytab 100%: no key"}) {
		t.Errorf("%+v", got)
	}
	if got := *Prefix(errors.New("x"), "y"); got != (Error{Failure, Generic, "y: x"}) {
		t.Errorf("%+v", got)
	}
}

// What a KDC may answer has words, not only a number (RFC 4120, Section 7.5.9; RFC 4556, Section 3.1.3). A number that is none
// of the protocol's is told.
func TestErrorsOfKDCsHaveTexts(t *testing.T) {
	for code := int32(1); code <= 81; code++ {
		if code == 30 || code >= 53 && code <= 59 {
			continue // of no RFC
		}
		if text := OfKRBError(code).Text(); strings.HasPrefix(text, "Kerberos protocol error") {
			t.Error(text)
		}
	}
	for code := range int32(128) {
		if text := OfKRBError(code).text(); text != "" && protocolText(int64(code)) != "" {
			t.Errorf("%s has another text", text)
		}
	}
	for code, want := range map[int32]string{37: "Clock skew too great", 30: "Kerberos protocol error 30", 1000: "Kerberos protocol error 1000",
		-1: "Kerberos protocol error -1"} {
		if got := TextOfKRBError(code); got != want {
			t.Errorf("%d: %s", code, got)
		}
	}
}
