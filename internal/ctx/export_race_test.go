// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
)

// sendNumber is the sequence number of a Wrap token (RFC 4121, Section 4.2.6.2).
func sendNumber(tok []byte) uint64 { return binary.BigEndian.Uint64(tok[8:]) }

// If threads send while another one exports, no sequence number is used both before the export and after the import.
func TestExportWhileThreadsSend(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA1)
	for range 200 {
		client, _ := pair(t, r, allFlags)
		var sent [3]uint64 // the last number that each thread has used
		var gone atomic.Bool
		var started, group sync.WaitGroup
		started.Add(len(sent))
		for i := range sent {
			group.Go(func() {
				var arrived sync.Once
				for {
					late := gone.Load()
					tok, err := client.Wrap(false, 0, []byte("text"), memory)
					arrived.Do(started.Done)
					if err != nil {
						wantMajor(t, err, status.NoContext)
						return
					}
					if late {
						t.Error("the exporter sends after the export")
						return
					}
					sent[i] = sendNumber(tok)
				}
			})
		}
		started.Wait()
		moved := move(t, r, client)
		gone.Store(true)
		group.Wait()
		tok, err := moved.Wrap(false, 0, []byte("text"), memory)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range sent {
			if sendNumber(tok) <= n {
				t.Fatalf("number %d was used before the move, %d after it", n, sendNumber(tok))
			}
		}
	}
}

// Threads that send do not notice an export that fails.
func TestFailedExportWhileThreadsSend(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA2)
	client, _ := pair(t, r, allFlags)
	configure(t, r, "test = {\nledger_directory = "+r.Dir+"/missing\n}")
	r.Env.Program = "test"
	var stop atomic.Bool
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for !stop.Load() {
				if _, err := client.GetMIC(0, []byte("text"), memory); err != nil {
					t.Errorf("a message fails: %v", err)
					return
				}
			}
		})
	}
	for range 500 {
		if _, err := client.Export(r.Env, memory); err == nil {
			t.Fatal("there is a ledger")
		}
	}
	stop.Store(true)
	group.Wait()
}
