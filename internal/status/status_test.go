// SPDX-License-Identifier: BSD-2-Clause

package status

import "testing"

// What a peer has put into a name does not control a terminal.
func TestTextsArePrintable(t *testing.T) {
	for peers, want := range map[string]string{
		"R\n[1] a line": "R?[1] a line", "\x1b[2J": "?[2J", "\u009b2J": "?2J", "\u0085": "?", "\x7f": "?", "\x9b2J": "\ufffd2J",
		"Köln": "Köln",
	} {
		if got := Errorf(Failure, Generic, "%s", peers).Text; got != want {
			t.Errorf("%q is %q", peers, got)
		}
	}
}
