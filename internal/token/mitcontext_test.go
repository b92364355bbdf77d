// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// Tokens that MIT krb5 1.20.1 exported, with all that its library writes into them.
func TestTokensOfMITsLibrary(t *testing.T) {
	for _, side := range []string{"initiator", "acceptor"} {
		text, err := os.ReadFile("testdata/mit-context-" + side + ".hex")
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		c, err := ParseMITContext(b)
		if err != nil {
			t.Errorf("%s: %v", side, err)
			continue
		}
		here, there, entries := "alice@MIT.TEST", "demo/localhost@MIT.TEST", 0
		if side == "acceptor" {
			here, there, entries = there, here, 1
		}
		w := c.Window
		if c.Initiator != (side == "initiator") || string(c.Here) != here || string(c.There) != there || c.Key == nil ||
			c.Subkey == nil || c.AcceptorSubkey == nil || len(c.AuthData) != entries || c.Flags&^0x80 != 0x13e ||
			!w.Replay || !w.Sequence || w.Base != c.RecvSeq || w.Next != 0 || w.Map != 0 ||
			c.EndTime-c.AuthTime != 10*60*60 || c.TicketFlags == 0 {
			t.Errorf("%s: %+v", side, c)
		}
		for n := range b {
			if _, err := ParseMITContext(b[:n]); err == nil {
				t.Errorf("%s: cut to %d of %d octets it is a token", side, n, len(b))
			}
		}
	}
}
