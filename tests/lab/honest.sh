#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The figures come from mechanisms: take SOP's costs away and SOP's send() costs what it costs
# without; a card twice as fast is half as busy; the parts of explain add up to the whole.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
paper=$root/scenarios/paper.ini

# value FILE MEASURE
value() { sed -n "s/^$2,//p" "$1/summary.csv"; }
close() { awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a - b <= t && b - a <= t) }'; }

short=(--experiment table1 --set bench.sends=500 --set bench.repetitions=3 --set bench.gap=200ms)
for config in leg_tcpip leg_sop offload_no_sop offload_sop; do
	"$sopsim" run "$paper" "${short[@]}" --config $config --out "$dir/$config" \
		--set cost.sop_dispatch=0us --set cost.sop_create=0us --set cost.sop_release=0us >/dev/null
done
close "$(value "$dir/leg_tcpip" bench.latency_us)" "$(value "$dir/leg_sop" bench.latency_us)" 0.01
close "$(value "$dir/offload_no_sop" bench.latency_us)" "$(value "$dir/offload_sop" bench.latency_us)" 0.01

web=(--config offload_no_sop --set clients.offered=300/s --set scenario.warmup=2s --set scenario.duration=4s)
"$sopsim" run "$paper" "${web[@]}" --out "$dir/slow" >/dev/null
"$sopsim" run "$paper" "${web[@]}" --set toe0.clock_scale=2 --out "$dir/fast" >/dev/null
close "$(value "$dir/slow" toe0.busy)" "$(awk -v x="$(value "$dir/fast" toe0.busy)" 'BEGIN { print 2 * x }')" 4

# Beyond saturation: the card's clock moves the plateau, and SOP without costs of its own, with
# threads that stand, carries what is carried without it.
full=(--set clients.offered=1100/s --set scenario.warmup=5s --set scenario.duration=3s)
free=(--set cost.sop_dispatch=0us --set cost.sop_create=0us --set cost.sop_release=0us
	--set cost.sop_handoff=0us --set cost.kernel_thread=0us --set sop.accept=standing)
"$sopsim" run "$paper" "${full[@]}" --config offload_no_sop --out "$dir/plateau" >/dev/null
"$sopsim" run "$paper" "${full[@]}" --config offload_no_sop --set toe0.clock_scale=2 --out "$dir/higher" >/dev/null
"$sopsim" run "$paper" "${full[@]}" "${free[@]}" --config offload_sop --out "$dir/free" >/dev/null
plateau=$(value "$dir/plateau" clients.requests)
awk -v a="$plateau" -v b="$(value "$dir/higher" clients.requests)" 'BEGIN { exit !(b > 1.1 * a) }'
close "$plateau" "$(value "$dir/free" clients.requests)" "$(awk -v x="$plateau" 'BEGIN { print x / 100 }')"

# sum equals measured, in every column of both tables.
for what in send request; do
	"$sopsim" explain $what | awk '
		/^  sum / { for (i = 2; i <= NF; i++) sum[i] = $i }
		/^  (measured|busy time) / {
			skip = /busy time/ ? 1 : 0
			for (i = 2; i + skip <= NF; i++) {
				n++
				d = sum[i] - $(i + skip)
				if (d > 0.01 || d < -0.01) { print "does not add up: " sum[i] " " $(i + skip); bad = 1 }
			}
		}
		END { exit bad || n < 3 }'
done
