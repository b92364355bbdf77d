// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strings"

	"libgssapi/internal/crypto"
)

// defaultEnctypes is MIT's list of 1.20; see allowed.
var defaultEnctypes = []crypto.EType{
	crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2,
	crypto.DES3, crypto.RC4, crypto.Camellia128, crypto.Camellia256,
}

// enctypeFamilies are the names that stand for several types.
var enctypeFamilies = map[string][]crypto.EType{
	"default":  defaultEnctypes,
	"aes":      {crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2},
	"des3":     {crypto.DES3},
	"rc4":      {crypto.RC4},
	"camellia": {crypto.Camellia256, crypto.Camellia128},
}

// parseEnctypes reads a list of enctypes separated by blanks or commas; a word after - is taken out again. Unknown
// words are ignored, types that this library does not do are left out.
func parseEnctypes(s string) []crypto.EType {
	var list []crypto.EType
	for _, w := range words(s) {
		word, remove := strings.CutPrefix(w, "-")
		if !remove {
			word = strings.TrimPrefix(word, "+")
		}
		types, ok := enctypeFamilies[strings.ToLower(word)]
		if !ok {
			e, ok := crypto.ParseEType(word)
			if !ok {
				continue
			}
			types = []crypto.EType{e}
		}
		for _, e := range types {
			i := slices.Index(list, e)
			switch {
			case remove && i >= 0:
				list = slices.Delete(list, i, i+1)
			case !remove && i < 0:
				list = append(list, e)
			}
		}
	}
	return supported(list)
}

func supported(list []crypto.EType) []crypto.EType {
	return slices.DeleteFunc(slices.Clone(list), func(e crypto.EType) bool { return !e.Supported() })
}

// enctypes returns the list of a setting, or that of permitted_enctypes, or the default.
func (c *Config) enctypes(name string) []crypto.EType {
	for _, n := range []string{name, "permitted_enctypes"} {
		if s, ok := c.first("libdefaults", n); ok {
			return c.allowed(parseEnctypes(s))
		}
	}
	return c.allowed(supported(defaultEnctypes))
}

// allowed leaves out what a list may name and the configuration must allow besides: allow_des3, allow_rc4, or
// allow_weak_crypto for both.
func (c *Config) allowed(list []crypto.EType) []crypto.EType {
	weak := c.boolean("allow_weak_crypto", false)
	des3, rc4 := weak || c.boolean("allow_des3", false), weak || c.boolean("allow_rc4", false)
	return slices.DeleteFunc(list, func(e crypto.EType) bool { return e == crypto.DES3 && !des3 || e == crypto.RC4 && !rc4 })
}

// PermittedEnctypes are the types that session keys and tickets may have, best first. The list is empty if the
// configuration permits none that this library does: KRB5_CONFIG_ETYPE_NOSUPP.
func (c *Config) PermittedEnctypes() []crypto.EType { return c.enctypes("permitted_enctypes") }

// TGSEnctypes are the types asked for in service tickets.
func (c *Config) TGSEnctypes() []crypto.EType { return c.enctypes("default_tgs_enctypes") }

// TktEnctypes are the types asked for in initial tickets.
func (c *Config) TktEnctypes() []crypto.EType { return c.enctypes("default_tkt_enctypes") }
