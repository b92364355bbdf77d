// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"slices"
	"strconv"
	"strings"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
)

// The names of attributes are MIT krb5's: a prefix, which alone stands for the whole PAC, and what follows it for one of the
// PAC's buffers, or its number; and that of the authentication indicators (RFC 8129).
const (
	attributePAC        = "urn:mspac:"
	attributeIndicators = "auth-indicators"
)

var pacNames = map[uint32]string{
	token.PACLogonInfo:       "logon-info",
	token.PACCredentialsInfo: "credentials-info",
	token.PACServerChecksum:  "server-checksum",
	token.PACPrivSvrChecksum: "privsvr-checksum",
	token.PACClientInfo:      "client-info",
	token.PACDelegationInfo:  "delegation-info",
	token.PACUPNDNSInfo:      "upn-dns-info",
}

// Attributes implements gss.Attributed. As with MIT krb5, a PAC without proof is listed although its values are not given.
func (p *principal) Attributes() (list []string) {
	if p.attributes.Empty() {
		return nil
	}
	if pac, err := token.ParsePAC(p.attributes.PAC); err == nil {
		list = append(list, attributePAC)
		for _, b := range pac.Buffers {
			name, ok := pacNames[b.Type]
			if !ok {
				name = strconv.Itoa(int(int32(b.Type)))
			}
			list = append(list, attributePAC+name)
		}
	}
	if len(p.attributes.Indicators) > 0 {
		list = append(list, attributeIndicators)
	}
	return list
}

// Attribute implements gss.Attributed.
func (p *principal) Attribute(name string, after int) (v gss.Value, ok bool) {
	if p.attributes.Empty() {
		return v, false
	}
	if name == attributeIndicators {
		return indicator(p.attributes.Indicators, max(after, 0))
	}
	// Without proof it is as if the PAC were not there: programs that forget to ask for Authenticated exist.
	if after >= 0 || !p.attributes.Verified {
		return v, false
	}
	octets, ok := pacAttribute(p.attributes.PAC, name)
	return gss.Value{Octets: octets, Authenticated: p.attributes.Verified, Complete: true}, ok
}

func indicator(list [][]byte, n int) (v gss.Value, ok bool) {
	if n >= len(list) {
		return v, false
	}
	v = gss.Value{Octets: list[n], Authenticated: true, Complete: true}
	if n+1 < len(list) {
		v.More = n + 1
	}
	return v, true
}

// pacAttribute returns the PAC or one of its buffers.
func pacAttribute(octets []byte, name string) ([]byte, bool) {
	if len(name) < len(attributePAC) || !strings.EqualFold(name[:len(attributePAC)], attributePAC) {
		return nil, false
	}
	pac, err := token.ParsePAC(octets)
	if err != nil {
		return nil, false
	}
	rest := name[len(attributePAC):]
	if rest == "" {
		return pac.Raw, true
	}
	t, ok := pacType(rest)
	if !ok {
		return nil, false
	}
	b, ok := pac.Buffer(t)
	return b.Data, ok
}

// pacType returns the type of a buffer that has a name or a number.
func pacType(name string) (uint32, bool) {
	for t, known := range pacNames {
		if strings.EqualFold(name, known) {
			return t, true
		}
	}
	t, err := strconv.ParseUint(name, 10, 32)
	return uint32(t), err == nil && t != 0
}

// AppendAttributes implements gss.Attributed.
func (p *principal) AppendAttributes(b []byte) []byte {
	if p.attributes.Empty() {
		return b
	}
	return token.AppendNameAttributes(b, p.attributes)
}

// WithAttributes implements gss.Attributed.
func (p *principal) WithAttributes(octets []byte) (gss.MechName, error) {
	a, err := token.ParseNameAttributes(octets)
	if err != nil {
		return nil, err
	}
	return &principal{p.Principal, cloneAttributes(a)}, nil
}

// withAttributes returns a name of this mechanism with attributes.
func withAttributes(n *gss.Name, a *token.NameAttributes) *gss.Name {
	p, ok := n.MN().(*principal)
	if !ok || a.Empty() {
		return n
	}
	return gss.NewMN(&principal{p.Principal, a})
}

func cloneAttributes(a *token.NameAttributes) *token.NameAttributes {
	if a.Empty() {
		return nil
	}
	c := &token.NameAttributes{PAC: slices.Clone(a.PAC), Verified: a.Verified, Indicators: slices.Clone(a.Indicators)}
	for i := range c.Indicators {
		c.Indicators[i] = slices.Clone(c.Indicators[i])
	}
	return c
}

// clientAttributes returns the attributes of the initiator's name, for export with the context.
func (c *secContext) clientAttributes() *token.NameAttributes {
	if c.source == nil {
		return nil
	}
	if p, ok := c.source.MN().(*principal); ok && !p.attributes.Empty() {
		return p.attributes
	}
	return nil
}

// proof is what an interprocess token says about attributes that are in its authorization data as well: whether they were
// verified. The PAC itself is not repeated.
func proof(a *token.NameAttributes) []byte {
	return token.AppendNameAttributes(nil, &token.NameAttributes{Verified: a.Verified, Indicators: a.Indicators})
}

// proven is the inverse of proof.
func proven(octets []byte, authData []token.AuthDataEntry) (*token.NameAttributes, error) {
	a, err := token.ParseNameAttributeProof(octets)
	if err != nil {
		return nil, err
	}
	if found := krb5.FindAuthData(authData, token.ADWin2kPAC); len(found) > 0 {
		if _, err := token.ParsePAC(found[0]); err != nil {
			return nil, err
		}
		a.PAC = found[0]
	}
	return cloneAttributes(a), nil
}
