#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fuzz.sh [TIME]: every fuzz target of the tree for TIME (default 5s), each parser of hostile octets having one.

time=${1:-5s}
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# only_time: the Go tool sometimes calls the end of the time a failure. A real one has an input.
only_time() {
	grep -q '^    context deadline exceeded$' "$log" && ! grep -q 'Failing input written' "$log"
}

for package in $(go list ./internal/...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz'); do
		if go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" >"$log" 2>&1 || only_time; then
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
