#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Real machines as witnesses: what was fitted is met, what is predicted is as near as it was, and both forms of
# the answer say the same.  Usage: witness.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
set -e

"$sopsim" witness >"$dir/all"
"$sopsim" witness --jobs 1 >"$dir/again"
cmp "$dir/all" "$dir/again" || complain 'the same machines, and another answer'

# least NAME ENTRIES 15 30 [ENTRIES 15 30]: a line of the shares; of the second count, which is the first's if not given.
least() {
	local line shares='  *[0-9]* *[0-9]* % *[0-9]* %'
	line=$(grep "^  $1$shares$shares$" "$dir/all" | sed "s/^  $1 //")
	awk -v n="$2" -v a="$3" -v b="$4" -v m="${5:-$2}" -v c="${6:-$3}" -v d="${7:-$4}" \
		'{ exit !($1 == n && $2 >= a && $4 >= b && $6 == m && $7 >= c && $9 >= d) }' <<<"$line" ||
		complain "$1: '$line'; wanted $2 entries, $3 % within 15 %, $4 % within 30 %; ${*:5}"
}
least p3-847 19 100 100
least skinny 19 78 100
least p3-847-icc 19 94 100
least stp1-003 18 77 94
least p4-2400 18 66 100
least 'UP, Linux 2.4' 131 83 90 129 87 93
least celeron-634 18 66 83 17 82 94
least 'UP, Linux 2.5' 50 60 82
least SMP 36 50 89
least 'not told, which' 146 35 65
least 'all that is predicted' 363 57 79 361 58 80

# What a row's number may be, as it is printed, and what it says something else of: by the Celerons' rows alone.
grep -q '^  sig_handle .* 1\.[0-9]*  \*\*  (2.5 to 3.5)$' "$dir/all" || complain 'no range of a signal'
grep -q '^  fork .*  (650 to 750)$' "$dir/all" || complain 'no range of a fork'
[ "$(grep -c '^  select_tcp .*  measured otherwise$' "$dir/all")" = 2 ] || complain 'not two rows have another select'
[ "$(grep -c '^  .* (.* to .*)$' "$dir/all")" = 31 ] || complain 'not 31 numbers have a range'

# Of the row that is fitted, entry by entry: what was fitted to 2 %, what only followed to 15 %.
"$sopsim" witness p3-847 >"$dir/one"
[ "$(grep -c '^  [a-z].* [0-9.]* *[0-9.]* *[0-9.]*$' "$dir/one")" = 19 ] || complain 'p3-847: not 19 entries in the table'
awk '$2 == "us" && ($5 < 0.98 || $5 > 1.02) && $1 !~ /^ctx_(8|16)p/ { print; bad = 1 } END { exit bad }' "$dir/one" ||
	complain 'p3-847 is not as it was fitted'

"$sopsim" witness p3-847 skinny --json >"$dir/json"
grep -A4 '"measure" : "fork"' "$dir/json" | grep -q '"real" : 104' || complain 'JSON without fork'
[ "$(grep -c '"measure"' "$dir/json")" = 38 ] || complain 'JSON has not 38 entries'
"$sopsim" witness p3-847 skinny p3-847 --json | cmp - "$dir/json" || complain 'a machine that is named twice counts twice'
"$sopsim" witness celeron-634 --json >"$dir/json2"
grep -A6 '"measure" : "select_tcp"' "$dir/json2" | grep -A1 '"rounding" : 5' | grep -q '"otherwise" : true' ||
	complain 'JSON without what is known of a select'
grep -q '"comparable" : 17' "$dir/json2" || complain 'JSON without what may be compared'
grep -A3 '"kernel" : "fitted"' "$dir/json" | grep -q '"entries" : 38' || complain 'JSON without scores'

if "$sopsim" witness p3 >"$dir/out" 2>"$dir/err"; then
	complain 'a machine that is not there was found'
fi
grep -q "unknown machine 'p3'; allowed: access1, " "$dir/err" || complain "says: $(cat "$dir/err")"
[ "$(wc -l <"$dir/err")" = 1 ] || complain 'more than one line'

