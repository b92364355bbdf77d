// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
)

// Type DIR: a collection of files in a directory, whose names begin with "tkt". The file "primary" names the primary
// cache. "DIR:/directory" is the collection, "DIR::/directory/tkt" one of its caches.
const (
	directoryKind  = "DIR:" // comes before ":" and the path in the name of a cache
	primaryFile    = "primary"
	directoryCache = "tkt"
	maxPrimary     = 64 // size of the file in octets, as in MIT krb5
)

// maxCollection bounds the number of caches in a collection that are considered.
const maxCollection = 1024

func openDirectory(l *Library, env *Env, residual string) (ccacheBackend, error) {
	if path, ok := strings.CutPrefix(residual, ":"); ok {
		return l.directoryCCache(path)
	}
	if err := checkDirectory(residual); err != nil {
		return nil, err
	}
	primary, err := readPrimary(residual)
	if err != nil {
		return nil, err
	}
	return l.directoryCCache(inDirectory(residual, primary))
}

func checkDirectoryName(residual string) error {
	if path, ok := strings.CutPrefix(residual, ":"); ok {
		return checkInDirectory(path)
	}
	return nil
}

// inDirectory returns the path of a file in a directory. The directory's path is left as it is: after a symbolic link,
// ".." is not where filepath.Join assumes.
func inDirectory(dir, file string) string { return strings.TrimRight(dir, "/") + "/" + file }

// directoryCCache opens one cache of a collection.
func (l *Library) directoryCCache(path string) (ccacheBackend, error) {
	if err := checkInDirectory(path); err != nil {
		return nil, err
	}
	return l.openFile(directoryKind, path)
}

func checkInDirectory(path string) error {
	if dir, file := filepath.Split(path); dir == "" || !strings.HasPrefix(file, directoryCache) {
		return status.Errorf(status.NoCred, status.KRB5_CC_BADNAME,
			"credential cache DIR::%s: the name is not of the form /directory/%s...", path, directoryCache)
	}
	return nil
}

// checkDirectory accepts a directory that does not exist: it is created when a cache is written.
func checkDirectory(dir string) error {
	var st unix.Stat_t
	if dir == "" {
		return status.Errorf(status.NoCred, status.KRB5_CC_BADNAME, "credential cache DIR: the name of the directory is missing")
	}
	err := unix.Stat(dir, &st)
	if err == unix.ENOENT {
		return nil
	}
	if err != nil {
		return status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "Credential cache directory %s: %v", dir, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return status.Errorf(status.NoCred, status.KRB5_CC_FORMAT,
			"Credential cache directory %s exists but is not a directory", dir)
	}
	return nil
}

// readPrimary returns the file name of the primary cache, which is "tkt" if none has been chosen.
func readPrimary(dir string) (string, error) {
	path := inDirectory(dir, primaryFile)
	b, _, err := readFile(path, maxPrimary)
	switch err {
	case nil:
	case unix.ENOENT:
		return directoryCache, nil
	default:
		return "", status.Errorf(status.NoCred, status.KRB5_CC_IO, "%s: %s", path, reason(err, maxPrimary))
	}
	name, ok := parsePrimary(b)
	if !ok {
		return "", status.Errorf(status.NoCred, status.KRB5_CC_FORMAT,
			"%s contains an invalid name: it must name a file in the directory that begins with %s, followed by a newline", path, directoryCache)
	}
	return name, nil
}

// parsePrimary returns the first line. The file that it names is always in the directory.
func parsePrimary(b []byte) (name string, ok bool) {
	name, _, ok = strings.Cut(string(b), "\n")
	return name, ok && strings.HasPrefix(name, directoryCache) && !strings.ContainsAny(name, "/\\\x00")
}

func listDirectory(l *Library, env *Env, residual string) ([]ccacheBackend, error) {
	first, err := openDirectory(l, env, residual)
	if err != nil || strings.HasPrefix(residual, ":") {
		return []ccacheBackend{first}, err
	}
	names, err := readNames(residual)
	if err != nil && err != unix.ENOENT {
		return nil, status.Errorf(status.NoCred, status.KRB5_CC_IO, "Credential cache directory %s: %v", residual, err)
	}
	slices.Sort(names)
	list := []ccacheBackend{first}
	for _, file := range names {
		backend, err := l.directoryCCache(inDirectory(residual, file))
		if err == nil && backend.name() != first.name() && len(list) < maxCollection {
			list = append(list, backend)
		}
	}
	return list, nil
}

// readNames lists a directory. Package os would leave closing the descriptor to a finalizer.
func readNames(dir string) (names []string, err error) {
	fd, err := openRetry(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer descriptor.Of(fd).Close()
	b := make([]byte, 16384)
	for {
		n, err := unix.ReadDirent(fd, b)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 || len(names) > 64*maxCollection {
			return names, err
		}
		_, _, names = unix.ParseDirent(b[:n], -1, names)
	}
}

func freshInDirectory(_ *Library, env *Env, residual string) (string, error) {
	if strings.HasPrefix(residual, ":") {
		return "", noFresh("DIR:" + residual)
	}
	suffix, err := uniqueSuffix(env.Rand)
	return "DIR::" + inDirectory(residual, directoryCache+suffix), err
}

// noFresh is the error for a name that stands for one cache instead of a collection.
func noFresh(name string) error {
	return status.Errorf(status.NoCred, status.KRB5_DCC_CANNOT_CREATE,
		"Can't create new subsidiary cache: %s is a single cache", name)
}

func chooseInDirectory(_ *Library, env *Env, residual string) error {
	dir, file := filepath.Split(strings.TrimPrefix(residual, ":"))
	path, line := inDirectory(dir, primaryFile), []byte(file+"\n")
	// Otherwise the file could not be read, and the collection would have no primary cache or another one.
	if name, ok := parsePrimary(line); !ok || name != file || len(line) >= maxPrimary {
		return status.Errorf(status.Failure, status.KRB5_CC_BADNAME,
			"credential cache DIR%s cannot be the primary one: its file name has %d octets or more, or contains a newline or backslash",
			residual, maxPrimary-1)
	}
	if err := replaceFile(env, path, line); err != nil {
		if _, ok := err.(*status.Error); ok {
			return err
		}
		return status.Errorf(status.Failure, status.KRB5_CC_WRITE, "%s cannot be created: %v", path, err)
	}
	return nil
}
