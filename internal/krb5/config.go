// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
)

// Config is a parsed krb5.conf. It is immutable. A setting that is absent or malformed has its default.
type Config struct {
	profile profile
	files   []string // as named by KRB5_CONFIG
	heimdal bool     // the system's Kerberos programs are Heimdal's, and know settings by its names
	stamps  []stamp
}

// Config returns the configuration in KRB5_CONFIG, a list of files and directories separated by colons, or that of the
// host. Missing files are skipped; if all are missing, the configuration is empty. A file that may not be read is
// skipped if another one can be read. A malformed file is an error that names the file and line.
func (l *Library) Config(env *Env) (*Config, error) {
	if env.Seen == nil {
		return l.config(env)
	}
	if c := env.Seen.config.Load(); c != nil {
		return c, nil
	}
	c, err := l.config(env)
	if err == nil {
		env.Seen.config.Store(c)
		if env.Trace != nil {
			env.Trace.Configuration(c.sources())
		}
	}
	return c, err
}

// sources lists the files, including included ones, and those that do not exist.
func (c *Config) sources() (read, missing []string) {
	for i := range c.stamps {
		if s := &c.stamps[i]; s.missing {
			missing = append(missing, s.path)
		} else {
			read = append(read, s.path)
		}
	}
	return read, missing
}

// hostConfig stands for the files of the host, and is in no environment.
const hostConfig = "\x00"

// configList returns the list of files that KRB5_CONFIG names, which may be empty, or hostConfig.
func (env *Env) configList() string {
	if list, ok := env.chosen("KRB5_CONFIG"); ok {
		return list
	}
	return hostConfig
}

func (l *Library) config(env *Env) (*Config, error) {
	list := env.configList()
	files := defaultConfigFiles
	if list != hostConfig {
		files = strings.Split(list, ":")
	}
	key := env.cacheKey(list)
	l.mu.Lock()
	c := l.configs[key]
	l.mu.Unlock()
	if c != nil && current(c.stamps) {
		return c, nil
	}
	c, err := readConfig(files)
	if err != nil {
		return nil, err
	}
	if keepable(c.stamps) {
		l.mu.Lock()
		keep(&l.configs, key, c)
		l.mu.Unlock()
	}
	return c, nil
}

func readConfig(files []string) (*Config, error) {
	c := &Config{heimdal: systemHasHeimdal()}
	r := &profileReader{left: maxConfigSize}
	var denied error
	for _, path := range files {
		if path == "" {
			continue
		}
		c.files = append(c.files, path)
		root, err := r.open(path)
		switch err {
		case nil:
			c.profile = append(c.profile, root)
		case unix.ENOENT, unix.ENOTDIR:
		case unix.EACCES, unix.EPERM:
			if denied == nil {
				denied = status.Errorf(status.Failure, status.KRB5_CONFIG_CANTOPEN, "%s: %v", path, err)
			}
		default:
			if _, ok := err.(unix.Errno); ok {
				err = status.Errorf(status.Failure, status.KRB5_CONFIG_CANTOPEN, "%s: %s", path, reason(err, maxConfigSize))
			}
			return nil, err
		}
	}
	if len(c.profile) == 0 && denied != nil {
		return nil, denied
	}
	c.stamps = r.stamps
	return c, nil
}

// Setting returns all values of a relation. path names the sections and ends with the relation.
func (c *Config) Setting(path ...string) []string { return c.profile.get(path...) }

// first returns the first value of a relation.
func (c *Config) first(path ...string) (string, bool) {
	if v := c.profile.get(path...); len(v) > 0 {
		return v[0], true
	}
	return "", false
}

// heimdalNames has Heimdal's names for settings of [libdefaults], the more special ones first.
var heimdalNames = map[string][]string{
	"default_ccache_name":  {"default_cc_name"},
	"default_tgs_enctypes": {"default_tgs_etypes", "default_etypes"},
	"default_tkt_enctypes": {"default_as_etypes", "default_etypes"},
}

// libdefault returns a setting of [libdefaults]. Where the system's programs are Heimdal's, its name for it counts, too, if
// MIT krb5's is not there: these programs put tickets where it says.
func (c *Config) libdefault(name string) (string, bool) {
	value, ok := c.first("libdefaults", name)
	if ok || !c.heimdal {
		return value, ok
	}
	for _, other := range heimdalNames[name] {
		if value, ok := c.first("libdefaults", other); ok {
			return value, true
		}
	}
	return "", false
}

// source names the configuration for error texts.
func (c *Config) source() string {
	if len(c.files) == 0 {
		return "KRB5_CONFIG, which names no file"
	}
	text := strings.Join(c.files, ":")
	if len(c.profile) == 0 {
		text += " (no such file)"
	}
	return text
}

