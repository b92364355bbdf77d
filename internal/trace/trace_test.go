// SPDX-License-Identifier: BSD-2-Clause

package trace

import (
	"errors"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// recorder is a trace in memory.
type recorder struct{ lines []string }

func (r *recorder) log(told Told) *Log {
	return New(func(line []byte) { r.lines = append(r.lines, string(line)) }, nil, 42,
		func() time.Time { return time.Unix(1700000000, 5000) }, told)
}

var alice = token.Principal{Type: token.NTPrincipal, Components: []string{"alice"}, Realm: "A.TEST"}

func TestNoTraceCostsNothing(t *testing.T) {
	var l *Log
	err := errors.New("no reason")
	addr := netip.MustParseAddrPort("127.0.0.1:88")
	etypes := []crypto.EType{crypto.AES256SHA1}
	failure := status.Errorf(status.Failure, status.Generic, "no reason")
	now := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		l.Cache("/tmp/cc", alice, 3)
		l.CacheUnusable("/tmp/cc", err)
		l.Wanted(alice, alice)
		l.Found(alice, "/tmp/cc", now)
		l.Question().Request(alice, alice, etypes)
		l.Question().ActsFor(alice, alice, true)
		l.Sending(100, addr, "udp", false)
		l.NoAnswer(addr, "udp", err)
		l.KeyTried(alice, 3, 18, true)
		l.Authenticated(alice, now)
		l.Established(alice, alice, 18, 0, now)
		l.Failure("gss_wrap", failure)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// events calls every method of l that is an event with values of its parameters' types.
func events(l *Log, value func(reflect.Type) reflect.Value) (names []string) {
	v := reflect.ValueOf(l)
	for i := range v.NumMethod() {
		m := v.Type().Method(i)
		if m.Type.NumOut() > 0 {
			continue
		}
		var in []reflect.Value
		for j := 1; j < m.Type.NumIn(); j++ {
			in = append(in, value(m.Type.In(j)))
		}
		v.Method(i).Call(in)
		names = append(names, m.Name)
	}
	return names
}

func TestEveryEventWorksWithoutATrace(t *testing.T) {
	names := events(nil, reflect.Zero)
	if len(names) < 25 {
		t.Errorf("only these: %v", names)
	}
}

var line = regexp.MustCompile(`^\[42\] 1700000000\.000005: [^\n]+\n$`)

// Whatever a peer, a file or a program puts into a name, an event is one line that prints.
func TestEveryEventIsOnePrintableLine(t *testing.T) {
	hostile := "x\n[1] 0.0: forged\x1b[2J\r\x00\x7f\u009b31m\u202e\u2028\xff\xc0\xaf" + strings.Repeat("long", 1000)
	r := &recorder{}
	names := events(r.log(nil), func(p reflect.Type) reflect.Value {
		switch p {
		case reflect.TypeFor[string]():
			return reflect.ValueOf(hostile)
		case reflect.TypeFor[[]string]():
			return reflect.ValueOf([]string{hostile, hostile})
		case reflect.TypeFor[token.Principal]():
			return reflect.ValueOf(token.Principal{Components: []string{hostile, hostile}, Realm: hostile})
		case reflect.TypeFor[token.OID]():
			return reflect.ValueOf(token.OID(hostile))
		case reflect.TypeFor[error]():
			return reflect.ValueOf(errors.New(hostile))
		case reflect.TypeFor[*status.Error]():
			return reflect.ValueOf(&status.Error{Major: status.NoCred, Text: hostile})
		}
		return reflect.Zero(p)
	})
	if len(r.lines) != len(names) {
		t.Fatalf("%d lines of %d events", len(r.lines), len(names))
	}
	for i, text := range r.lines {
		if !line.MatchString(text) || len(text) > maxLine || !prints(text) {
			t.Errorf("%s: %q", names[i], text)
		}
	}
}

func prints(line string) bool {
	for _, r := range strings.TrimSuffix(line, "\n") {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// The page explains each line, by the words that it begins with.
func TestPageExplainsEveryEvent(t *testing.T) {
	source, err := os.ReadFile("events.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../man/libgssapi-trace.7")
	if err != nil {
		t.Fatal(err)
	}
	events := regexp.MustCompile(`l\.event\("(\w*)[^%"]*%#?[a-z]:? ?([\w ]*)`).FindAllStringSubmatch(string(source), -1)
	if len(events) < 25 {
		t.Errorf("only %d events", len(events))
	}
	for _, e := range events {
		if !regexp.MustCompile(`(?m)^\.It Li "` + e[1] + `\b.*` + strings.TrimSpace(e[2])).Match(page) {
			t.Errorf("the page does not explain %q", e[0])
		}
	}
	for _, e := range regexp.MustCompile(`l\.event\("([^%"]+)"\)`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(string(page), "\n.It Li \""+e[1]+"\"\n") {
			t.Errorf("the page does not explain %q", e[0])
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "plain", "a\nb", "\x1b]0;title\a", "\u202e", "\xf0\x28\x8c\x28", strings.Repeat("ä", 2000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := appendPrintable([]byte("[1] "), text, 200)
		if len(b) > 200 || !prints(string(b)) && !strings.Contains(text, "\ufffd") {
			t.Errorf("%q", b)
		}
	})
}

func TestLongLineIsCut(t *testing.T) {
	r := &recorder{}
	r.log(nil).HostName(strings.Repeat("a", 5000), "b")
	if len(r.lines[0]) > maxLine || !strings.HasSuffix(r.lines[0], "a"+cut+"\n") {
		t.Errorf("%q", r.lines[0])
	}
}

func TestCallThatIsMadeAgainTellsNothingTwice(t *testing.T) {
	r := &recorder{}
	told := Told{}
	for range 2 {
		l := r.log(told)
		l.Wanted(alice, alice)
		l.HostRealm("h", "A.TEST")
	}
	if len(r.lines) != 2 {
		t.Errorf("%q", r.lines)
	}
	r.log(told).Question().Wanted(alice, alice)
	r.log(nil).Wanted(alice, alice)
	if len(r.lines) != 4 {
		t.Errorf("what is not of the call: %q", r.lines)
	}
}
