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
	KRB5_REALM_CANT_RESOLVE         Minor = 0x96c73adc
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

// text returns the text of a code that has a name here, or "". A function, unlike a map, costs a process nothing until
// something fails.
func (m Minor) text() string {
	switch m {
	case KRB5KDC_ERR_NAME_EXP:
		return "Client's entry in database has expired"
	case KRB5KDC_ERR_SERVICE_EXP:
		return "Server's entry in database has expired"
	case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
		return "Client not found in Kerberos database"
	case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
		return "Server not found in Kerberos database"
	case KRB5KDC_ERR_NEVER_VALID:
		return "Requested effective lifetime is negative or too short"
	case KRB5KDC_ERR_POLICY:
		return "KDC policy rejects request"
	case KRB5KDC_ERR_BADOPTION:
		return "KDC can't fulfill requested option"
	case KRB5KDC_ERR_ETYPE_NOSUPP:
		return "KDC has no support for encryption type"
	case KRB5KDC_ERR_PADATA_TYPE_NOSUPP:
		return "KDC has no support for padata type"
	case KRB5KDC_ERR_CLIENT_REVOKED:
		return "Client's credentials have been revoked"
	case KRB5KDC_ERR_SERVICE_REVOKED:
		return "Credentials for server have been revoked"
	case KRB5KDC_ERR_TGT_REVOKED:
		return "TGT has been revoked"
	case KRB5KDC_ERR_CLIENT_NOTYET:
		return "Client not yet valid - try again later"
	case KRB5KDC_ERR_KEY_EXP:
		return "Password has expired"
	case KRB5KDC_ERR_PREAUTH_FAILED:
		return "Preauthentication failed"
	case KRB5KDC_ERR_PREAUTH_REQUIRED:
		return "Additional pre-authentication required"
	case KRB5KDC_ERR_SVC_UNAVAILABLE:
		return "A service is not available that is required to process the request"
	case KRB5KRB_AP_ERR_BAD_INTEGRITY:
		return "Decrypt integrity check failed"
	case KRB5KRB_AP_ERR_TKT_EXPIRED:
		return "Ticket expired"
	case KRB5KRB_AP_ERR_TKT_NYV:
		return "Ticket not yet valid"
	case KRB5KRB_AP_ERR_REPEAT:
		return "Request is a replay"
	case KRB5KRB_AP_ERR_NOT_US:
		return "The ticket isn't for us"
	case KRB5KRB_AP_ERR_BADMATCH:
		return "Ticket/authenticator don't match"
	case KRB5KRB_AP_ERR_SKEW:
		return "Clock skew too great"
	case KRB5KRB_AP_ERR_BADADDR:
		return "Incorrect net address"
	case KRB5KRB_AP_ERR_BADVERSION:
		return "Protocol version mismatch"
	case KRB5KRB_AP_ERR_MSG_TYPE:
		return "Invalid message type"
	case KRB5KRB_AP_ERR_MODIFIED:
		return "Message stream modified"
	case KRB5KRB_AP_ERR_BADKEYVER:
		return "Key version is not available"
	case KRB5KRB_AP_ERR_NOKEY:
		return "Service key not available"
	case KRB5KRB_AP_ERR_MUT_FAIL:
		return "Mutual authentication failed"
	case KRB5KRB_AP_ERR_METHOD:
		return "Alternative authentication method required"
	case KRB5KRB_AP_ERR_INAPP_CKSUM:
		return "Inappropriate type of checksum in message"
	case KRB5KRB_AP_PATH_NOT_ACCEPTED:
		return "Policy rejects transited path"
	case KRB5KRB_ERR_RESPONSE_TOO_BIG:
		return "Response too big for UDP, retry with TCP"
	case KRB5KRB_ERR_GENERIC:
		return "Generic error"
	case KRB5KRB_ERR_FIELD_TOOLONG:
		return "Field is too long for this implementation"
	case KRB5KDC_ERR_WRONG_REALM:
		return "Realm not local to KDC"
	case KRB5_LIBOS_CANTREADPWD:
		return "Cannot read the password"
	case KRB5_PARSE_ILLCHAR:
		return "Character not allowed in a principal name"
	case KRB5_PARSE_MALFORMED:
		return "Malformed principal name"
	case KRB5_CONFIG_CANTOPEN:
		return "Can't open/find Kerberos configuration file"
	case KRB5_CONFIG_BADFORMAT:
		return "Improper format of Kerberos configuration file"
	case KRB5_CC_BADNAME:
		return "Malformed credential cache name"
	case KRB5_CC_UNKNOWN_TYPE:
		return "Unknown type of credential cache"
	case KRB5_CC_NOTFOUND:
		return "Matching credential not found"
	case KRB5_CC_END:
		return "End of the credential cache"
	case KRB5KRB_AP_WRONG_PRINC:
		return "Wrong principal in request"
	case KRB5KRB_AP_ERR_TKT_INVALID:
		return "Ticket has invalid flag set"
	case KRB5_PRINC_NOMATCH:
		return "Principals do not match"
	case KRB5_KDCREP_MODIFIED:
		return "KDC reply did not match expectations"
	case KRB5_KDCREP_SKEW:
		return "Clock skew too great in KDC reply"
	case KRB5_PROG_ETYPE_NOSUPP:
		return "The encryption type is not supported"
	case KRB5_WRONG_ETYPE:
		return "The encryption type is not the requested one"
	case KRB5_PROG_SUMTYPE_NOSUPP:
		return "The checksum type is not supported"
	case KRB5_REALM_UNKNOWN:
		return "Cannot find KDC for requested realm"
	case KRB5_SERVICE_UNKNOWN:
		return "Unknown service"
	case KRB5_KDC_UNREACH:
		return "Cannot contact any KDC for requested realm"
	case KRB5_NO_LOCALNAME:
		return "The principal has no local account"
	case KRB5_MUTUAL_FAILED:
		return "Mutual authentication failed"
	case KRB5_RC_TYPE_NOTFOUND:
		return "Unknown type of replay cache"
	case KRB5_RC_REPLAY:
		return "The request is a replay"
	case KRB5_RC_IO:
		return "Input or output error of the replay cache"
	case KRB5_RC_NOIO:
		return "No permission for the replay cache"
	case KRB5_RC_PARSE:
		return "Malformed replay cache name"
	case KRB5_RC_IO_PERM:
		return "No permission for the replay cache"
	case KRB5_RC_IO_SPACE:
		return "No space for the replay cache"
	case KRB5_RC_IO_UNKNOWN:
		return "Error of the replay cache"
	case KRB5_LNAME_NOTRANS:
		return "The principal has no local account"
	case KRB5_LNAME_BADFORMAT:
		return "Malformed rule for local account names"
	case KRB5_CRYPTO_INTERNAL:
		return "Internal error of the cryptography"
	case KRB5_KT_BADNAME:
		return "Malformed keytab name"
	case KRB5_KT_UNKNOWN_TYPE:
		return "Unknown type of keytab"
	case KRB5_KT_NOTFOUND:
		return "Key table entry not found"
	case KRB5_KT_END:
		return "End of the keytab"
	case KRB5_KT_IOERR:
		return "Input or output error of the keytab"
	case KRB5_NO_TKT_IN_RLM:
		return "No ticket-granting ticket for the realm"
	case KRB5_BAD_ENCTYPE:
		return "Bad encryption type"
	case KRB5_BAD_KEYSIZE:
		return "The key has the wrong size"
	case KRB5_BAD_MSIZE:
		return "The message has the wrong size"
	case KRB5_CC_IO:
		return "Input or output error of the credential cache"
	case KRB5_FCC_PERM:
		return "No permission for the credential cache"
	case KRB5_FCC_NOFILE:
		return "No credentials cache found"
	case KRB5_FCC_INTERNAL:
		return "Internal error of the credential cache"
	case KRB5_CC_WRITE:
		return "Cannot write the credential cache"
	case KRB5_CC_NOMEM:
		return "No memory for the credential cache"
	case KRB5_CC_FORMAT:
		return "Malformed credential cache"
	case KRB5_NOCREDS_SUPPLIED:
		return "No credentials supplied"
	case KRB5_PREAUTH_FAILED:
		return "Generic preauthentication failure"
	case KRB5_CCACHE_BADVNO:
		return "Unknown version of credential cache"
	case KRB5_KEYTAB_BADVNO:
		return "Unknown version of keytab"
	case KRB5_RC_REQUIRED:
		return "A replay cache is required"
	case KRB5_ERR_BAD_HOSTNAME:
		return "Bad host name"
	case KRB5_ERR_HOST_REALM_UNKNOWN:
		return "The realm of the host is unknown"
	case KRB5_REALM_CANT_RESOLVE:
		return "Cannot resolve network address for KDC in requested realm"
	case KRB5_SNAME_UNSUPP_NAMETYPE:
		return "Name type not supported for service names"
	case KRB5_TKT_NOT_FORWARDABLE:
		return "The ticket may not be forwarded"
	case KRB5_GET_IN_TKT_LOOP:
		return "Loop while asking for a ticket"
	case KRB5_CONFIG_NODEFREALM:
		return "Configuration file does not specify default realm"
	case KRB5_KT_NAME_TOOLONG:
		return "The keytab name is too long"
	case KRB5_KT_KVNONOTFOUND:
		return "No key of that version in the keytab"
	case KRB5_KT_FORMAT:
		return "Malformed keytab"
	case KRB5_NOPERM_ETYPE:
		return "The encryption type is not permitted"
	case KRB5_CONFIG_ETYPE_NOSUPP:
		return "None of the configured encryption types is supported"
	case KRB5_ERR_BAD_S2K_PARAMS:
		return "Bad parameters for the key derivation"
	case KRB5_ERR_FAST_REQUIRED:
		return "FAST is required and the KDC does not do it"
	case KRB5_CC_READONLY:
		return "The credential cache is read-only"
	case KRB5_CC_NOSUPP:
		return "The credential cache does not support this operation"
	case KRB5_DCC_CANNOT_CREATE:
		return "Cannot create a new credential cache in the collection"
	case KRB5_KCC_INVALID_ANCHOR:
		return "Invalid anchor of a keyring collection"
	case KRB5_KCC_UNKNOWN_VERSION:
		return "Unknown version of a keyring collection"
	case KRB5_KCC_INVALID_UID:
		return "Invalid user ID of a persistent keyring"
	case KRB5_KCM_MALFORMED_REPLY:
		return "Malformed reply of the KCM server"
	case KRB5_KCM_REPLY_TOO_BIG:
		return "The reply of the KCM server is too big"
	case KRB5_KCM_NO_SERVER:
		return "No KCM server found"
	case KRB5_DELTAT_BADFORMAT:
		return "Malformed duration"
	case KG_CCACHE_NOMATCH:
		return "Principal in credential cache does not match desired name"
	case KG_KEYTAB_NOMATCH:
		return "No principal in keytab matches desired name"
	case KG_TGT_MISSING:
		return "The credential cache has no ticket-granting ticket"
	case KG_NO_SUBKEY:
		return "The authenticator has no subkey"
	case KG_CONTEXT_ESTABLISHED:
		return "The context is already established"
	case KG_BAD_SIGN_TYPE:
		return "Unknown signing algorithm"
	case KG_BAD_LENGTH:
		return "A field of the token has the wrong length"
	case KG_CTX_INCOMPLETE:
		return "The context is not established yet"
	case KG_CONTEXT:
		return "Bad context"
	case KG_CRED:
		return "Bad credential"
	case KG_ENC_DESC:
		return "Bad encryption type"
	case KG_BAD_SEQ:
		return "Bad sequence number"
	case KG_EMPTY_CCACHE:
		return "The credential cache holds no credential"
	case KG_NO_CTYPES:
		return "No checksum type in common"
	case ASN1_BAD_TIMEFORMAT:
		return "A time in the message is malformed"
	case ASN1_MISSING_FIELD:
		return "The message lacks a field"
	case ASN1_OVERFLOW:
		return "A number in the message is out of range"
	case ASN1_OVERRUN:
		return "The message is truncated"
	case ASN1_BAD_ID:
		return "A field of the message has an unexpected type"
	case ASN1_BAD_LENGTH:
		return "A field of the message has the wrong length"
	case ASN1_BAD_FORMAT:
		return "A field of the message is malformed"
	case ASN1_PARSE_ERROR:
		return "The message is malformed"
	case G_BAD_SERVICE_NAME:
		return "No @ in the service name"
	case G_BAD_STRING_UID:
		return "The user id is not a number"
	case G_NOUSER:
		return "No such user"
	case G_VALIDATE_FAILED:
		return "The handle is not valid"
	case G_BUFFER_ALLOC:
		return "No memory for a buffer"
	case G_BAD_MSG_CTX:
		return "Bad message context"
	case G_WRONG_SIZE:
		return "The buffer has the wrong size"
	case G_BAD_USAGE:
		return "Unknown credential usage"
	case G_UNKNOWN_QOP:
		return "Unknown quality of protection"
	case G_NO_HOSTNAME:
		return "The name of this host is unknown"
	case G_BAD_HOSTNAME:
		return "Bad host name"
	case G_WRONG_MECH:
		return "The token is for another mechanism"
	case G_BAD_TOK_HEADER:
		return "The token's header is malformed"
	case G_BAD_DIRECTION:
		return "The token comes from the wrong side"
	case G_TOK_TRUNC:
		return "The token is truncated"
	case G_REFLECT:
		return "The token is one of our own, sent back"
	case G_WRONG_TOKID:
		return "The token has an unexpected type"
	case ERR_SPNEGO_NO_MECHS_AVAILABLE:
		return "There is no mechanism to negotiate"
	case ERR_SPNEGO_NO_CREDS_ACQUIRED:
		return "There is no credential to negotiate with"
	case ERR_SPNEGO_NO_MECH_FROM_ACCEPTOR:
		return "The acceptor chose no mechanism"
	case ERR_SPNEGO_NEGOTIATION_FAILED:
		return "The peer refused the negotiation"
	case ERR_SPNEGO_NO_TOKEN_FROM_ACCEPTOR:
		return "The acceptor's answer lacks the mechanism's token"
	case ERR_SPNEGO_BAD_INPUT_TOKEN:
		return "The negotiation token is malformed"
	}
	return ""
}

