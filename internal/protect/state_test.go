// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"sync"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

func TestNoMemoryIsAnErrorAndCostsNoNumber(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA1, nil)
	none := &message.Memory{Alloc: func(int) []byte { return nil }, Free: func([]byte) { t.Error("freed nothing") }}
	tok := wrap(t, a, true, []byte("message"))
	signed := wrap(t, a, false, []byte("message"))
	_, err1 := i.GetMIC(0, nil, none)
	_, err2 := i.Wrap(true, 0, nil, none)
	_, err3 := i.Wrap(false, 0, nil, none)
	_, _, _, err4 := i.Unwrap(tok, none)
	_, _, _, err5 := i.Unwrap(signed, none)
	_, err6 := i.PseudoRandom(true, nil, 16, none)
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		if err == nil || status.Of(err).Major != status.Failure {
			t.Errorf("%v", err)
		}
	}
	accepted(t, i, tok, []byte("message"))
	accepted(t, a, wrap(t, i, true, nil), nil)
}

func TestSupplementaryCodesComeWithTheMessage(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA2, nil)
	var toks [][]byte
	for n := range 4 {
		toks = append(toks, wrap(t, i, n%2 == 0, []byte("message")))
	}
	sum := mic(t, i, nil)
	for _, c := range []struct {
		tok  []byte
		want status.Major
	}{
		{toks[0], 0}, {toks[0], status.DuplicateToken}, {toks[2], status.GapToken}, {toks[1], status.UnseqToken},
		{toks[1], status.DuplicateToken}, {toks[3], 0},
	} {
		msg, _, got, err := a.Unwrap(c.tok, &newHeap().Memory)
		if err != nil || got != c.want || string(msg) != "message" {
			t.Errorf("%q, %x, %v, want %x", msg, got, err, c.want)
		}
	}
	if got, err := a.VerifyMIC(nil, sum); err != nil || got != 0 {
		t.Errorf("MIC: %x, %v", got, err)
	}
	if got, err := a.VerifyMIC(nil, sum); err != nil || got != status.DuplicateToken {
		t.Errorf("MIC again: %x, %v", got, err)
	}
}

func TestStateCarriesAContextOver(t *testing.T) {
	i, a := pair(t, crypto.AES256SHA2, nil)
	first := wrap(t, i, true, []byte("first"))
	accepted(t, a, first, []byte("first"))
	wrap(t, i, true, []byte("lost"))
	send, recv, w := a.State()
	if send != 200 || recv != 101 {
		t.Errorf("numbers are %d and %d", send, recv)
	}
	_, b := pair(t, crypto.AES256SHA2, func(p *Params) { p.RecvSeq, p.Window = send, &w })
	if _, _, s, err := b.Unwrap(first, &newHeap().Memory); err != nil || s != status.DuplicateToken {
		t.Errorf("the message from before: %x, %v", s, err)
	}
	if _, _, s, err := b.Unwrap(wrap(t, i, true, nil), &newHeap().Memory); err != nil || s != status.GapToken {
		t.Errorf("the next message: %x, %v", s, err)
	}
	accepted(t, i, wrap(t, b, true, []byte("answer")), []byte("answer"))
}

func TestWipedContextAnswersNoContext(t *testing.T) {
	i, a := pair(t, crypto.AES128SHA1, nil)
	tok, sum := wrap(t, a, true, nil), mic(t, a, nil)
	i.Wipe()
	i.Wipe()
	h := newHeap()
	_, err1 := i.GetMIC(0, nil, &h.Memory)
	_, err2 := i.Wrap(true, 0, nil, &h.Memory)
	_, _, _, err3 := i.Unwrap(tok, &h.Memory)
	_, err4 := i.VerifyMIC(nil, sum)
	_, err5 := i.WrapSizeLimit(true, 0, 100)
	_, err6 := i.PseudoRandom(true, nil, 16, &h.Memory)
	_, err7 := i.PseudoRandom(false, nil, 16, &h.Memory)
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
		if err == nil || status.Of(err).Major != status.NoContext {
			t.Errorf("%v", err)
		}
	}
}

func TestBothDirectionsAndManyThreadsWorkAtOnce(t *testing.T) {
	i, a := pair(t, crypto.AES256SHA1, nil)
	var wg sync.WaitGroup
	for _, way := range [][2]*Protection{{i, a}, {a, i}} {
		for range 3 {
			wg.Go(func() {
				for n := range 50 {
					msg := bytes.Repeat([]byte{byte(n)}, n*7)
					tok, err := way[0].Wrap(n%2 == 0, 0, msg, &newHeap().Memory)
					if err != nil {
						t.Error(err)
						return
					}
					got, _, s, err := way[1].Unwrap(tok, &newHeap().Memory)
					if err != nil || s&(status.DuplicateToken|status.OldToken) != 0 || !bytes.Equal(got, msg) {
						t.Errorf("%x, %v", s, err)
					}
				}
			})
		}
	}
	wg.Wait()
	if send, recv, _ := a.State(); send != 350 || recv != 250 {
		t.Errorf("after 150 messages each way the numbers are %d and %d", send, recv)
	}
}

// arena hands out the same memory again and again.
func arena(n int) *message.Memory {
	block := make([]byte, n)
	return &message.Memory{Alloc: func(n int) []byte { return block[:n] }, Free: func([]byte) {}}
}

func TestMessagesCostNoGoAllocation(t *testing.T) {
	for _, e := range allTypes {
		i, a := pair(t, e, nil)
		msg := make([]byte, 1000)
		out, in := arena(2000), arena(2000)
		n := testing.AllocsPerRun(100, func() {
			for _, conf := range []bool{false, true} {
				tok, err := i.Wrap(conf, 0, msg, out)
				if err != nil {
					t.Fatal(err)
				}
				if _, _, s, err := a.Unwrap(tok, in); s != 0 || err != nil {
					t.Fatal(s, err)
				}
			}
			tok, err := i.GetMIC(0, msg, out)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := a.VerifyMIC(msg, tok); s != 0 || err != nil {
				t.Fatal(s, err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations for three messages", e, n)
		}
	}
}
