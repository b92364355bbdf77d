// SPDX-License-Identifier: BSD-2-Clause

// Package internal_test holds the rules that no single package can hold: who imports whom, and what nobody calls.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "libgssapi/"

// layers says which packages of ours each package may import. token knows octets, crypto knows keys, krb5 knows
// Kerberos, gss knows what a mechanism is, krb5mech and spnego are two, ctx knows state, capi knows C; each looks only down.
var layers = map[string][]string{
	"internal/status":     {},
	"internal/inherit":    {},
	"internal/handle":     {"internal/inherit"},
	"internal/processor":  {},
	"internal/stack":      {"internal/processor"},
	"internal/wipe":       {},
	"internal/gen":        {},
	"internal/sock":       {},
	"internal/dns":        {"internal/sock"},
	"internal/rights":     {},
	"internal/descriptor": {},
	"internal/ledger":     {"internal/descriptor", "internal/rights"},
	"internal/token":      {"internal/status"},
	"internal/crypto":     {"internal/status", "internal/wipe", "internal/processor"},
	"internal/trace":      {"internal/status", "internal/token", "internal/crypto"},
	"internal/wire":       {"internal/token"},
	"internal/krb5": {"internal/status", "internal/token", "internal/crypto", "internal/ledger", "internal/wire",
		"internal/sock", "internal/dns", "internal/rights", "internal/descriptor",
		"internal/trace"},
	"internal/message": {"internal/status"},
	"internal/sealing": {"internal/status", "internal/token", "internal/crypto", "internal/krb5", "internal/ledger",
		"internal/message"},
	"internal/protect": {"internal/status", "internal/token", "internal/crypto", "internal/message", "internal/inherit",
		"internal/stack"},
	"internal/gss": {"internal/status", "internal/token", "internal/krb5", "internal/message", "internal/inherit",
		"internal/wire", "internal/sealing"},
	"internal/krb5mech": {"internal/status", "internal/token", "internal/crypto", "internal/krb5", "internal/gss",
		"internal/message", "internal/protect", "internal/inherit", "internal/wire"},
	"internal/spnego": {"internal/status", "internal/token", "internal/krb5", "internal/gss", "internal/message",
		"internal/inherit", "internal/wire"},
	"internal/mechs": {"internal/gss", "internal/krb5mech", "internal/spnego"},
	"internal/ctx": {"internal/status", "internal/token", "internal/krb5", "internal/gss", "internal/message",
		"internal/inherit", "internal/sealing", "internal/wire"},
	"internal/toymech": {"internal/status", "internal/token", "internal/crypto", "internal/krb5", "internal/gss",
		"internal/message", "internal/protect", "internal/inherit", "internal/wire"},
	"internal/dertest": {},
	"internal/krbtest": {"internal/status", "internal/token", "internal/crypto", "internal/krb5"},
	"capi": {"internal/status", "internal/token", "internal/krb5", "internal/sock", "internal/gss",
		"internal/message", "internal/mechs", "internal/ctx",
		"internal/handle", "internal/stack", "internal/inherit", "internal/wire", "internal/rights",
		"internal/processor", "internal/trace"},
}

// narrow says what of a package below it a package may use, and nothing else: the layer without a mechanism knows the
// process that it runs in, which internal/krb5 describes, and no Kerberos.
var narrow = map[string]map[string][]string{
	"internal/gss":     {"internal/krb5": {"Env", "Library", "Options", "OptionWithhold", "Pending"}},
	"internal/spnego":  {"internal/krb5": {"Env", "Library", "Options", "Pending"}},
	"internal/toymech": {"internal/krb5": {"Env", "Library", "Options"}},
	"internal/ctx":     {"internal/krb5": {"Env", "Library", "OptionWithhold", "ContextPolicy", "PolicyOpen"}},
}

// testOnly are packages that no code which ships may import.
var testOnly = []string{"internal/krbtest", "internal/dertest", "internal/toymech", "testing"}

// gokrb5 is imported only by the tests of internal/krb5 and by their KDCs, which must not share code with the engine.
const gokrb5 = "github.com/jcmturner/gokrb5/v8/"

// unsafePackages may import unsafe, as may the files of one platform.
var unsafePackages = []string{
	"capi", "internal/stack", "internal/handle", "internal/inherit", "internal/wipe", "internal/rights",
}

