// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/rights"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// keytabFile builds keytab files for tests.
type keytabFile struct {
	version uint16
	b       []byte
}

func (k *keytabFile) order() binary.AppendByteOrder {
	if k.version == keytabVersion1 {
		return binary.NativeEndian
	}
	return binary.BigEndian
}

func newKeytabFile(version uint16) *keytabFile {
	return &keytabFile{version: version, b: binary.BigEndian.AppendUint16(nil, version)}
}

// add appends an entry with an 8-bit version number and, unless it is 0, a 32-bit one.
func (k *keytabFile) add(p token.Principal, kvno8 uint8, kvno32 uint32, etype uint16, key []byte) {
	k.addAt(p, kvno8, kvno32, etype, key, 1_700_000_000)
}

func (k *keytabFile) addAt(p token.Principal, kvno8 uint8, kvno32 uint32, etype uint16, key []byte, time uint32) {
	o := k.order()
	n := len(p.Components)
	if k.version == keytabVersion1 {
		n++
	}
	e := o.AppendUint16(nil, uint16(n))
	for _, s := range append([]string{p.Realm}, p.Components...) {
		e = append(o.AppendUint16(e, uint16(len(s))), s...)
	}
	if k.version != keytabVersion1 {
		e = o.AppendUint32(e, 1)
	}
	e = o.AppendUint32(e, time)
	e = append(e, kvno8)
	e = o.AppendUint16(e, etype)
	e = append(o.AppendUint16(e, uint16(len(key))), key...)
	if kvno32 != 0 {
		e = o.AppendUint32(e, kvno32)
	}
	k.b = append(o.AppendUint32(k.b, uint32(len(e))), e...)
}

// addKey appends an entry with a key, version number 1.
func (k *keytabFile) addKey(p token.Principal, key *crypto.Key) {
	k.add(p, 1, 0, uint16(key.EType()), key.Bytes())
}

func (k *keytabFile) hole(n int) {
	k.b = append(k.order().AppendUint32(k.b, uint32(-int32(n))), make([]byte, n)...)
}

func openTestKeytab(t *testing.T, k *keytabFile) *Keytab {
	t.Helper()
	env := newTestEnv(t, nil)
	kt, err := env.Library.OpenKeytab(env, writeFile(t, "kt", string(k.b)))
	if err != nil {
		t.Fatal(err)
	}
	return kt
}

func keyOctets(t *testing.T, kt *Keytab, i int) []byte {
	t.Helper()
	key, err := kt.Key(&kt.Entries[i])
	if err != nil {
		t.Fatal(err)
	}
	return key.Bytes()
}

func TestKeytabEntries(t *testing.T) {
	key32, key16 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 16)
	for _, version := range []uint16{keytabVersion1, keytabVersion2} {
		p := mustPrincipal(t, "host/h.a.test@A.TEST")
		k := newKeytabFile(version)
		k.add(p, 3, 0, 18, key32)
		k.hole(40)
		k.add(p, 44, 300, 17, key16)
		k.add(p, 5, 0, 24, key16)
		k.add(p, 6, 0, 18, key16) // wrong size
		kt := openTestKeytab(t, k)
		if len(kt.Entries) != 4 {
			t.Fatalf("%d entries", len(kt.Entries))
		}
		e := kt.Entries
		if !e[0].Principal.Equal(p) || e[0].KVNO != 3 || !e[0].Usable || !bytes.Equal(keyOctets(t, kt, 0), key32) ||
			!e[0].Time.Equal(time.Unix(1_700_000_000, 0)) {
			t.Errorf("%+v", e[0])
		}
		if e[1].KVNO != 300 || e[1].EType != int32(crypto.AES128SHA1) || !bytes.Equal(keyOctets(t, kt, 1), key16) {
			t.Errorf("%+v", e[1])
		}
		if e[2].EType != 24 || e[2].Usable || e[3].Usable {
			t.Errorf("%+v, %+v: keys that cannot be used", e[2], e[3])
		}
	}
}

