#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Of the entries of UP kernels 2.4 of scenarios/machines, how many could any model of costs by kind have within 15 and
# 30 %?  Nothing is simulated: only what the files say of the machines, and their rows.
# Usage: witness_bound.sh [ROOT [FIT]]; docs/machines.md says what is printed.
#
# A cost is a sum of cycles, cache lines and bytes, none of them negative, so from the fitted machine to another a time
# grows no less than the least of the four ratios of clock, latency, read and copy, and no more than the largest; with
# a smaller L2, by anything above the least.  The fitted row is met within FIT %, 2 unless given, as
# tests/lab/witness.sh asks.  "Cycles are cycles" is for models in which what p6.ini has as cycles alone grows as the
# clock says.
# The two P4 are of one machine: they have one prediction, which may be any.
# Each is said twice, as `sopsim witness` counts twice: of the rows as they are printed, and "rounded", of anything that
# would be printed so, without what a row measured otherwise.
set -e
fit=${2:-2}
cd "${1:-.}/scenarios/machines"
export LC_ALL=C
p6='p3-847-icc p3-847-icc-pgo stp1-003 celeron-634 celeron-468'

for machine in p3-847 $p6 p4-1900 p4-1900-icc; do
	sed 's/|.*//; s/ *= */ /; /^\(ones\|tens\|hundreds\|otherwise\) /!s/[A-Za-z/]*$//; s/ *$//' "$machine.ini" |
		awk -v m="$machine" '
			/^(ones|tens|hundreds|otherwise) / {
				for (i = 2; i <= NF; i++) {
					sub(",", "", $i)
					print m, $1 == "otherwise" ? $1 : "rounding", $i, $1 == "ones" ? 0.5 : $1 == "tens" ? 5 : 50
				}
				next
			}
			NF == 2 && $2 + 0 > 0 { print m, $1, $2 }'
done | awk -v p6="$p6" -v fit="$fit" '
function least(a, b) { return a < b ? a : b }
function most(a, b) { return a > b ? a : b }
function is_rate(m) { return m ~ /^bw_/ }
# How much longer what takes cycles, lines or bytes is than on the fitted machine.
function ratio(m, kind) {
	if (kind == 1) return of["p3-847", "speed"] / of[m, "speed"]
	if (kind == 2) return of[m, "memory_latency"] / of["p3-847", "memory_latency"]
	return of["p3-847", kind == 3 ? "memory_read" : "memory_copy"] / of[m, kind == 3 ? "memory_read" : "memory_copy"]
}
function holds(m, measure, fitted, off, strict, rounded,    i, low, high, real, half) {
	low = high = ratio(m, 1)
	for (i = 2; i <= 4 && !(strict && measure in cycles); i++) {
		low = least(low, ratio(m, i))
		high = most(high, ratio(m, i))
	}
	if (!(strict && measure in cycles) && of[m, "l2"] < of["p3-847", "l2"])
		high = 1e9
	real = of[m, measure]
	half = rounded ? rounding[m, measure] : 0
	if (is_rate(measure))
		return fitted / high <= (real + half) * (1 + off) && fitted / low >= (real - half) * (1 - off)
	return fitted * low <= (real + half) * (1 + off) && fitted * high >= (real - half) * (1 - off)
}
function bound(off, strict, rounded,    measure, i, k, n, best, sum, a, b, fitted, missed, out) {
	out = ""
	for (measure in measures) {
		best = -1
		for (i = -20; i <= 20; i++) {
			fitted = of["p3-847", measure] * (1 + fit * i / 2000)
			n = 0
			missed = ""
			for (k = 1; k <= machines; k++)
				if ((name[k], measure) in of && !(rounded && (name[k], measure) in otherwise)) {
					if (holds(name[k], measure, fitted, off, strict, rounded))
						n++
					else
						missed = missed "; " measure " of " name[k]
				}
			if (n > best) {
				best = n
				least_missed = missed
			}
		}
		sum += best
		out = out least_missed
		a = of["p4-1900", measure]
		b = of["p4-1900-icc", measure]
		sum += (a > 0) + (b > 0)
		if (a > 0 && b > 0 && most(a, b) * (1 - off) > least(a, b) * (1 + off)) {
			sum--
			out = out "; " measure " of one p4-1900"
		}
	}
	n = rounded ? comparable : entries
	printf "%s%s, within %d %%: %d of %d, %.0f %%\n", strict ? "cycles are cycles" : "any model",
		rounded ? ", rounded" : "", off * 100, sum, n, 100 * sum / n
	n = split(substr(out, 3), list, "; ")
	for (i = 1; i <= n; i++)
		print "  not " list[i] | "LC_ALL=C sort"
	close("LC_ALL=C sort")
}
BEGIN {
	machines = split(p6, name, " ")
	split("null_call null_io stat open_close select_tcp sig_handle ctx_2p_0k pipe af_unix", list, " ")
	for (i in list)
		cycles[list[i]]
	split("speed trap switch memory_latency memory_read memory_copy l2 l2_ways l2_line", list, " ")
	for (i in list)
		key[list[i]]
}
$2 == "rounding" {
	rounding[$1, $3] = $4
	next
}
$2 == "otherwise" {
	otherwise[$1, $3]
	comparable--
	next
}
{
	of[$1, $2] = $3
	if (!($2 in key)) {
		measures[$2]
		entries += $1 != "p3-847"
		comparable += $1 != "p3-847"
	}
}
END {
	for (rounded = 0; rounded <= 1; rounded++)
		for (strict = 0; strict <= 1; strict++) {
			bound(0.15, strict, rounded)
			bound(0.30, strict, rounded)
		}
}'
