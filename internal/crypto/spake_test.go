// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/nistec"
)

// The KDC-REQ-BODY of the vectors, but for its last octet, which is the enctype.
const spakeBody = "3075a00703050000000000a1143012a003020101a10b30091b077261656275726ea2101b0e415448454e412e4d49542e454455" +
	"a3233021a003020102a11a30181b066b72627467741b0e415448454e412e4d49542e454455a511180f31393730303130313030303030305a" +
	"a703020100a80530030201"

// spakeVectors are from RFC 9588, Appendix C, those with a body from exchanges that the KDC of MIT krb5 1.20 accepted. The
// client's secret is y.
var spakeVectors = []struct {
	group                          SPAKEGroup
	etype                          EType
	key, w, y, t, s, result        string
	support, challenge, transcript string
	k0, k1                         string
	body                           string // "": spakeBody
}{
	{Edwards25519, AES256SHA1,
		"01b897121d933ab44b47eb5494db15e50eb74530dbdae9b634d65020ff5d88c1",
		"e902341590a1b4bb4d606a1c643cccb3f2108f1b6aa97b381012b9400c9e3f4e",
		"88b859df58ef5c69bacdfe681c582754eaab09a74dc29cff50b328613c232f55",
		"6f301aacae1220e91be42868c163c5009aeea1e9d9e28afcfc339cda5e7105b5",
		"9e2cc32908fc46273279ec75354b4aeafa70c3d99a4d507175ed70d80b255dda",
		"cf57f58f6e60169d2ecc8f20bb923a8e4c16e5bc95b9e64b5dc870da7026321b",
		"a0093007a0053003020101",
		"a1363034a003020101a12204206f301aacae1220e91be42868c163c5009aeea1e9d9e28afcfc339cda5e7105b5a20930073005a003020101",
		"1c605649d4658b58cbe79a5faf227acc16c355c58b7dade022f90c158fe5ed8e",
		"a9bfa71c95c575756f922871524b65288b3f695573ccc0633e87449568210c23",
		"", ""},
	{Edwards25519, AES128SHA1,
		"fca822951813fb252154c883f5ee1cf4",
		"0d591b197b667e083c2f5f98ac891d3c9f99e710e464e62f1fb7c9b67936f3eb",
		"b877afe8612b406d96be85bd9f19d423e95be96c0e1e0b5824127195c3ed5917",
		"9e9311d985c1355e022d7c3c694ad8d6f7ad6d647b68a90b0fe46992818002da",
		"fbe08f7f96cd5d4139e7c9eccb95e79b8ace41e270a60198c007df18525b628e",
		"c2f7f99997c585e6b686ceb62db42f17cc70932def3bb4cf009e36f22ea5473d",
		"a0093007a0053003020101",
		"a1363034a003020101a12204209e9311d985c1355e022d7c3c694ad8d6f7ad6d647b68a90b0fe46992818002daa20930073005a003020101",
		"951285f107c87f0169b9c918a1f51f60cb1a75b9f8bb799a99f53d03add94b5f",
		"548022d58a7c47eae8c49dccf6baa407",
		"b2c9ba0e13fc8ab3a9d96b51b601cf4a", ""},
	{P256, AES256SHA1,
		"01b897121d933ab44b47eb5494db15e50eb74530dbdae9b634d65020ff5d88c1",
		"eb2984af18703f94dd5288b8596cd36988d0d4e83bfb2b44de14d0e95e2090bd",
		"e07405eb215663abc1f254b8adc0da7a16febaa011af923d79fdef7c42930b33",
		"024f62078ceb53840d02612195494d0d0d88de21feeb81187c71cbf3d01e71788d",
		"021d07dc31266fc7cfd904ce2632111a169b7ec730e5f74a7e79700f86638e13c8",
		"0268489d7a9983f2fde69c6e6a1307e9d252259264f5f2dfc32f58cca19671e79b",
		"a0093007a0053003020102",
		"a1373035a003020102a1230421024f62078ceb53840d02612195494d0d0d88de21feeb81187c71cbf3d01e71788da20930073005a003020101",
		"20ad3c1a9a90fc037d1963a1c4bfb15ab4484d7b6cf07b12d24984f14652de60",
		"7d3b906f7be49932db22cd3463f032d06c9c078be4b1d076d201fc6e61ef531e",
		"17d74e36f8993841fbb7feb12fa4f011243d3ae4d2ace55b39379294bbc4db2c", ""},
	{P384, AES256SHA2,
		"af5c070697df902d6fe24582e5c47a91286cfc6b7bd29f52abfc412aafa37361",
		"6da96084dc909ec9e89608a172849829b595d08f26774bac3b0e55a65020514d7d0b128ab08cf29742a62363afc0fe83",
		"846e8b8f3b9187df6a7eb0e2c8c1df939933e4c2c483e46b4574ca33fee52b340f821e41b74a3f0d7833dfd3e47e1f50",
		"03e56cb39eb31067ad36eadb7beeda8440eb8750ff57f75e9bc94ba088e337f6bb53287242fcc6e5d958fe6698955f8a41",
		"03fcb2875b348154bbb975790371f79a4b3ad6f6585b9ecf4acc9dc924e3b5cf6301c8a3d5b93d8cb318fcdd7db662fcee",
		"02372f1e144d73da778dab801e71950b1f7f2925e3712246fd504bbec1819bf7f39b996e1c88cd21b0ba6ce82b60e2dfeb",
		"a0093007a0053003020103",
		"a1473045a003020103a133043103e56cb39eb31067ad36eadb7beeda8440eb8750ff57f75e9bc94ba088e337f6bb53287242fcc6e5d958fe6698955f8a41a20930073005a003020101",
		"274e29c0c8067d97625fdfe4bb5a3a9258c582b5468b7f9e4c7599af92085eb16a169a350a5f16ece549cc2cdd19d6ad",
		"637e27c22ed54ae906cff68068097e5bf18d11cd58e5aa395253f1138defa277",
		"be17e6eceb72ffa8fd0eb51bc97b91cc867e5cec4c73523a3678aead1e718b2d",
		"3078a00703050000000010a1143012a003020101a10b30091b077261656275726ea2101b0e415448454e412e4d49542e454455a3233021a003020102a11a30181b066b72627467741b0e415448454e412e4d49542e454455a511180f32303236313133303233303535365aa70602040d01d036a8053003020114"},
	{P521, AES256SHA1,
		"01b897121d933ab44b47eb5494db15e50eb74530dbdae9b634d65020ff5d88c1",
		"de3a095a2b2386eff3eb15b735398da1caf95bc8425665d82370aff58b0471f34a57bccddf1ebf0a2965b58a93ee5b45e85d1a5435d1c8c83662999722d542831f9a",
		"f07719562d8619a1ba62ee7280392ddd272d8b7283dbcd7abf02c45c8c26a82f0bdb91772330760886f1e7548fb8abc24d2db00f45479b8929deea5650eb870fe1e1",
		"03000c5f2cbb6a56e7e1208a37b028bf06eaa752e917bb436984a1cb3553855c993c552e048c6775f15c5198531b14dc17236e0be9517bc8c4e807630faca7edc5bb8d",
		"0301b311f3a455098f718e97700971f7240a75e8f6d2a8a2ac8a76d806818e28524e2e164db364759895ef4bcc5cebbd1622d7985715c06765d1c6a060f6a30d271427",
		"030069f517122d48ed9046a3e9d3249fda2e23b2e63c8cfe53607befbe54eb2b51ed018c40d1da6bd1c27685d420fe6fcde0667ba61f34292d1d3c2e99525903f626cd",
		"a0093007a0053003020104",
		"a1593057a003020104a145044303000c5f2cbb6a56e7e1208a37b028bf06eaa752e917bb436984a1cb3553855c993c552e048c6775f15c5198531b14dc17236e0be9517bc8c4e807630faca7edc5bb8da20930073005a003020101",
		"d3779e7ac5e4c132f84020892b7af9cf886ebe907dc1d3642746c7ed8137bd7a0308d1622b7a8edc28c2074e20247cdb4d9084de73f1e514028d6b58f7adc3e4",
		"4547d88375e869be0954c8610e8808c784f617be588f8435737c20a783776953",
		"7188dce4a42b3c6948124b9f3ca57d8b0fefc247ea0577b89028a20878bbf7b7",
		"308187a00703050000000010a1143012a003020101a10b30091b077261656275726ea2101b0e415448454e412e4d49542e454455a3233021a003020102a11a30181b066b72627467741b0e415448454e412e4d49542e454455a511180f32303236313133303233303535395aa70602041dbfb21fa814301202011202011102011402011302011902011a"},
}

