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
	kt := &Keytab{Name: name, backend: foreignKeytab{l.Foreign}}
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

// databaseKeytab is a keytab of type KDB: kadmind registers it with its libkrb5, and it gives keys of the KDC's database,
// each when it is asked for.
type databaseKeytab struct{ foreign Foreign }

func openDatabase(l *Library, _ *Env, name, _ string) (*Keytab, error) {
	kt := &Keytab{Name: name, backend: databaseKeytab{l.Foreign}, Unlisted: true}
	if l.Foreign == nil {
		return nil, unknownDatabase(name, "the program uses no libkrb5")
	}
	if _, err := l.Foreign.Key(name, "", 0, 0); err != nil {
		return nil, unknownDatabase(name, err.Error())
	}
	return kt, nil
}

func unknownDatabase(name, why string) error {
	return status.Errorf(status.NoCred, status.KRB5_KT_UNKNOWN_TYPE,
		"Unknown Key table type: %s is of a type that only KDCs have: %s", name, why)
}

// find asks for the key of a ticket.
func (k databaseKeytab) find(name string, server token.Principal, kvno uint32, etype int32) (*ForeignKey, error) {
	key, err := k.foreign.Key(name, server.String(), kvno, etype)
	if err != nil {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_IOERR, "keytab %s: %v", name, err)
	}
	return key, nil
}

func (k databaseKeytab) key(kt *Keytab, e *KeytabEntry) (*crypto.Key, error) {
	found, err := k.find(kt.Name, e.Principal, e.KVNO, e.EType)
	if err != nil {
		return nil, err
	}
	if found == nil || int(found.EType) != int(e.EType) {
		return nil, keyRemoved(kt, e)
	}
	defer clear(found.Key)
	return crypto.NewKey(crypto.EType(e.EType), found.Key)
}

// forServer returns the keytab with the entry that is for a ticket. One that is listed has it already.
func (kt *Keytab) forServer(t *token.Ticket) (*Keytab, error) {
	k, ok := kt.backend.(databaseKeytab)
	if !ok {
		return kt, nil
	}
	own := *kt
	found, err := k.find(kt.Name, t.SName, t.Enc.KVNO, t.Enc.EType)
	if err != nil || found == nil {
		return &own, err
	}
	defer clear(found.Key)
	if e, ok := found.entry(); ok {
		own.Entries = []KeytabEntry{e}
	}
	return &own, nil
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
