// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// value is one of DER: with others in it, or with octets.
type value struct {
	tag      byte
	children []*value
	octets   []byte
	length   func(int) []byte // other than DER's, or nil
}

// parse reads values until the end; nil if the octets are not values.
func parse(b []byte, depth int) []*value {
	var list []*value
	for len(b) > 0 {
		if len(b) < 2 || b[0]&0x1f == 0x1f || depth > 30 {
			return nil
		}
		n, size := int(b[1]), 2
		if b[1] >= 0x80 {
			more := int(b[1] & 0x7f)
			if more == 0 || more > 4 || len(b) < 2+more {
				return nil
			}
			n = 0
			for _, o := range b[2 : 2+more] {
				n = n<<8 | int(o)
			}
			size += more
		}
		if n > len(b)-size {
			return nil
		}
		v := &value{tag: b[0], octets: slices.Clone(b[size : size+n])}
		if b[0]&0x20 != 0 {
			v.children = parse(v.octets, depth+1)
		}
		list = append(list, v)
		b = b[size+n:]
	}
	return list
}

func marshal(list []*value) []byte {
	var b []byte
	for _, v := range list {
		content := v.octets
		if v.children != nil {
			content = marshal(v.children)
		}
		length := derLength
		if v.length != nil {
			length = v.length
		}
		b = append(append(append(b, v.tag), length(len(content))...), content...)
	}
	return b
}

func derLength(n int) []byte {
	switch {
	case n < 0x80:
		return []byte{byte(n)}
	case n < 0x100:
		return []byte{0x81, byte(n)}
	case n < 0x10000:
		return []byte{0x82, byte(n >> 8), byte(n)}
	}
	return []byte{0x83, byte(n >> 16), byte(n >> 8), byte(n)}
}

// place is a value, the list that it is in, and the tags on the way to it.
type place struct {
	list *[]*value
	at   int
	path string
}

func places(list *[]*value, path string) []place {
	var all []place
	for i, v := range *list {
		p := fmt.Sprintf("%s/%02x", path, v.tag)
		all = append(all, place{list, i, p})
		if v.children != nil {
			all = append(all, places(&v.children, p)...)
		}
	}
	return all
}

// mutate changes a message and says how.
func mutate(r *rand.Rand, message []byte) (changed []byte, what string) {
	b := slices.Clone(message)
	list := parse(b, 0)
	if list == nil || r.IntN(4) == 0 {
		return blind(r, b)
	}
	all := places(&list, "")
	p := all[r.IntN(len(all))]
	what = structured(r, p, all)
	return marshal(list), what + p.path
}

func blind(r *rand.Rand, b []byte) ([]byte, string) {
	if len(b) == 0 {
		return []byte{byte(r.Uint32())}, "octet for nothing"
	}
	at, n := r.IntN(len(b)), 1+r.IntN(16)
	switch r.IntN(6) {
	case 0:
		return b[:at], fmt.Sprintf("cut at %d", at)
	case 1:
		for range n {
			b = append(b, byte(r.Uint32()))
		}
		return b, fmt.Sprintf("%d octets more", n)
	case 2:
		return slices.Delete(b, at, min(at+n, len(b))), fmt.Sprintf("%d octets less at %d", n, at)
	case 3:
		for i := at; i < min(at+n, len(b)); i++ {
			b[i] = byte(r.Uint32())
		}
		return b, fmt.Sprintf("%d octets at %d", n, at)
	default:
		b[at] ^= 1 << r.IntN(8)
		return b, fmt.Sprintf("bit at %d", at)
	}
}

func structured(r *rand.Rand, p place, all []place) string {
	v := (*p.list)[p.at]
	switch r.IntN(12) {
	case 0:
		*p.list = slices.Delete(*p.list, p.at, p.at+1)
		return "remove"
	case 1:
		*p.list = slices.Insert(*p.list, p.at, v)
		return "double"
	case 2:
		other := r.IntN(len(*p.list))
		(*p.list)[p.at], (*p.list)[other] = (*p.list)[other], v
		return "swap"
	case 3:
		v.tag ^= 1 << r.IntN(8)
		return "tag"
	case 4:
		v.children, v.octets = nil, nil
		return "empty"
	case 5:
		v.length = func(n int) []byte { return []byte{0x84, 0, byte(n >> 16), byte(n >> 8), byte(n)} }
		return "longer"
	case 6:
		wrong := [][]byte{{0}, {0x7f}, {0x80}, {0x82, 0xff, 0xff}, {0x84, 0xff, 0xff, 0xff, 0xff}}[r.IntN(5)]
		v.length = func(int) []byte { return wrong }
		return "wrong length"
	case 7: // another value of the message, as it was
		other := all[r.IntN(len(all))]
		o := (*other.list)[other.at]
		(*p.list)[p.at] = &value{tag: o.tag, octets: marshal([]*value{o})}
		if o.children == nil {
			(*p.list)[p.at] = &value{tag: o.tag, octets: slices.Clone(o.octets)}
		}
		return "graft"
	case 8:
		*p.list = slices.Insert(*p.list, p.at, &value{tag: 0xa0 + byte(r.IntN(16)), octets: []byte{5, 0}})
		return "unknown"
	}
	if v.children != nil || len(v.octets) == 0 {
		v.tag++
		return "next tag"
	}
	switch r.IntN(4) {
	case 0:
		v.octets = v.octets[:r.IntN(len(v.octets))]
		return "shorten"
	case 1:
		v.octets = append(v.octets, make([]byte, 1+r.IntN(20))...)
		return "lengthen"
	case 2:
		v.octets[0] = []byte{0, 1, 0x7f, 0x80, 0xff}[r.IntN(5)]
		return "first octet"
	default:
		v.octets[r.IntN(len(v.octets))] ^= 1 << r.IntN(8)
		return "bit"
	}
}
