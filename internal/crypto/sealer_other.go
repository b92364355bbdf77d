// SPDX-License-Identifier: BSD-2-Clause

//go:build !amd64 || purego

package crypto

func newNativeSealer(*profile, []byte, []byte) sealer { return nil }
func newNativeMAC(*profile, []byte) mac               { return nil }
func encryptNative([]byte, [][]byte) bool             { return false }

func sealOnceNative(*[OnceKeySize]byte, []byte, []byte) bool              { return false }
func openOnceNative(*[OnceKeySize]byte, []byte, []byte) (ok, native bool) { return false, false }
