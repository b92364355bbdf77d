// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestVectors runs every line of testdata/*.txt, whose comments say what the fields are.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != 5 {
		t.Fatalf("%d vector files, want 5 (%v)", len(files), err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for n := 1; s.Scan(); n++ {
			if s.Text() == "" || s.Text()[0] == '#' {
				continue
			}
			v := &vector{t: t, fields: strings.Fields(s.Text())}
			t.Run(fmt.Sprintf("%s:%d", filepath.Base(name), n), func(t *testing.T) {
				v.t = t
				v.run()
			})
		}
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

type vector struct {
	t      *testing.T
	fields []string
}

func (v *vector) word() string {
	if len(v.fields) == 0 {
		v.t.Fatal("vector has too few fields")
	}
	w := v.fields[0]
	v.fields = v.fields[1:]
	return w
}

func (v *vector) octets() []byte {
	w := v.word()
	if w == "-" {
		return []byte{}
	}
	b, err := hex.DecodeString(w)
	if err != nil {
		v.t.Fatal(err)
	}
	return b
}

func (v *vector) number() uint32 {
	n, err := strconv.ParseUint(v.word(), 10, 32)
	if err != nil {
		v.t.Fatal(err)
	}
	return uint32(n)
}

func (v *vector) key() *Key {
	e := EType(v.number())
	k, err := NewKey(e, v.octets())
	if err != nil {
		v.t.Fatal(err)
	}
	return k
}

func (v *vector) want(what string, got []byte) {
	v.t.Helper()
	if want := v.octets(); !bytes.Equal(got, want) {
		v.t.Errorf("%s is %x, want %x", what, got, want)
	}
}

func (v *vector) run() {
	switch op := v.word(); op {
	case "nfold":
		out := make([]byte, v.number()/8)
		nfold(out, v.octets())
		v.want("n-fold", out)
	case "string-to-key":
		e, iterations := EType(v.number()), v.number()
		password, salt := v.octets(), v.octets()
		k, err := StringToKey(e, password, string(salt), iterations)
		if err != nil {
			v.t.Fatal(err)
		}
		v.want("key", k.Bytes())
	case "des3-derive":
		key := v.octets()
		v.want("derived key", tripleDK(key, v.octets()))
	case "derive":
		k := v.key()
		usage, p := v.number(), k.etype.profile()
		v.want("Kc", p.deriveUsage(k.b, usage, constantKc))
		v.want("Ke", p.deriveUsage(k.b, usage, constantKe))
		v.want("Ki", p.deriveUsage(k.b, usage, constantKi))
	case "cts":
		v.cts()
	case "encrypt":
		v.encrypt()
	case "checksum":
		k := v.key()
		usage, data := v.number(), v.octets()
		sum := k.Checksum(usage, data)
		v.want("checksum", sum)
		if !k.VerifyChecksum(usage, data, sum) {
			v.t.Error("checksum does not verify")
		}
	case "prf":
		k := v.key()
		v.want("PRF", k.PRF(v.octets()))
	default:
		v.t.Fatalf("unknown vector %q", op)
	}
	if len(v.fields) != 0 {
		v.t.Errorf("fields left over: %q", v.fields)
	}
}

// cts has the key of the vector encrypt as Ke: the first block takes the confounder's place.
func (v *vector) cts() {
	key, plain := v.octets(), v.octets()
	base, err := NewKey(AES128SHA1, key)
	if err != nil {
		v.t.Fatal(err)
	}
	c := base.NewCipher(0)
	c.sealer = newSealer(base.etype.profile(), key, key)
	c.hmac = c.sealer.mac()
	out := make([]byte, len(plain)+c.macSize)
	if err := c.Seal(out, plain[blockSize:], nil, bytes.NewReader(plain[:blockSize])); err != nil {
		v.t.Fatal(err)
	}
	v.want("ciphertext", out[:len(plain)])
	back := make([]byte, len(plain)-blockSize)
	if err := c.Open(back, out, nil); err != nil || !bytes.Equal(back, plain[blockSize:]) {
		v.t.Errorf("decrypted to %x, %v", back, err)
	}
}

// encrypt decrypts the ciphertext, and encrypts again with the confounder found in it, where the type is no old one.
func (v *vector) encrypt() {
	k := v.key()
	usage, plain, ciphertext := v.number(), v.octets(), v.octets()
	got, err := k.Decrypt(usage, ciphertext)
	if err != nil {
		v.t.Fatal(err)
	}
	if !bytes.Equal(got, plain) {
		v.t.Errorf("decrypted to %x, want %x", got, plain)
	}
	if k.etype.Legacy() {
		return
	}
	again, err := k.Encrypt(usage, plain, bytes.NewReader(confounder(k, usage, ciphertext)))
	if err != nil {
		v.t.Fatal(err)
	}
	if !bytes.Equal(again, ciphertext) {
		v.t.Errorf("encrypted to %x, want %x", again, ciphertext)
	}
}

// confounder decrypts the first block in the plain way. If it is the second last, stealing has moved it, and
// what was cut off is found as RFC 3962, Section 5 says.
func confounder(k *Key, usage uint32, ciphertext []byte) []byte {
	p := k.etype.profile()
	block, err := aes.NewCipher(p.deriveUsage(k.b, usage, constantKe))
	if err != nil {
		panic(err)
	}
	body := ciphertext[:len(ciphertext)-p.macSize]
	first := make([]byte, blockSize)
	copy(first, body)
	if len(body) > blockSize && len(body) <= 2*blockSize {
		block.Decrypt(first, body[:blockSize])
		copy(first, body[blockSize:])
	}
	block.Decrypt(first, first)
	return first
}
