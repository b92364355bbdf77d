// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"os"
	"strings"
	"testing"
)

// What a child gets, and a core file: "dc" is MADV_DONTFORK, "dd" MADV_DONTDUMP (proc_pid_smaps(5)).
func TestMappingStaysInTheProcess(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	put(t, &l, p)
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	_, after, ok := strings.Cut(string(b), p.file())
	if !ok {
		t.Fatal("the ledger is not mapped")
	}
	_, flags, _ := strings.Cut(after, "VmFlags:")
	flags, _, _ = strings.Cut(flags, "\n")
	for _, want := range []string{" dc", " dd"} {
		if !strings.Contains(flags, want) {
			t.Errorf("flags%s lack%s", flags, want)
		}
	}
}
