// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
)

// BenchmarkMove is an export and an import, sealed and plain.
func BenchmarkMove(b *testing.B) {
	for _, policy := range []string{"account", "open"} {
		b.Run(policy, func(b *testing.B) {
			r := krbtest.New(b, crypto.AES256SHA1)
			configure(b, r, "export_sec_context = "+policy)
			_, server := pair(b, r, allFlags)
			b.ReportAllocs()
			for b.Loop() {
				tok, err := server.Export(r.Env, memory)
				if err != nil {
					b.Fatal(err)
				}
				if server, err = ctx.Import(r.Env, tok, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEstablish is the exchange of an initiator that has its ticket with an acceptor.
func BenchmarkEstablish(b *testing.B) {
	r := krbtest.New(b, crypto.AES256SHA1)
	pair(b, r, allFlags) // now there is a ticket for the service
	b.ReportAllocs()
	for b.Loop() {
		client, res := initiate(b, r, gss.InitArgs{Flags: allFlags})
		server, reply, err := accept(r, res.Token, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := client.Init(r.Env, gss.InitArgs{Target: target(b), Input: reply.Token}); err != nil {
			b.Fatal(err)
		}
		client.Delete()
		server.Delete()
	}
}
