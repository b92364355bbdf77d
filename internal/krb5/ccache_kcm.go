// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/sys/unix"

	"libgssapi/internal/sock"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Type KCM: caches kept by a daemon, Heimdal's kcm or SSSD's. A request consists of its length, the protocol version,
// an operation and its arguments; a reply of its length, a status of the transport, one of the operation, and the
// result. Numbers are big-endian, names end with a NUL, and principals and credentials are as in files of version 4.
//
// The daemon identifies its client by the effective user of the thread that connects. So every use makes a new
// connection: a process may change its user, or fork.

// kcmVersion is 2.0.
const kcmVersion = 0x0200

type kcmOperation uint16

const (
	kcmInitialize       kcmOperation = 4  // (name, principal) -> ()
	kcmStore            kcmOperation = 6  // (name, credential) -> ()
	kcmGetPrincipal     kcmOperation = 8  // (name) -> (principal)
	kcmGetCredUUIDList  kcmOperation = 9  // (name) -> (UUID...)
	kcmGetCredByUUID    kcmOperation = 10 // (name, UUID) -> (credential)
	kcmRemoveCred       kcmOperation = 11 // (name, flags, match) -> ()
	kcmGetCacheUUIDList kcmOperation = 18 // () -> (UUID...)
	kcmGetCacheByUUID   kcmOperation = 19 // (UUID) -> (name)
	kcmGetDefaultCache  kcmOperation = 20 // () -> (name)
	kcmSetDefaultCache  kcmOperation = 21 // (name) -> ()
	kcmGetKDCOffset     kcmOperation = 22 // (name) -> (seconds)
	kcmSetKDCOffset     kcmOperation = 23 // (name, seconds) -> ()

	kcmGetCredList kcmOperation = 13001 // (name) -> (count, (length, credential)...); by MIT krb5, and in SSSD
)

const (
	kcmUUIDSize  = 16
	maxKCMReply  = 10 << 20 // as in MIT krb5
	maxKCMTicket = 4096     // per cache
)

// kcmPatience bounds one use of a cache. A call may use several, so for as long after that a use is bounded by a tenth of
// it.
var kcmPatience = 10 * time.Second

// kcmClient is what a daemon knows of us. It may hang for one user and answer others.
type kcmClient struct {
	socket string
	euid   int
}

// kcmStatus is the error of an operation: a number from the com_err tables.
type kcmStatus uint32

func (e kcmStatus) Error() string { return status.Minor(e).Text() }

// kcmCCache is a cache kept by a daemon.
type kcmCCache struct {
	library  *Library
	residual string
	socket   string
}

func (s *kcmCCache) name() string    { return "KCM:" + s.residual }
func (s *kcmCCache) unchanged() bool { return false } // the protocol cannot tell

// kcmSocket returns the path on which the daemon listens (kcm_socket in [libdefaults]).
func kcmSocket(l *Library, env *Env) (string, error) {
	cfg, err := l.Config(env)
	if err != nil {
		return "", err
	}
	path, ok := cfg.first("libdefaults", "kcm_socket")
	switch {
	case !ok || path == "":
		path = "/var/run/.heim_org.h5l.kcm-socket"
	case path == "-":
		return "", status.Errorf(status.NoCred, status.KRB5_KCM_NO_SERVER, "No KCM server found: kcm_socket in %s is -", cfg.source())
	}
	if path, err = expandPath(env, path); err != nil {
		return "", badProfile("%s: kcm_socket: %v", cfg.source(), err)
	}
	return path, nil
}

func openKCM(l *Library, env *Env, residual string) (ccacheBackend, error) {
	socket, err := kcmSocket(l, env)
	if err != nil {
		return nil, err
	}
	s := &kcmCCache{l, residual, socket}
	if residual != "" {
		return s, nil
	}
	return s, s.with(func(c *kcmConn) (err error) {
		s.residual, err = c.name(kcmGetDefaultCache, nil)
		return err
	})
}

func listKCM(l *Library, env *Env, residual string) (list []ccacheBackend, err error) {
	first, err := openKCM(l, env, residual)
	if err != nil || residual != "" {
		return []ccacheBackend{first}, err
	}
	s := first.(*kcmCCache)
	list = append(list, s)
	return list, s.with(func(c *kcmConn) error {
		uuids, err := c.uuids(kcmGetCacheUUIDList, nil, maxCollection)
		if isAbsent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, uuid := range uuids {
			name, err := c.name(kcmGetCacheByUUID, uuid)
			if isAbsent(err) {
				continue // removed in the meantime
			}
			if err != nil {
				return err
			}
			if name != s.residual {
				list = append(list, &kcmCCache{l, name, s.socket})
			}
		}
		return nil
	})
}

