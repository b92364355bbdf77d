// SPDX-License-Identifier: BSD-2-Clause

package krb5

// Foreign is what the program has made in the libkrb5 that it uses beside this library: caches and keytabs that are in
// memory, where only that libkrb5 can find them.
type Foreign interface {
	// CCache returns the cache MEMORY:residual as a file of version 4, which the caller wipes; nil if there is none.
	CCache(residual string) ([]byte, error)

	// Keytab returns a keytab by its full name as a file of version 2, which the caller wipes; nil if there is none.
	Keytab(name string) ([]byte, error)
}
