// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ticketFlags asks for the flags of the ticket.
const ticketFlags token.OID = "\x2a\x85\x70\x2b\x0d\x02"

const mitPolicy = "export_sec_context = open\nformat = mit"

func TestContextInMITFormContinues(t *testing.T) {
	for _, etype := range etypes {
		for _, flags := range []uint32{0, gss.FlagMutual, allFlags} {
			r := krbtest.New(t, etype)
			configure(t, r, mitPolicy)
			client, server := pair(t, r, flags)
			for range 3 {
				talk(t, client, server, "before")
				before, _ := server.Inquire(r.Clock)
				data, err := server.InquireByOID(nil, ticketFlags)
				if err != nil {
					t.Fatal(err)
				}
				client, server = move(t, r, client), move(t, r, server)
				if supp := talk(t, client, server, "to the worker"); supp != 0 {
					t.Fatalf("supplementary %#x", supp)
				}
				talk(t, server, client, "to the client")
				after, _ := server.Inquire(r.Clock)
				if before.Flags != after.Flags || before.Lifetime != after.Lifetime || before.Local != after.Local ||
					display(t, before.Source) != display(t, after.Source) || display(t, before.Target) != display(t, after.Target) {
					t.Errorf("before %+v, after %+v", before, after)
				}
				if again, err := server.InquireByOID(nil, ticketFlags); err != nil || !slices.EqualFunc(again, data, bytes.Equal) {
					t.Errorf("ticket flags %x, not %x: %v", again, data, err)
				}
			}
		}
	}
}

func display(t testing.TB, n *gss.Name) string {
	t.Helper()
	exported, err := n.Export(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(exported)
}

// A message that was received before the export is a duplicate after the import.
func TestWindowMovesInMITForm(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, mitPolicy)
	client, server := pair(t, r, allFlags)
	tok, err := client.Wrap(true, 0, []byte("m"), memory)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []status.Major{0, status.DuplicateToken} {
		if _, _, supp, err := server.Unwrap(tok, memory); err != nil || supp != want {
			t.Errorf("time %d: %#x, %v", i, supp, err)
		}
		server = move(t, r, server)
	}
}

func TestMITFormNeedsTheOpenPolicy(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server := pair(t, r, allFlags)
	configure(t, r, "format = mit")
	wantMajor(t, errorOf(client.Export(r.Env, memory)), status.Unavailable)
	configure(t, r, mitPolicy)
	tok := export(t, r, client)
	if _, is := token.IsMITContext(tok); !is {
		t.Fatalf("the token begins with %x", tok[:16])
	}
	configure(t, r, "")
	refused(t, r.Env, tok, status.Unauthorized, "a plain token")
	configure(t, r, "export_sec_context = open")
	client, err := ctx.Import(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	talk(t, server, client, "after the import")
}

// Contexts with keys of RFC 1964 are not exported in MIT's form. The enctype of the ticket does not matter.
func TestMITFormNeedsKeysOfRFC4121(t *testing.T) {
	for permitted, want := range map[string]status.Major{"rc4": status.Unavailable, "aes256-sha1 rc4": status.Complete} {
		r := krbtest.New(t, crypto.RC4)
		configure(t, r, mitPolicy)
		conf, err := os.ReadFile(r.Vars["KRB5_CONFIG"])
		if err != nil {
			t.Fatal(err)
		}
		settings := "[libdefaults]\nallow_weak_crypto = true\nallow_rc4 = true\npermitted_enctypes = " + permitted
		r.Write(t, "krb5.conf", bytes.Replace(conf, []byte("[libdefaults]"), []byte(settings), 1))
		client, server := pair(t, r, allFlags)
		tok, err := client.Export(r.Env, memory)
		if want != status.Complete {
			wantMajor(t, err, want)
		} else if client, err = ctx.Import(r.Env, tok, nil); err != nil {
			t.Fatalf("%s: %v", permitted, err)
		}
		talk(t, client, server, "after the import")
	}
}
