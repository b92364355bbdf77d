// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
)

const skew = 5 * time.Minute

// testReplayCache opens the replay cache that KRB5RCACHENAME names.
func testReplayCache(t testing.TB, name string) ReplayCache {
	t.Helper()
	return openReplay(t, map[string]string{"KRB5RCACHENAME": name})
}

func openReplay(t testing.TB, environ map[string]string) ReplayCache {
	t.Helper()
	r, err := tryReplay(t, environ)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryReplay(t testing.TB, environ map[string]string) (ReplayCache, error) {
	t.Helper()
	if environ["KRB5_CONFIG"] == "" {
		environ["KRB5_CONFIG"] = os.DevNull
	}
	env := newTestEnv(t, environ)
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	return OpenReplayCache(env, cfg)
}

// authenticator returns an encrypted authenticator that ends with the n-th of all checksums.
func authenticator(n int) []byte {
	return binary.BigEndian.AppendUint32(bytes.Repeat([]byte{0x11}, 60), uint32(n)*2654435761)
}

func TestSipHashVector(t *testing.T) {
	// Appendix A of the SipHash paper: key 00..0f, data 00..0e.
	var key [16]byte
	for i := range key {
		key[i] = byte(i)
	}
	if got := siphash24(&key, key[:15]); got != 0xa129ca6149be45e5 {
		t.Errorf("%#x", got)
	}
}

// TestReplayRecordsOfMIT uses files that MIT krb5 1.20.1 wrote in krb5_rd_req(3): the ends of the encrypted
// authenticators, the seeds, and the positions of the records.
func TestReplayRecordsOfMIT(t *testing.T) {
	for _, v := range []struct {
		etype        crypto.EType
		cipher, seed string
		record       string
		offset       int64
	}{
		{crypto.AES256SHA1, "7631f265b7ae622d38d2791c461e9a4b05e340c91b391874631d3060", "f357095c35230e6b226f827a072e7d92",
			"05e340c91b391874631d30606b0438fe", 0x3010},
		{crypto.AES256SHA1, "16b360c644e4f057796597913077e208eb0d5d626d3fc99318a40e6c90", "260c7baad95a66df4d7e875e9f4b01c0",
			"0d5d626d3fc99318a40e6c906b0438fe", 0x2f00},
		{crypto.AES256SHA1, "2c75963b6b3a761895fb6391b7a2f1ad43f4b952d9880a8bdd36", "b3ba77b2ecdf80cec002694702d5473a",
			"f1ad43f4b952d9880a8bdd366b0438fe", 0x530},
		{crypto.AES256SHA2, "b01eee429083a2d56793ffb2a241fb7bc0dcd567bab09c05c4962050d7a9bf",
			"7138dc314b2b43c8801fbfd7e2465d28", "d56793ffb2a241fb7bc0dcd56b043953", 0xdc0},
		{crypto.AES128SHA2, "fa11e45063933eb0827292efce9c66794da1762dee700a10c5d9a8", "042455f05911c5a5fc30fff7ecbd53f8",
			"efce9c66794da1762dee700a6b043953", 0x1ff0},
	} {
		cipher, seed, record := unhex(t, v.cipher), unhex(t, v.seed), unhex(t, v.record)
		path := filepath.Join(t.TempDir(), "rc")
		r := testReplayCache(t, "file2:"+path)
		now := time.Unix(int64(binary.BigEndian.Uint32(record[replayTagSize:])), 0)
		if err := os.WriteFile(path, seed, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.Record(v.etype, cipher, now, skew); err != nil {
			t.Fatal(err)
		}
		want := append(append(seed, make([]byte, v.offset-replaySeedSize)...), record...)
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: the record is at %#x of %d octets, %v", v.record, bytes.Index(got, record), len(got), err)
		}
		wantMinor(t, r.Record(v.etype, cipher, now.Add(time.Hour), skew), status.KRB5KRB_AP_ERR_REPEAT)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReplayIsRefusedByEveryOpener(t *testing.T) {
	name := "file2:" + filepath.Join(t.TempDir(), "rc")
	now := time.Unix(1_800_000_000, 0)
	if err := testReplayCache(t, name).Record(crypto.AES256SHA1, authenticator(1), now, skew); err != nil {
		t.Fatal(err)
	}
	err := testReplayCache(t, name).Record(crypto.AES256SHA1, authenticator(1), now, skew)
	if text := wantMinor(t, err, status.KRB5KRB_AP_ERR_REPEAT); !strings.Contains(text, name[6:]) {
		t.Error(text)
	}
	if err := testReplayCache(t, name).Record(crypto.AES256SHA1, authenticator(2), now, skew); err != nil {
		t.Error(err)
	}
}

func TestManyAuthenticatorsFillFurtherTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rc")
	r := testReplayCache(t, "file2:"+path)
	now := time.Unix(1_800_000_000, 0)
	const n = 4000
	for i := range n {
		if err := r.Record(crypto.AES256SHA1, authenticator(i), now, skew); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(i), now, skew), status.KRB5KRB_AP_ERR_REPEAT)
	}
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// When all records have expired, their places are used again.
	for i := range n {
		if err := r.Record(crypto.AES256SHA1, authenticator(n+i), now.Add(2*skew+time.Second), skew); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := os.Stat(path); err != nil || again.Size() > 2*fi.Size() {
		t.Errorf("the file grew from %d to %d octets", fi.Size(), again.Size())
	}
}

func TestOneOfManyConcurrentStoresWins(t *testing.T) {
	name := "file2:" + filepath.Join(t.TempDir(), "rc")
	const servers, rounds = 8, 50
	var accepted [rounds]atomic.Int32
	var wg sync.WaitGroup
	for range servers {
		r := testReplayCache(t, name) // with a Library, so locks, of its own: like a process of its own
		wg.Go(func() {
			for i := range rounds {
				err := r.Record(crypto.AES256SHA1, authenticator(i), time.Unix(1_800_000_000, 0), skew)
				if err == nil {
					accepted[i].Add(1)
				} else if e := status.Of(err); e.Minor != status.KRB5KRB_AP_ERR_REPEAT {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range accepted {
		if n := accepted[i].Load(); n != 1 {
			t.Errorf("authenticator %d was accepted %d times", i, n)
		}
	}
}

func TestDefaultReplayFile(t *testing.T) {
	file := fmt.Sprintf("/krb5_%d.rcache2", os.Geteuid())
	conf := writeFile(t, "krb5.conf", "[libdefaults]\ndefault_rcache_name = file2:/c/%{euid}\n")
	for _, v := range []struct {
		environ map[string]string
		path    string
	}{
		{map[string]string{}, "/var/tmp" + file},
		{map[string]string{"TMPDIR": "/t"}, "/t" + file},
		{map[string]string{"TMPDIR": "/t", "KRB5RCACHEDIR": "/r"}, "/r" + file},
		{map[string]string{"KRB5RCACHENAME": "dfl:/ignored", "TMPDIR": "/t"}, "/t" + file},
		{map[string]string{"KRB5RCACHENAME": "none:"}, ""},
		{map[string]string{"KRB5RCACHETYPE": "none"}, ""},
		{map[string]string{"KRB5RCACHENAME": "file2:/a:b", "KRB5RCACHETYPE": "none"}, "/a:b"},
		{map[string]string{"KRB5_CONFIG": conf}, fmt.Sprintf("/c/%d", os.Geteuid())},
		{map[string]string{"KRB5_CONFIG": conf, "KRB5RCACHETYPE": "none"}, ""},
	} {
		if r := openReplay(t, v.environ); r.Name() != v.path {
			t.Errorf("%v: %q, want %q", v.environ, r.Name(), v.path)
		}
	}
}

func TestReplayCacheNamesThatAreRefused(t *testing.T) {
	for name, minor := range map[string]status.Minor{
		"foo":    status.KRB5_RC_PARSE,
		"foo:x":  status.KRB5_RC_TYPE_NOTFOUND,
		"file2:": status.KRB5_RC_PARSE,
	} {
		_, err := tryReplay(t, map[string]string{"KRB5RCACHENAME": name})
		wantMinor(t, err, minor)
	}
}

func TestNoReplayCacheKeepsNothing(t *testing.T) {
	r := testReplayCache(t, "none:")
	for range 2 {
		if err := r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew); err != nil {
			t.Fatal(err)
		}
	}
}

// defaultIn returns the default replay cache in a directory and its path.
func defaultIn(t *testing.T, dir string) (ReplayCache, string) {
	t.Helper()
	r := openReplay(t, map[string]string{"KRB5RCACHEDIR": dir})
	return r, r.Name()
}

func TestReplayFileIsMadeForItsOwner(t *testing.T) {
	r, path := defaultIn(t, t.TempDir())
	if err := r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

func TestReplayFileOfAnotherUserIsRefused(t *testing.T) {
	r, path := defaultIn(t, t.TempDir())
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	r.(*fileReplayCache).euid++
	err := r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew)
	if text := wantMinor(t, err, status.KRB5_RC_IO_PERM); !strings.Contains(text, path) {
		t.Error(text)
	}
}

func TestReplayFileBehindASymbolicLinkIsRefused(t *testing.T) {
	r, path := defaultIn(t, t.TempDir())
	target := writeFile(t, "target", "")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew), status.KRB5_RC_IO_PERM)
	if fi, err := os.Stat(target); err != nil || fi.Size() != 0 {
		t.Error("the target was written")
	}
}

// On systems other than Linux, anyone can create a hard link to one of our files in the file system of /var/tmp.
func TestReplayFileOfSeveralNamesIsRefused(t *testing.T) {
	r, path := defaultIn(t, t.TempDir())
	other := path + ".other"
	if err := os.WriteFile(other, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(other, path); err != nil {
		t.Fatal(err)
	}
	wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew), status.KRB5_RC_IO_PERM)
	if b, err := os.ReadFile(other); err != nil || string(b) != "text" {
		t.Errorf("the file now holds %d octets, error %v", len(b), err)
	}
}

func TestReplayFIFOIsRefusedAtOnce(t *testing.T) {
	r, path := defaultIn(t, t.TempDir())
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew), status.KRB5_RC_IO)
}

