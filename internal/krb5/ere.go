// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"runtime"
	"strings"
	"unicode/utf8"
)

// ere is an extended regular expression as the C library's regcomp(3) understands it, with GNU's extensions: \w \W \s \S \b
// \B \< \> \` \'. Go's parser and compiler are used, but neither its syntax, in which other escapes have a meaning, nor its
// matcher, which does not know the beginning of a word. There are no back references, so matching takes linear time.
type ere struct {
	prog *syntax.Prog
	word map[uint32]bool // by Inst.Arg of the captures that stand for \< (true) and \> (false)
}

var (
	errEREEscape   = errors.New("a backslash at the end")
	errEREBackRef  = errors.New("back references are not supported")
	errEREBracket  = errors.New("a malformed bracket expression")
	errEREInterval = errors.New("a malformed interval")
)

// compileERE compiles an expression.
func compileERE(expr string) (*ere, error) { return compileEREFor(expr, runtime.GOOS == "freebsd") }

// compileEREFor compiles an expression. With bsd, [[:<:]] and [[:>:]] stand for \< and \>, as on FreeBSD.
func compileEREFor(expr string, bsd bool) (*ere, error) {
	w := ereWriter{rest: expr, bsd: bsd}
	if err := w.write(); err != nil {
		return nil, err
	}
	// Everything that w writes has one meaning in Go: a dot and a negated list match newlines, too.
	tree, err := syntax.Parse(w.b.String(), syntax.ClassNL|syntax.DotNL|syntax.OneLine|syntax.PerlX)
	if err != nil {
		return nil, err
	}
	e := &ere{word: map[uint32]bool{}}
	for i, name := range tree.CapNames() {
		if name != "" {
			e.word[uint32(2*i)] = name[0] == 'b'
		}
	}
	e.prog, err = syntax.Compile(tree.Simplify())
	return e, err
}

// ereWriter writes an expression anew in Go's syntax.
type ereWriter struct {
	rest  string
	bsd   bool
	b     strings.Builder
	open  []int // where the open groups begin
	atom  int   // where the last atom begins
	state ereState
	words int
}

// ereState says what stands before the present place.
type ereState int

const (
	ereNothing  ereState = iota // nothing that can be repeated
	ereAtom                     // an atom
	ereRepeated                 // an atom with a repetition
)

func (w *ereWriter) put(atom string) {
	w.atom, w.state = w.b.Len(), ereAtom
	w.b.WriteString(atom)
}

// putPlace writes what takes no character, and cannot be repeated.
func (w *ereWriter) putPlace(place string) {
	w.b.WriteString(place)
	w.state = ereNothing
}

// putWord writes the beginning or the end of a word, as a group that only the matcher knows the meaning of.
func (w *ereWriter) putWord(kind byte) {
	w.words++
	w.putPlace(fmt.Sprintf("(?P<%c%d>)", kind, w.words))
}

func (w *ereWriter) write() error {
	for w.rest != "" {
		c, n := utf8.DecodeRuneInString(w.rest)
		if c == utf8.RuneError && n == 1 {
			return errors.New("it is not UTF-8")
		}
		w.rest = w.rest[n:]
		switch c {
		case '\\':
			if err := w.escape(); err != nil {
				return err
			}
		case '[':
			if err := w.bracket(); err != nil {
				return err
			}
		case '(':
			w.open = append(w.open, w.b.Len())
			w.b.WriteString("(?:")
			w.state = ereNothing
		case ')':
			if len(w.open) == 0 {
				w.put(`\)`)
				continue
			}
			w.b.WriteByte(')')
			w.atom, w.state = w.open[len(w.open)-1], ereAtom
			w.open = w.open[:len(w.open)-1]
		case '|':
			w.b.WriteByte('|')
			w.state = ereNothing
		case '*', '+', '?':
			if err := w.repeat(string(c)); err != nil {
				return err
			}
		case '{':
			if err := w.interval(); err != nil {
				return err
			}
		case '^':
			w.putPlace(`\A`)
		case '$':
			w.putPlace(`\z`)
		case '.':
			w.put(".")
		default:
			w.put(quoteRune(c))
		}
	}
	return nil
}

// repeat writes a repetition. That of a repetition is one of a group in Go.
func (w *ereWriter) repeat(how string) error {
	switch w.state {
	case ereNothing:
		return errors.New("there is nothing to repeat")
	case ereRepeated:
		all := w.b.String()
		w.b.Reset()
		w.b.WriteString(all[:w.atom] + "(?:" + all[w.atom:] + ")")
	}
	w.b.WriteString(how)
	w.state = ereRepeated
	return nil
}

// interval writes {n}, {n,}, {n,m} or {,m}, which is {0,m}.
func (w *ereWriter) interval() error {
	body, rest, ok := strings.Cut(w.rest, "}")
	least, most, _ := strings.Cut(body, ",")
	if !ok || strings.Trim(least+most, "0123456789") != "" || body == "" || body == "," {
		return errEREInterval
	}
	w.rest = rest
	if least == "" {
		body = "0" + body
	}
	return w.repeat("{" + body + "}")
}

func (w *ereWriter) escape() error {
	c, n := utf8.DecodeRuneInString(w.rest)
	if n == 0 {
		return errEREEscape
	}
	w.rest = w.rest[n:]
	switch c {
	case 'w':
		w.put("[0-9A-Za-z_]")
	case 'W':
		w.put("[^0-9A-Za-z_]")
	case 's':
		w.put("[[:space:]]")
	case 'S':
		w.put("[^[:space:]]")
	case 'b':
		w.putPlace(`\b`)
	case 'B':
		w.putPlace(`\B`)
	case '`':
		w.putPlace(`\A`)
	case '\'':
		w.putPlace(`\z`)
	case '<':
		w.putWord('b')
	case '>':
		w.putWord('e')
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return errEREBackRef
	default:
		w.put(quoteRune(c))
	}
	return nil
}

