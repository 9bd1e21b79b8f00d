#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The script runner as a program: exit status, last line, and what the documentation shows of it.
# (What each script of runner/ comes to, and what bad usage is told: test_runner.c, test_command.c.)
# Usage: runner.sh SOPSIM DIR
set -uo pipefail

sopsim=$(realpath "$1")
dir=$2
count=0
wrong=0

complain() {
	wrong=$((wrong + 1))
	echo "$1: $2"
	printf '%s\n' "    ${output//$'\n'/$'\n'    }"
}

# One of each kind: what the program makes of it.
outcome() {
	local status=$1 last=$2
	shift 2
	count=$((count + 1))
	output=$("$sopsim" pkt "$@" 2>&1)
	[ $? -eq "$status" ] || complain "$*" "exit status is not $status"
	[ "$(tail -n 1 <<<"$output")" = "$last" ] || complain "$*" "its last line is not '$last'"
}
outcome 0 '1 passed, 0 failed, 0 skipped' "$dir/code-not.pkt"
outcome 1 '0 passed, 1 failed, 0 skipped' "$dir/flag-fin.pkt"
outcome 0 '0 passed, 0 failed, 1 skipped' "$dir/code-python.pkt"
outcome 1 '1 passed, 1 failed, 1 skipped' "$dir/flag-fin.pkt" "$dir/code-not.pkt" "$dir/code-python.pkt"

# The command line goes before the script.
count=$((count + 2))
output=$("$sopsim" pkt --tolerance_percent=0 "$dir/tolerance-percent.pkt" 2>&1)
[ $? -eq 1 ] || complain "--tolerance_percent" "the script's own option goes before"
output=$("$sopsim" pkt -D COUNT=4 "$dir/define.pkt" 2>&1)
[ $? -eq 1 ] || complain "-D" "the script's own definition goes before"

# The example of the help runs.
count=$((count + 1))
example=$(mktemp)
"$sopsim" pkt --help | sed -n '/put into hello.pkt/,/hello.pkt *\/\//{/^    [0+]/p}' >"$example"
output=$("$sopsim" pkt "$example" 2>&1) || complain "--help" "its example does not pass"
rm -f "$example"

# So does the one in the documentation, and its faults are reported as it says there.
count=$((count + 3))
doc=$(dirname "$0")/../../docs/scripts.md
place=$(mktemp -d)
sed -n "/cat >example.pkt/,/^    EOT/{/EOT/d;s/^    //;p}" "$doc" >"$place/example.pkt"
output=$(cd "$place" && "$sopsim" pkt example.pkt 2>&1) || complain "$doc" "its example does not pass"
for fault in 's/= 1000$/= 999/' 's/\(P. 1:1001(1000) ack 1\)$/\1 win 9/'; do
	sed "$fault" "$place/example.pkt" >"$place/faulty.pkt"
	output=$(cd "$place" && mv faulty.pkt example.pkt && "$sopsim" pkt example.pkt 2>&1)
	while read -r line; do
		grep -qF -- "$line" "$doc" || complain "$doc" "it does not show: $line"
	done <<<"$output"
	sed -n "/cat >example.pkt/,/^    EOT/{/EOT/d;s/^    //;p}" "$doc" >"$place/example.pkt"
done
rm -r "$place"

echo "Checks: $count, Failures: $wrong, Errors: 0"
[ $wrong -eq 0 ]
