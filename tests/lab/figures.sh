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
"$sopsim" reproduce --quick --out "$dir/now" >/dev/null
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
