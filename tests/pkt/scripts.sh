#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs all the TCP scripts over one kind of socket; a skip is a failure here, since these scripts
# need nothing that the runner lacks.  Usage: scripts.sh SOPSIM DIR VIA [OPTION...]
set -uo pipefail

sopsim=$1
dir=$2
via=$3
shift 3
output=$("$sopsim" pkt --via "$via" "$@" "$dir"/*.pkt 2>&1)
status=$?
grep -v '^pass ' <<<"$output"
read -r passed _ failed _ skipped _ < <(tail -n 1 <<<"$output")
echo "Checks: $((passed + failed + skipped)), Failures: $((failed + skipped)), Errors: 0"
[ $status -eq 0 ] && [ "$skipped" -eq 0 ]
