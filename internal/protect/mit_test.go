// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// mitContext replays one context of testdata/tokens-mit-1.20.txt.
type mitContext struct {
	t        *testing.T
	params   Params
	side     string
	ends     map[string]*Protection // by who sends
	msg, in  []byte
	messages int
	prfs     int
}

func TestTokensOfMITKrb5(t *testing.T) {
	f, err := os.Open("testdata/tokens-mit-1.20.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var (
		c        *mitContext
		messages int
		prfs     int
	)
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		fields := strings.Fields(s.Text())
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		if fields[0] == "context" {
			e, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			if c != nil {
				messages, prfs = messages+c.messages, prfs+c.prfs
			}
			c = &mitContext{t: t, ends: make(map[string]*Protection)}
			c.params = Params{Replay: true, Sequence: true, Rand: rand.Reader, Mech: token.MechKRB5}
			c.params.AcceptorSubkey = len(fields) == 3
			c.params.Key = testKey(crypto.EType(e), 0)
			continue
		}
		t.Logf("line %d", line)
		c.line(fields[0], fields[1:])
		if t.Failed() {
			return
		}
	}
	messages, prfs = messages+c.messages, prfs+c.prfs
	if messages != 8*2*7*3 || prfs != 8*3+4*3 {
		t.Errorf("%d messages and %d pseudo-random values", messages, prfs)
	}
}

func (c *mitContext) line(what string, fields []string) {
	t := c.t
	octets := func() []byte {
		if fields[0] == "-" {
			return nil
		}
		b, err := hex.DecodeString(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	switch what {
	case "key":
		k, err := crypto.NewKey(c.params.Key.EType(), octets())
		if err != nil {
			t.Fatal(err)
		}
		c.params.Key = k
	case "side":
		c.side = fields[0]
	case "message":
		c.msg = octets()
	case "sealed", "signed", "mic":
		c.message(what, octets())
	case "prf-input":
		c.in = octets()
	case "prf-full", "prf-partial":
		if what == "prf-partial" && c.params.AcceptorSubkey {
			return // the record has not the initiator's subkey
		}
		want := octets()
		got, err := c.ends["initiator"].PseudoRandom(what == "prf-full", c.in, len(want), &newHeap().Memory)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is %x, want %x (%v)", what, got, want, err)
		}
		c.prfs++
	case "limit":
		out, err1 := strconv.ParseUint(fields[1], 10, 32)
		want, err2 := strconv.ParseUint(fields[2], 10, 32)
		got, err3 := c.ends["initiator"].WrapSizeLimit(fields[0] == "1", 0, uint32(out))
		if err1 != nil || err2 != nil || err3 != nil || uint64(got) != want {
			t.Errorf("size limit of %d is %d, want %d", out, got, want)
		}
	default:
		t.Fatalf("unknown line %q", what)
	}
}

// message has one end receive tok and the other one make the same.
func (c *mitContext) message(what string, tok []byte) {
	t := c.t
	c.messages++
	if c.ends[c.side] == nil {
		p := c.params
		p.Initiator = c.side == "initiator"
		p.SendSeq = binary.BigEndian.Uint64(tok[8:])
		sender, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		p.Initiator, p.RecvSeq = !p.Initiator, p.SendSeq
		receiver, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		c.ends[c.side], c.ends["to "+c.side] = sender, receiver
	}
	sender, receiver := c.ends[c.side], c.ends["to "+c.side]
	if what == "mic" {
		if s, err := receiver.VerifyMIC(c.msg, tok); s != 0 || err != nil {
			t.Errorf("MIC: %x, %v", s, err)
		}
		if ours := mic(t, sender, c.msg); !bytes.Equal(ours, tok) {
			t.Errorf("our MIC is %x, want %x", ours, tok)
		}
		return
	}
	accepted(t, receiver, tok, c.msg)
	ours := wrap(t, sender, what == "sealed", c.msg)
	same := len(tok)
	if what == "sealed" {
		same = 16 // the rest depends on the confounder
	}
	if len(ours) != len(tok) || !bytes.Equal(ours[:same], tok[:same]) {
		t.Errorf("our token is %x, want %x", ours, tok)
	}
}
