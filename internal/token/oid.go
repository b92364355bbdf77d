// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"strconv"
	"strings"
)

// OID is an object identifier as GSS-API carries it: the content octets of its DER encoding, without tag and length.
// Equal OIDs compare equal with ==.
type OID string

// Mechanisms.
const (
	MechKRB5   OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" // 1.2.840.113554.1.2.2, RFC 4121
	MechSPNEGO OID = "\x2b\x06\x01\x05\x05\x02"             // 1.3.6.1.5.5.2, RFC 4178

	// Other OIDs of krb5 that programs and peers use: that of Windows, which truncates one arc to 16 bits, and that of a draft.
	MechKRB5Windows OID = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02" // 1.2.840.48018.1.2.2
	MechKRB5Old     OID = "\x2b\x05\x01\x05\x02"                 // 1.3.5.1.5.2
)

// Name types (RFC 2744, Section 4; RFC 1964, Section 2.1).
const (
	NTUserName          OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01" // 1.2.840.113554.1.2.1.1
	NTMachineUID        OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02" // 1.2.840.113554.1.2.1.2
	NTStringUID         OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03" // 1.2.840.113554.1.2.1.3
	NTHostbasedService  OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" // 1.2.840.113554.1.2.1.4
	NTHostbasedServiceX OID = "\x2b\x06\x01\x05\x06\x02"                 // 1.3.6.1.5.6.2
	NTAnonymous         OID = "\x2b\x06\x01\x05\x06\x03"                 // 1.3.6.1.5.6.3
	NTExportName        OID = "\x2b\x06\x01\x05\x06\x04"                 // 1.3.6.1.5.6.4
	NTCompositeExport   OID = "\x2b\x06\x01\x05\x06\x06"                 // 1.3.6.1.5.6.6
	NTKRB5Principal     OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01" // 1.2.840.113554.1.2.2.1
	NTKRB5Enterprise    OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06" // 1.2.840.113554.1.2.2.6
)

// Attributes of mechanisms (RFC 5587, Section 3.4), those that some mechanism has.
const (
	MAMechConcrete OID = "\x2b\x06\x01\x05\x05\x0d\x01" // 1.3.6.1.5.5.13.1
	MAMechNego     OID = "\x2b\x06\x01\x05\x05\x0d\x04"
	MADeprecated   OID = "\x2b\x06\x01\x05\x05\x0d\x07"
	MAItokFramed   OID = "\x2b\x06\x01\x05\x05\x0d\x09"
	MAAuthInit     OID = "\x2b\x06\x01\x05\x05\x0d\x0a"
	MAAuthTarg     OID = "\x2b\x06\x01\x05\x05\x0d\x0b"
	MADelegCred    OID = "\x2b\x06\x01\x05\x05\x0d\x10"
	MAIntegProt    OID = "\x2b\x06\x01\x05\x05\x0d\x11"
	MAConfProt     OID = "\x2b\x06\x01\x05\x05\x0d\x12"
	MAMIC          OID = "\x2b\x06\x01\x05\x05\x0d\x13"
	MAWrap         OID = "\x2b\x06\x01\x05\x05\x0d\x14"
	MAProtReady    OID = "\x2b\x06\x01\x05\x05\x0d\x15"
	MAReplayDet    OID = "\x2b\x06\x01\x05\x05\x0d\x16"
	MAOOSDet       OID = "\x2b\x06\x01\x05\x05\x0d\x17"
	MACBindings    OID = "\x2b\x06\x01\x05\x05\x0d\x18"
	MACtxTrans     OID = "\x2b\x06\x01\x05\x05\x0d\x1b" // 1.3.6.1.5.5.13.27
)

// String returns the dotted form, "1.2.840.113554.1.2.2", or "(malformed)".
func (o OID) String() string {
	arcs, ok := o.arcs()
	if !ok {
		return "(malformed)"
	}
	return strings.Join(arcs, ".")
}

// arcs splits the base-128 groups. It fails if a group is unfinished or padded, if an arc exceeds 64 bits, and for an
// empty OID.
func (o OID) arcs() ([]string, bool) {
	var arcs []string
	var v uint64
	pending := false
	for i := 0; i < len(o); i++ {
		if v >= 1<<57 || v == 0 && o[i] == 0x80 {
			return nil, false
		}
		v = v<<7 | uint64(o[i]&0x7f)
		if pending = o[i]&0x80 != 0; pending {
			continue
		}
		if arcs == nil {
			first := min(v/40, 2)
			arcs = append(arcs, strconv.FormatUint(first, 10))
			v -= first * 40
		}
		arcs = append(arcs, strconv.FormatUint(v, 10))
		v = 0
	}
	return arcs, len(arcs) > 0 && !pending
}
