#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Jumbo frames: a NIC and a card send and receive them, tshark finds nothing in them, and who does not take
# them counts them.
set -eu
sopsim=$1
root=$2
command -v tshark >/dev/null || { echo "skipped: no tshark"; exit 77; }
. "$(dirname "$0")/tshark.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp "$root"/scenarios/{server,card}.ini "$dir"

cat >"$dir/jumbo.ini" <<EOF
[scenario]
title = jumbo frames on a NIC and on a card
include = server.ini, card.ini
limit = 20s
[eth0]
type = nic
address = 10.0.0.1/24
mtu = 9000B
[toe0]
type = toe
address = 10.0.1.1/24
mtu = 9000B
[near]
type = peer
address = 10.0.0.2/24
mtu = 9000B
[far]
type = peer
address = 10.0.1.2/24
mtu = 9000B
[lan0]
type = network
members = eth0, near
[lan1]
type = network
members = toe0, far
[sop]
type = sop
[big]
type = fileset
path = /index.html
size = 2MiB
[web]
type = web
family = inet
[fetch0]
type = fetch
peer = near
target = eth0
fileset = big
[fetch1]
type = fetch
peer = far
target = toe0
fileset = big
EOF
# tells TABLE GROUP NUMBER FILE: of frames too long, where the head of the printed table has them.
tells() {
	awk -v table="$1" -v group="$2" -v number="$3" '
		/^[^ ]/ { at = index($0, table) == 1 ? index($0, "too long") : 0 }
		at && $1 == group { n = substr($0, 1, at + 7); sub(/.* /, "", n); told = n ~ ("^" number) }
		END { exit !told }' "$4"
}
value() { sed -n "s/^$1,//p" "$dir/summary.csv"; }
is() { test "$2" = "$3" || { echo "$1: $2 instead of $3"; exit 1; }; }

"$sopsim" run "$dir/jumbo.ini" --pcap "$dir" --out "$dir" >/dev/null
for file in eth0 toe0 near far; do
	captured "$dir/$file.pcap" frame.len tcp.flags.syn tcp.options.mss_val >"$dir/frames" || exit 1
	is "longest frame of $file" "$(cut -f1 "$dir/frames" | sort -n | tail -1)" 9014
	# Both announce what their MTU allows.
	is "MSS in $file" "$(awk -F '\t' '$2 == 1 { print $3 }' "$dir/frames" | sort -u)" 8960
done
is "wrong bytes" "$(value fetch0.wrong_bytes) $(value fetch1.wrong_bytes)" "0 0"
is "bytes" "$(value fetch0.bytes) $(value fetch1.bytes)" "2097152 2097152"

# Machines of different MTUs agree in the handshake.
"$sopsim" run "$dir/jumbo.ini" --out "$dir" --set near.mtu=1500B --set toe0.mtu=4000B >/dev/null
is "bytes" "$(value fetch0.bytes) $(value fetch1.bytes)" "2097152 2097152"
is "too long" "$(value near.rx_too_long)$(value toe0.rx_too_long)$(value far.rx_too_long)" ""

# A network that takes no jumbo frames drops them, each time.
if "$sopsim" run "$dir/jumbo.ini" --out "$dir" --set lan0.mtu=1500B >"$dir/text" 2>&1; then
	echo "a network of 1500 bytes brought jumbo frames"
	exit 1
fi
test "$(value lan0.too_long)" -gt 0
is "bytes" "$(value fetch0.bytes) $(value fetch1.bytes)" "0 2097152"
tells Networks lan0 '[1-9]' "$dir/text"

# A datagram is as long as its sender's MTU lets it be: who has a smaller one counts it, and shows it to its
# programs; a larger MTU helps at once.
cat >"$dir/datagrams.ini" <<EOF
[scenario]
include = jumbo.ini
duration = 2s
[fetch0]
enabled = no
[fetch1]
enabled = no
[echo ask]
peer = near
mode = udp-send
target = eth0
port = 9
bytes = 5000B
times = 4
interval = 100ms
answer = no
start = 100ms
[program look]
machine = server
text = {
	s = socket(dgram)
	bind(s, any:9) = 0
	run("ifconfig eth0 mtu 9001") has "SIOCSIFMTU"
	sleep(350ms)
	run("ifconfig eth0") has "RX packets:1 errors:3 dropped:0 overruns:0 frame:3"
	run("netstat -i") has "eth0   1500   0        1      3"
	run("ifconfig eth0 mtu 9000")
	recv(s, 6000) = 5000
	run("ifconfig eth0") has "MTU:9000"
}
EOF
"$sopsim" run "$dir/datagrams.ini" --out "$dir" --set eth0.mtu=1500B >"$dir/text" || { cat "$dir/text"; exit 1; }
is "too long" "$(value eth0.rx_too_long)" 3
tells 'Ethernet cards' eth0 3 "$dir/text"
"$sopsim" run "$dir/datagrams.ini" --out "$dir" --set eth0.mtu=9000B --set ask.peer=far --set ask.target=toe0 \
	--set toe0.mtu=1500B --set look.enabled=no >/dev/null
is "too long on the card" "$(value toe0.rx_too_long)" 4

# A NIC fills a gigabit wire: a message of 64 KiB is eight segments with time-stamps, 90 bytes of wire each.
cat >"$dir/rate.ini" <<EOF
[scenario]
include = jumbo.ini
[fetch0]
enabled = no
[fetch1]
enabled = no
[pci0]
width = 64
clock = 66MHz
[send]
type = sendbench
peer = near
message = 64KiB
sends = 1000
repetitions = 1
EOF
"$sopsim" run "$dir/rate.ini" --out "$dir" >/dev/null
awk -v took="$(value send.latency_us)" 'BEGIN {
	formula = (65536 + 8 * 90) * 8 / 1000
	if (took < formula * 0.999 || took > formula * 1.001) {
		print "64 KiB take " took " us, by formula " formula
		exit 1
	}
}'

for wrong in eth0.mtu=9001B toe0.mtu=67B near.mtu=9001B lan0.mtu=9001B eth0.mtu=0B; do
	if "$sopsim" run "$dir/jumbo.ini" --set "$wrong" >/dev/null 2>"$dir/text"; then
		echo "$wrong was taken"
		exit 1
	fi
	grep -q "mtu" "$dir/text"
done
