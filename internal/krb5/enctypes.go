// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strings"

	"libgssapi/internal/crypto"
)

// defaultEnctypes is the list of MIT krb5 1.20; see allowed.
var defaultEnctypes = []crypto.EType{
	crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2,
	crypto.DES3, crypto.RC4, crypto.Camellia128, crypto.Camellia256,
}

// enctypeFamilies lists the names that stand for several enctypes.
var enctypeFamilies = map[string][]crypto.EType{
	"default":  defaultEnctypes,
	"aes":      {crypto.AES256SHA1, crypto.AES128SHA1, crypto.AES256SHA2, crypto.AES128SHA2},
	"des3":     {crypto.DES3},
	"rc4":      {crypto.RC4},
	"camellia": {crypto.Camellia256, crypto.Camellia128},
}

// parseEnctypes reads a list of enctypes separated by blanks or commas. A word after - is removed from the list.
// Unknown words are ignored, and so are enctypes that this library does not support.
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

// enctypes returns the list in a setting, else that in permitted_enctypes, else the default.
func (c *Config) enctypes(name string) []crypto.EType {
	for _, n := range []string{name, "permitted_enctypes"} {
		if s, ok := c.libdefault(n); ok {
			return c.allowed(parseEnctypes(s))
		}
	}
	return c.allowed(supported(defaultEnctypes))
}

// allowed removes enctypes that the configuration must also allow explicitly: with allow_des3, allow_rc4, or
// allow_weak_crypto for both.
func (c *Config) allowed(list []crypto.EType) []crypto.EType {
	weak := c.boolean("allow_weak_crypto", false)
	des3, rc4 := weak || c.boolean("allow_des3", false), weak || c.boolean("allow_rc4", false)
	return slices.DeleteFunc(list, func(e crypto.EType) bool { return e == crypto.DES3 && !des3 || e == crypto.RC4 && !rc4 })
}

// PermittedEnctypes returns the enctypes that session keys and tickets may have, best first. The list is empty if the
// configuration permits none that this library supports, which is KRB5_CONFIG_ETYPE_NOSUPP.
func (c *Config) PermittedEnctypes() []crypto.EType { return c.enctypes("permitted_enctypes") }

// TGSEnctypes returns the enctypes to request for service tickets.
func (c *Config) TGSEnctypes() []crypto.EType { return c.enctypes("default_tgs_enctypes") }

// TktEnctypes returns the enctypes to request for initial tickets.
func (c *Config) TktEnctypes() []crypto.EType { return c.enctypes("default_tkt_enctypes") }
