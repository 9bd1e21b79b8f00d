#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Rival bottlenecks, as docs/figures.md has them: each throughput is that of results/reference/rivals/
# within a per cent and its confidence interval.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$sopsim" sweep "$root/scenarios/rivals.ini" --out "$dir/now" >/dev/null

# compare FILE: which rows are elsewhere, or missing
compare() {
	awk -F, '
		FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ name = $column["experiment"] "," $column["config"] "," $column["offered_rps"]; x = $column["throughput_rps"] }
		NR == FNR { was[name] = x; may[name] = x / 100 + $column["throughput_rps_ci95"]; next }
		{ d = x - was[name]; n++ }
		!(name in was) || d > may[name] || -d > may[name] { print name ": " x ", was " was[name]; bad = 1 }
		END { exit bad || n == 0 || n != length(was) }' "$root/results/reference/rivals/sweep.csv" "$1"
}
compare "$dir/now/sweep.csv"
sed -E '/,port,/s/,7[0-9]{2}\./,888./' "$dir/now/sweep.csv" >"$dir/other.csv"
if compare "$dir/other.csv" >/dev/null; then
	echo "another throughput was not noticed"
	exit 1
fi
