// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"strconv"
	"strings"
	"time"
)

// ConfigFile is where the system says which name servers there are (resolv.conf(5)).
const ConfigFile = "/etc/resolv.conf"

// Bounds on a configuration, those of the C library's resolver but for the search list.
const (
	maxServers  = 3
	maxSearch   = 32
	maxTimeout  = 30 * time.Second
	maxAttempts = 5
)

// Config says whom to ask, and for how long.
type Config struct {
	Servers  []string // addresses, in the order in which they are to be asked
	Search   []string // domains
	Timeout  time.Duration
	Attempts int
	Stream   bool // TCP only
}

// ParseConfig reads a resolv.conf(5). Without a server the one of this host is asked, as the C library does.
func ParseConfig(text string) Config {
	c := Config{Timeout: 5 * time.Second, Attempts: 2}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case "nameserver":
			if len(c.Servers) < maxServers {
				c.Servers = append(c.Servers, f[1])
			}
		case "domain":
			c.SetSearch(f[1])
		case "search":
			c.SetSearch(strings.Join(f[1:], " "))
		case "options":
			c.SetOptions(strings.Join(f[1:], " "))
		}
	}
	if len(c.Servers) == 0 {
		c.Servers = []string{"127.0.0.1"}
	}
	return c
}

// SetSearch takes a list of domains, as LOCALDOMAIN of the environment has one, too.
func (c *Config) SetSearch(list string) {
	c.Search = nil
	for _, domain := range strings.Fields(list) {
		if domain = strings.TrimSuffix(domain, "."); domain != "" && len(c.Search) < maxSearch {
			c.Search = append(c.Search, domain)
		}
	}
}

// SetOptions takes options, as RES_OPTIONS of the environment has them, too. Those that do not concern us are left out.
func (c *Config) SetOptions(list string) {
	for _, option := range strings.Fields(list) {
		name, value, _ := strings.Cut(option, ":")
		n, err := strconv.ParseUint(value, 10, 16)
		switch {
		case name == "use-vc" || name == "usevc":
			c.Stream = true
		case err != nil:
		case name == "timeout":
			c.Timeout = min(max(time.Duration(n)*time.Second, time.Second), maxTimeout)
		case name == "attempts":
			c.Attempts = int(min(max(n, 1), maxAttempts))
		}
	}
}
