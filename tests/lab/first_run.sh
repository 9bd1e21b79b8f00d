#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shipped scenario runs; the newcomer's fetch arrives whole; params and help say something.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# fetch FILE: what the summary says of it.
fetch() {
	for heading in fetched failed 'received B' 'wrong B'; do
		"$root/tests/cell" "$1" fetch "$heading"
	done | paste -sd' '
}

"$sopsim" run "$root/scenarios/first.ini" --out "$dir/o" --pcap "$dir/p" >"$dir/first"
test "$(fetch "$dir/first")" = '1 0 102400 0'
test -s "$dir/o/run.json" && test -s "$dir/o/summary.csv" && test -s "$dir/p/eth0.pcap"

# A lossy wire changes the times, not the bytes.
"$sopsim" run "$root/scenarios/first.ini" --set lan.loss=5% >"$dir/lossy"
test "$(fetch "$dir/lossy")" = '1 0 102400 0'

short=(--set scenario.warmup=1s --set scenario.duration=2s)
"$sopsim" run "$root/scenarios/two-cards.ini" "${short[@]}" --out "$dir/two" >"$dir/two.txt"
for clients in nic toe0 toe1; do
	grep -E "^specweb_$clients.completed,[1-9]" "$dir/two/summary.csv" >/dev/null
	grep -E "^specweb_$clients.errors,0$" "$dir/two/summary.csv" >/dev/null
done
"$sopsim" run "$root/scenarios/streaming.ini" "${short[@]}" --out "$dir/st" >"$dir/st.txt"
for stream in nic toe; do
	grep -E "^stream_$stream.playing,[1-9]" "$dir/st/summary.csv" >/dev/null
	grep -E "^stream_$stream.wrong_bytes,0$" "$dir/st/summary.csv" >/dev/null
done

"$sopsim" params "$root/scenarios/paper.ini" >"$dir/params"
grep -E '^cost.tcp_tx_segment .* us +calibrated' "$dir/params" >/dev/null
grep -E '^toe0.tcp.rto_min .* default' "$dir/params" >/dev/null
# Every type that is listed has a list of keys, and every key in it is known to the parser.
"$sopsim" params --types >"$dir/types"
awk '/^  [a-z]/ { print $1 }' "$dir/types" | while read -r type; do
	"$sopsim" params "--keys=$type" | grep -q "^$type: "
done
"$sopsim" params --keys=toe | grep -A1 '^  poll_period ' | grep -q 'from 1us to 1s; default: 20us'
"$sopsim" params --keys=toe | grep -q '^  tcp.rto_min  *1s'
for bad in --keys=to --keys=toe\ x ""; do
	if "$sopsim" params ${bad:+"$bad"} 2>"$dir/error"; then exit 1; else test $? = 2; fi
	test "$(wc -l <"$dir/error")" = 1
done
for command in reproduce run sweep check params explain calibrate; do
	"$sopsim" "$command" --help | grep -q Usage
done
"$sopsim" --version | grep -qE '^sopsim [0-9]+\.[0-9]+\.[0-9]+ \(commit [-0-9a-gv.]+(-dirty)?\)$'
