#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# ledger-race.sh [ROUNDS [SECONDS]]: 64 processes race for one interprocess token, ROUNDS (1000) times, and each time one
# gets the context. Then exporters and importers are killed at random for SECONDS (60): no token is used twice, no slot
# of the ledger is taken for longer than its context lasts. Needs Go. "make test" does the 1000 rounds and kills for 5 s,
# .ci/run for 60 s.

cd "$(dirname "$0")/.." || exit 1
CTX_RACE_ROUNDS=${1:-1000} go test -count=1 -v -timeout 600s -run '^TestOneOfManyProcessesGetsTheContext$' ./internal/ctx &&
	LEDGER_KILL_SECONDS=${2:-60} go test -count=1 -v -timeout 600s -run '^TestKilledProcessesLeaveNothing$' ./internal/ledger
