// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
)

// A ledger is the file "ledger" in a directory that nobody else can enter, so nobody else can replace the file or link
// to it. The directory libgssapi-UID has mode 0700 and its file 0600; libgssapi-group-GID has mode 02770 and its file
// 0660, and only a member of the group can have created it.
//
// A process that creates, replaces or lengthens the file locks the directory with flock(2): descriptors of the same
// process exclude one another, and a dead process holds no lock. An intact file with room needs no lock. The file is
// never shortened. No descriptor is kept, so a program that closes all of them does no harm.
const (
	fileName = "ledger"
	newName  = "ledger.new"

	firstSlots = 1 << 10 // 64 KiB
	maxSlots   = 1 << 18 // 16 MiB
)

// lockPatience limits the wait for a process that lengthens the file.
const lockPatience = 5 * time.Second

// errDamaged reports damaged contents of a file that is otherwise in order.
var errDamaged = errors.New("damaged")

func (p *Place) directory(base string) string {
	if p.Group {
		return base + "/libgssapi-group-" + strconv.FormatUint(uint64(p.ID), 10)
	}
	return base + "/libgssapi-" + strconv.FormatUint(uint64(p.ID), 10)
}

func (p *Place) modes() (dir, file uint32) {
	if p.Group {
		return 0o2770, 0o660
	}
	return 0o700, 0o600
}

// openDirectory opens the ledger's directory. If create is set, it creates a missing directory.
func (p *Place) openDirectory(path string, create bool) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	for tries := 0; ; tries++ {
		fd, err := openRetry(func() (int, error) { return unix.Open(path, flags, 0) })
		if err == nil {
			dir := descriptor.Of(fd)
			if err = p.checkDirectory(fd); err == nil {
				return fd, nil
			}
			_ = dir.Close()
		}
		switch {
		case tries == 2:
			return -1, err
		case err == unix.ENOENT && create:
			if err := p.makeDirectory(path); err != nil && err != unix.EEXIST {
				return -1, err
			}
		case !p.mendDirectory(path):
			return -1, err
		}
	}
}

// open maps the ledger. It first creates a missing or damaged ledger, and lengthens one that is no longer than full
// octets.
func (p *Place) open(path string, full int64, rand io.Reader) (*mapping, error) {
	dir, err := p.openDirectory(path, true)
	if err != nil {
		return nil, err
	}
	defer descriptor.Of(dir).Close()
	m, err := p.openFile(dir)
	if err == nil {
		if int64(len(m.table))*8 > full {
			return m, nil
		}
		unmapTable(m.table)
	} else if err != errDamaged && !isMissing(err) {
		return nil, err
	}
	err = locked(dir, func() (err error) {
		if full > 0 {
			if err := p.growFile(dir, full); err != nil && !isMissing(err) {
				return err
			}
		}
		m, err = p.openFile(dir)
		if err == errDamaged || isMissing(err) {
			if err = p.createFile(dir, rand); err == nil {
				m, err = p.openFile(dir)
			}
		}
		return err
	})
	return m, err
}

// makeDirectory creates a group's directory under another name first, so that others see it only when it is complete.
// An account's directory gets its mode soon after: see mendDirectory.
func (p *Place) makeDirectory(path string) error {
	if !p.Group {
		return unix.Mkdir(path, 0o700)
	}
	draft, err := makeDraft(path)
	if err != nil {
		return err
	}
	mode, _ := p.modes()
	err = unix.Lchown(draft, -1, int(p.ID))
	if err == nil {
		err = unix.Chmod(draft, mode)
	}
	if err == nil {
		err = unix.Rename(draft, path)
	}
	if err != nil {
		_ = unix.Rmdir(draft)
	}
	if err == unix.ENOTEMPTY {
		return unix.EEXIST
	}
	return err
}

// makeDraft creates an empty directory next to path. A process that died may have left one with the name that is tried
// first.
func makeDraft(path string) (string, error) {
	for i := 0; ; i++ {
		draft := fmt.Sprintf("%s.%d.%d", path, unix.Getpid(), i)
		if err := unix.Mkdir(draft, 0o700); err != unix.EEXIST || i == 100 {
			return draft, err
		}
	}
}

// mendDirectory sets the mode of an account's directory if the creator's umask removed some of it, and reports whether
// it did. Nobody but the account can replace the directory: it is in a directory of the system, or in one with the
// sticky bit.
func (p *Place) mendDirectory(path string) bool {
	var st unix.Stat_t
	if p.Group || unix.Lstat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR || st.Uid != p.ID {
		return false
	}
	mode, _ := p.modes()
	got := uint32(st.Mode) & 0o7777 &^ unix.S_ISGID
	return got != mode && got&^mode == 0 && unix.Chmod(path, mode) == nil
}

func (p *Place) checkDirectory(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	mode, _ := p.modes()
	return p.check(&st, mode)
}

