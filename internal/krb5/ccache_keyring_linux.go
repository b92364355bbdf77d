// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// All keyrings are those of the calling thread: the session and process keyrings belong to its credentials, so system
// calls are made on the thread on which the program made its call.

var keyringType = &ccacheType{
	open:  openKeyring,
	check: func(residual string) error { return parseKeyringName(residual).check() },
	list:  listKeyring, fresh: freshInKeyring, choose: chooseInKeyring,
}

// maxKeyringSize bounds the total size of the credentials in a cache, because the contents of large keys count against
// no quota of the kernel.
var maxKeyringSize = maxCCacheSize

// keyringCCache is a cache in a keyring.
type keyringCCache struct {
	cache keyringName
}

func (s *keyringCCache) name() string    { return s.cache.String() }
func (s *keyringCCache) unchanged() bool { return false } // keyrings have no modification time

// keyring is the serial number of a keyring, or a special value that stands for one.
type keyring = int

const noKeyring keyring = 0

func openKeyring(_ *Library, _ *Env, residual string) (ccacheBackend, error) {
	n := parseKeyringName(residual)
	if err := n.check(); err != nil {
		return nil, err
	}
	if !n.isCache {
		collection, err := n.find(false)
		if err != nil {
			return nil, err
		}
		primary, err := n.primary(collection)
		if err != nil {
			return nil, err
		}
		n = n.of(primary)
	}
	return &keyringCCache{n}, nil
}

// anchorKeyring returns the keyring that holds the collection's keyring, and the latter's name. possession is a keyring
// that gives the right to use it if the anchor itself does not.
func (n keyringName) anchorKeyring() (anchor, possession keyring, name string, err error) {
	name = keyringPrefix + n.collection
	switch n.anchor {
	case "persistent":
		uid, err := n.uid()
		if err != nil {
			return 0, 0, "", err
		}
		anchor, err = unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, int(uid), unix.KEY_SPEC_PROCESS_KEYRING, 0, 0)
		if err == unix.EOPNOTSUPP && uid == int64(unix.Geteuid()) {
			anchor, err = unix.KEY_SPEC_USER_KEYRING, nil
		}
		if err != nil {
			return 0, 0, "", n.invalidUID(err.Error())
		}
		return anchor, unix.KEY_SPEC_PROCESS_KEYRING, keyringPersistent, nil
	case "process":
		return unix.KEY_SPEC_PROCESS_KEYRING, noKeyring, name, nil
	case "thread":
		return unix.KEY_SPEC_THREAD_KEYRING, noKeyring, name, nil
	case "session", keyringLegacy:
		return sessionKeyring(), noKeyring, name, nil
	case "user":
		return unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_PROCESS_KEYRING, name, nil
	}
	return 0, 0, "", n.check()
}

// sessionKeyring returns the session keyring, for writing. In a process without one, the user session keyring stands
// in, but some kernels would create a new session keyring, which no other process finds.
func sessionKeyring() keyring {
	session, serr := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
	user, uerr := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_SESSION_KEYRING, false)
	if serr == nil && uerr == nil && session == user {
		return unix.KEY_SPEC_USER_SESSION_KEYRING
	}
	return unix.KEY_SPEC_SESSION_KEYRING
}

// find returns the collection's keyring, or noKeyring if it does not exist and create is false.
func (n keyringName) find(create bool) (keyring, error) {
	anchor, possession, name, err := n.anchorKeyring()
	if err != nil {
		return noKeyring, err
	}
	id, err := search(anchor, "keyring", name, possession)
	if isNoKey(err) {
		if !create {
			return noKeyring, nil
		}
		if possession == noKeyring {
			id, err = unix.AddKey("keyring", name, nil, anchor)
		} else if id, err = unix.AddKey("keyring", name, nil, possession); err == nil {
			_, err = unix.KeyctlInt(unix.KEYCTL_LINK, id, anchor, 0, 0)
		}
	}
	if err != nil {
		return noKeyring, n.errno(err)
	}
	return id, nil
}

func search(in keyring, kind, description string, link keyring) (int, error) {
	return unix.KeyctlSearch(in, kind, description, link)
}

// isNoKey reports whether an error says that a key does not exist, or no longer.
func isNoKey(err error) bool {
	return err == unix.ENOKEY || err == unix.EKEYREVOKED || err == unix.EKEYEXPIRED
}

func (n keyringName) errno(err error) error {
	minor := errnoMinor(err)
	switch err {
	case unix.EACCES, unix.EPERM:
		minor = status.KRB5_FCC_PERM
	case unix.EDQUOT, unix.ENOMEM:
		minor = status.KRB5_CC_WRITE
	case unix.ENOSYS:
		minor = status.KRB5_CC_NOSUPP
	}
	return status.Errorf(status.NoCred, minor, "credential cache %s: %v", n, err)
}

