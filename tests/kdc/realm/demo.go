// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// The three realms of Demo. Users of DEMO.TEST reach OTHER.TEST directly and THIRD.TEST through OTHER.TEST.
const (
	DemoRealm  = "DEMO.TEST"
	OtherRealm = "OTHER.TEST"
	ThirdRealm = "THIRD.TEST"
)

// Demo makes a configuration with three realms, users and services, all keys of the given enctypes (nil: AllEnctypes).
//
//	DEMO.TEST   users alice, bob (password: the name and "-password"), carol (no pre-authentication),
//	            stale (KDC_ERR_KEY_EXPIRED), locked (KDC_ERR_CLIENT_REVOKED)
//	            services demo/HOST, host/HOST for localhost, server.demo.test and this machine's name
//	            services aes17/localhost to aes20/localhost: keys of one enctype only
//	            services whose tickets are wrong: expired/, future/, invalid/, kvno/, damaged/, wrongkey/, spoofed/,
//	            elsewhere/ (another client's address), big/ (more than fits into a datagram), delegate/ (ok-as-delegate),
//	            attested/ (a PAC and authentication indicators), falsely/ (the same, not signed with the service's key),
//	            noforward/, nonce/ and sname/ (wrong replies), refused/ (KDC_ERR_POLICY), all /localhost
//	            user frida, for whom services do not act elsewhere; demo/localhost acts for users at host/localhost and, as
//	            that allows it, at resource/localhost and at demo/server.other.test; host/localhost acts for users at none
//	OTHER.TEST  user dave; services demo/server.other.test, host/server.other.test
//	THIRD.TEST  user erin; service demo/server.third.test
//
// In each realm code/N is a user and a service, every request for which is answered with the error code N.
func Demo(enctypes []int32) (*Config, error) {
	if enctypes == nil {
		enctypes = AllEnctypes
	}
	demo := &Realm{Name: DemoRealm, Hosts: map[string]string{
		".other.test": OtherRealm, ".third.test": ThirdRealm,
	}, Via: map[string]string{ThirdRealm: OtherRealm}}
	other := &Realm{Name: OtherRealm, Hosts: map[string]string{
		".demo.test": DemoRealm, "localhost": DemoRealm, ".third.test": ThirdRealm,
	}}
	third := &Realm{Name: ThirdRealm, Hosts: map[string]string{
		".demo.test": DemoRealm, "localhost": DemoRealm, ".other.test": OtherRealm,
	}, Via: map[string]string{DemoRealm: OtherRealm}}
	c := &Config{Realms: []*Realm{demo, other, third}}
	for _, r := range c.Realms {
		r.Add("krbtgt/"+r.Name, "", 1, enctypes...)
	}
	Trust(demo, other, enctypes...)
	Trust(other, third, enctypes...)

	for _, u := range []string{"alice", "bob", "carol"} {
		demo.Add(u, u+"-password", 1, enctypes...)
	}
	demo.Principal("carol").NoPreauth = true
	for name, code := range map[string]int32{"stale": 23, "locked": 18} {
		demo.Add(name, name+"-password", 1, enctypes...).RefuseClient = code
	}
	other.Add("dave", "dave-password", 1, enctypes...)
	third.Add("erin", "erin-password", 1, enctypes...)

	hosts := []string{"localhost", "server.demo.test"}
	if h, err := os.Hostname(); err == nil && h != "" && !slices.Contains(hosts, strings.ToLower(h)) {
		hosts = append(hosts, strings.ToLower(h))
		other.Hosts[strings.ToLower(h)] = DemoRealm
		third.Hosts[strings.ToLower(h)] = DemoRealm
	}
	for _, h := range hosts {
		demo.Add("demo/"+h, "", 2, enctypes...)
		demo.Add("host/"+h, "", 2, enctypes...)
	}
	for _, s := range []string{"demo", "host"} {
		other.Add(s+"/server.other.test", "", 2, enctypes...)
	}
	third.Add("demo/server.third.test", "", 2, enctypes...)
	for _, e := range AllEnctypes {
		demo.Add(fmt.Sprintf("aes%d/localhost", e), "", 2, e)
	}
	wrong := func(name string, bend func(*Principal)) {
		bend(demo.Add(name+"/localhost", "", 2, enctypes...))
	}
	wrong("expired", func(p *Principal) {
		p.TicketStart, p.TicketEnd = Duration(-2*time.Hour), Duration(-time.Hour)
	})
	wrong("future", func(p *Principal) { p.TicketStart = Duration(time.Hour) })
	wrong("invalid", func(p *Principal) { p.TicketInvalid = true })
	wrong("kvno", func(p *Principal) { p.TicketKVNO = 9 })
	wrong("damaged", func(p *Principal) { p.TicketDamage = true })
	wrong("wrongkey", func(p *Principal) { p.WrongKey = true })
	wrong("spoofed", func(p *Principal) { p.TicketRealm = OtherRealm })
	wrong("elsewhere", func(p *Principal) { p.TicketAddress = "192.0.2.1" })
	wrong("big", func(p *Principal) { p.TicketPadding = 4000 })
	wrong("attested", func(p *Principal) { p.Attests = true })
	wrong("falsely", func(p *Principal) { p.AttestsFalse = true })
	wrong("delegate", func(p *Principal) { p.OKAsDelegate = true })
	wrong("noforward", func(p *Principal) { p.NotForwardable = true })
	wrong("nonce", func(p *Principal) { p.ReplyNonce = true })
	wrong("sname", func(p *Principal) { p.ReplySName = "demo/localhost" })
	wrong("refused", func(p *Principal) { p.Refuse = 12 })
	demo.Add("frida", "frida-password", 1, enctypes...).NotDelegated = true
	by := []string{"demo/localhost@" + DemoRealm}
	demo.Principal("demo/localhost").TrustedToAct = true
	demo.Principal("demo/localhost").ActsOn = []string{"host/localhost"}
	demo.Add("resource/localhost", "", 2, enctypes...).ActedOnBy = by
	other.Principal("demo/server.other.test").ActedOnBy = by
	return c, c.check()
}

