#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The web server against its queueing network, exact mean value analysis with what requests take at
# 200 requests/s: throughput and utilisation of host and card, both numbers printed.
#
# Below the knee a network of fixed demands is what the server is: 1.6 % and 2 points.  At and past it
# clients that pace themselves arrive more evenly than the analysis assumes and demands shrink a little
# (fewer switches from idle, fewer ACKs): 5 % and 5 points.
#
# Three loads a curve: low, at the knee and past it.  With the word `long`: six.
set -eu
sopsim=$1
root=$2
points='200, 600, 900'
[ "${3:-}" != long ] || points='200, 600, 700, 800, 900, 1200'
loads=$(tr -cd , <<<"$points" | wc -c)
loads=$((loads + 1))
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

file=$out/points.ini
cat >"$file" <<-END
	[scenario]
	include = $root/scenarios/paper.ini
	[experiment fig5]
	quick_offered = $points
END
"$sopsim" explain queueing "$file" | tee "$out/said"
awk -v loads=$loads '
	function away(a, b) { return a > b ? a - b : b - a }
	/^[a-z_]+: / { config = $1; configs++ }
	/^ +[0-9]/ {
		rows++
		low = $1 <= 600
		if (away($3, $4) > (low ? 0.016 : 0.05) * $3) { print "throughput of " config " " $0; bad = 1 }
		if (away($7, $8) > (low ? 2 : 5)) { print "host of " config " " $0; bad = 1 }
		if (away($9, $10) > (low ? 2 : 5)) { print "card of " config " " $0; bad = 1 }
	}
	END { exit bad || configs != 3 || rows != 3 * loads }' "$out/said"
