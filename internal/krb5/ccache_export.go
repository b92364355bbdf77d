// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"

	"libgssapi/internal/token"
)

// Named reports whether other processes find the cache by its name. The contents of a cache in memory, of this library
// or of the program's libkrb5, must be handed to them.
func (c *CCache) Named() bool { return c.Name() != "" && !strings.HasPrefix(c.Name(), "MEMORY:") }

// OfCollection reports whether the default cache's name may stand for a collection, in which another process finds more
// caches than this one.
func (c *CCache) OfCollection() bool {
	return c.Named() && !strings.HasPrefix(c.Name(), "FILE:")
}

// Export returns the contents of the cache, including its configuration in the form of tickets. The caller wipes the
// keys.
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

// NewCCacheOf returns a cache in memory with the exported contents. It takes over the keys.
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

// HasTGT reports whether the cache has a ticket-granting ticket for its client.
func (c *CCache) HasTGT() bool { return c.startTGT(c.Credentials(), c.startRealm()) != nil }
