// SPDX-License-Identifier: BSD-2-Clause

package toymech

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/protect"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// context is what both sides have.
type context struct {
	initiator      bool
	source, target user
	flags          uint32
	end            time.Time
	key            []byte
	protection     *protect.Protection
}

type (
	initiator struct{ context }
	acceptor  struct{ context }
)

func (Mechanism) NewInitiator() gss.Initiator { return &initiator{context{initiator: true}} }

func (Mechanism) NewAcceptor() gss.Acceptor { return new(acceptor) }

func (Mechanism) Recognizes(tok []byte) bool {
	mech, _, err := token.Unframe(tok)
	return err == nil && mech == OID
}

var answer = []byte("welcome")

const lifetime = time.Hour

// Init says who the initiator is and, if it asks for that, waits for the answer.
func (c *initiator) Init(env *krb5.Env, a gss.InitArgs) (gss.Result, error) {
	if c.key != nil {
		if _, inner, err := token.Unframe(a.Input); err != nil || !bytes.Equal(inner, answer) {
			return gss.Result{Over: true}, status.Errorf(status.DefectiveToken, status.Generic, "the acceptor is not polite")
		}
		return c.established(env, nil)
	}
	if a.Cred == nil {
		return gss.Result{}, status.Errorf(status.NoCred, status.Generic, "nobody is named in the credential store")
	}
	e, err := a.Cred.For(OID)
	if err != nil {
		return gss.Result{}, err
	}
	target, err := Mechanism{}.CanonicalizeName(env, a.Target)
	if err != nil {
		return gss.Result{}, err
	}
	c.source, c.target, c.flags = e.(*credential).of, target.(user), a.Flags|gss.FlagConf|gss.FlagInteg
	c.end = env.Now().Add(lifetime)
	c.key = make([]byte, 32)
	if _, err := io.ReadFull(env.Rand, c.key); err != nil {
		return gss.Result{}, err
	}
	w := wire.NewWriter(128)
	c.fields(w)
	tok := token.FrameMessage(OID, w.Form())
	if c.flags&gss.FlagMutual == 0 {
		return c.established(env, tok)
	}
	r := c.result(tok)
	r.More = true
	return r, nil
}

// Accept believes the initiator.
func (c *acceptor) Accept(env *krb5.Env, a gss.AcceptArgs) (gss.Result, error) {
	mech, inner, err := token.Unframe(a.Input)
	if err != nil || mech != OID {
		return gss.Result{}, status.Errorf(status.DefectiveToken, status.Generic, "a token of something else")
	}
	r := wire.NewReader(inner)
	if c.read(r); !r.Done() {
		return gss.Result{}, status.Errorf(status.DefectiveToken, status.Generic, "an incomplete token")
	}
	if c.flags&gss.FlagMutual == 0 {
		return c.established(env, nil)
	}
	return c.established(env, token.FrameMessage(OID, answer))
}

func (c *context) established(env *krb5.Env, tok []byte) (gss.Result, error) {
	if err := c.establish(env.Rand, protect.Params{Replay: true}); err != nil {
		return gss.Result{Over: true}, err
	}
	r := c.result(tok)
	r.Established = c
	if !c.initiator {
		r.Source = gss.NewMN(c.source)
	}
	return r, nil
}

func (c *context) result(tok []byte) gss.Result {
	return gss.Result{Token: tok, Mech: OID, Flags: c.flags, Lifetime: uint32(lifetime / time.Second)}
}

// establish protects messages as Kerberos does.
func (c *context) establish(random io.Reader, p protect.Params) (err error) {
	p.Initiator, p.Mech, p.Rand = c.initiator, OID, random
	if p.Key, err = crypto.NewKey(crypto.AES256SHA1, c.key); err != nil {
		return err
	}
	c.flags |= gss.FlagTrans | gss.FlagProtReady
	c.protection, err = protect.New(p)
	return err
}

func (c *context) fields(w *wire.Writer) {
	w.Text(string(c.source))
	w.Text(string(c.target))
	w.Uint32(c.flags)
	w.Time(c.end)
	w.Octets(c.key)
}

func (c *context) read(r *wire.Reader) {
	c.source, c.target, c.flags, c.end, c.key = user(r.Text()), user(r.Text()), r.Uint32(), r.Time(), r.Octets()
}

func (c *context) Inquire() gss.ContextInfo {
	i := gss.ContextInfo{Mech: OID, Initiator: c.initiator, Flags: c.flags, End: c.end}
	if c.protection != nil {
		i.Source, i.Target = gss.NewMN(c.source), gss.NewMN(c.target)
	}
	return i
}

func (c *context) Protection() message.Protection {
	if c.protection == nil {
		return nil
	}
	return c.protection
}

func (c *context) InquireByOID(_ *krb5.Env, oid token.OID) ([][]byte, error) {
	return nil, gss.UnknownInquiry(oid)
}

func (c *context) ProcessToken([]byte) error {
	return status.Errorf(status.DefectiveToken, status.Generic, "there are no such tokens")
}

func (c *context) Record(words *inherit.Words) {
	if c.protection != nil {
		c.protection.Record(words)
	}
}

func (c *context) Delete() {
	if c.protection != nil {
		c.protection.Wipe()
	}
	clear(c.key)
}

func (c *context) Snapshot(w *wire.Writer) bool {
	c.fields(w)
	if c.protection != nil {
		_, _, window := c.protection.State()
		w.Uint64(window.Base)
	}
	return true
}

func (Mechanism) RestoreContext(of gss.Inherited, r *wire.Reader) (gss.Context, error) {
	c := context{initiator: of.Initiator}
	c.read(r)
	switch {
	case of.Established:
		w := protect.Window{Replay: true, Base: r.Uint64()}
		p := protect.Params{Window: &w}
		p.SendSeq, w.Next, w.Map = protect.Recorded(of.Words)
		return &c, c.establish(of.Rand, p)
	case of.Initiator:
		return &initiator{c}, nil
	}
	return &acceptor{c}, nil
}

// body is that of an interprocess token.
type body []byte

func (c *context) Export(token.ContextForm) (gss.Interprocess, error) {
	send, _, window := c.protection.Stop()
	w := wire.NewWriter(128)
	w.Bool(c.initiator)
	c.fields(w)
	for _, v := range []uint64{send, window.Base, window.Next, window.Map} {
		w.Uint64(v)
	}
	return body(w.Form()), nil
}

func (c *context) Exported(moved bool) {
	if moved {
		c.protection.Retire()
	} else {
		c.protection.Resume()
	}
}

func (b body) Size() int { return 2 + len(OID) + len(b) }

func (b body) Append(to []byte) ([]byte, error) {
	to = binary.BigEndian.AppendUint16(to, uint16(len(OID)))
	return append(append(to, OID...), b...), nil
}

func (Mechanism) ParseInterprocess(tok []byte) (gss.Parsed, error) {
	return body(slices.Clone(tok[2+len(OID):])), nil
}

func (b body) Context(env *krb5.Env) (gss.Context, error) {
	r := wire.NewReader(b)
	c := context{initiator: r.Bool()}
	c.read(r)
	w := protect.Window{Replay: true}
	p := protect.Params{Window: &w, SendSeq: r.Uint64()}
	w.Base, w.Next, w.Map = r.Uint64(), r.Uint64(), r.Uint64()
	if !r.Done() {
		return nil, status.Errorf(status.DefectiveToken, status.Generic, "the body is damaged")
	}
	return &c, c.establish(env.Rand, p)
}