// freshInKCM returns a name in the form that daemons require: with the user's ID in it.
func freshInKCM(_ *Library, env *Env, residual string) (string, error) {
	if residual != "" {
		return "", noFresh("KCM:" + residual)
	}
	suffix, err := uniqueSuffix(env.Rand)
	return "KCM:" + strconv.Itoa(env.EUID) + ":" + suffix, err
}

func (s *kcmCCache) load() (contents *ccacheContents, err error) {
	err = s.with(func(c *kcmConn) (err error) {
		contents, err = c.contents(s.argument())
		return err
	})
	return contents, err
}

func (s *kcmCCache) add(owner token.Principal, cred *Credential) error {
	return s.with(func(c *kcmConn) error {
		now, err := c.principal(s.argument())
		if err != nil {
			return err
		}
		if !now.Equal(owner) {
			return notOwned(s.name(), now, owner)
		}
		if isConfig(cred) {
			// Daemons keep the old entry alongside the new one. Those that cannot remove it list the newest one last.
			_, _ = c.call(kcmRemoveCred, append(append(s.argument(), 0, 0, 0, 0), matching(cred)...))
		}
		return c.store(s.argument(), cred)
	})
}

// replace is not atomic: the protocol has no operation for that.
func (s *kcmCCache) replace(_ *Env, contents *ccacheContents) error {
	return s.with(func(c *kcmConn) error {
		defer c.keepDefault(s.residual)()
		w := newCCacheWriter(4)
		w.principal(contents.principal)
		if _, err := c.call(kcmInitialize, append(s.argument(), w.b...)); err != nil {
			return err
		}
		// Even if it is 0: Heimdal's daemon returns an arbitrary number if none was set.
		seconds := uint32(int32(contents.offset / time.Second))
		if _, err := c.call(kcmSetKDCOffset, binary.BigEndian.AppendUint32(s.argument(), seconds)); err != nil {
			if _, ok := err.(kcmStatus); !ok {
				return err
			}
		}
		for _, cred := range contents.all() {
			if err := c.store(s.argument(), cred); err != nil {
				return err
			}
		}
		return nil
	})
}

// argument returns the name as an argument of an operation.
func (s *kcmCCache) argument() []byte { return append([]byte(s.residual), 0) }

// matching returns the pattern that a daemon compares credentials with: flags that say which parts count, the client
// and server, and times and flags, which do not count.
func matching(cred *Credential) []byte {
	const clientAndServer = 1<<0 | 1<<1
	w := newCCacheWriter(4)
	w.uint32(clientAndServer)
	w.principal(cred.Client)
	w.principal(cred.Server)
	w.b = append(w.b, make([]byte, 4*4+1+4)...)
	return w.b
}

