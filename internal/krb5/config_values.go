// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseInteger reads a decimal integer without blanks.
func parseInteger(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return n, err == nil
}

// parseDuration reads an interval as MIT krb5 does: seconds, "1d 2h 3m 4s" or any of its parts, "h:m", "h:m:s", or
// "d-h:m:s". Anything from the first other character on is ignored.
func parseDuration(s string) (time.Duration, bool) {
	if i := strings.IndexFunc(s, func(c rune) bool { return !strings.ContainsRune("0123456789dhms:- \t\n", c) }); i >= 0 {
		s = s[:i]
	}
	var total int64
	add := func(n, unit int64) { total += n * unit }
	n, rest, ok := leadingNumber(s)
	switch {
	case !ok:
		return 0, false
	case rest == "":
		add(n, 1)
	case rest[0] == ':':
		return clockDuration(0, n, rest[1:])
	case rest[0] == '-':
		h, rest, ok := leadingNumber(rest[1:])
		if !ok || !strings.HasPrefix(rest, ":") || strings.Count(rest, ":") != 2 {
			return 0, false
		}
		return clockDuration(n, h, rest[1:])
	default:
		for last := -1; ; {
			unit := strings.IndexByte("dhms", rest[0])
			if unit <= last {
				return 0, false
			}
			last = unit
			add(n, [...]int64{86400, 3600, 60, 1}[unit])
			rest = strings.TrimLeft(rest[1:], " \t\n")
			if rest == "" {
				break
			}
			if n, rest, ok = leadingNumber(rest); !ok || rest == "" {
				return 0, false
			}
		}
	}
	return seconds(total)
}

// clockDuration reads "m" or "m:s" after days and hours.
func clockDuration(d, h int64, s string) (time.Duration, bool) {
	m, rest, ok := leadingNumber(s)
	if !ok {
		return 0, false
	}
	sec := int64(0)
	if rest != "" {
		if sec, s, ok = leadingNumber(rest[1:]); !ok || rest[0] != ':' || s != "" {
			return 0, false
		}
	}
	return seconds(d*86400 + h*3600 + m*60 + sec)
}

func leadingNumber(s string) (n int64, rest string, ok bool) {
	digits := s
	if strings.HasPrefix(s, "-") {
		digits = s[1:]
	}
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	end += len(s) - len(digits)
	n, err := strconv.ParseInt(s[:end], 10, 32)
	return n, s[end:], err == nil
}

func seconds(n int64) (time.Duration, bool) {
	if n > math.MaxInt32 || n < math.MinInt32 {
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}
