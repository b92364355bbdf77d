// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ErrorMessage builds the KRB-ERROR that tells a client why its AP-REQ was refused (RFC 4120, Section 5.9.1). Our text
// may name files, so the client gets the code alone, or, if the protocol has none for the reason, the fixed text of the
// minor code as e-text.
func ErrorMessage(e *status.Error, now time.Time, server token.Principal) []byte {
	msg := token.KRBError{Code: e.Minor.KRBErrorCode(), SName: server}
	if e.Minor != status.OfKRBError(msg.Code) && e.Minor.Known() {
		msg.Text = e.Minor.Text()
	}
	msg.STime, msg.SUSec = splitTime(now)
	return msg.Marshal()
}

// PeerError turns a KRB-ERROR, which is not authenticated, into an error for the caller.
func PeerError(b []byte) error {
	msg, err := token.ParseKRBError(b)
	if err != nil {
		return err
	}
	minor := status.OfKRBError(msg.Code)
	text := status.TextOfKRBError(msg.Code)
	if said := msg.Message(); said != "" && said != text {
		text += " (" + said + ")"
	}
	return status.Errorf(status.Failure, minor, "%s refused the request: %s", msg.SName, text)
}
