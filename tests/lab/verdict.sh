#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A run of which something failed, or was cut short, says what in a line and ends with status 1.
. "$(dirname "$0")/expect.sh"

# fails "LINE|LINE" COMMAND...: status 1, and on stderr exactly the lines, each with the words given.
fails() {
	local lines rc i
	IFS='|' read -ra lines <<<"$1"
	shift
	timeout 120 "$@" >out 2>said </dev/null
	rc=$?
	[ $rc -eq 1 ] || complain "status $rc, not 1: $*"
	[ "$(wc -l <said)" -eq ${#lines[@]} ] || complain "not ${#lines[@]} lines: $* said '$(cat said)'"
	for ((i = 0; i < ${#lines[@]}; i++)); do
		sed -n "$((i + 1))p" said | grep -qF -- "${lines[i]}" ||
			complain "line $((i + 1)) of '$(cat said)' does not say '${lines[i]}'"
	done
}

# well COMMAND...: status 0, and nothing to complain about.
well() {
	timeout 120 "$@" >out 2>said </dev/null || complain "status $?: $*: $(cat said)"
	[ ! -s said ] || complain "said '$(cat said)': $*"
}

run=("$sopsim" run)
well "${run[@]}" "$first"

# A fetch that failed: by the network, by the server, too late.
fails '[fetch] 1 of 1 failed: No route to host' "${run[@]}" "$first" --set lan.loss=100%
fails '[fetch] 1 of 1 failed: Connection refused' "${run[@]}" "$first" --set web.enabled=no
fails '[fetch] 3 of 3 failed: the server answered with status 404' "${run[@]}" "$first" \
	--set fetch.fileset= --set fetch.path=/none --set fetch.times=3
fails 'the run was cut by scenario.limit = 1ms: 1 program had not ended|[fetch] had not fetched all' \
	"${run[@]}" "$first" --set scenario.limit=1ms

# Clients that nobody serves, or that have errors.
{
	printf '[scenario]\ninclude = %s\nduration = 2s\n[fetch]\nenabled = no\n' "$first"
	printf '[clients]\ntype = specweb\npeers = client\ntargets = eth0\nconnections = 4\n'
} >clients.ini
fails '[clients] nobody was served' "${run[@]}" clients.ini --set lan.loss=100%
grep -q response out && complain "a response time of requests that nobody answered"
fails 'requests failed|[clients] nobody was served' "${run[@]}" clients.ini --set web.enabled=no
fails '[stream_nic] nobody was served|[stream_toe] nobody was served' "${run[@]}" "$root/scenarios/streaming.ini" \
	--set scenario.duration=1s --set scenario.warmup=0s --set lan0.loss=100% --set lan1.loss=100%

# Programs: what did not hold, and where each stood that was cut.
program() {
	printf '[scenario]\ninclude = %s/scenarios/lessons/machine.ini\n%s\n' "$root" "$1"
	shift
	printf '%s\n' '[program x]' 'text = {' "$@" '}'
}
program 'limit = 1s' '	s = socket(stream)' '	listen(s)' '	fork c {' '		sleep 10s' '	}' '	accept(s)' >cut.ini
fails 'the run was cut by scenario.limit = 1s: 1 program had not ended|[program x] had not ended when the run was over: it stood in line 6' \
	"${run[@]}" cut.ini
grep -q 'c  *\*\* cut short in line 4: sleep' out || complain "not where the child stood: $(cat out)"
grep -q 'x  *\*\* cut short in line 6: accept(0)' out || complain "not where it stood: $(cat out)"
fails 'the run was cut by scenario.duration = 500ms: 1|it stood in line 6' \
	"${run[@]}" cut.ini --set scenario.duration=500ms
program 'limit = 1s' '	expect 1 = 2' '	expect 2 = 3' >wrong.ini
fails '[program x] 2 expectations did not hold' "${run[@]}" wrong.ini
program 'limit = 1s' '	sleep 1ms' >right.ini
well "${run[@]}" right.ini
{ cat right.ini; printf '%s\n' '[run y]' 'command = ifconfig nix'; } >command.ini
fails '[run y] the command did not end with status 0' "${run[@]}" command.ini
{ cat right.ini; printf '%s\n' '[echo e]' 'peer = peer0' 'target = eth0' 'expect = ok'; } >echo.ini
fails '[echo e] 1 time not as expected' "${run[@]}" echo.ini
{ cat right.ini; printf '%s\n' '[event z]' 'do = unload' 'target = sop' 'at = 5s'; } >event.ini
fails '[event z] did not happen' "${run[@]}" event.ini

{
	cat right.ini
	printf '%s\n' '[sop]' 'load_at = 5ms' '[event early]' 'do = load' 'target = sop' 'at = 1ms' \
		'[program y]' 'text = sleep 20ms'
} >late.ini
fails '[sop] could not be loaded: File exists' "${run[@]}" late.ini

# A card that is not there, or no more, is missing; one that is, is not.
cat >gone.ini <<-'END'
	[scenario]
	include = right.ini
	[event pulled]
	do = remove
	target = toe0
	at = 1ms
	[event slowed]
	do = slow
	factor = 2
	target = toe0
	at = 2ms
	expect = missing
END
well "${run[@]}" gone.ini
well "${run[@]}" gone.ini --set toe0.plugged=no --set pulled.expect=missing
fails '[event slowed] did not happen, or not with the result that was expected' "${run[@]}" gone.ini --set slowed.at=0.5ms

# In a sweep the point is marked, and has no time; the others stay.
sweep=("$sopsim" sweep "$first" --out swept)
fails 'sopsim sweep: lan.loss=100%: [fetch] 1 of 1 failed: No route to host' \
	"${sweep[@]}" --vary lan.loss=0%,100%
head -1 swept/sweep.csv | grep -q ',failed,reason$' || complain "no column for what failed"
grep -q '^0,.*,1[0-9.]*,,1,0,$' swept/sweep.csv || complain "the good point: $(cat swept/sweep.csv)"
grep -q '^1,.*,,,0,1,\[fetch\] 1 of 1 failed: No route to host$' swept/sweep.csv ||
	complain "the failed point: $(cat swept/sweep.csv)"
# Of results.csv it can be taken out.
[ "$(grep -c ',yes,sim,failed,1,1$' swept/results.csv)" -eq 1 ] &&
	[ "$(grep -c ',no,sim,failed,1,0$' swept/results.csv)" -eq 1 ] || complain "$(grep failed swept/results.csv)"
well "${sweep[@]}" --vary lan.loss=0% --fresh
{
	cat "$first"
	printf '%s\n' '[config bad]' 'lan.loss = 100%' '[config good]' '[experiment e]' \
		'configs = good, bad'
} >experiment.ini
cp "$root"/scenarios/*.ini . 2>/dev/null
fails 'sopsim sweep: lan.rate=1Gbit/s, e bad: [fetch] 1 of 1 failed' \
	"$sopsim" sweep experiment.ini --vary lan.rate=1Gbit/s --out experiment
exit $status
