// SPDX-License-Identifier: BSD-2-Clause

// Package status defines the results of GSS-API calls: the major codes of RFC 2744, Section 3.9.1, the com_err numbers
// used as minor codes, and an error type that carries both, with a text for an administrator.
package status

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Major is a GSS-API major status code: a calling error in bits 24-31, a routine error in bits 16-23, and
// supplementary bits below.
type Major uint32

// Calling errors.
const (
	CallInaccessibleRead  Major = 1 << 24
	CallInaccessibleWrite Major = 2 << 24
	CallBadStructure      Major = 3 << 24
)

// Routine errors.
const (
	Complete            Major = 0
	BadMech             Major = 1 << 16
	BadName             Major = 2 << 16
	BadNameType         Major = 3 << 16
	BadBindings         Major = 4 << 16
	BadStatus           Major = 5 << 16
	BadMIC              Major = 6 << 16
	NoCred              Major = 7 << 16
	NoContext           Major = 8 << 16
	DefectiveToken      Major = 9 << 16
	DefectiveCredential Major = 10 << 16
	CredentialsExpired  Major = 11 << 16
	ContextExpired      Major = 12 << 16
	Failure             Major = 13 << 16
	BadQOP              Major = 14 << 16
	Unauthorized        Major = 15 << 16
	Unavailable         Major = 16 << 16
	DuplicateElement    Major = 17 << 16
	NameNotMN           Major = 18 << 16
)

// Supplementary information.
const (
	ContinueNeeded Major = 1 << 0
	DuplicateToken Major = 1 << 1
	OldToken       Major = 1 << 2
	UnseqToken     Major = 1 << 3
	GapToken       Major = 1 << 4
)

// IsError reports whether m has a calling or routine error (GSS_ERROR).
func (m Major) IsError() bool { return m&0xffff0000 != 0 }

var routineNames = [...]string{"GSS_S_COMPLETE", "GSS_S_BAD_MECH", "GSS_S_BAD_NAME", "GSS_S_BAD_NAMETYPE",
	"GSS_S_BAD_BINDINGS", "GSS_S_BAD_STATUS", "GSS_S_BAD_MIC", "GSS_S_NO_CRED", "GSS_S_NO_CONTEXT", "GSS_S_DEFECTIVE_TOKEN",
	"GSS_S_DEFECTIVE_CREDENTIAL", "GSS_S_CREDENTIALS_EXPIRED", "GSS_S_CONTEXT_EXPIRED", "GSS_S_FAILURE", "GSS_S_BAD_QOP",
	"GSS_S_UNAUTHORIZED", "GSS_S_UNAVAILABLE", "GSS_S_DUPLICATE_ELEMENT", "GSS_S_NAME_NOT_MN"}

// Name returns the name of the routine error in gssapi.h, followed by any other bits as a number.
func (m Major) Name() string {
	routine := m >> 16 & 0xff
	if int(routine) >= len(routineNames) {
		return fmt.Sprintf("%#x", uint32(m))
	}
	if rest := m &^ (0xff << 16); rest != 0 {
		return fmt.Sprintf("%s|%#x", routineNames[routine], uint32(rest))
	}
	return routineNames[routine]
}

// Error is the result of a failed call. Text tells an administrator the cause and the file, host or principal
// involved; it never contains a key, checksum or plaintext.
type Error struct {
	Major Major
	Minor Minor
	Text  string
}

func (e *Error) Error() string { return e.Text }

// maxText limits the length of a text in octets. The front keeps no more.
const maxText = 1000

// Errorf returns an Error. If format is empty, the text is that of the minor code. If the text is too long, usually
// because of a long name, its middle is left out, because the cause tends to be at the end.
func Errorf(major Major, minor Minor, format string, args ...any) *Error {
	text := strings.Map(printable, fmt.Sprintf(format, args...))
	if format == "" {
		text = minor.Text()
	}
	if len(text) > maxText {
		const half = maxText/2 - 10
		text = strings.ToValidUTF8(text[:half], "") + " [...] " + strings.ToValidUTF8(text[len(text)-half:], "")
	}
	return &Error{Major: major, Minor: minor, Text: text}
}

// printable prevents characters that a peer put into a name from controlling a terminal (U+009B begins a sequence like
// ESC and [), and from hiding or reversing what follows them (U+202E).
func printable(r rune) rune {
	if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
		return '?'
	}
	return r
}

// Of converts err to an Error: it returns the Error that err is or wraps, or else a Failure with the text of err.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Errorf(Failure, Generic, "%v", err)
}

// WithMajor returns err with another major code.
func WithMajor(err error, major Major) *Error {
	e := *Of(err)
	e.Major = major
	return &e
}

// Prefix returns err with a text before its own: what was tried, or where.
func Prefix(err error, format string, args ...any) *Error {
	e := Of(err)
	return Errorf(e.Major, e.Minor, "%s: %s", fmt.Sprintf(format, args...), e.Text)
}