// randomFor gives what NewSPAKE reads when its secret is to be y.
func randomFor(g SPAKEGroup, y []byte) *bytes.Reader {
	if g != Edwards25519 {
		return bytes.NewReader(y)
	}
	var eighth [64]byte // of y, little-endian
	for i := range y {
		eighth[i] = y[i] >> 3
		if i+1 < len(y) {
			eighth[i] |= y[i+1] << 5
		}
	}
	return bytes.NewReader(eighth[:])
}

func TestSPAKEVectors(t *testing.T) {
	for _, v := range spakeVectors {
		t.Run(v.group.String()+" "+v.etype.String(), func(t *testing.T) {
			key, err := NewKey(v.etype, unhex(t, v.key))
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewSPAKE(v.group, key, unhex(t, v.support), unhex(t, v.challenge), unhex(t, v.t),
				randomFor(v.group, unhex(t, v.y)))
			if err != nil {
				t.Fatal(err)
			}
			body := unhex(t, v.body)
			if v.body == "" {
				body = append(unhex(t, spakeBody), byte(v.etype))
			}
			got := map[string][]byte{v.w: s.w, v.s: s.Public, v.result: s.result, v.transcript: s.transcript}
			for n, want := range []string{v.k0, v.k1} {
				k, err := s.Key(uint32(n), body)
				if err != nil || k.EType() != v.etype {
					t.Fatal(err)
				}
				if want != "" {
					got[want] = k.Bytes()
				}
			}
			for want, b := range got {
				if hex.EncodeToString(b) != want {
					t.Errorf("%x, not %s", b, want)
				}
			}
			s.Wipe()
			if strings.Trim(string(s.w)+string(s.result)+string(s.key.b), "\x00") != "" {
				t.Error("a wiped exchange has its secrets")
			}
			if k := key.Bytes(); hex.EncodeToString(k) != v.key {
				t.Error("the initial key is gone, too")
			}
		})
	}
}

