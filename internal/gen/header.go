// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Function is a prototype of a public header.
type Function struct {
	Name   string
	Result string
	Params []Param
}

// Param is one parameter of a prototype.
type Param struct {
	Type string // "OM_uint32 *"
	Name string
	Out  bool // marked "out": written, not read
}

func (p Param) String() string {
	if strings.HasSuffix(p.Type, "*") {
		return p.Type + p.Name
	}
	return p.Type + " " + p.Name
}

// paramList returns the C text of a prototype's parameters.
func (f Function) paramList() string {
	var list []string
	for _, p := range f.Params {
		list = append(list, p.String())
	}
	return strings.Join(list, ", ")
}

// Header has the declarations of a public header: functions, and the names of objects.
type Header struct {
	Functions []Function
	Objects   []string
	Linked    []Linked
}

// Linked is a function that programs link under another name: "#pragma redefine_extname NAME AS".
type Linked struct{ Name, As string }

// and returns the declarations of both headers.
func (h Header) and(other Header) Header {
	return Header{slices.Concat(h.Functions, other.Functions), slices.Concat(h.Objects, other.Objects),
		slices.Concat(h.Linked, other.Linked)}
}

var (
	guardOf   = regexp.MustCompile(`(?m)^#ifndef (\w+)$`)
	linkedAs  = regexp.MustCompile(`(?m)^#pragma redefine_extname (\w+) (\w+)$`)
	directive = regexp.MustCompile(`(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$`)
	cToken    = regexp.MustCompile(`(?s)/\*.*?\*/|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|"[^"]*"|\S`)
)

// ParseHeader parses the declarations of a header. It supports the C of our headers: typedefs, structures, extern
// objects, and prototypes with named parameters.
func ParseHeader(text string) (Header, error) {
	var h Header
	for _, m := range linkedAs.FindAllStringSubmatch(text, -1) {
		h.Linked = append(h.Linked, Linked{m[1], m[2]})
	}
	var statement []string
	depth := 0
	var last *Param // of the prototype that has just ended
	for _, t := range cToken.FindAllString(directive.ReplaceAllString(text, ""), -1) {
		// A comment behind the semicolon belongs to the parameter before it.
		if last != nil && isComment(t) && isOut(t) {
			last.Out = true
			if err := last.check(); err != nil {
				return Header{}, err
			}
		}
		last = nil
		switch {
		case t == "{" && len(statement) > 0 && strings.HasPrefix(statement[len(statement)-1], `"`):
			statement = nil // extern "C" {
			continue
		case t == "{":
			depth++
		case t == "}" && depth == 0:
			continue // of extern "C"
		case t == "}":
			depth--
		}
		if t != ";" || depth > 0 {
			if len(statement) > 0 || !isComment(t) {
				statement = append(statement, t)
			}
			continue
		}
		before := len(h.Functions)
		if err := h.declare(statement); err != nil {
			return Header{}, err
		}
		if len(h.Functions) > before {
			last = h.Functions[before].last()
		}
		statement = nil
	}
	return h, nil
}

func isComment(t string) bool { return strings.HasPrefix(t, "/*") }

// isOut reports whether a comment marks an output.
func isOut(comment string) bool {
	mark := strings.TrimSpace(strings.Trim(comment, "/*"))
	return mark == "out" || strings.HasPrefix(mark, "out,")
}

func (f Function) last() *Param {
	if len(f.Params) == 0 {
		return nil
	}
	return &f.Params[len(f.Params)-1]
}

func (h *Header) declare(s []string) error {
	if len(s) == 0 || s[0] == "typedef" || s[0] == "struct" {
		return nil
	}
	open := -1
	for i, t := range s {
		if t == "(" {
			open = i
			break
		}
	}
	if open < 0 {
		if s[0] != "extern" {
			return fmt.Errorf("not a declaration: %s", strings.Join(s, " "))
		}
		h.Objects = append(h.Objects, s[len(s)-1])
		return nil
	}
	if open < 2 || s[len(s)-1] != ")" {
		return fmt.Errorf("not a prototype: %s", strings.Join(s, " "))
	}
	f := Function{Name: s[open-1], Result: strings.Join(s[:open-1], " ")}
	params := splitParams(s[open+1 : len(s)-1])
	if len(params) == 1 && len(params[0]) == 1 && params[0][0] == "void" {
		params = nil
	}
	for _, words := range params {
		p, err := parseParam(words)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		f.Params = append(f.Params, p)
	}
	h.Functions = append(h.Functions, f)
	return nil
}

// splitParams splits at commas. A comment after a comma belongs to the parameter before it.
func splitParams(s []string) [][]string {
	params := [][]string{nil}
	for _, t := range s {
		last := len(params) - 1
		switch {
		case t == ",":
			params = append(params, nil)
		case isComment(t) && len(params[last]) == 0 && last > 0:
			params[last-1] = append(params[last-1], t)
		default:
			params[last] = append(params[last], t)
		}
	}
	return params
}

func parseParam(words []string) (Param, error) {
	var p Param
	var decl []string
	for _, w := range words {
		if !isComment(w) {
			decl = append(decl, w)
			continue
		}
		p.Out = p.Out || isOut(w)
	}
	if len(decl) < 2 || decl[len(decl)-1] == "*" {
		return p, fmt.Errorf("a parameter without a name: %s", strings.Join(decl, " "))
	}
	p.Name = decl[len(decl)-1]
	p.Type = strings.ReplaceAll(strings.Join(decl[:len(decl)-1], " "), "* *", "**")
	return p, p.check()
}

func (p Param) check() error {
	if p.Out && p.Type != "gss_buffer_t" && !strings.HasSuffix(p.Type, "*") {
		return fmt.Errorf("%s is marked out, and is no pointer", p.Name)
	}
	return nil
}
