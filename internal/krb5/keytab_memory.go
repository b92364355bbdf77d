// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// foreignKeytab is a keytab of type MEMORY, which the program fills with functions of its libkrb5 and which stays
// there. It is read each time it is needed, and the keys are wiped here after use.
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

// databaseKeytab is a keytab of type KDB, which kadmind registers with its libkrb5. It returns keys from the KDC's
// database, each when asked for it.
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

// forServer returns the keytab with the entry for a ticket. A keytab that can be listed already has it.
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

// entries returns all keys. The caller wipes them.
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

// entry returns the description of a key.
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
