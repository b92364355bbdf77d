// SPDX-License-Identifier: BSD-2-Clause

package token

import "testing"

func TestOIDString(t *testing.T) {
	for oid, want := range map[OID]string{
		MechKRB5:            "1.2.840.113554.1.2.2",
		NTUserName:          "1.2.840.113554.1.2.1.1",
		NTMachineUID:        "1.2.840.113554.1.2.1.2",
		NTStringUID:         "1.2.840.113554.1.2.1.3",
		NTHostbasedService:  "1.2.840.113554.1.2.1.4",
		NTHostbasedServiceX: "1.3.6.1.5.6.2",
		NTAnonymous:         "1.3.6.1.5.6.3",
		NTExportName:        "1.3.6.1.5.6.4",
		NTKRB5Principal:     "1.2.840.113554.1.2.2.1",
		"\x00":              "0.0",
		"\x4f":              "1.39",
		"\x50":              "2.0",
		"\x88\x37":          "2.999",
		"\x2a\x00":          "1.2.0",
		"\x2a\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f": "1.2.18446744073709551615",
		"": "(malformed)",
		"\x2a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00": "(malformed)", // 2^64
		"\x2a\x86":         "(malformed)", // unfinished
		"\x2a\x80\x01":     "(malformed)", // padded
		"\x80\x2a\x86\x48": "(malformed)",
	} {
		if got := oid.String(); got != want {
			t.Errorf("%x is %s, not %s", string(oid), got, want)
		}
	}
}
