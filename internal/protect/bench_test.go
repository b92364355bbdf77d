// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"testing"

	"libgssapi/internal/crypto"
)

// BenchmarkMessage measures both ends together.
func BenchmarkMessage(b *testing.B) {
	for _, e := range allTypes {
		for _, size := range []struct {
			name string
			n    int
		}{{"1", 1}, {"64", 64}, {"1K", 1 << 10}, {"64K", 64 << 10}, {"1M", 1 << 20}, {"64M", 64 << 20}} {
			b.Run("sealed/"+e.String()+"/"+size.name, func(b *testing.B) { benchmarkWrap(b, e, true, size.n) })
			b.Run("signed/"+e.String()+"/"+size.name, func(b *testing.B) { benchmarkWrap(b, e, false, size.n) })
			b.Run("mic/"+e.String()+"/"+size.name, func(b *testing.B) { benchmarkMIC(b, e, size.n) })
		}
	}
}

func benchmarkWrap(b *testing.B, e crypto.EType, conf bool, n int) {
	i, a := pair(b, e, nil)
	msg, out, in := make([]byte, n), arena(n+100), arena(n+100)
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		tok, err := i.Wrap(conf, 0, msg, out)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, _, err := a.Unwrap(tok, in); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkMIC(b *testing.B, e crypto.EType, n int) {
	i, a := pair(b, e, nil)
	msg, out := make([]byte, n), arena(100)
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		tok, err := i.GetMIC(0, msg, out)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.VerifyMIC(msg, tok); err != nil {
			b.Fatal(err)
		}
	}
}