// bracket writes a bracket expression, in which a backslash is itself.
func (w *ereWriter) bracket() error {
	for i, word := range [...]string{"[:<:]]", "[:>:]]"} {
		if rest, ok := strings.CutPrefix(w.rest, word); ok && w.bsd {
			w.rest = rest
			w.putWord("be"[i])
			return nil
		}
	}
	list := "["
	if rest, ok := strings.CutPrefix(w.rest, "^"); ok {
		list, w.rest = "[^", rest
	}
	for first := true; ; first = false {
		if rest, ok := strings.CutPrefix(w.rest, "]"); ok && !first {
			w.rest = rest
			w.put(list + "]")
			return nil
		}
		if strings.HasPrefix(w.rest, "[:") {
			class, rest, ok := strings.Cut(w.rest[2:], ":]")
			if !ok || class == "word" { // which only Go knows
				return errEREBracket
			}
			w.rest = rest
			list += "[:" + class + ":]" // Go refuses others that it does not know
			continue
		}
		from, err := w.member()
		if err != nil {
			return err
		}
		list += quoteRune(from)
		if rest, ok := strings.CutPrefix(w.rest, "-"); ok && !strings.HasPrefix(rest, "]") {
			w.rest = rest
			to, err := w.member()
			if err != nil {
				return err
			}
			list += "-" + quoteRune(to)
		}
	}
}

// member reads a character of a bracket expression, as it is, or as [.c.] or [=c=].
func (w *ereWriter) member() (rune, error) {
	for _, mark := range [...]string{".", "="} {
		rest, ok := strings.CutPrefix(w.rest, "["+mark)
		if !ok {
			continue
		}
		c, n := utf8.DecodeRuneInString(rest)
		if rest, ok = strings.CutPrefix(rest[n:], mark+"]"); !ok || n == 0 {
			return 0, errEREBracket
		}
		w.rest = rest
		return c, nil
	}
	c, n := utf8.DecodeRuneInString(w.rest)
	if n == 0 || c == utf8.RuneError && n == 1 {
		return 0, errEREBracket
	}
	w.rest = w.rest[n:]
	return c, nil
}

// quoteRune writes a character that has no other meaning in Go, wherever it stands.
func quoteRune(c rune) string { return fmt.Sprintf(`\x{%x}`, c) }

// find returns where the leftmost match is, and of those that begin there the longest, or nil.
func (e *ere) find(s string) []int {
	var match []int
	now, next := newEREThreads(e), newEREThreads(e)
	before := rune(-1)
	for at := 0; ; {
		c, n := utf8.DecodeRuneInString(s[at:])
		if n == 0 {
			c = -1
		}
		// Those that began first come first, so that of two in one state the one to the left goes on.
		if match == nil {
			now.begin(at)
		}
		now.settle(before, c)
		for _, t := range now.list {
			if match != nil && t.start > match[0] {
				break
			}
			switch i := &e.prog.Inst[t.pc]; i.Op {
			case syntax.InstMatch:
				match = []int{t.start, at}
			case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
				if n > 0 && i.MatchRune(c) {
					next.begun = append(next.begun, ereThread{i.Out, t.start})
				}
			}
		}
		if n == 0 || match != nil && len(next.begun) == 0 {
			return match
		}
		now, next = next, now
		next.clear()
		before, at = c, at+n
	}
}

// ereThread is a state of the automaton for the matches that begin at start.
type ereThread struct {
	pc    uint32
	start int
}

// ereThreads are the states at one place, one for each instruction.
type ereThreads struct {
	of    *ere
	begun []ereThread // as the last character left them
	list  []ereThread // those that take a character or are a match
	seen  []bool
}

func newEREThreads(e *ere) *ereThreads {
	return &ereThreads{of: e, seen: make([]bool, len(e.prog.Inst))}
}

func (l *ereThreads) clear() {
	l.begun, l.list = l.begun[:0], l.list[:0]
	clear(l.seen)
}

func (l *ereThreads) begin(at int) {
	l.begun = append(l.begun, ereThread{uint32(l.of.prog.Start), at})
}

// settle follows the instructions that take no character, between two characters, which are -1 at the ends of the text.
func (l *ereThreads) settle(before, after rune) {
	holds := syntax.EmptyOpContext(before, after)
	for _, t := range l.begun {
		todo := []uint32{t.pc}
		for len(todo) > 0 {
			pc := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if l.seen[pc] {
				continue
			}
			l.seen[pc] = true
			switch i := &l.of.prog.Inst[pc]; i.Op {
			case syntax.InstAlt, syntax.InstAltMatch:
				todo = append(todo, i.Out, i.Arg)
			case syntax.InstNop:
				todo = append(todo, i.Out)
			case syntax.InstCapture:
				begins, isWord := l.of.word[i.Arg]
				if !isWord || holds&syntax.EmptyWordBoundary != 0 && syntax.IsWordChar(after) == begins {
					todo = append(todo, i.Out)
				}
			case syntax.InstEmptyWidth:
				if syntax.EmptyOp(i.Arg)&^holds == 0 {
					todo = append(todo, i.Out)
				}
			case syntax.InstFail:
			default:
				l.list = append(l.list, ereThread{pc, t.start})
			}
		}
	}
}
