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
	Waits  Place = "waits"  // the same for a function that may wait
	Guard  Place = "guard"  // in the engine, behind a function of the front
	Front  Place = "front"  // in the front alone
	Data   Place = "data"   // an object of the front
	Absent Place = "absent" // there is none: a generated stub answers GSS_S_UNAVAILABLE
	Refuse Place = "refuse" // there is none: a function of the front says so in its own way
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
		if !slices.Contains([]Place{Engine, Waits, Guard, Front, Data, Absent, Refuse}, s.Place) {
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

// Found are the functions of a list that something is generated for, in the list's order.
type Found struct {
	Engine  []Function      // those that the engine has
	Stubs   []Function      // those of them that the front only hands on
	Waits   map[string]bool // those that may wait
	Absent  []Function      // those that there are not, and that need a stub
	Missing []string        // all that there are not
}

// Match finds the prototypes of the functions in a list. h is what the public headers and the library's own declare.
func Match(symbols []Symbol, h Header) (Found, error) {
	found := Found{Waits: map[string]bool{}}
	functions := map[string]Function{}
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	for _, s := range symbols {
		f, declared := functions[s.Name]
		if s.Place == Data {
			declared = slices.Contains(h.Objects, s.Name)
		}
		if !declared {
			return found, fmt.Errorf("%s is listed, and no header declares it", s.Name)
		}
		switch s.Place {
		case Engine, Waits:
			found.Waits[s.Name] = s.Place == Waits
			found.Engine = append(found.Engine, f)
			found.Stubs = append(found.Stubs, f)
		case Guard:
			found.Engine = append(found.Engine, f)
		case Absent:
			found.Absent = append(found.Absent, f)
			found.Missing = append(found.Missing, s.Name)
		case Refuse:
			found.Missing = append(found.Missing, s.Name)
		}
	}
	return found, nil
}

// Complete checks that what the public headers declare is in a list, and what a library's own do is in its own.
func Complete(public Header, abis []abi) error {
	all := map[string]bool{}
	for _, a := range abis {
		listed := map[string]bool{}
		for _, s := range a.symbols {
			all[s.Name], listed[s.Name] = true, true
		}
		for _, name := range a.private.names() {
			if !listed[name] {
				return fmt.Errorf("a header of %s declares %s, and its symbols.txt does not list it", a.name, name)
			}
		}
	}
	for _, name := range public.names() {
		if !all[name] {
			return fmt.Errorf("a public header declares %s, and no symbols.txt lists it", name)
		}
	}
	return nil
}

func (h Header) names() []string {
	names := slices.Clone(h.Objects)
	for _, f := range h.Functions {
		names = append(names, f.Name)
	}
	return names
}
