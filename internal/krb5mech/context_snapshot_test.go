// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"reflect"
	"slices"
	"testing"
)

// A new field of a context must be added to its form.
func TestSnapshotsOfContextsKnowEveryField(t *testing.T) {
	for typ, known := range map[reflect.Type][]string{
		reflect.TypeFor[secContext](): {"mech", "initiator", "source", "target", "flags", "authTime", "end", "grace", "keys", "authData",
			"ticketFlags", "service", "protection"},
		reflect.TypeFor[keys]():             {"session", "initiatorSubkey", "acceptorSubkey"},
		reflect.TypeFor[initiatorContext](): {"secContext", "exchange"},
		reflect.TypeFor[acceptorContext]():  {"secContext", "confirm"},
		reflect.TypeFor[confirmation]():     {"Confirmation", "recvSeq", "delegated"},
	} {
		for i := range typ.NumField() {
			if f := typ.Field(i).Name; !slices.Contains(known, f) {
				t.Errorf("a child after fork(2) does not get %s.%s", typ, f)
			}
		}
	}
}
