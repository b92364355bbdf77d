// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asOrdinaryUser removes the superuser's power over files for the rest of the test, which must create its files in
// directories that are open to all.
func asOrdinaryUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chmod(filepath.Dir(t.TempDir()), 0o777); err != nil {
		t.Fatal(err)
	}
	// The file system user ID is the thread's.
	runtime.LockOSThread()
	if _, err := unix.SetfsuidRetUid(65534); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = unix.SetfsuidRetUid(0)
		runtime.UnlockOSThread()
	})
}
