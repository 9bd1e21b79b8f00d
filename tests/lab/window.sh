#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All meters open and close with the window: what the warm-up saw is not told, what the window saw is.
# Costs are 0 but for those that a case sets, so that each number has a closed form.
set -eu
sopsim=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/lan.inc" <<INI
[server]
type = host
[pci0]
type = pci
[eth0]
type = nic
address = 10.0.0.1/24
[client]
type = peer
address = 10.0.0.2/24
[lan]
type = network
members = eth0, client
INI

# measure NAME: of the last run.
measure() { sed -n "s/^$1,//p" "$dir/out/summary.csv"; }
# equal NAME VALUE [TOLERANCE]
equal() {
	if ! awk -v a="$(measure "$1")" -v b="$2" -v t="${3:-0}" \
		'BEGIN { exit !(a != "" && a - b <= t && b - a <= t) }'; then
		echo "$1 is $(measure "$1"), not $2"
		exit 1
	fi
}
run() { "$sopsim" run "$dir/$1" --out "$dir/out" >/dev/null; }

# A fetch client and a web server tell the same, whole transfers at the edges apart; so does the NIC.
cat >"$dir/fetch.ini" <<INI
[scenario]
include = lan.inc
warmup = 100ms
duration = 100ms
[lan]
propagation = 100us
[file]
type = fileset
path = /a
size = 1KiB
[web]
type = web
[fetch]
type = fetch
peer = client
target = eth0
fileset = file
times = 100000
INI
run fetch.ini || true # the client has more to do than the window lets it
requests=$(measure web.requests)
test "$requests" -gt 50
equal fetch.done "$requests" 1
equal fetch.bytes "$((requests * 1024))" 1024
# The mean of the window is what one takes: the next begins when one is done.
equal fetch.total_us "$(awk -v n="$requests" 'BEGIN { print 100000 / n }')" 10

# A message each 10 ms, of them 100 in a window of a second, and each by one sendto of SOP.
cat >"$dir/echo.ini" <<INI
[scenario]
include = lan.inc
warmup = 505ms
duration = 1s
[sop]
type = sop
[echo ask]
peer = client
mode = udp-send
target = eth0
times = 100000
interval = 10ms
answer = no
start = 1ms
quiet = yes
[program take]
background = yes
text = {
	s = socket(dgram)
	bind(s, any:7)
	repeat { recvfrom(s, 100) }
}
INI
run echo.ini || true # as many as the window lets it send
equal ask.messages 100
equal eth0.rx_frames 100
equal sop.calls.recvmsg 100 1
events=$(measure sim.events)
test "$events" -lt "$(measure sim.run_events)"

# Streams of 800 kbit/s to 4 viewers: 10 s of film in a window of 10 s.
cat >"$dir/stream.ini" <<INI
[scenario]
include = lan.inc
warmup = 5s
duration = 10s
[streams]
type = streaming
peers = client
targets = eth0
rate = 800kbit/s
viewers = 4
ramp = 1s
INI
run stream.ini
equal streams.bytes 4000000 80000
equal streams.underruns 0

# Batches fill the window, whatever their length.
cat >"$dir/web.ini" <<INI
[scenario]
include = lan.inc
duration = 20s
[set]
type = fileset
[web]
type = web
[clients]
type = specweb
peers = client
targets = eth0
offered = 50/s
INI
run web.ini
equal sim.batches 20
"$sopsim" run "$dir/web.ini" --set scenario.batch=100ms --out "$dir/out" >/dev/null
equal sim.batches 200
"$sopsim" run "$dir/web.ini" --set scenario.batch=10s --out "$dir/out" >/dev/null
equal sim.batches 2
awk -v ci="$(measure clients.requests_ci95)" 'BEGIN { exit !(ci > 0) }'

# The stop-watch of the operations costs nothing: where a system call is all that costs, getname is one.
cat >"$dir/ops.ini" <<INI
[scenario]
include = lan.inc
[cost]
type = cost
syscall = 1us
[ops]
type = oplat
host = server
peer = client
target = eth0
rounds = 5
exchanges = 20
idle = 100ms
INI
run ops.ini
equal ops.getname_us 1
equal ops.getsockopt_us 1
equal ops.error 0
# A window that opens in the middle of the rounds, and one in the middle of the exchanges.
for warmup in 100ms 500ms; do
	"$sopsim" run "$dir/ops.ini" --set scenario.warmup=$warmup --set ops.rounds=2 \
		--set ops.exchanges=200000 --set scenario.duration=1s --out "$dir/out" >/dev/null || true
	value=$(measure ops.exchange_cpu)
	awk -v v="$value" 'BEGIN { exit !(v > 0 && v < 100) }'
done
