// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"time"

	"libgssapi/internal/token"
)

// Credential is a ticket with what its client knows about it. Ticket and SecondTicket are the DER octets that the KDC
// sent; they are never decoded and encoded again.
type Credential struct {
	Client, Server token.Principal
	Key            token.EncryptionKey
	AuthTime       time.Time
	StartTime      time.Time // zero: AuthTime
	EndTime        time.Time
	RenewTill      time.Time // zero: not renewable
	Flags          uint32    // TicketFlags (RFC 4120, Section 5.3), bit 0 is the most significant
	Addresses      []token.HostAddress
	AuthData       []token.AuthDataEntry
	Ticket         []byte
	SecondTicket   []byte
	IsSKey         bool

	unvouched bool // the client's name is only in the ticket, which only the service can read

	fast bool // the KDC that issued this TGT supports FAST (RFC 6113)

	user *token.Principal // in a referral of S4U2Self: the user that the KDC vouches for, who is not the client
}

// Copy returns a credential with its own copy of the key. The rest is shared and must not be changed.
func (c *Credential) Copy() any { return c.copy() }

func (c *Credential) copy() *Credential {
	own := *c
	own.Key.Value = slices.Clone(c.Key.Value)
	return &own
}

// start returns the time from which the ticket is valid.
func (c *Credential) start() time.Time {
	if c.StartTime.IsZero() {
		return c.AuthTime
	}
	return c.StartTime
}

// Wipe overwrites the key.
func (c *Credential) Wipe() { clear(c.Key.Value) }

// OKAsDelegate reports whether the realm's administrator trusts the service with delegated credentials (RFC 4120,
// Section 2.8).
func (c *Credential) OKAsDelegate() bool { return c.Flags&token.TicketOKAsDelegate != 0 }
