// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// The FILE format (MIT krb5, doc/formats/ccache_file_format). Versions 1 and 2 have integers in the byte order of the
// host that wrote them, version 3 has the key type twice, version 4 has a header.
const (
	ccacheVersion1 = 0x0501
	ccacheVersion4 = 0x0504

	ccacheTagOffset = 1 // header field: by how many seconds and microseconds the KDC's clock is ahead

	maxCCacheList = 1024 // components of a name, addresses, authorization data: each takes more memory than it has octets
)

// ccacheContents is a parsed cache.
type ccacheContents struct {
	version   int // 1 to 4
	principal token.Principal
	offset    time.Duration
	creds     []*Credential
	config    []*Credential // entries that hold configuration
	end       int64         // where the last complete credential ends

	configAt map[string]int // where in config each name is; empty: not noted yet
}

func (c *ccacheContents) wipe() {
	for _, cred := range c.creds {
		cred.Wipe()
	}
}

// copy returns contents with their own copies of keys.
func (c *ccacheContents) copy() *ccacheContents {
	own := *c
	own.config, own.configAt = slices.Clone(c.config), nil
	own.creds = make([]*Credential, len(c.creds))
	for i, cred := range c.creds {
		own.creds[i] = cred.copy()
	}
	return &own
}

// configValue returns the value of a configuration entry that concerns the whole cache.
func (c *ccacheContents) configValue(key string) (value []byte, ok bool) {
	for _, entry := range c.config {
		if n := entry.Server.Components; len(n) == 2 && n[1] == key {
			return entry.Ticket, true
		}
	}
	return nil, false
}

// marshal returns the contents as a file of version 4. The caller wipes it.
func (c *ccacheContents) marshal() []byte {
	w := newCCacheWriter(4)
	w.header(c.offset)
	w.principal(c.principal)
	for _, cred := range c.all() {
		w.credential(cred)
	}
	return w.b
}

// all returns credentials and configuration entries.
func (c *ccacheContents) all() []*Credential { return slices.Concat(c.creds, c.config) }

// Marshal returns the credential in the format of version 4, which is also that of keyrings, daemons and libkrb5. The
// caller wipes it.
func (c *Credential) Marshal() []byte {
	w := newCCacheWriter(4)
	w.credential(c)
	return w.b
}

// unmarshalPrincipal reads a principal in the format of version 4.
func unmarshalPrincipal(b []byte) (token.Principal, bool) {
	r := newCCacheReader(b)
	p := r.principal()
	return p, !r.short && len(r.rest) == 0
}

// unmarshalCredential reads a credential in the format of version 4. The caller wipes it.
func unmarshalCredential(b []byte) (*Credential, bool) {
	r := newCCacheReader(b)
	cred := r.credential()
	if r.short || len(r.rest) != 0 {
		cred.Wipe()
		return nil, false
	}
	return cred, true
}

func newCCacheReader(b []byte) *ccacheReader {
	return &ccacheReader{
		fileReader: fileReader{rest: cryptobyte.String(b), order: binary.BigEndian}, version: 4, size: int64(len(b)),
	}
}

func badCCache(format string, args ...any) *status.Error {
	return status.Errorf(status.NoCred, status.KRB5_CC_FORMAT, format, args...)
}

// parseCCache reads a cache. A truncated last credential is ignored, as in MIT krb5: its writer may have been
// interrupted. A length that exceeds the size of the whole file is an error.
func parseCCache(b []byte) (*ccacheContents, *status.Error) {
	s := cryptobyte.String(b)
	var version uint16
	if !s.ReadUint16(&version) {
		return nil, badCCache("%d octets are too few for a credential cache", len(b))
	}
	if version < ccacheVersion1 || version > ccacheVersion4 {
		return nil, status.Errorf(status.NoCred, status.KRB5_CCACHE_BADVNO,
			"not a credential cache, or one of an unknown version")
	}
	c := &ccacheContents{version: int(version) - ccacheVersion1 + 1}
	r := ccacheReader{fileReader: fileReader{rest: s, order: binary.BigEndian}, version: c.version, size: int64(len(b))}
	if c.version == 4 {
		header := r.bytes(int64(r.uint16()))
		if r.short || !c.parseHeader(header) {
			return nil, badCCache("the header is truncated")
		}
	}
	if c.version <= 2 {
		r.order = binary.NativeEndian
	}
	c.principal = r.principal()
	if r.short {
		return nil, badCCache("the principal's name is truncated")
	}
	c.end = int64(len(b) - len(r.rest))
	for len(r.rest) > 0 {
		cred := r.credential()
		if r.bad {
			cred.Wipe()
			c.wipe()
			return nil, badCCache("credential %d has a length beyond the file's, or more than %d elements in a list",
				len(c.creds)+1, maxCCacheList)
		}
		if r.short {
			cred.Wipe()
			break
		}
		c.end = int64(len(b) - len(r.rest))
		c.add(cred)
	}
	return c, nil
}

