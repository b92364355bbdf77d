// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "time"

// Foreign gives access to the libkrb5 that the program uses alongside this library. Only that libkrb5 finds the caches
// and keytabs of type MEMORY that the program creates with it.
type Foreign interface {
	// CCache returns the client of the cache MEMORY:residual, or "" if there is no such cache, and its credentials in
	// the format of version 4. The caller wipes these.
	CCache(residual string) (client string, creds [][]byte, err error)

	// Keytab returns the keys of a keytab. The caller wipes them.
	Keytab(name string) ([]ForeignKey, error)

	// Key returns the key of a principal, given as text, from a keytab that cannot be listed; nil if there is none. The
	// caller wipes it. With an empty principal it only checks that the keytab exists.
	Key(name, principal string, kvno uint32, etype int32) (*ForeignKey, error)
}

// ForeignKey is an entry of a keytab.
type ForeignKey struct {
	Principal string
	KVNO      uint32
	Time      time.Time
	EType     int32
	Key       []byte
}
