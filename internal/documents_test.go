// SPDX-License-Identifier: BSD-2-Clause

package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tree has everything that a document may name.
type tree struct {
	files   map[string]bool // and directories
	names   map[string]bool // of files, without their directories
	tests   map[string]bool // in Go, and fuzz targets
	cases   map[string]bool // of tests in Go, as they are in tables
	targets map[string]bool // of the Makefile
}

func readTree(t *testing.T) *tree {
	t.Helper()
	tr := &tree{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() && (name == "build" || name == ".git") {
			return fs.SkipDir
		}
		tr.files[name], tr.names[path.Base(name)] = true, true
		if strings.HasSuffix(name, "_test.go") {
			return tr.addTests(file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^\.PHONY:.*`).FindAllString(read(t, "Makefile"), -1) {
		for _, target := range strings.Fields(line)[1:] {
			tr.targets[target] = true
		}
	}
	return tr
}

func (tr *tree) addTests(file string) error {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
			tr.tests[fn.Name.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && casePattern.MatchString(l.Value) {
			tr.cases[strings.Trim(l.Value, `"`)] = true
		}
		return true
	})
	return nil
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Documents name links, code (in a line or in lines of its own), and, after these words, programs of tests/c and mutants.
var (
	linkPattern    = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	codePattern    = regexp.MustCompile("`[^`\n]+`|(?m:^(?: {4}|\t).*$)")
	programPattern = regexp.MustCompile("\\bprograms? ((?:`[^`]+`(?:, and |, | and )?)+)")
	mutantPattern  = regexp.MustCompile("\\bmutants? ((?:`[^`]+`(?:, and |, | and )?)+)")
	spanPattern    = regexp.MustCompile("`([^`]+)`")
	testPattern    = regexp.MustCompile(`^\^?((?:Test|Fuzz)[A-Z]\w*)\$?$`)
	casePattern    = regexp.MustCompile(`^"[a-z0-9]+(?:-[a-z0-9]+)+"$`)
	sourcePattern  = regexp.MustCompile(`^[\w.-]+\.(?:go|c|h|sh|mutant)$`)
	blankPattern   = regexp.MustCompile(`[A-Z]{3,}`) // what stands for any name: gss_NAME.go
)

// faultsOf lists the names in a document that do not exist.
func (tr *tree) faultsOf(document, text string) (list []string) {
	fault := func(format string, args ...any) {
		list = append(list, document+": "+fmt.Sprintf(format, args...))
	}
	for _, m := range linkPattern.FindAllStringSubmatch(text, -1) {
		if !tr.has(path.Join(path.Dir(document), m[1])) {
			fault("links to %s", m[1])
		}
	}
	for _, code := range codePattern.FindAllString(text, -1) {
		words := strings.Fields(strings.Trim(code, "` \t"))
		for i, word := range words {
			word = strings.Trim(word, `'"(),.:;`)
			first, _, isPath := strings.Cut(word, "/")
			switch m := testPattern.FindStringSubmatch(word); {
			case m != nil && !tr.tests[m[1]]:
				fault("names the test %s", m[1])
			case word == "make" && i == 0:
				for _, target := range tr.noTargets(words[1:]) {
					fault("names the target %s of make", target)
				}
			case isPath && first != "build" && tr.files[first] && !tr.has(word):
				fault("names the file %s", word)
			case len(words) == 1 && sourcePattern.MatchString(word) && !tr.hasName(word):
				fault("names a file %s", word)
			}
		}
	}
	for _, named := range []struct {
		pattern              *regexp.Regexp
		kind, dir, extension string
	}{
		{programPattern, "program", "tests/c/", ".c"},
		{mutantPattern, "mutant", "tests/mutants/", ".mutant"},
	} {
		for _, m := range named.pattern.FindAllStringSubmatch(text, -1) {
			for _, span := range spanPattern.FindAllStringSubmatch(m[1], -1) {
				if !tr.files[named.dir+span[1]+named.extension] && !strings.Contains(span[1], "/") {
					fault("names the %s %s", named.kind, span[1])
				}
			}
		}
	}
	return list
}

// noTargets lists the targets of a command that the Makefile lacks.
func (tr *tree) noTargets(words []string) (list []string) {
	for _, word := range words {
		if strings.HasPrefix(word, "#") || strings.ContainsAny(word, "&|;") {
			break
		}
		if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") && word != "TARGET" && !tr.targets[word] {
			list = append(list, word)
		}
	}
	return list
}

