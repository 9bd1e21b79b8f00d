#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The script runner's own test: every script here must fail or be skipped, for the reason that its
# first line names ("// expect fail: ...", "// expect skip: ..."), or pass and print what it names.
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
	pass:) [ $status -eq 0 ] || complain "$script" "exit status $status, expected 0"
		last='1 passed, 0 failed, 0 skipped' ;;
	*) complain "$script" "its first line does not say what to expect" ; continue ;;
	esac
	[ "$(tail -n 1 <<<"$output")" = "$last" ] || complain "$script" "its last line is not '$last'"
	grep -qF -- "$reason" <<<"$output" || complain "$script" "it does not say: $reason"
	[ "$kind" = pass: ] || grep -q "^$script:[0-9]*: \|^$script: " <<<"$output" ||
		complain "$script" "no file and line"
done

# Bad usage: exit status 2 and one line that says what.
usage() {
	local says=$1
	shift
	count=$((count + 1))
	output=$("$sopsim" pkt "$@" 2>&1)
	[ $? -eq 2 ] || complain "pkt $*" "exit status is not 2"
	[ "$(wc -l <<<"$output")" -eq 1 ] || complain "pkt $*" "not one line"
	grep -qF -- "$says" <<<"$output" || complain "pkt $*" "it does not say: $says"
}
one=$dir/flag-fin.pkt
usage 'no script given'
usage 'allowed: inet, sop-inet, sop-toe' --via nowhere "$one"
usage 'there is no such parameter' --set tcp.no_such=1 "$one"
usage 'a value is missing' "$one" --via
usage 'no NAME=VALUE' -D NAME "$one"
usage 'bad value of --mtu' --mtu=12 "$one"
usage 'No such file or directory' "$one" "$dir/there-is-none.pkt"
usage 'a directory' "$dir"

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
