// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"math"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// CredElement is an element of an exported credential in MIT krb5's format. For each mechanism, that is its OID and the
// mechanism's own part, each preceded by its length in 32 bits. SPNEGO's part is again a list of elements. Body aliases
// the input of the parser.
type CredElement struct {
	Mech OID
	Body []byte
}

// Limits for an exported credential. MIT krb5 has none; a cache with tickets for a hundred services, each with a user's
// groups in Active Directory, stays below them.
const (
	maxCredElements = 16
	maxCredMech     = 255      // octets in an OID
	maxCredName     = 64 << 10 // octets in the text of a principal
	maxCredToken    = 16 << 20
	maxCredTickets  = 4096
	maxCredEnctypes = 64
	maxCredList     = 1024 // addresses, authorization data
)

// AppendCredElement appends an element to b.
func AppendCredElement(b []byte, mech OID, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(mech)))
	b = append(b, mech...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// CredElementSize returns the number of octets that AppendCredElement adds.
func CredElementSize(mech OID, body []byte) int { return 8 + len(mech) + len(body) }

// ParseCredElements splits an exported credential.
func ParseCredElements(b []byte) (list []CredElement, err error) {
	if len(b) > maxCredToken {
		return nil, defective(status.KG_BAD_LENGTH, "exported credential: it has %d octets; the limit is %d", len(b),
			maxCredToken)
	}
	in := cryptobyte.String(b)
	for !in.Empty() {
		var mech, body cryptobyte.String
		if !readUint32Prefixed(&in, &mech) || !readUint32Prefixed(&in, &body) {
			return nil, defective(status.G_TOK_TRUNC, "exported credential: it is truncated, or not an exported credential")
		}
		if len(list) == maxCredElements {
			return nil, defective(status.KG_CONTEXT, "exported credential: it has more than %d elements", maxCredElements)
		}
		if len(mech) > maxCredMech {
			return nil, defective(status.KG_CONTEXT, "exported credential: the OID of a mechanism has %d octets; the limit is %d",
				len(mech), maxCredMech)
		}
		list = append(list, CredElement{OID(mech), body})
	}
	if list == nil {
		return nil, defective(status.G_TOK_TRUNC, "exported credential: it is empty")
	}
	return list, nil
}

func readUint32Prefixed(in, out *cryptobyte.String) bool {
	var n uint32
	return in.ReadUint32(&n) && uint64(n) <= uint64(len(*in)) && in.ReadBytes((*[]byte)(out), int(n))
}

// ExportedCred is the krb5 mechanism's part of an exported credential. Files are named in it and opened by the
// importer. A cache in memory is contained in it, including its keys, and so is a password.
type ExportedCred struct {
	Usage           int32 // GSS_C_BOTH, INITIATE or ACCEPT
	Name            *ExportedCredName
	Impersonator    *Principal // the service that acts for the credential's client (MS-SFU); nil: none
	DefaultIdentity bool       // no particular name was wanted
	IAKERB          bool
	Keytab          string // for an acceptor; "": none
	ReplayCache     string
	CCache          string         // the name of a cache
	Cache           *ExportedCache // or the contents of one; nil: none
	ClientKeytab    string
	HaveTGT         bool
	Expire          time.Time // zero: unknown or none
	Refresh         time.Time
	EncTypes        []int32 // nil: all
	Password        []byte
}

// ExportedCredName is a desired name. Service and Host are the parts of a host-based name; an empty Host stands for
// any.
type ExportedCredName struct {
	Principal *Principal
	Service   string
	Host      string
}

// ExportedCache is a credential cache in memory.
type ExportedCache struct {
	Principal Principal
	Tickets   []ExportedTicket
}

// ExportedTicket is an entry of a credential cache.
type ExportedTicket struct {
	Client, Server *Principal
	Key            EncryptionKey
	AuthTime       time.Time
	StartTime      time.Time
	EndTime        time.Time
	RenewTill      time.Time
	IsSKey         bool
	Flags          uint32
	Addresses      []HostAddress
	Ticket         []byte
	SecondTicket   []byte
	AuthData       []AuthDataEntry
}

// credMagic begins the JSON of a credential.
const credMagic = "K5C1"

// Wipe overwrites the keys and the password.
func (c *ExportedCred) Wipe() {
	clear(c.Password)
	if c.Cache == nil {
		return
	}
	for _, t := range c.Cache.Tickets {
		clear(t.Key.Value)
	}
}

// HasSecrets reports whether anyone who reads the exported credential can use it, on any host.
func (c *ExportedCred) HasSecrets() bool { return c.Cache != nil || c.Password != nil }

// Marshal returns the JSON. The caller wipes it.
func (c *ExportedCred) Marshal() []byte {
	w := &jsonWriter{b: make([]byte, 0, c.size())}
	w.array(func() {
		w.text(credMagic)
		w.array(func() { c.write(w) })
	})
	return w.b
}

// size estimates the size of the JSON, so that the buffer does not have to grow.
func (c *ExportedCred) size() int {
	n := 1024 + len(c.Password)*6
	if c.Cache != nil {
		for _, t := range c.Cache.Tickets {
			n += 1024 + (len(t.Ticket)+len(t.SecondTicket))/3*4
		}
	}
	return n
}

func (c *ExportedCred) write(w *jsonWriter) {
	w.int(int64(c.Usage))
	if n := c.Name; n != nil {
		w.array(func() {
			w.principal(n.Principal)
			w.optional(n.Service)
			w.optional(n.Host)
		})
	} else {
		w.null()
	}
	w.principal(c.Impersonator)
	w.bool(c.DefaultIdentity)
	w.bool(c.IAKERB)
	w.optional(c.Keytab)
	w.optional(c.ReplayCache)
	if c.Cache != nil {
		w.array(func() {
			w.principal(&c.Cache.Principal)
			for i := range c.Cache.Tickets {
				w.array(func() { c.Cache.Tickets[i].write(w) })
			}
		})
	} else {
		w.optional(c.CCache)
	}
	w.optional(c.ClientKeytab)
	w.bool(c.HaveTGT)
	w.time(c.Expire)
	w.time(c.Refresh)
	if c.EncTypes != nil {
		w.array(func() {
			for _, e := range c.EncTypes {
				w.int(int64(e))
			}
		})
	} else {
		w.null()
	}
	if c.Password != nil {
		writeText(w, c.Password)
	} else {
		w.null()
	}
}

func (t *ExportedTicket) write(w *jsonWriter) {
	w.principal(t.Client)
	w.principal(t.Server)
	w.typed(t.Key.EType, t.Key.Value)
	w.time(t.AuthTime)
	w.time(t.StartTime)
	w.time(t.EndTime)
	w.time(t.RenewTill)
	w.bool(t.IsSKey)
	w.int(int64(int32(t.Flags)))
	if len(t.Addresses) > 0 {
		w.array(func() {
			for _, a := range t.Addresses {
				w.typed(a.Type, a.Address)
			}
		})
	} else {
		w.null()
	}
	w.octets(t.Ticket)
	w.octets(t.SecondTicket)
	if len(t.AuthData) > 0 {
		w.array(func() {
			for _, a := range t.AuthData {
				w.typed(a.Type, a.Data)
			}
		})
	} else {
		w.null()
	}
}

func (w *jsonWriter) principal(p *Principal) {
	if p == nil {
		w.null()
		return
	}
	w.text(p.String())
}

func (w *jsonWriter) typed(number int32, octets []byte) {
	w.array(func() {
		w.int(int64(number))
		w.octets(octets)
	})
}

// time writes a time in MIT krb5's form, a 32-bit number that is negative after 2038. The zero time is 0.
func (w *jsonWriter) time(t time.Time) {
	if t.IsZero() {
		w.int(0)
		return
	}
	w.int(int64(int32(uint32(min(max(t.Unix(), 0), math.MaxUint32)))))
}

// ParseExportedCred parses the JSON. The caller wipes the result.
func ParseExportedCred(b []byte) (*ExportedCred, error) {
	r, c := newJSONReader(b), new(ExportedCred)
	r.array(func() {
		if string(r.text()) != credMagic {
			r.fail("it has an unknown version")
			return
		}
		r.array(func() { c.read(r) })
	})
	if r.skip(); len(r.rest) > 0 {
		r.fail("it has octets after its end")
	}
	if r.err != nil {
		c.Wipe()
		return nil, r.err
	}
	return c, nil
}

func (c *ExportedCred) read(r *jsonReader) {
	c.Usage = int32(r.int(0, 2))
	if !r.null() {
		c.Name = new(ExportedCredName)
		r.array(func() {
			c.Name.Principal = r.principal()
			c.Name.Service = r.optional()
			c.Name.Host = r.optional()
		})
	}
	c.Impersonator = r.principal()
	c.DefaultIdentity = r.bool()
	c.IAKERB = r.bool()
	c.Keytab = r.optional()
	c.ReplayCache = r.optional()
	if r.skip(); r.err == nil && len(r.rest) > 1 && r.rest[0] == ',' && r.arrayFollows() {
		c.Cache = new(ExportedCache)
		r.array(func() { c.Cache.read(r) })
	} else {
		c.CCache = r.optional()
	}
	c.ClientKeytab = r.optional()
	c.HaveTGT = r.bool()
	c.Expire, c.Refresh = r.time(), r.time()
	if !r.null() {
		c.EncTypes = []int32{}
		r.list(maxCredEnctypes, func() { c.EncTypes = append(c.EncTypes, r.int32()) })
	}
	if !r.null() {
		c.Password = r.text()
	}
	// Newer libraries add a one-time password, which has been used by the time the credential arrives here.
	if r.more() && !r.null() {
		clear(r.text())
	}
}

func (c *ExportedCache) read(r *jsonReader) {
	p := r.principal()
	if p == nil {
		r.fail("its credential cache has no principal")
		return
	}
	c.Principal = *p
	r.values(maxCredTickets, func() {
		c.Tickets = append(c.Tickets, ExportedTicket{})
		t := &c.Tickets[len(c.Tickets)-1]
		r.array(func() { t.read(r) })
	})
}

func (t *ExportedTicket) read(r *jsonReader) {
	t.Client, t.Server = r.principal(), r.principal()
	t.Key.EType, t.Key.Value = r.typed()
	t.AuthTime, t.StartTime, t.EndTime, t.RenewTill = r.time(), r.time(), r.time(), r.time()
	t.IsSKey = r.bool()
	t.Flags = uint32(r.int(math.MinInt32, math.MaxUint32))
	if !r.null() {
		r.list(maxCredList, func() {
			var a HostAddress
			a.Type, a.Address = r.typed()
			t.Addresses = append(t.Addresses, a)
		})
	}
	t.Ticket = r.octets()
	t.SecondTicket = r.octets()
	if !r.null() {
		r.list(maxCredList, func() {
			var a AuthDataEntry
			a.Type, a.Data = r.typed()
			t.AuthData = append(t.AuthData, a)
		})
	}
	if t.Client == nil || t.Server == nil {
		r.fail("one of its tickets has no client or no server")
	}
}

// arrayFollows reports whether the value after the comma is an array.
func (r *jsonReader) arrayFollows() bool {
	ahead := jsonReader{rest: r.rest[1:]}
	ahead.skip()
	return len(ahead.rest) > 0 && ahead.rest[0] == '['
}

func (r *jsonReader) optional() string {
	if r.null() {
		return ""
	}
	return string(r.text())
}

// principal reads a name with its realm, or null. An empty realm is one that only a KDC knows.
func (r *jsonReader) principal() *Principal {
	if r.null() {
		return nil
	}
	text := r.text()
	if len(text) > maxCredName {
		r.fail("one of its names is too long")
		return nil
	}
	p, hasRealm, err := ParsePrincipal(string(text))
	if err != nil || !hasRealm || len(p.Components) > maxComponents {
		r.fail("one of its names is malformed, has no realm, or has too many components")
		return nil
	}
	if p.IsTGS() {
		p.Type = NTSrvInst
	}
	return &p
}

func (r *jsonReader) int32() int32 { return int32(r.int(math.MinInt32, math.MaxInt32)) }

func (r *jsonReader) typed() (number int32, octets []byte) {
	r.array(func() { number, octets = r.int32(), r.octets() })
	return number, octets
}

func (r *jsonReader) time() time.Time {
	v := uint32(r.int(math.MinInt32, math.MaxUint32))
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(int64(v), 0).UTC()
}