// primary returns the name of the primary cache.
func (n keyringName) primary(collection keyring) (string, error) {
	if collection == noKeyring {
		return n.firstSubsidiary(), nil
	}
	id, err := search(collection, "user", keyPrimary, 0)
	if isNoKey(err) {
		return n.firstSubsidiary(), nil
	}
	var b []byte
	if err == nil {
		b, err = readKey(id, maxKey)
	}
	if err != nil {
		return "", n.errno(err)
	}
	primary, perr := parseKeyringPrimary(b)
	if perr != nil {
		return "", status.Errorf(status.NoCred, perr.Minor, "credential cache %s: %s", n, perr.Text)
	}
	return primary, nil
}

// readKey returns the contents of a key, or the serial numbers in a keyring. The caller wipes them.
func readKey(id int, limit int) ([]byte, error) {
	b := make([]byte, 1024)
	for {
		size, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, b, 0)
		if err != nil {
			return nil, err
		}
		if size <= len(b) {
			return b[:size], nil
		}
		clear(b)
		if size > limit {
			return nil, unix.EFBIG
		}
		b = make([]byte, size)
	}
}

// keys returns the serial numbers of the keys in a keyring.
func keys(in keyring) (list []int, err error) {
	b, err := readKey(in, 4*maxKeyring)
	for ; err == nil && len(b) >= 4; b = b[4:] {
		list = append(list, int(int32(binary.NativeEndian.Uint32(b))))
	}
	return list, err
}

func listKeyring(l *Library, env *Env, residual string) ([]ccacheBackend, error) {
	first, err := openKeyring(l, env, residual)
	n := parseKeyringName(residual)
	if err != nil || n.isCache {
		return []ccacheBackend{first}, err
	}
	list := []ccacheBackend{first}
	collection, err := n.find(false)
	if err != nil || collection == noKeyring {
		return list, err
	}
	ids, err := keys(collection)
	if err != nil {
		return nil, n.errno(err)
	}
	for _, id := range ids {
		text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
		if err != nil {
			continue // removed in the meantime
		}
		kind, description := parseKeyDescription(text)
		cache := &keyringCCache{n.of(description)}
		if kind == "keyring" && description != "" && cache.name() != first.name() && len(list) < maxCollection {
			list = append(list, cache)
		}
	}
	return list, nil
}

func freshInKeyring(_ *Library, env *Env, residual string) (string, error) {
	n := parseKeyringName(residual)
	if n.isCache {
		return "", noFresh(n.String())
	}
	suffix, err := uniqueSuffix(env.Rand)
	return n.of("krb_ccache_" + suffix).String(), err
}

func chooseInKeyring(_ *Library, _ *Env, residual string) error {
	n := parseKeyringName(residual)
	collection, err := n.find(true)
	if err != nil {
		return err
	}
	if err := choose(collection, n.subsidiary); err != nil {
		return n.errno(err)
	}
	return nil
}

// choose sets the primary cache of a collection.
func choose(collection keyring, subsidiary string) error {
	_, err := unix.AddKey("user", keyPrimary, marshalPrimary(subsidiary), collection)
	return err
}

// ring returns the keyring of the cache, or noKeyring if there is none.
func (s *keyringCCache) ring() (keyring, error) {
	collection, err := s.cache.find(false)
	if err != nil || collection == noKeyring {
		return noKeyring, err
	}
	ring, err := search(collection, "keyring", s.cache.subsidiary, 0)
	if isNoKey(err) && s.cache.isLegacyCache() {
		ring, err = search(sessionKeyring(), "keyring", s.cache.subsidiary, 0)
	}
	if isNoKey(err) {
		return noKeyring, nil
	}
	if err != nil {
		return noKeyring, s.cache.errno(err)
	}
	return ring, nil
}

// existing is ring for a cache that must exist.
func (s *keyringCCache) existing() (keyring, error) {
	ring, err := s.ring()
	if err == nil && ring == noKeyring {
		err = noCCache(s.name())
	}
	return ring, err
}

// owner returns the client of the cache and the key that holds it.
func (s *keyringCCache) owner(ring keyring) (p token.Principal, key int, err error) {
	if key, err = search(ring, "user", keyPrincipal, 0); err == nil {
		var b []byte
		if b, err = readKey(key, maxKey); err == nil {
			var ok bool
			if p, ok = unmarshalPrincipal(b); !ok {
				return p, 0, status.Errorf(status.NoCred, status.KRB5_CC_FORMAT,
					"credential cache %s: the key %s is malformed", s.name(), keyPrincipal)
			}
			return p, key, nil
		}
	}
	if isNoKey(err) {
		return p, 0, noCCache(s.name())
	}
	return p, 0, s.cache.errno(err)
}

func (s *keyringCCache) load() (contents *ccacheContents, err error) {
	ring, err := s.existing()
	if err != nil {
		return nil, err
	}
	contents = new(ccacheContents)
	var principal int
	if contents.principal, principal, err = s.owner(ring); err != nil {
		return nil, err
	}
	offsets, err := search(ring, "user", keyOffsets, 0)
	if err == nil {
		if b, err := readKey(offsets, maxKey); err == nil {
			contents.offset = parseOffsets(b)
		}
	}
	ids, err := keys(ring)
	if err != nil {
		return nil, s.cache.errno(err)
	}
	left := maxKeyringSize
	for _, id := range ids {
		if id == principal || id == offsets {
			continue
		}
		size, err := s.loadCredential(contents, id)
		if left -= size; err == nil && left < 0 {
			err = status.Errorf(status.NoCred, status.KRB5_CC_FORMAT, "credential cache %s: larger than %s", s.name(),
				sizeText(int64(maxKeyringSize)))
		}
		if err != nil {
			contents.wipe()
			return nil, err
		}
	}
	return contents, nil
}

