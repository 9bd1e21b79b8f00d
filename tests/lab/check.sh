#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check: every cell counts, by its ratio to the baseline's; what cannot be compared is refused.
. "$(dirname "$0")/expect.sh"

mkdir old now
header=config,offered_rps,throughput_rps,ci95_rps
table() { printf '%s\n' "$header" "$@"; }
rows=("a,100,99.5,0.5" "a,200,0.5,0.05" "b,100,0,0.001")

# compared STATUS WORDS [OPTION...]: what check says of the two folders.
compared() {
	"$sopsim" check --against old now "${@:3}" >out 2>said
	[ $? -eq "$1" ] || complain "status not $1: $(cat out said)"
	grep -qE -- "$2" out || complain "not said, '$2': $(cat out)"
}
differs() { compared "$@" --no-intervals; }

table "${rows[@]}" >old/fig5.csv
table "${rows[@]}" >now/fig5.csv
differs 0 '^6 numbers compared, 0 moved'
table "${rows[2]}" "${rows[0]}" "${rows[1]}" >now/fig5.csv
differs 0 '^6 numbers compared, 0 moved'
table a,100,100.4,0.5 a,200,0.5049,0.05 b,100,0,0.001 >now/fig5.csv
differs 0 '^6 numbers compared, 0 moved'
table "${rows[0]}" a,200,0.506,0.05 "${rows[2]}" >now/fig5.csv
differs 1 '^fig5.csv *a,200 *throughput_rps *0.5 *0.506'
table "${rows[0]}" a,200,0.5,0.06 "${rows[2]}" >now/fig5.csv
differs 1 '^fig5.csv *a,200 *ci95_rps *0.05 *0.06'
table "${rows[0]}" "${rows[1]}" b,100,0.001,0.001 >now/fig5.csv
differs 1 '^fig5.csv *b,100 *throughput_rps *0 *0.001'
table "${rows[0]}" "${rows[1]}" b,100,nan,0.001 >now/fig5.csv
differs 1 '^fig5.csv *b,100 *throughput_rps *0 *nan'
table "${rows[0]}" "${rows[1]}" b,100,,0.001 >now/fig5.csv
differs 1 '1 moved'
table "${rows[@]}" c,1,1,1 >now/fig5.csv
differs 1 '^fig5.csv *c,1 *\(row\) *missing *present'
table "${rows[@]:1}" >now/fig5.csv
differs 1 '^fig5.csv *a,100 *\(row\) *present *missing'

# With intervals a difference that is inside both is none, and they are not compared themselves.
table a,100,99.5,0.5 a,200,0.506,0.06 b,100,0.001,0.001 >now/fig5.csv
compared 0 '^3 numbers compared, 0 moved'
table a,100,99.5,0.5 a,200,0.58,0.06 b,100,0.001,0.001 >now/fig5.csv
compared 1 '^fig5.csv *a,200 *throughput_rps *0.5 *0.58 *\+16 %  \+- 0.05, \+- 0.06'
compared 1 '^fig5.csv: 1 of 3 moved, the farthest throughput_rps of a,200 by \+16 %'
compared 0 '0 moved' --tolerance 16%
compared 1 '1 moved' --tolerance 0.15

# check.ini: of the baseline's folder.
printf '[fig5.csv]\nthroughput_* = 20%%\n' >old/check.ini
compared 0 '^3 numbers compared, 0 moved'
printf '[fig5.csv]\nthroughput = 20%%\n' >old/check.ini
expect 'old/check.ini: line 2: [fig5.csv] throughput' "$sopsim" check --against old now
printf '[fig5.csv]\nthroughput_rps = 2\n' >old/check.ini
expect 'old/check.ini: line 2' "$sopsim" check --against old now
rm old/check.ini

# For machines: well-formed XML, and a line that GitHub reads.
compared 1 '^::error file=now/fig5.csv,line=3,title=throughput_rps of a%2C200::throughput_rps of a,200 was 0.5 ' \
	--github --junit report.xml
xml='import sys, xml.etree.ElementTree as t
r = t.parse("report.xml").getroot()
s = r.find("testsuite")
print(s.get("name"), s.get("tests"), s.get("failures"), len(r.findall(".//testcase")), r.find(".//failure").get("message"))'
[ "$(python3 -c "$xml")" = 'fig5.csv 3 1 3 was 0.5 +- 0.05, is 0.58 +- 0.06 (+16 %)' ] || complain "JUnit: $(cat report.xml)"
expect '--junit' "$sopsim" check --against old now --junit nowhere/report.xml
expect '--tolerance' "$sopsim" check --against old now --tolerance much

# A quoted cell may have commas; it is compared as a text.
table '"a, ""b""",100,1,x' >old/fig5.csv
table '"a, ""b""",100,1,x' >now/fig5.csv
differs 0 '^2 numbers compared, 0 moved'
table '"a, ""b""",100,1,y' >now/fig5.csv
differs 1 '1 moved'
table "${rows[@]}" >old/fig5.csv