func TestReplayDirectoryThatIsNotThere(t *testing.T) {
	r, path := defaultIn(t, filepath.Join(t.TempDir(), "missing"))
	text := wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(1), time.Now(), skew), status.KRB5_RC_IO)
	if !strings.Contains(text, path) {
		t.Error(text)
	}
}

func TestAuthenticatorShorterThanItsChecksum(t *testing.T) {
	r, _ := defaultIn(t, t.TempDir())
	for _, e := range []crypto.EType{crypto.AES256SHA1, crypto.AES256SHA2, 23} {
		wantMinor(t, r.Record(e, make([]byte, 11), time.Now(), skew), status.KRB5_BAD_MSIZE)
	}
}

// memoryFile is a replay file in memory that grows up to limit octets.
type memoryFile struct {
	b     []byte
	limit int64
}

func (m *memoryFile) ReadAt(b []byte, offset int64) (int, error) {
	if offset >= int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(b, m.b[offset:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memoryFile) WriteAt(b []byte, offset int64) (int, error) {
	end := offset + int64(len(b))
	if end > m.limit {
		return 0, unix.ENOSPC
	}
	if end > int64(len(m.b)) {
		m.b = append(m.b, make([]byte, end-int64(len(m.b)))...)
	}
	return copy(m.b[offset:], b), nil
}

// FuzzReplayFile records a tag twice in a file with arbitrary contents: the second time is a replay, unless there is an
// error.
func FuzzReplayFile(f *testing.F) {
	f.Add([]byte{}, []byte("tag"), uint32(1_800_000_000))
	f.Add(bytes.Repeat([]byte{0xff}, 20_000), []byte("tag"), uint32(0xffffffff))
	f.Fuzz(func(t *testing.T, contents, tagBytes []byte, now uint32) {
		file := &memoryFile{b: contents, limit: 1 << 20}
		var tag replayTag
		copy(tag[:], tagBytes)
		repeated, err := recordTag(file, bytes.NewReader(make([]byte, 16)), tag, now, 300)
		if err != nil {
			if !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EOVERFLOW) {
				t.Fatal(err)
			}
			return
		}
		again, err := recordTag(file, bytes.NewReader(make([]byte, 16)), tag, now, 300)
		if err != nil || !again {
			t.Fatalf("first time %v, second time %v, %v", repeated, again, err)
		}
	})
}

// An authenticator from a client whose clock is ahead by the skew is valid for twice the skew from now.
func TestReplayRecordsAreKeptWhileAuthenticatorsAreValid(t *testing.T) {
	r := testReplayCache(t, "file2:"+filepath.Join(t.TempDir(), "rc"))
	now := time.Unix(1_800_000_000, 0)
	const n = 300
	for i := range 20 * n {
		at := now
		if i >= n {
			at = now.Add(2*skew - time.Second)
		}
		if err := r.Record(crypto.AES256SHA1, authenticator(i), at, skew); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		wantMinor(t, r.Record(crypto.AES256SHA1, authenticator(i), now.Add(2*skew-time.Second), skew),
			status.KRB5KRB_AP_ERR_REPEAT)
	}
}
