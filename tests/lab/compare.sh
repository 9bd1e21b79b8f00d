#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What if: effects that are known, none where there is none, and the same bytes each time.  Usage: compare.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
paper=$root/scenarios/paper.ini
table1=("$sopsim" compare "$paper" --experiment table1 --repeat 2 --set bench.repetitions=2 --set bench.sends=100)

# field FILE NAME COLUMN: of compare.csv
field() { awk -F, -v name="$2" -v column="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $2 == name { print $at[column] }' "$1/compare.csv"; }
holds() { awk "BEGIN { exit !($2) }" || complain "$1: not $2"; }

# --- an effect that is known -----------------------------------------------------------------------------

# docs/time.md: a send() on a card crosses the bus eight times, one after the other.
"${table1[@]}" --config offload_sop --what pci0.latency=1300ns --out far >out 2>said || complain "far: $? $(cat said)"
holds 'eight crossings' "$(field far bench.latency_us difference) > 7.99 && $(field far bench.latency_us difference) < 8.01"
[ "$(field far bench.latency_us sure)" = yes ] || complain "far: not sure: $(cat far/compare.csv)"
grep -q 'what if pci0.latency 300ns -> 1.3us: 2 pairs' out || complain "far: $(head -2 out)"
grep -q '^Work of a send()' out || complain "no parts: $(cat out)"
grep -qE '^  bench.latency_us +us ' out || complain "send() did not change: $(cat out)"
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' far/compare.svg || complain 'far/compare.svg is no XML'
cp far/compare.svg far.svg
"${table1[@]}" --config offload_sop --what pci0.latency=1300ns --out far --jobs 1 >again 2>said
cmp -s far.svg far/compare.svg && cmp -s out again || complain 'other bytes of the same command'

# A cost of 1 us more on every segment that the host sends.
"$sopsim" compare "$first" --what 'cost.tcp_tx_segment=3.65us@1GHz' --out more >out 2>said || complain "more: $? $(cat said)"
holds 'a microsecond a segment' "$(field more 'server tcp: tcp_tx_segment' difference) > 76.9 && $(field more 'server tcp: tcp_tx_segment' difference) < 77.1"

# A difference that is told has digits of its own.
"$sopsim" compare "$first" --what pci0.latency=100ns --repeat 2 --out less >out 2>said || complain "less: $? $(cat said)"
grep -q '^  server.cpu_softirq' out || complain "nothing small has changed: $(cat out)"
grep -E ' [-+]?0(\.0+)? \+- ' out && complain 'a difference of nothing'
"$sopsim" compare "$first" --what pci0.latency=100ns --repeat 2 --all --out less >out 2>said || complain "less: $? $(cat said)"
grep -E ' 0 \+- 0 +new$' out && complain 'what was nothing and is nothing is not new'
grep -qE '^  web.aborted +0 +0 +0 \+- 0 +-$' out || complain "nothing stays nothing: $(grep web.aborted out)"

# --- none ------------------------------------------------------------------------------------------------

"${table1[@]}" --config leg_tcpip --what toe0.clock_scale=2 --out idle >out 2>said || complain "idle: $? $(cat said)"
grep -qE '^no difference in any of [0-9]+ measures$' out || complain "an idle card: $(cat out)"
grep -q ',yes$' idle/compare.csv && complain "an idle card changes $(grep ',yes$' idle/compare.csv)"
grep -q 'no difference' idle/compare.svg || complain 'the picture of no difference'
"$sopsim" compare "$first" --what pci0.clock=66MHz --repeat 1 --out same >out 2>said || complain "same: $? $(cat said)"
grep -q 'what if nothing' out || complain "what is in force already: $(cat out)"

# Sure is what is larger than its interval, and nothing else: of one frame in twenty lost, little is.
"$sopsim" compare "$first" --set lan.loss=5% --what lan.loss=5.5% --repeat 3 --out noise >out 2>said || complain "noise: $(cat said)"
python3 - noise/compare.csv <<-'END' || complain 'noise: sure of what it cannot know'
	import csv, sys
	rows = list(csv.DictReader(open(sys.argv[1])))
	larger = [abs(float(r["difference"])) > float(r["difference_ci95"] or "inf") for r in rows]
	assert any(not big and float(r["difference"]) for r, big in zip(rows, larger)), "nothing is in doubt"
	assert [r["name"] for r, big in zip(rows, larger) if big != (r["sure"] == "yes")] == []
END

# --- for programs ----------------------------------------------------------------------------------------

"$sopsim" compare "$first" --what lan.propagation=1ms --repeat 2 --json --out json >out 2>said || complain "json: $(cat said)"
python3 - out <<-'END' || complain "json: $(head -c 300 out)"
	import json, sys
	answer = json.load(open(sys.argv[1]))
	total = {r["of"]: r["value"] for r in answer["results"] if r.get("group") == "fetch" and r["measure"] == "total_us"}
	assert answer["schema"] == "sopsim/1" and answer["command"] == "compare" and answer["holds"]
	assert abs(total["is"] - total["was"] - total["difference"]) < 1e-6
	assert total["difference"] > 2000 and abs(total["ratio"] - total["is"] / total["was"]) < 1e-9
END

# --- what is refused ---------------------------------------------------------------------------------------

expect '--what: missing' "$sopsim" compare "$first"
expect '--what: toe9.clock_scale' "$sopsim" compare "$first" --what toe9.clock_scale=2 --out no
expect '--what|[pci0] latency' "$sopsim" compare "$first" --what pci0.latency=fast --out no
expect '--repeat' "$sopsim" compare "$first" --what pci0.latency=1us --repeat 0
"$sopsim" compare "$first" --what fetch.port=81 --repeat 1 --out bad >out 2>said
[ $? -eq 1 ] && grep -q 'changed, seed 1: \[fetch\] 1 of 1 failed' said || complain "a run that failed: $(cat said)"
exit "$status"