func TestKeytabKeyVersions(t *testing.T) {
	p := mustPrincipal(t, "host/h@A")
	k := newKeytabFile(keytabVersion2)
	for _, v := range []struct {
		kvno8  uint8
		kvno32 uint32
		fill   byte
	}{{2, 0, 2}, {44, 0, 44}, {1, 257, 57}} {
		k.add(p, v.kvno8, v.kvno32, 18, bytes.Repeat([]byte{v.fill}, 32))
	}
	kt := openTestKeytab(t, k)
	for kvno, want := range map[uint32][]byte{2: {2}, 44: {44}, 300: {44} /* 300 & 255 */, 257: {57}, 3: nil} {
		var got []byte
		for i := range kt.Entries {
			if e := &kt.Entries[i]; e.MatchesKVNO(kvno) {
				got = append(got, keyOctets(t, kt, i)[0])
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("kvno %d: keys %d, want %d", kvno, got, want)
		}
	}
}

func TestKeytabNames(t *testing.T) {
	path := writeFile(t, "kt", "\x05\x02")
	env := newTestEnv(t, map[string]string{"KRB5_KTNAME": "FILE:" + path})
	for _, name := range []string{"", path, "FILE:" + path, "WRFILE:" + path} {
		if _, err := env.Library.OpenKeytab(env, name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, minor := range map[string]status.Minor{
		"MEMORY:x": status.KRB5_KT_NOTFOUND, "SRVTAB:/x": status.KRB5_KT_UNKNOWN_TYPE, "FILE:": status.Minor(unix.ENOENT),
	} {
		_, err := env.Library.OpenKeytab(env, name)
		if text := wantMinor(t, err, minor); !strings.Contains(text, name) {
			t.Error(text)
		}
	}
}

func TestMissingKeytabHasErrno(t *testing.T) {
	env := newTestEnv(t, nil)
	_, err := env.Library.OpenKeytab(env, "/nonexistent/kt")
	if text := wantMinor(t, err, 2); !strings.Contains(text, "/nonexistent/kt") {
		t.Error(text)
	}
	if !IsMissing(err) {
		t.Error("not missing")
	}
}

func TestUnreadableKeytabHasErrno(t *testing.T) {
	asOrdinaryUser(t)
	env := newTestEnv(t, nil)
	path := writeFile(t, "kt", "\x05\x02")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := env.Library.OpenKeytab(env, path)
	wantMinor(t, err, 13)
}

func TestMalformedKeytabs(t *testing.T) {
	p := mustPrincipal(t, "host/h@A")
	k := newKeytabFile(keytabVersion2)
	k.add(p, 1, 0, 18, make([]byte, 32))
	good := string(k.b)
	for _, v := range []struct {
		name, file string
		minor      status.Minor
	}{
		{"empty", "", status.KRB5_KT_FORMAT},
		{"text", "hello", status.KRB5_KEYTAB_BADVNO},
		{"version-3", "\x05\x03", status.KRB5_KEYTAB_BADVNO},
		{"cut", good[:len(good)-1], status.KRB5_KT_FORMAT},
		{"crlf", "\x05\x02\r\n\r\n", status.KRB5_KT_FORMAT},
		{"entry-too-short", "\x05\x02\x00\x00\x00\x04\x00\x01\x00\x01", status.KRB5_KT_FORMAT},
		{"components-beyond-entry", "\x05\x02\x00\x00\x00\x06\xff\xff\x00\x01A\x00", status.KRB5_KT_FORMAT},
		{"entry-of-2-GiB", "\x05\x02\x7f\xff\xff\xff", status.KRB5_KT_FORMAT},
	} {
		env := newTestEnv(t, nil)
		path := writeFile(t, "kt", v.file)
		_, err := env.Library.OpenKeytab(env, path)
		if text := wantMinor(t, err, v.minor); !strings.Contains(text, path) {
			t.Errorf("%s: %q does not name the file", v.name, text)
		}
	}
	// As in MIT krb5, the file ends at a size of 0, a hole beyond the end, or a truncated size.
	for _, tail := range []string{"\x00\x00\x00\x00junk", "\x80\x00\x00\x00", "\xff\xff\xff\xf0", "\x00\x00"} {
		if kt, err := parseKeytab([]byte(good + tail)); err != nil || len(kt.Entries) != 1 || kt.damage != "" {
			t.Errorf("tail %q: %+v, %v", tail, kt, err)
		}
	}
}

// Whatever can be read counts. The rest is mentioned if no key is found.
func TestDamagedKeytabs(t *testing.T) {
	entry := func(name string, kvno uint8) string {
		k := newKeytabFile(keytabVersion2)
		k.add(mustPrincipal(t, name), kvno, 0, 18, make([]byte, 32))
		return string(k.b[2:])
	}
	good, next := entry("host/h@A", 1), entry("host/h@A", 2)
	malformed := good[:6] + "\xff\xff" + good[8:] // the realm is longer than the entry
	for _, v := range []struct{ name, tail, kvnos, damage string }{
		{"cut", next[:30], "1", "entry 2 extends beyond the end of the file"},
		{"cut-in-the-size", next[:2], "1", ""},
		{"line-ends", "\r\n\r\n", "1", "entry 2 extends beyond the end of the file"},
		{"line-end", "\n", "1", ""},
		{"malformed-last", malformed, "1", "entry 2 is malformed"},
		{"malformed-between", malformed + next, "1 2", "entry 2 is malformed"},
		{"several", malformed + next + next[:30], "1 2", "entry 2 is malformed"},
		{"components-beyond-entry", "\x00\x00\x00\x06\xff\xff\x00\x01A\x00" + next, "1 2", "entry 2 is malformed"},
		{"hole-and-cut", "\xff\xff\xff\xfcxxxx" + next[:30], "1", "entry 2 extends beyond the end of the file"},
	} {
		env := newTestEnv(t, nil)
		path := writeFile(t, "kt", "\x05\x02"+good+v.tail)
		kt, err := env.Library.OpenKeytab(env, path)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		var kvnos []string
		for i := range kt.Entries {
			kvnos = append(kvnos, strconv.Itoa(int(kt.Entries[i].KVNO)))
			if _, err := kt.Key(&kt.Entries[i]); err != nil {
				t.Errorf("%s: %v", v.name, err)
			}
		}
		if got := strings.Join(kvnos, " "); got != v.kvnos || kt.damage != v.damage {
			t.Errorf("%s: keys of kvno %s, %q", v.name, got, kt.damage)
		}
		ticket := &token.Ticket{SName: mustPrincipal(t, "host/x@A"), Enc: token.EncryptedData{EType: 18, KVNO: 7, HasKVNO: true}}
		_, _, _, err = (&Acceptor{Keytab: kt, Config: &Config{}}).decryptTicket(nil, ticket)
		if text := err.Error(); !strings.Contains(text, v.damage) || !strings.Contains(text, "host/x@A") || !strings.Contains(text, "kvno 7") {
			t.Errorf("%s: %q", v.name, text)
		}
	}
}

func TestChangedKeytabIsReadAgain(t *testing.T) {
	k := newKeytabFile(keytabVersion2)
	k.add(mustPrincipal(t, "host/h@A"), 1, 0, 18, make([]byte, 32))
	path := writeFile(t, "kt", string(k.b))
	env := newTestEnv(t, nil)
	open := func() *Keytab {
		t.Helper()
		kt, err := env.Library.OpenKeytab(env, path)
		if err != nil {
			t.Fatal(err)
		}
		return kt
	}
	time.Sleep(2 * tick)
	first := open()
	if open() != first {
		t.Error("an unchanged keytab was parsed again")
	}
	k.add(mustPrincipal(t, "host/h@A"), 2, 0, 18, make([]byte, 32))
	if err := os.WriteFile(path, k.b, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := len(open().Entries); n != 2 {
		t.Errorf("%d entries", n)
	}
	time.Sleep(2 * tick)
	second := open()
	env.Rights = rights.Now
	if open() == second {
		t.Error("others got the first ones's keytab")
	}
}

// A keytab may be as large as maxKeytabSize.
func TestManyHostsTakeLittleTime(t *testing.T) {
	const hosts, limit = 60_000, 4 * time.Second
	kt := new(Keytab)
	for i := range hosts {
		p := token.Principal{Components: []string{"host", strconv.Itoa(i)}, Realm: "A"}
		kt.Entries = append(kt.Entries, KeytabEntry{Principal: p, KVNO: 1}, KeytabEntry{Principal: p, KVNO: 2})
	}
	began := time.Now()
	if n := len(kt.hosts()); n != hosts {
		t.Errorf("%d hosts", n)
	}
	if took := time.Since(began); took > limit {
		t.Errorf("it took %s", took)
	}
}

// A key is read from the file when it is used: a process that may no longer read the file has no keys, and changes in
// the meantime are noticed.
func TestKeysAreReadWhenTheyAreUsed(t *testing.T) {
	p := mustPrincipal(t, "host/h@A")
	k := newKeytabFile(keytabVersion2)
	k.add(p, 1, 0, 18, bytes.Repeat([]byte{1}, 32))
	k.add(p, 2, 0, 18, bytes.Repeat([]byte{2}, 32))
	path := writeFile(t, "kt", string(k.b))
	env := newTestEnv(t, nil)
	kt, err := env.Library.OpenKeytab(env, path)
	if err != nil {
		t.Fatal(err)
	}
	if got := keyOctets(t, kt, 1)[0]; got != 2 {
		t.Errorf("key of %d", got)
	}
	// The second entry moves, and the first is removed.
	moved := newKeytabFile(keytabVersion2)
	moved.hole(500)
	moved.add(p, 2, 0, 18, bytes.Repeat([]byte{22}, 32))
	if err := os.WriteFile(path, moved.b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := keyOctets(t, kt, 1)[0]; got != 22 {
		t.Errorf("key of %d after the change", got)
	}
	_, err = kt.Key(&kt.Entries[0])
	wantMinor(t, err, status.KRB5_KT_NOTFOUND)
	for what, content := range map[string]string{"cut": string(moved.b[:len(moved.b)-20]), "nothing": ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := kt.Key(&kt.Entries[1]); err == nil {
			t.Errorf("%s: a key", what)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = kt.Key(&kt.Entries[1])
	wantMinor(t, err, status.Minor(unix.ENOENT))
}
