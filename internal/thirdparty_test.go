// SPDX-License-Identifier: BSD-2-Clause

package internal_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// THIRD-PARTY names the licence of every module that the engine is linked with, at its version.
func TestThirdPartyIsComplete(t *testing.T) {
	text, err := os.ReadFile("../THIRD-PARTY")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 4 && strings.HasPrefix(f[1], "v") && strings.Contains(f[0], "/") {
			named = append(named, f[0]+" "+f[1])
			if _, err := os.Stat("../licenses/" + f[3]); err != nil {
				t.Errorf("%s: %v", f[0], err)
			}
		}
	}
	list := exec.Command("go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./capi")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Split(strings.TrimSpace(string(out)), "\n")
	linked = slices.DeleteFunc(linked, func(s string) bool { return s == "" })
	slices.Sort(linked)
	linked = slices.Compact(linked)
	slices.Sort(named)
	if !slices.Equal(linked, named) {
		t.Errorf("linked:\n%s\nnamed:\n%s", strings.Join(linked, "\n"), strings.Join(named, "\n"))
	}
}
