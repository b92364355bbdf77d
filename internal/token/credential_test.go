// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func exportedCredential() *ExportedCred {
	alice := Principal{Type: NTPrincipal, Components: []string{"alice"}, Realm: "A.TEST"}
	web := Principal{Type: NTPrincipal, Components: []string{"HTTP", "web.a.test"}, Realm: "A.TEST"}
	tgs := Principal{Type: NTSrvInst, Components: []string{"krbtgt", "A.TEST"}, Realm: "A.TEST"}
	at := func(n int64) time.Time { return time.Unix(n, 0).UTC() }
	return &ExportedCred{
		Usage:        1,
		Name:         &ExportedCredName{Principal: &alice, Service: "a \"service\"\\", Host: "h\x01\n\xff\u00e4"},
		Impersonator: &web,
		IAKERB:       true,
		Keytab:       "FILE:/etc/krb5.keytab",
		ReplayCache:  "dfl:",
		ClientKeytab: "FILE:/x",
		HaveTGT:      true,
		Expire:       at(4_000_000_000), // beyond 2038
		Refresh:      at(1_700_000_000),
		EncTypes:     []int32{18, 17, -128},
		Password:     []byte("pass \"word\""),
		Cache: &ExportedCache{Principal: alice, Tickets: []ExportedTicket{
			{
				Client: &alice, Server: &tgs, Key: EncryptionKey{EType: 18, Value: []byte("0123456789abcdef0123456789abcdef")},
				AuthTime: at(1), StartTime: at(2), EndTime: at(4_000_000_000), RenewTill: at(5), Flags: 0x80e10000, IsSKey: true,
				Addresses: []HostAddress{{Type: 2, Address: []byte{127, 0, 0, 1}}}, Ticket: []byte{0x61, 0xff, 0}, SecondTicket: []byte("x"),
				AuthData: []AuthDataEntry{{Type: 1, Data: []byte("yz")}},
			},
			{Client: &web, Server: &web, Key: EncryptionKey{EType: 17, Value: []byte{}}, Ticket: []byte{}, SecondTicket: []byte{}},
		}},
	}
}

func TestExportedCredentialIsReadAsItWasWritten(t *testing.T) {
	for what, change := range map[string]func(*ExportedCred){
		"full":          func(*ExportedCred) {},
		"nothing in it": func(c *ExportedCred) { *c = ExportedCred{} },
		"cache by name": func(c *ExportedCred) { c.Cache, c.CCache = nil, "FILE:/tmp/krb5cc_0" },
		"no ticket":     func(c *ExportedCred) { c.Cache.Tickets = nil },
		"no enctypes":   func(c *ExportedCred) { c.EncTypes = []int32{} },
	} {
		c := exportedCredential()
		change(c)
		text := c.Marshal()
		var free any
		if !strings.Contains(string(text), "\xff") {
			if err := json.Unmarshal(text, &free); err != nil {
				t.Errorf("%s: no JSON: %v", what, err)
			}
		}
		got, err := ParseExportedCred(text)
		if err != nil || !reflect.DeepEqual(c, got) {
			t.Errorf("%s: %v, %v\n%s\n%+v\n%+v", what, err, reflect.DeepEqual(c, got), text, c, got)
		}
	}
}

