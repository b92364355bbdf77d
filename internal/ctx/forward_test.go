// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

// Messages of a context, for tests that want a result, or the error that there is none.

func (c *Context) GetMIC(qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
	p, err := c.Messages()
	if err != nil {
		return nil, err
	}
	return p.GetMIC(qop, msg, mem)
}

func (c *Context) VerifyMIC(msg, tok []byte) (status.Major, error) {
	p, err := c.Messages()
	if err != nil {
		return 0, err
	}
	return p.VerifyMIC(msg, tok)
}

func (c *Context) Wrap(conf bool, qop uint32, msg []byte, mem *message.Memory) ([]byte, error) {
	p, err := c.Messages()
	if err != nil {
		return nil, err
	}
	return p.Wrap(conf, qop, msg, mem)
}

func (c *Context) Unwrap(tok []byte, mem *message.Memory) (msg []byte, conf bool, supplementary status.Major, err error) {
	p, err := c.Messages()
	if err != nil {
		return nil, false, 0, err
	}
	return p.Unwrap(tok, mem)
}

func (c *Context) WrapIOV(conf bool, qop uint32, iov []message.Buffer, mem *message.Memory) (bool, error) {
	p, err := c.Messages()
	if err != nil {
		return false, err
	}
	return p.WrapIOV(conf, qop, iov, mem)
}

func (c *Context) UnwrapIOV(iov []message.Buffer, mem *message.Memory) (conf bool, supplementary status.Major, err error) {
	p, err := c.Messages()
	if err != nil {
		return false, 0, err
	}
	return p.UnwrapIOV(iov, mem)
}

func (c *Context) WrapSizeLimit(conf bool, qop, maxOutput uint32) (uint32, error) {
	p, err := c.Messages()
	if err != nil {
		return 0, err
	}
	return p.WrapSizeLimit(conf, qop, maxOutput)
}

func (c *Context) PseudoRandom(full bool, in []byte, n int, mem *message.Memory) ([]byte, error) {
	p, err := c.Messages()
	if err != nil {
		return nil, err
	}
	return p.PseudoRandom(full, in, n, mem)
}
