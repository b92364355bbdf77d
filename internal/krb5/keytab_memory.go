// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// foreignKeytab is a keytab of type MEMORY: the program fills it with functions of the libkrb5 that it uses, and there it
// stays. It is read each time that it is needed, and its keys are wiped here when they were used.
type foreignKeytab struct{ foreign Foreign }

func openForeignKeytab(l *Library, _ *Env, name, _ string) (*Keytab, error) {
	kt := &Keytab{Name: name, store: foreignKeytab{l.Foreign}}
	entries, err := foreignKeytab{l.Foreign}.entries(name)
	defer wipeForeign(entries)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if entry, ok := e.entry(); ok {
			kt.Entries = append(kt.Entries, entry)
		}
	}
	if len(kt.Entries) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Keytab %s is nonexistent or empty", name)
	}
	return kt, nil
}

// entries are all keys. The caller wipes them.
func (k foreignKeytab) entries(name string) ([]ForeignKey, error) {
	if k.foreign == nil {
		return nil, nil
	}
	entries, err := k.foreign.Keytab(name)
	if err != nil {
		return entries, status.Errorf(status.NoCred, status.KRB5_KT_IOERR, "keytab %s: %v", name, err)
	}
	return entries, nil
}

func wipeForeign(entries []ForeignKey) {
	for i := range entries {
		clear(entries[i].Key)
	}
}

// entry is what an entry is for.
func (f *ForeignKey) entry() (e KeytabEntry, ok bool) {
	p, _, err := token.ParsePrincipal(f.Principal)
	etype := crypto.EType(f.EType)
	return KeytabEntry{
		Principal: p, KVNO: f.KVNO, Time: f.Time, EType: f.EType, size: len(f.Key),
		Usable: etype.Supported() && len(f.Key) == etype.KeySize(),
	}, err == nil
}

func (k foreignKeytab) key(kt *Keytab, e *KeytabEntry) (*crypto.Key, error) {
	entries, err := k.entries(kt.Name)
	defer wipeForeign(entries)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if now, ok := entries[i].entry(); ok && now.same(e) {
			return crypto.NewKey(crypto.EType(e.EType), entries[i].Key)
		}
	}
	return nil, keyRemoved(kt, e)
}