// checkFile rejects a file that nobody who follows these rules has created.
func (p *Place) checkFile(fd int) (unix.Stat_t, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return st, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return st, errors.New("it is not a regular file")
	}
	if st.Nlink > 1 {
		return st, errors.New("it has other names (hard links)")
	}
	_, mode := p.modes()
	return st, p.check(&st, mode)
}

func (p *Place) check(st *unix.Stat_t, mode uint32) error {
	if p.Group && st.Gid != p.ID {
		return fmt.Errorf("it belongs to group %d, not to %d", st.Gid, p.ID)
	}
	if !p.Group && st.Uid != p.ID {
		return fmt.Errorf("it belongs to user %d, not to %d", st.Uid, p.ID)
	}
	got := uint32(st.Mode) & 0o7777
	if !p.Group {
		got &^= unix.S_ISGID // directories hand it down
	}
	if got != mode {
		return fmt.Errorf("it has mode %#o, not %#o", got, mode)
	}
	return nil
}

// openFile opens and maps the ledger in dir.
func (p *Place) openFile(dir int) (*mapping, error) {
	fd, err := openRetry(func() (int, error) {
		return unix.Openat(dir, fileName, unix.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	defer descriptor.Of(fd).Close()
	st, err := p.checkFile(fd)
	if err != nil {
		return nil, err
	}
	size := usable(st.Size)
	if size < 2*slotSize {
		return nil, errDamaged
	}
	t, err := mapTable(fd, int(size))
	if err != nil {
		return nil, err
	}
	m := &mapping{table: t, dev: uint64(st.Dev), ino: st.Ino}
	whole := false
	err = guarded(func() { m.header = t.header() })
	if err == nil {
		m.id, whole = identity(&m.header)
	}
	if !whole {
		unmapTable(t)
		return nil, errDamaged
	}
	return m, nil
}

// usable returns how much of a file of the given size can be used, in octets.
func usable(size int64) int64 { return min(size, maxSlots*slotSize) / slotSize * slotSize }

// createFile replaces whatever is there with a new, empty ledger. The caller has locked dir.
func (p *Place) createFile(dir int, rand io.Reader) error {
	var id ID
	if _, err := io.ReadFull(rand, id[:]); err != nil {
		return err
	}
	_ = unix.Unlinkat(dir, newName, 0)
	_, mode := p.modes()
	fd, err := openRetry(func() (int, error) {
		return unix.Openat(dir, newName, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	})
	if err != nil {
		return err
	}
	defer descriptor.Of(fd).Close()
	if p.Group {
		err = unix.Fchown(fd, -1, int(p.ID))
	}
	if err == nil {
		err = unix.Fchmod(fd, mode) // whatever the umask
	}
	if err == nil {
		err = descriptor.WriteAt(fd, newHeader(id), 0)
	}
	if err == nil {
		err = lengthen(fd, slotSize, firstSlots*slotSize)
	}
	if err == nil {
		err = unix.Renameat(dir, newName, dir, fileName)
	}
	if err != nil {
		_ = unix.Unlinkat(dir, newName, 0)
	}
	return err
}

// growFile doubles the size of the ledger, unless another process has done so since it had the given size. The caller
// has locked dir.
func (p *Place) growFile(dir int, seen int64) error {
	fd, err := openRetry(func() (int, error) {
		return unix.Openat(dir, fileName, unix.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return err
	}
	defer descriptor.Of(fd).Close()
	st, err := p.checkFile(fd)
	if err != nil || usable(st.Size) != seen {
		return err
	}
	if seen >= maxSlots*slotSize {
		return fmt.Errorf("all %d slots are taken by contexts that were exported and never imported; each is "+
			"free again when its context expires", seen/slotSize-1)
	}
	return lengthen(fd, seen, min(2*seen, maxSlots*slotSize))
}

// lengthen writes zeros, so that all blocks are allocated: accessing a mapped page for which the file system has no
// room raises SIGBUS, and ZFS has no posix_fallocate(2).
func lengthen(fd int, from, to int64) error {
	var zeros [64 << 10]byte
	for from < to {
		n := min(to-from, int64(len(zeros)))
		if err := descriptor.WriteAt(fd, zeros[:n], from); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// locked calls body while it holds the lock of the directory.
func locked(dir int, body func() error) error {
	var backoff descriptor.Backoff
	for began := time.Now(); ; backoff.Pause() {
		_, err := retry(func() (int, error) { return 0, unix.Flock(dir, unix.LOCK_EX|unix.LOCK_NB) })
		if err == nil {
			break
		}
		if err != unix.EWOULDBLOCK {
			return err
		}
		if time.Since(began) > lockPatience {
			return fmt.Errorf("another process has held its lock for %s", lockPatience)
		}
	}
	defer func() { _ = unix.Flock(dir, unix.LOCK_UN) }()
	return body()
}

func openRetry(open func() (int, error)) (int, error) {
	fd, err := retry(open)
	return fd, descriptor.OpenError(err)
}

func retry[T any](call func() (T, error)) (v T, err error) {
	for {
		if v, err = call(); err != unix.EINTR {
			return v, err
		}
	}
}
