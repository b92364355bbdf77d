// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"crypto/md5"
	"crypto/subtle"
	"slices"
	"strconv"
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/trace"
)

// Acceptor holds what a server needs to verify AP-REQs.
type Acceptor struct {
	Keytab   *Keytab
	Match    func(server token.Principal) bool // whether a keytab entry may be used; nil: any may
	Wanted   string                            // the acceptor's name for error texts; "": any
	EncTypes []crypto.EType                    // for session keys and subkeys, best first; all of them permitted
	Replay   ReplayCache                       // nil: none
	Config   *Config
}

// Acceptance is the server's side of one AP exchange. All fields are verified: they come from the ticket, which the KDC
// made, and from the authenticator, which the holder of the session key made.
type Acceptance struct {
	Request       *token.APReq
	Ticket        *token.EncTicketPart
	Authenticator *token.Authenticator
	Server        token.Principal // the keytab entry's name
	KVNO          uint32          // the keytab entry's
	Session       *crypto.Key
	Subkey        *crypto.Key           // nil if the client sent none
	Negotiated    crypto.EType          // for our subkey
	Attributes    *token.NameAttributes // of the client's name; nil: none. They alias the ticket
	BindsChannels bool                  // the client binds to every channel that it knows of (KERB_AP_OPTIONS_CBT)
}

// Verify verifies an AP-REQ as required by RFC 4120, Section 3.2.3. It checks the ticket, authenticator, identity,
// times and replay in this order, so that only a valid request costs a record in the replay cache.
func (a *Acceptor) Verify(env *Env, req *token.APReq) (*Acceptance, error) {
	if req.Options&token.APUseSessionKey != 0 {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_METHOD, "user-to-user authentication is not supported")
	}
	entry, key, plain, err := a.decryptTicket(env.Trace, &req.Ticket)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	ok := false
	defer func() {
		if !ok {
			clear(plain)
		}
	}()
	ticket, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return nil, err
	}
	session, err := a.permittedKey(env, ticket.Key, "session key")
	if err != nil {
		return nil, err
	}
	defer func() {
		if !ok {
			session.Wipe()
		}
	}()
	auth, err := decryptAuthenticator(session, req)
	if err != nil {
		return nil, err
	}
	env.Trace.Authenticated(auth.Client, auth.CTime)
	defer func() {
		if !ok {
			wipeAuthenticator(auth)
		}
	}()
	// The identity is that in the ticket. An authenticator with another name or realm is forged (RFC 4120, Section
	// 3.2.3).
	if !auth.Client.Equal(ticket.Client) {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BADMATCH,
			"Ticket/authenticator don't match: ticket of %s with an authenticator of %s", ticket.Client, auth.Client)
	}
	for _, list := range [][]token.AuthDataEntry{ticket.AuthData, auth.AuthData} {
		if err := wellFormed(list, 0); err != nil {
			return nil, err
		}
	}
	attributes, err := nameAttributes(env.Trace, ticket, key)
	if err != nil {
		return nil, err
	}
	options, err := apOptions(auth.AuthData)
	if err != nil {
		return nil, err
	}
	offer, err := etypeList(auth.AuthData)
	if err != nil {
		return nil, err
	}
	acc := &Acceptance{Request: req, Ticket: ticket, Authenticator: auth, Server: entry.Principal, KVNO: entry.KVNO, Session: session,
		Attributes: attributes, BindsChannels: options&token.APOptionCBT != 0}
	if err := a.checkTimes(acc, env.Now()); err != nil {
		return nil, err
	}
	if err := a.checkTransited(acc); err != nil {
		return nil, err
	}
	if auth.Subkey != nil {
		if acc.Subkey, err = a.permittedKey(env, *auth.Subkey, "client's subkey"); err != nil {
			return nil, err
		}
	}
	acc.Negotiated = subkeyType(a.EncTypes, offer, session.EType(), acc.base().EType())
	if a.Replay != nil {
		if err := a.Replay.Record(session.EType(), req.Authenticator.Cipher, env.Now(), a.Config.ClockSkew()); err != nil {
			acc.Wipe()
			return nil, err
		}
		env.Trace.ReplayCache(a.Replay.Name())
	}
	ok = true
	return acc, nil
}

