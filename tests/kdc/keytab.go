// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"libgssapi/tests/kdc/realm"
)

func cmdKeytab(args []string) error {
	fs := newFlags("keytab", "principal ...")
	var enctypes enctypeList
	out := fs.String("o", "", "keytab `file` to write")
	config := fs.String("config", "", "the database, `kdc.json`; without it keys come from -p or chance")
	name := fs.String("realm", realm.DemoRealm, "`realm` of principals that are given without one")
	password := fs.String("p", "", "derive keys from this password")
	kvno := fs.Int64("kvno", -1, "key version `number` to write; otherwise the database's, or 1")
	appendTo := fs.Bool("a", false, "append to the keytab")
	fs.Var(&enctypes, "enctypes", "`list` of enctypes; otherwise all")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *out == "" || len(operands) == 0 {
		return errors.New("-o and principals are wanted")
	}
	c := new(realm.Config)
	if *config != "" {
		if c, err = realm.Load(*config); err != nil {
			return err
		}
	}
	if enctypes == nil {
		enctypes = realm.AllEnctypes
	}
	var entries []realm.KeytabEntry
	for _, p := range operands {
		p, r, ok := strings.Cut(p, "@")
		if !ok {
			r = *name
		}
		var db *realm.Principal
		if found := c.Realm(r); found != nil {
			db = found.Principal(p)
		}
		if db == nil {
			if *config != "" && *password == "" {
				return fmt.Errorf("no principal %s@%s in %s", p, r, *config)
			}
			db = (&realm.Realm{Name: r}).Add(p, *password, 1, enctypes...)
		}
		n := uint32(db.KVNO)
		if *kvno >= 0 {
			n = uint32(*kvno)
		}
		for _, e := range enctypes {
			if k, err := db.Key(r, e); err == nil {
				entries = append(entries, realm.KeytabEntry{Principal: p + "@" + r, KVNO: n, Key: k, Time: time.Now()})
			}
		}
	}
	b := realm.MarshalKeytab(entries...)
	if *appendTo {
		old, err := os.ReadFile(*out)
		if err != nil {
			return err
		}
		b = append(old, b[2:]...)
	}
	return realm.WriteFile(*out, b)
}
