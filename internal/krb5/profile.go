// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"libgssapi/internal/status"
)

// The grammar of krb5.conf(5), as read by MIT krb5 1.20. What MIT refuses is refused, with these exceptions: a byte
// order mark is skipped, module lines are skipped (they load code), and a subsection with a single relation may be on
// one line.

// Bounds on included files and on nesting.
const (
	maxIncludeDepth = 16
	maxProfileFiles = 512
	maxNesting      = 64
)

// section is a section, a subsection, or the root of one file with everything it includes. Relations and subsections
// with the same name are kept in the order of the file.
type section struct {
	final    bool // later files must not add to it
	parent   *section
	values   map[string][]string
	sections map[string]*section
}

// sub returns the subsection with this name, creating it if necessary: sections and subsections with the same name are
// merged.
func (s *section) sub(name string) *section {
	if c, ok := s.sections[name]; ok {
		return c
	}
	c := &section{parent: s}
	if s.sections == nil {
		s.sections = make(map[string]*section)
	}
	s.sections[name] = c
	return c
}

func (s *section) add(tag, value string) {
	if s.values == nil {
		s.values = make(map[string][]string)
	}
	s.values[tag] = append(s.values[tag], value)
}

// profile holds the files of KRB5_CONFIG, in order.
type profile []*section

// find returns the sections that path names, in all files up to a final one.
func (p profile) find(path []string) []*section {
	var found []*section
	for _, s := range p {
		final := false
		for _, name := range path {
			if s = s.sections[name]; s == nil {
				break
			}
			final = final || s.final
		}
		if s != nil {
			found = append(found, s)
		}
		if final {
			break
		}
	}
	return found
}

// get returns the values of a relation, the last element of path, in all files.
func (p profile) get(path ...string) []string {
	n := len(path) - 1
	if n < 1 {
		return nil
	}
	var values []string
	for _, s := range p.find(path[:n]) {
		values = append(values, s.values[path[n]]...)
	}
	return values
}

// profileReader reads files into one root, and notes their stamps.
type profileReader struct {
	left   int64 // octets that may still be read
	stamps []stamp
	depth  int
}

// open reads one element of KRB5_CONFIG, a file or a directory. If a file cannot be opened, the error is an errno
// error.
func (r *profileReader) open(path string) (*section, error) {
	root := &section{}
	s := statStamp(path)
	if !s.missing {
		if fi, err := os.Stat(path); err == nil && fi.IsDir() {
			return root, r.includeDir(path, root)
		}
	}
	b, err := r.read(path)
	if err != nil {
		return nil, err
	}
	return root, r.parse(path, b, root)
}

// mayRead bounds the files and directories, each of which is looked at again by every call.
func (r *profileReader) mayRead(path string) error {
	if len(r.stamps) >= maxProfileFiles {
		return badProfile("%s: more than %d configuration files", path, maxProfileFiles)
	}
	return nil
}

func (r *profileReader) read(path string) ([]byte, error) {
	if err := r.mayRead(path); err != nil {
		return nil, err
	}
	b, s, err := readFile(path, r.left)
	r.stamps = append(r.stamps, s)
	if err != nil {
		return nil, err
	}
	r.left -= int64(len(b))
	return b, nil
}

// include reads a file named by an include line. Its sections are added to root, but its parser state is its own.
func (r *profileReader) include(path string, root *section) error {
	if r.depth >= maxIncludeDepth {
		return badProfile("%s: files are included more than %d deep", path, maxIncludeDepth)
	}
	b, err := r.read(path)
	if _, ok := err.(*status.Error); ok {
		return err
	}
	if err != nil {
		return status.Errorf(status.Failure, status.KRB5_CONFIG_CANTOPEN, "%s: %s", path, reason(err, maxConfigSize))
	}
	r.depth++
	defer func() { r.depth-- }()
	return r.parse(path, b, root)
}

// includeDir reads the files in a directory in the order of their names: those whose names consist of letters, digits,
// - and _, and those that end in .conf and do not begin with a dot.
func (r *profileReader) includeDir(path string, root *section) error {
	if err := r.mayRead(path); err != nil {
		return err
	}
	r.stamps = append(r.stamps, statStamp(path))
	entries, err := os.ReadDir(path)
	if err != nil {
		return status.Errorf(status.Failure, status.KRB5_CONFIG_CANTOPEN, "%v", err)
	}
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if !includedName(e.Name()) {
			continue
		}
		if fi, err := os.Stat(file); err == nil && fi.IsDir() {
			continue
		}
		if err := r.include(file, root); err != nil {
			return err
		}
	}
	return nil
}

func includedName(name string) bool {
	if strings.HasSuffix(name, ".conf") && name[0] != '.' {
		return true
	}
	return strings.IndexFunc(name, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}) < 0
}

func badProfile(format string, args ...any) *status.Error {
	return status.Errorf(status.Failure, status.KRB5_CONFIG_BADFORMAT, format, args...)
}

// profileState is the state of the parser of one file.
type profileState int

const (
	beforeSections profileState = iota // lines are ignored until one begins with [
	betweenLines
	awaitingBrace // after "NAME =": "{" must follow
)

func (s profileState) String() string {
	return [...]string{"before sections", "between lines", "awaiting brace"}[s]
}

// blanks are the characters of isspace(3) in the C locale.
const blanks = " \t\n\v\f\r"

// profileFile parses one file.
type profileFile struct {
	reader *profileReader
	path   string
	line   int
	state  profileState
	root   *section
	cur    *section
	level  int // of braces
}

