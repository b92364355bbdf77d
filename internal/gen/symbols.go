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

// Match checks that headers and list name the same things. Names that begin with an underscore are declared in no
// public header; what is declared may be in the list others instead.
func Match(symbols, others []Symbol, h Header) (Found, error) {
	found := Found{Waits: map[string]bool{}}
	functions := map[string]Function{}
	for _, f := range h.Functions {
		functions[f.Name] = f
	}
	listed := map[string]bool{}
	for _, s := range others {
		listed[s.Name] = true
	}
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
	for _, f := range h.Functions {
		if !listed[f.Name] {
			return found, fmt.Errorf("%s is declared, and not listed", f.Name)
		}
	}
	for _, name := range h.Objects {
		if !listed[name] {
			return found, fmt.Errorf("%s is declared, and not listed", name)
		}
	}
	return found, nil
}
