// SPDX-License-Identifier: BSD-2-Clause

// Other systems do not let the test read another process, and the race detector's own memory is too large to search.
//go:build linux && !race

package crypto

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"libgssapi/internal/stack"
)

// A child process uses a key and wipes it, and the test searches the child's memory. The test works out by itself what
// to search for, so the child's memory holds only what the use of the key has left there.

// processors are settings of GODEBUG that hide features of this processor.
var processors = []string{"", "cpu.avx512f=off", "cpu.avx2=off", "cpu.bmi2=off", "cpu.sha=off", "cpu.avx=off",
	"cpu.avx=off,cpu.sha=off", "cpu.aes=off", "cpu.all=off"}

func TestNothingOfAWipedKeyIsLeftInMemory(t *testing.T) {
	for _, processor := range processors {
		if processor != "" && (runtime.GOARCH != "amd64" || testing.Short() && processor != "cpu.all=off") {
			continue
		}
		t.Run("processor "+processor, func(t *testing.T) {
			for _, e := range append([]EType{DES3, RC4, Camellia128, Camellia256}, allTypes...) {
				t.Run(e.String(), func(t *testing.T) { searchUser(t, processor, e) })
			}
		})
	}
}

func searchUser(t *testing.T, processor string, e EType) {
	k, err := RandomKey(e, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	user := exec.Command(os.Args[0], "-test.run=^TestUserOfAKey$")
	// As in the library: a signal that came within a hash would leave registers on the handler's stack.
	user.Env = append(os.Environ(), fmt.Sprintf("USE_KEY=%d", e), "GODEBUG=asyncpreemptoff=1,"+processor)
	in, _ := user.StdinPipe()
	out, _ := user.StdoutPipe()
	if err := user.Start(); err != nil {
		t.Fatal(err)
	}
	defer user.Wait()
	defer in.Close()
	known := secretsOf(k)
	for _, wiped := range []bool{false, true} {
		if wiped {
			in.Write([]byte{1})
		} else {
			in.Write(k.b)
		}
		if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
			t.Fatalf("the process with the key has ended: %v", err)
		}
		found := known.in(t, user.Process.Pid)
		if !wiped && len(found) == 0 {
			t.Error("nothing is found of a key in use: the search is blind")
		}
		if wiped && len(found) > 0 {
			t.Errorf("%d finds once the key is wiped, the first is %s", len(found), found[0])
		}
	}
}

// TestUserOfAKey is the process with the key. On its own it tests nothing.
func TestUserOfAKey(t *testing.T) {
	var e EType
	if _, err := fmt.Sscan(os.Getenv("USE_KEY"), &e); err != nil {
		return
	}
	stack.Headroom()
	var octets [32]byte
	os.Stdin.Read(octets[:e.KeySize()])
	useKey(t, e, octets[:e.KeySize()])
	clear(octets[:])
	stack.Wipe()
	os.Stdout.Write([]byte("w"))
	os.Stdin.Read(octets[:])
}

