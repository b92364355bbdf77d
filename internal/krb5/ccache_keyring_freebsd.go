// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "libgssapi/internal/status"

// keyringType is refused, because only Linux has keyrings.
var keyringType = &ccacheType{
	open:  func(_ *Library, _ *Env, residual string) (ccacheBackend, error) { return nil, noKeyrings(residual) },
	check: noKeyrings,
}

func noKeyrings(residual string) error {
	return status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
		"Unknown credential cache type: KEYRING:%s is of a type that only Linux has", residual)
}
