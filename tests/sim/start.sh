#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nobody waits for SimGrid who runs no world: with one that cannot be loaded all other commands work, and
# those that run worlds say in a line why they cannot.
#
#     start.sh SOPSIM ROOT LIBRARY
set -u
sopsim=$1 root=$2 library=$3
case $library in
*/*) echo "skipped: a SimGrid with a path cannot be hidden"; exit 77 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/$library"
export LD_LIBRARY_PATH=$work
failures=0 checks=0

expect() { # STATUS WORD...
	local status=0
	checks=$((checks + 1))
	"$sopsim" "${@:2}" >"$work/out" 2>"$work/err" </dev/null || status=$?
	[ "$status" -eq "$1" ] && [ "$(wc -l <"$work/err")" -eq $(($1 > 0)) ] &&
		{ [ "$1" -eq 0 ] || grep -q "SimGrid cannot be loaded: $work/$library: .*; allowed: " "$work/err"; } &&
		return
	failures=$((failures + 1))
	echo "exit status $status, not $1: sopsim ${*:2}"
	head -5 "$work/err"
}

expect 0 --help
expect 0 params --types
expect 0 params "$root/scenarios/first.ini"
expect 0 check "$root/results/reference"
expect 2 run "$root/scenarios/first.ini"
expect 2 sweep "$root/scenarios/pci-latency.ini" --out "$work/sweep"
expect 2 pkt "$root/tests/pkt/open-passive.pkt"
echo "Checks: $checks, Failures: $failures, Errors: 0"
exit $((failures > 0))
