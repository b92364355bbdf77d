// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"slices"
	"time"

	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/sealing"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Exporter is an element that can be passed to another process.
type Exporter interface {
	// ExportElement returns the element for ElementImporter. The caller wipes it.
	ExportElement(env *krb5.Env) (*ExportedElement, error)
}

// ExportedElement is an element in transit to another process.
type ExportedElement struct {
	Body   []byte
	Secret bool      // whoever has it has what it takes to establish contexts; else only what files to look for that in
	End    time.Time // of a secret one: when that ends
}

// ElementImporter is a mechanism whose elements can be imported.
type ElementImporter interface {
	// ImportElement returns the element that another process, or another library, has exported. before holds the elements
	// that precede it in the credential. sealed is true if only a process of this library can have written or read body.
	ImportElement(env *krb5.Env, body []byte, before *Cred, sealed bool) (Element, error)
}

// ExportCred returns a token of c for another process, in MIT krb5's format and in memory from mem; c remains valid. A
// token that contains keys is sealed like interprocess tokens of contexts, unless the policy of the process is open: it
// can be imported once, by those whom the policy names.
func ExportCred(env *krb5.Env, c *Cred, mem *message.Memory) ([]byte, error) {
	elements, err := c.exportElements(env, AllMechs())
	if err != nil {
		return nil, err
	}
	defer elements.wipe()
	if !elements.secret {
		return sealing.Plain(token.SealedCredential, &elements, mem)
	}
	policy, err := env.ContextPolicy()
	if err != nil {
		return nil, err
	}
	return sealing.Make(env, policy, token.SealedCredential, &elements, elements.end, mem)
}

// exported holds the exported elements of a credential.
type exported struct {
	list   []token.CredElement
	secret bool
	end    time.Time // of the last secret
}

// ExportElements writes the elements of c for mechs into one element, for a mechanism that negotiates these. The caller
// wipes it.
func ExportElements(env *krb5.Env, c *Cred, mechs []token.OID) (*ExportedElement, error) {
	elements, err := c.exportElements(env, mechs)
	if err != nil {
		return nil, err
	}
	defer elements.wipe()
	body, err := elements.Append(make([]byte, 0, elements.Size()))
	return &ExportedElement{body, elements.secret, elements.end}, err
}

func (c *Cred) exportElements(env *krb5.Env, mechs []token.OID) (elements exported, err error) {
	defer func() {
		if err != nil {
			elements.wipe()
		}
	}()
	for _, e := range c.elements {
		if !slices.Contains(mechs, e.mech) {
			continue
		}
		exporter, ok := e.Element.(Exporter)
		if !ok {
			return elements, status.Errorf(status.Unavailable, status.Generic, "credentials of mechanism %s are not exported", e.mech)
		}
		x, err := exporter.ExportElement(env)
		if err != nil {
			return elements, err
		}
		elements.list = append(elements.list, token.CredElement{Mech: e.mech, Body: x.Body})
		if x.Secret && (!elements.secret || x.End.After(elements.end)) {
			elements.secret, elements.end = true, x.End
		}
	}
	return elements, nil
}

func (x *exported) wipe() {
	for _, e := range x.list {
		clear(e.Body)
	}
}

// Size implements sealing.Body.
func (x *exported) Size() (n int) {
	for _, e := range x.list {
		n += token.CredElementSize(e.Mech, e.Body)
	}
	return n
}

// Append implements sealing.Body. It leaves no copy of the elements other than the result.
func (x *exported) Append(b []byte) ([]byte, error) {
	for _, e := range x.list {
		b = token.AppendCredElement(b, e.Mech, e.Body)
	}
	return b, nil
}

// ImportCred returns the credential in a token of ExportCred or MIT krb5. A token that contains keys must be sealed,
// unless the policy of the process is open. ready, if it is not nil, is called when nothing can fail any more, except
// that another importer of a sealed token may be faster.
func ImportCred(env *krb5.Env, tok []byte, ready func() error) (*Cred, error) {
	importer := sealing.Importer[*Cred]{
		Content: token.SealedCredential,
		Make: func(body []byte, sealed bool) (*Cred, error) {
			return ImportElements(env, body, AllMechs(), sealed)
		},
		Discard: (*Cred).Release,
		Ready:   ready,
	}
	return importer.Import(env, tok)
}

// ImportElements returns a credential with the exported elements for mechs. Elements of other mechanisms, which other
// libraries have, are ignored.
func ImportElements(env *krb5.Env, b []byte, mechs []token.OID, sealed bool) (*Cred, error) {
	list, err := token.ParseCredElements(b)
	if err != nil {
		return nil, err
	}
	c := new(Cred)
	for _, m := range table {
		importer, ok := m.(ElementImporter)
		if !ok {
			continue
		}
		for _, x := range list {
			mech := m.Description().OID
			if x.Mech != mech || !slices.Contains(mechs, mech) {
				continue
			}
			if c.Element(mech) != nil {
				c.Release()
				return nil, status.Errorf(status.DefectiveToken, status.KG_CONTEXT,
					"exported credential: it has two elements for mechanism %s", mech)
			}
			e, err := importer.ImportElement(env, x.Body, c, sealed)
			if err != nil {
				c.Release()
				return nil, err
			}
			c.append(mech, e)
		}
	}
	if len(c.elements) == 0 {
		return nil, status.Errorf(status.BadMech, status.Generic,
			"exported credential: it has no element for a mechanism that is supported, but one for %s", list[0].Mech)
	}
	return c, nil
}

// AdmitSecrets refuses keys in an exported credential that was not sealed, unless the policy of the process admits them.
func AdmitSecrets(env *krb5.Env, sealed bool) error {
	if sealed {
		return nil
	}
	return sealing.Admit(env, token.SealedCredential)
}
