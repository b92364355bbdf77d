// SPDX-License-Identifier: BSD-2-Clause

// Package trace tells an administrator what calls look for, where, and what comes of it: a line for each event, in the
// file that KRB5_TRACE names. libgssapi-trace(7) explains the lines.
//
// An event is a method of Log with arguments of fixed types, so that one branch is all that it costs when there is no
// trace. Events take names, numbers and the texts of errors, none of which have keys or messages in them.
package trace

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Log is where the events of one call go. Nil is nowhere. What happens on a thread other than the caller's is told to the
// Log that Question returns.
type Log struct {
	sink     Sink
	question Sink // of events on other threads; nil: the same
	process  int
	now      func() time.Time

	// told are the lines of this call. Where the call is made again, because the network has answered, it does what it did
	// before, and that is not told twice. Nil: all is told.
	told Told
}

// Sink writes one line, with its newline, to the trace. It may keep the line.
type Sink func(line []byte)

// Told is what a call has told already. It is used by one thread at a time.
type Told map[string]bool

// New returns a Log. process is its ID.
func New(sink, question Sink, process int, now func() time.Time, told Told) *Log {
	return &Log{sink: sink, question: question, process: process, now: now, told: told}
}

// Question returns where a question for the network tells its events: it is put once, whatever its caller does meanwhile.
func (l *Log) Question() *Log {
	if l == nil {
		return nil
	}
	q := &Log{sink: l.question, process: l.process, now: l.now}
	if q.sink == nil {
		q.sink = l.sink
	}
	return q
}

// maxLine bounds a line in octets: one write(2) of it is whole, in pipes as well.
const maxLine = 2048

// event tells what a method of Log describes. It is not in the methods themselves, so that these are small.
func (l *Log) event(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.told != nil {
		if l.told[text] {
			return
		}
		l.told[text] = true
	}
	now := l.now()
	line := make([]byte, 0, 256)
	line = append(line, '[')
	line = strconv.AppendInt(line, int64(l.process), 10)
	line = fmt.Appendf(line, "] %d.%06d: ", now.Unix(), now.Nanosecond()/1000)
	line = appendPrintable(line, text, maxLine-1)
	l.sink(append(line, '\n'))
}

// cut ends a line that would be too long.
const cut = " [...]"

// appendPrintable appends text to line, up to limit octets together. What a peer, a file or a program may have put into a
// name reaches no terminal as control characters and begins no line of its own: all that does not print is escaped.
func appendPrintable(line []byte, text string, limit int) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		before := len(line)
		switch {
		case r == utf8.RuneError && n == 1, r < utf8.RuneSelf && !unicode.IsPrint(r):
			line = fmt.Appendf(line, `\x%02x`, text[i])
		case !unicode.IsPrint(r):
			line = fmt.Appendf(line, `\u{%x}`, r)
		default:
			line = append(line, text[i:i+n]...)
		}
		if len(line) > limit-len(cut) {
			return append(line[:before], cut...)
		}
		i += n
	}
	return line
}
