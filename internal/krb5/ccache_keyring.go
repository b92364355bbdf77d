// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
)

// Type KEYRING: collections in the kernel's keyrings, in MIT krb5's layout. A name begins with an anchor, a keyring
// below which a collection is a keyring "_krb_NAME". Each cache is a keyring in that one. It has one key with the
// principal, one with the clock offset, and one for each credential, all in the format of files of version 4. The
// collection has a key with the name of its primary cache.
const (
	keyringPrefix     = "_krb_"
	keyringPersistent = "_krb" // the only collection in a persistent keyring

	keyPrimary   = "krb_ccache:primary"
	keyPrincipal = "__krb5_princ__"
	keyOffsets   = "__krb5_time_offsets__"
)

// keyringVersion is the version of a collection.
const keyringVersion = 1

const (
	maxKeyring = 4096    // keys per keyring
	maxKey     = 1 << 20 // octets per key, the kernel's own limit
)

// keyringName is the name of a collection, "anchor:collection", or of a cache, "anchor:collection:subsidiary". Without
// an anchor it is in the session keyring, in a form that versions of MIT krb5 before 1.12 find.
type keyringName struct {
	anchor, collection, subsidiary string
	isCache                        bool
}

const keyringLegacy = "legacy"

func parseKeyringName(residual string) (n keyringName) {
	var ok bool
	if n.anchor, residual, ok = strings.Cut(residual, ":"); !ok {
		n.anchor, residual = keyringLegacy, n.anchor
	}
	n.collection, n.subsidiary, n.isCache = strings.Cut(residual, ":")
	return n
}

// check refuses names that neither a collection nor a cache can have.
func (n keyringName) check() error {
	switch n.anchor {
	case "process", "thread", "session", "user", keyringLegacy:
	case "persistent":
		if _, err := n.uid(); err != nil {
			return err
		}
	default:
		return status.Errorf(status.NoCred, status.KRB5_KCC_INVALID_ANCHOR,
			"Invalid keyring anchor name: %s must begin with persistent, process, session, thread or user", n)
	}
	if n.isCache && n.subsidiary == "" {
		return status.Errorf(status.NoCred, status.KRB5_CC_BADNAME, "credential cache %s: the name of the cache is empty", n)
	}
	return nil
}

// uid returns the owner of a persistent keyring.
func (n keyringName) uid() (int64, error) {
	if n.collection == "" {
		return int64(unix.Geteuid()), nil
	}
	uid, err := strconv.ParseInt(n.collection, 10, 64)
	if err != nil || uid < 0 || uid > 1<<32-2 {
		return 0, n.invalidUID("it is not a user ID")
	}
	return uid, nil
}

func (n keyringName) invalidUID(why string) error {
	return status.Errorf(status.NoCred, status.KRB5_KCC_INVALID_UID, "Invalid UID in persistent keyring name: %s: %s", n, why)
}

// of returns the name of a cache in the collection.
func (n keyringName) of(subsidiary string) keyringName {
	n.subsidiary, n.isCache = subsidiary, true
	return n
}

func (n keyringName) String() string {
	name := "KEYRING:" + n.anchor + ":" + n.collection
	if n.isCache {
		name += ":" + n.subsidiary
	}
	return name
}

// firstSubsidiary returns the primary cache of a collection in which none has been chosen.
func (n keyringName) firstSubsidiary() string {
	if n.collection == "" {
		return "tkt"
	}
	return n.collection
}

// isLegacyCache reports whether a cache is also linked where old versions look for it.
func (n keyringName) isLegacyCache() bool {
	return n.anchor == keyringLegacy && n.subsidiary == n.collection
}

// marshalPrimary returns the contents of the key that names the primary cache.
func marshalPrimary(subsidiary string) []byte {
	b := binary.BigEndian.AppendUint32(nil, keyringVersion)
	b = binary.BigEndian.AppendUint32(b, uint32(len(subsidiary)))
	return append(b, subsidiary...)
}

func parseKeyringPrimary(b []byte) (subsidiary string, _ *status.Error) {
	s := cryptobyte.String(b)
	var version, size uint32
	var name []byte
	if !s.ReadUint32(&version) || !s.ReadUint32(&size) {
		return "", badCCache("the key %s is truncated", keyPrimary)
	}
	if version != keyringVersion {
		return "", status.Errorf(status.NoCred, status.KRB5_KCC_UNKNOWN_VERSION, "the collection has version %d, not %d",
			version, keyringVersion)
	}
	if int64(size) > int64(len(s)) || !s.ReadBytes(&name, int(size)) || size == 0 || strings.ContainsRune(string(name), 0) {
		return "", badCCache("the key %s has no name", keyPrimary)
	}
	return string(name), nil
}

func marshalOffsets(offset time.Duration) []byte {
	sec, usec := offsetParts(offset)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, sec), usec)
}

// parseOffsets returns 0 if b is malformed: the offset is only a hint.
func parseOffsets(b []byte) time.Duration {
	s := cryptobyte.String(b)
	var sec, usec uint32
	if !s.ReadUint32(&sec) || !s.ReadUint32(&usec) || int32(usec) <= -1e6 || int32(usec) >= 1e6 {
		return 0
	}
	return offsetOf(sec, usec)
}

// parseKeyDescription splits "type;UID;GID;permissions;description".
func parseKeyDescription(s string) (kind, description string) {
	fields := strings.SplitN(s, ";", 5)
	if len(fields) < 5 {
		return "", ""
	}
	return fields[0], fields[4]
}
