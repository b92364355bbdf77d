// SPDX-License-Identifier: BSD-2-Clause

package status

// The names and numbers are those of the com_err tables. The texts of protocol errors are the sentences of RFC 4120,
// Section 7.5.9; these and the texts of common failures use MIT krb5's wording, which administrators search for.
const (
	KRB5KDC_ERR_NAME_EXP            Minor = 0x96c73a01
	KRB5KDC_ERR_SERVICE_EXP         Minor = 0x96c73a02
	KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN Minor = 0x96c73a06
	KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN Minor = 0x96c73a07
	KRB5KDC_ERR_NEVER_VALID         Minor = 0x96c73a0b
	KRB5KDC_ERR_POLICY              Minor = 0x96c73a0c
	KRB5KDC_ERR_BADOPTION           Minor = 0x96c73a0d
	KRB5KDC_ERR_ETYPE_NOSUPP        Minor = 0x96c73a0e
	KRB5KDC_ERR_PADATA_TYPE_NOSUPP  Minor = 0x96c73a10
	KRB5KDC_ERR_CLIENT_REVOKED      Minor = 0x96c73a12
	KRB5KDC_ERR_SERVICE_REVOKED     Minor = 0x96c73a13
	KRB5KDC_ERR_TGT_REVOKED         Minor = 0x96c73a14
	KRB5KDC_ERR_CLIENT_NOTYET       Minor = 0x96c73a15
	KRB5KDC_ERR_KEY_EXP             Minor = 0x96c73a17
	KRB5KDC_ERR_PREAUTH_FAILED      Minor = 0x96c73a18
	KRB5KDC_ERR_PREAUTH_REQUIRED    Minor = 0x96c73a19
	KRB5KDC_ERR_SVC_UNAVAILABLE     Minor = 0x96c73a1d
	KRB5KRB_AP_ERR_BAD_INTEGRITY    Minor = 0x96c73a1f
	KRB5KRB_AP_ERR_TKT_EXPIRED      Minor = 0x96c73a20
	KRB5KRB_AP_ERR_TKT_NYV          Minor = 0x96c73a21
	KRB5KRB_AP_ERR_REPEAT           Minor = 0x96c73a22
	KRB5KRB_AP_ERR_NOT_US           Minor = 0x96c73a23
	KRB5KRB_AP_ERR_BADMATCH         Minor = 0x96c73a24
	KRB5KRB_AP_ERR_SKEW             Minor = 0x96c73a25
	KRB5KRB_AP_ERR_BADADDR          Minor = 0x96c73a26
	KRB5KRB_AP_ERR_BADVERSION       Minor = 0x96c73a27
	KRB5KRB_AP_ERR_MSG_TYPE         Minor = 0x96c73a28
	KRB5KRB_AP_ERR_MODIFIED         Minor = 0x96c73a29
	KRB5KRB_AP_ERR_BADKEYVER        Minor = 0x96c73a2c
	KRB5KRB_AP_ERR_NOKEY            Minor = 0x96c73a2d
	KRB5KRB_AP_ERR_MUT_FAIL         Minor = 0x96c73a2e
	KRB5KRB_AP_ERR_METHOD           Minor = 0x96c73a30
	KRB5KRB_AP_ERR_INAPP_CKSUM      Minor = 0x96c73a32
	KRB5KRB_AP_PATH_NOT_ACCEPTED    Minor = 0x96c73a33
	KRB5KRB_ERR_RESPONSE_TOO_BIG    Minor = 0x96c73a34
	KRB5KRB_ERR_GENERIC             Minor = 0x96c73a3c
	KRB5KRB_ERR_FIELD_TOOLONG       Minor = 0x96c73a3d
	KRB5KDC_ERR_WRONG_REALM         Minor = 0x96c73a44
	KRB5_LIBOS_CANTREADPWD          Minor = 0x96c73a82
	KRB5_PARSE_ILLCHAR              Minor = 0x96c73a85
	KRB5_PARSE_MALFORMED            Minor = 0x96c73a86
	KRB5_CONFIG_CANTOPEN            Minor = 0x96c73a87
	KRB5_CONFIG_BADFORMAT           Minor = 0x96c73a88
	KRB5_CC_BADNAME                 Minor = 0x96c73a8b
	KRB5_CC_UNKNOWN_TYPE            Minor = 0x96c73a8c
	KRB5_CC_NOTFOUND                Minor = 0x96c73a8d
	KRB5_CC_END                     Minor = 0x96c73a8e
	KRB5KRB_AP_WRONG_PRINC          Minor = 0x96c73a90
	KRB5KRB_AP_ERR_TKT_INVALID      Minor = 0x96c73a91
	KRB5_PRINC_NOMATCH              Minor = 0x96c73a92
	KRB5_KDCREP_MODIFIED            Minor = 0x96c73a93
	KRB5_KDCREP_SKEW                Minor = 0x96c73a94
	KRB5_PROG_ETYPE_NOSUPP          Minor = 0x96c73a96
	KRB5_WRONG_ETYPE                Minor = 0x96c73a98
	KRB5_PROG_SUMTYPE_NOSUPP        Minor = 0x96c73a99
	KRB5_REALM_UNKNOWN              Minor = 0x96c73a9a
	KRB5_SERVICE_UNKNOWN            Minor = 0x96c73a9b
	KRB5_KDC_UNREACH                Minor = 0x96c73a9c
	KRB5_NO_LOCALNAME               Minor = 0x96c73a9d
	KRB5_MUTUAL_FAILED              Minor = 0x96c73a9e
	KRB5_RC_TYPE_NOTFOUND           Minor = 0x96c73aa1
	KRB5_RC_REPLAY                  Minor = 0x96c73aa3
	KRB5_RC_IO                      Minor = 0x96c73aa4
	KRB5_RC_NOIO                    Minor = 0x96c73aa5
	KRB5_RC_PARSE                   Minor = 0x96c73aa6
	KRB5_RC_IO_PERM                 Minor = 0x96c73aa9
	KRB5_RC_IO_SPACE                Minor = 0x96c73aac
	KRB5_RC_IO_UNKNOWN              Minor = 0x96c73aab
	KRB5_LNAME_NOTRANS              Minor = 0x96c73ab0
	KRB5_LNAME_BADFORMAT            Minor = 0x96c73ab1
	KRB5_CRYPTO_INTERNAL            Minor = 0x96c73ab2
	KRB5_KT_BADNAME                 Minor = 0x96c73ab3
	KRB5_KT_UNKNOWN_TYPE            Minor = 0x96c73ab4
	KRB5_KT_NOTFOUND                Minor = 0x96c73ab5
	KRB5_KT_END                     Minor = 0x96c73ab6
	KRB5_KT_IOERR                   Minor = 0x96c73ab8
	KRB5_NO_TKT_IN_RLM              Minor = 0x96c73ab9
	KRB5_BAD_ENCTYPE                Minor = 0x96c73abc
	KRB5_BAD_KEYSIZE                Minor = 0x96c73abd
	KRB5_BAD_MSIZE                  Minor = 0x96c73abe
	KRB5_CC_IO                      Minor = 0x96c73ac1
	KRB5_FCC_PERM                   Minor = 0x96c73ac2
	KRB5_FCC_NOFILE                 Minor = 0x96c73ac3
	KRB5_FCC_INTERNAL               Minor = 0x96c73ac4
	KRB5_CC_WRITE                   Minor = 0x96c73ac5
	KRB5_CC_NOMEM                   Minor = 0x96c73ac6
	KRB5_CC_FORMAT                  Minor = 0x96c73ac7
	KRB5_NOCREDS_SUPPLIED           Minor = 0x96c73acb
	KRB5_PREAUTH_FAILED             Minor = 0x96c73ad2
	KRB5_CCACHE_BADVNO              Minor = 0x96c73ad4
	KRB5_KEYTAB_BADVNO              Minor = 0x96c73ad5
	KRB5_RC_REQUIRED                Minor = 0x96c73ad7
	KRB5_ERR_BAD_HOSTNAME           Minor = 0x96c73ad8
	KRB5_ERR_HOST_REALM_UNKNOWN     Minor = 0x96c73ad9
	KRB5_SNAME_UNSUPP_NAMETYPE      Minor = 0x96c73ada
	KRB5_TKT_NOT_FORWARDABLE        Minor = 0x96c73add
	KRB5_GET_IN_TKT_LOOP            Minor = 0x96c73adf
	KRB5_CONFIG_NODEFREALM          Minor = 0x96c73ae0
	KRB5_KT_NAME_TOOLONG            Minor = 0x96c73ae5
	KRB5_KT_KVNONOTFOUND            Minor = 0x96c73ae6
	KRB5_KT_FORMAT                  Minor = 0x96c73aeb
	KRB5_NOPERM_ETYPE               Minor = 0x96c73aec
	KRB5_CONFIG_ETYPE_NOSUPP        Minor = 0x96c73aed
	KRB5_ERR_BAD_S2K_PARAMS         Minor = 0x96c73af4
	KRB5_ERR_FAST_REQUIRED          Minor = 0x96c73afc
	KRB5_CC_READONLY                Minor = 0x96c73af6
	KRB5_CC_NOSUPP                  Minor = 0x96c73af7

	// Of the table "k5e1".
	KRB5_DCC_CANNOT_CREATE   Minor = 0x97a7f604
	KRB5_KCC_INVALID_ANCHOR  Minor = 0x97a7f605
	KRB5_KCC_UNKNOWN_VERSION Minor = 0x97a7f606
	KRB5_KCC_INVALID_UID     Minor = 0x97a7f607
	KRB5_KCM_MALFORMED_REPLY Minor = 0x97a7f608
	KRB5_KCM_REPLY_TOO_BIG   Minor = 0x97a7f60a
	KRB5_KCM_NO_SERVER       Minor = 0x97a7f60b
	KRB5_DELTAT_BADFORMAT    Minor = 0x96c73af8

	KG_CCACHE_NOMATCH      Minor = 0x25ea100
	KG_KEYTAB_NOMATCH      Minor = 0x25ea101
	KG_TGT_MISSING         Minor = 0x25ea102
	KG_NO_SUBKEY           Minor = 0x25ea103
	KG_CONTEXT_ESTABLISHED Minor = 0x25ea104
	KG_BAD_SIGN_TYPE       Minor = 0x25ea105
	KG_BAD_LENGTH          Minor = 0x25ea106
	KG_CTX_INCOMPLETE      Minor = 0x25ea107
	KG_CONTEXT             Minor = 0x25ea108
	KG_CRED                Minor = 0x25ea109
	KG_ENC_DESC            Minor = 0x25ea10a
	KG_BAD_SEQ             Minor = 0x25ea10b
	KG_EMPTY_CCACHE        Minor = 0x25ea10c
	KG_NO_CTYPES           Minor = 0x25ea10d

	ASN1_BAD_TIMEFORMAT Minor = 0x6eda3600
	ASN1_MISSING_FIELD  Minor = 0x6eda3601
	ASN1_OVERFLOW       Minor = 0x6eda3604
	ASN1_OVERRUN        Minor = 0x6eda3605
	ASN1_BAD_ID         Minor = 0x6eda3606
	ASN1_BAD_LENGTH     Minor = 0x6eda3607
	ASN1_BAD_FORMAT     Minor = 0x6eda3608
	ASN1_PARSE_ERROR    Minor = 0x6eda3609

	G_BAD_SERVICE_NAME Minor = 0x861b6d00
	G_BAD_STRING_UID   Minor = 0x861b6d01
	G_NOUSER           Minor = 0x861b6d02
	G_VALIDATE_FAILED  Minor = 0x861b6d03
	G_BUFFER_ALLOC     Minor = 0x861b6d04
	G_BAD_MSG_CTX      Minor = 0x861b6d05
	G_WRONG_SIZE       Minor = 0x861b6d06
	G_BAD_USAGE        Minor = 0x861b6d07
	G_UNKNOWN_QOP      Minor = 0x861b6d08
	G_NO_HOSTNAME      Minor = 0x861b6d09
	G_BAD_HOSTNAME     Minor = 0x861b6d0a
	G_WRONG_MECH       Minor = 0x861b6d0b
	G_BAD_TOK_HEADER   Minor = 0x861b6d0c
	G_BAD_DIRECTION    Minor = 0x861b6d0d
	G_TOK_TRUNC        Minor = 0x861b6d0e
	G_REFLECT          Minor = 0x861b6d0f
	G_WRONG_TOKID      Minor = 0x861b6d10
)

