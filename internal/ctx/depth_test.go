// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"testing"
	"unsafe"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/stack"
)

const painted = 48 << 10

// paint fills the stack below its caller's frame.
//
//go:noinline
func paint() byte {
	var frame [painted]byte
	for i := range frame {
		frame[i] = 0xa5
	}
	return frame[frame[7]]
}

// depth returns how many octets below its caller's frame have been overwritten since paint.
//
//go:noinline
func depth() int {
	var here [8]uint64
	for i := painted - 1024; i > 0; i -= 8 {
		if *(*uint64)(unsafe.Add(unsafe.Pointer(&here), -i)) != 0xa5a5a5a5a5a5a5a5 {
			return i
		}
	}
	return 0
}

// After gss_export_sec_context and gss_import_sec_context only so much of the stack is wiped. What reads the
// configuration and opens the ledger needs more, once, before a key is touched; so does the runtime at times, which knows
// no keys.
func TestExportAndImportNeedLittleStack(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	_, server := pair(t, r, allFlags)
	stack.Headroom()
	least := [2]int{painted, painted}
	for range 8 {
		paint()
		tok, err := server.Export(r.Env, memory)
		least[0] = min(least[0], depth())
		if err != nil {
			t.Fatal(err)
		}
		paint()
		server, err = ctx.Import(r.Env, tok, nil)
		least[1] = min(least[1], depth())
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, call := range []string{"export", "import"} {
		// Half of it is for the frames of the C function itself and for what another compiler makes of all this.
		if least[i] == 0 || least[i] > stack.Shallow/2 {
			t.Errorf("an %s needs %d octets; WipeShallow overwrites %d", call, least[i], stack.Shallow)
		}
	}
}
