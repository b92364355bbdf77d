// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"libgssapi/internal/status"
)

// A vector file begins with the octets of one good token, written so that a reader sees its structure:
//
//	6e{ 02{05} "text" }   hex octets; { } puts the DER length of its content before it
//	@4{ ... } @2{ ... }   the same with a length of 4 or 2 octets, big-endian
//	+4{ ... }             the same with a DER length in long form, of 4 octets: one of those that DER does not have
//	( ... )               a group without length, closed by ) or }
//	00*76 (1b00)*33       an octet or group repeated
//	; ...                 a comment up to the end of the line
//
// A line that ends with a backslash continues in the next. Each vector then makes one change to it, and gives the
// result of parsing it:
//
//	vector NAME
//	# the point
//	replace OLD => NEW    in the text above; OLD must be there once
//	remove OLD
//	truncate N            drop N octets from the end
//	append HEX            octets after the end
//	result same           parses, and marshals to the same octets
//	result base           parses, and marshals to the good token: another spelling of it
//	result as TEXT        parses, and marshals to the good token with TEXT in place of OLD
//	result error MAJOR: TEXT
type vectorFile struct {
	base    string
	vectors []vector
}

type vector struct {
	name, point    string
	old, new       []string
	truncate       int
	appended       string
	result, detail string
}

// codec is a parser and its inverse.
type codec struct {
	parse   func([]byte) (any, error)
	marshal func(any) ([]byte, error)
}

func codecOf[T any](parse func([]byte) (*T, error), marshal func(*T) []byte) codec {
	return codec{
		func(b []byte) (any, error) { return parse(b) },
		func(v any) ([]byte, error) { return marshal(v.(*T)), nil },
	}
}

type framed struct {
	mech OID
	rest []byte
}

type composite struct {
	framed
	attributes []byte
}

// checkedPAC makes sure that what is read of a PAC is in it, and that only signatures are cleared.
func checkedPAC(p *PAC) *PAC {
	p.ClientInfo()
	if sum, signed, ok := p.ServerSignature(); ok {
		if len(signed) != len(p.Raw) || len(sum.Sum) > len(p.Raw) || !bytes.Equal(signed[:8+16*len(p.Buffers)], p.Raw[:8+16*len(p.Buffers)]) {
			panic("the octets that are signed are not those of the PAC")
		}
	}
	return p
}

// codecs lists the codec for each file in testdata.
var codecs = map[string]codec{
	"ap-req":            codecOf(ParseAPReq, (*APReq).Marshal),
	"authenticator":     codecOf(ParseAuthenticator, (*Authenticator).Marshal),
	"ticket":            codecOf(ParseTicket, (*Ticket).Marshal),
	"enc-ticket-part":   codecOf(ParseEncTicketPart, (*EncTicketPart).Marshal),
	"ap-rep":            codecOf(ParseAPRep, (*APRep).Marshal),
	"enc-ap-rep-part":   codecOf(ParseEncAPRepPart, (*EncAPRepPart).Marshal),
	"krb-error":         codecOf(ParseKRBError, (*KRBError).Marshal),
	"krb-cred":          codecOf(ParseKRBCred, (*KRBCred).Marshal),
	"enc-krb-cred-part": codecOf(ParseEncKRBCredPart, (*EncKRBCredPart).Marshal),
	"tgs-rep": codecOf(func(b []byte) (*KDCRep, error) { return ParseKDCRep(b, TypeTGSRep) },
		func(m *KDCRep) []byte { return m.Marshal(TypeTGSRep) }),
	"gss-checksum": codecOf(ParseGSSChecksum, (*GSSChecksum).Marshal),
	"context-token": {
		func(b []byte) (any, error) { return ParseContextToken(b) },
		marshalContextToken,
	},
	"mit-context": {
		func(b []byte) (any, error) { return ParseMITContext(b) },
		func(v any) ([]byte, error) {
			t := v.(*MITContext)
			b, err := t.Append(nil)
			if err == nil && len(b) != t.Size() {
				err = fmt.Errorf("size %d, but %d octets", t.Size(), len(b))
			}
			return b, err
		},
	},
	"exported-name": codecOf(func(b []byte) (*framed, error) {
		mech, name, err := ParseExportedName(b)
		return &framed{mech, name}, err
	}, func(f *framed) []byte {
		return AppendExportedName(nil, f.mech, func(b []byte) []byte { return append(b, f.rest...) })
	}),
	"composite-name": codecOf(func(b []byte) (*composite, error) {
		mech, name, attributes, err := ParseCompositeName(b)
		return &composite{framed{mech, name}, attributes}, err
	}, func(c *composite) []byte {
		return AppendCompositeName(nil, c.mech, func(b []byte) []byte { return append(b, c.rest...) }, c.attributes)
	}),
	"frame": codecOf(func(b []byte) (*framed, error) {
		mech, inner, err := Unframe(b)
		if err == nil {
			_, _, err = TokenID(inner)
		}
		return &framed{mech, inner}, err
	}, func(f *framed) []byte { return Frame(f.mech, binary.BigEndian.Uint16(f.rest), f.rest[2:]) }),
	"neg-token-init": codecOf(ParseNegTokenInit, (*NegTokenInit).Marshal),
	"neg-token-resp": codecOf(ParseNegTokenResp, (*NegTokenResp).Marshal),
	"authorization-data": codecOf(func(b []byte) (*[]AuthDataEntry, error) {
		list, err := ParseAuthData(b)
		return &list, err
	}, func(list *[]AuthDataEntry) []byte { return MarshalAuthData(*list) }),
	"pac":    codecOf(ParsePAC, func(p *PAC) []byte { return checkedPAC(p).Raw }),
	"cammac": codecOf(ParseCAMMAC, (*CAMMAC).Marshal),
	"auth-indicators": codecOf(func(b []byte) (*[][]byte, error) {
		list, err := ParseAuthIndicators(b)
		return &list, err
	}, func(list *[][]byte) []byte { return MarshalAuthIndicators(*list) }),
	"name-attributes": codecOf(ParseNameAttributes, func(a *NameAttributes) []byte { return AppendNameAttributes(nil, a) }),
	"etype-list": codecOf(func(b []byte) (*[]int32, error) {
		list, err := ParseEtypeList(b)
		return &list, err
	}, func(list *[]int32) []byte { return MarshalEtypeList(*list) }),
}

