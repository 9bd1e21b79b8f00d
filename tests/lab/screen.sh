#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run did fits on one screen, of 40 lines and 100 columns, whatever ran.  Usage: screen.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"

# screen SCENARIO OPTION...: its summary.
screen() {
	local lines
	"$sopsim" run "$root/scenarios/$1" "${@:2}" 2>said | sed -n "/^${1##*/}: /,\$p" >out
	lines=$(wc -l <out)
	[ "$lines" -ge 15 ] && [ "$lines" -le 40 ] || complain "$1: $lines lines"
	[ "$(wc -L <out)" -le 100 ] || complain "$1: $(wc -L <out) columns"
	for part in 'Served by' 'Hosts' 'Largest costs'; do
		grep -q "^$part " out || complain "$1 says nothing of '$part'"
	done
}

screen choices/receive.ini
grep -q '^  toe0 to toe3, each ' out || complain 'four cards that are alike take four lines'
grep -q ' socket() [0-9.]* us, ' out || complain 'operations are no words'
screen two-cards.ini --set scenario.warmup=100ms --set scenario.duration=500ms
screen lessons/09-pulling-a-card.ini
screen lessons/04-connect-falls-back.ini
exit "$status"
