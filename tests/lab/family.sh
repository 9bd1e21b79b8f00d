#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The cards of scenarios/cards, as docs/cards.md shows them: what is run is results/reference/cards byte for byte, and
# the page's tables are those of the results.
# Usage: family.sh SOPSIM ROOT [all | tables]
#   (nothing)  a quick part of the runs, and the tables
#   all        all runs, pictures too
#   tables     prints the tables
. "$(dirname "$0")/expect.sh"
set -e
what=${3-quick}
reference=$root/results/reference/cards
cards='g g-prime polling hardware'

# column CARD SWEEP EXPERIMENT CONFIG POINT MEASURE: a number of a table; POINT is what the axis says, or nothing
column() {
	awk -F, -v experiment="$3" -v config="$4" -v point="$5" -v measure="$6" '
		FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["experiment"] == experiment && $at["config"] == config && (point == "" || $1 == point) { print $at[measure]; exit }
	' "$reference/$1/$2/sweep.csv"
}

# row TEXT FORMAT EXPRESSION SWEEP EXPERIMENT POINT MEASURE CONFIG...: for each card the expression of the configs' numbers a, b
row() {
	local line="| $1 |" format=$2 expression=$3 sweep=$4 experiment=$5 point=$6 measure=$7 card config
	shift 7
	for card in $cards; do
		local numbers=()
		for config; do
			numbers+=("$(column "$card" "$sweep" "$experiment" "$config" "$point" "$measure")")
		done
		line+=$(awk -v a="${numbers[0]}" -v b="${numbers[1]-0}" "BEGIN { printf \" $format |\", $expression }")
	done
	echo "$line"
}

tables() {
	local size
	row '`send()`, us: 32.3' %.2f a paper send '' send_latency_us offload_no_sop
	row 'under SOP: 33.7' %.2f a paper send '' send_latency_us offload_sop
	row 'gain, %: 28' %.1f '100 * (a / b - 1)' paper plateau '' throughput_rps offload_no_sop leg_tcpip
	row 'under SOP: 26' %.1f '100 * (a / b - 1)' paper plateau '' throughput_rps offload_sop leg_tcpip
	row 'processor, %: 61' %.1f a paper processor '' cpu_total_pct offload_no_sop
	row 'under SOP: 64' %.1f a paper processor '' cpu_total_pct offload_sop
	for size in 1024 4096 8192 16384 32768 65536 524288; do
		row "$((size / 1024)) KiB" %.2f a/b file-size file_size $size poisson_response_ms offload_sop leg_tcpip
	done
	for size in 1024 4096 16384 65536 524288; do
		row "$((size / 1024)) KiB, processor" %.2f a/b file-size file_size $size cpu_total_pct offload_sop leg_tcpip
	done
	for size in 16 256 1024 4096 65536; do
		row "$size B" %.2f a/b message message $size send_latency_us offload_sop leg_tcpip
	done
	for size in 1 2 4 64; do
		row "$size clients" %.2f a/b connections connections $size throughput_rps offload_sop leg_tcpip
	done
}

# same CARD SWEEP [OPTION...]: the rows of that run are in the reference
same() {
	local card=$1 sweep=$2
	shift 2
	"$sopsim" sweep "$root/scenarios/family/$card.ini" "$sweep" "$@" --out "$dir/$card-$sweep" >/dev/null ||
		complain "$card $sweep: status $?"
	if grep -qvxFf "$reference/$card/$sweep/sweep.csv" "$dir/$card-$sweep/sweep.csv"; then
		complain "$card $sweep: not the numbers of results/reference/cards"
	fi
}

tables >"$dir/tables"
case $what in
tables)
	cat "$dir/tables"
	exit 0
	;;
all)
	for card in $cards; do
		for sweep in message file-size connections paper; do
			same "$card" "$sweep"
			cmp "$dir/$card-$sweep/sweep.csv" "$reference/$card/$sweep/sweep.csv" || complain "$card $sweep: other bytes"
			cmp "$dir/$card-$sweep/sweep.svg" "$reference/$card/$sweep/sweep.svg" || complain "$card $sweep: another picture"
		done
	done
	;;
*)
	same g-prime message --vary bench.message=256B
	same hardware message --vary bench.message=256B
	;;
esac
page_has docs/cards.md "$dir/tables"
exit "$status"
