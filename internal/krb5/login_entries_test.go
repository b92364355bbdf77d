// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "testing"

// What the KDC said about FAST is filed under the name of the TGT, as in MIT krb5, and does not concern the whole
// cache.
func TestCachesRememberFASTSupport(t *testing.T) {
	tgt := &Credential{Client: mustPrincipal(t, "alice@A"), Server: mustPrincipal(t, "krbtgt/A@A")}
	if entries := loginEntries(tgt); len(entries) != 0 {
		t.Errorf("%d entries of a KDC that said nothing", len(entries))
	}
	tgt.fast = true
	contents := &ccacheContents{principal: tgt.Client}
	for _, entry := range loginEntries(tgt) {
		contents.add(entry)
	}
	if len(contents.config) != 1 {
		t.Fatalf("%d entries", len(contents.config))
	}
	entry := contents.config[0]
	want := `krb5_ccache_conf_data/fast_avail/krbtgt\/A\@A@X-CACHECONF:`
	if got := entry.Server.String(); got != want || string(entry.Ticket) != "yes" || !entry.Client.Equal(tgt.Client) {
		t.Errorf("%s of %s: %q, not %s", got, entry.Client, entry.Ticket, want)
	}
}
