#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# pack.sh BUILD_DIR: puts the test scripts, and what they compare with, beside the programs.

set -eu
cd "$(dirname "$0")/.."
rm -rf "$1/tests"
mkdir -p "$1/tests/c" "$1/tests/conditions" "$1/tests/front"
cp tests/demo.sh tests/limit.sh tests/run.sh tests/lib.sh "$1/tests/"
cp -R tests/c/expected "$1/tests/c/"
cp tests/conditions/run.sh "$1/tests/conditions/"
cp tests/front/try.sh "$1/tests/front/"
install -m 0755 cross/run.sh "$1/"
