#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Captures of a machine with a NIC and two cards, on both sides of the cards, and of its peers: tshark finds
# nothing, and the PCI side shows as many commands, answers and interrupts as the cards counted.
set -eu
sopsim=$1
root=$2
command -v tshark >/dev/null || { echo "skipped: no tshark"; exit 77; }
. "$(dirname "$0")/tshark.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$sopsim" run "$root/scenarios/lessons/03-accept-on-three-stacks.ini" --pcap "$dir" --out "$dir" >/dev/null
test "$(cd "$dir" && printf "%s\n" ./*.pcap | sed "s,^\./,," | xargs)" = "eth0.pcap peer0.pcap peer1.pcap peer2.pcap toe0-pci.pcap toe0.pcap toe1-pci.pcap toe1.pcap"
for file in "$dir"/*.pcap; do
	captured "$file" frame.time_epoch syslog.msg tcp.len tcp.srcport >"${file%.pcap}.text" || exit 1
	test -s "${file%.pcap}.text"
done

value() { sed -n "s/^$1,//p" "$dir/summary.csv"; }
for card in toe0 toe1; do
	cut -f2 "$dir/$card-pci.text" >"$dir/text"
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
	sent=$(awk -F '\t' '$2 ~ /SEND/ { print $1; exit }' "$dir/$card-pci.text")
	wire=$(awk -F '\t' '$3 == 5 && $4 == 80 { print $1; exit }' "$dir/$card.text")
	awk -v a="$sent" -v b="$wire" 'BEGIN { exit !(a > 0 && b > a && b - a < 0.001) }'
done

# Of twenty peers one file.  On a wire that loses one way, the sender's capture has what is missing in theirs.
"$sopsim" run "$root/scenarios/first.ini" --pcap "$dir/lossy" --out "$dir" --set client.count=20 \
	--set client.address=10.0.0.100/24 --set lan.loss=5% --set lan.faults_at=client --set lan.faults_go=back >/dev/null
test "$(cd "$dir/lossy" && printf "%s\n" ./*.pcap | sed "s,^\./,," | xargs)" = "client.pcap eth0.pcap"
for name in client eth0; do
	captured "$dir/lossy/$name.pcap" tcp.srcport arp.opcode >"$dir/lossy/$name.text" 2>"$dir/lost" || true
done
frames() { awk -F '\t' '$1 == 80' "$dir/lossy/$1.text" | wc -l; }
test "$(frames client)" -lt "$(frames eth0)"
# What is for all of them is in it for each.
test "$(awk -F '\t' '$2 == 1' "$dir/lossy/client.text" | wc -l)" -gt 10
