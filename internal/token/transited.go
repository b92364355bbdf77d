// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"errors"
	"strings"
)

// transitedX500 is the only registered encoding, DOMAIN-X500-COMPRESS.
const transitedX500 = 1

// maxTransited limits the number of realms of one ticket; a path through the deepest hierarchy of the Internet has a
// tenth as many.
const maxTransited = 256

// maxRealm limits the length of one expanded realm name, which the compression could make much longer than its
// encoding.
const maxRealm = 1024

// ParseTransited lists the realms that a ticket passed through from the client's realm to the server's (RFC 4120,
// Section 3.3.3.2). Both ends are needed because an empty subfield stands for all realms between its neighbours.
func ParseTransited(t Transited, client, server string) ([]string, error) {
	if len(t.Contents) == 0 {
		return nil, nil
	}
	if t.Type != transitedX500 {
		return nil, errors.New("unknown encoding of the transited realms")
	}
	fields, err := splitTransited(string(t.Contents))
	if err != nil {
		return nil, err
	}
	var realms []string
	previous, gap := "", false
	last := client // the realm that an empty subfield starts from
	for _, f := range fields {
		if f == "" {
			gap = true
			continue
		}
		realm := f
		switch {
		case f[0] == ' ':
			realm = f[1:]
		case strings.HasSuffix(f, "."):
			realm = f + previous
		case f[0] == '/' && previous != "":
			realm = previous + f
		}
		if len(realm) > maxRealm {
			return nil, errors.New("a transited realm is too long")
		}
		if len(realms) == maxTransited {
			return nil, errors.New("too many transited realms")
		}
		if gap {
			if realms, err = appendBetween(realms, last, realm); err != nil {
				return nil, err
			}
			gap = false
		}
		realms = append(realms, realm)
		previous, last = realm, realm
	}
	// An empty subfield at the very end reaches up to the server.
	if gap {
		return appendBetween(realms, last, server)
	}
	return realms, nil
}

// splitTransited splits at commas that are not quoted by a backslash, and removes the quoting.
func splitTransited(s string) ([]string, error) {
	var fields []string
	var cur strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case 0:
			return nil, errors.New("a transited realm has a NUL octet")
		case '\\':
			if i++; i == len(s) {
				return nil, errors.New("the transited realms end with a backslash")
			}
			cur.WriteByte(s[i])
		case ',':
			fields = append(fields, cur.String())
			cur.Reset()
		default:
			cur.WriteByte(s[i])
		}
		if len(fields) == maxTransited {
			return nil, errors.New("too many transited realms")
		}
	}
	return append(fields, cur.String()), nil
}

// appendBetween adds the realms strictly between a and b, one of which must be an ancestor of the other: A.B.C.D and
// C.D have B.C.D between them, and /C/B/A/Z and /C/B have /C/B/A. Other pairs are an error: their names do not reveal
// which realms are between them, and a ticket that hides them must not be mistaken for one that has none.
func appendBetween(realms []string, a, b string) ([]string, error) {
	long, short := a, b
	if len(long) < len(short) {
		long, short = short, long
	}
	if long == short {
		return realms, nil
	}
	x500 := strings.HasPrefix(long, "/")
	if x500 && !strings.HasPrefix(long, short+"/") || !x500 && !strings.HasSuffix(long, "."+short) {
		return nil, errors.New("the transited realms leave out realms that cannot be known")
	}
	for len(realms) < maxTransited {
		if x500 {
			long = long[:max(strings.LastIndexByte(long, '/'), 0)]
		} else {
			_, long, _ = strings.Cut(long, ".")
		}
		if len(long) <= len(short) {
			return realms, nil
		}
		realms = append(realms, long)
	}
	return nil, errors.New("too many transited realms")
}