// decryptTicket decrypts the ticket with whichever usable key succeeds, which the caller wipes.
func (a *Acceptor) decryptTicket(log *trace.Log, t *token.Ticket) (*KeytabEntry, *crypto.Key, []byte, error) {
	etype := crypto.EType(t.Enc.EType)
	log.TicketTaken(t.SName, t.Enc.KVNO, t.Enc.EType, a.Keytab.Name)
	if !etype.Supported() || !slices.Contains(a.Config.PermittedEnctypes(), etype) {
		return nil, nil, nil, status.Errorf(status.Failure, status.KRB5_NOPERM_ETYPE,
			"ticket for %s: enctype %s is not supported or not in permitted_enctypes", t.SName, etype)
	}
	if a.Keytab.Unlisted {
		listed := *a
		var err error
		if listed.Keytab, err = a.Keytab.forServer(t); err != nil {
			return nil, nil, nil, err
		}
		a = &listed
	}
	if log != nil {
		a.traceUnusable(log, t)
	}
	for _, e := range a.Keytab.forTicket(t, a.allows) {
		key, err := a.Keytab.Key(e)
		if err != nil {
			return nil, nil, nil, err
		}
		plain, err := key.Decrypt(usageTicket, t.Enc.Cipher)
		log.KeyTried(e.Principal, e.KVNO, e.EType, err == nil)
		if err == nil {
			return e, key, plain, nil
		}
		key.Wipe()
	}
	return nil, nil, nil, a.noKey(t)
}

// allows reports whether the keys of a principal may be used.
func (a *Acceptor) allows(p token.Principal) bool { return a.Match == nil || a.Match(p) }

// traceUnusable traces which keys for the name in the ticket are not tried, and why.
func (a *Acceptor) traceUnusable(log *trace.Log, t *token.Ticket) {
	for i := range a.Keytab.Entries {
		e := &a.Keytab.Entries[i]
		switch {
		case !e.Principal.Equal(t.SName):
		case !a.allows(e.Principal):
			log.KeyUnfit(e.Principal, e.KVNO, e.EType, "the credential is for another name")
		case e.EType != t.Enc.EType:
			log.KeyUnfit(e.Principal, e.KVNO, e.EType, "the ticket has another enctype")
		case !e.Usable:
			log.KeyUnfit(e.Principal, e.KVNO, e.EType, "it is malformed")
		}
	}
}

// noKey returns an error that says why no key of the keytab decrypted the ticket. Its text begins like MIT krb5's.
func (a *Acceptor) noKey(t *token.Ticket) error {
	etype, kvno := crypto.EType(t.Enc.EType), t.Enc.KVNO
	var has struct {
		wanted bool // a key that the acceptor may use
		server bool // one for the name in the ticket
		kvno   bool // one that also has its version
		etype  bool // one that has its enctype as well
	}
	var versions []uint32 // of keys for the name in the ticket, with its enctype
	for i := range a.Keytab.Entries {
		e := &a.Keytab.Entries[i]
		if !a.allows(e.Principal) {
			continue
		}
		has.wanted = true
		if !e.Principal.Equal(t.SName) {
			continue
		}
		has.server = true
		right, etypeToo := !t.Enc.HasKVNO || e.MatchesKVNO(kvno), e.Usable && crypto.EType(e.EType) == etype
		has.kvno = has.kvno || right
		has.etype = has.etype || right && etypeToo
		if etypeToo {
			versions = append(versions, e.KVNO)
		}
	}
	switch {
	case !has.wanted && a.Wanted != "":
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_NOT_US,
			"Request ticket server %s does not match server principal %s, for which there is no key in %s (ticket kvno %d)",
			t.SName, a.Wanted, a.Keytab, kvno)
	case !has.server && a.Wanted != "":
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_NOT_US,
			"Request ticket server %s does not match server principal %s (ticket kvno %d)", t.SName, a.Wanted, kvno)
	case !has.server:
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_NOT_US,
			"Request ticket server %s not found in keytab %s (ticket kvno %d, %s)", t.SName, a.Keytab, kvno, etype)
	case !has.kvno:
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BADKEYVER,
			"Request ticket server %s kvno %d not found in keytab %s%s: the keytab or the client's ticket is out of date",
			t.SName, kvno, a.Keytab, otherVersions(versions))
	case !has.etype:
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BADKEYVER,
			"Request ticket server %s kvno %d found in keytab %s, but not with enctype %s", t.SName, kvno, a.Keytab, etype)
	}
	return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
		"Request ticket server %s kvno %d enctype %s found in keytab %s, but cannot decrypt ticket: the keytab is out of date "+
			"or the ticket was changed", t.SName, kvno, etype, a.Keytab)
}

// otherVersions lists the key versions that a keytab has instead of the wanted one.
func otherVersions(versions []uint32) string {
	slices.Sort(versions)
	var list []string
	for _, v := range slices.Compact(versions) {
		list = append(list, strconv.FormatUint(uint64(v), 10))
	}
	if len(list) == 0 {
		return ""
	}
	return "; there is kvno " + strings.Join(list[:min(len(list), 8)], ", ")
}

