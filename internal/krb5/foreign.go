// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "time"

// Foreign is what the program has made in the libkrb5 that it uses beside this library: caches and keytabs of type MEMORY
// are where only that libkrb5 finds them.
type Foreign interface {
	// CCache returns the client of the cache MEMORY:residual, "" if there is none, and the credentials as files of version 4
	// have them. The caller wipes these.
	CCache(residual string) (client string, creds [][]byte, err error)

	// Keytab returns the keys of a keytab. The caller wipes them.
	Keytab(name string) ([]ForeignKey, error)

	// Key returns the key of a principal, in its text form, in a keytab that cannot be listed; nil if there is none. The
	// caller wipes it. Without a principal it says only whether there is such a keytab.
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