// Written by MIT krb5 1.20, and by a later release that adds a one-time password.
func TestExportedCredentialOfMIT(t *testing.T) {
	const begin = `["K5C1",[1,null,null,true,false,null,null,"FILE:/tmp/cc",null,true,1700000000,0,null,null`
	for _, text := range []string{begin + "]]", begin + `,"123456"]]`, " [ \"K5C1\"\n,[1,null ,null,true,false,null,null," +
		`"FILE:\/tmp\u002fcc",null,true,1700000000,0,null,null] ] `} {
		c, err := ParseExportedCred([]byte(text))
		if err != nil || c.Usage != 1 || c.CCache != "FILE:/tmp/cc" || !c.DefaultIdentity || c.Expire.Unix() != 1_700_000_000 ||
			c.HasSecrets() {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}

func TestDefectiveExportedCredentials(t *testing.T) {
	const begin = `["K5C1",[1,null,null,true,false,null,null,`
	const end = `,null,true,0,0,null,null]]`
	if _, err := ParseExportedCred([]byte(begin + "null" + end)); err != nil {
		t.Fatal(err)
	}
	principal := `"a@A"`
	ticket := func(what, by string) string {
		good := `["a@A","b@A",[18,"AAAA"],1,2,3,4,false,0,null,"AA==","",null]`
		bad := strings.Replace(good, what, by, 1)
		if bad == good && what != "" {
			t.Fatalf("%s is not there", what)
		}
		return begin + "[" + principal + "," + bad + "]" + end
	}
	if _, err := ParseExportedCred([]byte(ticket("", ""))); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"empty":                     "",
		"no JSON":                   "\x00\x00",
		"other-version":             strings.Replace(begin+"null"+end, "K5C1", "K5C2", 1),
		"octets-follow":             begin + "null" + end + "x",
		"object":                    begin + "{}" + end,
		"deep":                      begin + strings.Repeat("[", 1<<20) + end,
		"usage":                     strings.Replace(begin+"null"+end, "[1,", "[3,", 1),
		"fraction":                  strings.Replace(begin+"null"+end, "[1,", "[1.0,", 1),
		"exponent":                  strings.Replace(begin+"null"+end, "[1,", "[1e0,", 1),
		"text-for-number":           strings.Replace(begin+"null"+end, "[1,", `["1",`, 1),
		"trailing-comma":            strings.Replace(begin+"null"+end, "]]", ",]]", 1),
		"number-too-large":          strings.Replace(begin+"null"+end, "0,0", "0,99999999999999999999", 1),
		"text-without-end":          begin + `"FILE:`,
		"escape-without-end":        begin + `"FILE:\`,
		"nul":                       begin + `"FILE:\u0000"` + end,
		"half-a-surrogate":          begin + `"FILE:\ud800"` + end,
		"surrogate-before-another":  begin + `"FILE:\ud800\ud800"` + end,
		"no-hexadecimal-digits":     begin + `"FILE:\u00g0"` + end,
		"unknown-escape":            begin + `"FILE:\x"` + end,
		"control-character":         begin + "\"FILE:\n\"" + end,
		"cache-of-nobody":           begin + "[]" + end,
		"cache-of-null":             begin + "[null]" + end,
		"name-without-realm":        begin + `["a"]` + end,
		"name-of-many-components":   begin + `["` + strings.Repeat("a/", 32) + `a@A"]` + end,
		"long-name":                 begin + `["` + strings.Repeat("a", 64<<10) + `@A"]` + end,
		"ticket-of-nobody":          ticket(principal+",", "null,"),
		"ticket-for-nobody":         ticket(`"b@A"`, "null"),
		"ticket-with-less":          ticket(`,"",null]`, `,""]`),
		"ticket-with-more":          ticket(`,null]`, `,null,null]`),
		"key-with-more":             ticket(`"AAAA"]`, `"AAAA",1]`),
		"base64-without-padding":    ticket(`"AA=="`, `"AA"`),
		"base64-with-bits":          ticket(`"AA=="`, `"AB=="`),
		"base64-padding-within":     ticket(`"AA=="`, `"AA==AAAA"`),
		"base64-padding-only":       ticket(`"AA=="`, `"===="`),
		"base64-of-other-alphabet":  ticket(`"AA=="`, `"-_=="`),
		"base64-with-space":         ticket(`"AA=="`, `"AA= "`),
		"flags-of-more-than-32-bit": ticket("false,0", "false,4294967296"),
		"too-many-enctypes":         strings.Replace(begin+"null"+end, "0,0,null", "0,0,[1"+strings.Repeat(",1", 64)+"]", 1),
	} {
		if c, err := ParseExportedCred([]byte(text)); err == nil {
			t.Errorf("%s: %+v", what, c)
		}
	}
}

func TestCredElements(t *testing.T) {
	b := AppendCredElement(nil, MechKRB5, []byte("one"))
	b = AppendCredElement(b, MechSPNEGO, nil)
	if len(b) != CredElementSize(MechKRB5, []byte("one"))+CredElementSize(MechSPNEGO, nil) {
		t.Errorf("%d octets", len(b))
	}
	list, err := ParseCredElements(b)
	if err != nil || len(list) != 2 || list[0].Mech != MechKRB5 || string(list[0].Body) != "one" || len(list[1].Body) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	for n := range b {
		if n == CredElementSize(MechKRB5, []byte("one")) {
			continue
		}
		if _, err := ParseCredElements(b[:n]); err == nil {
			t.Errorf("cut after %d octets", n)
		}
	}
	if _, err := ParseCredElements(bytes.Repeat(AppendCredElement(nil, "", nil), 17)); err == nil {
		t.Error("17 elements")
	}
	if _, err := ParseCredElements(AppendCredElement(nil, OID(strings.Repeat("\x2a", 256)), nil)); err == nil {
		t.Error("a huge OID")
	}
	if _, err := ParseCredElements([]byte("\xff\xff\xff\xff")); err == nil {
		t.Error("a huge length")
	}
}

func TestBase64IsThatOfTheStandardLibrary(t *testing.T) {
	for n := range 70 {
		octets := make([]byte, n)
		for i := range octets {
			octets[i] = byte(i*37 + n*11)
		}
		var w jsonWriter
		w.octets(octets)
		if want := `"` + base64.StdEncoding.EncodeToString(octets) + `"`; string(w.b) != want {
			t.Errorf("%s, not %s", w.b, want)
		}
		if got := newJSONReader(w.b).octets(); !bytes.Equal(got, octets) {
			t.Errorf("%x is read as %x", octets, got)
		}
	}
}

func FuzzParseExportedCred(f *testing.F) {
	f.Add(exportedCredential().Marshal())
	f.Add((&ExportedCred{CCache: "FILE:/tmp/x"}).Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseExportedCred(b)
		if err != nil {
			return
		}
		again, err := ParseExportedCred(c.Marshal())
		if err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("%v\n%+v\n%+v", err, c, again)
		}
	})
}

func FuzzParseCredElements(f *testing.F) {
	f.Add(AppendCredElement(nil, MechKRB5, []byte("one")))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseCredElements(b)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range list {
			again = AppendCredElement(again, e.Mech, e.Body)
		}
		if !bytes.Equal(b, again) {
			t.Errorf("%x is %x", b, again)
		}
	})
}
