// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/crypto/common"
)

// cmdSecrets prints what must not be left in a process that had these keys: they themselves, what is derived of them for
// each usage, and how a MAC keeps them. One a line: a name and the octets.
func cmdSecrets(args []string) error {
	fs := newFlags("secrets", "[enctype:hex ...]")
	ccache := fs.String("c", "", "also the session keys in this credential cache `file`")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *ccache != "" {
		cache, err := credentials.LoadCCache(strings.TrimPrefix(*ccache, "FILE:"))
		if err != nil {
			return err
		}
		for _, c := range cache.Credentials {
			name := "session key for " + strings.Join(c.Server.PrincipalName.NameString, "/")
			if err := printSecrets(name, c.Key.KeyType, c.Key.KeyValue); err != nil {
				return err
			}
		}
	}
	for i, o := range operands {
		number, octets, _ := strings.Cut(o, ":")
		etype, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			return err
		}
		key, err := hex.DecodeString(octets)
		if err != nil {
			return err
		}
		if err := printSecrets(fmt.Sprintf("key %d", i+1), int32(etype), key); err != nil {
			return err
		}
	}
	return nil
}

// usages are those of the AP exchange, of the TGS exchange and of messages.
var usages = []uint32{6, 7, 8, 9, 10, 11, 12, 14, 22, 23, 24, 25}

func printSecrets(name string, etype int32, key []byte) error {
	name = strings.ReplaceAll(name, " ", "-")
	e, err := crypto.GetEtype(etype)
	if err != nil {
		return err
	}
	if len(key) < 16 {
		return errors.New("a key of less than 16 octets")
	}
	fmt.Printf("%s %x\n", name, key)
	if e.GetHashFunc()().Size() > sha1.Size { // RFC 8009 derives by HMAC
		printMAC(name, e.GetHashFunc(), key)
	}
	for _, usage := range usages {
		for _, d := range []struct {
			name  string
			label []byte
			mac   bool
		}{
			{"Ke", common.GetUsageKe(usage), false},
			{"Ki", common.GetUsageKi(usage), true},
			{"Kc", common.GetUsageKc(usage), true},
		} {
			derived, err := e.DeriveKey(key, d.label)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s-%s-%d", name, d.name, usage)
			fmt.Printf("%s %x\n", name, derived)
			if d.mac {
				printMAC(name, e.GetHashFunc(), derived)
			}
		}
	}
	return nil
}

// printMAC prints the forms that HMAC (RFC 2104) has of a key: the padded key, and the state of the hash behind it as
// words of this processor.
func printMAC(name string, newHash func() hash.Hash, key []byte) {
	for _, pad := range []byte{0x36, 0x5c} {
		h := newHash()
		block := bytes.Repeat([]byte{pad}, h.BlockSize())
		for i, b := range key {
			block[i] ^= b
		}
		fmt.Printf("%s-pad-%x %x\n", name, pad, block[:len(key)])
		h.Write(block)
		state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			continue
		}
		const magic = 4
		words := 8 * 4
		switch h.Size() {
		case sha1.Size:
			words = sha1.Size
		case sha256.Size:
		case sha512.Size384:
			words = 8 * 8
		}
		state = state[magic:][:words]
		fmt.Printf("%s-state-%x %x\n", name, pad, state)
		native := make([]byte, 0, words)
		if h.Size() == sha512.Size384 {
			for ; len(state) > 0; state = state[8:] {
				native = binary.NativeEndian.AppendUint64(native, binary.BigEndian.Uint64(state))
			}
		} else {
			for ; len(state) > 0; state = state[4:] {
				native = binary.NativeEndian.AppendUint32(native, binary.BigEndian.Uint32(state))
			}
		}
		fmt.Printf("%s-words-%x %x\n", name, pad, native)
	}
}
