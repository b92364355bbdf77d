// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"path/filepath"
	"strings"

	"libgssapi/internal/token"
)

// maxIdentityFile bounds the size of the file .k5identity.
const maxIdentityFile = 1 << 20

// identityFor returns the client that the user wants to be for a server, according to the file .k5identity in the home
// directory (k5identity(5) of MIT krb5), or nil if the file names none.
func (env *Env) identityFor(server token.Principal) *token.Principal {
	home := env.Getenv("HOME")
	if home == "" && env.LookupHome != nil {
		home, _ = env.LookupHome(uint32(env.EUID))
	}
	if !filepath.IsAbs(home) {
		return nil
	}
	b, _, err := readFile(filepath.Join(home, ".k5identity"), maxIdentityFile)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		client, ok := parseIdentity(line, server)
		if !ok {
			continue
		}
		if client.Realm == "" {
			if client.Realm, err = env.DefaultRealm(); err != nil {
				return nil
			}
		}
		return &client
	}
	return nil
}

// parseIdentity reads a line, "principal field=pattern...", and reports whether the server matches all fields. No
// server matches an unknown field.
func parseIdentity(line string, server token.Principal) (client token.Principal, ok bool) {
	fields := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
	if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
		return client, false
	}
	isService := server.Type == token.NTSrvHst && len(server.Components) >= 2
	for _, field := range fields[1:] {
		name, pattern, ok := strings.Cut(field, "=")
		switch {
		case !ok:
			return client, false
		case name == "realm" && matchesPattern(pattern, server.Realm):
		case name == "service" && isService && matchesPattern(pattern, server.Components[0]):
		case name == "host" && isService && matchesPattern(pattern, strings.ToLower(server.Components[1])):
		default:
			return client, false
		}
	}
	client, _, err := token.ParsePrincipal(fields[0])
	return client, err == nil
}

// matchesPattern is fnmatch(3) without flags: *, ?, [set], [!set], and \ before a literal character. It backtracks only
// to the last asterisk, so that no pattern takes long.
func matchesPattern(pattern, s string) bool {
	star, mark := -1, 0 // where the last asterisk is in the pattern, and how far into s it reaches
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) {
			if pattern[p] == '*' {
				star, mark = p, i
				p++
				continue
			}
			if next, ok := matchesOne(pattern, p, s[i]); ok {
				p, i = next, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchesOne compares one character with the pattern at p, and returns the position that follows.
func matchesOne(pattern string, p int, c byte) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		if next, ok, closed := matchesSet(pattern, p, c); closed {
			return next, ok
		}
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, pattern[p] == c
}

// matchesSet compares a character with a set. closed is false if the bracket does not begin a set.
func matchesSet(pattern string, p int, c byte) (next int, ok, closed bool) {
	p++
	negated := p < len(pattern) && (pattern[p] == '!' || pattern[p] == '^')
	if negated {
		p++
	}
	for first := p; p < len(pattern); p++ {
		if pattern[p] == ']' && p > first {
			return p + 1, ok != negated, true
		}
		if pattern[p] == '\\' && p+1 < len(pattern) {
			p++
		}
		low := pattern[p]
		high := low
		if p+2 < len(pattern) && pattern[p+1] == '-' && pattern[p+2] != ']' {
			p += 2
			high = pattern[p]
		}
		ok = ok || low <= c && c <= high
	}
	return 0, false, false
}