// useKey uses the key for everything that keys and passwords are used for, and waits to be searched before it wipes it.
//
//go:noinline
func useKey(t *testing.T, e EType, octets []byte) {
	k, err := NewKey(e, octets)
	if err != nil {
		t.Fatal(err)
	}
	message := bytes.Repeat([]byte("message"), 200)
	for usage := range uint32(secretUsages) {
		b, err := k.Encrypt(usage, message, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Decrypt(usage, b); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Decrypt(usage, append(b[:100:100], b...)); err == nil {
			t.Fatal("a changed message is taken")
		}
		if !k.VerifyChecksum(usage, message, k.Checksum(usage, message)) {
			t.Fatal("a checksum is none")
		}
	}
	k.PRF(message)
	if len(k.b) == OnceKeySize {
		b := make([]byte, len(message)+OnceOverhead)
		SealOnce((*[OnceKeySize]byte)(k.b), b, message)
		if _, ok := OpenOnce((*[OnceKeySize]byte)(k.b), bytes.Clone(b[1:]), message); ok {
			t.Fatal("a changed message is taken")
		}
		if _, ok := OpenOnce((*[OnceKeySize]byte)(k.b), b, message); !ok {
			t.Fatal("a message is not taken")
		}
	}
	if e.Legacy() {
		m := k.Messages()
		pieces := []Piece{{B: message}}
		for seq := range uint32(secretUsages) {
			sum := m.Sum(true, pieces)
			m.PutSeq(make([]byte, 8), seq, false, sum)
			m.Seq(make([]byte, 8), sum)
			m.Seal(seq, pieces)
			m.Open(seq, pieces)
		}
	} else {
		derived, err := StringToKey(e, octets, "salt", 3)
		if err != nil {
			t.Fatal(err)
		}
		derived.Wipe()
	}
	os.Stdout.Write([]byte("u"))
	os.Stdin.Read(make([]byte, 1))
	k.Wipe()
}

// secretUsages is how many key usages are used.
const secretUsages = 9

// secretPart is how many consecutive octets of a secret count as a find.
const secretPart = 8

type secrets struct {
	names map[[secretPart]byte]string
	first [1 << 16]bool // whether a part begins with these two octets
}

// secretsOf returns the key and what ciphers and MACs derive from it.
func secretsOf(k *Key) *secrets {
	s := &secrets{names: make(map[[secretPart]byte]string)}
	p := k.etype.profile()
	s.add("key", k.b)
	for usage := range uint32(secretUsages) {
		name := func(key string) string { return fmt.Sprintf("%s of usage %d", key, usage) }
		switch {
		case k.etype == DES3:
			for _, c := range []byte{constantKe, constantKi, constantKc} {
				derived := tripleDK(k.b, usageLabel(usage, c))
				s.add(name(fmt.Sprintf("K%x", c)), derived)
				s.addMAC(name(fmt.Sprintf("K%x", c)), sha1.New, derived)
				s.addWords(name(fmt.Sprintf("schedule of K%x", c)), tripleDES(derived))
			}
		case k.etype == RC4:
			k1 := hmacMD5(k.b, rc4Usage(usage))
			s.add(name("K1"), k1)
			s.addMAC(name("K1"), md5.New, k1)
			flipped := append([]byte(nil), k.b...)
			for i := range flipped {
				flipped[i] ^= 0xf0
			}
			s.add("key for messages", flipped)
			ofSeq := hmacMD5(flipped, make([]byte, 4))
			s.add("key for messages", ofSeq)
			s.add(name("key for a message"), hmacMD5(ofSeq, binary.BigEndian.AppendUint32(nil, usage)))
		case p.camellia:
			for _, c := range []byte{constantKe, constantKi, constantKc} {
				derived := p.deriveUsage(k.b, usage, c)
				s.add(name(fmt.Sprintf("K%x", c)), derived)
				s.addWords(name(fmt.Sprintf("schedule of K%x", c)), newCamellia(derived))
			}
		default:
			s.add(name("Ke"), p.deriveUsage(k.b, usage, constantKe))
			for _, c := range []byte{constantKi, constantKc} {
				derived := p.deriveUsage(k.b, usage, c)
				s.add(name(fmt.Sprintf("K%x", c)), derived)
				s.addMAC(name(fmt.Sprintf("K%x", c)), p.newHash, derived)
			}
		}
	}
	switch {
	case k.etype == DES3:
		s.addWords("schedule of the key", tripleDES(k.b))
		s.add("key of the PRF", tripleDK(k.b, []byte("prf")))
	case k.etype == RC4:
		s.addMAC("key", md5.New, k.b)
		s.addMAC("key", sha1.New, k.b)
		signature := hmacMD5(k.b, []byte("signaturekey\x00"))
		s.add("signature key", signature)
		s.addMAC("signature key", md5.New, signature)
		s.add("sequence key", hmacMD5(k.b, make([]byte, 4)))
	default:
		if len(k.b) == OnceKeySize {
			s.addOnce(k.b)
		}
		s.addMAC("key", p.newHash, k.b)
		derived, _ := StringToKey(k.etype, k.b, "salt", 3)
		s.add("key of the password", derived.b)
	}
	return s
}

func (s *secrets) add(name string, octets []byte) {
	for ; len(octets) >= secretPart; octets = octets[1:] {
		part := [secretPart]byte(octets)
		if bytes.Count(part[:], []byte{0}) >= secretPart/2 {
			continue // the end of a schedule, which might be anything
		}
		s.names[part] = name
		s.first[binary.NativeEndian.Uint16(part[:])] = true
	}
}

// addOnce adds what SealOnce makes of a key.
func (s *secrets) addOnce(key []byte) {
	block, _ := aes.NewCipher(key)
	s.addWords("schedule of the key", block)
	hash := make([]byte, blockSize)
	block.Encrypt(hash, hash)
	s.add("hash key", hash)
	slices.Reverse(hash)
	s.add("reversed hash key", hash)
	mask := append(make([]byte, blockSize-1), 1)
	block.Encrypt(mask, mask)
	s.add("mask of the tag", mask)
}

// addMAC adds the padded key and, as octets and as words, the state of the hash after it.
func (s *secrets) addMAC(name string, newHash func() hash.Hash, key []byte) {
	for _, pad := range []byte{0x36, 0x5c} {
		h := newHash()
		block := bytes.Repeat([]byte{pad}, h.BlockSize())
		for i, b := range key {
			block[i] ^= b
		}
		s.add(fmt.Sprintf("%s padded with %#x", name, pad), block[:len(key)])
		h.Write(block)
		s.addWords(fmt.Sprintf("state of %s padded with %#x", name, pad), h)
		state, _ := h.(resumable).MarshalBinary()
		s.add(fmt.Sprintf("marshaled state of %s padded with %#x", name, pad), state[4:4+h.Size()])
	}
}

// addWords adds the arrays of words in x.
func (s *secrets) addWords(name string, x any) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Array:
			var octets []byte
			for i := range v.Len() {
				switch e := v.Index(i); e.Kind() {
				case reflect.Uint32:
					octets = binary.NativeEndian.AppendUint32(octets, uint32(e.Uint()))
				case reflect.Uint64:
					octets = binary.NativeEndian.AppendUint64(octets, e.Uint())
				default:
					walk(e)
				}
			}
			s.add(name, octets)
		}
	}
	walk(reflect.ValueOf(x))
}

var zeros [4096]byte

// in returns the finds in all readable mappings of a process.
func (s *secrets) in(t *testing.T, pid int) (found []string) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var rights string
		fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights)
		if !strings.HasPrefix(rights, "rw") {
			continue
		}
		octets := make([]byte, to-from)
		if n, err := memory.ReadAt(octets, from); n < len(octets) {
			t.Fatalf("%s cannot be read: %v", lines.Text(), err)
		}
		for ; len(octets) >= secretPart; octets = octets[1:] {
			// Most memory is zero.
			for len(octets) > len(zeros) && bytes.Equal(octets[:len(zeros)], zeros[:]) {
				octets = octets[len(zeros)-secretPart+1:]
			}
			if !s.first[binary.NativeEndian.Uint16(octets)] {
				continue
			}
			if name, ok := s.names[[secretPart]byte(octets)]; ok {
				found = append(found, fmt.Sprintf("%s at %#x", name, to-int64(len(octets))))
			}
		}
	}
	return found
}
