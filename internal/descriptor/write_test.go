// SPDX-License-Identifier: BSD-2-Clause

package descriptor

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// A write beyond RLIMIT_FSIZE is refused before the kernel sends a signal. The test runs itself with the limit.
func TestWriteWithinTheLimitOfFiles(t *testing.T) {
	const variable, limit = "TEST_FILE_LIMIT", 100
	if os.Getenv(variable) == "" {
		limited := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		limited.Env = append(os.Environ(), variable+"=1")
		if out, err := limited.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	fd := open(t, "limited")
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		offset, size int64
		want         error
	}{{0, limit, nil}, {limit - 1, 1, nil}, {limit, 0, nil}, {limit, 1, unix.EFBIG}, {0, limit + 1, unix.EFBIG}} {
		if err := WriteAt(fd, make([]byte, v.size), v.offset); err != v.want {
			t.Errorf("%d octets at %d: %v", v.size, v.offset, err)
		}
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Size != limit {
		t.Errorf("the file has %d octets, %v", st.Size, err)
	}
}
