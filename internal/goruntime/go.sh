#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# go.sh DIR ARGUMENT...: runs the Go command (GO in the environment, or go) with a GOROOT whose files an overlay may
# replace. Those of a toolchain that GOTOOLCHAIN or go.mod has brought lie in the module cache, where it may not: DIR gets
# a link to it.

dir=$1
shift
GO=${GO:-go}
goroot=$($GO env GOROOT) || exit 1
case $goroot in
"$($GO env GOMODCACHE)"/*)
	mkdir -p "$dir" && ln -sfn "$goroot" "$dir/_goroot" || exit 1
	GOROOT=$(cd "$dir" && pwd)/_goroot
	GOTOOLCHAIN=local
	export GOROOT GOTOOLCHAIN
	GO=$GOROOT/bin/go
	;;
esac
exec $GO "$@"