// Whatever of the transcript differs between client and KDC, they have other keys.
func TestSPAKETranscriptBinds(t *testing.T) {
	v := spakeVectors[1]
	key, _ := NewKey(v.etype, unhex(t, v.key))
	body := append(unhex(t, spakeBody), byte(v.etype))
	of := func(support, challenge, body []byte) string {
		s, err := NewSPAKE(v.group, key, support, challenge, unhex(t, v.t), randomFor(v.group, unhex(t, v.y)))
		if err != nil {
			t.Fatal(err)
		}
		k, _ := s.Key(0, body)
		return hex.EncodeToString(k.Bytes())
	}
	support, challenge := unhex(t, v.support), unhex(t, v.challenge)
	right := of(support, challenge, body)
	for what, got := range map[string]string{
		"no support":           of(nil, challenge, body),
		"support for another":  of(append(bytes.Clone(support[:10]), 2), challenge, body),
		"another challenge":    of(support, challenge[:len(challenge)-1], body),
		"body of another call": of(support, challenge, body[1:]),
	} {
		if got == right {
			t.Errorf("%s: the same key", what)
		}
	}
}

func TestSPAKERefusesElements(t *testing.T) {
	key, _ := NewKey(AES128SHA1, make([]byte, 16))
	small := make([]byte, 32) // (sqrt(-1), 0): of order 4
	identity := append([]byte{1}, make([]byte, 31)...)
	for _, c := range []struct {
		what    string
		group   SPAKEGroup
		element []byte
		refused bool
	}{
		{"none", Edwards25519, nil, true},
		{"short", Edwards25519, identity[:31], true},
		{"long", Edwards25519, append(identity, 0), true},
		{"not on the curve", Edwards25519, append([]byte{2}, make([]byte, 31)...), true},
		{"of small order", Edwards25519, small, false}, // minus w*M, it is any element
		{"identity", Edwards25519, identity, false},
		{"w*M", Edwards25519, blinded(t, Edwards25519, key, nil), true},
		{"w*M and one of small order", Edwards25519, blinded(t, Edwards25519, key, small), true},
		{"none", P256, nil, true},
		{"infinity", P256, []byte{0}, true},
		{"uncompressed", P256, nistec.NewP256Point().SetGenerator().Bytes(), true},
		{"generator", P256, nistec.NewP256Point().SetGenerator().BytesCompressed(), false},
		{"not on the curve", P256, append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...), true},
		{"w*M", P256, blinded(t, P256, key, nil), true},
		{"uncompressed", P384, nistec.NewP384Point().SetGenerator().Bytes(), true},
		{"generator", P384, nistec.NewP384Point().SetGenerator().BytesCompressed(), false},
		{"of P-256", P384, nistec.NewP256Point().SetGenerator().BytesCompressed(), true},
		{"w*M", P384, blinded(t, P384, key, nil), true},
		{"infinity", P521, []byte{0}, true},
		{"uncompressed", P521, nistec.NewP521Point().SetGenerator().Bytes(), true},
		{"generator", P521, nistec.NewP521Point().SetGenerator().BytesCompressed(), false},
		{"w*M", P521, blinded(t, P521, key, nil), true},
		{"unknown group", 5, identity, true},
	} {
		s, err := NewSPAKE(c.group, key, nil, nil, c.element, bytes.NewReader(bytes.Repeat([]byte{7}, 66)))
		if (err != nil) != c.refused || (s == nil) != c.refused {
			t.Errorf("%s, %s: %v", c.group, c.what, err)
		}
	}
	if _, err := NewSPAKE(Edwards25519, key, nil, nil, identity, bytes.NewReader(nil)); err == nil {
		t.Error("there was no randomness")
	}
}

