// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"
)

// KeytabEntry is one key in a keytab.
type KeytabEntry struct {
	Principal string // host/a.demo.test@DEMO.TEST
	KVNO      uint32
	Key       types.EncryptionKey
	Time      time.Time
}

// MarshalKeytab writes a keytab of version 2. (gokrb5's keytab package knows only 8 bits of a key version.)
func MarshalKeytab(entries ...KeytabEntry) []byte {
	out := []byte{5, 2}
	str := func(b []byte, s string) []byte {
		return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
	}
	for _, e := range entries {
		name, realm := splitPrincipal(e.Principal)
		b := binary.BigEndian.AppendUint16(nil, uint16(len(name.NameString)))
		b = str(b, realm)
		for _, c := range name.NameString {
			b = str(b, c)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(name.NameType))
		b = binary.BigEndian.AppendUint32(b, uint32(e.Time.Unix()))
		b = append(b, byte(e.KVNO))
		b = binary.BigEndian.AppendUint16(b, uint16(e.Key.KeyType))
		b = str(b, string(e.Key.KeyValue))
		b = binary.BigEndian.AppendUint32(b, e.KVNO)
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		out = append(out, b...)
	}
	return out
}

// Keytab makes entries for all keys of the named principals of r.
func (r *Realm) Keytab(names ...string) ([]KeytabEntry, error) {
	var list []KeytabEntry
	for _, n := range names {
		p := r.Principal(n)
		if p == nil {
			return nil, refuse(6, "no principal %s in %s", n, r.Name)
		}
		for _, e := range p.Enctypes {
			k, err := p.Key(r.Name, e)
			if err != nil {
				return nil, err
			}
			list = append(list, KeytabEntry{n + "@" + r.Name, uint32(p.KVNO), k, time.Now()})
		}
	}
	return list, nil
}

// Credential is one entry of a credential cache.
type Credential struct {
	Client, Server                          string // with realm
	Key                                     types.EncryptionKey
	AuthTime, StartTime, EndTime, RenewTill time.Time
	Flags                                   uint32
	Addresses                               []types.HostAddress
	Ticket                                  []byte
}

func ccBytes(b, s []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func ccPrincipal(b []byte, s string) []byte {
	name, realm := splitPrincipal(s)
	b = binary.BigEndian.AppendUint32(b, uint32(name.NameType))
	b = binary.BigEndian.AppendUint32(b, uint32(len(name.NameString)))
	b = ccBytes(b, []byte(realm))
	for _, c := range name.NameString {
		b = ccBytes(b, []byte(c))
	}
	return b
}

// MarshalCCache writes a credential cache of version 4. offset is the KDC's clock minus ours.
func MarshalCCache(client string, offset time.Duration, creds ...*Credential) []byte {
	b := []byte{5, 4, 0, 12, 0, 1, 0, 8}
	b = binary.BigEndian.AppendUint32(b, uint32(int32(offset/time.Second)))
	b = binary.BigEndian.AppendUint32(b, uint32(int32(offset%time.Second/time.Microsecond)))
	b = ccPrincipal(b, client)
	for _, c := range creds {
		b = append(b, c.Marshal()...)
	}
	return b
}

// Marshal gives the form a credential has in a cache of version 4; it may be appended to one.
func (c *Credential) Marshal() []byte {
	b := ccPrincipal(nil, c.Client)
	b = ccPrincipal(b, c.Server)
	b = binary.BigEndian.AppendUint16(b, uint16(c.Key.KeyType))
	b = ccBytes(b, c.Key.KeyValue)
	for _, t := range []time.Time{c.AuthTime, c.StartTime, c.EndTime, c.RenewTill} {
		sec := uint32(0)
		if !t.IsZero() {
			sec = uint32(t.Unix())
		}
		b = binary.BigEndian.AppendUint32(b, sec)
	}
	b = append(b, 0)
	b = binary.BigEndian.AppendUint32(b, c.Flags)
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.Addresses)))
	for _, a := range c.Addresses {
		b = binary.BigEndian.AppendUint16(b, uint16(a.AddrType))
		b = ccBytes(b, a.Address)
	}
	b = binary.BigEndian.AppendUint32(b, 0)
	b = ccBytes(b, c.Ticket)
	return ccBytes(b, nil)
}

// WriteFile replaces file, mode 0600, in one step.
func WriteFile(file string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
