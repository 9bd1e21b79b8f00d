#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The web workload served by nginx, as docs/nginx.md has it: each throughput and share of the processor is that of
# results/reference/nginx/ within two per cent and its interval.  One load of three: 1,600 requests a second.
# Usage: nginx.sh SOPSIM ROOT
set -eu
sopsim=$1
root=$2
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || {
	echo "skipped: no nginx here" >&2
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
if ! "$sopsim" exec "$root/scenarios/first.ini" -- true 2>"$dir/said"; then
	cat "$dir/said" >&2
	grep -q 'real programs need of this machine' "$dir/said" && exit 77
	exit 1
fi

sed 's/^offered = .*/offered = 1600/' "$root/scenarios/nginx-web.ini" >"$dir/nginx-web.ini"
cp "$root"/scenarios/{paper,evaluation,server,card}.ini "$dir"
"$sopsim" sweep "$dir/nginx-web.ini" --jobs 1 --out "$dir/now" >/dev/null

awk -F, '
	FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
	{ name = $column["experiment"] "," $column["config"] "," $column["offered_rps"] }
	NR == FNR {
		rate[name] = $column["throughput_rps"]
		may[name] = rate[name] / 50 + $column["throughput_rps_ci95"]
		cpu[name] = $column["cpu_total_pct"]
		next
	}
	{ x = $column["throughput_rps"] - rate[name]; y = $column["cpu_total_pct"] - cpu[name]; n++ }
	!(name in rate) || x > may[name] || -x > may[name] || y > 2 || -y > 2 {
		print name ": " $column["throughput_rps"] ", was " rate[name] "; " $column["cpu_total_pct"] " %, was " cpu[name]
		bad = 1
	}
	END { exit bad || n != 9 }' "$root/results/reference/nginx/sweep.csv" "$dir/now/sweep.csv"
