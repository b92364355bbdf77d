// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"time"

	"libgssapi/internal/token"
)

// Credential is a ticket with what its client knows of it. Ticket and SecondTicket are the DER octets as the KDC sent
// them; they are never decoded and encoded again.
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

	unvouched bool // nothing but the ticket itself says whose it is, which only its service can read

	user *token.Principal // of a referral of S4U2Self: whom the KDC vouches for in place of the client
}

// Copy returns a credential with a key of its own. The rest is shared: nobody changes it.
func (c *Credential) Copy() any { return c.copy() }

func (c *Credential) copy() *Credential {
	own := *c
	own.Key.Value = slices.Clone(c.Key.Value)
	return &own
}

// start is when the ticket becomes valid.
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
