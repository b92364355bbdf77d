// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/trace"
)

// pacing says when to go on to the next KDC. Replies on all connections are accepted at any time.
type pacing struct {
	each  time.Duration   // wait after asking one KDC, before asking the next
	pass  []time.Duration // wait after each pass over the KDCs
	tcp   time.Duration   // limit for one TCP connection, from the dial to the last octet
	grace time.Duration   // wait for a valid reply after all KDCs seem to have sent invalid ones
	total time.Duration   // limit for the whole exchange
}

// mitPacing is what MIT's library does: one second for each KDC, then passes that end with increasing waits.
var mitPacing = pacing{
	each:  time.Second,
	pass:  []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second},
	tcp:   10 * time.Second,
	grace: time.Second / 2,
	total: time.Minute,
}

// maxPasses bounds max_retries.
const maxPasses = 10

// configured applies the settings in krb5.conf: max_retries, the number of passes over the KDCs, and kdc_timeout, the
// time for one KDC (both as in Heimdal, which FreeBSD had); request_timeout, the time for all KDCs (MIT krb5 1.22).
func (p pacing) configured(cfg *Config, servers int) pacing {
	pass := make([]time.Duration, min(cfg.MaxRetries(), maxPasses))
	for i := range pass {
		pass[i] = p.pass[min(i, len(p.pass)-1)]
	}
	// The default is MIT's pacing, which gives a slow KDC more time over TCP than Heimdal's three seconds.
	if len(cfg.Setting("libdefaults", "kdc_timeout")) > 0 {
		timeout := cfg.KDCTimeout()
		for i := range pass {
			pass[i] = min(pass[i], timeout)
		}
		p.each = min(p.each, timeout/2) // leave time for the other transport
		p.tcp = timeout
		p.total = min(p.total, timeout*time.Duration(len(pass)*servers))
	}
	p.pass = pass
	if t := cfg.RequestTimeout(); t > 0 {
		p.total = min(p.total, t)
	}
	return p
}

// network reaches KDCs.
type network struct {
	pace  pacing
	hosts Hosts
	dns   *resolver
	trace *trace.Log

	only []Server   // nil: the KDCs of the realm
	from netip.Addr // of the last reply, whatever it was
}

// network returns what it takes to reach KDCs. It reads files, which sending a request must not do.
func (env *Env) network() *network {
	return &network{pace: mitPacing, hosts: env.Hosts, dns: env.resolver(), trace: env.Trace.Question()}
}

// send sends request to the KDCs of a realm, in the configured order, and returns the first reply that check accepts.
// Any host on the path can send a reply, so check must verify it, except for a KRB-ERROR, which is not protected. The
// next KDC is asked at once when a reply is refused or is KDC_ERR_SVC_UNAVAILABLE. Over UDP, another reply from the
// same KDC may follow, because the refused one may have been somebody else's.
//
// UDP is tried first unless the request exceeds udp_preference_limit. No goroutine or socket of the exchange is left
// when send returns; only a lookup of a host that ctx interrupted may take a while longer to end.
func (n *network) send(ctx context.Context, cfg *Config, realm string, request []byte, check func(reply []byte) error,
) ([]byte, error) {
	preferTCP := len(request) > cfg.UDPPreferenceLimit()
	servers, err := n.locate(ctx, cfg, realm, preferTCP)
	if err != nil {
		return nil, err
	}
	pace := n.pace.configured(cfg, len(servers))
	ctx, cancel := context.WithTimeout(ctx, pace.total)
	defer cancel()
	x := exchange{network: n, realm: realm, request: request, check: check, pace: pace, servers: servers,
		preferTCP: preferTCP}
	reply, err := x.run(ctx)
	if err == errTooBig {
		again := exchange{network: n, realm: realm, request: request, check: check, pace: pace, servers: servers,
			onlyTCP: true, failure: x.failure}
		reply, err = again.run(ctx)
	}
	return reply, err
}

