#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep that is killed at random moments and begun again each time leaves the bytes of one that was not; what
# had ended stays and is not run again.  What belongs to another sweep, or program, is refused, and what fails
# is kept, marked and told.  Usage: resume.sh SOPSIM ROOT [KILLS [POINTS]]
. "$(dirname "$0")/expect.sh"
kills=${3:-3}
points=${4:-40}
RANDOM=2005

values=$(seq -s, 1 $((points / 2)) | sed 's/[0-9]\+/&us/g')
sweep=("$sopsim" sweep "$first" --vary lan.propagation="$values" --vary "pci0.latency=300ns,1us")

# All that must be the same; about.json is another each time.
bytes() { (cd "$1" && find . -type f ! -name about.json | LC_ALL=C sort | xargs sha256sum); }
finished() { mkdir -p killed/runs && files killed/runs; }

"${sweep[@]}" --out whole >printed 2>said || complain "a sweep: status $?: $(cat said)"
[ "$(names whole)" = 'about.json results.csv runs sweep.csv sweep.json sweep.pdf sweep.svg' ] || complain "$(ls -A whole)"
[ "$(files whole/runs | wc -l)" -eq "$points" ] || complain "runs: $(files whole/runs | wc -l)"

: >before
progressed=0
for _ in $(seq "$kills"); do
	"${sweep[@]}" --out killed >printed 2>said &
	pid=$!
	# Planning takes as long as it takes; then within the first of the runs that are left.
	for _ in $(seq 100); do
		[ "$(finished | wc -l)" -gt "$(wc -l <before)" ] && break
		sleep 0.02
	done
	sleep "0.$(printf %02d $((RANDOM % 25)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	finished >after
	# The same files, not files of the same names: none was written again.
	[ -z "$(comm -23 before after)" ] || complain "lost: $(comm -23 before after)"
	[ "$(wc -l <after)" -eq "$(wc -l <before)" ] || progressed=$((progressed + 1))
	cp after before
	[ "$(wc -l <after)" -lt "$points" ] || break
done
[ $progressed -gt 0 ] || complain "no run ended between $kills kills"
"${sweep[@]}" --out killed >printed 2>said || complain "after $kills kills: status $?: $(cat said)"
finished >after
[ -z "$(comm -23 before after)" ] || complain "run again: $(comm -23 before after)"
[ "$(bytes whole)" = "$(bytes killed)" ] || complain "other bytes after $kills kills: $(diff -rq whole killed)"

# Ctrl-C is a kill with manners, and a run that a power cut left in part counts as none.
touch killed/.sweep.csv.ABC123 killed/.results.csv.x0y1z2
some=$(files whole/runs | sed -n "7s/ .*//p")
head -c 100 "whole/runs/$some" >"killed/runs/$some"
rm "killed/runs/$(files whole/runs | sed -n "9s/ .*//p")"
"${sweep[@]}" --out killed >printed 2>said || complain "a run in part: status $?: $(cat said)"
[ "$(bytes whole)" = "$(bytes killed)" ] || complain "a run in part: $(diff -rq whole killed)"

# More points and more replications are the same sweep, gone further.
"${sweep[@]}" --out killed --repeat 2 --measure fetch.total_us >printed 2>said || complain "more: status $?: $(cat said)"
[ "$(files killed/runs | wc -l)" -eq $((2 * points)) ] || complain "more: $(files killed/runs | wc -l)"

# --- whose runs they are -------------------------------------------------------------------------------

