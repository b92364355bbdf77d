#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fuzz.sh [TIME]: every fuzz target of the tree for TIME (default 5s), each parser of hostile octets having one.

time=${1:-5s}
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
log=$work/log
found=$(go env GOCACHE)/fuzz

# only_time: the time's end is sometimes called a failure. A real one has an input.
only_time() {
	grep -q '^    context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"
}

# fuzz PACKAGE TARGET: within the package, where inputs that fail are kept.
fuzz() {
	(cd "$(go list -f '{{.Dir}}' "$1")" && "$work/test" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$time" \
		-test.fuzzcachedir "$found/$1") >"$log" 2>&1
}

# shellcheck disable=SC2013 # names without blanks
for directory in $(grep -rl --include='*_test.go' '^func Fuzz' internal | sed 's,/[^/]*$,,' | sort -u); do
	package=$(go list "./$directory") || exit 1
	go test -c -fuzz=. -o "$work/test" "$package" || exit 1
	for target in $("$work/test" -test.list '^Fuzz'); do
		if fuzz "$package" "$target" || only_time; then
			echo "ok $package $target"
			passed=$((passed + 1))
		else
			echo "not ok $package $target"
			tail -40 "$log"
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
