// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"bytes"
	"crypto/rand"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var now = time.Unix(1_800_000_000, 0)

func testPlace(t testing.TB) *Place {
	t.Helper()
	return &Place{Directories: []string{t.TempDir()}, ID: uint32(os.Geteuid())}
}

func (p *Place) file() string { return p.directory(p.Directories[0]) + "/" + fileName }

func randomKey(t testing.TB) *Key {
	t.Helper()
	key := new(Key)
	if _, err := rand.Read(key[:]); err != nil {
		t.Fatal(err)
	}
	return key
}

func put(t testing.TB, l *Ledgers, p *Place) (Ref, *Key) {
	t.Helper()
	key := randomKey(t)
	ref, err := l.Deposit(p, key, now, now.Add(time.Hour), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ref, key
}

// take claims a key as a token's importer does.
func take(l *Ledgers, p *Place, ref Ref, at time.Time) (Key, error) {
	e, err := l.Peek(p, ref, at)
	if err != nil {
		return Key{}, err
	}
	return *e.Key(), e.Claim()
}

func TestKeyIsTakenOnce(t *testing.T) {
	p := testPlace(t)
	var exporter, importer, late Ledgers
	ref, key := put(t, &exporter, p)
	if got, err := take(&importer, p, ref, now); err != nil || got != *key {
		t.Fatalf("the first importer: %v", err)
	}
	for _, l := range []*Ledgers{&importer, &late, &exporter} {
		if _, err := take(l, p, ref, now); err != ErrUsed {
			t.Errorf("a later importer: %v", err)
		}
	}
}

func TestOnlyOneOfTwoImportersClaimsTheKey(t *testing.T) {
	p := testPlace(t)
	var l, other Ledgers
	ref, _ := put(t, &l, p)
	a, errA := l.Peek(p, ref, now)
	b, errB := other.Peek(p, ref, now)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if errA, errB = a.Claim(), b.Claim(); errA != nil || errB != ErrUsed {
		t.Errorf("%v, %v", errA, errB)
	}
}

func TestClaimedKeyIsNotInTheFile(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, key := put(t, &l, p)
	if b := readFile(t, p); !bytes.Contains(b, key[:]) {
		t.Fatal("the key of a token under way is not in the ledger")
	}
	if _, err := take(&l, p, ref, now); err != nil {
		t.Fatal(err)
	}
	b := readFile(t, p)
	for i := 0; i < KeySize; i += 8 {
		if bytes.Contains(b, key[i:i+8]) {
			t.Errorf("octets %d-%d of the key are in the ledger after the import", i, i+7)
		}
	}
}

func readFile(t testing.TB, p *Place) []byte {
	t.Helper()
	b, err := os.ReadFile(p.file())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSlotEndsWithItsContext(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, key := put(t, &l, p)
	if _, err := l.Peek(p, ref, now.Add(time.Hour)); err != nil {
		t.Errorf("at the end: %v", err)
	}
	if _, err := l.Peek(p, ref, now.Add(time.Hour+time.Second)); err != ErrUsed {
		t.Errorf("after the end: %v", err)
	}
	// Whoever opens the ledger next wipes the key.
	var late Ledgers
	if _, err := late.Deposit(p, randomKey(t), now.Add(2*time.Hour), now.Add(3*time.Hour), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if b := readFile(t, p); bytes.Contains(b, key[:8]) {
		t.Error("the key of a context that has ended is in the ledger")
	}
}

func TestLedgerGrowsAndItsSlotsAreUsedAgain(t *testing.T) {
	p := testPlace(t)
	var l, other Ledgers
	var refs []Ref
	var keys []*Key
	for range 3 * firstSlots {
		ref, key := put(t, &l, p)
		refs, keys = append(refs, ref), append(keys, key)
	}
	if n := len(readFile(t, p)); n != 4*firstSlots*slotSize {
		t.Errorf("%d octets", n)
	}
	for i := range refs {
		if got, err := take(&other, p, refs[i], now); err != nil || got != *keys[i] {
			t.Fatalf("token %d: %v", i, err)
		}
	}
	for range 3 * firstSlots {
		put(t, &l, p)
	}
	if n := len(readFile(t, p)); n != 4*firstSlots*slotSize {
		t.Errorf("%d octets after slots were free", n)
	}
}

func TestFullLedgerSaysSo(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	key := randomKey(t)
	for i := range maxSlots {
		_, err := l.Deposit(p, key, now, now.Add(time.Hour), rand.Reader)
		if err == nil {
			continue
		}
		text := err.Error()
		if i < maxSlots-1 || !strings.Contains(text, "never imported") || !strings.Contains(text, p.Directories[0]) {
			t.Fatalf("deposit %d: %v", i, err)
		}
		if _, err := l.Deposit(p, key, now.Add(2*time.Hour), now.Add(3*time.Hour), rand.Reader); err != nil {
			t.Errorf("when all contexts have ended: %v", err)
		}
		return
	}
	t.Error("the ledger has no end")
}

// If a process dies between any two instructions, others take what it leaves, but not before it must be dead.
func TestSlotsOfTheDeadAreReused(t *testing.T) {
	at := seconds(now)
	for _, kind := range []int{filling, claimed} {
		for left := range keyWords + 1 {
			table := make(table, 2*slotWords)
			slot := table.slot(1)
			slot[wordState].Store(uint64(newState(kind, at+patience, 7)))
			for i := range left {
				slot[wordKey+i].Store(uint64(1000 + i))
			}
			key := randomKey(t)
			if _, ok := table.deposit(key, 0, at+patience, at+3600); ok {
				t.Error("a slot was taken from one who may be at work")
			}
			if table.sweep(at + patience); slot[wordKey].Load() == 0 && left > 0 {
				t.Error("a key was wiped under one who may be at work")
			}
			ref, ok := table.deposit(key, 0, at+patience+1, at+3600)
			if got, valid := table.peek(ref, at+patience+1); !ok || !valid || got != *key {
				t.Errorf("kind %d, %d words: the slot cannot be used again", kind, left)
			}
		}
	}
}

// A process that was stopped while it filled or wiped a slot, and continues when the slot has another owner, changes
// nothing.
func TestSleepersChangeNothing(t *testing.T) {
	at := seconds(now)
	table := make(table, 2*slotWords)
	slot := table.slot(1)
	old, young := toWords(randomKey(t)), randomKey(t)

	// The exporter had written nothing, or only a part.
	for stopped := range keyWords + 1 {
		clear(table)
		mine := newState(filling, at+patience, 1)
		slot[wordState].Store(uint64(mine))
		for i := range stopped {
			slot[wordKey+i].Store(old[i])
		}
		ref, ok := table.deposit(young, 0, at+patience+1, at+3600)
		if !ok {
			t.Fatal("no slot")
		}
		if fill(slot, &old) {
			t.Error("the sleeper has written its key")
		}
		if slot[wordState].CompareAndSwap(uint64(mine), uint64(newState(ready, at+3600, 1))) {
			t.Error("the slot was given away")
		}
		unfill(slot, &old)
		if got, ok := table.peek(ref, at+patience+1); !ok || got != *young {
			t.Errorf("stopped after %d words: the new owner's key is damaged", stopped)
		}
	}
}

// Two threads claim at the same instant, again and again, because a claim is one instruction. They meet in each round, and
// one continues a little later than the other, by a different time in each, so that in some rounds both are between the
// same two instructions. Rounds in which one had to wait for a processor do not count, unless there are no others.
func TestClaimsAtTheSameInstant(t *testing.T) {
	const late, wait = 32, 1000
	want := int64(500_000)
	if testing.Short() {
		want = 200_000
	}
	patience := 20 * time.Second
	if runtime.NumCPU() > 1 {
		patience = 4 * time.Minute // others may be using the second processor
	}
	end := time.Now().Add(patience)
	at := seconds(now)
	table := make(table, 2*slotWords)
	key := randomKey(t)
	var ref Ref
	var arrived, slow, won, met, wrong atomic.Int64
	var over atomic.Bool
	meet := func(n int64) (spins int) {
		arrived.Add(1)
		for arrived.Load() < n {
			if spins++; spins > wait {
				runtime.Gosched()
			}
		}
		return spins
	}
	claimer := func(first bool) {
		for i := int64(0); ; i++ {
			meet(4*i + 2)
			if first {
				if n := won.Swap(0); n != min(i, 1) {
					wrong.Add(1)
				}
				if slow.Load() != i-1 {
					met.Add(1)
				}
				ref, _ = table.deposit(key, 0, at, at+3600)
				over.Store(met.Load() >= want || wrong.Load() != 0 || i%1024 == 0 && time.Now().After(end))
			}
			if meet(4*i+4) > wait {
				slow.Store(i)
			}
			if over.Load() {
				return
			}
			lag := i % (2 * late)
			if first {
				lag = late
			}
			for range lag {
				arrived.Load()
			}
			if table.claim(ref, key, at) {
				won.Add(1)
			}
		}
	}
	var group sync.WaitGroup
	group.Go(func() { claimer(true) })
	group.Go(func() { claimer(false) })
	group.Wait()
	if n := wrong.Load(); n != 0 {
		t.Errorf("in %d rounds the token was not claimed once", n)
	}
}

func TestSerialsWrapAround(t *testing.T) {
	s := newState(ready, 1<<32-1, serialMask)
	if s.kind() != ready || s.until() != 1<<32-1 || s.serial() != serialMask {
		t.Errorf("%#x", uint64(s))
	}
	if next := newState(free, 0, s.serial()+1); next != 0 {
		t.Errorf("%#x", uint64(next))
	}
}

func TestThreadsShareALedger(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 2000 {
				ref, key := put(t, &l, p)
				if got, err := take(&l, p, ref, now); err != nil || got != *key {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestForeignRefsAreHarmless(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, _ := put(t, &l, p)
	for _, slot := range []uint32{0, ref.Slot + 1, firstSlots, maxSlots, 1<<32 - 1} {
		r := ref
		r.Slot = slot
		if _, err := take(&l, p, r, now); err != ErrUsed {
			t.Errorf("slot %d: %v", slot, err)
		}
	}
	for _, s := range []uint64{0, 1, ref.State ^ 1, ref.State &^ (3 << 62), 1<<64 - 1} {
		r := ref
		r.State = s
		if _, err := take(&l, p, r, now); err != ErrUsed {
			t.Errorf("state %#x: %v", s, err)
		}
	}
	r := ref
	r.Ledger[5] ^= 1
	if _, err := take(&l, p, r, now); err != ErrUnknown {
		t.Errorf("another ledger: %v", err)
	}
	if _, err := take(&l, p, ref, now); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

func BenchmarkDepositAndClaim(b *testing.B) {
	p := testPlace(b)
	var l Ledgers
	key := randomKey(b)
	for b.Loop() {
		ref, err := l.Deposit(p, key, now, now.Add(time.Hour), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := take(&l, p, ref, now); err != nil {
			b.Fatal(err)
		}
	}
}

// Whoever asks for the key of a token that is being imported, and comes too late, gets no octet of what has its slot now.
func TestKeyOfAnotherTokenIsNotRead(t *testing.T) {
	at := seconds(now)
	table := make(table, 2*slotWords)
	ref, ok := table.deposit(randomKey(t), 0, at, at+1)
	if !ok {
		t.Fatal("no slot")
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := uint64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
				table.slot(1)[wordState].Store(ref.State ^ i%2)
			}
		}
	}()
	for range 1_000_000 {
		if got, ok := table.peek(ref, at); !ok && got != (Key{}) {
			t.Error("a part of a key")
			break
		}
	}
	close(stop)
	<-stopped
}
