// SPDX-License-Identifier: BSD-2-Clause

package mechs_test

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"libgssapi/internal/mechs"
	"libgssapi/internal/token"
)

// told is what the front tells of a mechanism without the engine.
type told struct {
	oid                         token.OID
	attributes                  []token.OID
	saslName, name, explanation string
}

// The front answers for the attributes and names of mechanisms by a table of its own, which must be this one.
func TestFrontDescribesTheSameMechanisms(t *testing.T) {
	read := func(file string) string {
		b, err := os.ReadFile("../../capi/front/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	oids := map[string]token.OID{}
	for _, m := range regexp.MustCompile(`\[(M\w+)\] = OID\(("[^"]*")\)`).FindAllStringSubmatch(read("oid_static.c"), -1) {
		octets, err := strconv.Unquote(m[2])
		if err != nil {
			t.Fatal(err)
		}
		oids[m[1]] = token.OID(octets)
	}
	var front, ours []told
	row := regexp.MustCompile(`\{(MECH_\w+),\s*((?:BIT\(\w+\)[\s|]*)+),\s*"([^"]*)", "([^"]*)", "([^"]*)"\}`)
	source := strings.ReplaceAll(read("mech_attr.c"), "\\\n", "\n")
	shared := regexp.MustCompile(`#define KRB5_ATTRIBUTES\s+\(((?:BIT\(\w+\)[\s|]*)+)\)`).FindStringSubmatch(source)
	if shared == nil {
		t.Fatal("no KRB5_ATTRIBUTES")
	}
	source = strings.ReplaceAll(source, "KRB5_ATTRIBUTES", shared[1])
	for _, m := range row.FindAllStringSubmatch(source, -1) {
		f := told{oid: oids[m[1]], saslName: m[3], name: m[4], explanation: m[5]}
		for _, bit := range regexp.MustCompile(`MA_\w+`).FindAllString(m[2], -1) {
			f.attributes = append(f.attributes, oids[bit])
		}
		front = append(front, f)
	}
	for _, m := range mechs.Table {
		d := m.Description()
		ours = append(ours, told{d.OID, d.Attributes, d.SASLName, d.Name, d.Explanation})
	}
	if !reflect.DeepEqual(front, ours) {
		t.Errorf("the front tells\n%+v\nnot\n%+v", front, ours)
	}
}
