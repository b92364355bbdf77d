// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"slices"
	"strings"
)

const head = `/* SPDX-License-Identifier: BSD-2-Clause */

/* Generated from the public headers and the lists of capi/front/abi. */

`

// EngineTable is the header with the engine's functions as the front calls them. A function may be there twice.
func EngineTable(engine []Function) string {
	engine = slices.Clone(engine)
	slices.SortFunc(engine, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	engine = slices.CompactFunc(engine, func(a, b Function) bool { return a.Name == b.Name })
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("#ifndef LIBGSSAPI_ENGINE_TABLE_H\n#define LIBGSSAPI_ENGINE_TABLE_H\n\n")
	b.WriteString("#include <gssapi/gssapi_krb5.h>\n\n")
	b.WriteString("struct engine_table {\n")
	for _, f := range engine {
		fmt.Fprintf(&b, "\t%s (*%s)(%s);\n", f.Result, f.Name, f.paramList())
	}
	b.WriteString("};\n\n#define ENGINE_FUNCTIONS")
	for _, f := range engine {
		fmt.Fprintf(&b, " \\\n\tX(%s)", f.Name)
	}
	b.WriteString("\n\n#endif\n")
	return b.String()
}

// zero is what an output of a type holds when there is no engine to set it. Uid 0 would be root.
func zero(pointer string) string {
	switch t := strings.TrimSpace(strings.TrimSuffix(pointer, "*")); t {
	case "OM_uint32", "int", "int32_t", "gss_qop_t", "gss_cred_usage_t":
		return "0"
	case "uid_t":
		return "(uid_t)-1"
	default:
		return "NULL"
	}
}

// Stubs is the C file of the functions that only hand their arguments to the engine, and of those that are missing.
func Stubs(found Found) (string, error) {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("#define _POSIX_C_SOURCE 200809L\n\n#include \"call.h\"\n")
	for _, f := range found.Stubs {
		if err := begin(&b, f); err != nil {
			return "", err
		}
		var args []string
		for _, p := range f.Params {
			args = append(args, p.Name)
		}
		call := fmt.Sprintf("engine->%s(%s)", f.Name, strings.Join(args, ", "))
		if found.Waits[f.Name] {
			// A call that is pending is made again, with the engine that there is then: a signal handler may have made
			// a child.
			b.WriteString("\tconst struct engine_table *engine;\n\tstruct front_call call;\n\tOM_uint32 major;\n\n")
			b.WriteString("\tfront_begin_call(&call);\n\twhile ((engine = front_engine(minor_status)) != NULL) {\n")
			fmt.Fprintf(&b, "\t\tmajor = %s;\n", call)
			b.WriteString("\t\tif (major != GSSAPI_ENGINE_PENDING)\n\t\t\treturn front_end_call(&call, major);\n")
			b.WriteString("\t\tif (!front_wait(&call, minor_status))\n\t\t\tbreak;\n\t}\n")
			clearOutputs(&b, f)
			b.WriteString("\treturn front_end_call(&call, GSS_S_FAILURE);\n}\n")
			continue
		}
		b.WriteString("\tconst struct engine_table *engine = front_engine(minor_status);\n\n")
		fmt.Fprintf(&b, "\tif (engine != NULL)\n\t\treturn %s;\n", call)
		clearOutputs(&b, f)
		b.WriteString("\treturn GSS_S_FAILURE;\n}\n")
	}
	for _, f := range found.Absent {
		if err := begin(&b, f); err != nil {
			return "", err
		}
		for _, p := range f.Params[1:] {
			if !p.Out {
				fmt.Fprintf(&b, "\t(void)%s;\n", p.Name)
			}
		}
		clearOutputs(&b, f)
		fmt.Fprintf(&b, "\treturn front_unavailable(minor_status, \"%s\");\n}\n", f.Name)
	}
	return b.String(), nil
}

func begin(b *strings.Builder, f Function) error {
	if f.Result != "OM_uint32" || len(f.Params) == 0 || f.Params[0].Name != "minor_status" {
		return fmt.Errorf("%s: a stub needs a major status and minor_status", f.Name)
	}
	fmt.Fprintf(b, "\n%s\n%s(%s)\n{\n", f.Result, f.Name, f.paramList())
	return nil
}

func clearOutputs(b *strings.Builder, f Function) {
	for _, p := range f.Params[1:] {
		switch {
		case !p.Out:
		case p.Type == "gss_buffer_t":
			fmt.Fprintf(b, "\tfront_clear_buffer(%s);\n", p.Name)
		default:
			fmt.Fprintf(b, "\tif (%s != NULL)\n\t\t*%s = %s;\n", p.Name, p.Name, zero(p.Type))
		}
	}
}

// MissingList names the functions that there are not.
func MissingList(missing []string) string {
	var b strings.Builder
	for _, name := range missing {
		fmt.Fprintln(&b, name)
	}
	return b.String()
}

// VersionScript is the linker's list of nodes and names. The first node is FreeBSD's public one; our own builds on it.
func VersionScript(symbols []Symbol) string {
	var nodes []string
	names := map[string][]string{}
	for _, s := range symbols {
		if !slices.Contains(nodes, s.Node) {
			nodes = append(nodes, s.Node)
		}
		names[s.Node] = append(names[s.Node], s.Name)
	}
	var b strings.Builder
	b.WriteString(head)
	for i, node := range nodes {
		fmt.Fprintf(&b, "%s {\n    global:\n", node)
		slices.Sort(names[node])
		for _, name := range names[node] {
			fmt.Fprintf(&b, "\t%s;\n", name)
		}
		if i == 0 {
			b.WriteString("    local:\n\t*;\n};\n")
			continue
		}
		fmt.Fprintf(&b, "} %s;\n", nodes[0])
	}
	return b.String()
}