// The codes of SPNEGO, which are not in any com_err table.
const (
	ERR_SPNEGO_NO_MECHS_AVAILABLE     Minor = 0x20000001
	ERR_SPNEGO_NO_CREDS_ACQUIRED      Minor = 0x20000002
	ERR_SPNEGO_NO_MECH_FROM_ACCEPTOR  Minor = 0x20000003
	ERR_SPNEGO_NEGOTIATION_FAILED     Minor = 0x20000004
	ERR_SPNEGO_NO_TOKEN_FROM_ACCEPTOR Minor = 0x20000005
	ERR_SPNEGO_BAD_INPUT_TOKEN        Minor = 0x20000006
)

// Generic is the minor code for errors without a code of their own.
const Generic = KRB5KRB_ERR_GENERIC

var minorTexts = map[Minor]string{
	KRB5KDC_ERR_NAME_EXP:              "Client's entry in database has expired",
	KRB5KDC_ERR_SERVICE_EXP:           "Server's entry in database has expired",
	KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:   "Client not found in Kerberos database",
	KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:   "Server not found in Kerberos database",
	KRB5KDC_ERR_NEVER_VALID:           "Requested start time is later than end time",
	KRB5KDC_ERR_POLICY:                "KDC policy rejects request",
	KRB5KDC_ERR_BADOPTION:             "KDC can't fulfill requested option",
	KRB5KDC_ERR_ETYPE_NOSUPP:          "KDC has no support for encryption type",
	KRB5KDC_ERR_PADATA_TYPE_NOSUPP:    "KDC has no support for padata type",
	KRB5KDC_ERR_CLIENT_REVOKED:        "Client's credentials have been revoked",
	KRB5KDC_ERR_SERVICE_REVOKED:       "Credentials for server have been revoked",
	KRB5KDC_ERR_TGT_REVOKED:           "TGT has been revoked",
	KRB5KDC_ERR_CLIENT_NOTYET:         "Client not yet valid - try again later",
	KRB5KDC_ERR_KEY_EXP:               "Password has expired",
	KRB5KDC_ERR_PREAUTH_FAILED:        "Preauthentication failed",
	KRB5KDC_ERR_PREAUTH_REQUIRED:      "Additional pre-authentication required",
	KRB5KDC_ERR_SVC_UNAVAILABLE:       "A service is not available that is required to process the request",
	KRB5KRB_AP_ERR_BAD_INTEGRITY:      "Decrypt integrity check failed",
	KRB5KRB_AP_ERR_TKT_EXPIRED:        "Ticket expired",
	KRB5KRB_AP_ERR_TKT_NYV:            "Ticket not yet valid",
	KRB5KRB_AP_ERR_REPEAT:             "Request is a replay",
	KRB5KRB_AP_ERR_NOT_US:             "The ticket isn't for us",
	KRB5KRB_AP_ERR_BADMATCH:           "Ticket/authenticator don't match",
	KRB5KRB_AP_ERR_SKEW:               "Clock skew too great",
	KRB5KRB_AP_ERR_BADADDR:            "Incorrect net address",
	KRB5KRB_AP_ERR_BADVERSION:         "Protocol version mismatch",
	KRB5KRB_AP_ERR_MSG_TYPE:           "Invalid message type",
	KRB5KRB_AP_ERR_MODIFIED:           "Message stream modified",
	KRB5KRB_AP_ERR_BADKEYVER:          "Key version is not available",
	KRB5KRB_AP_ERR_NOKEY:              "Service key not available",
	KRB5KRB_AP_ERR_MUT_FAIL:           "Mutual authentication failed",
	KRB5KRB_AP_ERR_METHOD:             "Alternative authentication method required",
	KRB5KRB_AP_ERR_INAPP_CKSUM:        "Inappropriate type of checksum in message",
	KRB5KRB_AP_PATH_NOT_ACCEPTED:      "Policy rejects transited path",
	KRB5KRB_ERR_RESPONSE_TOO_BIG:      "Response too big for UDP, retry with TCP",
	KRB5KRB_ERR_GENERIC:               "Generic error",
	KRB5KRB_ERR_FIELD_TOOLONG:         "Field is too long for this implementation",
	KRB5KDC_ERR_WRONG_REALM:           "The principal belongs to another realm",
	KRB5_LIBOS_CANTREADPWD:            "Cannot read the password",
	KRB5_PARSE_ILLCHAR:                "Character not allowed in a principal name",
	KRB5_PARSE_MALFORMED:              "Malformed principal name",
	KRB5_CONFIG_CANTOPEN:              "Can't open/find Kerberos configuration file",
	KRB5_CONFIG_BADFORMAT:             "Improper format of Kerberos configuration file",
	KRB5_CC_BADNAME:                   "Malformed credential cache name",
	KRB5_CC_UNKNOWN_TYPE:              "Unknown type of credential cache",
	KRB5_CC_NOTFOUND:                  "Matching credential not found",
	KRB5_CC_END:                       "End of the credential cache",
	KRB5KRB_AP_WRONG_PRINC:            "Wrong principal in request",
	KRB5KRB_AP_ERR_TKT_INVALID:        "Ticket has invalid flag set",
	KRB5_PRINC_NOMATCH:                "Principals do not match",
	KRB5_KDCREP_MODIFIED:              "KDC reply did not match expectations",
	KRB5_KDCREP_SKEW:                  "Clock skew too great in KDC reply",
	KRB5_PROG_ETYPE_NOSUPP:            "The encryption type is not supported",
	KRB5_WRONG_ETYPE:                  "The encryption type is not the requested one",
	KRB5_PROG_SUMTYPE_NOSUPP:          "The checksum type is not supported",
	KRB5_REALM_UNKNOWN:                "Cannot find KDC for requested realm",
	KRB5_SERVICE_UNKNOWN:              "Unknown service",
	KRB5_KDC_UNREACH:                  "Cannot contact any KDC for requested realm",
	KRB5_NO_LOCALNAME:                 "The principal has no local account",
	KRB5_MUTUAL_FAILED:                "Mutual authentication failed",
	KRB5_RC_TYPE_NOTFOUND:             "Unknown type of replay cache",
	KRB5_RC_REPLAY:                    "The request is a replay",
	KRB5_RC_IO:                        "Input or output error of the replay cache",
	KRB5_RC_NOIO:                      "No permission for the replay cache",
	KRB5_RC_PARSE:                     "Malformed replay cache name",
	KRB5_RC_IO_PERM:                   "No permission for the replay cache",
	KRB5_RC_IO_SPACE:                  "No space for the replay cache",
	KRB5_RC_IO_UNKNOWN:                "Error of the replay cache",
	KRB5_LNAME_NOTRANS:                "The principal has no local account",
	KRB5_LNAME_BADFORMAT:              "Malformed rule for local account names",
	KRB5_CRYPTO_INTERNAL:              "Internal error of the cryptography",
	KRB5_KT_BADNAME:                   "Malformed keytab name",
	KRB5_KT_UNKNOWN_TYPE:              "Unknown type of keytab",
	KRB5_KT_NOTFOUND:                  "Key table entry not found",
	KRB5_KT_END:                       "End of the keytab",
	KRB5_KT_IOERR:                     "Input or output error of the keytab",
	KRB5_NO_TKT_IN_RLM:                "No ticket-granting ticket for the realm",
	KRB5_BAD_ENCTYPE:                  "Bad encryption type",
	KRB5_BAD_KEYSIZE:                  "The key has the wrong size",
	KRB5_BAD_MSIZE:                    "The message has the wrong size",
	KRB5_CC_IO:                        "Input or output error of the credential cache",
	KRB5_FCC_PERM:                     "No permission for the credential cache",
	KRB5_FCC_NOFILE:                   "No credentials cache found",
	KRB5_FCC_INTERNAL:                 "Internal error of the credential cache",
	KRB5_CC_WRITE:                     "Cannot write the credential cache",
	KRB5_CC_NOMEM:                     "No memory for the credential cache",
	KRB5_CC_FORMAT:                    "Malformed credential cache",
	KRB5_NOCREDS_SUPPLIED:             "No credentials supplied",
	KRB5_PREAUTH_FAILED:               "Generic preauthentication failure",
	KRB5_CCACHE_BADVNO:                "Unknown version of credential cache",
	KRB5_KEYTAB_BADVNO:                "Unknown version of keytab",
	KRB5_RC_REQUIRED:                  "A replay cache is required",
	KRB5_ERR_BAD_HOSTNAME:             "Bad host name",
	KRB5_ERR_HOST_REALM_UNKNOWN:       "The realm of the host is unknown",
	KRB5_SNAME_UNSUPP_NAMETYPE:        "Name type not supported for service names",
	KRB5_TKT_NOT_FORWARDABLE:          "The ticket may not be forwarded",
	KRB5_GET_IN_TKT_LOOP:              "Loop while asking for a ticket",
	KRB5_CONFIG_NODEFREALM:            "Configuration file does not specify default realm",
	KRB5_KT_NAME_TOOLONG:              "The keytab name is too long",
	KRB5_KT_KVNONOTFOUND:              "No key of that version in the keytab",
	KRB5_KT_FORMAT:                    "Malformed keytab",
	KRB5_NOPERM_ETYPE:                 "The encryption type is not permitted",
	KRB5_CONFIG_ETYPE_NOSUPP:          "None of the configured encryption types is supported",
	KRB5_ERR_BAD_S2K_PARAMS:           "Bad parameters for the key derivation",
	KRB5_ERR_FAST_REQUIRED:            "FAST is required and the KDC does not do it",
	KRB5_CC_READONLY:                  "The credential cache is read-only",
	KRB5_CC_NOSUPP:                    "The credential cache does not support this operation",
	KRB5_DCC_CANNOT_CREATE:            "Cannot create a new credential cache in the collection",
	KRB5_KCC_INVALID_ANCHOR:           "Invalid anchor of a keyring collection",
	KRB5_KCC_UNKNOWN_VERSION:          "Unknown version of a keyring collection",
	KRB5_KCC_INVALID_UID:              "Invalid user ID of a persistent keyring",
	KRB5_KCM_MALFORMED_REPLY:          "Malformed reply of the KCM server",
	KRB5_KCM_REPLY_TOO_BIG:            "The reply of the KCM server is too big",
	KRB5_KCM_NO_SERVER:                "No KCM server found",
	KRB5_DELTAT_BADFORMAT:             "Malformed duration",
	KG_CCACHE_NOMATCH:                 "Principal in credential cache does not match desired name",
	KG_KEYTAB_NOMATCH:                 "No principal in keytab matches desired name",
	KG_TGT_MISSING:                    "The credential cache has no ticket-granting ticket",
	KG_NO_SUBKEY:                      "The authenticator has no subkey",
	KG_CONTEXT_ESTABLISHED:            "The context is already established",
	KG_BAD_SIGN_TYPE:                  "Unknown signing algorithm",
	KG_BAD_LENGTH:                     "A field of the token has the wrong length",
	KG_CTX_INCOMPLETE:                 "The context is not established yet",
	KG_CONTEXT:                        "Bad context",
	KG_CRED:                           "Bad credential",
	KG_ENC_DESC:                       "Bad encryption type",
	KG_BAD_SEQ:                        "Bad sequence number",
	KG_EMPTY_CCACHE:                   "The credential cache holds no credential",
	KG_NO_CTYPES:                      "No checksum type in common",
	ASN1_BAD_TIMEFORMAT:               "A time in the message is malformed",
	ASN1_MISSING_FIELD:                "The message lacks a field",
	ASN1_OVERFLOW:                     "A number in the message is out of range",
	ASN1_OVERRUN:                      "The message is truncated",
	ASN1_BAD_ID:                       "A field of the message has an unexpected type",
	ASN1_BAD_LENGTH:                   "A field of the message has the wrong length",
	ASN1_BAD_FORMAT:                   "A field of the message is malformed",
	ASN1_PARSE_ERROR:                  "The message is malformed",
	G_BAD_SERVICE_NAME:                "No @ in the service name",
	G_BAD_STRING_UID:                  "The user id is not a number",
	G_NOUSER:                          "No such user",
	G_VALIDATE_FAILED:                 "The handle is not valid",
	G_BUFFER_ALLOC:                    "No memory for a buffer",
	G_BAD_MSG_CTX:                     "Bad message context",
	G_WRONG_SIZE:                      "The buffer has the wrong size",
	G_BAD_USAGE:                       "Unknown credential usage",
	G_UNKNOWN_QOP:                     "Unknown quality of protection",
	G_NO_HOSTNAME:                     "The name of this host is unknown",
	G_BAD_HOSTNAME:                    "Bad host name",
	G_WRONG_MECH:                      "The token is for another mechanism",
	G_BAD_TOK_HEADER:                  "The token's header is malformed",
	G_BAD_DIRECTION:                   "The token comes from the wrong side",
	G_TOK_TRUNC:                       "The token is truncated",
	G_REFLECT:                         "The token is one of our own, sent back",
	G_WRONG_TOKID:                     "The token has an unexpected type",
	ERR_SPNEGO_NO_MECHS_AVAILABLE:     "There is no mechanism to negotiate",
	ERR_SPNEGO_NO_CREDS_ACQUIRED:      "There is no credential to negotiate with",
	ERR_SPNEGO_NO_MECH_FROM_ACCEPTOR:  "The acceptor chose no mechanism",
	ERR_SPNEGO_NEGOTIATION_FAILED:     "The peer refused the negotiation",
	ERR_SPNEGO_NO_TOKEN_FROM_ACCEPTOR: "The acceptor's answer lacks the mechanism's token",
	ERR_SPNEGO_BAD_INPUT_TOKEN:        "The negotiation token is malformed",
}

// protocolTexts are the texts of the other errors of RFC 4120 and RFC 6113 that KDCs and peers send, by number.
var protocolTexts = map[int64]string{
	3:  "Requested protocol version not supported",
	4:  "Client's key is encrypted in an old master key",
	5:  "Server's key is encrypted in an old master key",
	8:  "Principal has multiple entries in Kerberos database",
	9:  "Client or server has a null key",
	10: "Ticket is ineligible for postdating",
	15: "KDC has no support for checksum type",
	17: "KDC has no support for transited type",
	22: "Server not yet valid - try again later",
	26: "Requested server and ticket don't match",
	27: "Server principal valid for user2user only",
	28: "KDC policy rejects transited path",
	42: "Message out of order",
	47: "Incorrect message direction",
	49: "Incorrect sequence number in message",
	67: "No ticket granting ticket",
	69: "User to user required",
	90: "Preauthentication expired",
	91: "More preauthentication data is required",
	93: "An unsupported critical FAST option was requested",
}
