// SPDX-License-Identifier: BSD-2-Clause

package descriptor

import "golang.org/x/sys/unix"

// WriteAt writes b at an offset of a file. It returns EFBIG, and writes nothing, if the process must not make the file so
// long (RLIMIT_FSIZE): if it tried nevertheless, the kernel would send it SIGXFSZ, which ends programs that do not handle
// it.
func WriteAt(fd int, b []byte, offset int64) error {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_FSIZE, &limit) == nil && uint64(offset)+uint64(len(b)) > uint64(limit.Cur) {
		return unix.EFBIG
	}
	for len(b) > 0 {
		n, err := unix.Pwrite(fd, b, offset)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return unix.EIO
		}
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}
