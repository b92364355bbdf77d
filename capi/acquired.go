// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
)

// acquired are the outputs of the functions that acquire a credential.
type acquired struct {
	cred  *C.gss_cred_id_t
	mechs *C.gss_OID_set
	time  *C.OM_uint32
}

func (out acquired) clear() {
	clearPointer(out.cred)
	clearPointer(out.mechs)
	clearNumber(out.time)
}

// give gives a new credential with its mechanisms and lifetime. If that fails, it releases the credential.
func (out acquired) give(minor *C.OM_uint32, env *krb5.Env, c *gss.Cred) major {
	info := c.Info(env)
	if !giveOIDs(out.mechs, info.Mechs) {
		c.Release()
		return fail(minor, errMemory)
	}
	if !giveCredential(out.cred, c) {
		c.Release()
		takeBackOIDs(out.mechs)
		return fail(minor, errHandles)
	}
	giveUint32(out.time, info.Lifetime())
	return complete
}

// added are the outputs of the functions that add an element to a credential.
type added struct {
	cred          *C.gss_cred_id_t // nil: the credential behind input_cred_handle is replaced
	mechs         *C.gss_OID_set
	initiatorTime *C.OM_uint32
	acceptorTime  *C.OM_uint32
}

func (out added) clear() {
	clearPointer(out.cred)
	clearPointer(out.mechs)
	clearNumber(out.initiatorTime)
	clearNumber(out.acceptorTime)
}

// give gives c, which was made from in, the credential with the handle input. If that fails, it releases c.
func (out added) give(minor *C.OM_uint32, env *krb5.Env, input C.gss_cred_id_t, in, c *gss.Cred) major {
	if !giveOIDs(out.mechs, c.Info(env).Mechs) {
		c.Release()
		return fail(minor, errMemory)
	}
	if err := out.giveCredential(input, in, c); err != nil {
		c.Release()
		takeBackOIDs(out.mechs)
		return fail(minor, err)
	}
	info := c.Added(env)
	giveUint32(out.initiatorTime, info.InitiatorLifetime)
	giveUint32(out.acceptorTime, info.AcceptorLifetime)
	return complete
}

func (out added) giveCredential(input C.gss_cred_id_t, in, c *gss.Cred) error {
	switch {
	case out.cred != nil && !giveCredential(out.cred, c):
		return errHandles
	case out.cred == nil && !credentials.Replace(handleOf(input), in, c):
		return errCredential
	}
	return nil
}