// with connects to the daemon, calls use, and says in errors which cache and daemon they are about.
func (s *kcmCCache) with(use func(*kcmConn) error) error {
	us := kcmClient{s.socket, unix.Geteuid()}
	patience := s.library.kcm.patience(us, kcmPatience, kcmPatience/10)
	deadline := time.Now().Add(patience)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	// A short wait proves nothing: the daemon may be slow, or just starting.
	defer func() {
		if patience == kcmPatience && !time.Now().Before(deadline) {
			s.library.kcm.waited(us, kcmPatience, true)
		}
	}()
	conn, err := sock.DialLocal(ctx, s.socket)
	if e, ok := err.(*status.Error); ok {
		return e
	}
	if err != nil {
		minor := status.KRB5_KCM_NO_SERVER
		return status.Errorf(status.NoCred, minor, "No KCM server found: %s: %v", s.socket, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(deadline)
	err = use(&kcmConn{ReadWriter: conn})
	switch e := err.(type) {
	case nil:
		return nil
	case *status.Error:
		return e
	case kcmStatus:
		if isAbsent(e) {
			return noCCache(s.name())
		}
		return status.Errorf(status.NoCred, status.Minor(e), "credential cache %s: the KCM server at %s returns an error: %v", s.name(),
			s.socket, e)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errors.New("it does not answer, or not in time")
	}
	return status.Errorf(status.NoCred, status.KRB5_CC_IO, "credential cache %s: the KCM server at %s: %v", s.name(),
		s.socket, err)
}

// isAbsent reports whether an operation found no cache, or nothing in it.
func isAbsent(err error) bool {
	e, ok := err.(kcmStatus)
	if !ok {
		return false
	}
	switch m := status.Minor(e); m {
	case status.KRB5_FCC_NOFILE, status.KRB5_CC_NOTFOUND, status.KRB5_CC_END, status.Minor(unix.ENOENT):
		return true
	}
	return false
}

func malformedKCM(fault string) error {
	return status.Errorf(status.NoCred, status.KRB5_KCM_MALFORMED_REPLY, "Malformed reply from the KCM server: %s", fault)
}

// kcmConn is a connection to a daemon. The daemon is trusted only with what it keeps: krb5.conf may name anybody's.
type kcmConn struct {
	io.ReadWriter
	over bool // what comes next is no reply
}

// call performs an operation. The caller wipes the result.
func (c *kcmConn) call(op kcmOperation, arguments []byte) (cryptobyte.String, error) {
	if c.over {
		return nil, malformedKCM("more follows an error of the transport")
	}
	request := make([]byte, 0, 8+len(arguments))
	request = binary.BigEndian.AppendUint32(request, uint32(4+len(arguments)))
	request = binary.BigEndian.AppendUint16(request, kcmVersion)
	request = binary.BigEndian.AppendUint16(request, uint16(op))
	request = append(request, arguments...)
	defer clear(request)
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil, err
	}
	size, transport := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if size > maxKCMReply {
		return nil, status.Errorf(status.NoCred, status.KRB5_KCM_REPLY_TOO_BIG, "the reply of the KCM server is larger than %s",
			sizeText(maxKCMReply))
	}
	if transport != 0 {
		c.over = size != 0
		return nil, kcmStatus(transport)
	}
	if err := roomFor(int64(size)); err != nil {
		return nil, err
	}
	reply, err := readN(c, int(size))
	if err != nil {
		clear(reply)
		return nil, err
	}
	rest := cryptobyte.String(reply)
	var result uint32
	switch {
	case !rest.ReadUint32(&result):
		return nil, malformedKCM("it has no status")
	case result != 0:
		return nil, kcmStatus(result)
	}
	return rest, nil
}

// readN reads n octets. It allocates memory only as they arrive.
func readN(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, 4096))
	for len(b) < n {
		if len(b) == cap(b) {
			larger := append(make([]byte, 0, min(n, 4*cap(b))), b...)
			clear(b)
			b = larger
		}
		more, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+more]
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

func (c *kcmConn) name(op kcmOperation, arguments []byte) (string, error) {
	reply, err := c.call(op, arguments)
	if err != nil {
		return "", err
	}
	return parseKCMName(reply)
}

func parseKCMName(reply []byte) (string, error) {
	name, _, ok := bytes.Cut(reply, []byte{0})
	if !ok || len(name) == 0 || len(name) > unix.PathMax {
		return "", malformedKCM("it has no name of a cache")
	}
	return string(name), nil
}

// keepDefault returns a function that restores the primary cache of the collection: daemons make a new cache the
// primary one.
func (c *kcmConn) keepDefault(made string) func() {
	primary, err := c.name(kcmGetDefaultCache, nil)
	if err != nil || primary == made {
		return func() {}
	}
	argument := append([]byte(primary), 0)
	if _, err := c.principal(argument); err != nil {
		return func() {}
	}
	return func() {
		if now, err := c.name(kcmGetDefaultCache, nil); err == nil && now == made {
			_, _ = c.call(kcmSetDefaultCache, argument)
		}
	}
}

func (c *kcmConn) uuids(op kcmOperation, arguments []byte, most int) (list [][]byte, err error) {
	reply, err := c.call(op, arguments)
	if err != nil {
		return nil, err
	}
	return parseUUIDs(reply, most)
}

