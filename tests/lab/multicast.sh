#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Groups and stations from outside: the film of scenarios/multicast.ini, what tshark says of its IGMP, and
# frames with a wrong hardware address.  Usage: multicast.sh SOPSIM ROOT
set -eu
sopsim=$1
root=$2
. "$(dirname "$0")/tshark.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

value() { sed -n "s/^$2,//p" "$dir/$1/summary.csv"; }
# equal RUN MEASURE VALUE
equal() {
	test "$(value "$1" "$2")" = "$3" || { echo "$1: $2 is '$(value "$1" "$2")', not $3"; exit 1; }
}

# One film for all: 60 viewers or 120, the server sends the same.
film() { "$sopsim" run "$root/scenarios/multicast.ini" --out "$dir/$1" "${@:2}" >"$dir/$1.txt"; }
film one --set scenario.duration=5s --pcap "$dir/pcap"
film two --set scenario.duration=5s --set film.viewers=120
for run in one two; do
	equal $run film.wrong_bytes 0
	equal $run film.lost_bytes 0
	equal $run film.underruns 0
done
equal one film.playing 60
equal two film.playing 120
equal two eth0.tx_frames "$(value one eth0.tx_frames)"
equal two server.syscalls "$(value one server.syscalls)"
awk -v one="$(value one film.bytes)" -v two="$(value two film.bytes)" 'BEGIN { exit !(two == 2 * one) }'

# On a wire that loses, what is missing is counted, and viewers run dry.
film lossy --set scenario.duration=5s --set lan0.loss=2% --set lan0.faults_at=nic_viewers --set lan0.faults_go=back
awk -v lost="$(value lossy film.lost_bytes)" 'BEGIN { exit !(lost > 1e5) }'

if command -v tshark >/dev/null; then
	for file in "$dir"/pcap/*.pcap; do
		captured "$file" igmp.type igmp.version igmp.checksum.status ip.ttl ip.opt.type ip.checksum.status ip.dst \
			eth.dst >"${file%.pcap}.text" || exit 1
	done
	# count CARD CONDITION, of awk: how many frames it holds for.
	count() {
		awk -F '\t' '{ igmp = $1; version = $2; sum = $3; ttl = $4; option = $5; ip_sum = $6; to = $7; mac = $8 }
			'"$2"' { n++ } END { print n + 0 }' "$dir/pcap/$1.text"
	}
	for card in eth0 toe0; do
		# The listener's reports, until somebody else speaks for the group; all as RFC 2236 wants them.
		test "$(count $card 'igmp == "0x16"')" -ge 3
		test "$(count $card 'igmp != ""')" = "$(count $card 'igmp != "" && version == 2 && sum == 1 && ttl == 1 && option == 148 && ip_sum != 0')"
		test "$(count $card 'igmp == "0x16" && to != "239.1.1.1" && to != "239.2.2.2"')" = 0
		test "$(count $card 'igmp == "0x17" && to == "224.0.0.2" && mac == "01:00:5e:00:00:02"')" -ge 1
	done
fi

# A wrong hardware address loses frames: a switch floods what it does not know, and nobody takes it; what it
# knows, others do not see.
cat >"$dir/wrong.ini" <<-END
	[scenario]
	include = $root/scenarios/server.ini, $root/scenarios/card.ini
	limit = 10s
	[CARD]
	type = TYPE
	address = 10.0.0.1/24
	[a]
	type = peer
	address = 10.0.0.10/24
	[b]
	type = peer
	address = 10.0.0.20/24
	[lan]
	type = network
	members = CARD, a, b
	[sop]
	host = server
	[echo e]
	peer = a
	mode = udp-echo
	[program p]
	text = {
	s = socket(dgram)
	sendto(s, "1", 10.0.0.10:7) = 1
	poll(s:POLLIN, 1s) = 1
	recv(s, 9) = 1
	run("arp -s 10.0.0.10 02:00:00:00:00:99") = 0
	repeat 3 { sendto(s, "2", 10.0.0.10:7) = 1 }
	poll(s:POLLIN, 1s) = 0
	run("arp -d 10.0.0.10") = 0
	sendto(s, "3", 10.0.0.10:7) = 1
	poll(s:POLLIN, 1s) = 1
	run("ifconfig CARD promisc") = 0
	run("ifconfig CARD") has "UP BROADCAST RUNNING PROMISC MULTICAST"
	run("netstat -i") has "BMPRU"
	run("ifconfig CARD -promisc allmulti") = 0
	run("ifconfig CARD") has "RUNNING ALLMULTI MULTICAST"
	run("ifconfig CARD -allmulti") = 0
	run("netstat -i") has "BMRU"
	}
END
for card in eth0:nic toe0:toe; do
	name=${card%:*}
	sed "s/CARD/$name/; s/TYPE/${card#*:}/" "$dir/wrong.ini" >"$dir/wrong-$name.ini"
	"$sopsim" run "$dir/wrong-$name.ini" --out "$dir/$name" >"$dir/$name.txt" || { cat "$dir/$name.txt"; exit 1; }
	equal "$name" a.rx_others 3
	equal "$name" b.rx_others 3
done
