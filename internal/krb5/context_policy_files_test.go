// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "testing"

// A policy is cached for a second, but only for the files from which it was read. Otherwise keys could leave the
// process in the clear because another krb5.conf, in use a moment ago, said so.
func TestPolicyIsThatOfTheFilesNamed(t *testing.T) {
	vars := map[string]string{}
	env := newTestEnv(t, vars)
	open := writeFile(t, "open.conf", "[libgssapi]\n\texport_sec_context = open\n")
	account := writeFile(t, "account.conf", "[libgssapi]\n\texport_sec_context = account\n")
	for range 3 {
		for file, want := range map[string]PolicyKind{open: PolicyOpen, account: PolicyAccount} {
			vars["KRB5_CONFIG"] = file
			if p, err := env.ContextPolicy(); err != nil || p.Kind != want {
				t.Errorf("%s: %v, %v", file, p, err)
			}
		}
	}
}

// A process that may not read the file must not use what another has read.
func TestPolicyIsReadAgainByAnotherAccount(t *testing.T) {
	file := writeFile(t, "open.conf", "[libgssapi]\n\texport_sec_context = open\n")
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": file})
	if p, err := env.ContextPolicy(); err != nil || p.Kind != PolicyOpen {
		t.Fatal(p, err)
	}
	other := *env
	other.EUID++
	p, err := other.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := env.ContextPolicy(); p == first || p.Kind != PolicyOpen {
		t.Error("the policy was read by another account")
	}
}

// What is set for all programs holds for gssd(8), too, except how contexts are exported.
func TestGssdHasItsOwnExportPolicyOnly(t *testing.T) {
	settings := map[string]string{"export_sec_context": "group 0", "format": "full", "ledger_directory": "/l",
		"armor_ccache": "FILE:/c", "armor_keytab": "FILE:/k"}
	conf := "[libgssapi]\n"
	for name, value := range settings {
		conf += name + " = " + value + "\n"
	}
	env, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", conf)})
	for _, program := range []string{"gssd", "httpd"} {
		env.Program = program
		for name, want := range settings {
			if program == "gssd" && (name == "export_sec_context" || name == "format") {
				want = ""
			}
			if got, _ := env.programSetting(cfg, name); got != want {
				t.Errorf("%s for %s is %q, not %q", name, program, got, want)
			}
		}
	}
}