// environment lists what reads the environment as it was when the Go runtime was loaded. Programs set KRB5CCNAME for
// each request: it would be the wrong user's credentials. Values come in through krb5.Env instead.
var environment = map[string][]string{
	"os": {"Getenv", "LookupEnv", "Environ", "ExpandEnv", "UserHomeDir", "UserCacheDir", "UserConfigDir", "TempDir",
		"CreateTemp", "MkdirTemp"},
	"syscall":               {"Getenv", "Environ"},
	"golang.org/x/sys/unix": {"Getenv", "Environ"},
}

// environmentPackages do so whatever is called. os/user may also call into the C library for as long as it likes; package
// net knows neither nsswitch.conf(5) nor that descriptors may be closed by others.
var environmentPackages = []string{"os/user", "os/exec", "net", "net/http"}

// keyLosers drop copies of keys, or of passwords, on the heap without overwriting them. internal/crypto has its own
// HMAC and PBKDF2.
var keyLosers = []string{"crypto/hmac", "crypto/hkdf", "crypto/pbkdf2", "golang.org/x/crypto/hkdf",
	"golang.org/x/crypto/pbkdf2"}

func TestLayers(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if file != ".." && (strings.HasPrefix(name, ".") || name == "build" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		inTree, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		for _, fault := range faults(filepath.ToSlash(inTree), f) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were looked at", files)
	}
}

// faults lists what the file does against the rules. file is its path in the tree.
func faults(file string, f *ast.File) (list []string) {
	dir := path.Dir(file)
	isTest := strings.HasSuffix(file, "_test.go")
	isTool := dir == "tests" || strings.HasPrefix(dir, "tests/")
	fault := func(format string, args ...any) {
		list = append(list, file+": "+fmt.Sprintf(format, args...))
	}
	names := map[string]string{} // of packages in this file
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			fault("%v", err)
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
		ours, isOurs := strings.CutPrefix(imported, module)
		isGokrb5 := strings.HasPrefix(imported, gokrb5)
		switch {
		case imported == "C" && dir != "capi" && dir != "tests/beside/other":
			fault("imports C; only capi may")
		case isGokrb5 && (dir != "internal/krb5" || !isTest) && !strings.HasPrefix(dir, "tests/kdc") && dir != "tests/hammer/kdc":
			fault("imports gokrb5; only tests of internal/krb5 and their KDCs may")
		case isTest || isTool:
		case imported == "unsafe" && !slices.Contains(unsafePackages, dir) && !isPlatformFile(file):
			fault("imports unsafe")
		case slices.Contains(keyLosers, imported):
			fault("imports %s, which leaves keys in memory", imported)
		case slices.Contains(environmentPackages, imported):
			fault("imports %s, which reads the environment", imported)
		case name == "." && environment[imported] != nil:
			fault("imports %s without its name", imported)
		case dir != "internal/krbtest" && (slices.Contains(testOnly, ours) || slices.Contains(testOnly, imported)):
			fault("imports %s, which is for tests", imported)
		case isOurs && layers[dir] == nil:
			fault("is in a package of no known layer")
		case isOurs && !slices.Contains(layers[dir], ours):
			fault("imports %s, which is not below it", ours)
		}
	}
	if isTest || isTool {
		return list
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				imported := names[id.Name]
				if slices.Contains(environment[imported], sel.Sel.Name) {
					fault("uses %s.%s, which reads the environment", imported, sel.Sel.Name)
				}
				ours := strings.TrimPrefix(imported, module)
				if of, ok := narrow[dir][ours]; ok && !slices.Contains(of, sel.Sel.Name) {
					fault("uses %s.%s, which is not for it", ours, sel.Sel.Name)
				}
			}
		}
		if e, ok := n.(*ast.BinaryExpr); ok && (isPending(e.X) || isPending(e.Y)) {
			fault("compares with Pending; an error may have it within, see errors.Is")
		}
		return true
	})
	return list
}

// isPending reports whether e is the error of a call that waits for the network (internal/krb5).
func isPending(e ast.Expr) bool {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		e = sel.Sel
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "Pending"
}

func isPlatformFile(file string) bool {
	return strings.HasSuffix(file, "_linux.go") || strings.HasSuffix(file, "_freebsd.go")
}

