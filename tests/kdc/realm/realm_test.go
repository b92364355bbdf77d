// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// mit runs one of MIT's programs in a realm. Without them the test has nothing to compare with.
type mit struct {
	t   *testing.T
	dir string
	env []string
}

func start(t *testing.T, c *Config) (*mit, *Server) {
	t.Helper()
	for _, p := range []string{"kinit", "kvno", "klist"} {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%v: install krb5-user", err)
			}
			t.Skipf("%v: install krb5-user", err)
		}
	}
	s, err := Start(c, 0, func(l string) { t.Log(l) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	m := &mit{t: t, dir: t.TempDir()}
	conf := filepath.Join(m.dir, "krb5.conf")
	if err := os.WriteFile(conf, []byte(c.KRB5Conf(s.Addr, "max_retries = 2")), 0o600); err != nil {
		t.Fatal(err)
	}
	m.env = append(os.Environ(), "KRB5_CONFIG="+conf, "KRB5CCNAME=FILE:"+m.file("cc"), "LC_ALL=C", "TZ=UTC")
	return m, s
}

func (m *mit) file(name string) string { return filepath.Join(m.dir, name) }

func (m *mit) run(stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stdin = m.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *mit) must(stdin string, args ...string) string {
	m.t.Helper()
	out, err := m.run(stdin, args...)
	if err != nil {
		m.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func demo(t *testing.T, enctypes ...int32) *Config {
	t.Helper()
	c, err := Demo(enctypes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var enctypeNames = map[int32]string{
	17: "aes128-cts-hmac-sha1-96", 18: "aes256-cts-hmac-sha1-96",
	19: "aes128-cts-hmac-sha256-128", 20: "aes256-cts-hmac-sha384-192",
}

func TestMITLogsInAndGetsTickets(t *testing.T) {
	for _, e := range AllEnctypes {
		for _, proto := range []string{"udp", "tcp"} {
			t.Run(fmt.Sprintf("%d-%s", e, proto), func(t *testing.T) {
				c := demo(t, e)
				c.NoUDP, c.NoTCP = proto == "tcp", proto == "udp"
				m, _ := start(t, c)
				m.must("alice-password\n", "kinit", "alice")
				m.must("", "kvno", "demo/localhost", "demo/server.other.test@OTHER.TEST")
				list := m.must("", "klist", "-e")
				both := enctypeNames[e] + ", " + enctypeNames[e]
				if n := strings.Count(list, both); n != 4 {
					t.Errorf("%d tickets of %s, want 4:\n%s", n, both, list)
				}
			})
		}
	}
}

func TestMITLogsInWithKeytabAndWithoutPreauth(t *testing.T) {
	c := demo(t)
	m, _ := start(t, c)
	entries, err := c.Realms[0].Keytab("bob", "carol")
	if err != nil {
		t.Fatal(err)
	}
	kt := m.file("kt")
	if err := WriteFile(kt, MarshalKeytab(entries...)); err != nil {
		t.Fatal(err)
	}
	m.must("", "kinit", "-k", "-t", kt, "bob")
	m.must("", "kinit", "-k", "-t", kt, "carol")
	if out := m.must("", "klist", "-k", "-e", kt); strings.Count(out, "bob@DEMO.TEST") != 4 {
		t.Errorf("keytab shows:\n%s", out)
	}
}

func TestMITFollowsReferralsOverTwoHops(t *testing.T) {
	m, _ := start(t, demo(t))
	m.must("alice-password\n", "kinit", "alice")
	m.must("", "kvno", "-S", "demo", "server.third.test")
	if out := m.must("", "klist"); !strings.Contains(out, "demo/server.third.test@THIRD.TEST") {
		t.Errorf("no ticket of the third realm:\n%s", out)
	}
}

func TestBigReplyGoesOverTCP(t *testing.T) {
	m, _ := start(t, demo(t))
	m.must("alice-password\n", "kinit", "alice")
	m.must("", "kvno", "big/localhost")
}

func TestMITToleratesSkewOfTheKDC(t *testing.T) {
	c := demo(t)
	c.Skew = Duration(20 * time.Minute)
	m, _ := start(t, c)
	m.must("alice-password\n", "kinit", "alice")
	m.must("", "kvno", "demo/localhost")
}

func TestWrongPasswordIsRefused(t *testing.T) {
	m, _ := start(t, demo(t))
	if out, err := m.run("nonsense\n", "kinit", "alice"); err == nil {
		t.Errorf("kinit took a wrong password:\n%s", out)
	}
}

func TestMITRefusesRepliesThatBelongToOtherRequests(t *testing.T) {
	m, _ := start(t, demo(t))
	m.must("alice-password\n", "kinit", "alice")
	for _, s := range []string{"nonce/localhost", "sname/localhost", "refused/localhost", "nobody/localhost"} {
		if out, err := m.run("", "kvno", s); err == nil {
			t.Errorf("kvno %s succeeded:\n%s", s, out)
		}
	}
}

func TestLoginIsReadByMIT(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		m, s := start(t, demo(t))
		l := Login{Client: "alice@DEMO.TEST", Password: "alice-password", KDCs: []string{s.Addr}, TCP: tcp}
		cred, offset, err := l.Do()
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(m.file("cc"), MarshalCCache(cred.Client, offset, cred)); err != nil {
			t.Fatal(err)
		}
		m.must("", "kvno", "demo/localhost")
	}
}

func TestLoginWithWrongPasswordFails(t *testing.T) {
	s, err := Start(demo(t), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, user := range []string{"alice", "carol", "nobody"} {
		l := Login{Client: user + "@DEMO.TEST", Password: "wrong", KDCs: []string{s.Addr}}
		if _, _, err := l.Do(); err == nil {
			t.Errorf("%s logged in", user)
		}
	}
}

func TestForgedTicketIsReadByMIT(t *testing.T) {
	c := demo(t)
	m, s := start(t, c)
	s.Close() // the ticket is all there is
	p := c.Realms[0].Principal("demo/localhost")
	key, err := p.Key(DemoRealm, 18)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	tkt := Ticket{Client: "alice@DEMO.TEST", Server: "demo/localhost@DEMO.TEST", Key: key, KVNO: 2, Session: NewKey(19),
		AuthTime: now, EndTime: now.Add(time.Hour)}
	der, err := tkt.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	cred := &Credential{Client: tkt.Client, Server: tkt.Server, Key: tkt.Session, AuthTime: now, EndTime: tkt.EndTime,
		Ticket: der}
	if err := WriteFile(m.file("cc"), MarshalCCache(tkt.Client, 0, cred)); err != nil {
		t.Fatal(err)
	}
	entries, err := c.Realms[0].Keytab("demo/localhost")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(m.file("kt"), MarshalKeytab(entries...)); err != nil {
		t.Fatal(err)
	}
	// kvno -k decrypts the ticket with the keytab.
	m.must("", "kvno", "-k", m.file("kt"), "demo/localhost")
	key.KeyValue[0] ^= 1
	if err := WriteFile(m.file("kt"), MarshalKeytab(KeytabEntry{tkt.Server, 2, key, now})); err != nil {
		t.Fatal(err)
	}
	if out, err := m.run("", "kvno", "-k", m.file("kt"), "demo/localhost"); err == nil {
		t.Errorf("kvno decrypted the ticket with a wrong key:\n%s", out)
	}
}

func TestKeysSurviveSaveAndLoad(t *testing.T) {
	c := demo(t)
	file := filepath.Join(t.TempDir(), "kdc.json")
	if err := c.Save(file); err != nil {
		t.Fatal(err)
	}
	d, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range c.Realms {
		for j, p := range r.Principals {
			for _, e := range p.Enctypes {
				a, err := p.Key(r.Name, e)
				if err != nil {
					t.Fatal(err)
				}
				if b, err := d.Realms[i].Principals[j].Key(r.Name, e); err != nil || !bytes.Equal(a.KeyValue, b.KeyValue) {
					t.Errorf("%s, enctype %d: another key after loading (%v)", p.Name, e, err)
				}
			}
		}
	}
}

func TestShortCiphertextIsAnError(t *testing.T) {
	for _, e := range AllEnctypes {
		for n := range shortest(e) {
			if _, err := open(types.EncryptedData{EType: e, Cipher: make([]byte, n)}, NewKey(e), 2); err == nil {
				t.Errorf("enctype %d: %d octets decrypted", e, n)
			}
		}
	}
}

func TestFaultsKeepLoginsOut(t *testing.T) {
	for _, fault := range []string{"garbage", "half", "empty", "huge", "error", "deaf"} {
		t.Run(fault, func(t *testing.T) {
			c := demo(t)
			c.Fault, c.NoUDP = fault, fault == "huge"
			s, err := Start(c, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			l := Login{Client: "alice@DEMO.TEST", Password: "alice-password", KDCs: []string{s.Addr}, TCP: fault != "error"}
			if _, _, err := l.Do(); err == nil {
				t.Error("login succeeded")
			}
		})
	}
}

func TestTrickleAndLossLetLoginsIn(t *testing.T) {
	for _, fault := range []string{"tcp:trickle", "udp:toobig", "udp:drop2"} {
		c := demo(t)
		c.Fault = fault
		s, err := Start(c, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		l := Login{Client: "alice@DEMO.TEST", Password: "alice-password", KDCs: []string{s.Addr}, TCP: fault == "tcp:trickle"}
		if _, _, err := l.Do(); err != nil {
			t.Errorf("%s: %v", fault, err)
		}
		s.Close()
	}
}

// FuzzAnswer: whatever is asked, the KDC answers and goes on.
func FuzzAnswer(f *testing.F) {
	c, err := Demo([]int32{18})
	if err != nil {
		f.Fatal(err)
	}
	q := messages.ASReq{KDCReqFields: messages.KDCReqFields{PVNO: 5, MsgType: 10}}
	q.ReqBody = messages.KDCReqBody{KDCOptions: newFlags(1), CName: principalName("carol"), Realm: DemoRealm,
		SName: principalName("krbtgt/" + DemoRealm), Till: time.Unix(2e9, 0).UTC(), Nonce: 1, EType: []int32{18}}
	b, err := q.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		rep := c.Answer(b, time.Now())
		var e messages.KRBError
		if len(rep) == 0 || rep[0]&0x1f == asnAppTag.KRBError && (e.Unmarshal(rep) != nil ||
			e.ErrorCode == errorcode.KDC_ERR_NONE) {
			t.Errorf("unreadable answer %x", rep)
		}
	})
}
