// SPDX-License-Identifier: BSD-2-Clause

package wire

import (
	"reflect"
	"testing"
	"time"

	"libgssapi/internal/token"
)

type all struct {
	A  uint8
	B  uint32
	C  uint64
	D  bool
	E  []byte
	F  string
	G  time.Time
	H  token.Principal
	K  token.EncryptionKey
	K2 token.EncryptionKey
	L  []token.AuthDataEntry
	M  []int32
}

var example = all{
	A: 1, B: 1<<32 - 1, C: 1<<64 - 1, D: true, E: []byte{}, F: "text", G: time.Unix(-62135596800, 5).UTC(),
	H: token.Principal{Type: -5, Components: []string{"a", "", "c"}, Realm: "R"},
	K: token.EncryptionKey{EType: 18, Value: []byte{1, 2}},
	L: []token.AuthDataEntry{{Type: 1, Data: []byte{9}}, {Type: -2, Data: []byte{}}},
	M: []int32{18, -1},
}

func write(v all) []byte {
	w := NewWriter(8)
	w.Uint8(v.A)
	w.Uint32(v.B)
	w.Uint64(v.C)
	w.Bool(v.D)
	w.Octets(v.E)
	w.Text(v.F)
	w.Time(v.G)
	w.Principal(v.H)
	w.Key(v.K)
	w.Key(v.K2)
	w.AuthData(v.L)
	Int32s(w, v.M)
	return w.Form()
}

func read(form []byte) (v all, done bool) {
	r := NewReader(form)
	v = all{r.Uint8(), r.Uint32(), r.Uint64(), r.Bool(), r.Octets(), r.Text(), r.Time(), r.Principal(), r.Key(), r.Key(),
		r.AuthData(), ReadInt32s[int32](r, 2)}
	return v, r.Done()
}

func TestReaderReadsWhatWriterWrote(t *testing.T) {
	if got, done := read(write(example)); !done || !reflect.DeepEqual(got, example) {
		t.Errorf("%+v is not %+v", got, example)
	}
	var zero time.Time
	w := NewWriter(0)
	w.Time(zero)
	if !NewReader(w.Form()).Time().IsZero() {
		t.Error("the zero time is another one")
	}
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	form := write(example)
	for n := range form {
		if _, done := read(form[:n]); done {
			t.Errorf("%d octets of %d are enough", n, len(form))
		}
	}
}

func TestCountsBeyondTheFormAreRefused(t *testing.T) {
	for name, read := range map[string]func(*Reader){
		"octets":     func(r *Reader) { r.Octets() },
		"text":       func(r *Reader) { _ = r.Text() },
		"components": func(r *Reader) { r.Uint32(); r.Principal() },
		"auth-data":  func(r *Reader) { r.AuthData() },
	} {
		form := []byte{0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3}
		r := NewReader(form)
		if n := testing.AllocsPerRun(1, func() { read(r) }); r.Done() || n > 4 {
			t.Errorf("%s: accepted, or %v allocations", name, n)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(write(example))
	f.Fuzz(func(t *testing.T, form []byte) {
		if v, done := read(form); done {
			if again, done := read(write(v)); !done || !reflect.DeepEqual(again, v) {
				t.Errorf("%+v is read as %+v", v, again)
			}
		}
	})
}
