// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"libgssapi/internal/status"
)

// APOptionCBT is KERB_AP_OPTIONS_CBT (MS-KILE, Section 3.2.5.8): the client gives channel bindings wherever it knows of a
// channel.
const APOptionCBT uint32 = 0x4000

// ParseAPOptions reads the data of an ADAPOptions element: four octets, little-endian.
func ParseAPOptions(b []byte) (uint32, error) {
	if len(b) != 4 {
		return 0, defective(status.KRB5KRB_AP_ERR_MSG_TYPE, "AD-AUTH-DATA-AP-OPTIONS: %d octets, not 4", len(b))
	}
	return binary.LittleEndian.Uint32(b), nil
}

// MarshalAPOptions is the inverse of ParseAPOptions.
func MarshalAPOptions(options uint32) []byte { return binary.LittleEndian.AppendUint32(nil, options) }
