#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs all the TCP scripts over one kind of socket; a skip is a failure here, since these scripts
# need nothing that the runner lacks, and so is a script that does not say where its rule is
# written.  Usage: scripts.sh SOPSIM DIR VIA [OPTION...]
set -uo pipefail

sopsim=$1
dir=$2
via=$3
shift 3
output=$("$sopsim" pkt --complete --via "$via" "$@" "$dir"/*.pkt 2>&1)
status=$?
grep -v '^pass ' <<<"$output"
nameless=0
for script in "$dir"/*.pkt; do
	sed '/^ *$/q' "$script" | grep -qE 'RFC [0-9]|(19|20)[0-9][0-9]' && continue
	echo "$script: its first comment names neither an RFC nor a paper of a year"
	nameless=$((nameless + 1))
done
read -r passed _ failed _ skipped _ < <(tail -n 1 <<<"$output")
echo "Checks: $((passed + failed + skipped)), Failures: $((failed + skipped + nameless)), Errors: 0"
[ $status -eq 0 ] && [ "$skipped" -eq 0 ] && [ $nameless -eq 0 ]
