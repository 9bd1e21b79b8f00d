#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The script runner's own test: every script here must fail or be skipped, for the reason that its
# first line names ("// expect fail: ...", "// expect skip: ...").  Usage: runner.sh SOPSIM DIR
set -uo pipefail

sopsim=$1
dir=$2
count=0
wrong=0

complain() {
	wrong=$((wrong + 1))
	echo "$1: $2"
	echo "$output" | sed 's/^/    /'
}

for script in "$dir"/*.pkt; do
	count=$((count + 1))
	read -r _ _ kind reason <"$script"
	output=$("$sopsim" pkt "$script" 2>&1)
	status=$?
	case $kind in
	fail:) [ $status -eq 1 ] || complain "$script" "exit status $status, expected 1"
		last='0 passed, 1 failed, 0 skipped' ;;
	skip:) [ $status -eq 0 ] || complain "$script" "exit status $status, expected 0"
		last='0 passed, 0 failed, 1 skipped' ;;
	*) complain "$script" "its first line does not say what to expect" ; continue ;;
	esac
	[ "$(tail -n 1 <<<"$output")" = "$last" ] || complain "$script" "its last line is not '$last'"
	grep -qF -- "$reason" <<<"$output" || complain "$script" "it does not say: $reason"
	grep -q "^$script:[0-9]*: \|^$script: " <<<"$output" || complain "$script" "no file and line"
done

output=$("$sopsim" pkt 2>&1)
[ $? -eq 2 ] || complain "no script" "exit status is not 2"
output=$("$sopsim" pkt --via nowhere x.pkt 2>&1)
[ $? -eq 2 ] || complain "--via nowhere" "exit status is not 2"
output=$("$sopsim" pkt --set tcp.no_such=1 x.pkt 2>&1)
[ $? -eq 2 ] || complain "--set" "exit status is not 2"
count=$((count + 3))

echo "Checks: $count, Failures: $wrong, Errors: 0"
[ $wrong -eq 0 ]
