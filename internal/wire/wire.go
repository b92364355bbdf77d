// SPDX-License-Identifier: BSD-2-Clause

// Package wire writes and reads the forms in which objects pass from a process to its children: numbers are big-endian,
// and octets follow their length. No other process reads them, but they are read as if a stranger had written them.
package wire

import (
	"encoding/binary"
	"math"
	"time"

	"libgssapi/internal/token"
)

// Limits for what is read. They are far above what the writers produce.
const (
	maxComponents = 64 << 10
	maxEntries    = 4096
)

// Writer writes a form. The zero Writer is ready to use.
type Writer struct{ b []byte }

// NewWriter returns a writer with room for n octets, which grows if necessary.
func NewWriter(n int) *Writer { return &Writer{make([]byte, 0, n)} }

// In returns a writer that uses room first. The owner of the form wipes both.
func In(room []byte) *Writer { return &Writer{room[:0]} }

// room makes room for n more octets. Memory that has become too small is wiped, because it may contain keys.
func (w *Writer) room(n int) {
	if n <= cap(w.b)-len(w.b) {
		return
	}
	larger := append(make([]byte, 0, 2*cap(w.b)+n), w.b...)
	clear(w.b)
	w.b = larger
}

// Form returns what was written.
func (w *Writer) Form() []byte { return w.b }

// FormOf returns the form of an object, in room if that is large enough.
func FormOf(o interface{ Snapshot(*Writer) }, room []byte) []byte {
	w := In(room)
	o.Snapshot(w)
	return w.Form()
}

// Uint8 and the following methods write a number of that size.
func (w *Writer) Uint8(v uint8) {
	w.room(1)
	w.b = append(w.b, v)
}

func (w *Writer) Uint32(v uint32) {
	w.room(4)
	w.b = binary.BigEndian.AppendUint32(w.b, v)
}

func (w *Writer) Uint64(v uint64) {
	w.room(8)
	w.b = binary.BigEndian.AppendUint64(w.b, v)
}

// Bool writes an octet, 0 or 1.
func (w *Writer) Bool(v bool) {
	if v {
		w.Uint8(1)
	} else {
		w.Uint8(0)
	}
}

// Octets writes octets after their length.
func (w *Writer) Octets(v []byte) {
	w.Uint32(uint32(min(len(v), math.MaxUint32)))
	w.room(len(v))
	w.b = append(w.b, v...)
}

// Text writes a string like Octets.
func (w *Writer) Text(v string) {
	w.Uint32(uint32(min(len(v), math.MaxUint32)))
	w.room(len(v))
	w.b = append(w.b, v...)
}

// Time writes a time with its nanoseconds. The zero time is read as the zero time.
func (w *Writer) Time(t time.Time) {
	w.Uint64(uint64(t.Unix()))
	w.Uint32(uint32(t.Nanosecond()))
}

// Principal writes a principal with its type and realm.
func (w *Writer) Principal(p token.Principal) {
	w.Uint32(uint32(p.Type))
	w.Text(p.Realm)
	w.Uint32(uint32(len(p.Components)))
	for _, c := range p.Components {
		w.Text(c)
	}
}

// Key writes a key. A key without a value is read as no key.
func (w *Writer) Key(k token.EncryptionKey) {
	w.Uint32(uint32(k.EType))
	w.Bool(k.Value != nil)
	w.Octets(k.Value)
}

// Int32s writes a list of numbers.
func Int32s[T ~int32](w *Writer, list []T) {
	w.Uint32(uint32(len(list)))
	for _, v := range list {
		w.Uint32(uint32(v))
	}
}

// AuthData writes authorization data.
func (w *Writer) AuthData(list []token.AuthDataEntry) {
	w.Uint32(uint32(len(list)))
	for _, e := range list {
		w.Uint32(uint32(e.Type))
		w.Octets(e.Data)
	}
}

// Reader reads a form. After the first error everything reads as zero, and Done returns false.
type Reader struct {
	rest  []byte
	wrong bool
}

// NewReader returns a reader of form. Its methods return copies, except Rest.
func NewReader(form []byte) *Reader { return &Reader{rest: form} }

// Done reports whether the form was read to its end without an error.
func (r *Reader) Done() bool { return !r.wrong && len(r.rest) == 0 }

// Rest returns the remaining octets, which alias the form.
func (r *Reader) Rest() []byte {
	rest := r.rest
	r.rest = nil
	return rest
}

// Fail marks the form as malformed.
func (r *Reader) Fail() { r.rest, r.wrong = nil, true }

// next returns the next n octets. If there are fewer, and n is the size of a number, it returns n zeros.
func (r *Reader) next(n uint64) []byte {
	if r.wrong || n > uint64(len(r.rest)) {
		r.Fail()
		return make([]byte, min(n, 8))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// Uint8 and the following methods read a number of that size.
func (r *Reader) Uint8() uint8   { return r.next(1)[0] }
func (r *Reader) Uint32() uint32 { return binary.BigEndian.Uint32(r.next(4)) }
func (r *Reader) Uint64() uint64 { return binary.BigEndian.Uint64(r.next(8)) }

// Bool reads an octet that is 0 or 1.
func (r *Reader) Bool() bool {
	v := r.Uint8()
	if v > 1 {
		r.Fail()
	}
	return v == 1
}

// Octets reads octets that follow their length.
func (r *Reader) Octets() []byte {
	b := r.next(uint64(r.Uint32()))
	if r.wrong {
		return nil
	}
	return append([]byte{}, b...)
}

// Text reads what Writer.Text wrote.
func (r *Reader) Text() string {
	b := r.next(uint64(r.Uint32()))
	if r.wrong {
		return ""
	}
	return string(b)
}

// count reads the number of elements that follow, of at least size octets each.
func (r *Reader) count(limit, size uint64) int {
	n := uint64(r.Uint32())
	if n > limit || n*size > uint64(len(r.rest)) {
		r.Fail()
		return 0
	}
	return int(n)
}

// Time reads a time.
func (r *Reader) Time() time.Time {
	sec, nsec := r.Uint64(), r.Uint32()
	if nsec >= uint32(time.Second) {
		r.Fail()
	}
	if r.wrong {
		return time.Time{}
	}
	return time.Unix(int64(sec), int64(nsec)).UTC()
}

// Principal reads a principal.
func (r *Reader) Principal() token.Principal {
	p := token.Principal{Type: int32(r.Uint32()), Realm: r.Text()}
	if n := r.count(maxComponents, 4); n > 0 {
		p.Components = make([]string, n)
		for i := range p.Components {
			p.Components[i] = r.Text()
		}
	}
	return p
}

// Key reads a key.
func (r *Reader) Key() token.EncryptionKey {
	k := token.EncryptionKey{EType: int32(r.Uint32())}
	present := r.Bool()
	k.Value = r.Octets()
	if !present {
		if len(k.Value) != 0 {
			r.Fail()
		}
		k.Value = nil
	}
	return k
}

// ReadInt32s reads a list of at most limit numbers. An empty list is nil.
func ReadInt32s[T ~int32](r *Reader, limit uint64) []T {
	n := r.count(limit, 4)
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = T(r.Uint32())
	}
	return list
}

// AuthData reads authorization data.
func (r *Reader) AuthData() []token.AuthDataEntry {
	n := r.count(maxEntries, 8)
	if n == 0 {
		return nil
	}
	list := make([]token.AuthDataEntry, n)
	for i := range list {
		list[i] = token.AuthDataEntry{Type: int32(r.Uint32()), Data: r.Octets()}
	}
	return list
}