# What the page says is what is printed.
sed -n '/^  machine or kernel/,$p' "$dir/all" | sed 's/^/    /' >"$dir/table"
while read -r line; do
	grep -qF "$line" "$dir/table" || complain "docs/machines.md says: $line"
done < <(grep -E '^ {6}.* [0-9]+ % +[0-9]+ %$' "$root/docs/machines.md")

# How far any model could go: what the page says of it is printed too.
"$root/tests/lab/witness_bound.sh" "$root" >"$dir/bound"
[ "$(grep -cE ' of (131|129), ' "$dir/bound")" = 8 ] || complain "bounds: $(cat "$dir/bound")"
while read -r line; do
	grep -qxF "    $line" "$root/docs/machines.md" || complain "docs/machines.md does not say: $line"
done < <(grep -E ' of (131|129), ' "$dir/bound")

# Machines with wires: two pages show what is printed, holding or not.
"$sopsim" witness --wires >"$dir/wires"
sed 's/^/    /; s/ *$//' "$dir/wires" >"$dir/table"
cat "$root/docs/machines.md" "$root/docs/cards.md" >"$dir/pages"
while read -r line; do
	grep -qF "$line" "$dir/table" || complain "docs/machines.md or docs/cards.md says: $line"
done < <(grep -E '^ {6}.* [0-9]+ % (yes|no)$|^ {4}[0-9]+ of [0-9]+ are within' "$dir/pages")
[ "$(grep -cE ' % (yes|no)$' "$dir/wires")" = "$(grep -cE '^ {6}.* [0-9]+ % (yes|no)$' "$dir/pages")" ] ||
	complain 'the pages have not all claims'
"$sopsim" witness --wires mmio --json | grep -A8 '"claim" : "icr"' | grep -q '"holds" : ' || complain 'JSON of claims'

# A card that gathers and sums up: sendfile() copies nothing, and all arrives as it was.
cat >"$dir/bulk.ini" <<END
[scenario]
include = $root/scenarios/first.ini
[server]
l2 = 0B
[cost]
copy_tx = 5ns/B
csum_rx = 1us/B
[web]
sendfile = yes
END
# counted COST SETTING...: us of a cost, whole ones.
counted() {
	local cost=$1
	shift
	"$sopsim" run "$dir/bulk.ini" --out "$dir/run" "$@" >/dev/null || complain "bulk.ini $*: status $?"
	grep -q '^fetch.failed,0$' "$dir/run/summary.csv" || complain "bulk.ini $*: not fetched as it was"
	sed -n "s/^server.cost.$cost.us,\\([0-9]*\\).*/\\1/p" "$dir/run/summary.csv"
}
copied=$(counted copy_tx)
pieces=$(counted copy_tx --set eth0.scatter_gather=yes --set eth0.tx_checksum=yes)
[ "$copied" -ge 512 ] || complain "sendfile() copied for $copied us; wanted: 100 KiB"
[ "$pieces" -le 5 ] || complain "sendfile() copied for $pieces us from a card that gathers"
cached=(--set server.l2=256KiB --set cost.copy_hot=5ns/B --set cost.copy_file=5ns/B --set cost.copy_cold=5ns/B)
[ "$(counted copy_file "${cached[@]}")" -ge 512 ] || complain 'sendfile() found the bytes of a file in the L2'
[ "$(counted copy_hot "${cached[@]}")" -le 5 ] || complain 'sendfile() found some bytes of a file in the L2'
[ "$(counted copy_tx --set eth0.scatter_gather=yes)" = "$copied" ] || complain 'without checksums in the card nothing is gathered'
[ "$(counted csum_rx)" -gt 0 ] || complain 'no received byte was summed up'
summed=$(counted csum_rx --set eth0.rx_checksum=yes)
[ "${summed:-0}" = 0 ] || complain 'bytes that the card has summed up were summed up again'
exit "$status"
