// SPDX-License-Identifier: BSD-2-Clause

package main

/*
#cgo noescape engine_getenv_into
#cgo nocallback engine_getenv_into
#cgo noescape engine_caller
#cgo nocallback engine_caller
#cgo noescape engine_isset
#cgo nocallback engine_isset
#include <stdlib.h>
#include "glue.h"
*/
import "C"

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
)

// library caches what was read from files; each use checks that the files have not changed.
var library = krb5.Library{Foreign: foreign{}}

// environment returns the process's present environment. It is not kept between calls, because gssd(8) sets KRB5CCNAME
// before each call, and servers change their user ID.
func environment() *krb5.Env {
	c := new(call)
	var config [256]byte
	caller := C.engine_caller((*C.char)(unsafe.Pointer(&config[0])), C.size_t(len(config)))
	c.config, c.configSet = configName(config[:], int(caller.config_length)), caller.config_set != 0
	euid := int(caller.euid)
	library.Ledgers.Enter(euid, c.rights)
	c.env = krb5.Env{
		Await:       c.await,
		Library:     &library,
		Seen:        &c.seen,
		Getenv:      c.getenv,
		IsSet:       c.isSet,
		Trace:       c.trace(caller.trace),
		CCacheName:  C.GoString(caller.ccache_name),
		Now:         time.Now,
		Rand:        rand.Reader,
		EUID:        euid,
		Rights:      c.rights,
		LookupUID:   lookupUID,
		LookupHome:  lookupHome,
		Account:     account,
		LookupGroup: lookupGroup,
		Program:     program(),
		Hostname:    hostname,
		Hosts:       hosts{},
	}
	return &c.env
}

// configName returns the value of KRB5_CONFIG, which has n octets and is in value if there is room for it.
func configName(value []byte, n int) string {
	if n > len(value) {
		return getenv(configVariable)
	}
	value = value[:n]
	if last := lastConfig.Load(); last != nil && *last == string(value) {
		return *last
	}
	name := string(value)
	lastConfig.Store(&name)
	return name
}

// configVariable is asked for by nearly every call, once, together with all else that it begins with.
const configVariable = "KRB5_CONFIG"

// lastConfig is what it was last. It is mostly the same, and then needs no memory.
var lastConfig atomic.Pointer[string]

func (c *call) getenv(key string) string {
	if key == configVariable {
		return c.config
	}
	return getenv(key)
}

// getenv asks libc, because Go's own copy of the environment was taken when the engine began.
func getenv(key string) string {
	var short [256]byte // on the stack, as most values are
	n := int(C.engine_getenv_into(cString(key), (*C.char)(unsafe.Pointer(&short[0])), C.size_t(len(short))))
	if n <= len(short) {
		return string(short[:n])
	}
	v := C.engine_getenv(cString(key))
	defer C.free(unsafe.Pointer(v))
	return C.GoString(v)
}

// isSet reports whether a variable is in the environment, possibly with an empty value.
func (c *call) isSet(key string) bool {
	if key == configVariable {
		return c.configSet
	}
	return C.engine_isset(cString(key)) != 0
}

// setenv sets variables of the process. It reports whether there was memory for them.
func setenv(variables []gss.Variable) bool {
	for _, v := range variables {
		if C.engine_setenv(cString(v.Name), cString(v.Value)) != 0 {
			return false
		}
	}
	return true
}

// cString returns s as a C string, for one call. C.CString would end the process if malloc(3) failed.
func cString(s string) *C.char {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(append([]byte(s), 0))))
}

func lookupUID(uid uint32) (string, bool) {
	user := C.engine_user_name(C.uid_t(uid))
	defer C.free(unsafe.Pointer(user))
	return C.GoString(user), user != nil
}

func lookupHome(uid uint32) (string, bool) {
	home := C.engine_user_home(C.uid_t(uid))
	defer C.free(unsafe.Pointer(home))
	return C.GoString(home), home != nil
}

// account returns the user ID and the home directory of an account.
func account(name string) (a krb5.Account, ok bool) {
	var uid C.uid_t
	home := C.engine_account(cString(name), &uid)
	defer C.free(unsafe.Pointer(home))
	return krb5.Account{UID: uint32(uid), Home: C.GoString(home)}, home != nil
}

// lookupGroup returns the ID of a group.
func lookupGroup(group string) (uint32, bool) {
	var gid C.gid_t
	if strings.IndexByte(group, 0) >= 0 {
		return 0, false
	}
	ok := C.engine_group_id(cString(group), &gid) != 0
	return uint32(gid), ok
}

// program returns the name by which the program was started, which does not change.
var program = sync.OnceValue(func() string {
	name := C.engine_program()
	defer C.free(unsafe.Pointer(name))
	return C.GoString(name)
})

func hostname() (string, error) {
	var buf [1024]C.char
	if errno := C.engine_hostname(&buf[0], C.size_t(len(buf))); errno != 0 {
		return "", fmt.Errorf("gethostname: %w", syscall.Errno(errno))
	}
	return C.GoString(&buf[0]), nil
}
