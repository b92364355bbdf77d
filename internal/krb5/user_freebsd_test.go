// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"testing"
)

// asOrdinaryUser skips the test for the superuser, who can read every file.
func asOrdinaryUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("the superuser reads every file, and FreeBSD threads have no user of their own")
	}
}
