// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Versions of the keytab format. Version 1 has integers in the byte order of the host that wrote it.
const (
	keytabVersion1 = 0x0501
	keytabVersion2 = 0x0502
)

func badKeytab(format string, args ...any) *status.Error {
	return status.Errorf(status.NoCred, status.KRB5_KT_FORMAT, format, args...)
}

// parseKeytab reads a keytab file. An entry of negative size is a hole, and size 0 ends the file. Whatever can be read
// counts: a malformed entry is skipped, and one that extends beyond the end of the file is the last, because its writer
// may have been interrupted or an editor may have added a newline. Only a keytab of which nothing can be read is an
// error.
func parseKeytab(b []byte) (*Keytab, *status.Error) {
	s := cryptobyte.String(b)
	var version uint16
	if !s.ReadUint16(&version) {
		return nil, badKeytab("%d octets are too few for a keytab", len(b))
	}
	if version != keytabVersion1 && version != keytabVersion2 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KEYTAB_BADVNO, "not a keytab, or one of an unknown version")
	}
	r := fileReader{rest: s, v1: version == keytabVersion1, order: binary.BigEndian}
	if r.v1 {
		r.order = binary.NativeEndian
	}
	kt := &Keytab{}
	for number := 1; len(r.rest) > 0; number++ {
		n := int64(int32(r.uint32()))
		if r.short || n == 0 {
			break
		}
		skip := n < 0
		if skip {
			number--
			n = -n
		}
		if n > int64(len(r.rest)) {
			if !skip {
				kt.damaged("entry %d extends beyond the end of the file", number)
			}
			break
		}
		record, end := r, int64(len(b)-len(r.rest))+n
		record.rest = r.rest[:n]
		r.rest = r.rest[n:]
		if skip {
			continue
		}
		if e, ok := record.keytabEntry(end); ok {
			kt.Entries = append(kt.Entries, e)
		} else {
			kt.damaged("entry %d is malformed", number)
		}
	}
	if len(kt.Entries) == 0 && kt.damage != "" {
		return nil, badKeytab("%s", kt.damage)
	}
	return kt, nil
}

// damaged notes what cannot be read. An administrator needs only the first fault.
func (kt *Keytab) damaged(format string, number int) {
	if kt.damage == "" {
		kt.damage = fmt.Sprintf(format, number)
	}
}

// keytabEntry reads the entry that ends at offset end of the file, except for its key.
func (r *fileReader) keytabEntry(end int64) (e KeytabEntry, ok bool) {
	components := int(r.uint16())
	if r.v1 {
		components-- // the realm counts
	}
	e.Principal.Type = token.NTPrincipal
	e.Principal.Realm = string(r.bytes(int64(r.uint16())))
	if components < 0 || components > len(r.rest)/2 {
		return e, false
	}
	for range components {
		e.Principal.Components = append(e.Principal.Components, string(r.bytes(int64(r.uint16()))))
	}
	if !r.v1 {
		e.Principal.Type = int32(r.uint32())
	}
	e.Time = r.time()
	e.KVNO = uint32(r.uint8())
	e.EType = int32(r.uint16())
	e.size = len(r.bytes(int64(r.uint16())))
	if r.short {
		return e, false
	}
	e.at = end - int64(len(r.rest)+e.size)
	// Newer programs store the whole version number after the key, unless it is 0.
	if len(r.rest) >= 4 {
		if kvno := r.uint32(); kvno != 0 {
			e.KVNO = kvno
		}
	}
	// A key of the wrong size makes its own entry unusable, not the others.
	etype := crypto.EType(e.EType)
	e.Usable = etype.Supported() && e.size == etype.KeySize()
	return e, true
}
