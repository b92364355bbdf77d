// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"

	"libgssapi/internal/token"
)

// Named reports whether other processes find the cache by its name. What is in one in memory, of this library or of the
// program's libkrb5, they have to be given.
func (c *CCache) Named() bool { return c.Name() != "" && !strings.HasPrefix(c.Name(), "MEMORY:") }

// OfCollection reports whether there may be caches beside it that another process finds, too, by the default cache's name.
func (c *CCache) OfCollection() bool {
	return c.Named() && !strings.HasPrefix(c.Name(), "FILE:")
}

// Export returns all that is in the cache, its configuration in the form of tickets. The caller wipes the keys.
func (c *CCache) Export() *token.ExportedCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := &token.ExportedCache{Principal: c.Principal}
	for _, cred := range c.present() {
		x.Tickets = append(x.Tickets, exportedTicket(cred.copy()))
	}
	for _, entry := range c.configuration() {
		x.Tickets = append(x.Tickets, exportedTicket(entry.copy()))
	}
	return x
}

func exportedTicket(c *Credential) token.ExportedTicket {
	return token.ExportedTicket{
		Client: &c.Client, Server: &c.Server, Key: c.Key, AuthTime: c.AuthTime, StartTime: c.StartTime, EndTime: c.EndTime,
		RenewTill: c.RenewTill, IsSKey: c.IsSKey, Flags: c.Flags, Addresses: c.Addresses, Ticket: c.Ticket,
		SecondTicket: c.SecondTicket, AuthData: c.AuthData,
	}
}

// NewCCacheOf returns a cache in memory with what was exported. It takes over the keys.
func NewCCacheOf(x *token.ExportedCache) *CCache {
	contents := &ccacheContents{principal: x.Principal}
	for i := range x.Tickets {
		t := &x.Tickets[i]
		contents.add(&Credential{
			Client: *t.Client, Server: *t.Server, Key: t.Key, AuthTime: t.AuthTime, StartTime: t.StartTime, EndTime: t.EndTime,
			RenewTill: t.RenewTill, IsSKey: t.IsSKey, Flags: t.Flags, Addresses: t.Addresses, Ticket: t.Ticket,
			SecondTicket: t.SecondTicket, AuthData: t.AuthData,
		})
	}
	x.Tickets = nil
	return memoryCCacheOf(contents)
}

// HasTGT reports whether the cache has a ticket-granting ticket of its client's.
func (c *CCache) HasTGT() bool { return c.startTGT(c.Credentials(), c.startRealm()) != nil }