var majors = map[string]status.Major{
	"GSS_S_FAILURE":         status.Failure,
	"GSS_S_DEFECTIVE_TOKEN": status.DefectiveToken,
	"GSS_S_BAD_NAME":        status.BadName,
}

func TestVectors(t *testing.T) {
	for name, c := range codecs {
		t.Run(name, func(t *testing.T) {
			file := readVectors(t, name)
			good := assemble(t, file.base)
			checkSame(t, c, good)
			seen := map[string]bool{}
			for _, v := range file.vectors {
				t.Run(v.name, func(t *testing.T) {
					if seen[v.name] || v.point == "" {
						t.Fatal("the vector has no name of its own, or no comment")
					}
					seen[v.name] = true
					checkVector(t, c, file.base, good, v)
				})
			}
		})
	}
}

func checkVector(t *testing.T, c codec, base string, good []byte, v vector) {
	changed := base
	for i, old := range v.old {
		if n := strings.Count(changed, old); n != 1 {
			t.Fatalf("%q is in the good token %d times", old, n)
		}
		changed = strings.Replace(changed, old, v.new[i], 1)
	}
	b := assemble(t, changed)
	b = append(b[:len(b)-v.truncate], assemble(t, v.appended)...)
	switch v.result {
	case "same":
		checkSame(t, c, b)
	case "base", "as":
		if v.result == "as" {
			good = assemble(t, strings.Replace(base, v.old[0], v.detail, 1))
		}
		got, err := c.parse(b)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		if out, err := c.marshal(got); err != nil || !bytes.Equal(out, good) {
			t.Fatalf("marshals to %x, %v\nnot to %x", out, err, good)
		}
	case "error":
		got, err := c.parse(b)
		if err == nil {
			t.Fatalf("accepted: %+v", got)
		}
		major, text, _ := strings.Cut(v.detail, ": ")
		if m := status.Of(err).Major; m != majors[major] {
			t.Errorf("major is %#x, not %s", m, major)
		}
		if err.Error() != text {
			t.Errorf("the error is\n%s\nnot\n%s", err, text)
		}
	default:
		t.Fatalf("no result %q", v.result)
	}
}

func checkSame(t *testing.T, c codec, b []byte) {
	t.Helper()
	v, err := c.parse(b)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if out, err := c.marshal(v); err != nil || !bytes.Equal(out, b) {
		t.Fatalf("marshals to\n%x, %v\nnot to\n%x", out, err, b)
	}
}