# refuses WORDS TABLE...: no such table, on neither side.
refuses() {
	# shellcheck disable=SC2059 # tables stand in formats
	printf "${@:2}" >now/fig5.csv
	expect "now/fig5.csv|$1" "$sopsim" check --against old now
	# shellcheck disable=SC2059 # tables stand in formats
	printf "${@:2}" >sides
	table "${rows[@]}" >now/fig5.csv
	mv old/fig5.csv keep
	mv sides old/fig5.csv
	expect "fig5.csv" "$sopsim" check --against old now
	mv keep old/fig5.csv
}
refuses 'line 3|cells' "$header\na,100,99.5,0.5\na,200,0.5\nb,100,0,0.001\n"
refuses 'line 2|cells' "$header\na,100,99.5,0.5,1\n"
refuses 'line 2|cells' "$header\n\n"
refuses 'line 4|cut off' "$header\na,100,99.5,0.5\na,200,0.5,0.05\nb,100,0,0.00"
refuses 'line 1|cut off' "$header"
refuses 'line 1|cut off' ''
refuses 'no rows' "$header\n"
refuses 'two rows' "$header\na,100,99.5,0.5\na,100,99.5,0.5\n"
refuses 'line 1|config' "config,throughput_rps,ci95_rps\na,1,1\n"
refuses 'line 1|columns' "config,offered_rps,throughput_rps\na,100,1\n"
refuses 'line 1|columns' "config,offered_rps,ci95_rps,throughput_rps\na,100,1,1\n"
refuses 'line 1|column' "config,offered_rps,ci95_rps,ci95_rps\na,100,1,1\n"
refuses 'line 1|column' "config,offered_rps,,ci95_rps\na,100,1,1\n"
refuses 'line 2|quote' "$header\n\"a,100,1,1\n"
refuses 'line 2|quote' "$header\n\"a\"b,100,1,1\n"
refuses 'UTF-8' "$header\n\\xff,100,1,1\n"
refuses 'UTF-8' "$header\n\\0,100,1,1\n"
refuses 'line 1|columns' 'x\n1\n'

# Both without the column that names rows: nothing to compare, not a crash.
printf 'x\n1\n' >old/fig5.csv
printf 'x\n1\n' >now/fig5.csv
expect 'fig5.csv|line 1|offered_rps' "$sopsim" check --against old now
table "${rows[@]}" >old/fig5.csv

# A figure that only one of them has.
rm now/fig5.csv
expect 'now/fig5.csv' "$sopsim" check --against old now
table "${rows[@]}" >now/fig5.csv
printf 'claim,holds\nx,yes\n' >now/claims.csv
expect 'old/claims.csv' "$sopsim" check --against old now
rm now/claims.csv

# Without end.
{ table "${rows[@]}"; yes c,1,1,1 | head -c 20000000; } >now/fig5.csv
expect 'now/fig5.csv|16 MiB' "$sopsim" check --against old now
rm now/fig5.csv
mkfifo now/fig5.csv
expect 'now/fig5.csv|a pipe' "$sopsim" check --against old now

# What `run` leaves is compared too.
"$sopsim" run "$first" --out one >out 2>said && "$sopsim" run "$first" --out two >out 2>said ||
	complain "run: $(cat said)"
"$sopsim" check --against one two >out || complain "the same run twice: $(cat out)"
"$sopsim" run "$first" --set pci0.latency=9us --out two >out 2>said
"$sopsim" check --against one two >out && complain "another run: $(cat out)"
grep -qE '^  pci0.latency +[0-9]+ns +9us$' out || complain "the parameter is not named: $(cat out)"

# The recipe of docs/ci.md, as it stands there; and what it says when something moved.
ln -s "$root/scenarios" "$sopsim" .
git() { :; }
while read -r line; do
	line=${line#- run: }
	eval "$line" >out 2>said || complain "docs/ci.md: $line: $(cat out said)"
done < <(grep -E '^ *(- run: )?(\./sopsim|printf|git add) ' "$root/docs/ci.md")
[ -s report.xml ] && grep -qE '^[1-9][0-9]* numbers compared, 0 moved' out || complain "docs/ci.md: $(cat out)"
./sopsim sweep scenarios/first.ini --vary lan.rate=100Mbit/s,1Gbit/s --set lan.propagation=10us --out results/now --fresh >out 2>said
./sopsim check --against baseline results/now >out && complain "nothing moved: $(cat out)"
for line in '^file +row +column +baseline +now +by$' '^sweep.csv +.* fetch_us ' '^  lan.propagation +1us +10us$' \
	'^sweep.csv: [0-9]+ of [0-9]+ moved, the farthest '; do
	grep -qE "$line" out || complain "docs/ci.md: not $line: $(cat out)"
	grep -qE "^    ${line#^}" "$root/docs/ci.md" || complain "docs/ci.md does not show $line"
done
exit $status
