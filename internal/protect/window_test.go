// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"libgssapi/internal/status"
)

// TestWindowAnswersAsMITKrb5 has one exception. After a jump of 64 numbers or more MIT krb5 shifts its map by the jump
// modulo 64, which C leaves undefined, and takes numbers that it never saw for duplicates.
func TestWindowAnswersAsMITKrb5(t *testing.T) {
	f, err := os.Open("testdata/window-mit-1.20.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	contexts, exceptions := 0, 0
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		contexts++
		// The numbers of the contexts recorded began anywhere; so do ours.
		w := Window{Base: rand.Uint64()}
		seen := make(map[uint64]bool)
		for _, field := range strings.Fields(s.Text()) {
			switch field {
			case "replay":
				w.Replay = true
				continue
			case "sequence":
				w.Sequence = true
				continue
			}
			var (
				n    uint64
				want status.Major
			)
			if _, err := fmt.Sscanf(field, "%d:%x", &n, &want); err != nil {
				t.Fatal(err)
			}
			got := w.check(w.Base + n)
			if want == status.DuplicateToken && !seen[n] {
				exceptions++
				want = status.Complete
				if w.Sequence {
					want = status.UnseqToken
				}
			}
			seen[n] = true
			if got != want {
				t.Errorf("line %d: number %d gives %x, MIT krb5 gives %x", line, n, got, want)
			}
		}
	}
	if err := s.Err(); err != nil || contexts != 48 || exceptions != 26 {
		t.Fatalf("%d contexts, %d exceptions, %v", contexts, exceptions, err)
	}
}

// slowWindow says the same as Window, by the meaning of the words and from memory of everything.
type slowWindow struct {
	replay, sequence bool
	seen             []uint64
}

func (w *slowWindow) check(rel uint64) status.Major {
	var expected uint64
	for _, s := range w.seen {
		expected = max(expected, s+1)
	}
	again := slices.Contains(w.seen, rel)
	old := rel+64 < expected
	w.seen = append(w.seen, rel)
	switch {
	case !w.replay && !w.sequence:
		return status.Complete
	case rel == expected:
		return status.Complete
	case rel > expected && w.sequence:
		return status.GapToken
	case rel > expected:
		return status.Complete
	case old && w.sequence:
		return status.UnseqToken
	case old:
		return status.OldToken
	case again && w.replay:
		return status.DuplicateToken
	case w.sequence:
		return status.UnseqToken
	}
	return status.Complete
}

func TestWindowAgreesWithSlowModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	bases := []uint64{0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 1 << 32, 1<<63 - 2, 1<<64 - 2, 1<<64 - 1}
	for i := range 2000 {
		base := bases[i%len(bases)]
		fast := Window{Replay: i&1 != 0, Sequence: i&2 != 0, Base: base}
		slow := slowWindow{replay: fast.Replay, sequence: fast.Sequence}
		reach := []int{2, 8, 63, 64, 65, 66, 130, 200}[random.IntN(8)]
		next := 0
		for step := range 80 {
			rel := next + random.IntN(2*reach+1) - reach
			if random.IntN(3) == 0 {
				rel = next
			}
			rel = max(rel, 0)
			next = max(next, rel+1)
			got, want := fast.check(base+uint64(rel)), slow.check(uint64(rel))
			if got != want {
				t.Fatalf("base %d, step %d: number %d gives %x, want %x", base, step, rel, got, want)
			}
		}
		if fast.Next != uint64(next) {
			t.Fatalf("next is %d, want %d", fast.Next, next)
		}
	}
}

func TestEveryPermutationOfSixMessagesAgreesWithSlowModel(t *testing.T) {
	var permute func(prefix, rest []uint64)
	permute = func(prefix, rest []uint64) {
		if len(rest) == 0 {
			for flags := range 4 {
				fast := Window{Replay: flags&1 != 0, Sequence: flags&2 != 0, Base: 1<<64 - 3}
				slow := slowWindow{replay: fast.Replay, sequence: fast.Sequence}
				for _, n := range prefix {
					if got, want := fast.check(fast.Base+n), slow.check(n); got != want {
						t.Fatalf("%v: number %d gives %x, want %x", prefix, n, got, want)
					}
				}
			}
			return
		}
		for i, n := range rest {
			permute(append(slices.Clone(prefix), n), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	permute(nil, []uint64{0, 1, 2, 2, 65, 66})
}

func TestNumberBelowTheFirstIsFarAhead(t *testing.T) {
	for flags, want := range map[string]status.Major{"replay": status.Complete, "sequence": status.GapToken} {
		w := Window{Replay: flags == "replay", Sequence: flags == "sequence", Base: 100}
		if got := w.check(99); got != want {
			t.Errorf("%s: %x, want %x", flags, got, want)
		}
	}
}
