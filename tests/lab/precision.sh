#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep --precision: each point is repeated until what is shown is known well enough, and no longer; what was
# stopped goes on to the same bytes.
. "$(dirname "$0")/expect.sh"

sweep=("$sopsim" sweep "$first" --vary 'lan.loss=0%,1%,3%' --set fetch.times=20 --measure fetch.total_us)

# column NAME LOSS: of the row of sweep.csv
column() {
	awk -F, -v name="$1" -v loss="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == loss { print $at[name] }' one/sweep.csv
}
"${sweep[@]}" --precision 40% --out one >printed 2>said || complain "status $?: $(cat said)"
# Without losses every seed is the same.
[ "$(column fetch.total_us_n 0)" = 10 ] || complain "runs of no loss: $(column fetch.total_us_n 0)"
for loss in 0.01 0.03; do
	awk -v n="$(column fetch.total_us_n $loss)" -v mean="$(column fetch.total_us $loss)" \
		-v ci="$(column fetch.total_us_ci95 $loss)" \
		'BEGIN { exit !(n >= 10 && n < 100 && ci > 0 && ci <= 0.4 * mean) }' ||
		complain "of $loss: $(cat one/sweep.csv)"
done
[ "$(column fetch.total_us_n 0.01)" -gt 10 ] || complain "no more runs: $(cat one/sweep.csv)"
grep -q '"precision" : "40 %"' one/sweep.json || complain "$(cat one/sweep.json)"

# The same again runs nothing; with runs missing, only these.
bytes() { (cd one && find . -type f ! -name about.json | LC_ALL=C sort | xargs sha256sum); }
bytes >before
find one/runs -name '*.json' | LC_ALL=C sort | awk 'NR % 3 == 0' | xargs rm
"${sweep[@]}" --precision 40% --out one >printed 2>said || complain "again: status $?: $(cat said)"
bytes | cmp -s before - || complain "other bytes: $(bytes | diff before -)"

# What cannot be had is told, and makes the status 1.
"${sweep[@]}" --precision 1% --most 12 --out two >printed 2>said && complain "status 0 with too few runs"
grep -q 'lan.loss=1%: fetch.total_us is known to .* after 12 runs, not to 1 %' said || complain "$(cat said)"
[ "$(find two/runs -name '*.json' | wc -l)" = 34 ] || complain "runs: $(find two/runs -name '*.json' | wc -l)"

for wrong in 1 0% x% 200% %; do
	expect "--precision|'$wrong'|allowed: 0.001% to 100%" "${sweep[@]}" --precision "$wrong" --out three
done
expect '--most|out of range' "${sweep[@]}" --precision 1% --most 0 --out three
exit $status