// loadCredential adds the credential in one key, and returns the size of the key.
func (s *keyringCCache) loadCredential(contents *ccacheContents, id int) (size int, err error) {
	b, err := readKey(id, maxKey)
	defer clear(b)
	if isNoKey(err) || err == unix.EACCES {
		return 0, nil // removed in the meantime
	}
	if err != nil {
		return 0, s.cache.errno(err)
	}
	cred, ok := unmarshalCredential(b)
	if !ok {
		return 0, status.Errorf(status.NoCred, status.KRB5_CC_FORMAT,
			"credential cache %s: key %d is not a credential", s.name(), id)
	}
	contents.add(cred)
	return len(b), nil
}

func (s *keyringCCache) add(owner token.Principal, cred *Credential) error {
	ring, err := s.existing()
	if err != nil {
		return err
	}
	now, _, err := s.owner(ring)
	if err != nil {
		return err
	}
	if !now.Equal(owner) {
		return notOwned(s.name(), now, owner)
	}
	if err := s.put(ring, cred); err != nil {
		return s.cache.errno(err)
	}
	contents, err := s.load()
	if err != nil {
		return err
	}
	defer contents.wipe()
	contents.expire(ring)
	return nil
}

// put creates or replaces the key of a credential. There is one key per server.
func (s *keyringCCache) put(ring keyring, cred *Credential) error {
	b := cred.Marshal()
	defer clear(b)
	id, err := 0, error(unix.EINVAL)
	if s.cache.anchor != keyringLegacy {
		id, err = unix.AddKey("big_key", cred.Server.String(), b, ring)
	}
	if err == unix.EINVAL || err == unix.ENODEV { // the kernel does not support big_key
		id, err = unix.AddKey("user", cred.Server.String(), b, ring)
	}
	if err != nil {
		return err
	}
	if left := time.Until(cred.EndTime); left > 0 && !isConfig(cred) {
		setTimeout(id, left)
	}
	return nil
}

// expire sets the timeout of a keyring to the end of the last credential.
func (c *ccacheContents) expire(ring keyring) {
	var end time.Time
	for _, cred := range c.creds {
		if cred.EndTime.After(end) {
			end = cred.EndTime
		}
	}
	if !end.IsZero() {
		setTimeout(ring, time.Until(end))
	}
}

// setTimeout ignores failure, which only means that the key stays longer than necessary.
func setTimeout(id int, left time.Duration) {
	_, _ = unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, timeoutSeconds(left), 0, 0)
}

// timeoutSeconds never returns 0, which means no timeout.
func timeoutSeconds(left time.Duration) int {
	return int(min(max(left+time.Second-1, time.Second)/time.Second, 1<<31-1))
}

// replace is not atomic: the kernel has no operation for that.
func (s *keyringCCache) replace(_ *Env, contents *ccacheContents) error {
	if err := s.rebuild(contents); err != nil {
		if _, ok := err.(*status.Error); ok {
			return err
		}
		return status.Errorf(status.Failure, status.Of(s.cache.errno(err)).Minor, "credential cache %s cannot be created: %v",
			s.name(), err)
	}
	return nil
}

func (s *keyringCCache) rebuild(contents *ccacheContents) error {
	collection, err := s.cache.find(true)
	if err != nil {
		return err
	}
	if _, err := search(collection, "user", keyPrimary, 0); isNoKey(err) {
		if err := choose(collection, s.cache.firstSubsidiary()); err != nil {
			return err
		}
	}
	ring, err := s.ring()
	if err != nil {
		return err
	}
	if ring == noKeyring {
		if ring, err = unix.AddKey("keyring", s.cache.subsidiary, nil, collection); err != nil {
			return err
		}
	} else if _, err := unix.KeyctlInt(unix.KEYCTL_CLEAR, ring, 0, 0, 0); err != nil {
		return err
	}
	if s.cache.isLegacyCache() {
		_, _ = unix.KeyctlInt(unix.KEYCTL_LINK, ring, sessionKeyring(), 0, 0)
	}
	w := newCCacheWriter(4)
	w.principal(contents.principal)
	if _, err := unix.AddKey("user", keyPrincipal, w.b, ring); err != nil {
		return err
	}
	if contents.offset != 0 && !s.cache.isLegacyCache() { // old versions would not understand it
		if _, err := unix.AddKey("user", keyOffsets, marshalOffsets(contents.offset), ring); err != nil {
			return err
		}
	}
	for _, cred := range contents.all() {
		if err := s.put(ring, cred); err != nil {
			return err
		}
	}
	contents.expire(ring)
	return nil
}