// has reports whether the tree has a file or directory, or one that a pattern stands for.
func (tr *tree) has(file string) bool { return matches(tr.files, path.Clean(file)) }

func (tr *tree) hasName(name string) bool { return matches(tr.names, name) }

func matches(set map[string]bool, name string) bool {
	if set[name] {
		return true
	}
	pattern := blankPattern.ReplaceAllString(name, "*")
	if !strings.Contains(pattern, "*") {
		return false
	}
	for file := range set {
		if ok, _ := path.Match(pattern, file); ok {
			return true
		}
	}
	return false
}

// documents are those of the tree for people to read.
func (tr *tree) documents() (list []string) {
	for file := range tr.files {
		if strings.HasSuffix(file, ".md") || file == "CHANGES" {
			list = append(list, file)
		}
	}
	slices.Sort(list)
	return list
}

func TestDocumentsNameExistingFilesAndTests(t *testing.T) {
	tr := readTree(t)
	documents := tr.documents()
	if len(documents) < 5 || len(tr.tests) < 100 || len(tr.targets) < 10 {
		t.Errorf("only %d documents, %d tests and %d targets were found", len(documents), len(tr.tests), len(tr.targets))
	}
	for _, document := range documents {
		for _, fault := range tr.faultsOf(document, read(t, document)) {
			t.Error(fault)
		}
	}
}

// Each rule finds the faults that it should find, and no others.
func TestDocumentRulesFindFaults(t *testing.T) {
	tr := &tree{
		files: map[string]bool{"doc": true, "doc/a.md": true, "capi": true, "capi/gss_wrap.go": true, "tests": true,
			"tests/c/fork.c": true, "tests/mutants/ec-ignored.mutant": true},
		names:   map[string]bool{"gss_wrap.go": true, "fork.c": true},
		tests:   map[string]bool{"TestLayers": true},
		targets: map[string]bool{"all": true, "front": true},
	}
	for _, test := range []struct{ name, text, want string }{
		{"link", "see [that](b.md)", "links to b.md"},
		{"link-that-is-there", "see [that](a.md)", ""},
		{"link-elsewhere", "see [that](https://www.example.org/b.md)", ""},
		{"path", "`capi/gss_unwrap.go`", "capi/gss_unwrap.go"},
		{"path-in-a-command", "    sh tests/none.sh build", "tests/none.sh"},
		{"path-of-a-kind", "`capi/gss_NAME.go`", ""},
		{"path-of-no-kind", "`capi/krb5_NAME.go`", "krb5_NAME.go"},
		{"path-of-others", "`runtime/proc.go`", ""},
		{"path-that-is-built", "`build/lib/libgssapi.so.10`", ""},
		{"name", "`gss_unwrap.go`", "gss_unwrap.go"},
		{"name-that-is-there", "`gss_wrap.go`, `fork.c`", ""},
		{"target", "`make backend`", "target backend"},
		{"targets", "    make all back B=build/next && sh x", "target back"},
		{"targets-that-are-there", "    make all front B=build/next && sh x # or so", ""},
		{"verb", "these make no difference", ""},
		{"test", "`go test -run '^TestLevels$' ./internal`", "TestLevels"},
		{"test-that-is-there", "`go test -run '^TestLayers$' ./internal`", ""},
		{"program", "program `thread_exit`", "thread_exit"},
		{"program-that-is-there", "program `fork`", ""},
		{"mutant", "mutants `ec-ignored`, `rrc-ignored`", "rrc-ignored"},
		{"mutants-of-another-kind", "mutants `ec-ignored` and others", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(tr.faultsOf("doc/x.md", test.text), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("faults are %q, not %q", got, test.want)
			}
		})
	}
}

