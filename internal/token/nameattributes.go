// SPDX-License-Identifier: BSD-2-Clause

package token

import "golang.org/x/crypto/cryptobyte"

// NameAttributes are the attributes of a client's name (RFC 6680). Only a PAC that is Verified was made by the KDC; the
// indicators (RFC 8129) all were.
type NameAttributes struct {
	PAC        []byte // nil: none
	Verified   bool
	Indicators [][]byte
}

// Empty reports whether there are none.
func (a *NameAttributes) Empty() bool { return a == nil || a.PAC == nil && len(a.Indicators) == 0 }

// MIT krb5 names the modules that know attributes. Debian's packages of SSSD add one, which keeps a copy of the PAC.
const (
	modulePAC        = "mspac"
	moduleSSSD       = "sssd_sssdpac"
	moduleIndicators = "authentication-indicators"
)

// AppendNameAttributes appends attributes in MIT krb5's encoding: the number of modules, and for each its name and what it
// knows.
func AppendNameAttributes(b []byte, a *NameAttributes) []byte {
	b = addCounted(addUint32(b, 2), []byte(modulePAC))
	b = addBool(addCounted(b, a.PAC), a.Verified)
	b = addCounted(b, []byte(moduleIndicators))
	b = addUint32(b, uint32(len(a.Indicators)))
	for _, v := range a.Indicators {
		b = addCounted(b, v)
	}
	return b
}

// nameAttributesSize returns how much AppendNameAttributes appends, in octets.
func nameAttributesSize(a *NameAttributes) int {
	n := 4 + 4 + len(modulePAC) + 8 + len(a.PAC) + 4 + len(moduleIndicators) + 4
	for _, v := range a.Indicators {
		n += 4 + len(v)
	}
	return n
}

// ParseNameAttributes is the inverse of AppendNameAttributes. It ends at a module that it does not know, because nothing says
// where the next one begins. The result aliases b, and is only as trustworthy as the channel that b came through.
func ParseNameAttributes(b []byte) (*NameAttributes, error) {
	a, err := ParseNameAttributeProof(b)
	if err != nil {
		return nil, err
	}
	if len(a.PAC) == 0 {
		a.PAC, a.Verified = nil, false
	} else if _, err := ParsePAC(a.PAC); err != nil {
		return nil, badName("the list of name attributes has a malformed PAC")
	}
	return a, nil
}

// ParseNameAttributeProof is ParseNameAttributes for attributes whose PAC is elsewhere, and which say whether it is verified.
func ParseNameAttributeProof(b []byte) (*NameAttributes, error) {
	r := packed{s: cryptobyte.String(b)}
	a := &NameAttributes{}
	a.modules(&r)
	if r.fault != "" {
		return nil, badName("the list of name attributes " + r.fault)
	}
	return a, nil
}

func (a *NameAttributes) modules(r *packed) {
	for n := r.uint32("number of modules"); n > 0 && r.fault == ""; n-- {
		switch string(r.counted("name of a module")) {
		case modulePAC:
			a.PAC = r.counted("PAC")
			a.Verified = r.uint32("state of the PAC") == 1
		case moduleSSSD:
			r.counted("copy of the PAC")
			r.uint32("state of the copy")
		case moduleIndicators:
			a.Indicators = r.indicators()
		default:
			return
		}
	}
}

func (r *packed) indicators() (list [][]byte) {
	const field = "indicators"
	n := r.uint32(field)
	if n > MaxIndicators {
		r.fault = "has too many indicators"
		return nil
	}
	for ; n > 0 && r.fault == ""; n-- {
		list = append(list, r.counted(field))
	}
	return list
}
