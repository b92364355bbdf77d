// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"slices"
	"strings"
)

// Place says where an exported name lives.
type Place string

// Places.
const (
	Engine Place = "engine" // in the engine, behind a generated stub
	Guard  Place = "guard"  // in the engine, behind a function of the front
	Front  Place = "front"  // in the front alone
	Data   Place = "data"   // an object of the front
)

// Symbol is a line of symbols.txt.
type Symbol struct {
	Node  string
	Name  string
	Place Place
}

// ParseSymbols reads the list of exported names.
func ParseSymbols(text string) ([]Symbol, error) {
	var symbols []Symbol
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 {
			return nil, fmt.Errorf("line %d: want node, name and place", i+1)
		}
		s := Symbol{f[0], f[1], Place(f[2])}
		if !slices.Contains([]Place{Engine, Guard, Front, Data}, s.Place) {
			return nil, fmt.Errorf("line %d: no such place: %s", i+1, s.Place)
		}
		if seen[s.Name] {
			return nil, fmt.Errorf("line %d: %s is there already", i+1, s.Name)
		}
		seen[s.Name] = true
		symbols = append(symbols, s)
	}
	return symbols, nil
}

// Match checks that headers and list name the same things, and returns the functions that the engine has, in the list's
// order, with those that need a stub marked. Names that begin with an underscore are declared in no public header.
func Match(symbols []Symbol, h Header) (engine []Function, stub map[string]bool, err error) {
	functions := map[string]Function{}
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	listed := map[string]bool{}
	stub = map[string]bool{}
	for _, s := range symbols {
		listed[s.Name] = true
		if strings.HasPrefix(s.Name, "_") {
			continue
		}
		f, declared := functions[s.Name]
		if s.Place == Data {
			declared = slices.Contains(h.Objects, s.Name)
		}
		if !declared {
			return nil, nil, fmt.Errorf("%s is listed, and no header declares it", s.Name)
		}
		if s.Place == Engine || s.Place == Guard {
			engine = append(engine, f)
			stub[s.Name] = s.Place == Engine
		}
	}
	for _, f := range h.Functions {
		if !listed[f.Name] {
			return nil, nil, fmt.Errorf("%s is declared, and not listed", f.Name)
		}
	}
	for _, name := range h.Objects {
		if !listed[name] {
			return nil, nil, fmt.Errorf("%s is declared, and not listed", name)
		}
	}
	return engine, stub, nil
}
