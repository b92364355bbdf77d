// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"testing"
	"time"
)

// The parsers used by every context, with messages of realistic size.

func benchmarkParse[T any](b *testing.B, in []byte, parse func([]byte) (*T, error)) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(in); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkMarshal[T any](b *testing.B, in []byte, parse func([]byte) (*T, error), marshal func(*T) []byte) {
	m, err := parse(in)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		marshal(m)
	}
}

func benchAPReq() []byte {
	t := Ticket{SName: Principal{NTSrvHst, []string{"host", "server.example.org"}, "EXAMPLE.ORG"},
		Enc: EncryptedData{EType: 18, KVNO: 2, HasKVNO: true, Cipher: make([]byte, 900)}}
	t.Raw = t.Marshal()
	return (&APReq{APMutualRequired, t, EncryptedData{EType: 18, Cipher: make([]byte, 250)}}).Marshal()
}

func benchAuthenticator() []byte {
	return (&Authenticator{
		Client: Principal{NTPrincipal, []string{"user"}, "EXAMPLE.ORG"}, CTime: time.Unix(1700000000, 0), CUSec: 123456,
		Checksum: &Checksum{GSSChecksumType, make([]byte, 24)}, Subkey: &EncryptionKey{18, make([]byte, 32)},
		SeqNumber: 0x12345678, HasSeq: true,
		AuthData: []AuthDataEntry{{ADIfRelevant, make([]byte, 60)}},
	}).Marshal()
}

func benchEncTicketPart() []byte {
	now := time.Unix(1700000000, 0)
	return (&EncTicketPart{
		Flags: TicketForwardable, Key: EncryptionKey{18, make([]byte, 32)},
		Client: Principal{NTPrincipal, []string{"user"}, "EXAMPLE.ORG"}, Transited: Transited{1, nil},
		AuthTime: now, StartTime: now, EndTime: now, RenewTill: now,
		AuthData: []AuthDataEntry{{ADIfRelevant, bytes.Repeat([]byte{1}, 600)}},
	}).Marshal()
}

func benchAPRep() []byte {
	return (&APRep{EncryptedData{EType: 18, Cipher: make([]byte, 100)}}).Marshal()
}

func BenchmarkParseAPReq(b *testing.B) { benchmarkParse(b, benchAPReq(), ParseAPReq) }
func BenchmarkParseAuthenticator(b *testing.B) {
	benchmarkParse(b, benchAuthenticator(), ParseAuthenticator)
}
func BenchmarkParseEncTicketPart(b *testing.B) {
	benchmarkParse(b, benchEncTicketPart(), ParseEncTicketPart)
}
func BenchmarkParseAPRep(b *testing.B) { benchmarkParse(b, benchAPRep(), ParseAPRep) }

func BenchmarkMarshalAPReq(b *testing.B) {
	benchmarkMarshal(b, benchAPReq(), ParseAPReq, (*APReq).Marshal)
}
func BenchmarkMarshalAuthenticator(b *testing.B) {
	benchmarkMarshal(b, benchAuthenticator(), ParseAuthenticator, (*Authenticator).Marshal)
}
func BenchmarkMarshalAPRep(b *testing.B) {
	benchmarkMarshal(b, benchAPRep(), ParseAPRep, (*APRep).Marshal)
}