// parseHeader reads the clock offset and skips fields with other tags.
func (c *ccacheContents) parseHeader(header []byte) bool {
	s := cryptobyte.String(header)
	for !s.Empty() {
		var tag uint16
		var field cryptobyte.String
		if !s.ReadUint16(&tag) || !s.ReadUint16LengthPrefixed(&field) {
			return false
		}
		var sec, usec uint32
		if tag == ccacheTagOffset && field.ReadUint32(&sec) && field.ReadUint32(&usec) {
			c.offset = offsetOf(sec, usec)
		}
	}
	return true
}

// add adds an entry, which it takes over. Of configuration entries with the same name the last one counts. MIT marks a
// removed credential with an end time of 0 and an authentication time of -1.
func (c *ccacheContents) add(cred *Credential) {
	if isConfig(cred) {
		if cred.Server.Realm == configRealm && len(cred.Server.Components) >= 2 && cred.Server.Components[0] == configName {
			c.addConfig(cred)
		}
		return
	}
	if cred.EndTime.IsZero() && cred.AuthTime.Unix() == math.MaxUint32 {
		cred.Wipe()
		return
	}
	c.creds = append(c.creds, cred)
}

// addConfig adds an entry, or replaces the one with its name. A file may have hundreds of thousands, so they are not
// compared with one another.
func (c *ccacheContents) addConfig(entry *Credential) {
	if len(c.configAt) == 0 {
		c.configAt = make(map[string]int)
		for i, old := range c.config {
			c.configAt[old.Server.String()] = i
		}
	}
	name := entry.Server.String()
	if i, ok := c.configAt[name]; ok {
		c.config[i] = entry
		return
	}
	c.configAt[name] = len(c.config)
	c.config = append(c.config, entry)
}

// ccacheReader reads the parts of a cache. bad is set by a length or a count that truncation cannot explain.
type ccacheReader struct {
	fileReader
	version int
	size    int64
	bad     bool
}

// data reads a counted string. It copies it so that the rest of the file need not stay in memory.
func (r *ccacheReader) data() []byte {
	n := int64(r.uint32())
	if n > r.size {
		r.bad, r.short = true, true
	}
	if n == 0 {
		return nil
	}
	return append([]byte(nil), r.bytes(n)...)
}

// count reads the number of the elements that follow, each of which takes at least size octets.
func (r *ccacheReader) count(size int64) int {
	n := int64(r.uint32())
	if n > maxCCacheList || n*size > int64(len(r.rest)) {
		r.bad = r.bad || n > maxCCacheList || n*size > r.size
		r.short = true
		return 0
	}
	return int(n)
}

func (r *ccacheReader) principal() (p token.Principal) {
	p.Type = token.NTUnknown
	if r.version > 1 {
		p.Type = int32(r.uint32())
	}
	n := r.count(4)
	if r.version == 1 {
		n-- // the realm counts
	}
	p.Realm = string(r.data())
	if n < 0 {
		r.short, r.bad = true, true
		return p
	}
	for range n {
		p.Components = append(p.Components, string(r.data()))
		if r.short {
			break
		}
	}
	return p
}

