// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"cmp"
	"errors"
	"os"
	"strconv"
	"strings"
)

// Defaults if the configuration names no file.
const (
	defaultCCache = "FILE:/tmp/krb5cc_%{uid}"
	defaultKeytab = "FILE:/etc/krb5.keytab"
)

// noFile is the name of a cache or keytab that does not exist.
const noFile = "FILE:"

// DefaultCCacheName returns the name of the caller's credential cache: the thread's choice, else the program's, else
// KRB5CCNAME, else default_ccache_name of [libdefaults], else FILE:/tmp/krb5cc_UID.
func (c *Config) DefaultCCacheName(env *Env) (string, error) {
	if env.CCacheName != "" {
		return env.CCacheName, nil
	}
	if o := &env.Library.Options; o.get(&o.ccache) != "" {
		return o.get(&o.ccache), nil
	}
	return c.fileName(env, "KRB5CCNAME", "default_ccache_name", defaultCCache)
}

// DefaultKeytabName returns the name of the acceptor's keytab: the program's choice, else KRB5_KTNAME, else
// default_keytab_name of [libdefaults], else FILE:/etc/krb5.keytab.
func (c *Config) DefaultKeytabName(env *Env) (string, error) {
	if o := &env.Library.Options; o.get(&o.keytab) != "" {
		return o.get(&o.keytab), nil
	}
	return c.fileName(env, "KRB5_KTNAME", "default_keytab_name", defaultKeytab)
}

// ClientKeytabName returns the name of the keytab for initiators without tickets: KRB5_CLIENT_KTNAME, else
// default_client_keytab_name of [libdefaults], else that of the host.
func (c *Config) ClientKeytabName(env *Env) (string, error) {
	return c.fileName(env, "KRB5_CLIENT_KTNAME", "default_client_keytab_name", defaultClientKeytab)
}

// fileName takes a name from the environment unchanged; an empty one names no file. It expands tokens in other names.
func (c *Config) fileName(env *Env, variable, setting, byDefault string) (string, error) {
	if name, ok := env.chosen(variable); ok {
		return cmp.Or(name, noFile), nil
	}
	name, ok := c.libdefault(setting)
	if !ok || name == "" {
		name = byDefault
	}
	expanded, err := expandPath(env, name)
	if err != nil {
		return "", badProfile("%s: %s = %s: %v", c.source(), setting, name, err)
	}
	return expanded, nil
}

// expandPath replaces the tokens of krb5.conf(5), "Parameter expansion": those of MIT krb5 and Heimdal, except those of
// Windows.
func expandPath(env *Env, s string) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "%{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return "", errors.New("} missing after %{")
		}
		value, err := pathToken(env, name)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		s = after
	}
}

func pathToken(env *Env, name string) (string, error) {
	switch name {
	case "uid", "USERID":
		return strconv.Itoa(os.Getuid()), nil
	case "euid":
		return strconv.Itoa(env.EUID), nil
	case "username":
		if user, ok := env.LookupUID(uint32(env.EUID)); ok {
			return user, nil
		}
		return "", errors.New("no account has user ID " + strconv.Itoa(env.EUID))
	case "TEMP":
		if dir := env.Getenv("TMPDIR"); dir != "" {
			return dir, nil
		}
		return "/tmp", nil
	case "null":
		return "", nil
	}
	if dir, ok := installed[name]; ok {
		return dir, nil
	}
	return "", errors.New("unknown token %{" + name + "}")
}