// Each name in brackets in doc/security.md exists: a program of tests/c, a mutant, a Go test, a script or a package.
func TestSecurityIsShown(t *testing.T) {
	tr := readTree(t)
	brackets := regexp.MustCompile("\\[([^]]*`[^]]*)\\](?:[^(]|$)").FindAllStringSubmatch(read(t, "doc/security.md"), -1)
	shown := 0
	for _, m := range brackets {
		for _, span := range spanPattern.FindAllStringSubmatch(m[1], -1) {
			shown++
			name := span[1]
			if !tr.files["tests/c/"+name+".c"] && !tr.files["tests/mutants/"+name+".mutant"] && !tr.cases[name] &&
				!tr.has(name) && !tr.hasName(name) {
				t.Errorf("[%s]: there is no %s", m[1], name)
			}
		}
	}
	if shown < 20 {
		t.Errorf("only %d names were found", shown)
	}
}

// doc/compatibility.md has each interoperability script, and run.sh runs it; and the releases of Go that the engine is built with.
func TestCompatibilityIsComplete(t *testing.T) {
	document, runs := read(t, "doc/compatibility.md"), strings.Fields(read(t, "tests/interop/run.sh"))
	scripts, err := filepath.Glob("../tests/interop/*.sh")
	if err != nil || len(scripts) < 10 {
		t.Fatalf("only %d scripts: %v", len(scripts), err)
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		if slices.Contains([]string{"run.sh", "lib.sh", "debian.sh", "acting.sh", "httpd.sh"}, name) { // which run or are read by others
			continue
		}
		if !strings.Contains(document, "`"+name+"`") {
			t.Errorf("doc/compatibility.md lacks %s", name)
		}
		if name, _ := strings.CutSuffix(name, ".sh"); !slices.Contains(runs, name) && !slices.Contains(runs, name+";") {
			t.Errorf("tests/interop/run.sh does not run %s", name)
		}
	}
	releases, err := filepath.Glob("goruntime/go1*.go")
	if err != nil || len(releases) == 0 {
		t.Fatalf("no release of Go: %v", err)
	}
	for _, file := range releases {
		release := strings.TrimSuffix(strings.Replace(filepath.Base(file), "go1", "1.", 1), ".go")
		for _, document := range []string{"README.md", "doc/compatibility.md", "internal/goruntime/README.md"} {
			if !strings.Contains(read(t, document), release) {
				t.Errorf("%s does not name Go %s", document, release)
			}
		}
	}
}

// Functions that doc/compatibility.md calls "not written yet" are indeed missing.
func TestMissingFunctionsAreMissing(t *testing.T) {
	names := regexp.MustCompile("`(gss_[a-z0-9_]+)`")
	for line := range strings.Lines(read(t, "doc/compatibility.md")) {
		what, why, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !strings.Contains(why, "Not written yet") {
			continue
		}
		functions := names.FindAllStringSubmatch(what, -1)
		if len(functions) == 0 {
			t.Errorf("doc/compatibility.md does not name what is not written yet: %s", what)
		}
		for _, m := range functions {
			if _, err := os.Stat("../capi/" + m[1] + ".go"); err == nil {
				t.Errorf("doc/compatibility.md says that %s is not written yet", m[1])
			}
		}
	}
}

