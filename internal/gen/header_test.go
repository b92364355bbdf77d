// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"strings"
	"testing"
)

const sample = `
#define NOT_A_PROTOTYPE(x) \
	gss_nothing(x);
typedef struct gss_buffer_desc_struct {
	size_t length;
	void *value;
} gss_buffer_desc, *gss_buffer_t;
#ifdef __cplusplus
extern "C" {
#endif
extern gss_OID GSS_C_NT_USER_NAME; /* "alice"; a user */
/* What it does; with a semicolon. */
OM_uint32 gss_seal(
	OM_uint32 *minor_status, /* out */
	gss_OID mech,            /* GSS_C_NO_OID: the default, not out */
	const gss_buffer_t in,
	gss_buffer_t output, /* out, may be NULL */
	int *state,          /* in, out */
	uid_t *uid           /* out */
);
int gss_oid_equal(gss_const_OID a, gss_const_OID b);
OM_uint32 gss_release(
	OM_uint32 *minor_status,
	int **set); /* out, may be NULL */

/* outputs are not what this is about. */
OM_uint32 gss_store(int *a);
#ifdef __cplusplus
}
#endif
`

func parsed(t *testing.T) Header {
	t.Helper()
	h, err := ParseHeader(sample)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHeaderGivesItsPrototypesAndObjects(t *testing.T) {
	h := parsed(t)
	var names []string
	for _, f := range h.Functions {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "gss_seal gss_oid_equal gss_release gss_store" {
		t.Errorf("functions: %s", got)
	}
	if len(h.Objects) != 1 || h.Objects[0] != "GSS_C_NT_USER_NAME" {
		t.Errorf("objects: %v", h.Objects)
	}
}

func TestPrototypeKeepsItsTypes(t *testing.T) {
	f := parsed(t).Functions[0]
	want := "OM_uint32 *minor_status, gss_OID mech, const gss_buffer_t in, gss_buffer_t output, int *state, uid_t *uid"
	if f.Result != "OM_uint32" || f.paramList() != want {
		t.Errorf("%s (%s)", f.Result, f.paramList())
	}
}

func TestCommentMarksTheOutputBeforeIt(t *testing.T) {
	var out []string
	for _, f := range parsed(t).Functions {
		for _, p := range f.Params {
			if p.Out {
				out = append(out, p.Name)
			}
		}
	}
	if got := strings.Join(out, " "); got != "minor_status output uid set" {
		t.Errorf("outputs: %s", got)
	}
}

func TestHeaderThatCannotBeReadIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"unnamed parameter":      "int f(int);",
		"output that is a value": "int f(int *a, int b /* out */);",
		"the same behind it":     "int f(int *a, int b); /* out */",
		"definition":             "int x;",
	} {
		if _, err := ParseHeader(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestUIDWithoutAnEngineIsNotRoot(t *testing.T) {
	if got := zero("uid_t *"); got != "(uid_t)-1" {
		t.Errorf("uid: %s", got)
	}
}
