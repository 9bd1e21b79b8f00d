#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is kept of an inference agrees with itself, with the page about it, and with the simulator: each system has the
# paper's numbers, bands and shares follow from them, docs/inference.md shows lines of region.txt, and the member that
# stands for all is run again.  Usage: infer_kept.sh SOPSIM ROOT
set -eu
sopsim=$1
kept=$2/results/reference/infer
page=$2/docs/inference.md
member=$2/scenarios/infer/member.ini
bad=0

complain() {
	echo "$1"
	bad=1
}

# Each system has each number, as far off as it may be; and there are 200.
agree() { # DIR
	awk -F, '
		FNR == 1 && NR == 1 { next }
		NR == FNR { n = NF; paper[$1] = $(n - 3); within[$1] = $(n - 2); next }
		FNR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
		{
			systems++
			for (i = 1; i <= NF; i++)
				if (name[i] in paper) {
					seen++
					off = $i - paper[name[i]]
					if (off > within[name[i]] || -off > within[name[i]])
						print "system " FNR - 1 ": " name[i] " is " $i
				}
		}
		END { if (systems < 200 || seen != 10 * systems) print systems " systems, " seen " numbers" }
	' "$1/holds.csv" "$1/region.csv" | { ! grep .; } || complain "$1: systems that do not agree"
}
agree "$kept"
agree "$kept/whole"

# column NAME: of all systems, in order.
column() {
	awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { print $at }' \
		"$kept/region.csv" | sort -g
}

# Nine of ten lie between p05 and p95.
tail -n +2 "$kept/bands.csv" | while IFS= read -r line; do
	name=${line%%,*}
	IFS=, read -r p95 median p05 < <(awk -F, '{ print $NF "," $(NF - 1) "," $(NF - 2) }' <<<"$line")
	column "$name" | awk -v low="$p05" -v middle="$median" -v high="$p95" -v name="$name" '
		{ below += $1 < low; left += $1 < middle; above += $1 > high; n++ }
		END {
			if (below > 0.055 * n || below < 0.04 * n || above > 0.055 * n || above < 0.04 * n ||
			    left > 0.51 * n || left < 0.47 * n)
				print name ": " below ", " left ", " above " of " n
		}'
done | { ! grep .; } || complain 'bands that do not follow from the systems'

# The page shows what is kept.
sed -n '/^## What came out?/,$ s/^    //p' "$page" | grep . | while IFS= read -r line; do
	grep -qxF -- "$line" "$kept/region.txt" "$kept/held-out.txt" "$kept/whole/region.txt" ||
		[ "$line" = './sopsim infer scenarios/paper.ini --out paper' ] || echo "not kept: $line"
done | { ! grep .; } || complain 'docs/inference.md shows something else'

# The member is run again: Table 1.
speed=$(sed -n 's/^speed = //p' "$member")
row=$(awk -F, -v speed="$speed" 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
	sprintf("%.6g", $1) == speed { for (i = 1; i <= NF; i++) print name[i] "=" $i }' "$kept/region.csv")
[ -n "$row" ] || complain 'the member is none of the systems'
for pair in legacy_us=leg_tcpip legacy_sop_us=leg_sop offload_us=offload_no_sop offload_sop_us=offload_sop; do
	was=$(sed -n "s/^${pair%=*}=//p" <<<"$row")
	is=$("$sopsim" run "$member" --experiment table1 --config "${pair#*=}" --json |
		sed -n 's/.*"measure":"latency_us",.*"value":\([0-9.]*\)}.*/\1/p')
	awk -v a="$was" -v b="$is" 'BEGIN { exit !(a - b < 0.001 && b - a < 0.001) }' ||
		complain "${pair%=*}: the region has $was, the simulator says $is"
done
exit $bad
