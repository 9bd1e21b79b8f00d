#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Users of a Poisson process: the times between them are exponential, by mean and variance; the same seed
# makes the same users, another makes others; nobody waits for anybody.  And what several groups of them
# measure adds up in a sweep.  Usage: poisson.sh SOPSIM ROOT
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# value RUN MEASURE
value() { sed -n "s/^$2,//p" "$dir/$1/summary.csv"; }
# holds WHAT CONDITION, of awk
holds() { awk "BEGIN { exit !($2) }" || { echo "$1: not $2"; exit 1; }; }

# Datagrams to a peer that echoes, without any other machine.
cat >"$dir/wire.ini" <<-END
	[scenario]
	duration = 20s
	[here]
	type = peer
	address = 10.0.0.1/24
	[there]
	type = peer
	address = 10.0.0.2/24
	[lan]
	type = network
	members = here, there
	rate = 100Mbit/s
	propagation = 100us
	[users]
	type = poisson
	peers = here
	targets = there
	send = datagram
	rate = 1000/s
	size = 1000B
	port = 7
	start = 0s
	[echo answer]
	peer = there
	mode = udp-echo
	port = 7
END
wire() { "$sopsim" run "$dir/wire.ini" --out "$dir/$1" "${@:2}" >"$dir/$1.txt"; }
wire one --pcap "$dir/pcap"

# n = 20,000 gaps: the mean's error is 1/sqrt(n) = 0.7 %, the variance's sqrt(8/n) = 2 %; four of them.
n=$(value one users.sent)
holds "users" "$n > 20000 - 4 * sqrt(20000) && $n < 20000 + 4 * sqrt(20000)"
holds "mean gap" "$(value one users.gap_us) / 1000 > 1 - 4 / sqrt($n) && $(value one users.gap_us) / 1000 < 1 + 4 / sqrt($n)"
holds "variance" "$(value one users.gap_cv) ^ 2 > 1 - 4 * sqrt(8 / $n) && $(value one users.gap_cv) ^ 2 < 1 + 4 * sqrt(8 / $n)"
# There and back: 1,000 bytes, 28 of IP and UDP, 18 of Ethernet and 20 between frames, at 100 Mbit/s, and
# the way; a little more when two come at once.
trip=$(awk 'BEGIN { print 2 * (1066 * 8 / 100 + 100) / 1000 }')
holds "round trip" "$(value one users.response_ms) >= $trip * 0.99 && $(value one users.response_ms) < $trip * 1.03"
holds "answers" "$(value one users.answered) >= $n - 2"

# What passed on the wire says the same of the gaps.
if command -v tshark >/dev/null; then
	tshark -r "$dir/pcap/here.pcap" -Y 'udp.dstport == 7' -T fields -e frame.time_epoch 2>/dev/null |
		awk 'NR > 1 { g = $1 - last; sum += g; squares += g * g; n++ } { last = $1 }
		END { mean = sum / n; cv2 = squares / n / mean / mean - 1
			print "on the wire: mean", mean, "variance over its square", cv2
			exit !(n > 19000 && mean > 0.00097 && mean < 0.00103 && cv2 > 0.92 && cv2 < 1.08) }'
fi

# The same seed, the same bytes; another, others.
wire again
wire other --seed 2
cmp "$dir/one/summary.csv" "$dir/again/summary.csv"
if cmp -s "$dir/one/summary.csv" "$dir/other/summary.csv"; then
	echo "another seed makes the same users"
	exit 1
fi

# Open loop: a server that is too slow is asked as often as before, and users wait.
slow() {
	"$sopsim" run "$root/scenarios/open-loop.ini" --set scenario.duration=4s --set users.rate=700/s \
		--out "$dir/$1" "${@:2}" >"$dir/$1.txt"
}
slow quick
slow full --set cost.user_request=2ms
holds "served" "$(value quick users.waiting) < 20 && $(value quick users.requests) > 650"
holds "overload" "$(value full users.offered) == $(value quick users.offered)"
holds "overload" "$(value full users.waiting) > 500 && $(value full users.requests) < 500"

# A user who fails makes the run none to rely on; what is asked for must exist.
status=0
"$sopsim" run "$root/scenarios/open-loop.ini" --set scenario.duration=1s --set web.enabled=no \
	>/dev/null 2>"$dir/said" || status=$?
test $status = 1 && grep -q '\[users\] [0-9]* users failed' "$dir/said"
"$sopsim" run "$root/scenarios/open-loop.ini" --set users.path=/x >/dev/null 2>"$dir/said" || status=$?
test $status = 2 && grep -q '\[users\] fileset: path is given too' "$dir/said"

# Two groups: sums are sums, means are weighted by who was answered.
cp "$root"/scenarios/{open-loop,server}.ini "$dir"
printf '[others]\ntype = poisson\npeers = cloud\ntargets = eth0\nfileset = page\nrate = 200/s\nstart = 1s\n' \
	>>"$dir/open-loop.ini"
short=(--set scenario.duration=2s --set scenario.warmup=2s)
"$sopsim" run "$dir/open-loop.ini" "${short[@]}" --out "$dir/two" >/dev/null
"$sopsim" sweep "$dir/open-loop.ini" "${short[@]}" --vary users.rate=300/s \
	--measure "poisson_*" --out "$dir/swept" >/dev/null
column() { awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $at[name] }' \
	"$dir/swept/sweep.csv"; }
near() { holds "$1" "($2) - ($3) < 0.001 && ($3) - ($2) < 0.001"; }
near "requests" "$(column poisson_rps)" "$(value two users.requests) + $(value two others.requests)"
near "offered" "$(column poisson_offered_rps)" "$(value two users.offered) + $(value two others.offered)"
near "interval" "$(column poisson_rps_ci95)" \
	"sqrt($(value two users.requests_ci95) ^ 2 + $(value two others.requests_ci95) ^ 2)"
a=$(value two users.answered) b=$(value two others.answered)
near "response" "$(column poisson_response_ms)" \
	"($a * $(value two users.response_ms) + $b * $(value two others.response_ms)) / ($a + $b)"