small=("$sopsim" sweep "$first" --vary lan.loss=0% --out small)
"${small[@]}" >printed 2>said || complain "small: status $?: $(cat said)"
expect "'small'|cost.syscall was|and is 3us|--fresh" "${small[@]}" --set cost.syscall=3us
expect "'small'|the seed was 1 and is 2" "${small[@]}" --seed 2
expect "'small'|the axes was lan.loss and is fetch.times" "$sopsim" sweep "$first" --vary fetch.times=1 --out small
expect "'small'|lan.loss=0%, seed 1|none of this sweep" "$sopsim" sweep "$first" --vary lan.loss=1% --out small
sed -i 's/"commit" : "[^"]*"/"commit" : "0123abc"/' small/sweep.json
expect "'small'|the commit was 0123abc and is" "${small[@]}"
# A program that was built with other changes, which only one that has some says.
if grep -q '"build"' small/sweep.json; then
	sed -i 's/"commit" : "[^"]*"/"commit" : "0123abc"/; s/"build" : "[^"]*"/"build" : "77"/' small/sweep.json
	sed -i "s/\"commit\" : \"[^\"]*\"/$(grep -o '"commit" : "[^"]*"' whole/sweep.json)/" small/sweep.json
	expect "'small'|the build was 77 and is" "${small[@]}"
fi
"${small[@]}" --fresh --seed 2 >printed 2>said || complain "fresh: status $?: $(cat said)"
[ "$(files small/runs | wc -l)" -eq 1 ] && grep -q '"seed" : 2' small/runs/*.json || complain "fresh: $(files small/runs)"

# What a scenario takes from this machine is part of what it means.
mkdir pages && echo one >pages/a.html
printf '[scenario]\ninclude = %s\n[pages]\ntype = fileset\nfolder = pages\n' "$first" >pages.ini
pages=("$sopsim" sweep pages.ini --vary lan.loss=0% --out paged)
"${pages[@]}" >printed 2>said || complain "a folder: status $?: $(cat said)"
files paged/runs >before
"${pages[@]}" >printed 2>said || complain "a folder, again: status $?: $(cat said)"
[ "$(files paged/runs)" = "$(cat before)" ] || complain "the same files, and run again"
echo two >pages/a.html
expect "'paged'|the content of files was|--fresh" "${pages[@]}"
"${pages[@]}" --fresh >printed 2>said || complain "another folder: status $?: $(cat said)"
[ "$(names paged/runs)" != "$(cut -d' ' -f1 before)" ] || complain "other files, and the same id"

# --- what fails ------------------------------------------------------------------------------------------

failing=("$sopsim" sweep "$first" --vary "fetch.port=80,81,82" --out failing)
"${failing[@]}" >printed 2>said
[ $? -eq 1 ] || complain "a failed run: status $?"
grep -q '^sopsim sweep: fetch.port=81: \[fetch\] 1 of 1 failed: Connection refused$' said || complain "$(cat said)"
[ "$(cut -d, -f1 failing/sweep.csv | paste -sd' ')" = 'fetch.port 80 81 82' ] || complain "points: $(cat failing/sweep.csv)"
[ "$(grep -c ',1,\[fetch\] 1 of 1 failed: Connection refused$' failing/sweep.csv)" -eq 2 ] || complain "$(cat failing/sweep.csv)"
grep -q 'Connection refused' failing/runs/*.json || complain "no reason is kept"
files failing/runs >before
"${failing[@]}" >printed 2>said
[ $? -eq 1 ] && [ "$(files failing/runs)" = "$(cat before)" ] || complain "a failed run was run again"
# With one job, and the first point failing.
"$sopsim" sweep "$first" --vary fetch.port=81,82,80 --out stopped --jobs 1 --stop-at-failure >printed 2>said
[ $? -eq 1 ] && [ "$(files stopped/runs | wc -l)" -eq 1 ] || complain "--stop-at-failure: $(files stopped/runs)"

# --- a full disk -----------------------------------------------------------------------------------------

if [ "$(id -u)" -eq 0 ] && mkdir disk && mount -t tmpfs -o size=1536k none disk 2>/dev/null; then
	many=$(seq -s, 1 100 | sed 's/[0-9]\+/&us/g')
	"$sopsim" sweep "$first" --vary lan.propagation="$many" --out disk >printed 2>said
	rc=$?
	[ $rc -eq 2 ] && [ "$(wc -l <said)" -eq 1 ] && grep -q "'disk'.*No space left" said ||
		complain "full disk: status $rc: $(cat said)"
	[ -z "$(find disk -name '.*' -type f)" ] || complain "full disk left: $(find disk -name '.*')"
	files disk/runs >before
	[ "$(wc -l <before)" -gt 20 ] || complain "full disk: $(wc -l <before) runs"
	mount -o remount,size=64m disk
	many=$(seq -s, 1 100 | sed 's/[0-9]\+/&us/g')
	"$sopsim" sweep "$first" --vary lan.propagation="$many" --out disk >printed 2>said || complain "room: $(cat said)"
	files disk/runs >after
	[ -z "$(comm -23 before after)" ] && [ "$(wc -l <after)" -eq 100 ] || complain "room: $(wc -l <after)"
	umount disk
fi
exit $status
