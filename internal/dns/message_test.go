// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// writer makes messages, right and wrong.
type writer struct{ b []byte }

// header begins the reply to q, with flags and the number of its answers.
func header(q question, flags uint16, answers int) *writer {
	w := &writer{}
	w.u16(q.id, flags|flagResponse, 1, uint16(answers), 0, 0)
	w.raw(q.name)
	w.u16(uint16(q.kind), classIN)
	return w
}

func (w *writer) u16(list ...uint16) *writer {
	for _, n := range list {
		w.b = binary.BigEndian.AppendUint16(w.b, n)
	}
	return w
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

// record adds a record whose owner is as it goes over the wire.
func (w *writer) record(owner string, kind Type, data string) *writer {
	w.raw(owner)
	w.u16(uint16(kind), classIN, 0, 60, uint16(len(data)))
	return w.raw(data)
}

const asked = "\xc0\x0c" // the name of the question

func ask(t testing.TB, name string, kind Type) question {
	t.Helper()
	q, err := newQuestion(0x1234, name, kind)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestQuestion(t *testing.T) {
	q := ask(t, "_Kerberos.Test.", URI)
	want := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09_kerberos\x04test\x00\x01\x00\x00\x01"
	if got := string(q.message(false)); got != want {
		t.Errorf("%q", got)
	}
	want = strings.Replace(want, "\x00\x00\x00\x00\x00\x00\x09", "\x00\x00\x00\x00\x00\x01\x09", 1) +
		"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"
	if got := string(q.message(true)); got != want {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"", ".", "a..b", ".a", "a b\x00c", strings.Repeat("a", 64), strings.Repeat("abcd.", 51) + "e"} {
		if q, err := newQuestion(1, name, SRV); err == nil {
			t.Errorf("%q is a name: %q", name, q.name)
		}
	}
	if _, err := newQuestion(1, strings.Repeat("abc.", 63)+"d", SRV); err != nil {
		t.Error(err)
	}
}

func TestReplies(t *testing.T) {
	q := ask(t, "_kerberos._udp.a.test.", SRV)
	srv := "\x00\x01\x00\x02\x00\x58\x03kdc\x01a\x04test\x00"
	many := header(q, 0, 300)
	for range 300 {
		many.record(asked, SRV, srv)
	}
	loop := func(data string) []byte { return header(q, 0, 1).record(asked, SRV, "\x00\x01\x00\x02\x00\x58"+data).b }
	at := len(header(q, 0, 1).b) + 12 // where the data of the first record begins
	for _, test := range []struct {
		name    string
		message []byte
		want    string // targets, "stray", or words of the error
	}{
		{"one", header(q, 0, 1).record(asked, SRV, srv).b, "kdc.a.test.:88"},
		{"target-is-continued-elsewhere", header(q, 0, 1).record(asked, SRV, "\x00\x01\x00\x02\x00\x58\x03kdc\xc0\x1b").b, "kdc.a.test.:88"},
		{"upper-case", header(ask(t, "_kerberos._udp.a.test", SRV), 0, 1).record("\x09_KERBEROS\x04_UDP\x01A\xc0\x1d", SRV, srv).b,
			"kdc.a.test.:88"},
		{"no-such-service", header(q, 0, 1).record(asked, SRV, "\x00\x01\x00\x02\x00\x58\x00").b, ".:88"},
		{"alias", header(q, 0, 2).record(asked, CNAME, "\x01b\x00").record("\x01b\x00", SRV, srv).b, "kdc.a.test.:88"},
		{"alias-after-what-it-leads-to", header(q, 0, 2).record("\x01b\x00", SRV, srv).record(asked, CNAME, "\x01b\x00").b,
			"kdc.a.test.:88"},
		{"record-of-another-name", header(q, 0, 1).record("\x01b\x00", SRV, srv).b, ""},
		{"record-of-another-type", header(q, 0, 1).record(asked, TXT, srv).b, ""},
		{"record-of-another-class", header(q, 0, 1).raw(asked).u16(uint16(SRV), 3, 0, 60, 2).raw("xx").b, ""},
		{"aliases-in-a-circle", header(q, 0, 2).record(asked, CNAME, "\x01b\x00").record("\x01b\x00", CNAME, asked).b, "loop of aliases"},
		{"alias-of-nothing", header(q, 0, 1).record(asked, CNAME, "\x01b\x00").b, ""},
		{"nothing", header(q, 0, 0).b, ""},
		{"no-such-name", header(q, codeNoName, 0).b, ""},
		{"too-many", many.b, "300 records"},
		{"count-beyond-the-end", header(q, 0, 2).record(asked, SRV, srv).b, "malformed"},
		{"data-beyond-the-end", header(q, 0, 1).raw(asked).u16(uint16(SRV), classIN, 0, 60, 400).raw(srv).b, "malformed"},
		{"target-that-is-a-pointer-to-itself", loop("\xc0" + string([]byte{byte(at + 6)})), ""},
		{"target-that-points-forward", loop("\xc0\xff"), ""},
		{"target-without-end", loop("\x03kdc"), ""},
		{"target-with-a-label-of-an-unknown-kind", loop("\x43kdc\x00"), ""},
		{"target-with-a-dot-in-a-label", loop("\x04k.dc\x00"), ""},
		{"target-with-a-nul", loop("\x04k\x00dc\x00"), ""},
		{"octets-behind-the-target", loop("\x01k\x00x"), ""},
		{"short-data", header(q, 0, 2).record(asked, SRV, "\x00").record(asked, SRV, srv).b, "kdc.a.test.:88"},
		{"owner-in-a-circle", header(q, 0, 1).raw(string([]byte{0xc0, byte(at - 12)})).u16(uint16(SRV), classIN, 0, 60, 0).b, "malformed"},
		{"another-number", header(question{0x4321, q.name, SRV}, 0, 0).b, "stray"},
		{"another-name", header(ask(t, "b.test", SRV), 0, 0).b, "stray"},
		{"another-type", header(ask(t, "_kerberos._udp.a.test", TXT), 0, 0).b, "stray"},
		{"a-question", q.message(false), "stray"},
		{"another-operation", header(q, 1<<11, 0).b, "stray"},
		{"no-question-in-it", (&writer{}).u16(q.id, flagResponse, 0, 0, 0, 0).b, "stray"},
		{"cut-header", header(q, 0, 0).b[:11], "stray"},
		{"cut-question", header(q, 0, 0).b[:30], "stray"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := q.parse(test.message)
			if err != nil {
				if err == errStray != (test.want == "stray") || err != errStray && (test.want == "" || !strings.Contains(err.Error(), test.want)) {
					t.Fatal(err)
				}
				return
			}
			var got []string
			for _, s := range services(r) {
				got = append(got, fmt.Sprintf("%s:%d", s.Host, s.Port))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("%q", got)
			}
		})
	}
	if r, err := q.parse(header(q, flagTruncated, 9).b); err != nil || !r.truncated {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTextsAndURIs(t *testing.T) {
	q := ask(t, "a", TXT)
	r, err := q.parse(header(q, 0, 4).record(asked, TXT, "\x04REAL\x01x").record(asked, TXT, "").record(asked, TXT, "\x05cut").
		record(asked, TXT, "\x00").b)
	if got := texts(r); err != nil || len(got) != 2 || got[0] != "REAL" || got[1] != "" {
		t.Errorf("%q, %v", got, err)
	}
	q = ask(t, "a", URI)
	r, err = q.parse(header(q, 0, 2).record(asked, URI, "\x00\x01\x00\x02krb5srv::udp:a").record(asked, URI, "\x00\x01\x00").b)
	if got := services(r); err != nil || len(got) != 1 || got[0] != (Service{Priority: 1, Weight: 2, Text: "krb5srv::udp:a"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// A message that no pointer can make longer to read than it is long.
func TestPointersCostLittle(t *testing.T) {
	var b []byte
	for i := range 8000 {
		b = append(b, 0xc0|byte(i>>8)&0x3f, byte(i)) // each to an octet or two before
	}
	if name, _, err := readName(b, len(b)-2); err == nil {
		t.Errorf("%q", name)
	}
}

func FuzzParse(f *testing.F) {
	for _, kind := range []Type{SRV, URI, TXT} {
		q, _ := newQuestion(7, "_kerberos.test", kind)
		f.Add(uint16(kind), header(q, 0, 2).record(asked, CNAME, "\x01b\x00").record("\x01b\x00", kind, "\x00\x01\x00\x02\x00\x58\x01k\x00").b)
		f.Add(uint16(kind), q.message(true))
	}
	f.Fuzz(func(t *testing.T, kind uint16, message []byte) {
		q, _ := newQuestion(7, "_kerberos.test", Type(kind))
		if len(message) > 12+len(q.name)+4 {
			copy(message, header(q, 0, int(message[7])).b) // the fuzzer has better to do than to guess this
		}
		r, err := q.parse(message)
		if err != nil {
			return
		}
		if len(r.records) > maxRecords {
			t.Errorf("%d records", len(r.records))
		}
		for _, s := range services(r) {
			if strings.ContainsAny(s.Host, "\x00/@:% ") || len(s.Host) > maxName {
				t.Errorf("%q", s.Host)
			}
		}
		texts(r)
	})
}
