// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestListThatCannotBeReadIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"one word":             "gss_wrap",
		"three words":          "FBSD_1.1 gss_wrap engine",
		"twice":                "FBSD_1.1 gss_wrap\nFBSD_1.1 gss_wrap",
		"too many of a node":   "closed A_1 1\nA_1 a\nA_1 b",
		"too few of a node":    "closed A_1 2\nA_1 a\nB_1 b",
		"a number that is not": "closed A_1 many",
		"a word too many":      "closed A_1 1 more\nA_1 a",
	} {
		if _, err := ParseSymbols(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestVersionScriptHidesWhatIsNotListed(t *testing.T) {
	l, err := ParseSymbols("# none\nA_1 b # with a reason\nA_1 a\nB_1 c\n")
	if err != nil {
		t.Fatal(err)
	}
	want := "A_1 {\n    global:\n\ta;\n\tb;\n    local:\n\t*;\n};\nB_1 {\n    global:\n\tc;\n} A_1;\n"
	if got := VersionScript(l.Symbols); !strings.HasSuffix(got, want) {
		t.Errorf("script:\n%s", got)
	}
}

// files writes files into a directory of their own.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestExportWaitsIfItReachesAnEnvironment(t *testing.T) {
	got, err := ReadEngine(files(t, map[string]string{
		"a.go": `package main

// gss_direct does.
//
//export gss_direct
func gss_direct() { use(environment()) }

//export gss_never
func gss_never() { loop() }

//export gss_indirect
func gss_indirect() { loop(); helper() }

//export gssapi_engine_start
func gssapi_engine_start() {}

func loop() { loop() }`,
		"b.go":      "package main\n\nfunc helper() { defer func() { _ = environment() }() }",
		"c_test.go": "package main\n\n//export gss_test\nfunc gss_test() {}",
	}))
	want := map[string]bool{"gss_direct": true, "gss_indirect": true, "gss_never": false}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestDefinitionsOfTheFrontBeginALine(t *testing.T) {
	got, err := ReadFront(files(t, map[string]string{
		"a.c": "static int\nhelper(int a)\n{\n\treturn called(a);\n}\n\nOM_uint32\n_gss_first(OM_uint32 *m,\n    int a)\n{\n}\n",
		"a.h": "int\ngss_declared(int a);\n",
	}))
	if names := slices.Sorted(maps.Keys(got)); err != nil || !slices.Equal(names, []string{"_gss_first", "helper"}) {
		t.Errorf("%v, %v", names, err)
	}
}

func function(name string) Function {
	return Function{name, "OM_uint32", []Param{{Type: "OM_uint32 *", Name: "minor_status"}}}
}

func TestPlaceFollowsFromTheSources(t *testing.T) {
	s := Sources{
		Header: Header{
			Functions: []Function{function("gss_engine"), function("gss_waits"), function("gss_behind"), function("gss_front"),
				function("gss_absent")},
			Objects: []string{"GSS_DATA"},
			Linked:  []Linked{{"gss_front", "gss_front_ours"}},
		},
		Engine: map[string]bool{"gss_engine": false, "gss_waits": true, "gss_behind": true},
		Front:  map[string]bool{"gss_behind": true, "gss_front": true},
	}
	l, err := ParseSymbols("closed A 6 stubs\nB gss_front_ours\nA gss_engine\nA gss_waits\nA gss_behind\nA gss_front\nA gss_absent\nA GSS_DATA")
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Find(l)
	if err != nil {
		t.Fatal(err)
	}
	want := "B\tgss_front_ours\tanother\nA\tgss_engine\tengine\nA\tgss_waits\twaits\nA\tgss_behind\tbehind\nA\tgss_front\tfront\n" +
		"A\tgss_absent\tabsent\nA\tGSS_DATA\tdata\n"
	if got := PlaceList(found); got != want {
		t.Errorf("places:\n%s", got)
	}
	if got := MissingList(found); got != "gss_absent\n" {
		t.Errorf("missing: %s", got)
	}
	if stubs, err := Stubs(found); err != nil || strings.Contains(stubs, "\ngss_front(") || strings.Contains(stubs, "gss_behind(") ||
		!strings.Contains(stubs, "\n\treturn gss_front(minor_status);\n") || !strings.Contains(stubs, "front_wait") || !strings.Contains(stubs, `front_unavailable(minor_status, "gss_absent")`) {
		t.Errorf("stubs: %v\n%s", err, stubs)
	}
}

// What is missing says where it is to be added.
func TestMissingFunctionsAreReportedWithTheirHeader(t *testing.T) {
	list := func(text string) List {
		l, err := ParseSymbols(text)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	public := Header{Functions: []Function{function("gss_a")}}
	private := Header{Functions: []Function{function("gss_p")}}
	find := func(l List, h Header) error {
		_, err := Sources{Header: h}.Find(l)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no prototype":         {find(list("A gss_a"), Header{}), "include/gssapi"},
		"no function":          {find(list("A gss_a"), public), "add capi/gss_a.go"},
		"nor in a closed node": {find(list("closed A 1\nA gss_a"), public), "add capi/gss_a.go"},
		"not listed":           {Complete(public, nil, nil), "symbols.txt"},
		"only exported":        {Complete(Header{}, map[string]bool{"gss_a": false}, nil), "include/gssapi"},
		"private and not listed": {Complete(Header{}, nil, []abi{{name: "x", private: private}}),
			"capi/front/abi/x"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

func TestLibraryLacksWhatOnlyAnotherLists(t *testing.T) {
	abis := []abi{
		{name: "old", soname: "libold.so.1", list: List{Symbols: []Symbol{{"A", "GSS_TWO"}}}},
		{name: "one", soname: "libone.so.1", found: true, list: List{Symbols: []Symbol{{"A", "gss_both"}, {"A", "gss_one"}}}},
		{name: "two", soname: "libtwo.so.2", found: true, list: List{Symbols: []Symbol{{"B", "gss_both"}, {"B", "GSS_TWO"}}}},
	}
	h := Header{Functions: []Function{function("gss_both"), function("gss_one")}, Objects: []string{"GSS_TWO"}}
	got := ABIHeader(abis, []string{"GUARD_H_"}, map[string]Header{"GUARD_H_": h})
	_, one, _ := strings.Cut(got, "GSSAPI_ABI == GSSAPI_ABI_ONE")
	one, two, ok := strings.Cut(one, "GSSAPI_ABI == GSSAPI_ABI_TWO")
	if !ok || strings.Contains(got, "(gss_both") {
		t.Fatalf("header:\n%s", got)
	}
	for _, c := range []struct{ section, want string }{
		{one, `GSSAPI_ABI_LACKS(GSS_TWO, "libone.so.1 does not have it, libtwo.so.2 has")`},
		{two, `GSSAPI_ABI_LACKS(gss_one, "libtwo.so.2 does not have it, libone.so.1 has")`},
	} {
		if !strings.Contains(c.section, "defined(GUARD_H_)") || !strings.Contains(c.section, c.want) ||
			strings.Count(c.section, "GSSAPI_ABI_LACKS(") != 1 {
			t.Errorf("section:\n%s", c.section)
		}
	}
}
