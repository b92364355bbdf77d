// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"fmt"

	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/messages"
)

// Describe says in one line what was asked and how it was answered: the KDC's log.
func Describe(req, rep []byte) string {
	what := "unreadable request"
	if len(req) > 0 {
		tag := int(req[0] & 0x1f)
		kind := map[int]string{asnAppTag.ASREQ: "AS", asnAppTag.TGSREQ: "TGS"}[tag]
		if q, err := parseRequest(req, tag); err == nil && kind != "" {
			what = fmt.Sprintf("%s %s@%s options %08x enctypes %v", kind, q.body.SName.PrincipalNameString(), q.body.Realm,
				flagWord(q.body.KDCOptions), q.body.EType)
			if kind == "AS" {
				what += " for " + q.body.CName.PrincipalNameString()
			}
		}
	}
	var e messages.KRBError
	if len(rep) > 0 && rep[0]&0x1f == asnAppTag.KRBError && e.Unmarshal(rep) == nil {
		return fmt.Sprintf("%s: %s %s", what, errorcode.Lookup(e.ErrorCode), e.EText)
	}
	return fmt.Sprintf("%s: ok, %d octets", what, len(rep))
}
