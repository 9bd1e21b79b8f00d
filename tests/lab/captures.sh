#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Captures of a machine with a NIC and two cards, on both sides of the cards, and of its peers: tshark finds
# nothing, and the PCI side shows as many commands, answers and interrupts as the cards counted.
set -eu
sopsim=$1
root=$2
command -v tshark >/dev/null || { echo "skipped: no tshark"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$sopsim" run "$root/scenarios/lessons/03-accept-on-three-stacks.ini" --pcap "$dir" --out "$dir" >/dev/null
test "$(cd "$dir" && printf "%s\n" ./*.pcap | sed "s,^\./,," | xargs)" = "eth0.pcap peer0.pcap peer1.pcap peer2.pcap toe0-pci.pcap toe0.pcap toe1-pci.pcap toe1.pcap"
for file in "$dir"/*.pcap; do
	tshark -r "$file" 2>/dev/null >"$dir/text"
	test -s "$dir/text"
	if tshark -r "$file" -Y '_ws.malformed or _ws.expert.severity >= 0x600000' 2>/dev/null | grep .; then
		echo "$(basename "$file"): the expert complains"
		exit 1
	fi
done

value() { sed -n "s/^$1,//p" "$dir/summary.csv"; }
for card in toe0 toe1; do
	tshark -r "$dir/$card-pci.pcap" -T fields -e syslog.msg 2>/dev/null >"$dir/text"
	test "$(grep -c '^command ' "$dir/text")" = "$(value $card.commands)"
	# Every command that was answered was taken before, once.
	sed -n 's/^completion \([0-9.]*\):.*/\1/p' "$dir/text" | sort >"$dir/answered"
	sed -n 's/^command \([0-9.]*\) .*/\1/p' "$dir/text" | sort >"$dir/asked"
	test -s "$dir/answered"
	test -z "$(comm -23 "$dir/answered" "$dir/asked")"
	test -z "$(uniq -d "$dir/asked")"
	grep -q '^command [0-9.]* SEND socket .*5 bytes to the card$' "$dir/text"
	grep -q '^interrupt$' "$dir/text"
	# A write is 5 bytes on the bus before it is a segment on the wire.
	sent=$(tshark -r "$dir/$card-pci.pcap" -T fields -e frame.time_epoch -Y 'syslog.msg contains "SEND"' 2>/dev/null | head -1)
	wire=$(tshark -r "$dir/$card.pcap" -T fields -e frame.time_epoch -Y 'tcp.len == 5 and tcp.srcport == 80' 2>/dev/null | head -1)
	awk -v a="$sent" -v b="$wire" 'BEGIN { exit !(a > 0 && b > a && b - a < 0.001) }'
done

# Of twenty peers one file.  On a wire that loses one way, the sender's capture has what is missing in theirs.
"$sopsim" run "$root/scenarios/first.ini" --pcap "$dir/lossy" --out "$dir" --set client.count=20 \
	--set client.address=10.0.0.100/24 --set lan.loss=5% --set lan.faults_at=client --set lan.faults_go=back >/dev/null
test "$(cd "$dir/lossy" && printf "%s\n" ./*.pcap | sed "s,^\./,," | xargs)" = "client.pcap eth0.pcap"
frames() { tshark -r "$dir/lossy/$1.pcap" -Y "tcp.srcport == 80" 2>/dev/null | wc -l; }
test "$(frames client)" -lt "$(frames eth0)"
# What is for all of them is in it for each.
test "$(tshark -r "$dir/lossy/client.pcap" -Y "arp.opcode == 1" 2>/dev/null | wc -l)" -gt 10
