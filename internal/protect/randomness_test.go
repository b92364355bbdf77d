// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestRandomnessIsGivenOnce(t *testing.T) {
	source := make([]byte, 10_000)
	for i := range source {
		source[i] = byte(i ^ i>>8)
	}
	whole := bytes.NewReader(source)
	for name, from := range map[string]io.Reader{
		"all-at-once": whole, "one-octet-at-a-time": iotest.OneByteReader(bytes.NewReader(source)),
	} {
		r := randomness{source: from}
		var got []byte
		// 16 divides what is asked for at a time, 8 and 200 do not take it as it comes.
		for _, n := range []int{16, 16, 128, 200, 16, 96, 16} {
			b := make([]byte, n)
			if _, err := io.ReadFull(&r, b); err != nil {
				t.Fatal(err)
			}
			if len(got) > 0 && bytes.Contains(got, b) {
				t.Errorf("%s: octets are given again", name)
			}
			if !bytes.Contains(source, b) {
				t.Errorf("%s: octets are not the source's", name)
			}
			got = append(got, b...)
		}
		for _, octet := range r.octets[:len(r.octets)-len(r.left)] {
			if octet != 0 {
				t.Errorf("%s: octets that were given are kept", name)
				break
			}
		}
	}
}

func TestRandomnessFailsWithItsSource(t *testing.T) {
	fault := errors.New("no more")
	r := randomness{source: io.MultiReader(bytes.NewReader(make([]byte, 20)), iotest.ErrReader(fault))}
	b := make([]byte, 16)
	if _, err := io.ReadFull(&r, b); err != nil {
		t.Error(err)
	}
	if n, err := r.Read(b); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}
