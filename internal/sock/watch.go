// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// wait is a wait for one socket. done receives nil when the socket is ready, or an error if it no longer exists.
type wait struct {
	fd     int
	id     identity
	events int16
	done   chan error
}

// One goroutine, and thus one blocked thread, waits for all sockets of the process, however many calls there are. It runs
// only while there is something to wait for, and so does the pair of sockets that tells it of changes to the list. The
// program may close these as well; then the goroutine looks at the list from time to time.
var watcher struct {
	mu      sync.Mutex
	waits   map[*wait]bool
	running bool
	bell    bell
}

// patience limits how long the watcher sleeps before it checks which descriptors still exist.
const patience = 250 * time.Millisecond

// watch begins a wait.
func watch(w *wait) {
	watcher.mu.Lock()
	defer watcher.mu.Unlock()
	if watcher.waits == nil {
		watcher.waits = map[*wait]bool{}
	}
	watcher.waits[w] = true
	if watcher.running {
		watcher.bell.ring()
		return
	}
	watcher.running = true
	watcher.bell = newBell()
	go run()
}

// unwatch ends a wait that is no longer needed. The watcher need not learn of it at once.
func unwatch(w *wait) {
	watcher.mu.Lock()
	defer watcher.mu.Unlock()
	delete(watcher.waits, w)
	if len(watcher.waits) == 0 {
		watcher.bell.ring()
	}
}

// run waits for everything in the list until the list is empty.
func run() {
	for {
		list, bell := listed()
		if list == nil {
			return
		}
		polled := make([]unix.PollFd, 1, 1+len(list))
		polled[0] = unix.PollFd{Fd: int32(bell.ear), Events: unix.POLLIN} // no descriptor, if negative
		for _, w := range list {
			polled = append(polled, unix.PollFd{Fd: int32(w.fd), Events: w.events})
		}
		sleep := patience
		if bell.ear < 0 {
			sleep = patience / 50
		}
		n, err := unix.Poll(polled, int(sleep.Milliseconds()))
		if err != nil {
			n = 0
		}
		if n > 0 && polled[0].Revents != 0 {
			bell.quiet()
		}
		for i, w := range list {
			switch {
			case !w.id.isStill(w.fd):
				finish(w, ErrLost)
			case n > 0 && polled[1+i].Revents != 0:
				finish(w, nil)
			}
		}
	}
}

// listed returns the current waits, or nil at the end, and a working bell, if there can be one.
func listed() ([]*wait, bell) {
	watcher.mu.Lock()
	defer watcher.mu.Unlock()
	if len(watcher.waits) == 0 {
		watcher.bell.close()
		watcher.running = false
		return nil, bell{}
	}
	if !watcher.bell.works() {
		watcher.bell.close()
		watcher.bell = newBell()
	}
	list := make([]*wait, 0, len(watcher.waits))
	for w := range watcher.waits {
		list = append(list, w)
	}
	return list, watcher.bell
}

// finish ends a wait unless it has ended before.
func finish(w *wait, err error) {
	watcher.mu.Lock()
	defer watcher.mu.Unlock()
	if watcher.waits[w] {
		delete(watcher.waits, w)
		w.done <- err
	}
}

// bell is a pair of sockets: writing to one end wakes a thread that polls the other.
type bell struct {
	ear, button     int
	earID, buttonID identity
}

// newBell creates a bell, which is mute if there are no descriptors for it.
func newBell() bell {
	mute := bell{ear: -1, button: -1}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return mute
	}
	b := bell{ear: pair[0], button: pair[1]}
	var errEar, errButton error
	b.earID, errEar = identify(b.ear)
	b.buttonID, errButton = identify(b.button)
	if errEar != nil || errButton != nil {
		return mute
	}
	return b
}

func (b *bell) works() bool { return b.earID.isStill(b.ear) && b.buttonID.isStill(b.button) }

func (b *bell) ring() {
	if b.buttonID.isStill(b.button) {
		_ = unix.Sendmsg(b.button, []byte{0}, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	}
}

// quiet discards what was written to it.
func (b *bell) quiet() {
	var buf [1]byte
	for b.earID.isStill(b.ear) {
		if n, _, err := unix.Recvfrom(b.ear, buf[:], unix.MSG_DONTWAIT); err != nil || n <= 0 {
			return
		}
	}
}

func (b *bell) close() {
	b.earID.close(b.ear)
	b.buttonID.close(b.button)
}
