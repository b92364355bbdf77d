// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// List is the list of a library's exports, its symbols.txt.
type List struct {
	Symbols []Symbol
	Closed  map[string]int  // nodes of another library, and how many names they have: none is added, none is left out
	Stubs   map[string]bool // those of them in which functions may be missing: there is a stub
}

func (l List) has(name string) bool {
	return slices.ContainsFunc(l.Symbols, func(s Symbol) bool { return s.Name == name })
}

// Symbol is an exported name with its version node.
type Symbol struct {
	Node string
	Name string
}

// ParseSymbols parses a list. Its lines consist of a node and a name, or of "closed", a node, its number of names, and
// optionally "stubs".
func ParseSymbols(text string) (List, error) {
	l := List{Closed: map[string]int{}, Stubs: map[string]bool{}}
	seen := map[string]bool{}
	count := map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "closed" && (len(f) == 3 || len(f) == 4 && f[3] == "stubs"):
			n, err := strconv.Atoi(f[2])
			if err != nil {
				return List{}, fmt.Errorf("line %d: %w", i+1, err)
			}
			l.Closed[f[1]] = n
			l.Stubs[f[1]] = len(f) == 4
		case len(f) != 2:
			return List{}, fmt.Errorf("line %d: want a node and a name", i+1)
		case seen[f[1]]:
			return List{}, fmt.Errorf("line %d: %s is there already", i+1, f[1])
		default:
			seen[f[1]] = true
			count[f[0]]++
			l.Symbols = append(l.Symbols, Symbol{f[0], f[1]})
		}
	}
	for node, n := range l.Closed {
		if count[node] != n {
			return List{}, fmt.Errorf("%s has %d names, and %d are listed: what is newer belongs in a node of ours",
				node, n, count[node])
		}
	}
	return l, nil
}

// Place is where an exported name is defined.
type Place string

// Places.
const (
	Engine  Place = "engine"  // in the engine, behind a generated stub
	Waits   Place = "waits"   // the same for a function that may wait
	Behind  Place = "behind"  // in the engine, behind a function of the front
	Front   Place = "front"   // in the front alone
	Data    Place = "data"    // an object of the front
	Another Place = "another" // another name of a function, which a stub calls
	Absent  Place = "absent"  // there is none: a generated stub answers GSS_S_UNAVAILABLE
)

// Sources are the places where a library's functions are defined.
type Sources struct {
	Header Header          // what the public headers declare, and its own
	Engine map[string]bool // what the engine exports, and whether it waits
	Front  map[string]bool // what the front defines
}

// Found is a symbol and what it stands for.
type Found struct {
	Symbol
	Place    Place
	Function Function // unless it is data
	Calls    string   // the function that has another name
}

// Find determines where the names of a list are defined.
func (s Sources) Find(l List) ([]Found, error) {
	functions := map[string]Function{}
	for _, f := range s.Header.Functions {
		functions[f.Name] = f
	}
	renamed := map[string]string{}
	for _, r := range s.Header.Linked {
		renamed[r.As] = r.Name
	}
	var all []Found
	for _, symbol := range l.Symbols {
		name := symbol.Name
		f, declared := functions[name]
		waits, engine := s.Engine[name]
		var place Place
		switch {
		case slices.Contains(s.Header.Objects, name):
			place = Data
		case renamed[name] != "":
			f, place = functions[renamed[name]], Another
			f.Name = name
		case !declared:
			return nil, fmt.Errorf("%s is listed, and no header declares it: add its prototype to a header in "+
				"include/gssapi, or to private.h beside the list if programs are not to call it", name)
		case engine && s.Front[name]:
			place = Behind
		case engine && waits:
			place = Waits
		case engine:
			place = Engine
		case s.Front[name]:
			place = Front
		case l.Stubs[symbol.Node]:
			place = Absent
		default:
			return nil, fmt.Errorf("%s is listed, and neither the engine nor the front has it: add capi/%s.go with "+
				"//export %s, or a function to capi/front", name, name, name)
		}
		all = append(all, Found{symbol, place, f, renamed[name]})
	}
	return all, nil
}

// Complete checks that everything that the public headers declare or the engine exports is in a list, and that everything
// that a library's own headers declare is in its own list.
func Complete(public Header, engine map[string]bool, abis []abi) error {
	all := map[string]bool{}
	for _, a := range abis {
		listed := map[string]bool{}
		for _, s := range a.list.Symbols {
			all[s.Name], listed[s.Name] = true, true
		}
		for _, name := range a.private.names() {
			if !listed[name] {
				return fmt.Errorf("%s is declared in a header of capi/front/abi/%s: add it to symbols.txt there", name, a.name)
			}
		}
	}
	declared := public.names()
	for _, name := range declared {
		if !all[name] {
			return fmt.Errorf("%s is declared in include/gssapi: add it to symbols.txt of the libraries in capi/front/abi "+
				"that shall have it, in libgssapi.so.10 to LIBGSSAPI_1.0", name)
		}
	}
	for name := range engine {
		if !all[name] {
			return fmt.Errorf("%s is exported by capi: declare it in a header in include/gssapi, and add it to symbols.txt "+
				"of the libraries in capi/front/abi that shall have it", name)
		}
	}
	return nil
}

func (h Header) names() []string {
	names := slices.Clone(h.Objects)
	for _, l := range h.Linked {
		names = append(names, l.As)
	}
	for _, f := range h.Functions {
		names = append(names, f.Name)
	}
	return names
}
