// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"strconv"
	"strings"
	"time"
)

// ConfigFile names the name servers (resolv.conf(5)).
const ConfigFile = "/etc/resolv.conf"

// Limits of a configuration. Except for the search list, they are those of the C library's resolver.
const (
	maxServers  = 3
	maxSearch   = 32
	maxTimeout  = 30 * time.Second
	maxAttempts = 5
)

// Config says which servers to query, and for how long.
type Config struct {
	Servers  []string // addresses, in the order in which they are to be asked
	Search   []string // domains
	Timeout  time.Duration
	Attempts int
	Stream   bool // TCP only
}

// ParseConfig parses a resolv.conf(5). If it names no server, the server of this host is used, as by the C library.
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

// SetSearch sets the search list from a list of domains, which may also be the value of LOCALDOMAIN in the environment.
func (c *Config) SetSearch(list string) {
	c.Search = nil
	for _, domain := range strings.Fields(list) {
		if domain = strings.TrimSuffix(domain, "."); domain != "" && len(c.Search) < maxSearch {
			c.Search = append(c.Search, domain)
		}
	}
}

// SetOptions sets options, which may also be the value of RES_OPTIONS in the environment. Options that do not matter here
// are ignored.
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
