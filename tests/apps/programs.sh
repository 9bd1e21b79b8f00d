#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs in scenarios, seen from outside: exit statuses and one-line refusals.
# Usage: programs.sh SOPSIM SCENARIOS
set -u

sopsim=$1
lessons=$2/lessons
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# scenario TEXT...: a scenario on the lessons' machine.
scenario() {
	printf '[scenario]\ninclude = %s/machine.ini\nlimit = 1s\n' "$lessons" >"$dir/s.ini"
	printf '%s\n' "$@" >>"$dir/s.ini"
}

# expect STATUS PATTERN: the scenario ends with the status, and says the pattern.
expect() {
	"$sopsim" run "$dir/s.ini" >"$dir/out" 2>"$dir/err"
	local status=$?

	if [ $status -ne "$1" ] || ! cat "$dir/out" "$dir/err" | grep -q -- "$2"; then
		echo "status $status, wanted $1 and '$2':"
		cat "$dir/s.ini" "$dir/out" "$dir/err"
		failed=1
	fi
	if [ "$1" -eq 2 ] && [ "$(wc -l <"$dir/err")" -ne 1 ]; then
		echo "not one line:"
		cat "$dir/err"
		failed=1
	fi
}

# told GROUP HEADING NUMBER: the summary has that number there.
told() {
	local number
	number=$("$(dirname "$0")/../cell" "$dir/out" "$1" "$2")
	if [ "$number" != "$3" ]; then
		echo "$1: $2: '$number', not $3"
		failed=1
	fi
}

scenario '[program x]' 'text = {' '	s = socket(stream) = 0' '}'
expect 0 'socket(stream) = 0'
scenario '[program x]' 'text = {' '	s = socket(stream) = 7' '}'
expect 1 'line 1: expected socket = 7'
scenario '[program x]' 'text = {' '	s = socket(stream); listen(s)' '	accept(s)' '}'
expect 1 '^Programs'
told x 'did not hold' 1
scenario '[program x]' 'background = yes' 'text = {' '	s = socket(stream); listen(s); accept(s)' '}' \
	'[run y]' 'command = ifconfig'
expect 0 'eth0      Link encap:Ethernet'
scenario '[run y]' 'command = ifconfig toe7 up'
expect 1 'toe7: unknown interface: No such device'

scenario '[program x]' 'text = {' '	s = socket(stream)' '	bnd(s, any:80)' '}'
expect 2 "s.ini: \[program x\] text: line 2: 'bnd' is no statement"
scenario '[program x]' 'text = {' '	s = socket(stream)'
expect 2 "a block that begins with '{' has no end"
scenario '[program x]' 'machine = sever' 'text = exit'
expect 2 "did you mean 'server'"
scenario '[program x]'
expect 2 '\[program x\] text: missing'
scenario '[run y]'
expect 2 '\[run y\] command: missing'
scenario '[event z]' 'do = explode' 'target = toe0'
expect 2 'allowed: one of load, unload'
scenario '[event z]' 'do = load' 'target = toe0'
expect 2 'no sop group'
scenario '[echo e]' 'peer = peer0'
expect 2 '\[echo e\] target: missing'

# Clients that go away in the middle of a big answer count as aborts alike, whatever stack they came
# by.  The server's process sees ECONNRESET; it does not die of SIGPIPE.
scenario '[sop]' 'host = server' '[w]' 'type = web' '[big]' 'type = fileset' \
	'path = /big' 'size = 1MiB' \
	'[program x]' 'text = {' '	i = 0' '	repeat 2 {' \
	'		repeat 6 {' \
	'			c = socket(stream)' '			setsockopt(c, SO_RCVBUF, 4096)' \
	'			if i = 0 { connect(c, 10.0.0.1:80) = 0 }' \
	'			if i = 1 { connect(c, 10.0.1.1:80) = 0 }' \
	'			send(c, "GET /big HTTP/1.0\r\n\r\n")' '			sleep 50ms' \
	'			recv(c, 1000) = 1000' '			setsockopt(c, SO_LINGER, 1, 0s)' \
	'			close(c)' '		}' '		sleep 100ms' '		i = i + 1' '	}' '}'
expect 0 '^Web servers'
told w aborted 12

# Peers in groups.
scenario '[echo x]' 'peer = peer0' 'mode = server' 'group = 239.1.1.1'
expect 2 'group.*TCP has none'
scenario '[echo x]' 'peer = peer0' 'mode = udp-sink' 'group = 10.1.1.1'
expect 2 'group.*no group; allowed: 224.0.0.0 to 239.255.255.255'

# A client that connects and closes in a loop leaves its server the processor before 100 connections
# wait: softirqs count against the slice of whom they interrupt, and who is woken before it slept
# lets the scheduler choose.
cat >"$dir/s.ini" <<INI
[scenario]
include = $2/server.ini
limit = 30s
[eth0]
type = nic
address = 10.0.0.1/24
[client]
type = peer
address = 10.0.0.2/24
[lan]
type = network
members = eth0, client
# Costs of its own: a connection that takes a good part of a millisecond.
[cost]
tcp_connection = 56us
tcp_tx_segment = 14us
tcp_rx_data = 12us
tcp_rx_ack = 10us
[program srv]
machine = server
background = yes
text = {
	s = socket(stream); bind(s, any:5000); listen(s, 100)
	repeat { c = accept(s); close(c) }
}
[program cli]
machine = server
text = {
	repeat 600 {
		s = socket(stream); connect(s, 127.0.0.1:5000) = 0
		expect took() < 900ms
		close(s)
	}
}
INI
expect 0 '^Programs'
told cli expectations 1200
told cli 'did not hold' 0

exit $failed