func parseUUIDs(reply cryptobyte.String, most int) (list [][]byte, err error) {
	if len(reply)%kcmUUIDSize != 0 {
		return nil, malformedKCM("a UUID is truncated")
	}
	if len(reply)/kcmUUIDSize > most {
		return nil, status.Errorf(status.NoCred, status.KRB5_KCM_REPLY_TOO_BIG, "the KCM server has more than %d entries", most)
	}
	for !reply.Empty() {
		var uuid []byte
		reply.ReadBytes(&uuid, kcmUUIDSize)
		list = append(list, uuid)
	}
	return list, nil
}

// principal returns the client of a cache.
func (c *kcmConn) principal(cache []byte) (p token.Principal, err error) {
	reply, err := c.call(kcmGetPrincipal, cache)
	if err != nil {
		return p, err
	}
	if reply.Empty() { // from Heimdal's daemon, if there is no such cache
		return p, kcmStatus(status.KRB5_FCC_NOFILE)
	}
	p, ok := unmarshalPrincipal(reply)
	if !ok {
		return p, malformedKCM("the principal is truncated")
	}
	return p, nil
}

func (c *kcmConn) store(cache []byte, cred *Credential) error {
	b := cred.Marshal()
	arguments := append(cache, b...)
	_, err := c.call(kcmStore, arguments)
	clear(b)
	clear(arguments)
	return err
}

// contents reads a whole cache.
func (c *kcmConn) contents(cache []byte) (contents *ccacheContents, err error) {
	contents = new(ccacheContents)
	defer func() {
		if err != nil {
			contents.wipe()
			contents = nil
		}
	}()
	if contents.principal, err = c.principal(cache); err != nil {
		return contents, err
	}
	if reply, err := c.call(kcmGetKDCOffset, cache); err == nil {
		var seconds uint32
		if reply.ReadUint32(&seconds) {
			contents.offset = time.Duration(int32(seconds)) * time.Second
		}
	} else if _, ok := err.(kcmStatus); !ok {
		return contents, err
	}
	reply, err := c.call(kcmGetCredList, cache)
	if err == nil {
		err = contents.addKCMList(reply)
		clear(reply)
		return contents, err
	}
	if _, ok := err.(kcmStatus); !ok {
		return contents, err
	}
	// Heimdal's daemon does not know the operation.
	return contents, c.contentsByUUID(contents, cache)
}

func (c *kcmConn) contentsByUUID(contents *ccacheContents, cache []byte) error {
	uuids, err := c.uuids(kcmGetCredUUIDList, cache, maxKCMTicket)
	if isAbsent(err) {
		return nil // the cache has a client and no credentials
	}
	if err != nil {
		return err
	}
	left := maxCCacheSize
	for _, uuid := range uuids {
		reply, err := c.call(kcmGetCredByUUID, append(bytes.Clone(cache), uuid...))
		if isAbsent(err) {
			continue // removed in the meantime
		}
		if err != nil {
			return err
		}
		if left -= len(reply); left < 0 {
			clear(reply)
			return status.Errorf(status.NoCred, status.KRB5_KCM_REPLY_TOO_BIG, "the cache is larger than %s", sizeText(maxCCacheSize))
		}
		cred, ok := unmarshalCredential(reply)
		clear(reply)
		if !ok {
			return malformedKCM("a credential is malformed")
		}
		contents.add(cred)
	}
	return nil
}

// addKCMList adds the credentials of a list.
func (c *ccacheContents) addKCMList(reply cryptobyte.String) error {
	var count uint32
	if !reply.ReadUint32(&count) {
		return malformedKCM("the list of credentials is truncated")
	}
	if count > maxKCMTicket {
		return status.Errorf(status.NoCred, status.KRB5_KCM_REPLY_TOO_BIG, "the KCM server has more than %d entries", maxKCMTicket)
	}
	for range count {
		var size uint32
		var b []byte
		if !reply.ReadUint32(&size) || int64(size) > int64(len(reply)) || !reply.ReadBytes(&b, int(size)) {
			return malformedKCM("the list of credentials is truncated")
		}
		cred, ok := unmarshalCredential(b)
		if !ok {
			return malformedKCM("a credential is malformed")
		}
		c.add(cred)
	}
	return nil
}

func chooseInKCM(l *Library, env *Env, residual string) error {
	socket, err := kcmSocket(l, env)
	if err != nil {
		return err
	}
	s := &kcmCCache{l, residual, socket}
	return s.with(func(c *kcmConn) error {
		_, err := c.call(kcmSetDefaultCache, s.argument())
		return err
	})
}
