// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"testing"
)

// [plugins] disables modules of one kind by name, or all others.
func TestDisabledModules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "krb5.conf")
	for _, c := range []struct {
		settings string
		names    bool // whether the module names of localauth is in use
		rule     bool
	}{
		{"", true, true},
		{"disable = rule", true, false},
		{"disable = rule\n disable = names", false, false},
		{"enable_only = names", true, false},
		{"enable_only = names\n enable_only = rule\n disable = rule", true, false},
		{"enable_only = other", false, false},
	} {
		text := "[plugins]\n localauth = {\n" + c.settings + "\n }\n clpreauth = {\n disable = names\n }\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := readConfig([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		names, rule := cfg.hasModule(pluginsLocalAuth, "names"), cfg.hasModule(pluginsLocalAuth, "rule")
		if names != c.names || rule != c.rule || cfg.hasModule(pluginsPreauth, "names") || !cfg.hasModule(pluginsCCSelect, "names") {
			t.Errorf("%q: %v, %v", c.settings, names, rule)
		}
	}
}
