// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "strings"

// splitType splits TYPE:residual. A name without a colon, and an absolute path, is that of a file.
func splitType(name string) (kind, residual string) {
	if strings.HasPrefix(name, "/") {
		return "FILE", name
	}
	kind, residual, ok := strings.Cut(name, ":")
	if !ok {
		return "FILE", name
	}
	return kind, residual
}
