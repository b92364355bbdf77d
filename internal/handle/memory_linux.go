// SPDX-License-Identifier: BSD-2-Clause

package handle

import "golang.org/x/sys/unix"

const (
	mapExclusive = unix.MAP_FIXED_NOREPLACE
	errnoTaken   = unix.EEXIST
)
