// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"time"

	"libgssapi/internal/status"
)

// Pending is the error of a call that cannot continue until the network has answered. The question is being asked on a
// goroutine. The caller waits outside of Go and then repeats the call from the beginning, so that everything that the
// call itself does, such as opening files, happens on the caller's thread and with that thread's identity.
//
// A call that returns Pending must therefore have changed nothing, except for what the repeated call will find again,
// such as tickets stored in the meantime.
var Pending error = &status.Error{Major: status.Failure, Minor: status.Generic, Text: "the network has not answered yet"}

// callLimit bounds the time that one call spends on the network, all questions together.
const callLimit = time.Minute

// await asks the network a question and returns the answer. key identifies the question: two questions with different
// answers must have different keys. If env has no Await, the caller waits here. ask must not open files or look at the
// environment: it may run on another thread and may outlast its caller.
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
