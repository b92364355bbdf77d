// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"encoding/hex"
	"io"

	"filippo.io/edwards25519"

	"libgssapi/internal/status"
	"libgssapi/internal/wipe"
)

// The constants M and N of RFC 9588, Appendix B: elements with unknown logarithms. For NIST's curves they are the negative
// of M, and N: the prefix of a compressed point is its sign.
const (
	edwards25519M = "d048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf"
	edwards25519N = "d3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab"
	p256MinusM    = "03886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f"
	p256N         = "03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49"
	p384MinusM    = "020ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d3dc36f15314739074d2eb8613fceec2853"
	p384N         = "02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c543bb252c5490214cf9aa3f0baab4b665c10"
	p521MinusM    = "03003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d8560" +
		"8cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b56979962d7aa"
	p521N = "0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e494b" +
		"2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d95575cd25"
)

func constant(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic("crypto: constant of SPAKE: " + err.Error())
	}
	return b
}

func errSPAKEElement(g SPAKEGroup) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED, "the KDC's SPAKE element is none of the group %s", g)
}

func errSPAKERandom(err error) error {
	return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for SPAKE: %v", err)
}

// edwards25519Exchange returns S = w*N + y*G and K = y*(T - w*M), for a secret y that is a multiple of the cofactor (RFC
// 9588, Section 4.3), so that a component of small order in T has no effect. Here y is eight times the secret below,
// because the library of the group has only scalars modulo the order of G.
func edwards25519Exchange(w, t []byte, rand io.Reader) (public, result []byte, err error) {
	element, err := new(edwards25519.Point).SetBytes(t)
	if err != nil {
		return nil, nil, errSPAKEElement(Edwards25519)
	}
	var wide [64]byte // a number that is reduced without bias
	defer clear(wide[:])
	if _, err := io.ReadFull(rand, wide[:]); err != nil {
		return nil, nil, errSPAKERandom(err)
	}
	secret, _ := new(edwards25519.Scalar).SetUniformBytes(wide[:])
	defer wipe.Object(secret)
	clear(wide[copy(wide[:], w):])
	multiplier, _ := new(edwards25519.Scalar).SetUniformBytes(wide[:])
	defer wipe.Object(multiplier)
	m, errM := new(edwards25519.Point).SetBytes(constant(edwards25519M))
	n, errN := new(edwards25519.Point).SetBytes(constant(edwards25519N))
	if errM != nil || errN != nil {
		panic("crypto: M or N of edwards25519 is no element")
	}
	defer wipe.Object(m)
	defer wipe.Object(n)

	own := new(edwards25519.Point).ScalarBaseMult(secret)
	defer wipe.Object(own)
	own.MultByCofactor(own)
	n.ScalarMult(multiplier, n)
	own.Add(own, n)

	m.ScalarMult(multiplier, m)
	element.Subtract(element, m)
	defer wipe.Object(element)
	element.MultByCofactor(element)
	element.ScalarMult(secret, element)
	if element.Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, nil, errSPAKEElement(Edwards25519)
	}
	return own.Bytes(), element.Bytes(), nil
}

// nistPoint is an element of a curve of NIST. Its length in octets is one more than that of a multiplier.
type nistPoint[P any] interface {
	SetBytes([]byte) (P, error)
	SetGenerator() P
	Add(P, P) P
	ScalarMult(P, []byte) (P, error)
	BytesCompressed() []byte
}

// nistExchange returns S and K likewise. The cofactor is 1. newPoint returns the element at infinity.
func nistExchange[P nistPoint[P]](g SPAKEGroup, newPoint func() P, minusM, n string, w, t []byte, rand io.Reader,
) (public, result []byte, err error) {
	size := 1 + len(w)
	theirs, err := newPoint().SetBytes(t)
	if err != nil || len(t) != size {
		return nil, nil, errSPAKEElement(g)
	}
	// ScalarMult reduces multipliers. The bias is negligible: fewer than one in 2^32 numbers of 32 octets exceed the order of
	// P-256, the order of P-384 is closer to a power of two, and for P-521 there are seven bits more than it has.
	secret := make([]byte, len(w))
	defer clear(secret)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, nil, errSPAKERandom(err)
	}
	forM, errM := newPoint().SetBytes(constant(minusM))
	forN, errN := newPoint().SetBytes(constant(n))
	if errM != nil || errN != nil {
		panic("crypto: M or N of " + g.String() + " is no element")
	}
	own := newPoint().SetGenerator() // ScalarBaseMult would make tables, of half a megabyte for P-521
	for _, p := range []P{forM, forN, own, theirs} {
		defer wipe.Object(p)
	}
	_, err1 := own.ScalarMult(own, secret)
	_, err2 := forN.ScalarMult(forN, w)
	_, err3 := forM.ScalarMult(forM, w)
	own.Add(own, forN)
	theirs.Add(theirs, forM)
	_, err4 := theirs.ScalarMult(theirs, secret)
	result = theirs.BytesCompressed()
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || len(result) != size { // the element at infinity has one octet
		return nil, nil, errSPAKEElement(g)
	}
	return own.BytesCompressed(), result, nil
}
