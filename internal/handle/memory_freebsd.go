// SPDX-License-Identifier: BSD-2-Clause

package handle

import "golang.org/x/sys/unix"

const (
	mapExclusive = unix.MAP_FIXED | unix.MAP_EXCL | unix.MAP_NOCORE
	errnoTaken   = unix.ENOMEM // as for a lack of memory
)