func readVectors(t testing.TB, name string) vectorFile {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile
	var base strings.Builder
	var v *vector
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\\\n", " "), "\n") {
		line, _, _ = strings.Cut(line, ";")
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case verb == "vector":
			f.vectors = append(f.vectors, vector{name: rest})
			v = &f.vectors[len(f.vectors)-1]
		case v == nil && verb != "#":
			base.WriteString(strings.Join(strings.Fields(line), " ") + " ")
		case v == nil:
		case verb == "#":
			v.point += rest
		case verb == "replace" || verb == "remove":
			old, new, ok := strings.Cut(strings.Join(strings.Fields(rest), " ")+" ", " => ")
			if ok != (verb == "replace") {
				t.Fatalf("%s:%d: no =>", path, i+1)
			}
			v.old, v.new = append(v.old, strings.TrimSpace(old)), append(v.new, new)
		case verb == "truncate":
			fmt.Sscan(rest, &v.truncate)
		case verb == "append":
			v.appended = rest
		case verb == "result":
			v.result, v.detail, _ = strings.Cut(rest, " ")
		default:
			t.Fatalf("%s:%d: what is %q?", path, i+1, verb)
		}
	}
	f.base = base.String()
	return f
}

// assemble converts the notation above to octets.
func assemble(t testing.TB, text string) []byte {
	t.Helper()
	s := text
	type level struct {
		size int // of the length: 0 DER, -1 none, longForm and a number of octets
		out  []byte
	}
	stack := []level{{size: -1}}
	size, unit := 0, 0 // unit is how many octets the last element has
	for s != "" {
		top := &stack[len(stack)-1]
		c := s[0]
		s = s[1:]
		switch {
		case c == ' ' || c == '\n' || c == '\t':
		case c == '@':
			size = int(s[0] - '0')
			s = s[1:]
		case c == '+':
			size = longForm + int(s[0]-'0')
			s = s[1:]
		case c == '{':
			stack = append(stack, level{size: size})
			size = 0
		case c == '(':
			stack = append(stack, level{size: -1})
		case c == '}' || c == ')':
			stack = stack[:len(stack)-1]
			up := &stack[len(stack)-1]
			unit = len(top.out)
			up.out = append(appendLength(up.out, top.size, len(top.out)), top.out...)
		case c == '"':
			str, rest, _ := strings.Cut(s, `"`)
			top.out = append(top.out, str...)
			s = rest
		case c == '*':
			var n int
			fmt.Sscan(s, &n)
			s = strings.TrimLeft(s, "0123456789")
			top.out = append(top.out, bytes.Repeat(top.out[len(top.out)-unit:], n-1)...)
		default:
			b, err := hex.DecodeString(string(c) + s[:1])
			if err != nil {
				t.Fatalf("%v before %q", err, s)
			}
			top.out = append(top.out, b...)
			unit = 1
			s = s[1:]
		}
	}
	if len(stack) != 1 {
		t.Fatalf("unbalanced braces in %q", text)
	}
	return stack[0].out
}

// longForm is the first octet of a length in long form, without the number of octets that follow.
const longForm = 0x80

func appendLength(b []byte, size, n int) []byte {
	switch {
	case size < 0:
		return b
	case size > longForm:
		b = append(b, byte(size))
		for i := size - longForm - 1; i >= 0; i-- {
			b = append(b, byte(n>>(8*i)))
		}
		return b
	case size == 2:
		return binary.BigEndian.AppendUint16(b, uint16(n))
	case size == 4:
		return binary.BigEndian.AppendUint32(b, uint32(n))
	case n < 0x80:
		return append(b, byte(n))
	case n < 0x100:
		return append(b, 0x81, byte(n))
	default:
		return append(b, 0x82, byte(n>>8), byte(n))
	}
}

// checkRoundTrip checks that whatever is accepted is marshaled to something that parses to the same.
func checkRoundTrip(t *testing.T, c codec, b []byte) (accepted bool) {
	t.Helper()
	in := bytes.Clone(b)
	v, err := c.parse(b)
	if err != nil {
		return false
	}
	out, err := c.marshal(v)
	if err != nil {
		t.Fatalf("%x parses, but does not marshal: %v", in, err)
	}
	again, err := c.parse(out)
	if err != nil {
		t.Fatalf("%x\nmarshals to\n%x\nwhich is refused: %v", in, out, err)
	}
	withoutRaw(v)
	withoutRaw(again)
	if !reflect.DeepEqual(v, again) {
		t.Fatalf("%x\nis first\n%+v\nthen\n%+v", in, v, again)
	}
	if !bytes.Equal(in, b) {
		t.Fatalf("%x was changed by parsing", in)
	}
	return true
}

