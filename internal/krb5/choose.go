// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"cmp"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// Which entry counts, where a credential cache or a keytab has several that would do. Whoever needs one asks here.
//
// Of credentials the one that ends last counts, wherever it stands: SSSD puts a renewed ticket behind the one that it
// renews, and a cache may be left with an old one last. Of keys, the last one written counts.

// compareCredentials tells which of two credentials of a cache counts, the greater one. One that is marked invalid (a
// postdated one, RFC 4120, Section 2.4) gives way to any that is not.
func compareCredentials(a, b *Credential) int {
	if valid := a.Flags&token.TicketInvalid == 0; valid != (b.Flags&token.TicketInvalid == 0) {
		if valid {
			return 1
		}
		return -1
	}
	return a.EndTime.Compare(b.EndTime)
}

// best returns the credential that counts among those that match accepts, nil if it accepts none. A nil match accepts all.
// Of equals it is the last.
func best(creds []*Credential, match func(*Credential) bool) (chosen *Credential) {
	for _, cred := range creds {
		if (match == nil || match(cred)) && (chosen == nil || compareCredentials(cred, chosen) >= 0) {
			chosen = cred
		}
	}
	return chosen
}

// owns reports whether a credential is the client's to use: a cache may hold those of others, as evidence for S4U2Proxy,
// and some whose key is not that of the ticket (user-to-user).
func (c *CCache) owns(cred *Credential) bool { return cred.Client.Equal(c.Principal) && !cred.IsSKey }

// startRealm is the realm of the TGT from which all others follow: the client's, unless MIT's library notes another in
// which kinit got it.
func (c *CCache) startRealm() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present()
	return c.presentStartRealm()
}

// presentStartRealm is startRealm of what was read last; the caller holds the lock.
func (c *CCache) presentStartRealm() string {
	if start, ok := c.contents.configValue("start_realm"); ok && len(start) > 0 {
		return string(start)
	}
	return c.Principal.Realm
}

// isStart reports whether a credential is the client's TGT of its start realm.
func (c *CCache) isStart(cred *Credential, realm string) bool {
	return c.owns(cred) && cred.Server.IsTGS() && cred.Server.Components[1] == realm && cred.Server.Realm == realm
}

// startTGT returns the TGT of the start realm that counts, expired or not, nil if there is none.
func (c *CCache) startTGT(creds []*Credential, realm string) *Credential {
	return best(creds, func(cred *Credential) bool { return c.isStart(cred, realm) })
}

// Expiry returns when what the cache holds for its client ends, by our clock: with its TGT, and where it has none with the
// last of its tickets. ok is false if it holds nothing for its client.
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

// First returns the principal that a keytab is of, as far as there is one: that of its first entry. nil: it has none.
func (kt *Keytab) First() *token.Principal {
	if len(kt.Entries) == 0 {
		return nil
	}
	return &kt.Entries[0].Principal
}

// hosts returns the principals of a keytab that are host/ and a name, in its order.
func (kt *Keytab) hosts() (list []token.Principal) {
	for i := range kt.Entries {
		p := kt.Entries[i].Principal
		if len(p.Components) == 2 && p.Components[0] == "host" && !slices.ContainsFunc(list, p.Equal) {
			list = append(list, p)
		}
	}
	return list
}

// halfway is how far two version numbers of one octet can be apart for the greater to be the newer one.
const halfway = 128

// compareKeys tells which of two keys of one principal was written last, the greater one. Version numbers grow, but many
// writers store their low octet only, so that 0 follows 255, and a principal that was made anew begins again. Where the
// numbers are so far apart, the times of the entries tell, as they do for equal ones.
func compareKeys(a, b *KeytabEntry) int {
	distance := int64(a.KVNO) - int64(b.KVNO)
	if distance >= halfway || distance <= -halfway {
		distance = 0
	}
	return cmp.Or(cmp.Compare(distance, 0), a.Time.Compare(b.Time))
}

// Newest returns the usable keys of a principal, of each enctype the one that was written last: that is the one which the
// KDC has.
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

// forTicket returns the keys that may open a ticket, those first that it names: a host may have several names for one
// service, and keytabs have wrong version numbers in them, so every other one of its enctype follows, as peers do. match
// says which entries may be used at all.
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
	slices.Reverse(list) // of those alike the last one was written last
	slices.SortStableFunc(list, func(a, b *KeytabEntry) int { return cmp.Compare(rank(b), rank(a)) })
	return list
}
