// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// A path is one in the file system, where rights guard it.
func TestLocalPathIsNoAbstractName(t *testing.T) {
	name := "@libgssapi-test-" + strconv.Itoa(os.Getpid())
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := DialLocal(context.Background(), name)
	if err == nil {
		c.Close()
		t.Fatal("connected to whoever claimed the name")
	}
	if !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
}