func (r *profileReader) parse(path string, b []byte, root *section) error {
	f := &profileFile{reader: r, path: path, root: root}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for len(b) > 0 {
		line := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		f.line++
		if i := bytes.IndexByte(line, 0); i >= 0 {
			line = line[:i]
		}
		if err := f.parseLine(strings.TrimRight(string(line), "\r\n")); err != nil {
			return err
		}
	}
	return nil
}

func (f *profileFile) bad(format string, args ...any) error {
	return badProfile("%s, line %d: "+format, slices.Concat([]any{f.path, f.line}, args)...)
}

// directive returns the argument of a line that begins with word.
func directive(line, word string) (string, bool) {
	arg, ok := strings.CutPrefix(line, word)
	if !ok || arg == "" || strings.IndexByte(blanks, arg[0]) < 0 {
		return "", false
	}
	return strings.Trim(arg, blanks), true
}

func (f *profileFile) parseLine(line string) error {
	if path, ok := directive(line, "include"); ok {
		return f.within(f.reader.include(path, f.root))
	}
	if path, ok := directive(line, "includedir"); ok {
		return f.within(f.reader.includeDir(path, f.root))
	}
	if _, ok := directive(line, "module"); ok && f.state == beforeSections {
		return nil
	}
	switch f.state {
	case beforeSections:
		if !strings.HasPrefix(line, "[") {
			return nil
		}
		f.state = betweenLines
	case awaitingBrace:
		if !strings.HasPrefix(strings.TrimLeft(line, blanks), "{") {
			return f.bad("{ expected after the line that ends with =")
		}
		f.state = betweenLines
		return nil
	}
	return f.parseStatement(strings.TrimLeft(line, blanks))
}

// within adds to an error where the file was included.
func (f *profileFile) within(err error) error {
	if err == nil {
		return nil
	}
	e := status.Of(err)
	return status.Errorf(e.Major, e.Minor, "%s (included by %s, line %d)", e.Text, f.path, f.line)
}

func (f *profileFile) parseStatement(line string) error {
	switch {
	case line == "" || line[0] == ';' || line[0] == '#':
		return nil
	case line[0] == '[':
		return f.parseSection(line[1:])
	case line[0] == '}':
		if f.level == 0 {
			return f.bad("} without {")
		}
		f.cur.final = f.cur.final || strings.HasPrefix(line, "}*")
		f.cur = f.cur.parent
		f.level--
		return nil
	}
	return f.parseRelation(line)
}

func (f *profileFile) parseSection(line string) error {
	if f.level > 0 {
		return f.bad("a section begins within braces")
	}
	name, rest, ok := strings.Cut(line, "]")
	if !ok {
		return f.bad("] expected")
	}
	f.cur = f.root.sub(name)
	if strings.HasPrefix(rest, "*") {
		f.cur.final = true
		rest = rest[1:]
	}
	if strings.Trim(rest, blanks) != "" {
		return f.bad("unexpected text after the name of the section")
	}
	return nil
}

func (f *profileFile) parseRelation(line string) error {
	tag, value, ok := strings.Cut(line, "=")
	if !ok {
		return f.bad("= expected")
	}
	tag = strings.TrimRight(tag, blanks)
	if tag == "" {
		return f.bad("a name is expected before =")
	}
	if strings.ContainsAny(tag, blanks) {
		return f.bad("the name before = contains a blank")
	}
	tag, _, final := strings.Cut(tag, "*")
	value = strings.TrimLeft(value, blanks)
	switch {
	case value == "" || value[0] == '{' && strings.TrimLeft(value[1:], blanks) == "":
		if f.level >= maxNesting {
			return f.bad("braces are nested more than %d deep", maxNesting)
		}
		if value == "" {
			f.state = awaitingBrace
		}
		f.cur = f.cur.sub(tag)
		f.cur.final = f.cur.final || final
		f.level++
		return nil
	case value[0] == '"':
		f.cur.add(tag, unquote(value[1:]))
		return nil
	case value[0] == '{':
		if sub, subValue, subFinal, ok := oneLineSubsection(value); ok {
			s := f.cur.sub(tag)
			s.final = s.final || final || subFinal
			s.add(sub, subValue)
			return nil
		}
	}
	f.cur.add(tag, strings.TrimRight(value, blanks))
	return nil
}

// oneLineSubsection splits "{ tag = value }". MIT would take it for a value that begins with a brace, which no setting
// has.
func oneLineSubsection(value string) (tag, inner string, final, ok bool) {
	value = strings.TrimRight(value, blanks)
	value, final = strings.CutSuffix(value, "*")
	body, ok := strings.CutSuffix(value[1:], "}")
	if !ok {
		return "", "", false, false
	}
	tag, inner, ok = strings.Cut(body, "=")
	tag, inner = strings.Trim(tag, blanks), strings.Trim(inner, blanks)
	if !ok || tag == "" || inner == "" || strings.ContainsAny(tag, blanks+"*{}\"") || strings.ContainsAny(inner[:1], "{") {
		return "", "", false, false
	}
	if inner[0] == '"' {
		inner = unquote(inner[1:])
	}
	return tag, inner, final, true
}

// unquote reads a quoted value up to the closing quote and ignores what follows.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && s[i] != '"'; i++ {
		c := s[i]
		if c == '\\' {
			if i++; i == len(s) {
				break
			}
			switch c = s[i]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'b':
				c = '\b'
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}
