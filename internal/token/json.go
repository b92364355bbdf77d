// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"libgssapi/internal/status"
)

// jsonReader reads the JSON (RFC 8259) of exported credentials: arrays of a known shape that contain numbers, strings,
// true, false and null, but no objects. After the first fault, every read returns a zero value. The nesting depth is
// that of the Go code: a token cannot cause recursion. Results are copies, and no other copies are made.
type jsonReader struct {
	rest  []byte
	first bool // no comma precedes the next value
	err   error
}

func newJSONReader(b []byte) *jsonReader { return &jsonReader{rest: b, first: true} }

// fail records the first fault. It does not quote the input, which may be a key.
func (r *jsonReader) fail(fault string) {
	if r.err == nil {
		r.err = defective(status.KG_CONTEXT, "exported credential: %s", fault)
		r.rest = nil
	}
}

func (r *jsonReader) skip() {
	for len(r.rest) > 0 && (r.rest[0] == ' ' || r.rest[0] == '\n' || r.rest[0] == '\r' || r.rest[0] == '\t') {
		r.rest = r.rest[1:]
	}
}

// take consumes a word if it is next.
func (r *jsonReader) take(word string) bool {
	r.skip()
	if len(r.rest) < len(word) || string(r.rest[:len(word)]) != word {
		return false
	}
	r.rest = r.rest[len(word):]
	return true
}

// next moves to the next value in an array.
func (r *jsonReader) next() {
	if !r.first && !r.take(",") {
		r.fail("it has too few values, or no comma between two values")
	}
	r.first = false
	r.skip()
}

// array reads an array, whose values content reads.
func (r *jsonReader) array(content func()) {
	if r.next(); !r.take("[") {
		r.fail("an array was expected")
		return
	}
	r.first = true
	content()
	if r.first = false; !r.take("]") {
		r.fail("one of its arrays has too many values, or no end")
	}
}

// list reads an array of at most limit values of the same kind.
func (r *jsonReader) list(limit int, value func()) {
	r.array(func() { r.values(limit, value) })
}

// values reads the remaining values in an array.
func (r *jsonReader) values(limit int, value func()) {
	for n := 0; r.more(); n++ {
		if n == limit {
			r.fail("one of its arrays is too long")
			return
		}
		value()
	}
}

// more reports whether the array has more values.
func (r *jsonReader) more() bool {
	r.skip()
	return r.err == nil && (len(r.rest) == 0 || r.rest[0] != ']')
}

// null consumes a null if it is next.
func (r *jsonReader) null() bool {
	saved := *r
	if r.next(); r.err == nil && r.take("null") {
		return true
	}
	*r = saved
	return false
}

func (r *jsonReader) bool() bool {
	r.next()
	if r.take("true") {
		return true
	}
	if !r.take("false") {
		r.fail("true or false was expected")
	}
	return false
}

