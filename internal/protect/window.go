// SPDX-License-Identifier: BSD-2-Clause

package protect

import "libgssapi/internal/status"

// WindowSize is how many numbers before the expected one are remembered.
const WindowSize = 64

// Window is the record of the sequence numbers received (RFC 2743, Section 1.2.3), with which another process can
// continue.
type Window struct {
	Replay   bool // replay detection was agreed
	Sequence bool // sequencing was agreed

	Base uint64 // the first number of the peer; all below is relative to it, so that numbers may wrap around
	Next uint64 // the expected number: one more than the highest seen
	Map  uint64 // bit i is set if Next-1-i was seen
}

// check records number seq and returns the supplementary code for it. The codes and their precedence are those of MIT
// krb5 1.20, because programs act on them: an old number outside the window is "unsequenced" if sequencing was
// negotiated, and a number seen before is a duplicate only if replay detection was negotiated.
func (w *Window) check(seq uint64) status.Major {
	rel := seq - w.Base
	if rel >= w.Next {
		skipped := rel - w.Next
		if skipped >= WindowSize-1 {
			w.Map = 0
		} else {
			w.Map <<= skipped + 1
		}
		w.Map |= 1
		w.Next = rel + 1
		if skipped > 0 && w.Sequence {
			return status.GapToken
		}
		return status.Complete
	}
	behind := w.Next - rel // at least 1
	if behind > WindowSize {
		switch {
		case w.Sequence:
			return status.UnseqToken
		case w.Replay:
			return status.OldToken
		}
		return status.Complete
	}
	bit := uint64(1) << (behind - 1)
	if w.Map&bit != 0 && w.Replay {
		return status.DuplicateToken
	}
	w.Map |= bit
	if w.Sequence {
		return status.UnseqToken
	}
	return status.Complete
}
