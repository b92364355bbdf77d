// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"math"

	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// APOptionCBT is KERB_AP_OPTIONS_CBT (MS-KILE, Section 3.2.5.8): the client supplies channel bindings on every channel
// that it knows of.
const APOptionCBT uint32 = 0x4000

// ParseAPOptions parses the data of an ADAPOptions element: four octets, little-endian.
func ParseAPOptions(b []byte) (uint32, error) {
	if len(b) != 4 {
		return 0, defective(status.KRB5KRB_AP_ERR_MSG_TYPE, "AD-AUTH-DATA-AP-OPTIONS: %d octets, not 4", len(b))
	}
	return binary.LittleEndian.Uint32(b), nil
}

// MarshalAPOptions is the inverse of ParseAPOptions.
func MarshalAPOptions(options uint32) []byte { return binary.LittleEndian.AppendUint32(nil, options) }

// ParseEtypeList parses an EtypeList (RFC 4537, Section 3), which is in the client's order of preference.
func ParseEtypeList(b []byte) ([]int32, error) {
	f := openWhole(b, "EtypeList")
	var list []int32
	for f.moreOf(len(list), maxEtypes) {
		v, ok := integer(f.listed(asn1.INTEGER, "etype", "is not an INTEGER"))
		if !ok || v < math.MinInt32 || v > math.MaxInt32 {
			f.fail(status.ASN1_OVERFLOW, "etype", "is not an Int32")
		}
		list = append(list, int32(v))
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// MarshalEtypeList is the inverse of ParseEtypeList.
func MarshalEtypeList(list []int32) []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		for _, e := range list {
			b.AddASN1Int64(int64(e))
		}
	})
	return b.Bytes()
}
