#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The paper's machine with scenarios/machines/p6.ini's costs, half as fast as a P6 of 1 GHz, without a cold factor and
# with nothing fitted: prints the table of docs/machines.md, and holds that the page has it.
# Usage: by_kind.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
set -e

# said EXPERIMENT CONFIG MEASURE...: of one run, on a line.
said() {
	local experiment=$1 config=$2 measure
	shift 2
	"$sopsim" run "$root/scenarios/infer/paper.ini" --experiment "$experiment" --config "$config" --out "$dir/run" >/dev/null
	for measure; do
		sed -n "s/^$measure,\\([^,]*\\).*/\\1/p" "$dir/run/summary.csv"
	done | paste -sd' '
}
row() {
	printf "| %s | %s | %.${4}f | %.${4}f |\n" "$1" "$2" "$3" "$5"
}
# published CLAIM: what scenarios/paper.ini says.
published() {
	sed -n "s/^$1,[^,]*,\\([^,]*\\).*/\\1/p" "$root/results/reference/claims.csv"
}
{
	row 'legacy, us' 29.4 "$(said table1 leg_tcpip bench.latency_us)" 1 "$(published table1_legacy_us)"
	row 'legacy with SOP, us' 30.8 "$(said table1 leg_sop bench.latency_us)" 1 "$(published table1_legacy_sop_us)"
	row 'offload, us' 32.3 "$(said table1 offload_no_sop bench.latency_us)" 1 "$(published table1_offload_us)"
	row 'offload with SOP, us' 33.7 "$(said table1 offload_sop bench.latency_us)" 1 "$(published table1_offload_sop_us)"
	# What a full processor would carry.
	read -r rate busy < <(said full_legacy leg_tcpip clients.requests server.cpu_total)
	row 'legacy, full, requests/s' 700 "$(awk "BEGIN { print 100 * $rate / $busy }")" 0 "$(published fig5_legacy_plateau_rps)"
	row 'processor of offload at 700 requests/s, %' 61 "$(said fig6 offload_no_sop server.cpu_total)" 1 "$(published fig6_offload_total_pct)"
	row 'with SOP, %' 64 "$(said fig6 offload_sop server.cpu_total)" 1 "$(published fig6_offload_sop_total_pct)"
} | tee "$dir/table"
[ "$(wc -l <"$dir/table")" = 7 ] || complain 'not seven rows'
page_has docs/machines.md "$dir/table"
exit "$status"
