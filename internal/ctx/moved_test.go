// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/rand"
	"sync/atomic"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
)

// A child that is forked after the end of a context and before that of its handle inherits the context's form. It must see
// that the context was exported, by its parent or by an older child: the memory of the cell must not have been released.
func TestExportedContextIsNotInherited(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	var forks atomic.Uint32
	inherit.Forks = &forks
	t.Cleanup(func() { inherit.Forks = nil })
	child := func(form []byte) *ctx.Context {
		var words inherit.Words
		c, err := ctx.Restore(new(krb5.Library), rand.Reader, form, &words)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, by := range []string{"itself", "an older child"} {
		_, server := pair(t, r, allFlags)
		forks.Add(1) // the context's cell has memory of its own
		form := server.Snapshot(nil)
		forks.Add(1)
		_, other := pair(t, r, allFlags)
		other.Snapshot(nil)
		exporter := server
		if by != "itself" {
			exporter = child(form)
		}
		if _, err := exporter.Export(r.Env, memory); err != nil {
			t.Fatal(err)
		}
		if _, err := server.GetMIC(0, []byte("text"), memory); err == nil {
			t.Errorf("exported by %s: the context can still be used", by)
		}
		if _, err := child(form).Export(r.Env, memory); err == nil || status.Of(err).Major != status.NoContext {
			t.Errorf("exported by %s: a child's export says %v", by, err)
		}
		server.Delete()
	}
}
