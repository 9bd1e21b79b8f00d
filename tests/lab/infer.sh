#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A question about a small machine: systems that were found agree, the same seed finds the same ones, also after
# a resume; what is wrong is told in a line.  Usage: infer.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
set -e

cp "$root/tests/lab/two_sends.ini" "$dir/q.ini"

ask() {
	"$sopsim" infer "$dir/q.ini" --accepted 10 --draws 200 "$@" 2>/dev/null
}

ask --out "$dir/a" >"$dir/a.txt" || complain "ended with $?"
ask --out "$dir/b" --jobs 1 >"$dir/b.txt"
cmp "$dir/a.txt" "$dir/b.txt" || complain 'the same seed, and another answer'
cmp "$dir/a.txt" "$dir/a/region.txt" || complain 'printed and written differ'
cmp "$dir/a/region.csv" "$dir/b/region.csv" || complain 'the same seed, and other systems'

# Speed and bytes are known then, the word is not; a slower call costs two of its cycles more.
awk -F, 'NR == 1 { next }
	$1 < 0.44 || $1 > 0.56 || $2 < 17 || $2 > 23 { print "speed or byte: " $0; bad = 1 }
	$4 < 11.9 || $4 > 12.5 || $5 < 31.5 || $5 > 32.5 { print "number: " $0; bad = 1 }
	$6 * $1 < 1.9 || $6 * $1 > 2.1 { print "slow: " $0; bad = 1 }
	END { exit bad || NR < 11 }' "$dir/a/region.csv" || complain 'systems that do not agree'
grep -q '^  poor .*%' "$dir/a.txt" || complain 'no hypotheses'
grep -q '^cost.copy_tx=.*ns/B$' "$dir/a/member.txt" || complain 'no member'

# Some of the runs are gone, and the answer; the rest is done again.
find "$dir/b/runs" -name '*3.json' -delete
rm "$dir/b/region.txt" "$dir/b/region.csv"
if ask --out "$dir/b" >"$dir/out"; then complain 'runs that are there were no matter'; fi
ask --out "$dir/b" --resume >"$dir/b.txt"
cmp "$dir/a.txt" "$dir/b.txt" || complain 'a resume has another answer'
cmp "$dir/a/region.csv" "$dir/b/region.csv" || complain 'a resume has other systems'

# The systems of a region.csv, in order, but for the last digits.
rounded() {
	awk -F, 'NR > 1 { printf "%.9g %.9g %s %.7g %.7g\n", $1, $2, $3, $4, $5 }' "$1" | sort
}

# Systems of an answer agree when they are asked again, and others are found from there.
ask --from "$dir/a/region.csv" --out "$dir/d" >"$dir/d.txt"
cmp <(rounded "$dir/a/region.csv") <(rounded "$dir/d/region.csv") || complain 'they do not agree any more'
ask --from "$dir/a/region.csv" --accepted 25 --out "$dir/e" >"$dir/e.txt"
[ "$(wc -l <"$dir/e/region.csv")" -ge 26 ] || complain 'nothing was found on walks'
[ "$(comm -12 <(rounded "$dir/a/region.csv") <(rounded "$dir/e/region.csv") | wc -l)" -ge 10 ] || complain 'some were lost'

# An experiment's own speed is stronger than the one that is drawn, of which nothing is known then; so is --set's.
sed 's/^\[experiment e\]/&\nserver.speed = 0.53/' "$dir/q.ini" >"$dir/own.ini"
own() {
	"$sopsim" infer "$@" --accepted 10 --draws 200 >"$dir/own.txt" 2>/dev/null || complain "$1: ended with $?"
	awk -F, 'NR > 1 { below += $1 < 0.4; above += $1 > 0.6; off += $4 < 11.9 || $4 > 12.5 }
		END { exit NR < 11 || !below || !above || off }' "${*: -1}/region.csv" ||
		complain "$1: what is drawn has won"
}
own "$dir/own.ini" --out "$dir/own"
own "$dir/q.ini" --set server.speed=0.53 --out "$dir/set"

ask --seed 2 >"$dir/c.txt"
cmp -s "$dir/a.txt" "$dir/c.txt" && complain 'another seed, and the same answer'
ask --json | grep -q '"of":"holds","group":"large","measure":"share"' || complain 'JSON without shares'

# refused EXPECTED OPTION...: status 2 and one line.
refused() {
	local rc=0
	"$sopsim" infer "${@:2}" >"$dir/out" 2>"$dir/err" || rc=$?
	[ $rc = 2 ] || complain "$1: status $rc"
	grep -q "$1" "$dir/err" || complain "wanted '$1': $(cat "$dir/err")"
	[ "$(wc -l <"$dir/err")" = 1 ] || complain "$1: more than one line"
}
sed '/^\[prior speed\]/,/^\[prior byte\]/s/high = 2/high = 0.1/' "$dir/q.ini" >"$dir/bad1.ini"
refused '\[prior speed\] high: not above low; allowed: low below high' "$dir/bad1.ini"
sed 's/server.speed={}/server.speed={/' "$dir/q.ini" >"$dir/bad2.ini"
refused "\[prior speed\] set: 'server.speed={' is no setting; allowed: GROUP.KEY=VALUE" "$dir/bad2.ini"
sed 's/server.speed={}/server.sped={}/' "$dir/q.ini" >"$dir/bad3.ini"
refused 'a prior: \[server\] sped: ' "$dir/bad3.ini"
sed 's/^tests = kind/tests = byt/' "$dir/q.ini" >"$dir/bad4.ini"
refused "\[number large\] tests: " "$dir/bad4.ini"
sed '/^\[number/,$s/bench.latency_us/server.switches/' "$dir/q.ini" >"$dir/bad5.ini"
refused "\[number small\] measure: there is no closed form of 'server.switches'; allowed: " "$dir/bad5.ini"
sed '/^\[prior speed\]/,$d' "$dir/q.ini" >"$dir/bad6.ini"
refused 'no group is of type prior' "$dir/bad6.ini"
sed '2s/^[^,]*/7/' "$dir/a/region.csv" >"$dir/bad7.csv"
refused "row 1: speed is '7'; allowed: what \[prior speed\] allows" "$dir/q.ini" --from "$dir/bad7.csv"
sed '1s/byte/bite/' "$dir/a/region.csv" >"$dir/bad8.csv"
refused "no column 'byte'; allowed: a column for each prior" "$dir/q.ini" --from "$dir/bad8.csv"
refused 'allowed: a whole number from 100 ' "$dir/q.ini" --draws 5
exit $status
