// SPDX-License-Identifier: BSD-2-Clause

package inherit

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// named returns what another engine finds of named objects, whose forms are "NAME=VALUE".
func named(m Memory, s *Store) (*Named, map[string]string) {
	found := map[string]string{}
	n := Adopt(m, s.Address()).Named(func(form []byte) (string, bool) {
		name, value, ok := strings.Cut(string(form), "=")
		if ok {
			found[name] = value
		}
		return name, ok
	})
	return n, found
}

// named makes a store with named objects, of which there are none yet.
func (k *keeper) named() (Memory, *Store, *Named) {
	m := k.memory()
	s := New(m)
	n, _ := named(m, s)
	return m, s, n
}

func text(s string) func() []byte { return func() []byte { return []byte(s) } }

func nothing() []byte { return nil }

func TestNamedObjectsAreFoundAgain(t *testing.T) {
	var k keeper
	m, s, n := k.named()
	n.Keep("a", text("a=1"))
	n.Keep("b", text("b=2"))
	n.Keep("a", text("a=3"))
	n.Keep("", text("=8"))
	n.Keep("gone", text("gone=4"))
	n.Keep("gone", nothing)
	n.Keep("never", nothing)
	n.Keep("damaged", text("no value"))
	child, found := named(m, s)
	if want := map[string]string{"a": "3", "b": "2", "": "8"}; !maps.Equal(found, want) {
		t.Errorf("a child finds %v", found)
	}
	child.Keep("b", text("b=6"))
	child.Keep("c", text("c=7"))
	_, found = named(m, s)
	if want := map[string]string{"a": "3", "b": "6", "c": "7", "": "8"}; !maps.Equal(found, want) {
		t.Errorf("its child finds %v", found)
	}
	if !k.wiped {
		t.Error("memory was freed that was not wiped")
	}
}

func TestManyNamedObjects(t *testing.T) {
	var k keeper
	m, s, n := k.named()
	const many = 3*Slots + 1
	for i := range many {
		n.Keep(fmt.Sprint(i), text(fmt.Sprint(i, "=x")))
	}
	if _, found := named(m, s); len(found) != many {
		t.Errorf("a child finds %d", len(found))
	}
}

func TestWithheldNamedObjectsAreNotFound(t *testing.T) {
	var k keeper
	m, s, n := k.named()
	n.Keep("a", text("a=1"))
	n.Withhold()
	n.Keep("b", text("b=2"))
	if _, found := named(m, s); len(found) != 0 {
		t.Errorf("a child finds %v", found)
	}
}

func TestNamedObjectWithoutMemoryIsNotInherited(t *testing.T) {
	var k keeper
	m, s, n := k.named()
	n.Keep("a", text("a=1"))
	k.fails = true
	n.Keep("a", text("a="+strings.Repeat("2", 2*mostSpare)))
	if _, found := named(m, s); len(found) != 0 {
		t.Errorf("a child finds %v", found)
	}
}

// A form is the only copy outside of what the program may read.
func TestFormOfNamedObjectIsWiped(t *testing.T) {
	var k keeper
	_, _, n := k.named()
	form := []byte("a=1")
	n.Keep("a", func() []byte { return form })
	if string(form) != "\x00\x00\x00" {
		t.Errorf("%q is left", form)
	}
}
