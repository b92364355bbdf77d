// SPDX-License-Identifier: BSD-2-Clause

package descriptor

import (
	"time"

	"golang.org/x/sys/unix"
)

// Backoff is the wait of a thread for a file that another process has locked. Its zero value is ready for use.
type Backoff struct{ next time.Duration }

// Pause sleeps for a moment, longer each time. It does so in a system call, because the scheduler would need another thread
// to wake a goroutine, and the engine may have none.
func (b *Backoff) Pause() {
	b.next = min(max(2*b.next, 20*time.Microsecond), 5*time.Millisecond)
	tv := unix.NsecToTimeval(int64(b.next))
	_, _ = unix.Select(0, nil, nil, nil, &tv)
}
