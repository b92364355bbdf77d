// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/keytab"

	"libgssapi/tests/kdc/realm"
)

func cmdKinit(args []string) error {
	fs := newFlags("kinit", "user[@REALM]")
	var enctypes enctypeList
	ktab := fs.String("k", "", "take the key from this keytab `file`")
	password := fs.String("p", "", "the password; without -k and -p, the first line of stdin")
	ccache := fs.String("c", os.Getenv("KRB5CCNAME"), "credential cache `file` to write")
	kdc := fs.String("kdc", "", "`host:port` of the KDC; otherwise krb5.conf says it")
	conf := fs.String("conf", os.Getenv("KRB5_CONFIG"), "krb5.conf `file`")
	life := fs.Duration("l", 10*time.Hour, "lifetime")
	renew := fs.Duration("r", 0, "renewable lifetime")
	forward := fs.Bool("f", true, "ask for a forwardable ticket")
	service := fs.String("S", "", "ask for a ticket for this service instead of the ticket-granting one")
	tcp := fs.Bool("tcp", false, "do not try UDP")
	fs.Var(&enctypes, "enctypes", "`list` of enctypes to ask for")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(operands) != 1 {
		return errors.New("one user is wanted")
	}
	if *conf == "" {
		*conf = "/etc/krb5.conf"
	}
	l := realm.Login{Client: operands[0], Server: *service, Password: *password, Enctypes: enctypes, Lifetime: *life,
		Renewable: *renew, Forwardable: *forward, TCP: *tcp}
	if err := locate(&l, *conf, *kdc); err != nil {
		return err
	}
	if *ktab != "" {
		if l.Keytab, err = keytab.Load(strings.TrimPrefix(*ktab, "FILE:")); err != nil {
			return err
		}
	} else if *password == "" {
		fmt.Fprintf(os.Stderr, "Password for %s: ", l.Client)
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return err
		}
		l.Password = strings.TrimRight(line, "\r\n")
	}
	file := strings.TrimPrefix(*ccache, "FILE:")
	if file == "" {
		file = fmt.Sprintf("/tmp/krb5cc_%d", os.Getuid())
	}
	cred, offset, err := l.Do()
	if err != nil {
		return err
	}
	return realm.WriteFile(file, realm.MarshalCCache(cred.Client, offset, cred))
}

// locate completes a login from krb5.conf: the default realm, and the KDCs unless one is named.
func locate(l *realm.Login, conf, kdc string) error {
	_, name, named := strings.Cut(l.Client, "@")
	if kdc != "" && named {
		l.KDCs = []string{kdc}
		return nil
	}
	defaultRealm, kdcs, err := readKRB5Conf(conf)
	if err != nil {
		return err
	}
	if !named {
		if name = defaultRealm; name == "" {
			return fmt.Errorf("%s names no default_realm", conf)
		}
		l.Client += "@" + name
	}
	if l.KDCs = kdcs[name]; kdc != "" {
		l.KDCs = []string{kdc}
	}
	if len(l.KDCs) == 0 {
		return fmt.Errorf("%s names no kdc of %s", conf, name)
	}
	return nil
}

// readKRB5Conf reads default_realm and kdc lines: all of krb5.conf that a login here needs.
func readKRB5Conf(file string) (defaultRealm string, kdcs map[string][]string, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	kdcs = make(map[string][]string)
	section, current := "", ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section, current = strings.Trim(line, "[]*"), ""
			continue
		}
		if strings.HasPrefix(line, "}") {
			current = ""
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), "\"")
		switch {
		case section == "libdefaults" && key == "default_realm":
			defaultRealm = value
		case section == "realms" && value == "{":
			current = key
		case section == "realms" && current != "" && key == "kdc":
			if i := strings.LastIndexByte(value, '/'); i >= 0 {
				value = value[i+1:]
			}
			if !strings.Contains(value, ":") {
				value += ":88"
			}
			kdcs[current] = append(kdcs[current], value)
		}
	}
	return defaultRealm, kdcs, nil
}