// parseBoolean reads a boolean in MIT krb5's spellings.
func parseBoolean(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "y", "yes", "true", "t", "1", "on":
		return true, true
	case "n", "no", "false", "nil", "0", "off":
		return false, true
	}
	return false, false
}

// boolean returns a setting of [libdefaults].
func (c *Config) boolean(name string, byDefault bool) bool {
	s, _ := c.first("libdefaults", name)
	return booleanOr(s, byDefault)
}

func booleanOr(s string, byDefault bool) bool {
	if v, ok := parseBoolean(s); ok {
		return v
	}
	return byDefault
}

// forClients returns a setting of [libdefaults] for clients of a realm. As in MIT krb5, one in a subsection with the realm's
// name takes precedence.
func (c *Config) forClients(realm, name string) string {
	s, ok := c.first("libdefaults", realm, name)
	if !ok {
		s, _ = c.first("libdefaults", name)
	}
	return s
}

// integer returns a setting of [libdefaults], limited to the range from low to high.
func (c *Config) integer(name string, byDefault, low, high int) int {
	s, ok := c.first("libdefaults", name)
	if !ok {
		return byDefault
	}
	n, ok := parseInteger(s)
	if !ok {
		return byDefault
	}
	return int(min(max(n, int64(low)), int64(high)))
}

func (c *Config) duration(name string, byDefault time.Duration) time.Duration {
	s, _ := c.first("libdefaults", name)
	return durationOr(s, byDefault)
}

func durationOr(s string, byDefault time.Duration) time.Duration {
	if d, ok := parseDuration(s); ok && d >= 0 {
		return d
	}
	return byDefault
}

// hasModule reports whether [plugins] lets a module of MIT krb5 that is built in here be used: it must not be disabled
// and, if only some modules are enabled, it must be one of them.
func (c *Config) hasModule(kind, module string) bool {
	if slices.Contains(c.profile.get("plugins", kind, "disable"), module) {
		return false
	}
	only := c.profile.get("plugins", kind, "enable_only")
	return len(only) == 0 || slices.Contains(only, module)
}

// The kinds of modules in [plugins].
const (
	pluginsCCSelect  = "ccselect"
	pluginsPreauth   = "clpreauth"
	pluginsLocalAuth = "localauth"
)

// DefaultRealm returns default_realm of [libdefaults].
func (c *Config) DefaultRealm() (string, error) {
	if realm, ok := c.first("libdefaults", "default_realm"); ok && realm != "" {
		return realm, nil
	}
	return "", status.Errorf(status.Failure, status.KRB5_CONFIG_NODEFREALM, "no default_realm in %s", c.source())
}

// ClockSkew is the maximum difference allowed between clocks.
func (c *Config) ClockSkew() time.Duration { return c.duration("clockskew", 5*time.Minute) }

// KDCTimesync reports whether to compensate for an offset to the KDC's clock.
func (c *Config) KDCTimesync() bool { return c.integer("kdc_timesync", 1, 0, 1) != 0 }

// KDCTimeout is the longest time to wait for one KDC (kdc_timeout, as in Heimdal).
func (c *Config) KDCTimeout() time.Duration {
	return max(c.duration("kdc_timeout", 3*time.Second), 100*time.Millisecond)
}

// RequestTimeout bounds the exchange with all KDCs of a realm together (request_timeout, as in MIT krb5 1.22). 0 means
// that the administrator has set no bound.
func (c *Config) RequestTimeout() time.Duration { return c.duration("request_timeout", 0) }

// MaxRetries is how many times to ask all KDCs of a realm.
func (c *Config) MaxRetries() int { return c.integer("max_retries", 3, 1, 16) }

// UDPPreferenceLimit is the size in octets above which a request is sent over TCP at once.
func (c *Config) UDPPreferenceLimit() int { return c.integer("udp_preference_limit", 1465, 0, 32700) }

// DNSLookupKDC reports whether to look up KDCs in DNS if none are configured.
func (c *Config) DNSLookupKDC() bool {
	return c.boolean("dns_lookup_kdc", c.boolean("dns_fallback", true))
}

// DNSURILookup reports whether to look for URI records first.
func (c *Config) DNSURILookup() bool { return c.boolean("dns_uri_lookup", true) }

// DNSLookupRealm reports whether to look up TXT records for the default realm, and for the realm of a host that the KDC
// does not know.
func (c *Config) DNSLookupRealm() bool {
	return c.boolean("dns_lookup_realm", c.boolean("dns_fallback", false))
}

// QualifyShortname returns the domain for host names without a dot. ok is false if it is the first domain of the
// resolver.
func (c *Config) QualifyShortname() (domain string, ok bool) {
	return c.first("libdefaults", "qualify_shortname")
}

