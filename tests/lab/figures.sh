#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The figures' regression: a quick reproduction against results/reference/quick, pictures among it, and a
# check that the comparison can fail.  In both references, the parts of Table 1 add up to its numbers.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
reference=$root/results/reference

# Parts have six digits, numbers three.
adds_up() {
	awk -F, '
	FNR == 1 { next }
	FILENAME ~ /parts/ { sum[$1 $2 $3] += $6; parts++; next }
	{ numbers++; off = sum[$1 $2 $3] - $4 }
	off > 0.00051 || off < -0.00051 { print $1, $2, $3 ": parts are " sum[$1 $2 $3] ", the table has " $4; bad = 1 }
	END { exit bad || numbers != 4 || parts < 40 }' "$1/table1_parts.csv" "$1/table1.csv"
}

# What another version of gnuplot draws has other lines; its words are the same.
words() {
	grep -o '>[^<]*</text>' "$1"
}
same_picture() {
	local version='Produced by GNUPLOT'

	if [ "$(grep "$version" "$1")" = "$(grep "$version" "$2")" ]; then
		cmp "$1" "$2"
	else
		diff <(words "$1") <(words "$2")
	fi
}

"$sopsim" check --no-intervals "$reference" >/dev/null
rc=0
"$sopsim" reproduce --quick --out "$dir/now" --json >"$dir/json" || rc=$?
# A claim that does not hold, and nothing else, makes it fail.
[ $rc -eq "$(grep -c ',no$' "$dir/now/claims.csv" | sed 's/[1-9].*/1/')" ]
# What it tells programs is what is in its files.
python3 - "$dir/json" "$dir/now" "$reference/infer/holds.csv" <<-'END'
	import csv, json, sys
	answer = json.load(open(sys.argv[1]))
	rows = answer["results"]
	assert answer["command"] == "reproduce"
	failed = [c["claim"] for c in csv.DictReader(open(sys.argv[2] + "/claims.csv")) if c["holds"] == "no"]
	assert answer["holds"] == (not failed) and len(answer["failures"]) == len(failed), answer["failures"]
	assert all(any(f in said for said in answer["failures"]) for f in failed), answer["failures"]
	claims = {r["measure"]: r for r in rows if r["of"] == "claim"}
	words = {"yes": "holds", "no": "does not hold", "undecided": "undecided"}
	for c in csv.DictReader(open(sys.argv[2] + "/claims.csv")):
	    assert abs(claims[c["claim"]]["value"] - float(c["simulated"])) < 0.001, c
	    assert claims[c["claim"]]["verdict"] == words[c["holds"]], c
	points = {(r["config"], str(r["offered_rps"])): r["value"] for r in rows if r["of"] == "fig5"}
	for c in csv.DictReader(open(sys.argv[2] + "/fig5.csv")):
	    assert abs(points[c["config"], c["offered_rps"]] - float(c["throughput_rps"])) < 0.001, c
	shares = {r["group"]: r["value"] for r in rows if r["of"] == "holds"}
	kept = {c["number"]: float(c["share"]) for c in csv.DictReader(open(sys.argv[3]))}
	assert shares == kept and len(kept) == 10, shares
	assert len([r for r in rows if r["of"] == "table1"]) == 4 and len([r for r in rows if r["of"] == "fig6"]) == 9
END
"$sopsim" check --no-intervals --against "$reference/quick" "$dir/now"
adds_up "$reference"
adds_up "$reference/quick"
pictures=0
for picture in "$reference"/quick/*.svg; do
	same_picture "$picture" "$dir/now/${picture##*/}"
	pictures=$((pictures + 1))
done
[ $pictures -eq 4 ] && [ -s "$dir/now/table1_parts.pdf" ]

sed -i '2s/,/,9/3' "$dir/now/table1.csv"
if "$sopsim" check --no-intervals --against "$reference/quick" "$dir/now" >/dev/null; then
	echo "a figure ten times as large was not noticed"
	exit 1
fi
if adds_up "$dir/now" >/dev/null; then
	echo "parts that do not add up were not noticed"
	exit 1
fi
