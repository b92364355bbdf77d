// SPDX-License-Identifier: BSD-2-Clause

// Kdc sets up a Kerberos realm for tests and demonstrations: a KDC, logins, keytabs and tickets of any shape, without
// an installed Kerberos.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"libgssapi/tests/kdc/realm"
)

const usage = `usage: kdc command [arguments]; "kdc command -h" lists the options of one

  kdc realm DIR [options] [-- command ...]
        make a new realm in DIR and serve it: until SIGTERM, until stdin closes if that is a pipe, or, with a command,
        until the command ends (its exit status is then kdc's). DIR gets
            krb5.conf                      for KRB5_CONFIG; names the KDC's port
            krb5.keytab                    for KRB5_KTNAME: the services of DEMO.TEST
            other.keytab third.keytab      those of OTHER.TEST and THIRD.TEST
            alice.keytab ...               one per user
            alice.ccache bob.ccache ...    a fresh login of each user, forwardable (with -skew: as kinit finds it)
            env.sh                         sets KRB5_CONFIG, KRB5_KTNAME, KRB5CCNAME (alice), KRB5RCACHENAME
            kdc.json                       the database, for "kdc serve"
            ready                          written last: the KDC's address
        The command runs with the environment of env.sh.
        Users: alice bob carol (no pre-authentication), of OTHER.TEST dave, of THIRD.TEST erin; password NAME-password.
        Services: demo/ and host/ with localhost, server.demo.test and this host's name; for others see DIR/kdc.json.
  kdc serve -config kdc.json [-port N] [-krb5-conf FILE] [-ready FILE] [options]
        serve the realms of a JSON file
  kdc kinit [-k keytab | -p password] [-c ccache] [-kdc host:port] user[@REALM]
        get a ticket-granting ticket from any KDC and write a credential cache
  kdc keytab -o FILE [-config kdc.json] [-realm R] principal ...
        write keys of the database, or of a password or chance, into a keytab
  kdc ticket -config kdc.json -c ccache [options] client server
        forge a service ticket, right or wrong in any way, and put it into a credential cache; asks no KDC
  kdc dns [-address A:PORT] [-mode M] ZONEFILE
        a DNS server with the records of a file, right or wrong in many ways; it prints what it is asked
  kdc secrets [-c ccache] [enctype:hex ...]
        print keys and what is derived of them, to look for in the memory of a process

Examples:
  kdc realm /tmp/r &                     # then: . /tmp/r/env.sh; klist; kvno demo@localhost
  kdc realm /tmp/r -enctypes 19 -- sh -c 'acceptor & client localhost demo'
  kdc realm /tmp/r -fault udp:drop2,tcp:trickle
  kdc ticket -config /tmp/r/kdc.json -c /tmp/r/x -start -2h -end -1h -cc-end 1h alice@DEMO.TEST demo/localhost@DEMO.TEST
`

var commands = map[string]func(args []string) error{
	"realm":   cmdRealm,
	"serve":   cmdServe,
	"kinit":   cmdKinit,
	"keytab":  cmdKeytab,
	"ticket":  cmdTicket,
	"secrets": cmdSecrets,
	"dns":     cmdDNS,
}

// exitStatus is an error that says nothing but how to exit.
type exitStatus int

func (e exitStatus) Error() string { return "exit status " + strconv.Itoa(int(e)) }

func main() {
	if len(os.Args) < 2 || slices.Contains([]string{"-h", "-help", "--help", "help"}, os.Args[1]) {
		fmt.Print(usage)
		return
	}
	cmd, ok := commands[os.Args[1]]
	if !ok {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	err := cmd(os.Args[2:])
	var status exitStatus
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, &status):
		os.Exit(int(status))
	default:
		fmt.Fprintf(os.Stderr, "kdc %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// parse takes options and operands in any order, up to "--".
func parse(fs *flag.FlagSet, args []string) (operands, rest []string, err error) {
	if i := slices.Index(args, "--"); i >= 0 {
		args, rest = args[:i], args[i+1:]
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, nil, err
		}
		if args = fs.Args(); len(args) == 0 {
			return operands, rest, nil
		}
		operands, args = append(operands, args[0]), args[1:]
	}
}

func newFlags(name, operands string) *flag.FlagSet {
	fs := flag.NewFlagSet("kdc "+name, flag.ContinueOnError)
	fs.Usage = func() {
		out := io.Writer(os.Stderr)
		fmt.Fprintf(out, "usage: kdc %s [options] %s\n", name, operands)
		fs.PrintDefaults()
	}
	return fs
}

// enctypeList reads "18,17".
type enctypeList []int32

func (l *enctypeList) String() string { return "" }

func (l *enctypeList) Set(s string) error {
	*l = nil
	for _, f := range strings.Split(s, ",") {
		n, err := strconv.ParseInt(f, 10, 32)
		if err != nil || !slices.Contains(realm.AllEnctypes, int32(n)) {
			return fmt.Errorf("enctype %q: one of %v is wanted", f, realm.AllEnctypes)
		}
		*l = append(*l, int32(n))
	}
	return nil
}
