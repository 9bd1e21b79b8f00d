#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sweeps by one command each: what docs/sweeps.md teaches, how many runs it makes, and some of them run.
. "$(dirname "$0")/expect.sh"
paper=$root/scenarios/paper.ini
cards=$root/scenarios/cards.ini

# runs N COMMAND...: what a sweep would run.
runs() {
	local want=$1
	shift
	"$sopsim" sweep "$@" --list >out 2>said || complain "$*: $(cat said)"
	[ "$(tail -1 out | sed 's/.* \([0-9]*\) runs\{0,1\}$/\1/')" = "$want" ] ||
		complain "$*: not $want runs: $(tail -1 out)"
	[ ! -e results ] || complain "$*: --list made files"
}

# Every command of the page is one that can be typed, and one of them each is what it says.
n=0
while read -r line; do
	line=${line#./sopsim sweep }
	n=$((n + 1))
	(cd "$root" && eval "'$sopsim' sweep $line --list") >out 2>said || complain "docs/sweeps.md: $line: $(cat said)"
done < <(grep -h '^    \./sopsim sweep ' "$root/docs/sweeps.md" | grep -v four.ini)
[ $n -ge 12 ] || complain "docs/sweeps.md has $n commands"

# Three buses; cards x latency x size; configs; ten costs at random.
buses='pci0.width,pci0.clock=pci32=32,33MHz;pci64=64,66MHz;pcix=64,133MHz'
costs=(--sample 200)
for cost in syscall irq softirq context_switch wakeup tcp_sendmsg tcp_recvmsg tcp_tx_segment tcp_rx_ack dispatch; do
	costs+=(--vary "cost.$cost=1us..9us")
done
runs 12 "$paper" --experiment table1 --vary "$buses"
runs 24 "$cards"
runs 24 "$cards" grid
runs 240 "$cards" grid --repeat 10
runs 27 "$cards" --vary card.count=1,2,4 --vary 'pci0.latency=10ns..10us log 3' --vary page.size=1KiB,8KiB,64KiB
runs 2 "$paper" --experiment fig6 --config offload_no_sop,offload_sop
runs 200 "$root/scenarios/first.ini" "${costs[@]}"
sort -u out | grep -c us >n
[ "$(cat n)" -eq 200 ] || complain "$(cat n) different points of 200"
"$sopsim" sweep "$root/scenarios/first.ini" "${costs[@]}" --list | cmp - out || complain 'other points with the same seed'
"$sopsim" sweep "$root/scenarios/first.ini" "${costs[@]}" --seed 2 --list | cmp -s - out && complain 'the same points with another seed'

# The load of an experiment by its own key: once each, in force.
runs 2 "$paper" --experiment fig5 --config leg_tcpip --vary clients.offered=500/s,600/s

# Named points, a config that no experiment runs, and a figure.
cat >own.ini <<END
[scenario]
include = $root/scenarios/first.ini
[config slow]
lan.rate = 10Mbit/s
[config fast]
lan.rate = 1Gbit/s
END
"$sopsim" sweep own.ini --config slow,fast --vary 'pci0.width,pci0.clock=old=32,33MHz;new=64,66MHz' >out 2>said ||
	complain "configs: $(cat said)"
[ "$(cut -d, -f1-6 results/sweep/sweep.csv | paste -sd' ')" = 'pci0,pci0.width,pci0.clock_Hz,experiment,config,offered_rps old,32,33000000,-,slow,0 new,64,66000000,-,slow,0 old,32,33000000,-,fast,0 new,64,66000000,-,fast,0' ] ||
	complain "table: $(cat results/sweep/sweep.csv)"
[ -s results/sweep/sweep.svg ] || complain 'no figure'
column() { awk -F, -v row="$1" -v name="$2" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i} NR == row {print $at}' results/sweep/sweep.csv; }
[ "$(column 2 fetch_us | cut -d. -f1)" -gt "$(column 4 fetch_us | cut -d. -f1)" ] ||
	complain "a slower wire is no slower: $(cat results/sweep/sweep.csv)"
rm -r results

# Cards that there are several of.
"$sopsim" run "$cards" --set card.count=3 --set scenario.duration=500ms >out 2>said || complain "three cards: $(cat said)"
for card in toe0 toe1 toe2; do
	[ "$("$root/tests/cell" out $card connections)" -gt 0 ] || complain "not three cards at work: $(cat out)"
done

# The questions of docs/sweeps.md, in short: a table and a figure each, as they come.
# shows LINES COMMAND...
shows() {
	local n=$1
	shift
	"$sopsim" sweep "$@" --out "$PWD/short" >out 2>said || complain "$*: $(cat said)"
	[ -s short/sweep.pdf ] || complain "$*: no figure"
	for words in "${wanted[@]}"; do
		grep -q ">$words<" short/sweep.svg || complain "$*: the figure does not say $words"
	done
	[ "$(grep -c . short/sweep.csv)" -eq "$n" ] || complain "$*: $(cat short/sweep.csv)"
	rm -r short
}
quick=(--set bench.sends=50 --set bench.repetitions=3 --set bench.gap=1ms)
wanted=(pci32 pcix 'send(), us' 'offload, SOP')
shows 13 "$paper" --experiment table1 --vary "$buses" "${quick[@]}"
wanted=('page.size 64KiB' '100ns' card.count 'host CPU, %' 'bars: 95 % intervals')
shows 25 "$cards" grid --repeat 2 --set scenario.warmup=0s --set scenario.duration=100ms
wanted=('offload, SOP' 'throughput, requests/s')
shows 3 "$paper" --experiment fig6 --config offload_no_sop,offload_sop --set fig6.scenario.warmup=2s --set fig6.scenario.duration=1s
wanted=('of 10 ranges cost.* matters most .*' 'fetch, us')
shows 13 "$root/scenarios/first.ini" "${costs[@]}" --sample 12

# Four groups, as the page has them: lines for a shell.
ln -s "$root/scenarios" scenarios
ln -s "$sopsim" sopsim
eval "$(grep -A2 '^    printf .*four.ini' "$root/docs/sweeps.md")" >out 2>said || complain "four groups: $(cat said)"
grep -q '>type:poisson.answered' results/sweep/sweep.svg || complain 'four groups: no figure of what all got'
awk -F, 'NR > 1 { off = $5 - $8 - $11 - $14 - $17; bad += off > 0.01 || off < -0.01; n++ } END { exit bad || n != 3 }' \
	results/sweep/sweep.csv || complain "four groups: no sum: $(cat results/sweep/sweep.csv)"
rm -r results

# Refused, in one line that names the option.
sweep() { expect "$1" "$sopsim" sweep "${@:2}"; }
sweep '--vary: pci0.latency|how many values?' "$cards" --vary pci0.latency=1us..2us
sweep "--except: 'card.cont' is not varied|card.count" "$cards" --vary card.count=1,2 --except card.cont=1
sweep '--sample|out of range' "$cards" --vary pci0.latency=1us..2us --sample -1
sweep 'there is no [sweep gird]|grid' "$cards" gird
sweep '--config: there is no [config leg]' "$paper" --config leg
sweep "[experiment fig6] configs: it does not run 'leg_sop'" "$paper" --experiment fig6 --config leg_sop
sweep '[repeat card] count|out of range' "$cards" --vary card.count=0,1
exit $status
