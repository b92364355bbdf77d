// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

func TestParseConfig(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Config
	}{
		{"empty", "", Config{Servers: []string{"127.0.0.1"}, Timeout: 5 * time.Second, Attempts: 2}},
		{"all", "# comment\nnameserver 192.0.2.1\nnameserver fe80::1%lo\nsearch a.test. b.test\noptions timeout:1 attempts:3 ndots:4 use-vc\n",
			Config{[]string{"192.0.2.1", "fe80::1%lo"}, []string{"a.test", "b.test"}, time.Second, 3, true}},
		{"last-list-counts", "search a\ndomain b\n; search c\n", Config{[]string{"127.0.0.1"}, []string{"b"}, 5 * time.Second, 2, false}},
		{"more-servers-than-a-resolver-takes", "nameserver 1\nnameserver 2\nnameserver 3\nnameserver 4",
			Config{[]string{"1", "2", "3"}, nil, 5 * time.Second, 2, false}},
		{"limits", "options timeout:3000 attempts:0\n", Config{[]string{"127.0.0.1"}, nil, 30 * time.Second, 1, false}},
		{"nonsense", "nameserver\noptions timeout:x attempts:-1 :\nsearch .\n\x00\n",
			Config{[]string{"127.0.0.1"}, nil, 5 * time.Second, 2, false}},
	} {
		if got := ParseConfig(test.text); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, not %+v", test.name, got, test.want)
		}
	}
}

func TestOrder(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	first := map[string]int{}
	const rounds = 4000
	for range rounds {
		list := []Service{{Priority: 2, Text: "last"}, {Priority: 1, Weight: 30, Text: "c"}, {Priority: 1, Weight: 10, Text: "b"},
			{Priority: 0, Text: "0"}, {Priority: 1, Weight: 60, Text: "d"}}
		order(list, random)
		if list[0].Text != "0" || list[4].Text != "last" {
			t.Fatalf("%+v", list)
		}
		first[list[1].Text]++
	}
	for text, weight := range map[string]int{"b": 10, "c": 30, "d": 60} {
		if n := first[text] * 100 / rounds; n < weight-5 || n > weight+5 {
			t.Errorf("%s is first %d times of 100, its weight is %d", text, n, weight)
		}
	}
	list := []Service{{Text: "a"}, {Text: "b"}, {Text: "c"}}
	if order(list, random); list[0].Text+list[1].Text+list[2].Text != "abc" {
		t.Errorf("%+v", list)
	}
}