// The rows that doc/design.md refers to are in the last table of the benchmarks.
func TestDesignRefersToRowsOfTheBenchmarks(t *testing.T) {
	_, measured, _ := strings.Cut(read(t, "doc/design.md"), "\n## What was measured\n")
	measured, _, _ = strings.Cut(measured, "\n## ")
	table, rows := "\n"+read(t, "bench/table.txt"), 0
	for line := range strings.Lines(measured) {
		first, isRow := strings.CutPrefix(line, "| `")
		if !isRow {
			continue
		}
		cell, _, _ := strings.Cut("`"+first, " |")
		for _, span := range spanPattern.FindAllStringSubmatch(cell, -1) {
			if rows++; !strings.Contains(table, "\n"+span[1]+" ") {
				t.Errorf("bench/table.txt has no row %q", span[1])
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d rows were found", rows)
	}
}

// doc/design.md has a place for each package that is linked into the engine.
func TestDesignNamesEachPackage(t *testing.T) {
	document := read(t, "doc/design.md")
	for dir := range layers {
		name := path.Base(dir)
		if !slices.Contains(testOnly, dir) && !strings.Contains(document, "`"+name+"`") && !strings.Contains(document, "`"+dir+"`") {
			t.Errorf("doc/design.md has no place for %s", dir)
		}
	}
}

// Builds and tests leave nothing behind in the tree: neither programs nor files in its top directory.
func TestNothingIsLeftBehind(t *testing.T) {
	of := []string{".ci", ".gitignore", "CHANGES", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "THIRD-PARTY",
		"bench", "capi", "cross", "doc", "examples", "go.mod", "go.sum", "include", "internal", "licenses", "man", "ports", "tests",
		".git", "build", "vendor"}
	top, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range top {
		if !slices.Contains(of, entry.Name()) {
			t.Errorf("%s was left in the top directory", entry.Name())
		}
	}
	for file := range readTree(t).files {
		if isELF(t, "../"+file) {
			t.Errorf("%s is a program", file)
		}
	}
}

func isELF(t *testing.T, file string) bool {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var first [4]byte
	n, _ := f.Read(first[:])
	return string(first[:n]) == "\x7fELF"
}

// Where the code reads settings of krb5.conf and variables of the environment, by name.
var (
	settingPatterns = regexps(
		`\.(?:boolean|integer|duration|enctypes|libdefault)\("(\w+)"`,
		`\.(?:first|get|Setting)\("libdefaults", "(\w+)"`,
		`\.(?:first|get)\("realms", realm, "(\w+)"`,
		`\.programSetting\([^"]*"(\w+)"`,
		`\.fileName\(env, "\w+", "(\w+)"`,
		`(?m)^\t"default_\w+":\s+\{"(\w+)"`,
	)
	variablePatterns = regexps(
		`[gG]etenv\("(\w+)"`,
		`\.chosen\("(\w+)"`,
		`\.fileName\(env, "(\w+)"`,
	)
)

func regexps(list ...string) (compiled []*regexp.Regexp) {
	for _, s := range list {
		compiled = append(compiled, regexp.MustCompile(s))
	}
	return compiled
}

// TestPagesNameWhatIsRead compares the settings and variables that the code reads with those that the manual lists.
func TestPagesNameWhatIsRead(t *testing.T) {
	var source strings.Builder
	for file := range readTree(t).files {
		if (strings.HasPrefix(file, "internal/krb5/") || strings.HasPrefix(file, "capi/")) &&
			(strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".c")) {
			source.WriteString(read(t, file))
		}
	}
	code := source.String()
	settings, variables := read(t, "man/libgssapi-krb5.conf.5"), read(t, "man/gssapi.3")
	for _, test := range []struct {
		patterns   []*regexp.Regexp
		page, text string
		listed     *regexp.Regexp // an item of the page, with the names in it
		macro      string
		min        int
	}{
		{settingPatterns, "libgssapi-krb5.conf.5", settings, regexp.MustCompile(`(?m)^\.It .*\bCm (.*)$`), "Cm", 40},
		{variablePatterns, "gssapi.3", variables, regexp.MustCompile(`(?m)^\.It Ev (.*)$`), "Ev", 10},
	} {
		found := 0
		for _, pattern := range test.patterns {
			names := pattern.FindAllStringSubmatch(code, -1)
			if len(names) == 0 {
				t.Errorf("nothing in the code matches %v", pattern)
			}
			found += len(names)
			for _, name := range names {
				if !regexp.MustCompile(`(?m)^\..*\b` + test.macro + `\b.*\b` + name[1] + `\b`).MatchString(test.text) {
					t.Errorf("%s does not describe %s", test.page, name[1])
				}
			}
		}
		if found < test.min {
			t.Errorf("only %d names for %s were found", found, test.page)
		}
		for _, item := range test.listed.FindAllStringSubmatch(test.text, -1) {
			for _, name := range strings.FieldsFunc(item[1], func(c rune) bool { return c == ' ' || c == ',' }) {
				if len(name) > 2 && !strings.Contains(code, `"`+name+`"`) {
					t.Errorf("%s describes %s, which the code does not read", test.page, name)
				}
			}
		}
	}
}
