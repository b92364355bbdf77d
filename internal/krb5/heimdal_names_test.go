// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"libgssapi/internal/crypto"
)

// Where the system's programs are Heimdal's, its names of settings count, unless MIT krb5's are there.
func TestSettingsByHeimdalsNames(t *testing.T) {
	env := newTestEnv(t, nil)
	path := filepath.Join(t.TempDir(), "krb5.conf")
	aes128, aes256 := []crypto.EType{crypto.AES128SHA1}, []crypto.EType{crypto.AES256SHA1}
	for _, c := range []struct {
		settings string
		heimdal  bool
		cache    string
		tgs, tkt []crypto.EType // nil: all
	}{
		{"default_cc_name = FILE:/h", true, "FILE:/h", nil, nil},
		{"default_cc_name = FILE:/h%{null}x", true, "FILE:/hx", nil, nil},
		{"default_cc_name = FILE:/h", false, "", nil, nil},
		{"default_ccache_name = FILE:/m\n default_cc_name = FILE:/h", true, "FILE:/m", nil, nil},
		{"default_etypes = aes128-cts-hmac-sha1-96", true, "", aes128, aes128},
		{"default_etypes = aes128-cts-hmac-sha1-96", false, "", nil, nil},
		{"default_etypes = aes128-cts-hmac-sha1-96\n default_as_etypes = aes256-cts", true, "", aes128, aes256},
		{"default_tgs_etypes = aes256-cts\n permitted_enctypes = aes128-cts", true, "", aes256, aes128},
		{"default_tkt_enctypes = aes256-cts\n default_as_etypes = aes128-cts", true, "", nil, aes256},
	} {
		if err := os.WriteFile(path, []byte("[libdefaults]\n "+c.settings+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := readConfig([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		cfg.heimdal = c.heimdal
		name, err := cfg.DefaultCCacheName(env)
		if c.cache == "" {
			c.cache, _ = expandPath(env, defaultCCache)
		}
		all := func(list []crypto.EType) []crypto.EType {
			if list == nil {
				return cfg.allowed(supported(defaultEnctypes))
			}
			return list
		}
		if err != nil || name != c.cache || !slices.Equal(cfg.TGSEnctypes(), all(c.tgs)) || !slices.Equal(cfg.TktEnctypes(), all(c.tkt)) {
			t.Errorf("%q, Heimdal %v: %s, %v, %v, %v", c.settings, c.heimdal, name, cfg.TGSEnctypes(), cfg.TktEnctypes(), err)
		}
	}
}
