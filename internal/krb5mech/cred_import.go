// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ParseImport implements gss.Importer. The option is that behind gss_krb5_import_cred of FreeBSD's libgssapi_krb5: the
// names of a credential cache, a principal and a keytab, each with its length in 32 bits, empty if there is none. As in
// Heimdal, the principal is that of the keytab only: a cache has its own.
func (Mechanism) ParseImport(env *krb5.Env, oid token.OID, value []byte) (gss.Wanted, error) {
	if oid != oidImportCred {
		return gss.Wanted{}, gss.UnknownOption(oid)
	}
	in := cryptobyte.String(value)
	var names [3]string
	for i := range names {
		var length uint32
		var name []byte
		if !in.ReadUint32(&length) || uint64(length) > uint64(len(in)) || !in.ReadBytes(&name, int(length)) {
			return gss.Wanted{}, status.Errorf(status.Failure, status.KG_BAD_LENGTH,
				"the description of a credential ends within its name number %d", i+1)
		}
		names[i] = string(name)
		if strings.ContainsRune(names[i], 0) {
			return gss.Wanted{}, status.Errorf(status.Failure, status.KG_BAD_LENGTH, "name number %d has a NUL in it", i+1)
		}
	}
	if !in.Empty() {
		return gss.Wanted{}, status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the description of a credential goes on behind its third name")
	}
	ccache, principal, keytab := names[0], names[1], names[2]
	w := gss.Wanted{Lifetime: gss.Indefinite}
	switch {
	case ccache == "" && keytab == "":
		return w, status.Errorf(status.NoCred, status.KG_CRED, "neither a credential cache nor a keytab is named")
	case keytab == "":
		w.Usage = gss.Initiate
	case ccache == "":
		w.Usage = gss.Accept
	default:
		w.Usage = gss.Both
	}
	for key, name := range map[string]string{storeCCache: ccache, storeKeytab: keytab} {
		if name == "" {
			continue
		}
		if err := w.Store.Set(key, []byte(name)); err != nil {
			return w, err
		}
	}
	if principal != "" && keytab != "" {
		p, err := parse(env, principal, false)
		if err != nil {
			return w, err
		}
		w.Name = NameOf(p)
	}
	return w, nil
}
