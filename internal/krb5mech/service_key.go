// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// serviceKey says which key of a keytab decrypted the ticket of an acceptor's context. A context does not hold the key
// itself, which is worth more than the context and outlives it: whoever asks for it must still be allowed to read the
// keytab. In the zero value, nothing is known of it.
type serviceKey struct {
	keytab string // its name; "" with a principal: the default one
	owner  token.Principal
	kvno   uint32
	etype  int32
}

// key reads the key again, in the form of keyBlock.
func (s *serviceKey) key(env *krb5.Env) ([][]byte, error) {
	if len(s.owner.Components) == 0 {
		return nil, status.Errorf(status.Failure, status.KRB5_KT_NOTFOUND,
			"the context knows no service key: it is an initiator's, or was imported")
	}
	kt, err := env.Library.OpenKeytab(env, s.keytab)
	if err != nil {
		return nil, err
	}
	key, err := kt.KeyOf(s.owner, s.kvno, s.etype)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return keyBlock(token.EncryptionKey{EType: s.etype, Value: key.Bytes()}, "service key")
}

func (s *serviceKey) snapshot(w *wire.Writer) {
	known := len(s.owner.Components) > 0
	w.Bool(known)
	if known {
		w.Text(s.keytab)
		w.Principal(s.owner)
		w.Uint32(s.kvno)
		w.Uint32(uint32(s.etype))
	}
}

func restoreServiceKey(r *wire.Reader) (s serviceKey) {
	if r.Bool() {
		s = serviceKey{keytab: r.Text(), owner: r.Principal(), kvno: r.Uint32(), etype: int32(r.Uint32())}
	}
	return s
}
