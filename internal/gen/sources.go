// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ReadEngine finds the functions that the Go files of a directory export to C. The value says whether a function may
// wait: one that opens files, waits for locks or asks the network uses an environment, itself or through a function of
// the package. Signals are blocked during such a function, and the front repeats the call when an answer has arrived.
func ReadEngine(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	exported := map[string]bool{}
	calls := map[string][]string{}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			calls[f.Name.Name] = append(calls[f.Name.Name], callees(f)...)
			if f.Doc != nil && strings.HasPrefix(f.Doc.List[len(f.Doc.List)-1].Text, "//export gss_") {
				exported[f.Name.Name] = false
			}
		}
	}
	if len(exported) == 0 {
		return nil, fmt.Errorf("%s exports nothing", dir)
	}
	for name := range exported {
		exported[name] = reaches(calls, name, "environment", map[string]bool{})
	}
	return exported, nil
}

// callees returns the names of the functions that a function calls, without distinguishing functions of the package from
// methods.
func callees(f *ast.FuncDecl) (names []string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
		return true
	})
	return names
}

func reaches(calls map[string][]string, from, to string, seen map[string]bool) bool {
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, name := range calls[from] {
		if name == to || reaches(calls, name, to, seen) {
			return true
		}
	}
	return false
}

// definition matches the beginning of a function in the front's style, whose result type is on the line before.
var definition = regexp.MustCompile(`(?m)^(_?[a-z]\w*)\(`)

// ReadFront finds the functions that the C files of directories define.
func ReadFront(dirs ...string) (map[string]bool, error) {
	defined := map[string]bool{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.c"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			for _, m := range definition.FindAllStringSubmatch(string(text), -1) {
				defined[m[1]] = true
			}
		}
	}
	return defined, nil
}
