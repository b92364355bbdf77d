// SPDX-License-Identifier: BSD-2-Clause

// Package trace records what calls look for, where, and with what result, for an administrator: one line for each
// event, in the file named by KRB5_TRACE. libgssapi-trace(7) explains the lines.
//
// An event is a method of Log with arguments of fixed types, so that it costs only one branch if there is no trace.
// Events take names, numbers and the texts of errors, none of which contain keys or messages.
package trace

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Log receives the events of one call. A nil Log discards them. Events on threads other than the caller's go to the
// Log that Question returns.
type Log struct {
	sink     Sink
	question Sink // for events on other threads; if nil, the same
	process  int
	now      func() time.Time

	// told is the set of lines of this call. When the call is repeated after a reply from the network, it does everything
	// again, which is not recorded twice. If nil, everything is recorded.
	told Told
}

// Sink writes one line, including its newline, to the trace. It may keep the line.
type Sink func(line []byte)

// Told is the set of lines that a call has already recorded. It is used by one thread at a time.
type Told map[string]bool

// New returns a Log. process is the process ID.
func New(sink, question Sink, process int, now func() time.Time, told Told) *Log {
	return &Log{sink: sink, question: question, process: process, now: now, told: told}
}

// Question returns the Log for events of a network request. The request is made once, whatever its caller does in the
// meantime.
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

// maxLine limits the length of a line in octets, so that a line can be written with a single write(2), even to a pipe.
const maxLine = 2048

// event records the event of a Log method. It is separate so that the methods are small.
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

// cut marks the end of a line that was too long.
const cut = " [...]"

// appendPrintable appends text to line, up to limit octets in total. It escapes everything that is not printable, so
// that nothing that a peer, a file or a program has put into a name reaches a terminal as a control character or
// begins a line of its own.
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
