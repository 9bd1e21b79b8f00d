#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a scenario may say and hardly means gets a line on stderr; what happened is in the summary.
. "$(dirname "$0")/expect.sh"

# warned "WORDS|WORDS" COMMAND...: a warning with all the words, and the run goes on.
warned() {
	local words word
	IFS='|' read -ra words <<<"$1"
	shift
	timeout 60 "$@" >out 2>said </dev/null
	grep -q 'measured over' out || complain "no run: $*: $(cat said)"
	for word in warning: "${words[@]}"; do
		grep 'warning:' said | grep -qF -- "$word" || complain "'$(cat said)' does not say '$word'"
	done
}

for scenario in first two-cards streaming; do
	"$sopsim" run "$root/scenarios/$scenario.ini" --set scenario.duration=1s --set scenario.warmup=0s \
		>out 2>said
	# A second without warm-up is none to measure in: whoever says so is right.
	grep -v 'interval of .* is not to be trusted\|the warm-up is too short' said &&
		complain "$scenario.ini: $(cat said)"
done
# Cut short, it says so, but warns of nothing.
"$sopsim" run "$root/scenarios/multicast.ini" --set scenario.duration=1s --set scenario.warmup=0s \
	>out 2>said
grep 'warning:' said && complain "multicast.ini: $(cat said)"

# A warm-up too short at the knee of Fig. 5: one line says so; the scenario's own is not.
paper=("$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config leg_tcpip --offered 700)
warned 'the warm-up is too short|had not settled in the first|scenario.warmup = ' "${paper[@]}" --set scenario.warmup=5s
[ "$(grep -c warning: said)" = 1 ] || complain "not one line: $(cat said)"
"${paper[@]}" >out 2>said
grep warning: said && complain "of a good warm-up"

cat >two.ini <<EOT
[scenario]
include = $root/scenarios/server.ini, $root/scenarios/card.ini
limit = 1s
[eth0]
type = nic
address = 10.0.0.1/24
[toe0]
type = toe
address = 10.0.1.1/24
[near]
type = peer
address = 10.0.0.2/24
[far]
type = peer
address = 10.0.1.2/24
[lan0]
type = network
members = eth0, near
[lan1]
type = network
members = toe0, far
EOT
{
	cat two.ini
	printf '[echo ask]\npeer = near\ntarget = toe0\ntimeout = 1ms\n'
} >apart.ini
warned "[echo ask] target|'near' cannot reach 'toe0'|no network has both" "$sopsim" run apart.ini
{
	cat two.ini
	printf '[clients]\ntype = specweb\npeers = near, far\ntargets = eth0, toe0\n'
} >dealt.ini
"$sopsim" run dealt.ini --set scenario.duration=10ms >out 2>said
grep -q 'warning' said && complain "pairs that are never dealt: $(cat said)"
warned "[clients] targets|'near' cannot reach 'toe0'" "$sopsim" run dealt.ini \
	--set scenario.duration=10ms --set clients.targets=toe0,eth0
{
	cat two.ini
	printf '[program x]\ntext = exit\n'
} >quiet.ini
"$sopsim" run quiet.ini >out 2>said || complain "$(cat said)"
[ ! -s said ] || complain "nothing is wrong: $(cat said)"
warned "[toe0] address|'eth0' of the same host" "$sopsim" run quiet.ini \
	--set toe0.address=10.0.0.9/24 --set far.address=10.0.0.8/24
warned "[far] address|no other member of 'lan1'" "$sopsim" run quiet.ini --set far.address=10.9.0.2/24

# What is sent to a group needs no pairs, but a listener on each wire and a sender on each listener's.
{
	cat two.ini
	printf '[film]\ntype = streaming\ngroup = 239.1.1.1\nrate = 1Mbit/s\nviewers = 2\nramp = 1ms\n'
	printf 'prebuffer = 100ms\npeers = near, far\ntargets = eth0, toe0\n'
} >film.ini
for film in "near, far|eth0, toe0" "near|eth0"; do
	"$sopsim" run film.ini --set scenario.duration=1s --set "film.peers=${film%|*}" \
		--set "film.targets=${film#*|}" >out 2>said || complain "$(cat said)"
	[ ! -s said ] || complain "a film that all can see: $(cat said)"
done
warned "[film] peers|nothing comes to 'far'" "$sopsim" run film.ini --set scenario.duration=1s \
	--set film.targets=eth0
warned "[film] targets|nobody listens to 'toe0'" "$sopsim" run film.ini --set scenario.duration=1s \
	--set film.peers=near

# A queue that overflows before the wire is seen.
{
	cat two.ini
	printf '[echo sink]\npeer = near\nmode = sink\nport = 9\n[program many]\ntext = {\n'
	printf ' repeat 20 {\n fork w {\n s = socket(stream)\n connect(s, 10.0.0.2:9) = 0\n'
	printf ' write(s, 300000)\n }\n }\n}\n'
} >queue.ini
"$sopsim" run queue.ini --set scenario.limit=100s --set lan0.rate=10Mbit/s --out queue >out 2>said ||
	complain "$(cat said)"
dropped=$(sed -n 's/^eth0.tx_dropped,//p' queue/summary.csv)
[ "${dropped:-0}" -gt 0 ] && [ "$("$root/tests/cell" out eth0 'not sent')" = "$dropped" ] ||
	complain "$dropped frames dropped: $(grep eth0 out)"
# And what a bad wire did.
"$sopsim" run "$root/scenarios/first.ini" --set lan.loss=20% --set lan.duplicate=20% --out bad >out 2>said
lost=$(sed -n 's/^lan.lost,//p' bad/summary.csv)
[ "${lost:-0}" -gt 0 ] && [ "$("$root/tests/cell" out lan lost)" = "$lost" ] &&
	[ "$("$root/tests/cell" out lan doubled)" -gt 0 ] || complain "$lost frames lost: $(cat out)"
"$sopsim" run "$root/scenarios/first.ini" >out
grep -q '^  lan ' out && complain "a good wire: $(grep lan out)"
exit $status
