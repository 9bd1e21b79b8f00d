#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run did fits on one screen, of 40 lines and 100 columns, whatever ran.
#
#     screen.sh SOPSIM ROOT [long]      long: each scenario of scenarios/ that can be run by itself
. "$(dirname "$0")/expect.sh"

# fits SCENARIO: what is in "out".
fits() {
	local lines
	lines=$(wc -l <out)
	[ "$lines" -ge 10 ] && [ "$lines" -le 40 ] || complain "$1: $lines lines"
	[ "$(wc -L <out)" -le 100 ] || complain "$1: $(wc -L <out) columns"
}

# summary SCENARIO OPTION...: runs it; leaves what comes behind the programs' lines in "out".
summary() {
	"$sopsim" run "$root/scenarios/$1" "${@:2}" 2>said >all
	local rc=$?
	sed -n "/^${1##*/}:/,\$p" all >out
	return $rc
}

# screen SCENARIO OPTION...: its summary.
screen() {
	summary "$@"
	fits "$1"
	[ "$(wc -l <out)" -ge 15 ] || complain "$1: few lines"
	for part in 'Served by' 'Hosts' 'Largest costs'; do
		grep -q "^$part " out || complain "$1 says nothing of '$part'"
	done
}

if [ "${3:-}" = long ]; then
	n=0
	while read -r name; do
		summary "$name" </dev/null
		# Parts of scenarios, and units of the course.
		[ $? -ne 2 ] || continue
		fits "$name"
		n=$((n + 1))
	done < <(cd "$root/scenarios" && find . -name '*.ini' -printf '%P\n' | sort)
	[ $n -ge 60 ] || complain "$n scenarios"
	exit "$status"
fi
screen choices/receive.ini
grep -q '^  toe0 to toe3, each ' out || complain 'four cards that are alike take four lines'
grep -q '^  ops  socket() [0-9.]* us, ' out || complain 'operations are no words'
screen choices/operations-card.ini
screen lessons/10-a-card-added-late.ini
screen two-cards.ini --set scenario.warmup=100ms --set scenario.duration=500ms
screen lessons/09-pulling-a-card.ini
screen lessons/04-connect-falls-back.ini
# A title that is longer than a line.
summary machines/p3-847-icc-pgo.ini
fits machines/p3-847-icc-pgo.ini
grep -qx '  PGO' out || complain "the title: $(head -2 out)"
exit "$status"
