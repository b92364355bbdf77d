// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"libgssapi/internal/inherit"
	"libgssapi/internal/status"
)

// The words in which sequence numbers are recorded. The window has two places, so that it is never seen half written:
// wordTurn counts its changes, and if the count is even, the first place is valid.
const (
	wordSend = iota // number of the next message to send
	wordTurn
	wordWindow // Next, Map; and Next, Map again
)

// Record makes p record its sequence numbers in words, now and with each message. A nil words ends that.
func (p *Protection) Record(words *inherit.Words) {
	p.lock()
	defer p.unlock()
	p.send.words, p.recv.words = words, words
	p.send.record()
	p.recv.record()
}

// advance moves on to the next number after the present one was used.
func (s *sender) advance() {
	s.seq++
	s.record()
}

func (s *sender) record() {
	if s.words != nil {
		s.words[wordSend].Store(s.seq)
	}
}

// admit records number seq of a verified message and returns the supplementary code for it.
func (r *receiver) admit(seq uint64) status.Major {
	supplementary := r.window.check(seq)
	r.record()
	return supplementary
}

func (r *receiver) record() {
	if r.words == nil {
		return
	}
	turn := r.words[wordTurn].Load() + 1
	place := wordWindow + turn%2*2
	r.words[place].Store(r.window.Next)
	r.words[place+1].Store(r.window.Map)
	r.words[wordTurn].Store(turn)
}

// Recorded returns the sequence numbers that a Protection has recorded.
func Recorded(words *inherit.Words) (send, next, seen uint64) {
	place := wordWindow + words[wordTurn].Load()%2*2
	return words[wordSend].Load(), words[place].Load(), words[place+1].Load()
}
