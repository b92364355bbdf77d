// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// platform is a system's poller: all files netpoll_*.go of the runtime that are built for it, and those of their
// declarations that the rest of the runtime uses.
type platform struct {
	system    string
	files     []string
	functions []string
}

// check reports whether the poller in directory source is the expected one.
func (p platform) check(source string) error {
	all, err := filepath.Glob(filepath.Join(source, "netpoll_*.go"))
	if err != nil {
		return err
	}
	context := build.Default
	context.GOOS, context.GOARCH = p.system, "amd64"
	var files, functions []string
	for _, path := range all {
		name := filepath.Base(path)
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		built, err := context.MatchFile(source, name)
		if err != nil {
			return err
		}
		if !built {
			continue
		}
		files = append(files, name)
		declared, err := declarations(path)
		if err != nil {
			return err
		}
		functions = append(functions, declared...)
	}
	if !slices.Equal(files, p.files) {
		return fmt.Errorf("its poller for %s is in %q, not in %q", p.system, files, p.files)
	}
	slices.Sort(functions)
	if !slices.Equal(functions, p.functions) {
		return fmt.Errorf("its poller for %s has the functions %q, not %q", p.system, functions, p.functions)
	}
	return nil
}

// declarations lists the functions of a file with the types of their parameters and results.
func declarations(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		// Names of parameters do not matter.
		for _, fields := range []*ast.FieldList{f.Type.Params, f.Type.Results} {
			if fields == nil {
				continue
			}
			for _, field := range fields.List {
				field.Names = nil
			}
		}
		list = append(list, f.Name.Name+strings.TrimPrefix(types.ExprString(f.Type), "func"))
	}
	return list, nil
}