// protocolText returns the text of another error of RFC 4120, RFC 4556, RFC 6113 or RFC 8636 that KDCs and peers send, or of
// IAKERB, by number, or "".
func protocolText(n int64) string {
	switch n {
	case 0:
		return "No error"
	case 3:
		return "Requested protocol version not supported"
	case 4:
		return "Client's key is encrypted in an old master key"
	case 5:
		return "Server's key is encrypted in an old master key"
	case 8:
		return "Principal has multiple entries in Kerberos database"
	case 9:
		return "Client or server has a null key"
	case 10:
		return "Ticket is ineligible for postdating"
	case 15:
		return "KDC has no support for checksum type"
	case 17:
		return "KDC has no support for transited type"
	case 22:
		return "Server not yet valid - try again later"
	case 26:
		return "Requested server and ticket don't match"
	case 27:
		return "Server principal valid for user2user only"
	case 28:
		return "KDC policy rejects transited path"
	case 42:
		return "Message out of order"
	case 43:
		return "Illegal cross-realm ticket"
	case 47:
		return "Incorrect message direction"
	case 49:
		return "Incorrect sequence number in message"
	case 62:
		return "Client not trusted"
	case 63:
		return "KDC not trusted"
	case 64:
		return "Invalid signature"
	case 65:
		return "Key parameters not accepted"
	case 66:
		return "Certificate mismatch"
	case 67:
		return "No ticket granting ticket"
	case 69:
		return "User to user required"
	case 70:
		return "Can't verify certificate"
	case 71:
		return "Invalid certificate"
	case 72:
		return "Revoked certificate"
	case 73:
		return "Revocation status unknown"
	case 74:
		return "Revocation status unavailable"
	case 75:
		return "Client name mismatch"
	case 76:
		return "KDC name mismatch"
	case 77:
		return "Inconsistent key purpose"
	case 78:
		return "Digest in certificate not accepted"
	case 79:
		return "Checksum must be included"
	case 80:
		return "Digest in signed-data not accepted"
	case 81:
		return "Public key encryption not supported"
	case 85:
		return "The IAKERB proxy could not find a KDC"
	case 86:
		return "The KDC did not respond to the IAKERB proxy"
	case 90:
		return "Preauthentication expired"
	case 91:
		return "More preauthentication data is required"
	case 93:
		return "An unsupported critical FAST option was requested"
	case 100:
		return "No acceptable KDF offered"
	}
	return ""
}