func (r *ccacheReader) credential() *Credential {
	c := &Credential{}
	c.Client = r.principal()
	c.Server = r.principal()
	c.Key.EType = int32(int16(r.uint16()))
	if r.version == 3 {
		r.uint16()
	}
	c.Key.Value = r.data()
	c.AuthTime, c.StartTime, c.EndTime, c.RenewTill = r.time(), r.time(), r.time(), r.time()
	c.IsSKey = r.uint8() != 0
	c.Flags = r.uint32()
	for range r.count(6) {
		c.Addresses = append(c.Addresses, token.HostAddress{Type: int32(int16(r.uint16())), Address: r.data()})
		if r.short {
			return c
		}
	}
	for range r.count(6) {
		c.AuthData = append(c.AuthData, token.AuthDataEntry{Type: int32(int16(r.uint16())), Data: r.data()})
		if r.short {
			return c
		}
	}
	c.Ticket = r.data()
	c.SecondTicket = r.data()
	return c
}

// ccacheWriter writes the parts of a cache.
type ccacheWriter struct {
	b       []byte
	version int
	order   binary.AppendByteOrder
}

func newCCacheWriter(version int) *ccacheWriter {
	w := &ccacheWriter{b: make([]byte, 0, 4096), version: version, order: binary.BigEndian}
	if version <= 2 {
		w.order = binary.NativeEndian
	}
	return w
}

// room makes room for n more octets. A buffer that is too small is wiped.
func (w *ccacheWriter) room(n int) {
	if n <= cap(w.b)-len(w.b) {
		return
	}
	larger := append(make([]byte, 0, 2*cap(w.b)+n), w.b...)
	clear(w.b)
	w.b = larger
}

func (w *ccacheWriter) uint16(n uint16) {
	w.room(2)
	w.b = w.order.AppendUint16(w.b, n)
}

func (w *ccacheWriter) uint32(n uint32) {
	w.room(4)
	w.b = w.order.AppendUint32(w.b, n)
}

func (w *ccacheWriter) data(b string) {
	w.uint32(uint32(len(b)))
	w.room(len(b))
	w.b = append(w.b, b...)
}

func (w *ccacheWriter) octets(b []byte) {
	w.uint32(uint32(len(b)))
	w.room(len(b))
	w.b = append(w.b, b...)
}

func (w *ccacheWriter) time(t time.Time) {
	if t.IsZero() {
		w.uint32(0)
		return
	}
	w.uint32(uint32(min(max(t.Unix(), 0), math.MaxUint32)))
}

func (w *ccacheWriter) principal(p token.Principal) {
	n := uint32(len(p.Components))
	if w.version == 1 {
		n++
	} else {
		w.uint32(uint32(p.Type))
	}
	w.uint32(n)
	w.data(p.Realm)
	for _, c := range p.Components {
		w.data(c)
	}
}

func (w *ccacheWriter) credential(c *Credential) {
	w.principal(c.Client)
	w.principal(c.Server)
	w.uint16(uint16(c.Key.EType))
	if w.version == 3 {
		w.uint16(uint16(c.Key.EType))
	}
	w.octets(c.Key.Value)
	w.time(c.AuthTime)
	w.time(c.start())
	w.time(c.EndTime)
	w.time(c.RenewTill)
	skey := byte(0)
	if c.IsSKey {
		skey = 1
	}
	w.room(1)
	w.b = append(w.b, skey)
	w.uint32(c.Flags)
	w.uint32(uint32(len(c.Addresses)))
	for _, a := range c.Addresses {
		w.uint16(uint16(a.Type))
		w.octets(a.Address)
	}
	w.uint32(uint32(len(c.AuthData)))
	for _, a := range c.AuthData {
		w.uint16(uint16(a.Type))
		w.octets(a.Data)
	}
	w.octets(c.Ticket)
	w.octets(c.SecondTicket)
}

// header begins a cache of version 4, with the clock offset.
func (w *ccacheWriter) header(offset time.Duration) {
	w.uint16(ccacheVersion4)
	if offset == 0 {
		w.uint16(0)
		return
	}
	w.uint16(12)
	w.uint16(ccacheTagOffset)
	w.uint16(8)
	sec, usec := offsetParts(offset)
	w.uint32(sec)
	w.uint32(usec)
}

// offsetParts returns a clock offset as caches keep it: seconds and microseconds, both signed.
func offsetParts(offset time.Duration) (sec, usec uint32) {
	return uint32(int32(offset / time.Second)), uint32(int32(offset % time.Second / time.Microsecond))
}

// offsetOf is the inverse of offsetParts.
func offsetOf(sec, usec uint32) time.Duration {
	return time.Duration(int32(sec))*time.Second + time.Duration(int32(usec))*time.Microsecond
}
