// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strconv"
	"strings"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Bounds on the mapping of principals to accounts.
const (
	maxRule      = 4096 // octets in a rule
	maxLocalName = 4096 // octets in a name while a rule transforms it
)

// LocalName returns the account of a principal (krb5.conf(5)). It looks at auth_to_local_names in the default realm's
// stanza, then at its auth_to_local rules in order; without rules, DEFAULT applies. KRB5_LNAME_NOTRANS means that there
// is no account. realm is the default realm.
func (c *Config) LocalName(p token.Principal, realm string) (string, error) {
	// A program can import a name with a NUL octet, whose beginning could then pass for an account.
	for _, part := range append([]string{p.Realm}, p.Components...) {
		if strings.IndexByte(part, 0) >= 0 {
			return "", noLocalName(p)
		}
	}
	// MIT ignores the realm of the name: there, bob@ELSEWHERE maps to the account of bob as well.
	if p.Realm == realm && c.hasModule(pluginsLocalAuth, "names") {
		if names := c.profile.get("realms", realm, "auth_to_local_names", nameInRules(p)); len(names) > 0 {
			return names[len(names)-1], nil
		}
	}
	if !c.hasModule(pluginsLocalAuth, "auth_to_local") {
		return "", noLocalName(p)
	}
	rules := c.profile.get("realms", realm, "auth_to_local")
	if len(rules) == 0 {
		rules = []string{"DEFAULT"}
	}
	for _, rule := range rules {
		if kind, _, _ := strings.Cut(rule, ":"); !c.hasModule(pluginsLocalAuth, strings.ToLower(kind)) {
			break // those that follow do not count either, as in MIT krb5
		}
		name, ok, err := applyMapping(rule, p, realm)
		if err != nil {
			return "", err
		}
		if ok {
			return name, nil
		}
	}
	return "", noLocalName(p)
}

// nameInRules is the name as administrators write it in krb5.conf: without the realm, an @ that is part of it, as in
// enterprise names, need not be escaped, and MIT krb5 does not escape it.
func nameInRules(p token.Principal) string {
	return strings.ReplaceAll(p.WithoutRealm(), `\@`, "@")
}

func noLocalName(p token.Principal) error {
	return status.Errorf(status.Failure, status.KRB5_LNAME_NOTRANS, "%s has no local account", p)
}

// applyMapping applies one value of auth_to_local. ok is false if it does not apply to p.
func applyMapping(mapping string, p token.Principal, realm string) (name string, ok bool, err error) {
	kind, rule, isRule := strings.Cut(mapping, ":")
	switch kind {
	case "RULE":
		if !isRule {
			return "", false, badProfile("auth_to_local = RULE: RULE:[n:format](regexp)s/regexp/text/ expected")
		}
		return applyRule(rule, p)
	case "DEFAULT":
		if p.Realm == realm && (len(p.Components) == 1 || len(p.Components) == 2 && p.Components[1] == realm) {
			return p.Components[0], true, nil
		}
		return "", false, nil
	}
	return "", false, badProfile("auth_to_local = %s: type %s is not supported", mapping, kind)
}

// applyRule applies [n:format](regexp)s/regexp/text/g..., each part optional. Regular expressions are those
// of ere.
func applyRule(rule string, p token.Principal) (name string, ok bool, err error) {
	bad := func(text string) (string, bool, error) {
		return "", false, badProfile("auth_to_local = RULE:%s: %s", rule, text)
	}
	if len(rule) > maxRule {
		rule = rule[:40] + "..."
		return bad("too long")
	}
	name, rest, fault := selection(rule, p)
	if fault != "" {
		return bad(fault)
	}
	if rest == notForPrincipal {
		return "", false, nil
	}
	if expr, ok := strings.CutPrefix(rest, "("); ok {
		if expr, rest, ok = strings.Cut(expr, ")"); !ok {
			return bad(") missing")
		}
		re, err := compileERE(expr)
		if err != nil {
			return "", false, nil // as in MIT krb5, an expression that does not compile matches nothing
		}
		if m := re.find(name); m == nil || m[0] != 0 || m[1] != len(name) {
			return "", false, nil
		}
	}
	for rest != "" {
		rest = strings.TrimLeft(rest, blanks)
		body, ok := strings.CutPrefix(rest, "s/")
		parts := strings.SplitN(body, "/", 3)
		if !ok || len(parts) != 3 {
			return bad("s/regexp/text/ expected")
		}
		re, err := compileERE(parts[0])
		if err != nil {
			return "", false, nil
		}
		var global bool
		rest, global = strings.CutPrefix(parts[2], "g")
		if name = replace(re, name, parts[1], global); len(name) > maxLocalName {
			return bad("the name becomes too long")
		}
	}
	return name, true, nil
}

// notForPrincipal stands for the rest of a rule that does not have the principal's number of components. No rule
// contains it.
const notForPrincipal = "\x00"

// selection returns the string that the rest of the rule works on: the format, with $0 replaced by the realm and $1...
// by the components, or the name if there is no format.
func selection(rule string, p token.Principal) (name, rest, fault string) {
	if !strings.HasPrefix(rule, "[") {
		return nameInRules(p), rule, ""
	}
	number, format, ok := strings.Cut(rule[1:], ":")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 {
		return "", "", "[number: expected"
	}
	if n != len(p.Components) {
		return "", notForPrincipal, ""
	}
	var b strings.Builder
	for {
		i := strings.IndexAny(format, "$]")
		if i < 0 {
			return "", "", "] missing"
		}
		b.WriteString(format[:i])
		if format[i] == ']' {
			return b.String(), format[i+1:], ""
		}
		format = format[i+1:]
		digits := 0
		for digits < len(format) && format[digits] >= '0' && format[digits] <= '9' {
			digits++
		}
		k := 0
		if digits > 0 {
			if k, err = strconv.Atoi(format[:digits]); err != nil || k > n {
				return "", "", "$ with the number of a component that is not there"
			}
		}
		format = format[digits:]
		if k == 0 {
			b.WriteString(p.Realm)
		} else {
			b.WriteString(p.Components[k-1])
		}
		if b.Len() > maxLocalName {
			return "", "", "the name becomes too long"
		}
	}
}

// replace replaces the first match, or all matches, with text. As in MIT krb5, each search starts a new string, so that
// ^ matches again after a match. The result is cut soon after maxLocalName.
func replace(re *ere, s, text string, global bool) string {
	var b []byte
	for {
		m := re.find(s)
		if m == nil || len(b) > maxLocalName {
			break
		}
		b = slices.Concat(b, []byte(s[:m[0]]), []byte(text))
		s = s[m[1]:]
		// An empty match would repeat for ever.
		if !global || m[1] == 0 {
			break
		}
	}
	return string(b) + s
}
