// SPDX-License-Identifier: BSD-2-Clause

// Package descriptor closes the files that the engine opens, and no others, and writes to them within the limits
// of the process.
//
// The program may close any descriptor at any moment, with closefrom(2) in another thread for instance, and its next
// open(2) gets the number. Closing that number then would take the file away from the program.
package descriptor

import "golang.org/x/sys/unix"

// File is an open file, known by its descriptor, device and inode.
type File struct {
	fd       int
	lost     bool // it was closed before it could be identified
	Dev, Ino uint64
}

// Of identifies the file behind fd. It must follow open(2) at once.
func Of(fd int) File {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return File{fd: fd, lost: true}
	}
	return File{fd: fd, Dev: uint64(st.Dev), Ino: st.Ino}
}

// Close closes the descriptor if it still refers to the file, and returns EBADF otherwise.
func (f File) Close() error {
	if now := Of(f.fd); now.lost || now != f {
		return unix.EBADF
	}
	return unix.Close(f.fd)
}

// OpenError returns the error of an open(2) that may have had O_NOFOLLOW. For a symbolic link, FreeBSD returns EMLINK,
// whose text is about hard links; other systems return ELOOP.
func OpenError(err error) error {
	if err == unix.EMLINK {
		return unix.ELOOP
	}
	return err
}
