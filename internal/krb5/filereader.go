// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// fileReader reads the records of keytabs and credential caches. A read beyond the end sets short and returns zeros, so
// that a chain of reads needs one check. Nothing is indexed, and no length is believed before it has been compared with
// what is left.
type fileReader struct {
	rest  cryptobyte.String
	order binary.ByteOrder
	v1    bool
	short bool
}

// bytes returns the next n octets; they alias the file.
func (r *fileReader) bytes(n int64) []byte {
	var b []byte
	if r.short || n < 0 || n > int64(len(r.rest)) || !r.rest.ReadBytes(&b, int(n)) {
		r.short = true
		return nil
	}
	return b
}

func (r *fileReader) uint8() uint8 {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *fileReader) uint16() uint16 {
	if b := r.bytes(2); b != nil {
		return r.order.Uint16(b)
	}
	return 0
}

func (r *fileReader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return r.order.Uint32(b)
	}
	return 0
}

// time reads seconds since 1970, unsigned as in MIT krb5; 0 is no time.
func (r *fileReader) time() time.Time {
	if n := r.uint32(); n != 0 {
		return time.Unix(int64(n), 0)
	}
	return time.Time{}
}
