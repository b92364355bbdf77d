// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"
	"time"
)

// hanging remembers what has been waited for in vain. A call may need it several times, so after the first wait the
// others are short, until the time of the first one has passed or it was available again. The zero value is ready.
type hanging[K comparable] struct {
	mu    sync.Mutex
	since map[K]time.Time // when the last wait in vain ended
}

// patience returns how long to wait: whole, or only short if that was in vain before.
func (h *hanging[K]) patience(of K, whole, short time.Duration) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if since, ok := h.since[of]; ok && time.Since(since) < whole {
		return short
	}
	return whole
}

// waited remembers whether a wait was in vain.
func (h *hanging[K]) waited(of K, whole time.Duration, inVain bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !inVain {
		delete(h.since, of)
		return
	}
	for other, since := range h.since {
		if time.Since(since) >= whole {
			delete(h.since, other)
		}
	}
	if h.since == nil {
		h.since = make(map[K]time.Time)
	}
	h.since[of] = time.Now()
}
