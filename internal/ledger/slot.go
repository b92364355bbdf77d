// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"encoding/binary"
	"hash/crc32"
	"sync/atomic"
	"time"
)

// A ledger is a table of slots of 64 octets, one cache line each; the first slot is the file's header. All of it
// consists of words that are only ever loaded and changed by compare-and-swap: a process that was stopped in the
// middle of its work and continues hours later finds that its words have changed, and changes nothing.
const (
	slotWords = 8
	slotSize  = 8 * slotWords

	// Of a slot.
	wordState = 0
	wordKey   = 1 // and the three behind it
	keyWords  = KeySize / 8

	// Of the header.
	wordMagic = 0
	wordID    = 1 // and the one behind it
	wordCheck = 3

	headerWords = 4
)

// KeySize is the size of the keys in a ledger, in octets.
const KeySize = 32

// Key is the key of a sealed token.
type Key [KeySize]byte

// magic identifies the file, its version and its byte order.
const magic = uint64(0x47535f4c45444731) // "GS_LEDG1"

// The state of a slot is one word: what the slot contains (2 bits), until when (32 bits, seconds since 1970), and how
// often it was taken (30 bits). A process that takes a slot thus declares with the same instruction how long it may be
// considered busy.
type state uint64

const (
	free    = iota // holds nothing
	filling        // a key is being written
	ready          // holds the key of a token that can be imported
	claimed        // its token was imported, the key is being wiped
)

const (
	serialBits = 30
	serialMask = 1<<serialBits - 1
)

func newState(kind int, until uint32, serial uint64) state {
	return state(uint64(kind)<<62 | uint64(until)<<serialBits | serial&serialMask)
}

func (s state) kind() int      { return int(s >> 62) }
func (s state) until() uint32  { return uint32(s >> serialBits) }
func (s state) serial() uint64 { return uint64(s) & serialMask }

const (
	// patience is how long a slot may be considered busy being filled or wiped, which takes a microsecond.
	patience = 30 // seconds

	// maxLifetime limits how long a slot is kept; it exceeds the lifetime of any ticket. Words with a larger value come
	// from a damaged file.
	maxLifetime = 400 * 24 * 3600 // seconds
)

// reusable reports whether a slot may be taken: it is free, its context has expired, or the process that filled or
// wiped it is dead.
func (s state) reusable(now uint32) bool {
	if s.kind() == free || s.until() < now {
		return true
	}
	limit := uint64(maxLifetime)
	if s.kind() != ready {
		limit = patience
	}
	return uint64(s.until()) > uint64(now)+limit
}

// seconds converts a time to the form used in slots.
func seconds(t time.Time) uint32 { return uint32(max(0, min(t.Unix(), 1<<32-1))) }

// table is a mapped ledger, header included.
type table []atomic.Uint64

func (t table) slot(i uint32) []atomic.Uint64 { return t[int(i)*slotWords:][:slotWords] }

func (t table) slots() uint32 { return uint32(len(t) / slotWords) }

// newHeader returns the first slot of a new ledger. The check distinguishes a damaged header from that of another
// host.
func newHeader(id ID) []byte {
	b := binary.NativeEndian.AppendUint64(make([]byte, 0, slotSize), magic)
	b = append(b, id[:]...)
	b = binary.NativeEndian.AppendUint64(b, headerCheck(b))
	return b[:slotSize]
}

// The table is made when it is first needed, and not at each start of an engine.
func headerCheck(b []byte) uint64 {
	return uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))) | 1<<32
}

// header returns the words of the header.
func (t table) header() (words [headerWords]uint64) {
	for i := range words {
		words[i] = t[i].Load()
	}
	return words
}

// identity returns the ledger's ID, which a header has. ok is false if the header is damaged.
func identity(header *[headerWords]uint64) (id ID, ok bool) {
	var b [8 * wordCheck]byte
	for i := range wordCheck {
		binary.NativeEndian.PutUint64(b[8*i:], header[i])
	}
	copy(id[:], b[8*wordID:])
	return id, header[wordMagic] == magic && header[wordCheck] == headerCheck(b[:])
}

type keyInWords [keyWords]uint64