// errTooBig ends a run in which a KDC said over UDP that the reply needs TCP (RFC 4120, Section 7.2.1).
var errTooBig = errors.New("KRB_ERR_RESPONSE_TOO_BIG")

// KRB-ERROR codes that concern the transport (RFC 4120, Section 7.5.9).
const (
	codeSvcUnavailable = 29
	codeResponseTooBig = 52
)

// exchange is one request, with the conversations with KDCs about it.
type exchange struct {
	network   *network
	realm     string
	request   []byte
	check     func([]byte) error
	pace      pacing
	servers   []Server
	preferTCP bool
	onlyTCP   bool

	conversations []*conversation
	events        chan event
	done          chan struct{} // closed when events are no longer wanted
	running       sync.WaitGroup
	failure       *status.Error // the fault of the last bad reply; nil: there was none
	unanswered    []string      // which KDCs failed and why, for the administrator
}

// run makes the passes over the KDCs (k5_sendto in MIT krb5).
func (x *exchange) run(ctx context.Context) ([]byte, error) {
	x.events, x.done = make(chan event), make(chan struct{})
	defer x.close()

	reply, err := x.firstPass(ctx)
	for i := 0; reply == nil && err == nil; i++ {
		if i > 0 {
			reply, err = x.again(ctx)
		}
		if reply == nil && err == nil {
			reply, err = x.wait(ctx, x.pace.pass[i], x.silent)
		}
		if !x.silent() || i+1 == len(x.pace.pass) {
			break
		}
	}
	if reply == nil && err == nil {
		reply, err = x.wait(ctx, x.pace.grace, x.answered)
	}
	if reply != nil || err != nil {
		return reply, err
	}
	return nil, x.unreachable()
}

// silent reports whether a reply may still come from a KDC that has sent nothing.
func (x *exchange) silent() bool { return slices.ContainsFunc(x.conversations, (*conversation).silent) }

// answered reports whether another reply may come from a KDC whose reply was refused.
func (x *exchange) answered() bool {
	return slices.ContainsFunc(x.conversations, func(c *conversation) bool { return !c.over && c.refused > 0 })
}

// firstPass contacts each KDC over its preferred transport, then those that have another one over that.
func (x *exchange) firstPass(ctx context.Context) ([]byte, error) {
	type step struct {
		server Server
		proto  string
	}
	var first, second []step
	for _, s := range x.servers {
		preferred, other := "udp", "tcp"
		if x.preferTCP {
			preferred, other = other, preferred
		}
		switch {
		case x.onlyTCP && s.Proto != "udp":
			first = append(first, step{s, "tcp"})
		case x.onlyTCP:
		case s.Proto != "":
			first = append(first, step{s, s.Proto})
		default:
			first = append(first, step{s, preferred})
			second = append(second, step{s, other})
		}
	}
	for _, st := range append(first, second...) {
		addrs, err := x.network.resolve(ctx, st.server)
		if err != nil {
			x.note("%s: %v", st.server.Host, err)
			continue
		}
		for _, addr := range addrs {
			x.network.trace.Sending(len(x.request), addr, st.proto, false)
			c, err := x.start(ctx, st.proto, addr)
			if err != nil {
				x.network.trace.NoAnswer(addr, st.proto, err)
				x.note("%s/%s: %v", addr, st.proto, err)
				continue
			}
			if reply, err := x.waitFor(ctx, c); reply != nil || err != nil {
				return reply, err
			}
		}
	}
	return nil, nil
}

// again sends the request once more to each KDC that was asked over UDP and has not replied.
func (x *exchange) again(ctx context.Context) ([]byte, error) {
	for _, c := range x.conversations {
		if !c.silent() || c.proto != "udp" {
			continue
		}
		x.network.trace.Sending(len(x.request), c.addr, c.proto, true)
		if _, err := c.conn.Write(x.request); err != nil {
			continue // the reader also sees the error
		}
		if reply, err := x.waitFor(ctx, c); reply != nil || err != nil {
			return reply, err
		}
	}
	return nil, nil
}

