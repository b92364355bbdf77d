// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ledger"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ContextPolicy says in which form a process exports security contexts, and credentials that contain keys, and from
// whom it imports them. It is set by export_sec_context, format and ledger_directory in [libgssapi] of krb5.conf, or in
// the program's subsection:
//
//	[libgssapi]
//		export_sec_context = account
//		ledger_directory = /var/run/gss
//		frontend = {
//			export_sec_context = group www
//		}
type ContextPolicy struct {
	Kind        PolicyKind
	GID         uint32 // for PolicyGroup
	Form        token.ContextForm
	Directories []string
	group       string
}

// PolicyKind says who may import a context.
type PolicyKind int

// Policies.
const (
	PolicyAccount PolicyKind = iota // processes of the same account
	PolicyGroup                     // members of a group
	PolicyOpen                      // anyone who has the token
)

// Open reports whether anyone who has a token may import it, so that it is not sealed.
func (p *ContextPolicy) Open() bool { return p.Kind == PolicyOpen }

// Sealing returns the policy for tokens that are always sealed. If the policy is open, such tokens are for the same
// account.
func (p *ContextPolicy) Sealing() *ContextPolicy {
	if !p.Open() {
		return p
	}
	sealing := *p
	sealing.Kind = PolicyAccount
	return &sealing
}

func (p *ContextPolicy) String() string {
	switch p.Kind {
	case PolicyGroup:
		return "group " + p.group
	case PolicyOpen:
		return "open"
	}
	return "account"
}

// kernelProgram hands its contexts to FreeBSD's kernel: gssd(8).
const kernelProgram = "gssd"

// policyAge is how long a policy is used once it has been read: checking krb5.conf and looking up a group would take
// longer than everything else in an export.
const policyAge = time.Second

type cachedPolicy struct {
	config string // of configList
	euid   int
	read   time.Duration // on the process's own clock
	policy *ContextPolicy
}

// started is the starting point of the process's own clock.
var started = time.Now()

// ContextPolicy returns the policy of the process. A setting that cannot be understood is an error, because no policy
// is a safe guess. A change in krb5.conf takes effect within a second.
func (env *Env) ContextPolicy() (*ContextPolicy, error) {
	if env.Seen == nil {
		return env.contextPolicy()
	}
	if p := env.Seen.policy.Load(); p != nil {
		return p, nil
	}
	p, err := env.contextPolicy()
	if err == nil {
		env.Seen.policy.Store(p)
	}
	return p, err
}

func (env *Env) contextPolicy() (*ContextPolicy, error) {
	now, config := time.Since(started), env.configList()
	if c := env.Library.policy.Load(); c != nil && c.config == config && c.euid == env.EUID && now-c.read < policyAge {
		return c.policy, nil
	}
	p, err := env.readPolicy()
	if err != nil {
		return nil, err
	}
	env.Library.policy.Store(&cachedPolicy{config, env.EUID, now, p})
	return p, nil
}

func (env *Env) readPolicy() (*ContextPolicy, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return nil, err
	}
	p := &ContextPolicy{}
	word, ok := env.programSetting(cfg, "export_sec_context")
	format, _ := env.programSetting(cfg, "format")
	if !ok && env.Program == kernelProgram {
		word, format = "open", "kernel"
	}
	kind, group, _ := strings.Cut(word, " ")
	switch kind {
	case "", "account":
		p.Kind = PolicyAccount
	case "open":
		p.Kind = PolicyOpen
	case "group":
		p.Kind, p.group = PolicyGroup, strings.TrimSpace(group)
		if p.GID, ok = env.group(p.group); !ok {
			return nil, badPolicy(cfg, "export_sec_context", word, "there is no such group")
		}
	default:
		return nil, badPolicy(cfg, "export_sec_context", word, "it must be account, group NAME or open")
	}
	if kind != "group" && strings.TrimSpace(group) != "" {
		return nil, badPolicy(cfg, "export_sec_context", word, "only group takes a name")
	}
	switch format {
	case "", "full":
	case "kernel":
		p.Form = token.FormKernel
	case "mit":
		p.Form = token.FormMIT
	default:
		return nil, badPolicy(cfg, "format", format, "it must be full, kernel or mit")
	}
	if p.Form != token.FormFull && p.Kind != PolicyOpen {
		return nil, badPolicy(cfg, "format", format, "it needs export_sec_context = open")
	}
	p.Directories = ledger.DefaultDirectories(env.EUID)
	if dir, ok := env.programSetting(cfg, "ledger_directory"); ok {
		if !strings.HasPrefix(dir, "/") {
			return nil, badPolicy(cfg, "ledger_directory", dir, "it must be an absolute path")
		}
		p.Directories = []string{dir}
	}
	return p, nil
}

// programSetting returns a setting of [libgssapi], preferring that of the running program. Of those that determine how
// contexts are exported, only gssd(8)'s own count for it: what an administrator sets for all programs is not meant for
// the kernel.
func (env *Env) programSetting(cfg *Config, name string) (string, bool) {
	if env.Program != "" {
		if v, ok := cfg.first("libgssapi", env.Program, name); ok {
			return v, true
		}
	}
	if env.Program == kernelProgram && (name == "export_sec_context" || name == "format") {
		return "", false
	}
	return cfg.first("libgssapi", name)
}

func badPolicy(cfg *Config, setting, value, why string) error {
	return status.Errorf(status.Unavailable, status.KRB5_CONFIG_BADFORMAT, "%s: %s = %s in [libgssapi]: %s",
		cfg.source(), setting, value, why)
}

// group looks up a group by name or number.
func (env *Env) group(name string) (uint32, bool) {
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(n), true
	}
	if name == "" || env.LookupGroup == nil {
		return 0, false
	}
	return env.LookupGroup(name)
}

// kernelEnctypes are the enctypes with which FreeBSD's kernel protects messages.
var kernelEnctypes = []crypto.EType{crypto.AES256SHA1, crypto.AES128SHA1}

// ContextEnctypes returns those enctypes in list that the process's contexts may use. A policy that cannot be
// understood does not restrict them; it is an error when the context is exported.
func (env *Env) ContextEnctypes(list []crypto.EType) []crypto.EType {
	if p, err := env.ContextPolicy(); err != nil || p.Form != token.FormKernel {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(e crypto.EType) bool { return !slices.Contains(kernelEnctypes, e) })
}

// CheckContextEnctype refuses a key that the process's contexts may not use. Our own subkey is always one of
// ContextEnctypes.
func (env *Env) CheckContextEnctype(etype crypto.EType, what string) error {
	if len(env.ContextEnctypes([]crypto.EType{etype})) > 0 {
		return nil
	}
	return status.Errorf(status.Failure, status.KRB5_NOPERM_ETYPE, "%s: the context is for the kernel (format = kernel "+
		"in [libgssapi] of krb5.conf, or %s), which does not support enctype %s", what, kernelProgram, etype)
}