func toWords(key *Key) (w keyInWords) {
	for i := range w {
		w[i] = binary.NativeEndian.Uint64(key[8*i:])
	}
	return w
}

// deposit stores key until end in the first free slot at or after the hint. ok is false if there is none.
func (t table) deposit(key *Key, hint, now, end uint32) (ref Ref, ok bool) {
	words := toWords(key)
	defer clear(words[:])
	n := t.slots() - 1
	for i := range n {
		index := 1 + (hint+i)%n
		slot := t.slot(index)
		before := state(slot[wordState].Load())
		if !before.reusable(now) {
			continue
		}
		mine, ok := seize(slot, before, filling, now)
		if !ok {
			continue
		}
		done := newState(ready, min(end, now+maxLifetime), mine.serial())
		if fill(slot, &words) && slot[wordState].CompareAndSwap(uint64(mine), uint64(done)) {
			return Ref{Slot: index, State: uint64(done)}, true
		}
		// Either we were stopped for so long that others took the slot, or they were.
		unfill(slot, &words)
	}
	return Ref{}, false
}

// fill writes a key to a wiped slot. It fails if another process, which must have slept past its time, writes to it.
func fill(slot []atomic.Uint64, words *keyInWords) bool {
	for i, w := range words {
		if !slot[wordKey+i].CompareAndSwap(0, w) {
			return false
		}
	}
	return true
}

// unfill wipes the words of a slot that belong to the given key.
func unfill(slot []atomic.Uint64, words *keyInWords) {
	for i, w := range words {
		if w != 0 {
			slot[wordKey+i].CompareAndSwap(w, 0)
		}
	}
}

// seize takes a reusable slot and wipes what its last user left there. This was read before the slot was ours: if we
// are stopped for so long that another process takes the slot from us, that process's key differs from it.
func seize(slot []atomic.Uint64, before state, kind int, now uint32) (mine state, ok bool) {
	var left keyInWords
	defer clear(left[:])
	for i := range left {
		left[i] = slot[wordKey+i].Load()
	}
	mine = newState(kind, now+patience, before.serial()+1)
	if !slot[wordState].CompareAndSwap(uint64(before), uint64(mine)) {
		return mine, false
	}
	seized()
	unfill(slot, &left)
	return mine, true
}

// seized is where a test stops a process.
var seized = func() {}

// peek returns the key of a token that has not been imported.
func (t table) peek(ref Ref, now uint32) (key Key, ok bool) {
	s := state(ref.State)
	if ref.Slot == 0 || ref.Slot >= t.slots() || s.kind() != ready || s.until() < now {
		return key, false
	}
	slot := t.slot(ref.Slot)
	if slot[wordState].Load() != ref.State {
		return key, false
	}
	for i := range keyWords {
		binary.NativeEndian.PutUint64(key[8*i:], slot[wordKey+i].Load())
	}
	// The key is intact only if the slot belonged to the token the whole time. Otherwise it may be another token's.
	if ok = slot[wordState].Load() == ref.State; !ok {
		clear(key[:])
	}
	return key, ok
}

// claim uses up a token: of all callers for one token in all processes, one succeeds. The key is wiped.
func (t table) claim(ref Ref, key *Key, now uint32) bool {
	if ref.Slot == 0 || ref.Slot >= t.slots() || state(ref.State).kind() != ready {
		return false
	}
	slot := t.slot(ref.Slot)
	mine := newState(claimed, now+patience, state(ref.State).serial())
	if !slot[wordState].CompareAndSwap(ref.State, uint64(mine)) {
		return false
	}
	words := toWords(key)
	defer clear(words[:])
	unfill(slot, &words)
	slot[wordState].CompareAndSwap(uint64(mine), uint64(newState(free, 0, mine.serial())))
	return true
}

// sweep wipes the keys that dead processes and expired contexts have left.
func (t table) sweep(now uint32) {
	for i := uint32(1); i < t.slots(); i++ {
		slot := t.slot(i)
		before := state(slot[wordState].Load())
		if before.kind() == free || !before.reusable(now) {
			continue
		}
		if mine, ok := seize(slot, before, claimed, now); ok {
			slot[wordState].CompareAndSwap(uint64(mine), uint64(newState(free, 0, mine.serial())))
		}
	}
}
