// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libgssapi/internal/status"
)

func TestDirectoryIsItsPrimaryCache(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST", "bob@B.TEST")
	for _, v := range []struct {
		primary, client string
		minor           status.Minor
	}{
		{"", "alice@A.TEST", 0}, // none: tkt
		{"tkt\n", "alice@A.TEST", 0},
		{"tktbob@B.TEST\n", "bob@B.TEST", 0},
		{"tktbob@B.TEST\nmore", "bob@B.TEST", 0},
		{"tktbob@B.TEST", "", status.KRB5_CC_FORMAT}, // cut off
		{"primary\n", "", status.KRB5_CC_FORMAT},     // no cache
		{"tkt/../../x\n", "", status.KRB5_CC_FORMAT}, // elsewhere
		{"tkt\x00bob@B.TEST\n", "", status.KRB5_CC_FORMAT},
		{"tktnone\n", "", status.KRB5_FCC_NOFILE},
	} {
		if v.primary != "" {
			write(t, filepath.Join(dir, "primary"), v.primary)
		}
		c, err := env.Library.OpenCCache(env, "DIR:"+dir)
		if v.minor != 0 {
			wantMinor(t, err, v.minor)
		} else if err != nil || c.Principal.String() != v.client {
			t.Errorf("%q: %v, %v", v.primary, c, err)
		}
	}
}

func TestNamesOfDirectoriesThatAreRefused(t *testing.T) {
	env := newTestEnv(t, nil)
	file := writeFile(t, "tkt", "x")
	for name, minor := range map[string]status.Minor{
		"DIR:":                         status.KRB5_CC_BADNAME,
		"DIR:" + file:                  status.KRB5_CC_FORMAT,
		"DIR:" + file + "no":           status.KRB5_FCC_NOFILE,
		"DIR::tkt":                     status.KRB5_CC_BADNAME,
		"DIR::/tmp/other":              status.KRB5_CC_BADNAME,
		"DIR::" + file + "/tkt":        status.KRB5_FCC_PERM,
		"DIR::" + t.TempDir() + "/tkt": status.KRB5_FCC_NOFILE,
	} {
		_, err := env.Library.OpenCCache(env, name)
		wantMinor(t, err, minor)
	}
}

// FuzzDirectoryPrimary reads an arbitrary file. What it names is always in the directory.
func FuzzDirectoryPrimary(f *testing.F) {
	f.Add([]byte("tkt\n"))
	f.Add([]byte("tkt/../x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, ok := parsePrimary(b); ok && filepath.Dir(filepath.Join("/a", name)) != "/a" {
			t.Errorf("%q", name)
		}
	})
}

func TestStoredTicketsHaveACacheOfTheirOwnInADirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	checkCollection(t, newTestEnv(t, nil), "DIR:"+dir)
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", st, err)
	}
}

// A name that cannot be read back is refused, so that the collection keeps its primary cache.
func TestPrimaryCacheNeedsAReadableName(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := cacheDirectory(t, env, "alice@A.TEST")
	bob := mustPrincipal(t, "bob@A.TEST")
	for file, fits := range map[string]bool{
		"tkt" + strings.Repeat("x", maxPrimary-5): true, "tkt" + strings.Repeat("x", maxPrimary-4): false,
		"tkt\nx": false, `tkt\x`: false,
	} {
		c, err := CreateCCache(env, "DIR::"+filepath.Join(dir, file), bob)
		if err != nil {
			t.Fatal(err)
		}
		err = env.Library.MakePrimary(env, "DIR:"+dir, c)
		if !fits {
			wantMinor(t, err, status.KRB5_CC_BADNAME)
		} else if err != nil {
			t.Error(err)
		}
		primary, err := env.Library.OpenCCache(env, "DIR:"+dir)
		if err != nil || fits && primary.Name() != c.Name() {
			t.Errorf("%q: %v, %v", file, primary, err)
		}
		c.Close()
	}
	write(t, filepath.Join(dir, "primary"), strings.Repeat("x", maxPrimary+1))
	_, err := env.Library.OpenCCache(env, "DIR:"+dir)
	if text := wantMinor(t, err, status.KRB5_CC_IO); !strings.Contains(text, "64 octets") {
		t.Error(text)
	}
}

// Beyond a symbolic link ".." is where the kernel finds it.
func TestDirectoryBeyondASymbolicLink(t *testing.T) {
	env := newTestEnv(t, nil)
	dir := t.TempDir()
	for _, d := range []string{"/elsewhere", "/elsewhere/in", "/elsewhere/caches", "/caches"} {
		if err := os.Mkdir(dir+d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("elsewhere/in", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	named := "DIR:" + dir + "/link/../caches/"
	name, err := env.Library.NewCCacheName(env, named)
	if err != nil {
		t.Fatal(err)
	}
	alice := mustPrincipal(t, "alice@A.TEST")
	c, err := CreateCCache(env, name, alice)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Library.MakePrimary(env, named, c); err != nil {
		t.Error(err)
	}
	for _, open := range []string{named, name, "DIR:" + dir + "/elsewhere/caches"} {
		if c, err := env.Library.OpenCCache(env, open); err != nil || !c.Principal.Equal(alice) {
			t.Errorf("%s: %v, %v", open, c, err)
		}
	}
	if list, err := os.ReadDir(dir + "/caches"); err != nil || len(list) > 0 {
		t.Errorf("files beside the link: %v, %v", list, err)
	}
}