func (a *Acceptor) permittedKey(env *Env, k token.EncryptionKey, what string) (*crypto.Key, error) {
	etype := crypto.EType(k.EType)
	if !slices.Contains(a.EncTypes, etype) {
		return nil, a.forbidden(env, etype, what)
	}
	key, err := crypto.NewKey(etype, k.Value)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_KEYSIZE, "%s: %v", what, err)
	}
	return key, nil
}

// forbidden returns an error that says which setting forbids keys of this type.
func (a *Acceptor) forbidden(env *Env, etype crypto.EType, what string) error {
	if !slices.Contains(a.Config.PermittedEnctypes(), etype) {
		return status.Errorf(status.Failure, status.KRB5_NOPERM_ETYPE,
			"%s: enctype %s is not supported or not in permitted_enctypes", what, etype)
	}
	if err := env.CheckContextEnctype(etype, what); err != nil {
		return err
	}
	return status.Errorf(status.Failure, status.KRB5_NOPERM_ETYPE,
		"%s: enctype %s is not one that the program allows for its credential", what, etype)
}

func decryptAuthenticator(session *crypto.Key, req *token.APReq) (*token.Authenticator, error) {
	if req.Authenticator.EType != int32(session.EType()) {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"the authenticator has enctype %d, the session key %d", req.Authenticator.EType, session.EType())
	}
	plain, err := session.Decrypt(usageAuthenticator, req.Authenticator.Cipher)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"the authenticator does not decrypt with the ticket's session key")
	}
	auth, err := token.ParseAuthenticator(plain)
	if err != nil {
		clear(plain)
	}
	return auth, err
}

// wipeAuthenticator overwrites the subkey and the checksum, in which old clients forward a ticket unencrypted.
func wipeAuthenticator(a *token.Authenticator) {
	if a.Subkey != nil {
		clear(a.Subkey.Value)
	}
	if a.Checksum != nil {
		clear(a.Checksum.Sum)
	}
}

func (a *Acceptor) checkTimes(acc *Acceptance, now time.Time) error {
	skew := a.Config.ClockSkew()
	if d := acc.Authenticator.CTime.Sub(now); d > skew || d < -skew {
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_SKEW,
			"Clock skew too great: the clock of %s is %s off from ours, more than the clockskew of %s allows", acc.Ticket.Client,
			d.Abs().Truncate(time.Second), skew)
	}
	start := acc.Ticket.StartTime
	if start.IsZero() {
		start = acc.Ticket.AuthTime
	}
	switch {
	case acc.Ticket.Flags&token.TicketInvalid != 0:
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_TKT_INVALID, "Ticket has invalid flag set: the ticket of %s", acc.Ticket.Client)
	case start.Sub(now) > skew:
		return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_TKT_NYV, "Ticket not yet valid: the ticket of %s is valid from %s on",
			acc.Ticket.Client, start.UTC().Format(time.RFC3339))
	case now.Sub(acc.Ticket.EndTime) > skew:
		return status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "Ticket expired: the ticket of %s expired at %s",
			acc.Ticket.Client, acc.Ticket.EndTime.UTC().Format(time.RFC3339))
	}
	return nil
}

// checkTransited makes sure that krb5.conf trusts every realm between the client's and ours on that path, unless our
// KDC has checked the path (RFC 4120, Section 2.7). Our realm is that of the key: the name outside the encrypted part
// is the client's to choose, and the path with it. There is nothing on the path of a client of our own realm: another
// realm, on a way back to ours, must not name our users.
func (a *Acceptor) checkTransited(acc *Acceptance) error {
	client, server := acc.Ticket.Client.Realm, acc.Server.Realm
	if acc.Ticket.Flags&token.TicketTransitedOK != 0 {
		return nil
	}
	realms, err := token.ParseTransited(acc.Ticket.Transited, client, server)
	if err != nil {
		return status.Errorf(status.Failure, status.KRB5KRB_AP_PATH_NOT_ACCEPTED, "transited realms in the ticket of %s: %v", acc.Ticket.Client, err)
	}
	path := a.Config.Capath(client, server)
	for _, r := range realms {
		if !slices.Contains(path, r) {
			return status.Errorf(status.Failure, status.KRB5KRB_AP_PATH_NOT_ACCEPTED,
				"the ticket of %s came through realm %s, which is not on the path to %s (capaths)", acc.Ticket.Client, r, server)
		}
	}
	return nil
}

// base returns the key that protects messages if we choose no subkey.
func (acc *Acceptance) base() *crypto.Key {
	if acc.Subkey != nil {
		return acc.Subkey
	}
	return acc.Session
}

