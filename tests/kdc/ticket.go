// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/tests/kdc/realm"
)

func cmdTicket(args []string) error {
	fs := newFlags("ticket", "client@REALM server@REALM")
	config := fs.String("config", "", "the database, `kdc.json`, with the server's key")
	ccache := fs.String("c", "", "credential cache `file` to write")
	appendTo := fs.Bool("a", false, "append to the cache")
	start := fs.Duration("start", -time.Minute, "starttime, relative to now")
	end := fs.Duration("end", 10*time.Hour, "endtime, relative to now")
	ccEnd := fs.Duration("cc-end", 0, "endtime that the cache shows, relative to now (0: as in the ticket)")
	ccStart := fs.Duration("cc-start", 0, "starttime that the cache shows (0: as in the ticket)")
	enctype := fs.Int("enctype", 0, "enctype of the ticket (0: the server's first)")
	session := fs.Int("session", 0, "enctype of the session key (0: as the ticket's)")
	kvno := fs.Int("kvno", -1, "key version number in the ticket (-1: the database's)")
	flagWord := fs.String("flags", "0x40a00000", "ticket flags; 0x40a00000 is forwardable, renewable, pre-authent")
	address := fs.String("addr", "", "comma-separated `addresses` that the ticket is bound to")
	ad := fs.String("ad", "", "comma-separated `types` of authorization data to put in, 16 zero octets each")
	crealm := fs.String("crealm", "", "client `realm` inside the ticket, if another than in the cache")
	transited := fs.String("transited", "", "transited `realms`")
	damage := fs.Bool("damage", false, "flip one octet of the ticket's ciphertext")
	wrongKey := fs.Bool("wrong-key", false, "encrypt in a random key")
	wrongSession := fs.Bool("wrong-session", false, "put another session key into the cache than into the ticket")
	rename := fs.String("as", "", "`server` name in the cache, if another than in the ticket")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(operands) != 2 || *config == "" || *ccache == "" {
		return errors.New("-config, -c, a client and a server are wanted")
	}
	c, err := realm.Load(*config)
	if err != nil {
		return err
	}
	client, server := operands[0], operands[1]
	name, r, _ := strings.Cut(server, "@")
	db := c.Realm(r)
	if db == nil || db.Principal(name) == nil {
		return fmt.Errorf("no principal %s in %s", server, *config)
	}
	p := db.Principal(name)
	if *enctype == 0 {
		*enctype = int(p.Enctypes[0])
	}
	if *session == 0 {
		*session = *enctype
	}
	if *kvno < 0 {
		*kvno = p.KVNO
	}
	flags, err := strconv.ParseUint(*flagWord, 0, 32)
	if err != nil {
		return err
	}
	now := time.Now()
	t := realm.Ticket{Client: client, Server: server, KVNO: *kvno, Flags: uint32(flags), Transited: *transited,
		AuthTime: now.Add(min(*start, 0)), StartTime: now.Add(*start), EndTime: now.Add(*end), Damage: *damage,
		ClientRealm: *crealm}
	if t.Key, err = p.Key(r, int32(*enctype)); err != nil {
		return err
	}
	if *wrongKey {
		t.Key = realm.NewKey(t.Key.KeyType)
	}
	if t.Session = realm.NewKey(int32(*session)); len(t.Session.KeyValue) == 0 {
		return fmt.Errorf("unsupported enctype %d", *session)
	}
	if err := content(&t, *address, *ad); err != nil {
		return err
	}
	cred := &realm.Credential{Client: client, Server: server, Key: t.Session, AuthTime: t.AuthTime,
		StartTime: t.StartTime, EndTime: t.EndTime, Flags: t.Flags, Addresses: t.Addresses}
	if cred.Ticket, err = t.Marshal(); err != nil {
		return err
	}
	if *ccEnd != 0 {
		cred.EndTime = now.Add(*ccEnd)
	}
	if *ccStart != 0 {
		cred.StartTime = now.Add(*ccStart)
	}
	if *rename != "" {
		cred.Server = *rename
	}
	if *wrongSession {
		cred.Key = realm.NewKey(t.Session.KeyType)
	}
	b := realm.MarshalCCache(client, 0, cred)
	if *appendTo {
		old, err := os.ReadFile(*ccache)
		if err != nil {
			return err
		}
		b = append(old, cred.Marshal()...)
	}
	return realm.WriteFile(*ccache, b)
}

// content puts addresses and authorization data into the ticket.
func content(t *realm.Ticket, addresses, ad string) error {
	split := func(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }
	for _, s := range split(addresses) {
		a, err := realm.ParseAddress(s)
		if err != nil {
			return err
		}
		t.Addresses = append(t.Addresses, a)
	}
	for _, s := range split(ad) {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return err
		}
		t.AuthData = append(t.AuthData, types.AuthorizationDataEntry{ADType: int32(n), ADData: make([]byte, 16)})
	}
	return nil
}
