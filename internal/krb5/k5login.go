// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxLoginFile is the largest size of a file .k5login, in octets.
const maxLoginFile = 1 << 20

// Account is an account of this host.
type Account struct {
	UID  uint32
	Home string
}

// MayUse returns nil if p may use the account user, as MIT krb5's krb5_kuserok(3) decides. The file .k5login of the account
// (k5login(5)) lists who may. If there is none, or if it does not list p and k5login_authoritative is false, p may use the
// account that it maps to. realm is the default realm.
func (env *Env) MayUse(p token.Principal, user, realm string) error {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return err
	}
	// The name becomes part of a path.
	if user == "" || user == "." || user == ".." || strings.ContainsAny(user, "/\x00") || env.Account == nil {
		return status.Errorf(status.Unauthorized, status.G_NOUSER, "there is no account %q", user)
	}
	account, ok := env.Account(user)
	if !ok {
		return status.Errorf(status.Unauthorized, status.G_NOUSER, "there is no account %q", user)
	}
	switch listed, err := cfg.listed(p, user, account); {
	case listed:
		return nil
	case err != nil && cfg.boolean("k5login_authoritative", true):
		return status.Errorf(status.Unauthorized, status.Generic, "%s may not use the account %s: %v", p, user, err)
	}
	name, err := cfg.LocalName(p, realm)
	if err != nil {
		return status.WithMajor(err, status.Unauthorized)
	}
	if name != user {
		return status.Errorf(status.Unauthorized, status.Generic, "%s may not use the account %s, only the account %s", p, user, name)
	}
	return nil
}

// listed reports whether the account's .k5login lists p. If it does not, err says why, or is nil if there is no such file.
// A file in a directory that cannot be searched counts as missing, as in MIT krb5: home directories on NFS are closed to
// the superuser of its clients.
func (c *Config) listed(p token.Principal, user string, account Account) (listed bool, err error) {
	path := filepath.Join(account.Home, ".k5login")
	if dir, ok := c.first("libdefaults", "k5login_directory"); ok {
		if path = filepath.Join(dir, user); !filepath.IsAbs(path) {
			return false, errors.New("k5login_directory = " + dir + " is not an absolute path")
		}
	}
	if !filepath.IsAbs(path) {
		return false, nil
	}
	var st unix.Stat_t
	switch err := unix.Stat(path, &st); {
	case err == unix.ENOENT, err == unix.ENOTDIR, err == unix.EACCES:
		return false, nil
	case err != nil:
		return false, pathError(path, err)
	}
	fd, err := openRetry(path, readFlags, 0)
	if err != nil {
		return false, pathError(path, err)
	}
	defer descriptor.Of(fd).Close()
	// Whoever can write the file decides who may use the account.
	switch err := unix.Fstat(fd, &st); {
	case err != nil:
		return false, pathError(path, err)
	case st.Uid != account.UID && st.Uid != 0:
		return false, errors.New(path + " belongs to another user")
	case st.Mode&unix.S_IWOTH != 0:
		return false, errors.New(path + " can be written by everybody")
	}
	text, _, err := readFD(fd, path, maxLoginFile)
	if err != nil {
		return false, pathError(path, err)
	}
	wanted := p.String()
	for line := range strings.Lines(string(text)) {
		if strings.TrimSuffix(line, "\n") == wanted {
			return true, nil
		}
	}
	return false, errors.New(path + " does not list it")
}

func pathError(path string, err error) error { return errors.New(path + ": " + err.Error()) }