// Reply builds the AP-REP, with a fresh subkey of the negotiated enctype and our initial sequence number (RFC 4120,
// Section 3.2.4). Contexts of RFC 1964 have no such subkey unless mustSubkey is set.
func (acc *Acceptance) Reply(env *Env, mustSubkey bool) (rep []byte, subkey *crypto.Key, seq uint32, err error) {
	etype := acc.Negotiated
	if seq, err = newSeqNumber(env.Rand); err != nil {
		return nil, nil, 0, err
	}
	part := token.EncAPRepPart{
		CTime:     acc.Authenticator.CTime,
		CUSec:     acc.Authenticator.CUSec,
		SeqNumber: seq,
		HasSeq:    true,
	}
	if mustSubkey || !etype.Legacy() {
		if subkey, err = crypto.RandomKey(etype, env.Rand); err != nil {
			return nil, nil, 0, err
		}
		part.Subkey = &token.EncryptionKey{EType: int32(etype), Value: subkey.Bytes()}
	}
	plain := part.Marshal()
	defer clear(plain)
	cipher, err := acc.Session.Encrypt(usageAPRep, plain, env.Rand)
	if err != nil {
		return nil, nil, 0, err
	}
	msg := token.APRep{Enc: token.EncryptedData{EType: int32(acc.Session.EType()), Cipher: cipher}}
	return msg.Marshal(), subkey, seq, nil
}

// Wipe overwrites the keys of the exchange. The encrypted ticket, with the session key in it, remains.
func (acc *Acceptance) Wipe() {
	acc.Session.Wipe()
	clear(acc.Ticket.Key.Value)
	if acc.Subkey != nil {
		acc.Subkey.Wipe()
	}
	wipeAuthenticator(acc.Authenticator)
}

// checksumMD5 is rsa-md5 (RFC 3961, Section 6.1.1), which takes no key.
const checksumMD5 = 7

// VerifyChecksum verifies an authenticator's checksum over no data, which is what clients send that do not know the
// 0x8003 checksum. Clients with old MIT libraries send MD5, whatever the key.
func (acc *Acceptance) VerifyChecksum() bool {
	sum := acc.Authenticator.Checksum
	switch {
	case sum == nil:
		return false
	case sum.Type == checksumMD5:
		nothing := md5.Sum(nil)
		return subtle.ConstantTimeCompare(nothing[:], sum.Sum) == 1
	}
	return sum.Type == acc.Session.EType().ChecksumType() &&
		acc.Session.VerifyChecksum(usageAuthenticatorSum, nil, sum.Sum)
}

// DecryptCred reads the KRB-CRED in the 0x8003 checksum, which holds one forwarded ticket-granting ticket. Clients
// encrypt it with the session key, some with their subkey, and old ones with no key at all (enctype 0, because the
// authenticator encloses it). What is not in the result is wiped, in that case in b.
func (acc *Acceptance) DecryptCred(b []byte) (*Credential, error) {
	fail := func(minor status.Minor, text string) (*Credential, error) {
		return nil, status.Errorf(status.Failure, minor, "delegated credential of %s: %s", acc.Ticket.Client, text)
	}
	msg, err := token.ParseKRBCred(b)
	if err != nil {
		return fail(status.KRB5KRB_AP_ERR_MSG_TYPE, err.Error())
	}
	plain := msg.Enc.Cipher
	if msg.Enc.EType != 0 {
		plain, err = acc.Session.Decrypt(usageKRBCred, msg.Enc.Cipher)
		if err != nil && acc.Subkey != nil {
			plain, err = acc.Subkey.Decrypt(usageKRBCred, msg.Enc.Cipher)
		}
		if err != nil {
			return fail(status.KRB5KRB_AP_ERR_BAD_INTEGRITY, "it does not decrypt")
		}
	}
	defer clear(plain)
	part, err := token.ParseEncKRBCredPart(plain)
	if err != nil {
		return fail(status.KRB5KRB_AP_ERR_MSG_TYPE, err.Error())
	}
	if len(part.Info) == 0 || len(part.Info) != len(msg.Tickets) {
		return fail(status.KRB5KRB_AP_ERR_MSG_TYPE, "the numbers of tickets and of their descriptions differ")
	}
	info := part.Info[0]
	if info.Client == nil || info.Server == nil {
		return fail(status.KRB5KRB_AP_ERR_MSG_TYPE, "its client or server has no name")
	}
	for i := range info.Addresses {
		info.Addresses[i].Address = slices.Clone(info.Addresses[i].Address)
	}
	return &Credential{
		Client: *info.Client, Server: *info.Server, Flags: info.Flags,
		Key:      token.EncryptionKey{EType: info.Key.EType, Value: slices.Clone(info.Key.Value)},
		AuthTime: info.AuthTime, StartTime: info.StartTime, EndTime: info.EndTime, RenewTill: info.RenewTill,
		Addresses: info.Addresses, Ticket: slices.Clone(msg.Tickets[0].Raw),
	}, nil
}
