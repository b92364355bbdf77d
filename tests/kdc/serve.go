// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"libgssapi/tests/kdc/realm"
)

// serveOptions are common to realm and serve.
type serveOptions struct {
	port     int
	skew     time.Duration
	fault    string
	udpLimit int
	noUDP    bool
	noTCP    bool
	maxTime  time.Duration
	logFile  string
	conf     string
}

func (o *serveOptions) flags(fs *flag.FlagSet) {
	fs.IntVar(&o.port, "port", 0, "port for UDP and TCP; 0 takes a free one")
	fs.DurationVar(&o.skew, "skew", 0, "how far the KDC's clock is ahead, such as 20m or -20m")
	modes := slices.Sorted(maps.Keys(realm.Faults))
	for i, m := range modes {
		modes[i] = fmt.Sprintf("  %-8s %s", m, realm.Faults[m])
	}
	fs.StringVar(&o.fault, "fault", "",
		"misbehave: `mode`[,mode], each of them for all or as udp:mode, tcp:mode\n"+strings.Join(modes, "\n"))
	fs.IntVar(&o.udpLimit, "udp-limit", 0, "octets of the longest reply over UDP; longer ones ask for TCP (0: 1465)")
	fs.BoolVar(&o.noUDP, "no-udp", false, "leave the UDP port closed")
	fs.BoolVar(&o.noTCP, "no-tcp", false, "leave the TCP port closed")
	fs.DurationVar(&o.maxTime, "max-time", time.Hour, "exit after this time in any case")
	fs.StringVar(&o.logFile, "log", "", "append a line per exchange to `file`")
	fs.StringVar(&o.conf, "libdefaults", "", "further `lines` for krb5.conf's [libdefaults], separated by ';'")
}

func (o *serveOptions) start(c *realm.Config) (*realm.Server, error) {
	if o.skew != 0 {
		c.Skew = realm.Duration(o.skew)
	}
	if o.fault != "" {
		c.Fault = o.fault
	}
	if o.udpLimit != 0 {
		c.UDPLimit = o.udpLimit
	}
	c.NoUDP, c.NoTCP = c.NoUDP || o.noUDP, c.NoTCP || o.noTCP
	var log func(string)
	if o.logFile != "" {
		f, err := os.OpenFile(o.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		log = func(s string) { fmt.Fprintf(f, "%s %s\n", time.Now().Format("15:04:05.000"), s) }
	}
	return realm.Start(c, o.port, log)
}

func (o *serveOptions) libdefaults() []string {
	return strings.FieldsFunc(o.conf, func(r rune) bool { return r == ';' })
}

// wait returns when the server is to stop.
func (o *serveOptions) wait() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	closed := make(chan struct{})
	// A background job of a shell has /dev/null as stdin: only a pipe's end means that nobody is there any more.
	if fi, err := os.Stdin.Stat(); err == nil && fi.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0 {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			close(closed)
		}()
	}
	select {
	case <-stop:
	case <-closed:
	case <-time.After(o.maxTime):
	}
}

