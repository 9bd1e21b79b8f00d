#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a sweep's tables say: totals over groups, percentiles of all, everything in results.csv; a run again from its
# file; and that pandas and R read them by the lines that docs/results.md shows.  Usage: results.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"

# --- four groups of clients ----------------------------------------------------------------------------

{
	printf '[scenario]\ninclude = %s\nduration = 2s\n' "$root/scenarios/open-loop.ini"
	for i in 1 2 3; do
		printf '[users%d]\ntype = poisson\npeers = cloud\ntargets = eth0\nfileset = page\nrate = %d0/s\n' $i $i
	done
} >four.ini
"$sopsim" sweep four.ini --vary users.rate=100/s --out four --measure 'type:poisson.*' --measure 'users*.answered' \
	>printed 2>said || complain "four groups: status $?: $(cat said)"

# value GROUP MEASURE: of the only run
value() { awk -F, -v group="$1" -v measure="$2" '$9 == group && $10 == measure { print $12 }' four/results.csv; }
# column NAME of sweep.csv's only row
column() { awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at[name] }' four/sweep.csv; }
holds() { awk "BEGIN { exit !($2) }" || complain "$1: not $2"; }

[ "$(head -1 four/results.csv)" = 'run,users.rate_per_s,experiment,config,offered_rps,replication,seed,failed,group,measure,unit,value' ] ||
	complain "results.csv: $(head -1 four/results.csv)"
sum=0
for group in users users1 users2 users3; do
	n=$(value $group answered)
	[ "$n" -gt 0 ] && [ "$(column $group.answered)" = "$n" ] || complain "$group: $n, $(column $group.answered)"
	sum=$((sum + n))
done
[ "$(value type:poisson answered)" = $sum ] && [ "$(column type:poisson.answered)" = $sum ] ||
	complain "the sum is $sum, not $(value type:poisson answered)"
# The median of all lies between those of the groups, and no percentile above the longest.
holds 'median' "$(value type:poisson response_p50_ms) > 0 && $(value type:poisson response_p50_ms) <= $(value type:poisson response_p95_ms)"
holds 'p99' "$(value type:poisson response_p95_ms) <= $(value type:poisson response_p99_ms)"
holds 'p99' "$(value type:poisson response_p99_ms) <= 1.004 * $(value type:poisson response_max_ms)"
# All that `run` tells of the same run is there.
"$sopsim" run four.ini --set users.rate=100/s --out one >printed 2>said
cut -d, -f9,10,12 four/results.csv | sed 's/,/./' | sort >kept
while IFS=, read -r name _; do
	[ "$name" = measure ] || grep -qF "$name," kept || complain "results.csv has no $name"
done <one/summary.csv

# --- what there is, by name ------------------------------------------------------------------------------

"$sopsim" params four.ini --measures >measures || complain "params --measures: status $?"
for line in 'users2.requests +1/s +users answered' 'type:poisson.requests +1/s .*; for short poisson_rps$' 'sim.events +1 ' \
	'users.response_p99_ms +ms .*99 %' 'server.cost.\*.us +us '; do
	grep -qE "^$line" measures || complain "params --measures: no $line"
done
expect "--measure:|'users9.*'" "$sopsim" sweep four.ini --vary users.rate=1/s --out no --measure 'users9.*'

# --- a run again -------------------------------------------------------------------------------------------

file=$(find four/runs -name '*.json')
"$sopsim" rerun "$file" >printed 2>said || complain "rerun: status $?: $(cat printed said)"
grep -qE "^[0-9a-f]{16}: the same $(stat -c %s "$file") bytes\$" printed || complain "rerun: $(cat printed)"
cp "$file" other.json
sed -i 's/"users1.answered" : [0-9]*/"users1.answered" : 7/' other.json
"$sopsim" rerun other.json >printed 2>said
[ $? -eq 1 ] && grep -q '^users1.answered was 7, is ' printed || complain "another number: $(cat printed said)"
sed 's/"seed" : 1/"seed" : 2/' "$file" >other.json
expect 'rerun|text or seed was changed' "$sopsim" rerun other.json
head -c 500 "$file" >other.json
expect 'other.json|no whole file of a run' "$sopsim" rerun other.json
sed 's/"commit" : "[^"]*"/"commit" : "0123abc"/' "$file" >other.json
"$sopsim" rerun other.json >printed 2>said || complain "another program: status $?: $(cat printed said)"
grep -q 'was made by sopsim .*, commit 0123abc' printed && grep -q ': 0 of [0-9]* measures are others' printed ||
	complain "another program: $(cat printed)"

# --- pandas and R ------------------------------------------------------------------------------------------

# The indented lines of docs/results.md behind the one that ends so.
shown() { awk -v after="$1" '$0 ~ after "$" { on = 1; next }
	on && /^    / { print substr($0, 5); seen = 1; next } on && seen { exit }' "$root/docs/results.md"; }
ln -s "$root/scenarios" .
command=$(grep -m1 '^    ./sopsim sweep' "$root/docs/results.md")
eval "${command/.\/sopsim/$sopsim}" >printed 2>said || complain "docs/results.md: status $?: $(cat said)"
mean() { awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { printf "%.6g %.2f\n", $1, $at["fetch_us"] }' \
	results/mine/sweep.csv; }
skipped=
for python in python3 /usr/bin/python3; do
	"$python" -c 'import pandas' 2>/dev/null && break
	python=
done
if [ "$python" ]; then
	shown 'With pandas:' >snippet.py
	"$python" snippet.py >out 2>said || complain "pandas: $(cat said)"
	[ "$(awk '$4 == 5 { printf "%.6g %.2f\n", $1, $2 }' out)" = "$(mean)" ] || complain "pandas: $(cat out), not $(mean)"
else
	skipped="$skipped pandas"
fi
if command -v Rscript >/dev/null; then
	shown 'With R:' >snippet.R
	Rscript --vanilla snippet.R >out 2>said || complain "R: $(cat said)"
	[ "$(awk 'NR > 1 { printf "%.6g %.2f\n", $2, $3 }' out)" = "$(mean)" ] || complain "R: $(cat out), not $(mean)"
else
	skipped="$skipped R"
fi
[ $status -ne 0 ] || [ -z "$skipped" ] || { echo "not installed:$skipped"; exit 77; }
exit $status
