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