// Canonicalize says whether to canonicalize the host name of a service with DNS.
type Canonicalize int

const (
	CanonicalizeFalse Canonicalize = iota
	CanonicalizeTrue
	CanonicalizeFallback // only if the KDC does not know the name as given
)

func (c Canonicalize) String() string {
	return [...]string{"false", "true", "fallback"}[c]
}

// DNSCanonicalizeHostname is dns_canonicalize_hostname of [libdefaults].
func (c *Config) DNSCanonicalizeHostname() Canonicalize {
	if s, ok := c.first("libdefaults", "dns_canonicalize_hostname"); ok {
		if strings.EqualFold(s, "fallback") {
			return CanonicalizeFallback
		}
		if v, ok := parseBoolean(s); ok && !v {
			return CanonicalizeFalse
		}
	}
	return CanonicalizeTrue
}

// RDNS reports whether canonicalizing a host name includes a reverse lookup of its address.
func (c *Config) RDNS() bool { return c.boolean("rdns", true) }

// IgnoreAcceptorHostname reports whether an acceptor's host-based name stands for any host.
func (c *Config) IgnoreAcceptorHostname() bool { return c.boolean("ignore_acceptor_hostname", false) }

// EnforceOKAsDelegate reports whether to delegate credentials only to services that the KDC marks OK-AS-DELEGATE.
func (c *Config) EnforceOKAsDelegate() bool { return c.boolean("enforce_ok_as_delegate", false) }

// ClientAwareChannelBindings reports whether initiators announce that they bind to every channel.
func (c *Config) ClientAwareChannelBindings() bool {
	return c.boolean("client_aware_channel_bindings", false)
}

// Forwardable reports whether to request forwardable initial tickets.
func (c *Config) Forwardable(realm string) bool {
	return booleanOr(c.forClients(realm, "forwardable"), false)
}

// Proxiable reports whether to request proxiable initial tickets.
func (c *Config) Proxiable(realm string) bool {
	return booleanOr(c.forClients(realm, "proxiable"), false)
}

// TicketLifetime is the lifetime to request for initial tickets.
func (c *Config) TicketLifetime(realm string) time.Duration {
	return durationOr(c.forClients(realm, "ticket_lifetime"), 24*time.Hour)
}

// RenewLifetime is the renewable lifetime to request for initial tickets; 0: not renewable.
func (c *Config) RenewLifetime(realm string) time.Duration {
	return durationOr(c.forClients(realm, "renew_lifetime"), 0)
}

// KDCDefaultOptions are the KDC options to begin with in requests for initial tickets (RFC 4120, Section 5.4.1). As in MIT
// krb5, they are written as a decimal number.
func (c *Config) KDCDefaultOptions() uint32 {
	s, _ := c.first("libdefaults", "kdc_default_options")
	n, ok := parseInteger(s)
	if !ok {
		return optRenewableOK
	}
	return uint32(n)
}

// Canonicalize reports whether a KDC may return another name for the client than the one given.
func (c *Config) Canonicalize(realm string) bool {
	return booleanOr(c.forClients(realm, "canonicalize"), false)
}

// DisableEncryptedTimestamp reports whether never to send a timestamp encrypted with the client's key, on which an
// eavesdropper could try passwords.
func (c *Config) DisableEncryptedTimestamp(realm string) bool {
	s, _ := c.first("realms", realm, "disable_encrypted_timestamp")
	v, _ := parseBoolean(s)
	return v
}

// SPAKEGroups returns the groups that SPAKE may use, the best first.
func (c *Config) SPAKEGroups() []crypto.SPAKEGroup {
	s, ok := c.first("libdefaults", "spake_preauth_groups")
	if !ok {
		return []crypto.SPAKEGroup{crypto.Edwards25519}
	}
	var list []crypto.SPAKEGroup
	for _, word := range words(s) {
		if g, ok := crypto.ParseSPAKEGroup(word); ok && !slices.Contains(list, g) {
			list = append(list, g)
		}
	}
	return list
}

// preferredPreauth ranks padata types: those that krb5.conf prefers come before all others.
func (c *Config) preferredPreauth(realm string) func(kind int32) int {
	list := words(c.forClients(realm, "preferred_preauth_types"))
	return func(kind int32) int {
		if i := slices.Index(list, strconv.Itoa(int(kind))); i >= 0 {
			return i
		}
		return len(list)
	}
}

// maxWords bounds the length of a list.
const maxWords = 256

// words splits a list separated by blanks or commas.
func words(s string) []string {
	list := strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" \t\r\n,", c) })
	return list[:min(len(list), maxWords)]
}
