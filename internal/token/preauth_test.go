// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func octets(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// preauthParsers lists parsers of what KDCs send for preauthentication, each with a good message and the result.
var preauthParsers = []struct {
	name  string
	good  string
	want  string
	parse func([]byte) (any, error)
}{
	{"METHOD-DATA", "3018 3009a103020102a2020400 300ba103020113a20404023000", "[{2 []} {19 [48 0]}]",
		func(b []byte) (any, error) { return ParseMethodData(b) }},
	{"ETYPE-INFO2", "301b 3012a003020112a1031b0161a206040400001000 3005a003020111",
		"[{18 a true [0 0 16 0]} {17  false []}]", func(b []byte) (any, error) { return ParseETypeInfo2(b) }},
	{"ETYPE-INFO", "3013 300aa003020117a1030401ff 3005a003020110", "[{23 \xff true []} {16  false []}]",
		func(b []byte) (any, error) { return ParseETypeInfo(b) }},
	{"PA-ENC-TS-ENC", "301a a011180f32303236313132393139303030305a a1050203 0f423f", "2026-11-29 19:00:00.999999 +0000 UTC",
		func(b []byte) (any, error) { return ParseTimestamp(b) }},
	{"Checksum", "300c a003020110 a1050403 010203", "{16 [1 2 3]}",
		func(b []byte) (any, error) {
			c, err := ParseChecksum(b)
			if c == nil {
				c = new(Checksum)
			}
			return *c, err
		}},
	{"EncryptedData", "300c a003020112 a2050403 010203", "{18 0 false [1 2 3]}",
		func(b []byte) (any, error) {
			e, err := ParseEncryptedData(b)
			if e == nil {
				e = new(EncryptedData)
			}
			return *e, err
		}},
	{"PA-FX-FAST-REPLY", "a012 3010 a00e 300c a003020112 a2050403 010203", "{18 0 false [1 2 3]}",
		func(b []byte) (any, error) {
			e, err := ParseFastReply(b)
			if e == nil {
				e = new(EncryptedData)
			}
			return *e, err
		}},
	{"KrbFastResponse", "3074a00d300b3009a103020188a2020400a10e300ca003020112a1050403616263a24e304ca011180f323032363131323931" +
		"39303030305aa103020105a2031b0152a3123010a003020101a10930071b05616c696365a4193017a003020110a110040e0102030405060708090a0b0c0d0ea303020107",
		"[{-120 []}] {18 [97 98 99]} {2026-11-29 19:00:00.000005 +0000 UTC alice@R {16 [1 2 3 4 5 6 7 8 9 10 11 12 13 14]}} 1 7",
		func(b []byte) (any, error) {
			m, err := ParseFastResponse(b)
			if err != nil {
				return nil, err
			}
			return text{fmt.Sprint(m.PAData, " ", *m.StrengthenKey, " ", *m.Finished, " ", m.Finished.Client.Type, " ", m.Nonce)}, nil
		}},
	{"PA-SPAKE", "a121 301f a003020101 a1060404 01020304 a210300e 3005a003020101 3005a003020102", "{1 [1 2 3 4] [1 2]}",
		func(b []byte) (any, error) {
			c, err := ParseSPAKEChallenge(b)
			if c == nil {
				c = new(SPAKEChallenge)
			}
			return *c, err
		}},
}

type text struct{ string }

func (t text) String() string { return t.string }

func TestPreauthMessages(t *testing.T) {
	for _, p := range preauthParsers {
		t.Run(p.name, func(t *testing.T) {
			good := octets(t, p.good)
			got, err := p.parse(good)
			if err != nil || fmt.Sprint(got) != p.want {
				t.Fatalf("%v, %v", got, err)
			}
			for n := range good {
				if _, err := p.parse(good[:n]); err == nil {
					t.Errorf("the first %d octets are taken for the whole", n)
				}
			}
			for i := range good {
				other := bytes.Clone(good)
				other[i] ^= 0x1f // no tag or length that there is
				if got, err := p.parse(other); err == nil && reflect.DeepEqual(fmt.Sprint(got), p.want) {
					t.Errorf("octet %d does not matter", i)
				}
			}
		})
	}
}

func TestPreauthListsAreBounded(t *testing.T) {
	list := func(entry string, n int, before string) []byte {
		b := newBuilder(0)
		b.AddASN1(0x30, func(b *builder) { b.AddBytes(bytes.Repeat(octets(t, entry), n)) })
		return append(octets(t, before), b.Bytes()...)
	}
	if l, err := ParseETypeInfo2(list("3005a003020111", maxEtypes, "")); err != nil || len(l) != maxEtypes {
		t.Errorf("%d entries, %v", len(l), err)
	}
	if _, err := ParseETypeInfo2(list("3005a003020111", maxEtypes+1, "")); err == nil {
		t.Error("an ETYPE-INFO2 has no bound")
	}
	factors := newBuilder(0)
	addSequence(factors, 1, func(b *builder) {
		addInt(b, 0, 1)
		addOctets(b, 1, []byte{1})
		addSequence(b, 2, func(b *builder) { b.AddBytes(bytes.Repeat(MarshalSPAKEFactor(2), maxFactors+1)) })
	})
	if _, err := ParseSPAKEChallenge(factors.Bytes()); err == nil {
		t.Error("factors have no bound")
	}
}

// Encodings from the vectors in RFC 9588, and of messages that MIT krb5 1.20 sends.
func TestPreauthMarshal(t *testing.T) {
	enc := EncryptedData{EType: 18, Cipher: []byte{1, 2, 3}}
	fast := FastArmoredReq{Armor: []byte{9}, Checksum: Checksum{16, []byte{8}}, Enc: enc}
	for want, got := range map[string][]byte{
		"a0093007a0053003020101":       MarshalSPAKESupport([]int32{1}),
		"a00c300aa0083006020101020102": MarshalSPAKESupport([]int32{1, 2}),
		"3005a003020101":               MarshalSPAKEFactor(SPAKENoFactor),
		"300ca003020112a2050403010203": enc.Marshal(),
		"a21a3018 a0060404 05060708 a10e 300ca003020112a2050403010203": MarshalSPAKEResponse([]byte{5, 6, 7, 8}, enc),
		"a02e302c a00c300a a003020101 a1030401 09 a10c300a a003020110 a1030401 08" +
			"a20e 300ca003020112a2050403010203": fast.Marshal(),
		"301e a00703050000000000 a10d300b 3009a103020102a2020400 a204 30020500": MarshalFastReq([]PAData{{Type: 2}}, []byte{0x30, 2, 5, 0}),
	} {
		if !bytes.Equal(got, octets(t, want)) {
			t.Errorf("%x, not %s", got, want)
		}
	}
	now := time.Date(2026, 11, 29, 19, 0, 0, 999999000, time.UTC)
	if got, err := ParseTimestamp(MarshalTimestamp(now)); err != nil || !got.Equal(now) {
		t.Errorf("%s, %v", got, err)
	}
}

func FuzzPreauthMessages(f *testing.F) {
	for _, p := range preauthParsers {
		f.Add(octets(f, p.good))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, p := range preauthParsers {
			before := bytes.Clone(b)
			_, _ = p.parse(b)
			if !bytes.Equal(b, before) {
				t.Errorf("%s: the message is changed", p.name)
			}
		}
	})
}
