// SPDX-License-Identifier: BSD-2-Clause

// Package ledger implements the activation ledger: a file in memory, shared by the processes of one account or group,
// that holds the keys of the sealed interprocess tokens in transit. Importing a token takes its key out, so a token
// can be imported only once, only on this host, and only by processes that the file's mode admits.
package ledger

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/rights"
)

// ID identifies a ledger. No other host, and no ledger created later, has the same ID.
type ID [8 * idWords]byte

const idWords = 2

// Place specifies a ledger.
type Place struct {
	Directories []string      // the ledger is in the first usable one
	Group       bool          // whether it belongs to a group
	ID          uint32        // of the group or account
	Rights      rights.Rights // of the process that opens the ledger
}

// Ref locates a token's key in a ledger. It is not secret.
type Ref struct {
	Ledger ID
	Slot   uint32
	State  uint64 // of the slot
}

// The reasons why a token cannot be imported.
var (
	// ErrUsed reports a token that has already been imported or whose context has expired.
	ErrUsed = errors.New("the token was imported already, or its context has expired")
	// ErrUnknown reports a token of another ledger.
	ErrUnknown = errors.New("the token's ledger is not here: it comes from another host, or the ledger was removed")
)

// errClosed reports a book that a call with other rights has closed.
var errClosed = errors.New("threads with different rights use it alternately")

// Unavailable reports that there is no ledger, and where it could not be created.
type Unavailable struct {
	Path string
	Err  error
}

func (e *Unavailable) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

func (e *Unavailable) Unwrap() error { return e.Err }

// Store is an activation store: it keeps the key of each sealed token until one importer has claimed it.
type Store interface {
	// Deposit keeps a key until end.
	Deposit(p *Place, key *Key, now, end time.Time, rand io.Reader) (Ref, error)

	// Peek returns a token's key without taking it out. The error is ErrUsed, ErrUnknown or, if a store that may have the
	// key could not be opened, an *Unavailable.
	Peek(p *Place, ref Ref, now time.Time) (Entry, error)
}

// Entry is the key of a token that nobody has claimed yet.
type Entry interface {
	// Key returns this copy of the key, which Wipe overwrites.
	Key() *Key
	Wipe()

	// Claim takes the key out. Of all callers in all processes one succeeds; the others get ErrUsed.
	Claim() error

	// Used reports whether the token has been imported since.
	Used() bool
}

// Ledgers are the ledgers that a process uses, which are the store of a single host. They stay mapped while the process
// has the rights with which it opened them. The zero value is ready to use; it is safe for concurrent use.
type Ledgers struct {
	mu       sync.Mutex
	accounts shelf
	groups   shelf
}

// shelf holds the books that were opened with the same rights.
type shelf struct {
	books  map[bookKey]*book
	rights rights.Rights
}

type bookKey struct {
	base string
	id   uint32
}

// mapping is an open ledger.
type mapping struct {
	table    table
	dev, ino uint64
	id       ID
	header   [headerWords]uint64 // when it was opened
}

// whole reports whether the header is unchanged. It also reads the end, which faults if the file was truncated.
func (m *mapping) whole() bool {
	_ = m.table[len(m.table)-1].Load()
	return m.table.header() == m.header
}

// book is a ledger, open or not. Hold its lock for reading while using the mapping, and for writing to change it.
type book struct {
	place *Place
	path  string // of the directory
	file  string

	mu      sync.RWMutex
	m       *mapping
	closed  bool          // it is never opened again
	hint    atomic.Uint32 // a slot that is likely to be free
	checked atomic.Int64  // when the mapping was last seen to be the file's, on the process's own clock
}

// book returns the book of a directory.
func (l *Ledgers) book(p *Place, base string) *book {
	key := bookKey{base, p.ID}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.accounts
	if p.Group {
		s = &l.groups
	}
	s.enter(p.Rights)
	b := s.books[key]
	if b == nil {
		path := p.directory(base)
		b = &book{place: &Place{Group: p.Group, ID: p.ID}, path: path, file: path + "/" + fileName}
		b.hint.Store(uint32(unix.Getpid()))
		if s.books == nil {
			s.books = map[bookKey]*book{}
		}
		s.books[key] = b
	}
	return b
}