func cmdServe(args []string) error {
	var o serveOptions
	fs := newFlags("serve", "")
	o.flags(fs)
	config := fs.String("config", "", "the database, `kdc.json`")
	krb5conf := fs.String("krb5-conf", "", "write a krb5.conf to `file`")
	ready := fs.String("ready", "", "write the address to `file` when all is ready")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *config == "" || len(operands) > 0 {
		return errors.New("-config kdc.json is needed, and nothing besides options")
	}
	c, err := realm.Load(*config)
	if err != nil {
		return err
	}
	s, err := o.start(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if *krb5conf != "" {
		if err := os.WriteFile(*krb5conf, []byte(c.KRB5Conf(s.Addr, o.libdefaults()...)), 0o644); err != nil {
			return err
		}
	}
	if *ready != "" {
		if err := realm.WriteFile(*ready, []byte(s.Addr+"\n")); err != nil {
			return err
		}
	}
	o.wait()
	return nil
}

func cmdRealm(args []string) error {
	var o serveOptions
	var enctypes enctypeList
	fs := newFlags("realm", "DIR [-- command ...]")
	o.flags(fs)
	fs.Var(&enctypes, "enctypes", "`list` of the enctypes that all principals have keys of, such as 19 or 18,17")
	life := fs.Duration("life", 0, "lifetime of the logins in DIR (0: 10h)")
	operands, command, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(operands) != 1 {
		return errors.New("one directory is wanted")
	}
	dir, err := filepath.Abs(operands[0])
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	os.Remove(filepath.Join(dir, "ready"))
	c, err := realm.Demo(enctypes)
	if err != nil {
		return err
	}
	if err := c.Save(filepath.Join(dir, "kdc.json")); err != nil {
		return err
	}
	s, err := o.start(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := populate(dir, c, s, &o, *life); err != nil {
		return err
	}
	if len(command) > 0 {
		return run(dir, command, o.maxTime)
	}
	o.wait()
	return nil
}

// populate writes all files of a realm; ready is the last.
func populate(dir string, c *realm.Config, s *realm.Server, o *serveOptions, life time.Duration) error {
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("krb5.conf"), []byte(c.KRB5Conf(s.Addr, o.libdefaults()...)), 0o644); err != nil {
		return err
	}
	// The logins come from a KDC of the same database that is in order, whatever is wrong with the one outside.
	sound := *c
	sound.Fault, sound.NoTCP, sound.NoUDP = "", false, false
	kdc, err := realm.Start(&sound, 0, nil)
	if err != nil {
		return err
	}
	defer kdc.Close()
	for i, r := range c.Realms {
		entries, err := r.Keytab(r.Services()...)
		if err != nil {
			return err
		}
		name := []string{"krb5.keytab", "other.keytab", "third.keytab"}[i]
		if err := realm.WriteFile(file(name), realm.MarshalKeytab(entries...)); err != nil {
			return err
		}
		for _, u := range r.Users() {
			if entries, err = r.Keytab(u); err != nil {
				return err
			}
			if err := realm.WriteFile(file(u+".keytab"), realm.MarshalKeytab(entries...)); err != nil {
				return err
			}
			l := realm.Login{Client: u + "@" + r.Name, Password: u + "-password", KDCs: []string{kdc.Addr},
				Forwardable: true, Renewable: 24 * time.Hour, Lifetime: life}
			cred, offset, err := l.Do()
			if err != nil {
				return fmt.Errorf("login of %s: %w", l.Client, err)
			}
			if err := realm.WriteFile(file(u+".ccache"), realm.MarshalCCache(l.Client, offset, cred)); err != nil {
				return err
			}
		}
	}
	var env strings.Builder
	for _, v := range environment(dir) {
		k, v, _ := strings.Cut(v, "=")
		fmt.Fprintf(&env, "%s='%s'; export %s\n", k, strings.ReplaceAll(v, "'", `'\''`), k)
	}
	if err := os.WriteFile(file("env.sh"), []byte(env.String()), 0o644); err != nil {
		return err
	}
	return realm.WriteFile(file("ready"), []byte(s.Addr+"\n"))
}

func environment(dir string) []string {
	return []string{
		"KRB5_CONFIG=" + filepath.Join(dir, "krb5.conf"),
		"KRB5_KTNAME=FILE:" + filepath.Join(dir, "krb5.keytab"),
		"KRB5CCNAME=FILE:" + filepath.Join(dir, "alice.ccache"),
		"KRB5RCACHENAME=dfl:",
		"KRB5RCACHEDIR=" + dir,
	}
}

// run runs the command in the realm and stops it after the time limit.
func run(dir string, command []string, limit time.Duration) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), environment(dir)...)
	if err := cmd.Start(); err != nil {
		return err
	}
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	limited := time.After(limit)
	for {
		select {
		case s := <-sig:
			cmd.Process.Signal(s)
		case <-limited:
			cmd.Process.Signal(syscall.SIGTERM)
			time.AfterFunc(2*time.Second, func() { cmd.Process.Kill() })
		case err := <-done:
			var e *exec.ExitError
			if !errors.As(err, &e) {
				return err
			}
			if n := e.ExitCode(); n > 0 {
				return exitStatus(n)
			}
			return exitStatus(128 + int(e.Sys().(syscall.WaitStatus).Signal()))
		}
	}
}