// withoutRaw clears the octets in which a lone ticket came, which may be another encoding.
func withoutRaw(v any) {
	if t, ok := v.(*Ticket); ok {
		t.Raw = nil
	}
}

// Each truncation is refused, and each single-bit change is refused or round-trips. None panics.
func TestEveryTruncationAndBitFlip(t *testing.T) {
	for name, c := range codecs {
		t.Run(name, func(t *testing.T) {
			good := assemble(t, readVectors(t, name).base)
			for n := range good {
				if _, err := c.parse(good[:n:n]); err == nil && !mayEndAnywhere(name, n) {
					t.Errorf("the first %d octets are accepted", n)
				}
			}
			for i := range good {
				for bit := range 8 {
					b := bytes.Clone(good)
					b[i] ^= 1 << bit
					checkRoundTrip(t, c, b)
				}
			}
		})
	}
}

// mayEndAnywhere reports whether a token ends with octets whose number is not given.
func mayEndAnywhere(name string, n int) bool {
	end, open := openEnd[name]
	return open && n >= end
}

var openEnd = map[string]int{"gss-checksum": 28 + 5, "context-token": 342}

func fuzz(f *testing.F, name string) {
	file := readVectors(f, name)
	f.Add(assemble(f, file.base))
	for _, v := range file.vectors {
		base := file.base
		for i, old := range v.old {
			base = strings.Replace(base, old, v.new[i], 1)
		}
		f.Add(append(assemble(f, base), assemble(f, v.appended)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkRoundTrip(t, codecs[name], b) })
}

func FuzzAPReq(f *testing.F)          { fuzz(f, "ap-req") }
func FuzzAuthenticator(f *testing.F)  { fuzz(f, "authenticator") }
func FuzzTicket(f *testing.F)         { fuzz(f, "ticket") }
func FuzzEncTicketPart(f *testing.F)  { fuzz(f, "enc-ticket-part") }
func FuzzAPRep(f *testing.F)          { fuzz(f, "ap-rep") }
func FuzzEncAPRepPart(f *testing.F)   { fuzz(f, "enc-ap-rep-part") }
func FuzzKRBError(f *testing.F)       { fuzz(f, "krb-error") }
func FuzzKRBCred(f *testing.F)        { fuzz(f, "krb-cred") }
func FuzzEncKRBCredPart(f *testing.F) { fuzz(f, "enc-krb-cred-part") }
func FuzzTGSRep(f *testing.F)         { fuzz(f, "tgs-rep") }
func FuzzGSSChecksum(f *testing.F)    { fuzz(f, "gss-checksum") }
func FuzzContextToken(f *testing.F)   { fuzz(f, "context-token") }
func FuzzMITContext(f *testing.F)     { fuzz(f, "mit-context") }
func FuzzExportedName(f *testing.F)   { fuzz(f, "exported-name") }
func FuzzCompositeName(f *testing.F)  { fuzz(f, "composite-name") }
func FuzzUnframe(f *testing.F)        { fuzz(f, "frame") }
func FuzzAuthData(f *testing.F)       { fuzz(f, "authorization-data") }
func FuzzPAC(f *testing.F)            { fuzz(f, "pac") }
func FuzzCAMMAC(f *testing.F)         { fuzz(f, "cammac") }
func FuzzAuthIndicators(f *testing.F) { fuzz(f, "auth-indicators") }
func FuzzNameAttributes(f *testing.F) { fuzz(f, "name-attributes") }
func FuzzEtypeList(f *testing.F)      { fuzz(f, "etype-list") }
func FuzzNegTokenInit(f *testing.F)   { fuzz(f, "neg-token-init") }
func FuzzNegTokenResp(f *testing.F)   { fuzz(f, "neg-token-resp") }

// marshalContextToken also checks Size.
func marshalContextToken(v any) ([]byte, error) {
	t := v.(*ContextToken)
	b, err := t.Append(nil)
	if err == nil && len(b) != t.Size() {
		err = fmt.Errorf("%d octets, Size says %d", len(b), t.Size())
	}
	return b, err
}
