// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxRelevant bounds how deep AD-IF-RELEVANT elements may be nested.
const maxRelevant = 16

// wellFormed refuses authorization data with malformed AD-IF-RELEVANT elements: a restriction in one of them would be
// overlooked (RFC 4120, Section 5.2.6.1).
func wellFormed(list []token.AuthDataEntry, depth int) error {
	for _, e := range list {
		if e.Type != token.ADIfRelevant {
			continue
		}
		if depth == maxRelevant {
			return status.Errorf(status.DefectiveToken, status.ASN1_PARSE_ERROR,
				"AuthorizationData: elements are nested more than %d deep", maxRelevant)
		}
		inner, err := token.ParseAuthData(e.Data)
		if err == nil {
			err = wellFormed(inner, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FindAuthData returns the data of all elements of a type, including those inside AD-IF-RELEVANT. The list must be
// well-formed.
func FindAuthData(list []token.AuthDataEntry, adType int32) (found [][]byte) {
	for _, e := range list {
		switch e.Type {
		case token.ADIfRelevant:
			if inner, err := token.ParseAuthData(e.Data); err == nil {
				found = append(found, FindAuthData(inner, adType)...)
			}
		case adType:
			found = append(found, e.Data)
		}
	}
	return found
}

// apOptions returns the options in AD-AUTH-DATA-AP-OPTIONS (MS-KILE, Section 3.2.5.8) of an authenticator's
// authorization data, or 0 if there are none.
func apOptions(list []token.AuthDataEntry) (uint32, error) {
	found := FindAuthData(list, token.ADAPOptions)
	if len(found) == 0 {
		return 0, nil
	}
	options, err := token.ParseAPOptions(found[0])
	if err == nil && len(found) > 1 {
		err = status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE, "AD-AUTH-DATA-AP-OPTIONS: %d elements", len(found))
	}
	if err != nil {
		return 0, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE, "authenticator: %v", err)
	}
	return options, nil
}

// etypeList returns the enctypes that a client offers for the server's subkey (RFC 4537, Section 3).
func etypeList(list []token.AuthDataEntry) ([]int32, error) {
	found := FindAuthData(list, token.ADEtypeNeg)
	if len(found) == 0 {
		return nil, nil
	}
	return token.ParseEtypeList(found[0])
}

// offer returns the enctypes that r offers for the server's subkey: those that it prefers to the session key's. Without
// mutual authentication the server has no subkey.
func (r *Request) offer(session crypto.EType) (list []int32) {
	if !r.Mutual || len(r.EncTypes) == 0 || r.EncTypes[0] == session {
		return nil
	}
	for _, e := range r.EncTypes {
		list = append(list, int32(e))
		if e == session { // if listed, it is last (RFC 4537, Section 3)
			break
		}
	}
	return list
}

// authData returns the authorization data for an authenticator that requests what r says. It is a single AD-IF-RELEVANT
// element, because Windows looks only into the first one.
func (r *Request) authData(session crypto.EType) []token.AuthDataEntry {
	var list []token.AuthDataEntry
	if offer := r.offer(session); offer != nil {
		list = append(list, token.AuthDataEntry{Type: token.ADEtypeNeg, Data: token.MarshalEtypeList(offer)})
	}
	if r.BindsChannels {
		list = append(list, token.AuthDataEntry{Type: token.ADAPOptions, Data: token.MarshalAPOptions(token.APOptionCBT)})
	}
	if list == nil {
		return nil
	}
	return []token.AuthDataEntry{{Type: token.ADIfRelevant, Data: token.MarshalAuthData(list)}}
}

// subkeyType picks the enctype of the server's subkey: the server's favourite among those that the client offers and
// those of the keys it has used (RFC 4537, Section 3). An old enctype never replaces a newer one, even if it was
// offered.
func subkeyType(ours []crypto.EType, offer []int32, session, subkey crypto.EType) crypto.EType {
	for _, e := range ours {
		if e == session || e == subkey || slices.Contains(offer, int32(e)) {
			if !e.Legacy() || subkey.Legacy() {
				return e
			}
		}
	}
	return subkey
}
