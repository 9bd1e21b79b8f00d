#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What docs/figures.md says of costs that could be other ones: its table is that of results/reference/sensitivity, and these
# are what scenarios/sensitivity.ini gives.
# Usage: sensitivity.sh SOPSIM ROOT [all | tables]
#   (nothing)  the page against the results
#   all        the results against the runs, too
#   tables     prints what the page has
. "$(dirname "$0")/expect.sh"
set -e
what=${3-page}
reference=$root/results/reference/sensitivity

tables() {
	awk -F, '
		FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["point"] == "now" { now = $at["cpu_total_pct"] }
		{ printf "| `%s` | %.2f %% | %+.2f |\n", $at["point"], $at["cpu_total_pct"], $at["cpu_total_pct"] - now }
	' "$reference/sop/sweep.csv"
	awk -F, '
		FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ printf "| `%s` | %.0f us |\n", $at["config"], 1e4 * $at["cpu_total_pct"] / $at["throughput_rps"] }
	' "$reference/cold/sweep.csv"
}

tables >"$dir/tables"
case $what in
tables)
	cat "$dir/tables"
	exit 0
	;;
all)
	for sweep in sop cold; do
		"$sopsim" sweep "$root/scenarios/sensitivity.ini" "$sweep" --out "$dir/$sweep" >/dev/null || complain "$sweep: status $?"
		cmp "$dir/$sweep/sweep.csv" "$reference/$sweep/sweep.csv" || complain "$sweep: other numbers"
	done
	;;
esac
[ "$(wc -l <"$dir/tables")" = 11 ] || complain 'not eleven lines'
page_has docs/figures.md "$dir/tables"
exit "$status"
