// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"cmp"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// This file decides which entry counts if a credential cache or a keytab has several candidates.
//
// Of credentials, the one that ends last counts, wherever it is in the cache: SSSD adds a renewed ticket after the one
// that it renews, and an old ticket may be left at the end. Of keys, the one written last counts.

// compareCredentials returns which of two credentials counts: the greater one. A credential marked invalid (a postdated
// one, RFC 4120, Section 2.4) is less than any that is not.
func compareCredentials(a, b *Credential) int {
	if valid := a.Flags&token.TicketInvalid == 0; valid != (b.Flags&token.TicketInvalid == 0) {
		if valid {
			return 1
		}
		return -1
	}
	return a.EndTime.Compare(b.EndTime)
}

// best returns the credential that counts among those that match accepts, nil if it accepts none. A nil match accepts
// all. Of equals it is the last.
func best(creds []*Credential, match func(*Credential) bool) (chosen *Credential) {
	for _, cred := range creds {
		if (match == nil || match(cred)) && (chosen == nil || compareCredentials(cred, chosen) >= 0) {
			chosen = cred
		}
	}
	return chosen
}

// owns reports whether a credential is the client's to use. A cache may also hold other clients' credentials, as
// evidence for S4U2Proxy, and some whose key is not the ticket's (user-to-user).
func (c *CCache) owns(cred *Credential) bool { return cred.Client.Equal(c.Principal) && !cred.IsSKey }

// startRealm returns the realm of the TGT with which all others are obtained. It is the client's unless MIT's library
// has noted that kinit got the TGT from another.
func (c *CCache) startRealm() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present()
	return c.presentStartRealm()
}

// presentStartRealm is startRealm by what was last read, with the lock held.
func (c *CCache) presentStartRealm() string {
	if start, ok := c.contents.configValue("start_realm"); ok && len(start) > 0 {
		return string(start)
	}
	return c.Principal.Realm
}

// isStart reports whether a credential is the client's TGT for its start realm.
func (c *CCache) isStart(cred *Credential, realm string) bool {
	return c.owns(cred) && cred.Server.IsTGS() && cred.Server.Components[1] == realm && cred.Server.Realm == realm
}

// startTGT returns the TGT for the start realm that counts, expired or not, or nil if there is none.
func (c *CCache) startTGT(creds []*Credential, realm string) *Credential {
	return best(creds, func(cred *Credential) bool { return c.isStart(cred, realm) })
}

// Expiry returns when the client's credentials end, by our clock: when its TGT ends or, if there is no TGT, the last of
// its tickets. ok is false if the cache holds nothing for its client.
func (c *CCache) Expiry() (end time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	creds := c.present()
	counts := c.startTGT(creds, c.presentStartRealm())
	if counts == nil {
		counts = best(creds, c.owns)
	}
	if counts == nil {
		return time.Time{}, false
	}
	return counts.EndTime.Add(-c.contents.offset), true
}

// First returns the principal of the first entry, which stands for the keytab as a whole; nil if there are no entries.
func (kt *Keytab) First() *token.Principal {
	if len(kt.Entries) == 0 {
		return nil
	}
	return &kt.Entries[0].Principal
}

// hosts returns the principals host/NAME in a keytab, in its order.
func (kt *Keytab) hosts() (list []token.Principal) {
	known := make(map[string]bool)
	for i := range kt.Entries {
		p := kt.Entries[i].Principal
		if len(p.Components) != 2 || p.Components[0] != "host" || known[p.String()] {
			continue
		}
		known[p.String()] = true
		list = append(list, p)
	}
	return list
}

// halfway is the distance at which it is no longer clear which of two 8-bit version numbers is the newer one.
const halfway = 128

// compareKeys returns which of two keys of one principal was written last: the greater one. Version numbers grow, but
// many writers store only the low octet, so that 0 follows 255, and a principal that is recreated starts over. If the
// numbers are equal or too far apart, the times of the entries decide.
func compareKeys(a, b *KeytabEntry) int {
	distance := int64(a.KVNO) - int64(b.KVNO)
	if distance >= halfway || distance <= -halfway {
		distance = 0
	}
	return cmp.Or(cmp.Compare(distance, 0), a.Time.Compare(b.Time))
}

// Newest returns the usable keys of a principal, for each enctype the one written last, which is the one that the KDC
// has.
func (kt *Keytab) Newest(p token.Principal) map[crypto.EType]*KeytabEntry {
	newest := make(map[crypto.EType]*KeytabEntry)
	for i := range kt.Entries {
		e := &kt.Entries[i]
		if !e.Usable || !e.Principal.Equal(p) {
			continue
		}
		etype := crypto.EType(e.EType)
		if old := newest[etype]; old == nil || compareKeys(e, old) >= 0 {
			newest[etype] = e
		}
	}
	return newest
}

// newestKeys reads the keys of Newest.
func (kt *Keytab) newestKeys(p token.Principal) keySource {
	newest := kt.Newest(p)
	return func(etype crypto.EType) (*crypto.Key, error) {
		e := newest[etype]
		if e == nil {
			return nil, nil
		}
		return kt.Key(e)
	}
}

// KeyOf reads the key that a principal has with this version and enctype. The caller wipes it.
func (kt *Keytab) KeyOf(p token.Principal, kvno uint32, etype int32) (*crypto.Key, error) {
	t := &token.Ticket{SName: p, Enc: token.EncryptedData{EType: etype, KVNO: kvno, HasKVNO: true}}
	listed := kt
	if kt.Unlisted {
		var err error
		if listed, err = kt.forServer(t); err != nil {
			return nil, err
		}
	}
	for _, e := range listed.forTicket(t, p.Equal) {
		if e.MatchesKVNO(kvno) {
			return listed.Key(e)
		}
	}
	return nil, status.Errorf(status.Failure, status.KRB5_KT_NOTFOUND, "no key for %s, kvno %d, %s in %s", p, kvno, crypto.EType(etype), kt)
}

// forTicket returns the keys that may decrypt a ticket, those that the ticket names first. As in other implementations,
// all other keys of its enctype follow: a host may have several names for one service, and version numbers in keytabs
// may be wrong. match says which entries may be used at all.
func (kt *Keytab) forTicket(t *token.Ticket, match func(token.Principal) bool) (list []*KeytabEntry) {
	for i := range kt.Entries {
		if e := &kt.Entries[i]; e.Usable && e.EType == t.Enc.EType && match(e.Principal) {
			list = append(list, e)
		}
	}
	rank := func(e *KeytabEntry) int {
		switch named := e.Principal.Equal(t.SName); {
		case named && t.Enc.HasKVNO && e.MatchesKVNO(t.Enc.KVNO):
			return 2
		case named:
			return 1
		}
		return 0
	}
	slices.Reverse(list) // of equals, the last was written last
	slices.SortStableFunc(list, func(a, b *KeytabEntry) int { return cmp.Compare(rank(b), rank(a)) })
	// Several names of one account have the same key: as with MIT krb5, the acceptor is the one that stands first.
	if i := slices.IndexFunc(list, func(e *KeytabEntry) bool { return rank(e) == 0 }); i >= 0 {
		slices.Reverse(list[i:])
	}
	return list
}