// waitFor waits for a reply, while c is silent, until it is time to ask the next KDC.
func (x *exchange) waitFor(ctx context.Context, c *conversation) ([]byte, error) {
	reply, err := x.wait(ctx, x.pace.each, c.silent)
	if reply == nil && err == nil && c.silent() {
		x.network.trace.NoAnswer(c.addr, c.proto, errNotYet)
	}
	return reply, err
}

// wait waits for a reply on any conversation while there is reason to, at most for d.
func (x *exchange) wait(ctx context.Context, d time.Duration, reason func() bool) ([]byte, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for reason() {
		select {
		case e := <-x.events:
			e.from.over = e.last
			e.from.refused++ // unless this ends the exchange
			if reply, err := x.judge(e); reply != nil || err != nil {
				return reply, err
			}
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			if x.failure != nil {
				return nil, x.unreachable()
			}
			return nil, status.Errorf(status.Failure, status.KRB5_KDC_UNREACH, "Cannot contact any KDC for realm '%s', %s%s",
				x.realm, ended(ctx), x.notes())
		}
	}
	return nil, nil
}

// errNotYet is for the trace.
var errNotYet = errors.New("no reply yet")

// ended says for an administrator why ctx is over.
func ended(ctx context.Context) string {
	if ctx.Err() == context.DeadlineExceeded {
		return "the time is over"
	}
	return "it was interrupted"
}

// judge returns an acceptable reply. If both results are nil, the exchange continues with other KDCs.
func (x *exchange) judge(e event) ([]byte, error) {
	if e.err != nil {
		x.network.trace.NoAnswer(e.from.addr, e.from.proto, e.err)
		x.note("%s: %v", e.from, e.err)
		return nil, nil
	}
	x.network.trace.Answer(len(e.reply), e.from.addr, e.from.proto)
	x.network.from = e.from.addr.Addr()
	if kerr, err := token.ParseKRBError(e.reply); err == nil {
		switch {
		case kerr.Code == codeResponseTooBig && e.from.proto == "udp":
			x.failed(e.from, status.Errorf(status.Failure, status.KRB5KRB_ERR_RESPONSE_TOO_BIG,
				"its reply is too long for UDP, and it cannot be reached over TCP"))
			return nil, errTooBig
		case kerr.Code == codeSvcUnavailable:
			x.failed(e.from, status.Errorf(status.Failure, status.KRB5KDC_ERR_SVC_UNAVAILABLE, "it is not available now"))
			return nil, nil
		}
	}
	if err := x.check(e.reply); err != nil {
		x.failed(e.from, status.Of(err))
		return nil, nil
	}
	return e.reply, nil
}

// failed remembers a reply that cannot be used.
func (x *exchange) failed(c *conversation, err *status.Error) {
	x.network.trace.Ignored(c.addr, c.proto, err)
	x.failure = status.Errorf(err.Major, err.Minor, "%s: KDC %s of realm %s: %s", err.Minor.Text(), c, x.realm, err.Text)
}

// note remembers why a KDC did not reply. A dozen notes are enough for an administrator.
func (x *exchange) note(format string, args ...any) {
	if len(x.unanswered) < 12 {
		x.unanswered = append(x.unanswered, fmt.Sprintf(format, args...))
	}
}

func (x *exchange) notes() string {
	for _, c := range x.conversations {
		if !c.over {
			x.note("%s: no answer", c)
		}
	}
	if len(x.unanswered) == 0 {
		return ""
	}
	return " (" + strings.Join(x.unanswered, "; ") + ")"
}

// unreachable is the error if no KDC sent a usable reply.
func (x *exchange) unreachable() error {
	if x.failure != nil {
		return x.failure
	}
	return status.Errorf(status.Failure, status.KRB5_KDC_UNREACH, "Cannot contact any KDC for realm '%s'%s",
		x.realm, x.notes())
}

// close ends all conversations and waits for their goroutines.
func (x *exchange) close() {
	close(x.done)
	for _, c := range x.conversations {
		c.close()
	}
	x.running.Wait()
}
