// SPDX-License-Identifier: BSD-2-Clause

// Package realm is a small Kerberos realm for tests: a KDC (AS and TGS, RFC 4120), keytabs, credential caches and
// tickets of any shape, on top of gokrb5's messages and cryptography. It shares no code with the library under test on
// purpose: what both agree on, two implementations agree on.
//
// It is not a KDC for anybody's real users. Nothing here is hardened, keys lie in JSON files.
package realm

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"
)

// Duration is a time.Duration that is written "10h" in JSON.
type Duration time.Duration

// MarshalJSON writes d as time.Duration does.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads what time.ParseDuration reads.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}

// Config describes everything one KDC process serves: any number of realms behind one port.
type Config struct {
	Realms []*Realm `json:"realms"`
	Skew   Duration `json:"skew,omitempty"` // the KDC's clock minus the real one
	Fault  string   `json:"fault,omitempty"`
	// UDPLimit is the largest reply in octets that goes out over UDP; others are KRB_ERR_RESPONSE_TOO_BIG. 0: 1465.
	UDPLimit int `json:"udp_limit,omitempty"`
	// NoUDP and NoTCP leave one of the two ports closed.
	NoUDP bool `json:"no_udp,omitempty"`
	NoTCP bool `json:"no_tcp,omitempty"`
}

// Realm is one realm and its principals.
type Realm struct {
	Name       string       `json:"name"`
	Principals []*Principal `json:"principals"`
	// Hosts maps a host name, or a domain with a leading dot, to the realm it is in: the source of referrals.
	Hosts map[string]string `json:"hosts,omitempty"`
	// Via gives the next realm on the way to a realm that no krbtgt principal leads to directly.
	Via map[string]string `json:"via,omitempty"`
	// NoS4U has the KDC ignore that a service acts for a user.
	NoS4U bool `json:"no_s4u,omitempty"`
}

// Principal is one entry of the database. The fields from NoPreauth on bend the rules for tests.
type Principal struct {
	Name     string            `json:"name"` // without realm: alice, host/server.demo.test, krbtgt/OTHER.TEST
	Password string            `json:"password,omitempty"`
	Salt     string            `json:"salt,omitempty"` // "": realm and components, as RFC 4120, Section 4 has it
	Keys     map[string]string `json:"keys,omitempty"` // enctype number -> hexadecimal key
	KVNO     int               `json:"kvno"`
	Enctypes []int32           `json:"enctypes"` // in order; tickets for it are encrypted in the first

	SessionEnctypes []int32  `json:"session_enctypes,omitempty"` // nil: Enctypes
	NoPreauth       bool     `json:"no_preauth,omitempty"`
	MaxLife         Duration `json:"max_life,omitempty"` // 0: 10h
	OKAsDelegate    bool     `json:"ok_as_delegate,omitempty"`
	NotForwardable  bool     `json:"not_forwardable,omitempty"`
	NotDelegated    bool     `json:"not_delegated,omitempty"`  // a user whose tickets services do not pass on
	TrustedToAct    bool     `json:"trusted_to_act,omitempty"` // a service whose tickets of users can be passed on (S4U2Self)
	ActsOn          []string `json:"acts_on,omitempty"`        // services at which it acts for users (S4U2Proxy)
	ActedOnBy       []string `json:"acted_on_by,omitempty"`    // services, with realm, that act at it for users
	Refuse          int32    `json:"refuse,omitempty"`         // the error code any request about it is answered with
	RefuseClient    int32    `json:"refuse_client,omitempty"`  // that of requests that come from it with its key

	// What tickets for this service say, whatever the reply to the client says.
	TicketStart   Duration `json:"ticket_start,omitempty"` // starttime, relative to now
	TicketEnd     Duration `json:"ticket_end,omitempty"`   // endtime, relative to now
	TicketKVNO    int      `json:"ticket_kvno,omitempty"`
	TicketRealm   string   `json:"ticket_realm,omitempty"` // crealm inside the ticket
	TicketAddress string   `json:"ticket_address,omitempty"`
	TicketDamage  bool     `json:"ticket_damage,omitempty"`  // one octet of the ciphertext is flipped
	TicketPadding int      `json:"ticket_padding,omitempty"` // octets of authorization data: a big ticket
	TicketInvalid bool     `json:"ticket_invalid,omitempty"` // flag INVALID
	Attests       bool     `json:"attests,omitempty"`        // a PAC and authentication indicators, signed
	AttestsFalse  bool     `json:"attests_false,omitempty"`  // the same, signed with a key that no keytab has
	WrongKey      bool     `json:"wrong_key,omitempty"`      // encrypted in a key that no keytab has
	ReplySName    string   `json:"reply_sname,omitempty"`    // sname in the reply's encrypted part
	ReplyNonce    bool     `json:"reply_nonce,omitempty"`    // a wrong nonce
	TransitedSkip bool     `json:"transited_skip,omitempty"` // TRANSITED-POLICY-CHECKED stays clear
	mu            sync.Mutex
	keys          map[int32][]byte
}