// Enter closes the ledgers that were opened with rights other than those that the process has now. An account's ledger
// is open to the account and nobody else; if there is a group's ledger, now is called for all rights.
func (l *Ledgers) Enter(euid int, now func() rights.Rights) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.enter(rights.Account(euid))
	if len(l.groups.books) > 0 {
		l.groups.enter(now())
	}
}

func (s *shelf) enter(r rights.Rights) {
	if s.rights == r {
		return
	}
	for _, b := range s.books {
		b.close()
	}
	s.books, s.rights = nil, r
}

// close closes a book that was opened with the process's previous rights. A call on another thread may still have it,
// and finds it closed.
func (b *book) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m != nil {
		unmapTable(b.m.table)
	}
	b.m, b.closed = nil, true
}

// with calls body with the book of a directory, and again if a call with other rights has closed the book in the
// meantime.
func (l *Ledgers) with(p *Place, base string, body func(b *book) error) error {
	err := errClosed
	for tries := 0; err == errClosed && tries < 100; tries++ {
		err = body(l.book(p, base))
	}
	return err
}

// Deposit implements Store.
func (l *Ledgers) Deposit(p *Place, key *Key, now, end time.Time, rand io.Reader) (Ref, error) {
	var failure error
	for _, base := range p.Directories {
		var ref Ref
		err := l.with(p, base, func(b *book) (err error) {
			ref, err = b.deposit(key, seconds(now), seconds(end), rand)
			return err
		})
		if err == nil {
			return ref, nil
		}
		if failure == nil {
			failure = &Unavailable{p.directory(base), err}
		}
	}
	if failure == nil {
		failure = &Unavailable{"ledger_directory", errors.New("no directory is named")}
	}
	return Ref{}, failure
}

// entry is the key in a ledger.
type entry struct {
	key  Key
	book *book
	ref  Ref
	now  time.Time

	ledgers *Ledgers // where it is searched for again after the book was closed
	place   Place
}

// Peek implements Store.
func (l *Ledgers) Peek(p *Place, ref Ref, now time.Time) (Entry, error) {
	failure := ErrUnknown
	for _, base := range p.Directories {
		e := &entry{ref: ref, now: now, ledgers: l, place: *p}
		err := l.with(p, base, func(b *book) error {
			e.book = b
			return b.peek(e)
		})
		if err == nil {
			return e, nil
		}
		if err == ErrUsed {
			return nil, err
		}
		if err != ErrUnknown && failure == ErrUnknown && !isMissing(err) {
			failure = &Unavailable{p.directory(base), err}
		}
	}
	return nil, failure
}

func (e *entry) Key() *Key { return &e.key }

// Wipe implements Entry.
func (e *entry) Wipe() { clear(e.key[:]) }

// Claim implements Entry.
func (e *entry) Claim() error {
	ok := false
	err := e.book.use(e.ref.Ledger, func(m *mapping) { ok = m.table.claim(e.ref, &e.key, seconds(e.now)) })
	if err == errClosed {
		other, err := e.ledgers.Peek(&e.place, e.ref, e.now)
		if err != nil {
			return err
		}
		defer other.Wipe()
		return other.Claim()
	}
	if err == nil && !ok {
		err = ErrUsed
	}
	if err == nil {
		e.book.hint.Store(e.ref.Slot - 1)
	}
	return err
}

// Used implements Entry.
func (e *entry) Used() bool {
	unused := false
	_ = e.book.use(e.ref.Ledger, func(m *mapping) { _, unused = m.table.peek(e.ref, seconds(e.now)) })
	return !unused
}

func isMissing(err error) bool { return err == unix.ENOENT }

// deposit opens the ledger if necessary, creates it if it is missing or damaged, and lengthens it if it is full.
func (b *book) deposit(key *Key, now, end uint32, rand io.Reader) (ref Ref, err error) {
	const attempts = 16 // 2^16 times the first size is beyond the limit
	for range attempts {
		b.mu.RLock()
		m, found, size := b.m, false, int64(0)
		if m != nil && !b.stale(m) {
			size = int64(len(m.table)) * 8
			hint := b.hint.Load()
			whole := false
			fault := guarded(func() {
				if whole = m.whole(); whole {
					ref, found = m.table.deposit(key, hint, now, end)
				}
			})
			if found {
				ref.Ledger = m.id
				b.hint.CompareAndSwap(hint, ref.Slot)
			}
			if fault != nil || !whole {
				m = nil // and do not look at it again
			}
		} else {
			m = nil
		}
		b.mu.RUnlock()
		if found {
			return ref, nil
		}
		if err := b.renew(m, size, now, rand); err != nil {
			return ref, err
		}
	}
	return ref, errors.New("its slots are taken faster than new ones can be added")
}

