// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// kernelContext is what FreeBSD's kernel reads from an interprocess token.
type kernelContext struct {
	initiator, acceptorSubkey bool
	etype                     int
	key                       []byte
	sendSeq                   uint32
	end                       uint32
	order                     uint32 // what is checked of the order of messages
	firstSeq, highest         uint32
	window                    uint32
}

// kernelImport reads a token as the kernel does, and also checks it, which the kernel does not. It is written from the table
// of fields and shares no code with the export.
func kernelImport(b []byte) (k *kernelContext, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the kernel reads beyond the end: %v", p)
		}
	}()
	next := func(n uint32) []byte {
		v := b[:n:n]
		b = b[n:]
		return v
	}
	u16 := func() uint32 { return uint32(binary.BigEndian.Uint16(next(2))) }
	u32 := func() uint32 { return binary.BigEndian.Uint32(next(4)) }
	if b[0] != 0 || b[1] != 9 {
		return nil, fmt.Errorf("the token begins with %x", b[:2])
	}
	next(2)
	if !bytes.Equal(next(9), []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02}) {
		return nil, fmt.Errorf("another mechanism")
	}
	flags := u32()
	u32() // ac_flags
	for _, bit := range []uint32{1, 2} {
		if flags&bit != 0 {
			u16()
			next(u32())
		}
	}
	u16() // ports
	u16()
	keys := map[uint32][]byte{}
	etypes := map[uint32]int{}
	for _, bit := range []uint32{4, 8, 16} { // keyblock, local subkey, remote subkey
		if flags&bit == 0 {
			continue
		}
		etypes[bit] = int(u16())
		size := u32()
		if want := map[int]uint32{17: 16, 18: 32}[etypes[bit]]; want == 0 || size != want {
			return nil, fmt.Errorf("a key of enctype %d with %d octets", etypes[bit], size)
		}
		keys[bit] = next(size)
	}
	k = &kernelContext{sendSeq: u32()}
	u32()       // remote sequence number
	u32()       // keytype
	u32()       // cksumtype
	next(u32()) // source
	next(u32()) // target
	ctxFlags := u32()
	more := u32()
	k.end = u32()
	k.order = u32()
	start, length := u32(), u32()
	k.window = u32()
	k.firstSeq = u32()
	if k.window > 1000 {
		return nil, fmt.Errorf("jitter_window %d", k.window)
	}
	elems := make([]uint32, k.window)
	for i := range elems {
		elems[i] = u32()
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%d octets behind the last field", len(b))
	}
	if k.order&12 != 0 && k.window < 1 {
		return nil, fmt.Errorf("the order is checked, but jitter_window is 0")
	}
	if start != 0 || length != 0 || elems[0] != k.firstSeq-1 {
		return nil, fmt.Errorf("start %d, length %d, first_seq %d, elem[0] %d", start, length, k.firstSeq, elems[0])
	}
	k.highest = elems[0]
	if ctxFlags&256 == 0 || more&(2|128) != 2|128 {
		return nil, fmt.Errorf("flags %#x, more_flags %#x", ctxFlags, more)
	}
	k.initiator = more&1 != 0
	k.acceptorSubkey = more&16 != 0
	acceptorBit, initiatorBit := uint32(8), uint32(16)
	if k.initiator {
		acceptorBit, initiatorBit = 16, 8
	}
	var from uint32
	switch {
	case keys[acceptorBit] != nil:
		from = acceptorBit
	case k.acceptorSubkey:
		return nil, fmt.Errorf("the acceptor's subkey is missing despite its flag")
	case keys[initiatorBit] != nil:
		from = initiatorBit
	default:
		from = 4
	}
	k.key, k.etype = keys[from], etypes[from]
	return k, nil
}

