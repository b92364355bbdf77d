// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"libgssapi/tests/kdc/nameserver"
	"libgssapi/tests/kdc/realm"
)

func cmdDNS(args []string) error {
	fs := newFlags("dns", "ZONEFILE")
	address := fs.String("address", "127.0.0.53:53", "`address:port` for UDP and TCP")
	var help []string
	for _, m := range slices.Sorted(maps.Keys(nameserver.Modes)) {
		help = append(help, fmt.Sprintf("  %-8s %s", m, nameserver.Modes[m]))
	}
	modes := fs.String("mode", "", "`mode`[,mode]:\n"+strings.Join(help, "\n"))
	ready := fs.String("ready", "", "write the address to `file` when all is ready")
	var o serveOptions
	fs.DurationVar(&o.maxTime, "max-time", time.Hour, "exit after this time in any case")
	operands, _, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(operands) != 1 {
		return errors.New("one file with records is wanted, lines \"name type data\"")
	}
	zone, err := os.ReadFile(operands[0])
	if err != nil {
		return err
	}
	s, err := nameserver.Start(*address, string(zone), strings.FieldsFunc(*modes, func(r rune) bool { return r == ',' }),
		func(line string) { fmt.Println(line) })
	if err != nil {
		return err
	}
	defer s.Close()
	if *ready != "" {
		if err := realm.WriteFile(*ready, []byte(*address+"\n")); err != nil {
			return err
		}
	}
	o.wait()
	return nil
}
