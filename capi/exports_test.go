// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exports parses the functions that C calls, by name.
func exports(t *testing.T) map[string]*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob("gss_*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no exports: %v", err)
	}
	found := map[string]*ast.FuncDecl{}
	fset := token.NewFileSet()
	for _, file := range files {
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Doc == nil || !strings.HasPrefix(fn.Doc.List[len(fn.Doc.List)-1].Text, "//export ") {
				continue
			}
			if fn.Name.Name+".go" != file {
				t.Errorf("%s exports %s", file, fn.Name)
			}
			if fn.Doc.List[len(fn.Doc.List)-1].Text != "//export "+fn.Name.Name {
				t.Errorf("%s is exported by another name", fn.Name)
			}
			found[fn.Name.Name] = fn
		}
	}
	return found
}

func TestExportsMakeRoomAndRecoverFirst(t *testing.T) {
	for name, fn := range exports(t) {
		body := fn.Body.List
		// Those that handle keys wipe the stack when all else is done.
		wipes := []string{"defer stack.Wipe()", "defer stack.WipeShallow()"}
		if len(body) > 1 && slices.Contains(wipes, source(body[1])) {
			body = slices.Delete(slices.Clone(body), 1, 2)
		}
		if len(body) < 3 || source(body[0]) != "stack.Headroom()" ||
			source(body[1]) != "defer recovered(minor_status, &result)" || source(body[2]) != "clearNumber(minor_status)" {
			t.Errorf("%s does not begin with stack.Headroom, recovered and clearNumber(minor_status)", name)
		}
	}
}

// A pointer in the caller's memory is written by setPointer and its callers only: see there.
func TestExportsWriteNoPointers(t *testing.T) {
	numbers := []string{"C.OM_uint32", "C.int", "C.gss_qop_t", "C.gss_cred_usage_t", "C.uid_t"}
	for name, fn := range exports(t) {
		mayWrite := map[string]bool{}
		for _, p := range fn.Type.Params.List {
			star, ok := p.Type.(*ast.StarExpr)
			for _, id := range p.Names {
				mayWrite[id.Name] = ok && slices.Contains(numbers, source(star.X))
			}
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for _, l := range a.Lhs {
				if star, ok := l.(*ast.StarExpr); ok && !mayWrite[source(star.X)] {
					t.Errorf("%s assigns to *%s", name, source(star.X))
				}
				if sel, ok := l.(*ast.SelectorExpr); ok {
					t.Errorf("%s assigns to %s", name, source(sel))
				}
			}
			return true
		})
	}
}

// source renders the few kinds of node that the tests above look for.
func source(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return source(n.X) + "." + n.Sel.Name
	case *ast.UnaryExpr:
		return n.Op.String() + source(n.X)
	case *ast.ExprStmt:
		return source(n.X)
	case *ast.DeferStmt:
		return "defer " + source(n.Call)
	case *ast.CallExpr:
		var args []string
		for _, a := range n.Args {
			args = append(args, source(a))
		}
		return source(n.Fun) + "(" + strings.Join(args, ", ") + ")"
	}
	return ""
}
