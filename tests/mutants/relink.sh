#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# relink.sh ENGINE PACKAGE OVERLAY: the engine with files of one package replaced, as "make engine" would build it. Only the
# package is compiled, and linked to what Go's cache has of all others; "go build" would compile, and have cgo read, whatever
# imports it. The linker refuses what others must be compiled for, too, since they hold copies of the package's functions:
# then all of this module but for the main package are compiled. Fails if that is not enough, either. "make relink" calls it,
# with the environment that Go has for the engine, and
#	TOOL	the Go command, after what it has in its environment
#	FLAGS	of the compilation, with the overlay that the engine always has
#	LINK	of the linker

engine=$1 package=$2 overlay=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/relink.XXXXXX") || exit 1
trap 'rm -rf "$work" .h' EXIT # the header of a main package, which has no name

# list OPTION... PACKAGE...: where the cache has what was compiled of the packages.
list() {
	# shellcheck disable=SC2086 # lists of words
	env $TOOL list -export $FLAGS -f '{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}' "$@"
}

list -deps ./capi >"$work/packages" || exit 1
module=$(sed -n 's,\(.*\)/capi=.*,\1,p' "$work/packages")
siblings=$(sed -n "s,^\($module/internal/[^=]*\)=.*,\1,p" "$work/packages")
for mutated in "$package" "$siblings"; do
	# shellcheck disable=SC2086 # names of packages
	list -overlay "$overlay" $mutated >"$work/mutated" || exit 1
	awk -F= 'NR == FNR { instead[$1] = $2; next } { print "packagefile " $1 "=" ($1 in instead ? instead[$1] : $2) }' \
		"$work/mutated" "$work/packages" >"$work/importcfg"
	main=$(sed -n "s,^packagefile $module/capi=,,p" "$work/importcfg")
	if eval "env $TOOL tool link -o '$engine' -importcfg '$work/importcfg' -buildmode=c-shared $LINK '$main'"; then
		exit 0
	fi
	case $package in
	./internal/*) ;;
	*) exit 1 ;;
	esac
done
exit 1
