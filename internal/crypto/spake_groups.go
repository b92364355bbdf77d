// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"encoding/hex"
	"io"

	"filippo.io/edwards25519"
	"filippo.io/nistec"

	"libgssapi/internal/status"
	"libgssapi/internal/wipe"
)

// The constants M and N of RFC 9588, Appendix B: elements with unknown logarithms. For P-256 they are the negative of M,
// and N: the prefix of a compressed point is its sign.
const (
	edwards25519M = "d048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf"
	edwards25519N = "d3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab"
	p256MinusM    = "03886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f"
	p256N         = "03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49"
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

// p256Exchange returns S and K likewise. The cofactor is 1.
func p256Exchange(w, t []byte, rand io.Reader) (public, result []byte, err error) {
	element, err := nistec.NewP256Point().SetBytes(t)
	if err != nil || len(t) != 33 {
		return nil, nil, errSPAKEElement(P256)
	}
	// ScalarMult reduces multipliers. Fewer than one in 2^32 numbers of 32 octets exceed the order, so the bias is
	// negligible.
	var secret [multiplierSize]byte
	defer clear(secret[:])
	if _, err := io.ReadFull(rand, secret[:]); err != nil {
		return nil, nil, errSPAKERandom(err)
	}
	m, errM := nistec.NewP256Point().SetBytes(constant(p256MinusM))
	n, errN := nistec.NewP256Point().SetBytes(constant(p256N))
	if errM != nil || errN != nil {
		panic("crypto: M or N of P-256 is no element")
	}
	own := nistec.NewP256Point()
	for _, p := range []*nistec.P256Point{m, n, own, element} {
		defer wipe.Object(p)
	}
	_, err1 := own.ScalarBaseMult(secret[:])
	_, err2 := n.ScalarMult(n, w)
	_, err3 := m.ScalarMult(m, w)
	own.Add(own, n)
	element.Add(element, m)
	_, err4 := element.ScalarMult(element, secret[:])
	result = element.BytesCompressed()
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || len(result) != 33 { // the element at infinity has one octet
		return nil, nil, errSPAKEElement(P256)
	}
	return own.BytesCompressed(), result, nil
}