// int reads an integer from low to high.
func (r *jsonReader) int(low, high int64) int64 {
	r.next()
	n := 0
	for n < len(r.rest) && n <= 20 && (r.rest[n] == '-' || r.rest[n] >= '0' && r.rest[n] <= '9') {
		n++
	}
	v, err := strconv.ParseInt(string(r.rest[:n]), 10, 64)
	if err != nil || v < low || v > high {
		r.fail("an integer was expected, or is out of range")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// text reads a string without NUL, after which C programs would stop reading.
func (r *jsonReader) text() []byte {
	if r.next(); !r.take(`"`) {
		r.fail("a string was expected")
		return nil
	}
	end := 0
	for end < len(r.rest) && r.rest[end] != '"' {
		if r.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(r.rest) {
		r.fail("one of its strings has no end")
		return nil
	}
	in, out := r.rest[:end], make([]byte, 0, end)
	r.rest = r.rest[end+1:]
	for len(in) > 0 {
		c := in[0]
		in = in[1:]
		switch {
		case c < ' ':
			r.fail("one of its strings has a control character")
			return nil
		case c != '\\':
			out = append(out, c)
			continue
		}
		if c, in = in[0], in[1:]; c != 'u' {
			if c = unescaped(c); c == 0 {
				r.fail("one of its strings has an unknown escape")
				return nil
			}
			out = append(out, c)
			continue
		}
		v, ok := hex16(in)
		if ok {
			in = in[4:]
		}
		if utf16.IsSurrogate(v) {
			low := rune(-1)
			if len(in) > 2 && in[0] == '\\' && in[1] == 'u' {
				low, _ = hex16(in[2:])
			}
			if v = utf16.DecodeRune(v, low); v != utf8.RuneError {
				in = in[6:]
			} else {
				ok = false
			}
		}
		if !ok || v == 0 {
			r.fail("one of its strings has an escape that stands for no character, or for NUL")
			return nil
		}
		out = utf8.AppendRune(out, v)
	}
	return out
}

// unescaped returns what a character after a backslash stands for, or 0 if it is not allowed.
func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// hex16 reads four hexadecimal digits.
func hex16(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[:4]), 16, 16)
	return rune(v), err == nil
}

// octets reads a string that encodes octets in base 64 (RFC 4648, Section 4).
func (r *jsonReader) octets() []byte {
	if r.next(); !r.take(`"`) {
		r.fail("a string in base 64 was expected")
		return nil
	}
	end := 0
	for end < len(r.rest) && r.rest[end] != '"' {
		end++
	}
	if end == len(r.rest) {
		r.fail("one of its strings in base 64 has no end")
		return nil
	}
	out, ok := decodeBase64(r.rest[:end])
	if !ok {
		r.fail("one of its strings is not in base 64")
		return nil
	}
	r.rest = r.rest[end+1:]
	return out
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// base64Digit returns the value of a digit, or at least 64 if it is not one. It uses no table, because which cache
// lines are read would tell other processes about keys.
func base64Digit(c byte) uint32 {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint32(c - 'A')
	case c >= 'a' && c <= 'z':
		return uint32(c-'a') + 26
	case c >= '0' && c <= '9':
		return uint32(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return 64
}

// decodeBase64 accepts only one encoding of each content: with padding, and with unused bits zero.
func decodeBase64(b []byte) ([]byte, bool) {
	if len(b)%4 != 0 {
		return nil, false
	}
	padding := 0
	for padding < 2 && len(b) > padding && b[len(b)-1-padding] == '=' {
		padding++
	}
	out := make([]byte, 0, len(b)/4*3)
	for i := 0; i < len(b); i += 4 {
		var v, bad uint32
		for j, c := range b[i : i+4] {
			digit := base64Digit(c)
			if i+j >= len(b)-padding {
				digit = 0
			}
			bad |= digit
			v = v<<6 | digit
		}
		if bad > 63 {
			clear(out)
			return nil, false
		}
		out = append(out, byte(v>>16), byte(v>>8), byte(v))
	}
	whole := out[:len(out)-padding]
	for _, c := range out[len(whole):] {
		if c != 0 {
			clear(out)
			return nil, false
		}
	}
	return whole, true
}

// jsonWriter writes such JSON. A buffer that is too small is wiped, because it may contain keys.
type jsonWriter struct {
	b     []byte
	comma bool
}

// room makes room for n more octets.
func (w *jsonWriter) room(n int) {
	if n <= cap(w.b)-len(w.b) {
		return
	}
	larger := append(make([]byte, 0, 2*cap(w.b)+n), w.b...)
	clear(w.b)
	w.b = larger
}

// raw writes a value that needs no quotes.
func (w *jsonWriter) raw(value string) {
	w.room(len(value) + 1)
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, value...)
	w.comma = true
}

func (w *jsonWriter) array(content func()) {
	w.raw("[")
	w.comma = false
	content()
	w.room(1)
	w.b = append(w.b, ']')
	w.comma = true
}

func (w *jsonWriter) null() { w.raw("null") }

func (w *jsonWriter) bool(v bool) { w.raw(strconv.FormatBool(v)) }

func (w *jsonWriter) int(v int64) { w.raw(strconv.FormatInt(v, 10)) }

func (w *jsonWriter) text(v string) { writeText(w, v) }

// writeText writes a string. Octets that are not UTF-8 are written unchanged, because Kerberos has names in other
// encodings.
func writeText[T string | []byte](w *jsonWriter, v T) {
	w.raw(`"`)
	w.room(6*len(v) + 1)
	for i := range len(v) {
		switch c := v[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < ' ':
			w.b = append(w.b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789ABCDEF"[c&15])
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}

// optional writes a string, or null if it is empty.
func (w *jsonWriter) optional(v string) {
	if v == "" {
		w.null()
		return
	}
	w.text(v)
}

func (w *jsonWriter) octets(v []byte) {
	w.raw(`"`)
	w.room((len(v)+2)/3*4 + 1)
	for ; len(v) > 0; v = v[min(3, len(v)):] {
		var three [3]byte
		n := copy(three[:], v)
		bits := uint32(three[0])<<16 | uint32(three[1])<<8 | uint32(three[2])
		for i := range 4 {
			c := base64Digits[bits>>(18-6*i)&63]
			if i > n {
				c = '='
			}
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}