// Each rule finds the faults that it should find, and no others.
func TestLayerRulesFindFaults(t *testing.T) {
	for _, test := range []struct{ name, file, source, want string }{
		{"token-imports-crypto", "internal/token/x.go", `import "libgssapi/internal/crypto"`, "not below"},
		{"crypto-imports-token", "internal/crypto/x.go", `import "libgssapi/internal/token"`, "not below"},
		{"krb5-imports-ctx", "internal/krb5/x.go", `import "libgssapi/internal/ctx"`, "not below"},
		{"ctx-imports-krb5", "internal/ctx/x.go", `import "libgssapi/internal/krb5"`, ""},
		{"test-of-token-imports-crypto", "internal/token/x_test.go", `import "libgssapi/internal/crypto"`, ""},
		{"package-of-no-layer", "internal/other/x.go", `import "libgssapi/internal/token"`, "no known layer"},
		{"ctx-imports-gokrb5", "internal/ctx/x.go", `import "github.com/jcmturner/gokrb5/v8/types"`, "gokrb5"},
		{"test-of-ctx-imports-gokrb5", "internal/ctx/x_test.go", `import "github.com/jcmturner/gokrb5/v8/types"`, "gokrb5"},
		{"krb5-imports-gokrb5", "internal/krb5/x.go", `import "github.com/jcmturner/gokrb5/v8/iana/patype"`, "gokrb5"},
		{"test-of-krb5-imports-gokrb5", "internal/krb5/x_test.go", `import "github.com/jcmturner/gokrb5/v8/messages"`, ""},
		{"kdc-imports-gokrb5", "tests/kdc/realm/x.go", `import "github.com/jcmturner/gokrb5/v8/client"`, ""},
		{"ctx-imports-C", "internal/ctx/x.go", `import "C"`, "imports C"},
		{"capi-imports-C", "capi/x.go", `import "C"`, ""},
		{"ctx-imports-unsafe", "internal/ctx/x.go", `import "unsafe"`, "unsafe"},
		{"platform-file-imports-unsafe", "internal/krb5/x_linux.go", `import "unsafe"`, ""},
		{"ctx-imports-krbtest", "internal/ctx/x.go", `import "libgssapi/internal/krbtest"`, "for tests"},
		{"krb5-imports-testing", "internal/krb5/x.go", `import "testing"`, "for tests"},
		{"crypto-imports-hmac", "internal/crypto/x.go", `import "crypto/hmac"`, "leaves keys"},
		{"test-of-crypto-imports-hmac", "internal/crypto/x_test.go", `import "crypto/hmac"`, ""},
		{"krb5-imports-user", "internal/krb5/x.go", `import "os/user"`, "environment"},
		{"getenv", "internal/krb5/x.go", `import "os"; var _ = os.Getenv("HOME")`, "os.Getenv"},
		{"getenv-under-another-name", "capi/x.go", `import o "os"; var _ = o.LookupEnv`, "os.LookupEnv"},
		{"getenv-without-name", "capi/x.go", `import . "os"; var _ = Getenv`, "without its name"},
		{"getenv-of-syscall", "capi/x.go", `import "syscall"; var _ = syscall.Getenv`, "syscall.Getenv"},
		{"getenv-in-a-test", "capi/x_test.go", `import "os"; var _ = os.Getenv`, ""},
		{"pending-compared", "capi/x.go", `import "libgssapi/internal/krb5"; var _ = err == krb5.Pending`, "errors.Is"},
		{"pending-compared-at-home", "internal/krb5/x.go", `var _ = nil != Pending`, "errors.Is"},
		{"pending-asked-for", "capi/x.go", `import "libgssapi/internal/krb5"; var _ = errors.Is(err, krb5.Pending)`, ""},
		{"gss-uses-kerberos", "internal/gss/x.go", `import "libgssapi/internal/krb5"; var _ krb5.CCache`, "not for it"},
		{"gss-uses-the-process", "internal/gss/x.go", `import "libgssapi/internal/krb5"; var _ krb5.Env`, ""},
		{"ctx-imports-a-mechanism", "internal/ctx/x.go", `import "libgssapi/internal/krb5mech"`, "not below"},
		{"protect-imports-gss", "internal/protect/x.go", `import "libgssapi/internal/gss"`, "not below"},
		{"mechs-imports-the-toy", "internal/mechs/x.go", `import "libgssapi/internal/toymech"`, "for tests"},
		{"gss-imports-a-mechanism", "internal/gss/x.go", `import "libgssapi/internal/krb5mech"`, "not below"},
		{"spnego-imports-krb5mech", "internal/spnego/x.go", `import "libgssapi/internal/krb5mech"`, "not below"},
		{"getenv-of-a-field", "internal/krb5/x.go", `import "os"; var _ = env.Getenv; var _ = os.Open`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := parser.ParseFile(token.NewFileSet(), test.file, "package x; "+test.source, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(faults(test.file, f), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("faults are %q, not %q", got, test.want)
			}
		})
	}
}