// checkEvery is how often a mapping is compared with its file. A ledger is replaced only if it is damaged, which is
// visible in the mapping, but someone may have removed it.
const checkEvery = time.Second

// epoch is the starting point of the process's own clock.
var epoch = time.Now()

// stale reports whether the file was removed, replaced or shortened. If this cannot be determined, as in some
// sandboxes, the mapping is used as it is.
func (b *book) stale(m *mapping) bool {
	now := int64(time.Since(epoch))
	if last := b.checked.Load(); last != 0 && now-last < int64(checkEvery) {
		return false
	}
	b.checked.Store(now)
	var st unix.Stat_t
	if err := unix.Lstat(b.file, &st); err != nil {
		return isMissing(err)
	}
	return uint64(st.Dev) != m.dev || st.Ino != m.ino || st.Size < int64(len(m.table))*8
}

// renew maps the current ledger, after creating or lengthening it: m, with size octets, is full, or it is nil because
// there was no usable ledger.
func (b *book) renew(m *mapping, size int64, now uint32, rand io.Reader) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	if m != nil && b.m != m {
		return nil // another thread was here
	}
	opened, err := b.place.open(b.path, size, rand)
	if isMissing(err) {
		// If two processes created the directory at once, the first one's is gone.
		opened, err = b.place.open(b.path, size, rand)
	}
	if err == nil {
		b.replace(opened, now)
		b.checked.Store(int64(time.Since(epoch)))
	}
	return err
}

// replace replaces the mapping. The caller holds b.mu.
func (b *book) replace(m *mapping, now uint32) {
	if b.m != nil && b.m.ino == m.ino && b.m.dev == m.dev && len(b.m.table) == len(m.table) {
		unmapTable(m.table)
		return
	}
	if b.m != nil {
		unmapTable(b.m.table)
	}
	b.m = m
	_ = guarded(func() { m.table.sweep(now) })
}

// peek searches the mapping. If the token is not from this mapping, or is from a part that was added later, peek
// searches the file as it is now.
func (b *book) peek(e *entry) error {
	ok, inside := false, false
	look := func(m *mapping) {
		inside = e.ref.Slot < m.table.slots()
		e.key, ok = m.table.peek(e.ref, seconds(e.now))
	}
	err := b.use(e.ref.Ledger, look)
	if err != errClosed && (err != nil || !inside) {
		if err = b.reopen(seconds(e.now)); err == nil {
			err = b.use(e.ref.Ledger, look)
		}
	}
	if err == nil && !ok {
		err = ErrUsed
	}
	return err
}

// use calls body with the mapping of the ledger with a given ID.
func (b *book) use(id ID, body func(m *mapping)) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return errClosed
	}
	if b.m == nil || b.m.id != id {
		return ErrUnknown
	}
	return guarded(func() { body(b.m) })
}

// reopen maps the existing ledger.
func (b *book) reopen(now uint32) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	dir, err := b.place.openDirectory(b.path, false)
	if err != nil {
		return err
	}
	defer descriptor.Of(dir).Close()
	m, err := b.place.openFile(dir)
	if err == nil {
		b.replace(m, now)
	}
	return err
}

// guarded calls body, which accesses mapped memory. If someone has shortened the file, the kernel raises SIGBUS; the
// Go runtime, whose handler has been installed since the engine was loaded, turns it into a panic, and guarded returns
// that as an error.
//
// Reading and writing under flock(2) would not need this, but would cost five system calls for each export and for
// each import, and a stopped process would block all others. Only the account itself, or the group that is trusted
// with the tokens, can shorten the file. Exporters check its size first (see stale), so the handler is needed only
// within the microsecond after that.
func guarded(body func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if _, fault := p.(interface{ Addr() uintptr }); !fault {
				panic(p)
			}
			err = errDamaged
		}
	}()
	body()
	return nil
}
