// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A file may grow, or be longer than it says, as those of proc(5) are.
func TestFileThatIsTooLongIsNotRead(t *testing.T) {
	const path, limit = "/proc/self/status", 16
	if b, _, err := readFile(path, limit); err != unix.EFBIG || len(b) > 0 {
		t.Errorf("%d octets, %v", len(b), err)
	}
	if b, _, err := readFile(path, 1<<20); err != nil || len(b) <= limit {
		t.Errorf("%d octets, %v", len(b), err)
	}
	if b, _, err := readFile("/dev/zero", limit); err != unix.EINVAL || len(b) > 0 {
		t.Errorf("/dev/zero: %d octets, %v", len(b), err)
	}
}
