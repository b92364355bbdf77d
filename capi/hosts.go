// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// hosts is krb5.Hosts, by the C library's resolver. Each lookup has a thread of its own. We stop waiting when its context
// ends; the resolver goes on until it gives up by itself.
type hosts struct{}

// retryAfter is how long a lookup waits before it tries again to begin.
const retryAfter = 10 * time.Millisecond

var errLate = errors.New("no answer in time")

func (hosts) Addresses(cx context.Context, host string) (canonical string, addresses []netip.Addr, err error) {
	l, err := lookUp(cx, host, nil)
	if err != nil {
		return "", nil, err
	}
	defer C.engine_lookup_release(l)
	for _, a := range l.addresses[:l.count] {
		octets := C.GoBytes(unsafe.Pointer(&a.octets[0]), C.int(a.length))
		ip, _ := netip.AddrFromSlice(octets)
		if a.scope != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(a.scope), 10))
		}
		addresses = append(addresses, ip)
	}
	return C.GoString(&l.name[0]), addresses, nil
}

func (hosts) Name(cx context.Context, address netip.Addr) (string, error) {
	octets := address.AsSlice()
	a := &C.struct_engine_address{length: C.uint32_t(len(octets))}
	scope, _ := strconv.ParseUint(address.Zone(), 10, 32)
	a.scope = C.uint32_t(scope)
	for i, b := range octets {
		a.octets[i] = C.uint8_t(b)
	}
	l, err := lookUp(cx, "", a)
	if err != nil {
		return "", err
	}
	defer C.engine_lookup_release(l)
	return C.GoString(&l.name[0]), nil
}

// lookUp returns a successful lookup, which the caller releases.
func lookUp(cx context.Context, host string, address *C.struct_engine_address) (*C.struct_engine_lookup, error) {
	var l *C.struct_engine_lookup
	for {
		var err error
		if l, err = C.engine_lookup_start(cString(host), address); l != nil {
			break
		}
		if err != syscall.EAGAIN {
			return nil, errMemory
		}
		select {
		case <-cx.Done():
			return nil, errLate
		case <-time.After(retryAfter):
		}
	}
	woken := make(chan struct{})
	stop := context.AfterFunc(cx, func() {
		C.engine_lookup_wake(l)
		close(woken)
	})
	C.engine_lookup_wait(l)
	if !stop() {
		<-woken
	}
	err := failureOf(l)
	if err != nil {
		C.engine_lookup_release(l)
		return nil, err
	}
	return l, nil
}

func failureOf(l *C.struct_engine_lookup) error {
	switch {
	case C.engine_lookup_over(l) == 0:
		return errLate
	case C.engine_lookup_lacks_memory(l) != 0:
		return errMemory
	case l.error != 0:
		return errors.New(C.GoString(C.engine_lookup_text(l)))
	}
	return nil
}