// Services lists the names that an acceptor has keys for: those with a host part.
func (r *Realm) Services() []string {
	var list []string
	for _, p := range r.Principals {
		if strings.Contains(p.Name, "/") && !strings.HasPrefix(p.Name, "krbtgt/") {
			list = append(list, p.Name)
		}
	}
	return list
}

// Users lists the names without a host part, of those who get tickets.
func (r *Realm) Users() []string {
	var list []string
	for _, p := range r.Principals {
		if !strings.Contains(p.Name, "/") && p.RefuseClient == 0 {
			list = append(list, p.Name)
		}
	}
	return list
}

// KRB5Conf writes a krb5.conf for a KDC of c at addr. libdefaults are further lines for that section. Domains are
// mapped to realms in it unless they can be found through referrals only: those of THIRD.TEST.
func (c *Config) KRB5Conf(addr string, libdefaults ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[libdefaults]\n\tdefault_realm = %s\n\tdns_lookup_kdc = false\n\tdns_lookup_realm = false\n"+
		"\tdns_canonicalize_hostname = false\n\trdns = false\n\tforwardable = true\n", c.Realms[0].Name)
	for _, l := range libdefaults {
		fmt.Fprintf(&b, "\t%s\n", l)
	}
	fmt.Fprint(&b, "\n[realms]\n")
	for _, r := range c.Realms {
		fmt.Fprintf(&b, "\t%s = {\n\t\tkdc = %s\n\t}\n", r.Name, addr)
	}
	fmt.Fprintf(&b, "\n[domain_realm]\n\tlocalhost = %s\n", c.Realms[0].Name)
	domains := map[string]string{"." + strings.ToLower(c.Realms[0].Name): c.Realms[0].Name}
	for h, to := range c.Realms[0].Hosts {
		if to != ThirdRealm {
			domains[h] = to
		}
	}
	if h, err := os.Hostname(); err == nil && c.Realms[0].Principal("host/"+strings.ToLower(h)) != nil {
		domains[strings.ToLower(h)] = c.Realms[0].Name
	}
	for _, h := range slices.Sorted(maps.Keys(domains)) {
		if h != "localhost" {
			fmt.Fprintf(&b, "\t%s = %s\n", h, domains[h])
		}
	}
	return b.String()
}