// blinded is w*M + more.
func blinded(t *testing.T, g SPAKEGroup, key *Key, more []byte) []byte {
	t.Helper()
	w := g.multiplier(key)
	switch g {
	case P256:
		return times(nistec.NewP256Point(), "02"+p256MinusM[2:], w)
	case P384:
		return times(nistec.NewP384Point(), "03"+p384MinusM[2:], w)
	case P521:
		return times(nistec.NewP521Point(), "02"+p521MinusM[2:], w)
	}
	scalar, _ := new(edwards25519.Scalar).SetUniformBytes(append(w, make([]byte, 32)...))
	m, _ := new(edwards25519.Point).SetBytes(constant(edwards25519M))
	m.ScalarMult(scalar, m)
	if more != nil {
		p, err := new(edwards25519.Point).SetBytes(more)
		if err != nil {
			t.Fatal(err)
		}
		m.Add(m, p)
	}
	return m.Bytes()
}

func times[P nistPoint[P]](p P, m string, w []byte) []byte {
	p.SetBytes(constant(m))
	p.ScalarMult(p, w)
	return p.BytesCompressed()
}

func FuzzSPAKEElement(f *testing.F) {
	for _, v := range spakeVectors {
		f.Add(int32(v.group), unhex(f, v.t))
	}
	key, _ := NewKey(AES128SHA1, make([]byte, 16))
	f.Fuzz(func(t *testing.T, group int32, element []byte) {
		s, err := NewSPAKE(SPAKEGroup(group), key, nil, nil, element, bytes.NewReader(bytes.Repeat([]byte{7}, 66)))
		if err == nil && (len(s.result) < 32 || len(s.Public) != len(s.result)) {
			t.Errorf("%d octets of %d", len(s.result), len(element))
		}
	})
}

func TestParseSPAKEGroup(t *testing.T) {
	for name, want := range map[string]SPAKEGroup{"edwards25519": Edwards25519, "p-256": P256, "P-256": P256, "P-384": P384, "p-521": P521,
		"P-224": 0, "": 0} {
		if got, ok := ParseSPAKEGroup(name); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", name, got, ok)
		}
	}
}
