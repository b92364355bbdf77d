// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "golang.org/x/sys/unix"

// sandboxed reports whether err says that the process may no longer look at files, because it is in capability mode.
var sandboxed = func(err error) bool { return err == unix.ECAPMODE || err == unix.ENOTCAPABLE }
