# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the scripts of this directory share, by subject in lib. They are for bash on Debian, and read this file with ".".
#
# Environment:
#	BUILD		the build directory (default: build beside tests)
#	INTEROP_OURS	whose library takes the place of ours: ours (default), mit or heimdal; mit and heimdal test the scripts
#	KEEP		if set, the directory with all logs is kept, and named
# A script exits with 0, or 1 if a check failed, or 77 if a package is missing (1 if CI is set).

set -u
LC_ALL=C
TZ=UTC
export LC_ALL TZ
umask 022 # servers change users
unset KRB5_CONFIG KRB5CCNAME KRB5_KTNAME KRB5_CLIENT_KTNAME KRB5RCACHENAME KRB5RCACHETYPE KRB5RCACHEDIR KRB5_KDC_PROFILE
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(mkdir -p "${BUILD:-$root/build}" && cd "${BUILD:-$root/build}" && pwd)
ours=${INTEROP_OURS:-ours}
work=$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")

cleanup() {
	local name
	for name in "${!pids[@]}"; do
		stop "$name"
	done
	if [ -n "${KEEP:-}" ]; then
		echo "# kept: $work"
	else
		rm -rf "$work"
	fi
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

. "$here/lib/results.sh"   # checks, and what a script needs
. "$here/lib/processes.sh" # in the background, and what they say
. "$here/lib/libraries.sh" # programs with our library or another one
. "$here/lib/samples.sh"   # the sample programs
. "$here/lib/kdc.sh"       # what all realms have in common
. "$here/lib/mit.sh"       # realms of MIT's KDC
. "$here/lib/heimdal.sh"   # a realm of Heimdal's KDC
