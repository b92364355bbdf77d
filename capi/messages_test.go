// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"testing"
	"unsafe"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/handle"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/token"
)

// Tests cannot import "C"; these are cgo's names for C's types.
type (
	cBuffer  = _Ctype_struct_gss_buffer_desc_struct
	cContext = _Ctype_gss_ctx_id_t
	cBufferP = _Ctype_gss_buffer_t
	cStatus  = _Ctype_OM_uint32
	cIOV     = _Ctype_struct_gss_iov_buffer_desc_struct
)

// pair returns the handles of both sides of a context.
func pair(t testing.TB) (client, server cContext) {
	t.Helper()
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	target, err := gss.ImportName([]byte("demo@server.test.example"), token.NTHostbasedService)
	if err != nil {
		t.Fatal(err)
	}
	i, a := ctx.NewInitiator(), ctx.NewAcceptor()
	ires, err := i.Init(r.Env, gss.InitArgs{Target: target, Flags: gss.FlagConf | gss.FlagInteg})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Accept(r.Env, gss.AcceptArgs{Input: ires.Token}); err != nil {
		t.Fatal(err)
	}
	return asC(contexts.Put(i)), asC(contexts.Put(a))
}

func asC(h handle.Handle) cContext { return *(*cContext)(unsafe.Pointer(&h)) }

// cMemory is n octets as C lends them to an export.
func cMemory(t testing.TB, n int) []byte {
	m := allocate(n)
	if m == nil {
		t.Fatal("no memory")
	}
	for i := range m {
		m[i] = byte(i)
	}
	t.Cleanup(func() { free(m) })
	return m
}

func buffer(b []byte) cBufferP {
	d := (*cBuffer)(unsafe.Pointer(unsafe.SliceData(allocate(int(unsafe.Sizeof(cBuffer{}))))))
	clearBuffer(d)
	if b != nil {
		giveMemory(d, b)
	}
	return d
}

func TestMessagesDoNotAllocate(t *testing.T) {
	client, server := pair(t)
	minor := (*cStatus)(unsafe.Pointer(unsafe.SliceData(cMemory(t, 4))))
	msg, tok, out := buffer(cMemory(t, 1024)), buffer(nil), buffer(nil)

	const pieces = 3
	memory := cMemory(t, pieces*int(unsafe.Sizeof(cIOV{})))
	for i := range memory {
		memory[i] = 0
	}
	iov := unsafe.Slice((*cIOV)(unsafe.Pointer(unsafe.SliceData(memory))), pieces)
	lay := func(types [pieces]uint32, room [pieces]int) {
		for i := range iov {
			iov[i]._type = cStatus(types[i])
			giveMemory(&iov[i].buffer, cMemory(t, room[i]))
		}
	}

	check := func(what string, result cStatus) {
		if result != complete {
			t.Fatalf("%s: major %#x, minor %#x", what, result, *minor)
		}
	}
	for _, test := range []struct {
		name string
		run  func()
	}{
		{"mic", func() {
			check("gss_get_mic", gss_get_mic(minor, client, 0, msg, tok))
			check("gss_verify_mic", gss_verify_mic(minor, server, msg, tok, nil))
		}},
		{"wrap-sealed", func() {
			check("gss_wrap", gss_wrap(minor, client, 1, 0, msg, nil, tok))
			check("gss_unwrap", gss_unwrap(minor, server, tok, out, nil, nil))
		}},
		{"wrap-plain", func() {
			check("gss_wrap", gss_wrap(minor, client, 0, 0, msg, nil, tok))
			check("gss_unwrap", gss_unwrap(minor, server, tok, out, nil, nil))
		}},
		{"wrap-in-place", func() {
			check("gss_wrap_iov", gss_wrap_iov(minor, client, 1, 0, nil, &iov[0], pieces))
			check("gss_unwrap_iov", gss_unwrap_iov(minor, server, nil, nil, &iov[0], pieces))
		}},
		{"mic-in-pieces", func() {
			check("gss_get_mic_iov", gss_get_mic_iov(minor, client, 0, &iov[0], pieces))
			check("gss_verify_mic_iov", gss_verify_mic_iov(minor, server, nil, &iov[0], pieces))
		}},
		{"wrap-with-associated-data", func() {
			check("gss_wrap_aead", gss_wrap_aead(minor, client, 1, 0, msg, msg, nil, tok))
			check("gss_unwrap_aead", gss_unwrap_aead(minor, server, tok, msg, out, nil, nil))
		}},
	} {
		if test.name == "wrap-in-place" {
			lay([pieces]uint32{2, 1, 7}, [pieces]int{32, 1000, 28}) // header, data, trailer
		} else {
			lay([pieces]uint32{1, 11, 12}, [pieces]int{100, 7, 28}) // data, sign-only, MIC token
		}
		n := testing.AllocsPerRun(100, func() {
			test.run()
			takeBackBuffer(tok)
			takeBackBuffer(out)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
}

func TestPanicBecomesFailure(t *testing.T) {
	minor := (*cStatus)(unsafe.Pointer(unsafe.SliceData(cMemory(t, 4))))
	result := func() (result major) {
		defer recovered(minor, &result)
		panic("a bug of ours")
	}()
	if result != failure || *minor == 0 {
		t.Errorf("major %#x, minor %#x", result, *minor)
	}
	if result := func() (result major) {
		defer recovered(nil, &result)
		panic("a bug of ours")
	}(); result != failure {
		t.Errorf("without minor_status: major %#x", result)
	}
}

func TestEmptyResultHasNoValue(t *testing.T) {
	client, server := pair(t)
	minor := (*cStatus)(unsafe.Pointer(unsafe.SliceData(cMemory(t, 4))))
	msg, tok, out := buffer(nil), buffer(nil), buffer(nil)
	if result := gss_wrap(minor, client, 1, 0, msg, nil, tok); result != complete {
		t.Fatalf("gss_wrap: major %#x, minor %#x", result, *minor)
	}
	result := gss_unwrap(minor, server, tok, out, nil, nil)
	if result != complete || out.length != 0 || out.value != nil {
		t.Errorf("gss_unwrap: major %#x, length %d, value %p", result, out.length, out.value)
	}
	takeBackBuffer(tok)
}

func TestLengthWithoutValueIsNotRead(t *testing.T) {
	client, _ := pair(t)
	minor := (*cStatus)(unsafe.Pointer(unsafe.SliceData(cMemory(t, 4))))
	msg, tok := buffer(nil), buffer(nil)
	msg.length = 1
	if result := gss_get_mic(minor, client, 0, msg, tok); result != inaccessibleRead {
		t.Errorf("major %#x", result)
	}
}

func BenchmarkGetMIC(b *testing.B) {
	client, _ := pair(b)
	minor := (*cStatus)(unsafe.Pointer(unsafe.SliceData(cMemory(b, 4))))
	msg, tok := buffer(cMemory(b, 64)), buffer(nil)
	for b.Loop() {
		gss_get_mic(minor, client, 0, msg, tok)
		takeBackBuffer(tok)
	}
}
