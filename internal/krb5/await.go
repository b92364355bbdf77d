// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"time"

	"libgssapi/internal/status"
)

// Pending is the error of a call that cannot go on before the network has answered. The question is under way on a
// goroutine, and whoever made the call waits outside of Go and then makes it again, from its beginning: all that the call
// does itself, files above all, it does on the thread of its caller, with that thread's identity.
//
// So whatever returns it has changed nothing, but what it finds again: tickets that are stored meanwhile.
var Pending error = status.Errorf(status.Failure, status.Generic, "the answer of the network is not there yet")

// callLimit bounds what one call asks the network, all questions together.
const callLimit = time.Minute

// await returns the answer to a question for the network, which key identifies as far as the answer depends on it. Where
// env has no Await, the caller waits here. ask must not open files or look at the environment: it may run on another
// thread, and go on when its caller is gone.
func await[T any](env *Env, cfg *Config, key string, ask func(context.Context) (T, error)) (T, error) {
	limit := callLimit
	if t := cfg.RequestTimeout(); t > 0 {
		limit = min(limit, t)
	}
	if env.Await == nil {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		return ask(ctx)
	}
	answer, err := env.Await(key, limit, func(ctx context.Context) (any, error) { return ask(ctx) })
	t, _ := answer.(T)
	return t, err
}