// Load reads a configuration from a JSON file.
func Load(file string) (*Config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := new(Config)
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, c.check()
}

// Save writes c, with all keys, to a JSON file.
func (c *Config) Save(file string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

func (c *Config) check() error {
	for _, r := range c.Realms {
		for _, p := range r.Principals {
			if p.KVNO < 0 || len(p.Enctypes) == 0 {
				return fmt.Errorf("%s@%s: kvno below 0 or no enctypes", p.Name, r.Name)
			}
			for _, e := range p.Enctypes {
				if keySize(e) == 0 {
					return fmt.Errorf("%s@%s: unsupported enctype %d", p.Name, r.Name, e)
				}
				if _, err := p.Key(r.Name, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Realm returns the realm of that name, or nil.
func (c *Config) Realm(name string) *Realm {
	for _, r := range c.Realms {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Principal returns the entry for the name without realm, or nil.
func (r *Realm) Principal(name string) *Principal {
	for _, p := range r.Principals {
		if p.Name == name {
			return p
		}
	}
	if code, ok := strings.CutPrefix(name, "code/"); ok {
		if n, err := strconv.ParseInt(code, 10, 32); err == nil {
			return &Principal{Name: name, Refuse: int32(n)}
		}
	}
	return nil
}

// Add puts a new principal into the realm, with random keys if password is "".
func (r *Realm) Add(name, password string, kvno int, enctypes ...int32) *Principal {
	p := &Principal{Name: name, Password: password, KVNO: kvno, Enctypes: enctypes}
	if password == "" {
		p.Keys = make(map[string]string)
		for _, e := range enctypes {
			p.Keys[strconv.Itoa(int(e))] = hex.EncodeToString(randomBytes(keySize(e)))
		}
	}
	r.Principals = append(r.Principals, p)
	return p
}

// Trust lets users of either realm reach services of the other.
func Trust(a, b *Realm, enctypes ...int32) {
	for _, way := range [2][2]*Realm{{a, b}, {b, a}} {
		p := way[0].Add("krbtgt/"+way[1].Name, "", 1, enctypes...)
		way[1].Principals = append(way[1].Principals, &Principal{
			Name: p.Name + "@" + way[0].Name, Keys: p.Keys, KVNO: p.KVNO, Enctypes: enctypes,
		})
	}
}

// tgsPrincipal finds the key of a ticket-granting ticket that issuer gave out for r.
func (r *Realm) tgsPrincipal(issuer string) *Principal {
	if issuer == r.Name {
		return r.Principal("krbtgt/" + r.Name)
	}
	return r.Principal("krbtgt/" + r.Name + "@" + issuer)
}

// realmOfHost looks for the host itself, then for its domains, in Hosts.
func (r *Realm) realmOfHost(host string) string {
	host = strings.ToLower(host)
	if to := r.Hosts[host]; to != "" {
		return to
	}
	for i := strings.IndexByte(host, '.'); i >= 0; {
		if to := r.Hosts[host[i:]]; to != "" {
			return to
		}
		next := strings.IndexByte(host[i+1:], '.')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return ""
}

// Key returns the principal's key of an enctype.
func (p *Principal) Key(realm string, e int32) (types.EncryptionKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	none := types.EncryptionKey{}
	if !slices.Contains(p.Enctypes, e) {
		return none, fmt.Errorf("%s@%s has no key of enctype %d", p.Name, realm, e)
	}
	if k := p.keys[e]; k != nil {
		return types.EncryptionKey{KeyType: e, KeyValue: k}, nil
	}
	var k []byte
	if h, ok := p.Keys[strconv.Itoa(int(e))]; ok {
		b, err := hex.DecodeString(h)
		if err != nil || len(b) != keySize(e) {
			return none, fmt.Errorf("%s@%s: bad key of enctype %d", p.Name, realm, e)
		}
		k = b
	} else if p.Password == "" {
		return none, fmt.Errorf("%s@%s: neither key of enctype %d nor password", p.Name, realm, e)
	} else {
		b, err := stringToKey(e, p.Password, p.salt(realm))
		if err != nil {
			return none, err
		}
		k = b
	}
	if p.keys == nil {
		p.keys = make(map[int32][]byte)
	}
	p.keys[e] = k
	return types.EncryptionKey{KeyType: e, KeyValue: k}, nil
}

func (p *Principal) salt(realm string) string {
	if p.Salt != "" {
		return p.Salt
	}
	return realm + strings.ReplaceAll(p.Name, "/", "")
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
