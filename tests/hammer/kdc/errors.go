// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"math/rand/v2"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// krbError makes a KRB-ERROR that nobody asked for: any code, times of any age, names of anybody, texts and data of
// any kind.
func krbError(r *rand.Rand) []byte {
	codes := []int32{6, 7, 14, 18, 23, 24, 25, 29, 31, 32, 37, 41, 52, 60, 68, 76, int32(r.Uint32()), int32(r.IntN(128))}
	return marshalError(r, codes[r.IntN(len(codes))])
}

// tooBig is the one that sends a client to TCP.
func tooBig(r *rand.Rand) []byte { return marshalError(r, errorcode.KRB_ERR_RESPONSE_TOO_BIG) }

func marshalError(r *rand.Rand, code int32) []byte {
	text := make([]byte, []int{0, 0, 10, 3000}[r.IntN(4)])
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	name := types.PrincipalName{NameType: 2, NameString: []string{"krbtgt", "DEMO.TEST"}}
	if r.IntN(4) == 0 {
		name.NameString = make([]string, r.IntN(40))
	}
	e := messages.NewKRBError(name, []string{"DEMO.TEST", "OTHER.TEST", "", "EVIL.TEST"}[r.IntN(4)], code, string(text))
	e.STime = []time.Time{
		time.Now(), time.Now().Add(-time.Hour), time.Now().Add(24 * time.Hour), time.Unix(0, 0),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}[r.IntN(5)].UTC().Truncate(time.Second)
	e.Susec = r.IntN(2000000) - 500000
	if r.IntN(2) == 0 {
		e.EData = make([]byte, r.IntN(200))
		for i := range e.EData {
			e.EData[i] = byte(r.Uint32())
		}
	}
	b, err := e.Marshal()
	if err != nil {
		return []byte{0x7e, 0}
	}
	return b
}
