// SPDX-License-Identifier: BSD-2-Clause

package rights

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRightsAreThoseOfTheThread(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change its groups")
	}
	if runtime.GOOS != "linux" {
		t.Skip("threads have groups of their own on Linux only")
	}
	at := func(change func() unix.Errno) Rights {
		result := make(chan Rights)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends
			if errno := change(); errno != 0 {
				t.Error(errno)
			}
			result <- Now()
		}()
		return <-result
	}
	set := func(ids ...uint32) func() unix.Errno {
		return func() unix.Errno { return setGroups(ids) }
	}
	if a, b := at(set(7, 9)), at(set(7, 9)); a != b {
		t.Errorf("%v, then %v", a, b)
	}
	if a, b := at(set(7, 9)), at(set(7)); a == b {
		t.Errorf("a group left is not seen: %v", a)
	}
	many := make([]uint32, 3000)
	for i := range many {
		many[i] = uint32(i)
	}
	if r := at(set(many...)); len(r.groups) != 4*len(many) {
		t.Errorf("%d octets for %d groups", len(r.groups), len(many))
	}
	if a, b := at(set()), at(func() unix.Errno { setGroups(nil); return setEGID(77) }); a == b || b.egid != 77 {
		t.Errorf("another effective group is not seen: %v", b)
	}
}
