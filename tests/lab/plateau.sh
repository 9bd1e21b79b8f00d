#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The two plateaus of the card, as docs/figures.md explains them: prints its table, and holds what it says of the
# acknowledgements.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

one() {
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config "$1" \
		--set clients.offered="$2/s" --out "$dir/$1-$2" >/dev/null
}
export -f one
export sopsim root dir
loads=(1000 1200 1500 2000)
configs=(leg_tcpip offload_no_sop offload_sop)
for config in "${configs[@]}"; do
	for load in "${loads[@]}"; do
		echo "$config $load"
	done
done | xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' _

# What a connection gets on average, in kbit/s: the bits of a mean file over a mean response.
for config in "${configs[@]}"; do
	for load in "${loads[@]}"; do
		awk -F, -v c="$config" -v l="$load" '
			{ v[$1] = $2 }
			END {
				acks = v["toe0.cost.rx_ack.count"] + v["server.cost.tcp_rx_ack.count"]
				n = v["clients.completed"]
				printf "%-15s %5d %7.1f +- %3.1f %6.2f %5.0f\n", c, l, v["clients.requests"],
					v["clients.requests_ci95"], acks / n, 14.7269 * 8 / v["clients.response_s"]
			}' "$dir/$config-$load/summary.csv"
	done
done | tee "$dir/table"

# What the acknowledgements are: window updates, as long as clients read ahead of what comes.
updates() {
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config offload_no_sop --set clients.offered="$1/s" \
		--set scenario.duration=2s --out "$dir/seen" --pcap "$dir/pcap" >/dev/null
	echo "offload_no_sop $1 $("$root/tests/lab/windows" "$dir/pcap/toe0.pcap" 15)" | tee "$dir/updates-$1"
	rm -r "$dir/pcap"
}
updates 1200
updates 1600
awk '
	{ updates[$2] = $3; apart[$2] = $9 }
	END { exit !(updates[1200] > 1.3 && updates[1600] < 0.1 && apart[1200] < 58 && apart[1600] > 58) }
' "$dir"/updates-* || {
	echo 'window updates are not what docs/figures.md says'
	exit 1
}

# On the card a request takes more than one acknowledgement less beyond the lines' speed, and that is the gain;
# on either plateau nothing rises.
awk '
	{ rate[$1, $2] = $3; acks[$1, $2] = $6 }
	function near(a, b, share) { return a - b <= share * b && b - a <= share * b }
	END {
		for (i = 1; i <= 2; i++) {
			c = i == 1 ? "offload_no_sop" : "offload_sop"
			bad += !near(rate[c, 1000], rate[c, 1200], 0.004)
			bad += !near(rate[c, 1500], rate[c, 2000], 0.008)
			bad += !(acks[c, 1200] - acks[c, 1500] > 0.9)
			# 25 us each, of a second of the card.
			saved = (acks[c, 1200] - acks[c, 1500]) * 25
			bad += !near(1e6 / rate[c, 1200] - 1e6 / rate[c, 1500], saved, 0.25)
		}
		bad += !near(rate["leg_tcpip", 1000], rate["leg_tcpip", 2000], 0.01)
		exit bad > 0
	}' "$dir/table"
