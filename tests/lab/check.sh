#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check: every cell counts, by its ratio to the baseline's; what cannot be compared is refused.
. "$(dirname "$0")/expect.sh"

mkdir old now
header=config,offered_rps,throughput_rps,ci95_rps
table() { printf '%s\n' "$header" "$@"; }
rows=("a,100,99.5,0.5" "a,200,0.5,0.05" "b,100,0,0.001")

# differs STATUS WORDS: what check says of the two folders.
differs() {
	"$sopsim" check --against old now >out 2>said
	[ $? -eq "$1" ] || complain "status not $1: $(cat out said)"
	grep -qE -- "$2" out || complain "not said, '$2': $(cat out)"
}

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
exit $status
