#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What send() takes on a card at every distance, beside the law that docs/time.md derives: 8 crossings
# when completions interrupt, 6 when the task looks for them. Every term is a parameter of the scenario.
# The sweep shows the law itself, in a column and as a curve: it must be this one.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/law.ini" <<END
[scenario]
include = $root/scenarios/paper.ini
sweep = pci0.latency=10ns;30ns;100ns;300ns;1us;3us;10us
[bench]
sends = 1000
repetitions = 3
gap = 200ms
# small, so that the card keeps up with the fastest loop
message = 64B
[toe0]
poll_spin = 100us
[experiment table1]
configs = offload_no_sop, offload_sop
[experiment fig5]
enabled = no
[experiment fig6]
enabled = no
END

# Parameters in microseconds (or MHz).
"$sopsim" params "$dir/law.ini" | awk '$3 ~ "^ns" { $2 /= 1000 } $3 ~ "^ps" { $2 /= 1e6 } { print $1, $2 }' >"$dir/params"

for kind in interrupt polling; do
	"$sopsim" sweep "$dir/law.ini" --set toe0.kind=$kind --out "$dir/$kind" >/dev/null
	awk -F, -v kind=$kind '
	NR == FNR { split($0, p, " "); cost[p[1]] = p[2]; next }
	FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
	{
		L = 1e6 * $column["pci0.latency_s"]
		clock = 1 / cost["pci0.clock"]
		turn = 4 * clock; set_up = 26 * clock
		write = set_up + clock
		there_and_back = cost["pci0.dma_setup"] + 2 * L + cost["pci0.host_read_latency"]
		host = cost["cost.syscall"] + cost["cost.dispatch"] + 64 * cost["cost.comm_copy"] + cost["cost.comm_command"] + \
			cost["cost.mmio_write"]
		if ($column["config"] == "offload_sop")
			host += cost["cost.sop_dispatch"]
		# the doorbell, descriptor, data, command and completion
		card = write + L + there_and_back + turn + set_up + 8 * clock + \
			there_and_back + set_up + 8 * clock + cost["toecost.command"] + \
			cost["pci0.dma_setup"] + set_up + 8 * clock + L
		if (kind == "interrupt") # arrives with the completion; the cause is read
			law = host + card + cost["cost.irq"] + turn + write + 2 * L + cost["cost.softirq"] + \
				cost["cost.comm_complete"] + cost["cost.wakeup"] + cost["cost.run_queue"] + \
				cost["cost.context_switch"]
		else { # the bus turns to the bridge for the doorbell; looks are a microsecond apart
			looks = card + turn
			looks = looks == int(looks) ? looks : int(looks) + 1
			law = host + looks + cost["cost.comm_complete"]
		}
		got = $column["send_latency_us"]
		printf "%-9s %-14s %6g: %8.3f us, law %8.3f\n", kind, $column["config"], L, got, law
		shown = $column["send_law_us"]
		rows++
		bad += !(got / law < 1.01 && law / got < 1.01 && shown / law < 1.0001 && law / shown < 1.0001)
	}
	END { exit bad || rows != 14 }' "$dir/params" "$dir/$kind/sweep.csv"
	grep -q 'the law, by formula' "$dir/$kind/sweep.svg" || { echo "$kind: no law in the figure"; exit 1; }
done

# It is silent where it does not speak of the system: a NIC, a task that sleeps before its answer is there,
# a card that is behind the loop, somebody else at work.
silent() {
	"$sopsim" sweep "$dir/law.ini" --set bench.sends=100 --vary pci0.latency=10us --out "$dir/silent" --fresh \
		"$@" >/dev/null
	! grep -q send_law_us "$dir/silent/sweep.csv" || { echo "a law: $*"; exit 1; }
}
silent --set table1.configs=leg_tcpip,leg_sop
silent --set toe0.kind=polling --set toe0.poll_spin=20us
silent --set toecost.tx_segment=10ms
silent --set toe0.run_to_completion=yes
printf '[program busy]\ntext = {\n\trepeat 100 { sleep 1ms }\n}\n' >>"$dir/law.ini"
silent

# The published sweep has these numbers of send().
"$sopsim" sweep "$root/scenarios/pci-latency.ini" --experiment table1 --vary pci0.latency=10ns,1us,10us \
	--out "$dir/published" >/dev/null
awk -F, '
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
FNR == NR { sends[$1, $3] = $column["send_latency_us"]; next }
$2 == "table1" && ($1, $3) in sends { rows++; if (sends[$1, $3] != $5) { print $1, $3 ": " sends[$1, $3] " was " $5; bad = 1 } }
END { exit bad || rows != 12 }' "$dir/published/sweep.csv" "$root/results/reference/pci-latency/sweep.csv"