// protection is the kernel's side of the conversation.
func (k *kernelContext) protection(t *testing.T) *protect.Protection {
	t.Helper()
	key, err := crypto.NewKey(crypto.EType(k.etype), k.key)
	if err != nil {
		t.Fatal(err)
	}
	p, err := protect.New(protect.Params{
		Initiator: k.initiator, AcceptorSubkey: k.acceptorSubkey, Replay: k.order&4 != 0, Sequence: k.order&8 != 0,
		Key: key, SendSeq: uint64(k.sendSeq), RecvSeq: uint64(k.highest + 1), Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestKernelContinuesTheContext(t *testing.T) {
	for _, etype := range []crypto.EType{crypto.AES128SHA1, crypto.AES256SHA1} {
		for _, flags := range []uint32{0, gss.FlagMutual, gss.FlagReplay, gss.FlagSequence, allFlags} {
			for _, program := range []bool{false, true} {
				for _, initiator := range []bool{false, true} {
					name := fmt.Sprintf("%v/flags-%#x/gssd-%v/initiator-%v", etype, flags, program, initiator)
					t.Run(name, func(t *testing.T) { testKernelTakesOver(t, etype, flags, program, initiator) })
				}
			}
		}
	}
}

func testKernelTakesOver(t *testing.T, etype crypto.EType, flags uint32, gssd, initiator bool) {
	r := krbtest.New(t, etype)
	if gssd {
		configure(t, r, "export_sec_context = account") // it is not meant for gssd
		r.Env.Program = "gssd"
	} else {
		configure(t, r, kernelPolicy)
	}
	client, server := pair(t, r, flags)
	talk(t, client, server, "one")
	talk(t, client, server, "two")
	talk(t, server, client, "three")
	ours, peer := server, client
	end := r.Clock.Add(8 * time.Hour)
	if initiator {
		ours, peer = client, server
	}
	tok := export(t, r, ours)
	k, err := kernelImport(tok)
	if err != nil {
		t.Fatal(err)
	}
	if k.initiator != initiator || k.acceptorSubkey != (flags&gss.FlagMutual != 0) || k.order != flags&12 || k.window < 1 {
		t.Errorf("%+v", k)
	}
	if int64(k.end) != end.Unix() {
		t.Errorf("the context ends at %d, not %d", k.end, end.Unix())
	}
	kernel := k.protection(t)
	for _, msg := range []string{"four", "five"} {
		out, err := kernel.Wrap(true, 0, []byte(msg), memory)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, supp, err := peer.Unwrap(out, memory); err != nil || supp != 0 || string(got) != msg {
			t.Errorf("from the kernel: %q, %#x, %v", got, supp, err)
		}
		in, err := peer.GetMIC(0, []byte(msg), memory)
		if err != nil {
			t.Fatal(err)
		}
		if supp, err := kernel.VerifyMIC([]byte(msg), in); err != nil || supp != 0 {
			t.Errorf("to the kernel: %#x, %v", supp, err)
		}
	}
	// We read it, too.
	if _, err := ctx.Import(r.Env, tok, nil); err != nil {
		t.Error(err)
	}
}

// The token is one of FreeBSD's own libgssapi: session key 00-1f, local subkey 20-3f, remote subkey 40-5f.
func TestKernelReaderReadsStockTokens(t *testing.T) {
	keys := make([]byte, 96)
	for i := range keys {
		keys[i] = byte(i)
	}
	name := func(s string) []byte {
		b := append([]byte{4, 1, 0, 11, 6, 9}, token.MechKRB5...)
		return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	tok := &token.ContextToken{
		Mech: token.MechKRB5, ACFlags: 69,
		Key:          &token.EncryptionKey{EType: 18, Value: keys[:32]},
		LocalSubkey:  &token.EncryptionKey{EType: 18, Value: keys[32:64]},
		RemoteSubkey: &token.EncryptionKey{EType: 18, Value: keys[64:]},
		LocalSeq:     0x11223344, RemoteSeq: 0x01020304, Source: name("nfs/client@EX.ORG"), Target: name("nfs/srv@EX.ORG"),
		Flags: 0x13e, MoreFlags: 0x93, EndTime: 1800000000, Order: token.NewMessageOrder(12, 0x01020304, make([]uint32, token.JitterWindow)),
	}
	b, err := tok.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := kernelImport(b)
	if err != nil || !k.initiator || !bytes.Equal(k.key, keys[64:]) || k.sendSeq != 0x11223344 || k.highest != 0x01020303 {
		t.Errorf("%+v, %v", k, err)
	}
}

// Each trap of the format is one that kernelImport sees.
func TestKernelReaderRejectsMalformedTokens(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	configure(t, r, kernelPolicy)
	_, server := pair(t, r, allFlags)
	tok := export(t, r, server)
	for name, spoil := range map[string]func(p []byte) []byte{
		"cut":           func(p []byte) []byte { return p[:len(p)-1] },
		"longer":        func(p []byte) []byte { return append(p, 0) },
		"elem-0":        func(p []byte) []byte { p[len(p)-80]++; return p },
		"jitter-window": func(p []byte) []byte { copy(p[len(p)-88:], make([]byte, 4)); return p[:len(p)-80] },
		"length":        func(p []byte) []byte { p[len(p)-89] = 1; return p },
	} {
		if _, err := kernelImport(spoil(slices.Clone(tok))); err == nil {
			t.Errorf("%s: the reader does not see it", name)
		}
	}
}

// Contexts for the kernel use only enctypes that it supports, from the AP-REQ on.
func TestKernelContextsHaveItsEnctypes(t *testing.T) {
	for _, etype := range []crypto.EType{crypto.AES128SHA2, crypto.AES256SHA2} {
		r := krbtest.New(t, etype)
		configure(t, r, kernelPolicy)
		r.Login(t, nil)

		// The initiator's ticket has a session key of that enctype: it is not used, and there is no KDC for another.
		c := ctx.NewInitiator()
		if _, err := c.Init(r.Env, gss.InitArgs{Target: target(t)}); err == nil {
			t.Errorf("%v: the initiator uses a ticket that is not for the kernel", etype)
		}
		plain := as(t, r, "", nil)
		client := ctx.NewInitiator()
		res, err := client.Init(plain, gss.InitArgs{Target: targetPrincipal(t), Flags: allFlags})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = accept(r, res.Token, nil)
		e := status.Of(err)
		if err == nil || e.Minor != status.KRB5_NOPERM_ETYPE || !strings.Contains(e.Text, "kernel") {
			t.Errorf("%v: the acceptor: %v", etype, err)
		}
	}
}

// targetPrincipal is the name of the service with its realm, for a process without a domain_realm.
func targetPrincipal(t testing.TB) *gss.Name {
	t.Helper()
	n, err := gss.ImportName([]byte("demo/server.test.example@TEST.EXAMPLE"), token.NTKRB5Principal)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A context that was established before the policy was set may have keys that the kernel does not support.
func TestContextWithOtherKeysIsNotExportedToTheKernel(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA2)
	client, server := pair(t, r, allFlags)
	wantMajor(t, errorOf(server.Export(as(t, r, kernelPolicy, nil), memory)), status.Unavailable)
	talk(t, client, server, "after the failure")
}
