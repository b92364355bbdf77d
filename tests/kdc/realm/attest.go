// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Indicators are the authentication indicators in tickets that attest something about the client.
var Indicators = []string{"otp", "hardened"}

// Types of authorization data, of a PAC's buffers, and key usages of the checksums of both.
const (
	adIfRelevant, adCAMMAC, adIndicator, adPAC   = 1, 96, 97, 128
	pacLogon, pacServer, pacPrivSvr, pacClient   = 1, 6, 7, 10
	usagePAC, usageCAMMAC                        = 17, 64
	secondsFrom1601To1970, ticksPerSecond, align = 11_644_473_600, 10_000_000, 8
)

// attest adds a PAC and authentication indicators to a ticket, signed with a key.
func attest(part *messages.EncTicketPart, key types.EncryptionKey) error {
	pac, err := pacOf(part.CName.PrincipalNameString(), part.AuthTime, key)
	if err != nil {
		return err
	}
	cammac, err := cammacOf(key)
	if err != nil {
		return err
	}
	inner, err := marshalAuthData(types.AuthorizationData{{ADType: adPAC, ADData: pac}, {ADType: adCAMMAC, ADData: cammac}})
	if err != nil {
		return err
	}
	part.AuthorizationData = append(part.AuthorizationData, types.AuthorizationDataEntry{ADType: adIfRelevant, ADData: inner})
	return nil
}

// pacOf makes a PAC (MS-PAC, Section 2.3) of a client's name, text instead of logon information, and signatures. The KDC's own
// signature is not one: services cannot verify it.
func pacOf(client string, authTime time.Time, key types.EncryptionKey) ([]byte, error) {
	sum, err := keyed(key, nil, usagePAC)
	if err != nil {
		return nil, err
	}
	signature := append(binary.LittleEndian.AppendUint32(nil, uint32(sum.CksumType)), make([]byte, len(sum.Checksum))...)
	units := utf16.Encode([]rune(client))
	info := binary.LittleEndian.AppendUint64(nil, uint64(authTime.Unix()+secondsFrom1601To1970)*ticksPerSecond)
	info = binary.LittleEndian.AppendUint16(info, uint16(2*len(units)))
	for _, u := range units {
		info = binary.LittleEndian.AppendUint16(info, u)
	}
	buffers := []struct {
		kind uint32
		data []byte
	}{{pacLogon, []byte("logon information")}, {pacClient, info}, {pacServer, signature}, {pacPrivSvr, signature}}
	pac := binary.LittleEndian.AppendUint64(nil, uint64(len(buffers)))
	var body []byte
	signed := 0
	for _, b := range buffers {
		offset := 8 + 16*len(buffers) + len(body)
		if b.kind == pacServer {
			signed = offset + 4
		}
		pac = binary.LittleEndian.AppendUint32(pac, b.kind)
		pac = binary.LittleEndian.AppendUint32(pac, uint32(len(b.data)))
		pac = binary.LittleEndian.AppendUint64(pac, uint64(offset))
		body = append(body, b.data...)
		body = append(body, make([]byte, -len(b.data)&(align-1))...)
	}
	pac = append(pac, body...)
	if sum, err = keyed(key, pac, usagePAC); err != nil {
		return nil, err
	}
	copy(pac[signed:], sum.Checksum)
	return pac, nil
}

// cammacOf makes an AD-CAMMAC (RFC 7751) of the indicators (RFC 8129), with a proof for the service only.
func cammacOf(key types.EncryptionKey) ([]byte, error) {
	var list []asn1.RawValue
	for _, v := range Indicators {
		list = append(list, asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(v)})
	}
	indicators, err := asn1.Marshal(list)
	if err != nil {
		return nil, err
	}
	elements := types.AuthorizationData{{ADType: adIndicator, ADData: indicators}}
	signed, err := marshalAuthData(elements)
	if err != nil {
		return nil, err
	}
	sum, err := keyed(key, signed, usageCAMMAC)
	if err != nil {
		return nil, err
	}
	type verifier struct {
		MAC types.Checksum `asn1:"explicit,tag:3"`
	}
	return asn1.Marshal(struct {
		Elements types.AuthorizationData `asn1:"explicit,tag:0"`
		Service  verifier                `asn1:"explicit,tag:2"`
	}{elements, verifier{sum}})
}

// keyed computes a checksum.
func keyed(key types.EncryptionKey, data []byte, usage uint32) (types.Checksum, error) {
	et, err := crypto.GetEtype(key.KeyType)
	if err != nil || len(key.KeyValue) != keySize(key.KeyType) {
		return types.Checksum{}, fmt.Errorf("no checksum with a key of enctype %d: %w", key.KeyType, err)
	}
	sum, err := et.GetChecksumHash(key.KeyValue, data, usage)
	return types.Checksum{CksumType: et.GetHashID(), Checksum: sum}, err
}
