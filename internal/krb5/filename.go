// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "strings"

// splitType takes TYPE:residual apart. A name without a colon and an absolute path are files.
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
