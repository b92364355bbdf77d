// SPDX-License-Identifier: BSD-2-Clause

package status

import "fmt"

// Minor is a mechanism's status code: a small errno, or a number from the com_err tables that Kerberos libraries
// share, because programs print and compare these numbers.
type Minor uint32

// Bases of the com_err tables.
const (
	baseKRB5 = -1765328384 // "krb5": 0-127 are the error codes of KRB-ERROR (RFC 4120, Section 7.5.9)
	baseK5G  = 39756032    // "k5g": the krb5 mechanism
	baseGGSS = -2045022976 // "ggss": the mechanism-independent part
)

// OfKRBError returns the minor code for the error-code of a KRB-ERROR message.
func OfKRBError(code int32) Minor {
	if code < 0 || code > 127 {
		return KRB5KRB_ERR_GENERIC
	}
	return Minor(uint32(baseKRB5 + int64(code)))
}

// TextOfKRBError returns the text for the error-code of a KRB-ERROR message.
func TextOfKRBError(code int32) string {
	if code < 0 || code > 127 {
		return protocolError(int64(code))
	}
	return OfKRBError(code).Text()
}

func protocolError(n int64) string { return fmt.Sprintf("Kerberos protocol error %d", n) }

// KRBErrorCode is the inverse of OfKRBError. For codes outside the protocol's range it returns KRB_ERR_GENERIC.
func (m Minor) KRBErrorCode() int32 {
	if n := int64(int32(m)) - baseKRB5; n >= 0 && n <= 127 {
		return int32(n)
	}
	return 60
}

// Known reports whether a minor code is of a table here.
func (m Minor) Known() bool { return m.text() != "" }

// Text returns the fixed text of a minor code.
func (m Minor) Text() string {
	if m == 0 {
		return "Success"
	}
	if t := m.text(); t != "" {
		return t
	}
	if n := int64(int32(m)) - baseKRB5; n >= 0 && n <= 127 {
		if t := protocolText(n); t != "" {
			return t
		}
		return protocolError(n)
	}
	return fmt.Sprintf("Unknown minor code %d", int32(m))
}
