// SPDX-License-Identifier: BSD-2-Clause

package krb5

// Key usages of RFC 4120, Section 7.5.1, and of its extensions.
const (
	usageEncTimestamp     = 1  // PA-ENC-TIMESTAMP
	usageTicket           = 2  // Ticket
	usageASRep            = 3  // AS-REP
	usageTGSReqSum        = 6  // checksum in the authenticator of a TGS-REQ
	usageTGSAuthenticator = 7  // authenticator of a TGS-REQ
	usageTGSRepSession    = 8  // TGS-REP, with the session key
	usageTGSRepSubkey     = 9  // TGS-REP, with the authenticator's subkey
	usageAuthenticatorSum = 10 // checksum in the authenticator of an AP-REQ
	usageAuthenticator    = 11 // authenticator of an AP-REQ
	usageAPRep            = 12 // AP-REP
	usageKRBCred          = 14 // KRB-CRED

	// S4U2Self (MS-SFU, Sections 2.2.1 and 2.2.2).
	usageForUser      = 17 // PA-FOR-USER
	usageS4UX509User  = 26 // PA-S4U-X509-USER, in a request
	usageS4UX509Reply = 27 // and in a reply

	// FAST and what it carries (RFC 6113, Section 7.3).
	usageFastReqSum      = 50
	usageFastEnc         = 51
	usageFastRep         = 52
	usageFastFinished    = 53
	usageChallengeClient = 54
	usageChallengeKDC    = 55

	usagePAC    = 17 // signatures of a PAC (MS-PAC, Section 2.8)
	usageCAMMAC = 64 // verifiers of AD-CAMMAC (RFC 7751, Section 7)

	usageASReq = 56 // checksum of an AS-REQ (RFC 6806, Section 11)
	usageSPAKE = 65 // second factors (RFC 9588, Section 12.3)
)
