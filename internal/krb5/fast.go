// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fastArmor protects the messages of an AS exchange with a ticket that the host already has (FAST, RFC 6113, Section
// 5.4). An attacker on the network can neither try passwords on them nor suppress a mechanism that the KDC offers.
type fastArmor struct {
	key   *crypto.Key
	apReq []byte
}

// armor returns the ticket-granting ticket with which krb5.conf wants an AS exchange with a realm to be armored, or nil
// for no armor:
//
//	[libgssapi]
//		armor_ccache = FILE:/var/run/host.ccache
//		armor_keytab = FILE:/etc/krb5.keytab
//
// MIT's library has no such setting; its programs have kinit -T. If armor is configured, there is no login without it,
// because anyone could have written what a KDC says without armor. With a keytab, the ticket is for its first host/
// principal, and is used for this call only.
func (q *requester) armor(realm string) (*Credential, error) {
	if q.noArmor {
		return nil, nil
	}
	var cc *CCache
	if name, ok := q.env.programSetting(q.cfg, "armor_ccache"); ok {
		var err error
		if cc, err = q.env.Library.OpenCCache(q.env, name); err != nil {
			return nil, armorError(err)
		}
	} else if name, ok := q.env.programSetting(q.cfg, "armor_keytab"); ok {
		host, err := q.hostCredential(name)
		if err != nil {
			return nil, armorError(err)
		}
		cc = newMemoryCCache(host.Client, ClockOffset(q.env, q.cfg, host), host)
	} else {
		return nil, nil
	}
	defer cc.Close()
	q.offset = cc.Offset()
	cred, err := ServiceTicket(q.env, q.cfg, cc, tgsPrincipal(realm, realm), TGSOptions{})
	if err != nil {
		return nil, armorError(err)
	}
	q.own = append(q.own, cred)
	return cred, nil
}

// armorError adds what the ticket was for.
func armorError(err error) error {
	if errors.Is(err, Pending) {
		return err
	}
	return status.Prefix(err, "no armor for FAST")
}

// hostCredential gets a ticket-granting ticket for this host.
func (q *requester) hostCredential(keytab string) (*Credential, error) {
	kt, err := q.env.Library.OpenKeytab(q.env, keytab)
	if err != nil {
		return nil, err
	}
	hosts := kt.hosts()
	if len(hosts) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Key table entry not found: no key of a host/ principal in %s", kt)
	}
	host := newInitialRequester(q.env, q.cfg, 0)
	host.noArmor = true
	defer host.wipe()
	return host.initialWithKeys(hosts[0], kt.newestKeys(hosts[0]))
}

// newFastArmor derives armor from a ticket-granting ticket for the realm (Section 5.4.1.1). now is the time by the
// KDC's clock.
func newFastArmor(env *Env, tgt *Credential, now time.Time) (*fastArmor, error) {
	i, apReq, err := Initiate(env, tgt, now, Request{})
	if err != nil {
		return nil, err
	}
	defer i.Session.Wipe()
	defer i.Subkey.Wipe()
	key, err := crypto.CF2(i.Subkey, i.Session, "subkeyarmor", "ticketarmor")
	if err != nil {
		return nil, err
	}
	return &fastArmor{key, apReq}, nil
}

// request encloses padata and a KDC-REQ-BODY. The checksum covers the body, which is also the outer one of the message.
func (a *fastArmor) request(env *Env, padata []token.PAData, body []byte) (token.PAData, error) {
	cipher, err := a.key.Encrypt(usageFastEnc, token.MarshalFastReq(padata, body), env.Rand)
	if err != nil {
		return token.PAData{}, err
	}
	m := token.FastArmoredReq{
		Armor:    a.apReq,
		Checksum: token.Checksum{Type: a.key.EType().ChecksumType(), Sum: a.key.Checksum(usageFastReqSum, body)},
		Enc:      token.EncryptedData{EType: int32(a.key.EType()), Cipher: cipher},
	}
	return token.PAData{Type: token.PAFXFast, Value: m.Marshal()}, nil
}

// response decrypts the FAST response to the request with this nonce. The caller wipes the strengthen-key.
func (a *fastArmor) response(padata []token.PAData, nonce uint32) (*token.FastResponse, error) {
	pa := token.FindPAData(padata, token.PAFXFast)
	if pa == nil {
		return nil, status.Errorf(status.Failure, status.KRB5_ERR_FAST_REQUIRED,
			"its reply is without FAST: the KDC does not support FAST, or the reply comes from someone else")
	}
	enc, err := token.ParseFastReply(pa.Value)
	if err != nil || enc.EType != int32(a.key.EType()) {
		return nil, modified("has a malformed FAST response")
	}
	plain, err := a.key.Decrypt(usageFastRep, enc.Cipher)
	if err != nil {
		return nil, modified("has a FAST response that does not decrypt: it comes from someone else, or was changed")
	}
	response, err := token.ParseFastResponse(plain)
	if err != nil {
		clear(plain)
		return nil, modified("has a malformed FAST response")
	}
	if response.Nonce != nonce {
		wipeStrengthenKey(response)
		return nil, modified("has a FAST response to another request")
	}
	return response, nil
}

func wipeStrengthenKey(r *token.FastResponse) {
	if r.StrengthenKey != nil {
		clear(r.StrengthenKey.Value)
	}
}

// finished decrypts the FAST response in an AS-REP, which authenticates the reply's client and ticket (Section 5.4.3).
func (a *fastArmor) finished(rep *token.KDCRep, nonce uint32) (*token.FastResponse, error) {
	r, err := a.response(rep.PAData, nonce)
	if err != nil {
		return nil, err
	}
	f := r.Finished
	switch {
	case f == nil:
		err = status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED, "its FAST response has no KrbFastFinished")
	case f.TicketChecksum.Type != a.key.EType().ChecksumType() ||
		!a.key.VerifyChecksum(usageFastFinished, rep.Ticket.Raw, f.TicketChecksum.Sum):
		err = modified("has a ticket that is not the one in its FAST response")
	case !f.Client.Equal(rep.Client):
		err = modified("is for %s, but its FAST response is for %s", rep.Client, f.Client)
	}
	if err != nil {
		wipeStrengthenKey(r)
		return nil, err
	}
	return r, nil
}

// methodData returns the METHOD-DATA of a refusal. With armor, it replaces the KRB-ERROR with the protected one; the
// outer one is for clients that do not support FAST (Section 5.4.4).
func (x *asExchange) methodData(r **refusal) ([]token.PAData, error) {
	outer := (*r).message
	methods, err := token.ParseMethodData(outer.Data)
	if x.armor == nil {
		if err != nil {
			methods = nil // the error code may suffice
		}
		return methods, nil
	}
	response, err := x.armor.response(methods, uint32(x.request.nonce))
	if err != nil {
		return nil, status.Errorf((*r).err.Major, (*r).err.Minor,
			"%s. This error is not protected by FAST, which armor_ccache or armor_keytab in [libgssapi] of krb5.conf requires", (*r).err.Text)
	}
	wipeStrengthenKey(response)
	pa := token.FindPAData(response.PAData, token.PAFXError)
	if pa == nil {
		return nil, status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED,
			"KDC of realm %s: the FAST response in its error has no error", x.request.server.Realm)
	}
	inner, err := token.ParseKRBError(pa.Value)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE,
			"KDC of realm %s: the FAST response in its error has a malformed error", x.request.server.Realm)
	}
	x.network.trace.Error(x.request.server.Realm, inner.Code, inner.Message())
	*r = refuse(inner, (*r).at, x.request.server.Realm, x.request.server, *x.request.client)
	return response.PAData, nil
}
