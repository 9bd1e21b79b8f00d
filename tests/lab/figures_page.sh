#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/figures.md and README.md say what results/reference says.  Nothing is simulated: other tests repeat the references, this one
# prints each sentence and each row of the page that is a number of theirs, and looks for it there.
# Usage: figures_page.sh ROOT [PAGE]
set -eu
root=$1
page=${2:-$root/docs/figures.md}
reference=$root/results/reference
export LC_ALL=C

# claims: what a claim of `reproduce` says, as a sentence has it.
claims() {
	awk -F, '
		{ is[$1] = $3; half[$1] = $4; verdict[$1] = $7 == "yes" ? "holds" : $7 == "no" ? "does not hold" : "is undecided" }
		$6 == "predicted" { predicted++; holding += $7 == "yes" }
		END {
			printf "**%d of %d predictions hold**\n", holding, predicted
			printf "So the model says %.1f %%\n", is["fig6_offload_sop_total_pct"]
			printf "it is **%.2f +- %.2f and %s**\n", is["fig6_offload_sop_total_pct"], half["fig6_offload_sop_total_pct"], verdict["fig6_offload_sop_total_pct"]
			printf "SOP costs the same %.2f points (+- %.2f;\n", is["fig6_sop_cpu_cost_pct"], half["fig6_sop_cpu_cost_pct"]
			printf "**%.1f %% busy, not 100: this prediction does not hold**\n", is["fig6_legacy_total_pct"]
			printf "| 1,100 and 1,200, as claimed | +%.1f %% | +%.1f %% |\n", is["fig5_offload_gain_pct"], is["fig5_offload_sop_gain_pct"]
		}' "$reference/claims.csv"
}

# Half intervals of Fig. 5, as the table of intervals has them now.
intervals() {
	awk -F, '
		{ half[$1 "," $2] = $4 }
		END {
			least = most = half["leg_tcpip,750"]
			for (i = split("900 1200", load, " "); i; i--) {
				h = half["leg_tcpip," load[i]]
				least = h < least ? h : least
				most = h > most ? h : most
			}
			printf "| %.1f |\n", half["leg_tcpip,300"]
			printf "| %.1f |\n", half["leg_tcpip,700"]
			printf "| %.1f to %.1f (750, 900 and 1,200) |\n", least, most
			printf "| %.1f |\n", half["offload_sop,900"]
		}' "$reference/fig5.csv" |
		paste -d' ' <(printf '| %s |\n' '300 offered, legacy | 2.2 | 4.8' '700 offered, legacy: the knee | 1.7 | 2.5' \
			'1,000 offered, legacy: the plateau | 1.0 | 2.9' '900 offered, offload with SOP | 1.2 | 2.4') - | sed 's/| |/|/'
}

# Where the microseconds of a send() go.
parts() {
	awk -F, '
		$2 == "offload" && $3 == "no" {
			if ($4 == "card") card += $6
			else if ($4 != "bus" && $4 != "-") host += $6
			before += $5 == "tx_segment" || $5 == "rx_ack" ? $6 : 0
			back += $4 == "irq" || $4 == "sched" || $5 == "comm_complete" || $5 == "mmio_read" ? $6 : 0
		}
		$5 == "sop_dispatch" { cases++; dispatch += $6 }
		END {
			printf "In the offload case %.1f us are the card\047s firmware, %.1f of them the segment and the ACK of the send before\n", card, before
			printf "Of the host\047s %.1f us (without SOP) %.1f are the way back: interrupt, completion, wake-up, switches.\n", host, back
			printf "SOP\047s own part is `sop_dispatch`, %.1f us in both cases\n", dispatch / cases
		}' "$reference/table1_parts.csv"
}

# The bus from 10 ns to 10 us.
latency() {
	awk -F, '
		FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{
			at = $1 "," $2 "," $3
			all[$1]
			send[at] = $column["send_latency_us"]
			law[at] = $column["send_law_us"]
			rate[at] = $column["throughput_rps"]
			half[at] = $column["throughput_rps_ci95"]
			busy[at] = $column["cpu_total_pct"]
			off = law[at] ? send[at] / law[at] - 1 : 0
			worst = off > worst ? off : -off > worst ? -off : worst
		}
		function row(name, value, format,    i, j, text, of) {
			split("1e-08 1e-06 1e-05", near, " ")
			split("leg_tcpip offload_sop", of, " ")
			text = "| " name
			for (i = 1; i <= 3; i++)
				for (j = 1; j <= 2; j++)
					text = text " | " sprintf(format, value[near[i] "," stage "," of[j]])
			return text " |"
		}
		END {
			stage = "table1"
			print row("`send()`, us", send, "%.2f")
			stage = "fig6"
			print row("processor, %, at 600 offered", busy, "%.1f")
			printf "which the points meet to %.3f %%\n", 100 * worst
			for (i in all) {
				gain = 100 * (rate[i ",fig5,offload_sop"] / rate[i ",fig5,leg_tcpip"] - 1)
				least = !least || gain < least ? gain : least
				most = gain > most ? gain : most
				saved = 100 * (1 - busy[i ",fig6,offload_sop"] / busy[i ",fig6,leg_tcpip"])
				fewest = !fewest || saved < fewest ? saved : fewest
				saves = saved > saves ? saved : saves
			}
			printf "it always pays: +%.1f to +%.1f %%\n", least, most
			printf "it always pays: %.1f to %.1f %% less\n", fewest, saves
		}' "$reference/pci-latency/sweep.csv"
}

# The rivals: throughputs, and their gains over the legacy server.
rivals() {
	awk -F, '
		FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ rate[$2 "," $3 "," $4] = $column["throughput_rps"] }
		function pair(experiment, load) {
			return sprintf("%.1f and %.1f", rate[experiment ",offload_no_sop," load], rate[experiment ",offload_sop," load])
		}
		function gains(experiment, load,    base) {
			base = rate["card,leg_tcpip,1500"]
			return sprintf("+%.1f, +%.1f %%", 100 * (rate[experiment ",offload_no_sop," load] / base - 1), 100 * (rate[experiment ",offload_sop," load] / base - 1))
		}
		function comma(text) { sub(/^1/, "1,", text); gsub(/and 1/, "and 1,", text); return text }
		END {
			printf "over its legacy server, %.1f requests/s\n", rate["card,leg_tcpip,1500"]
			printf "| %s | %s |\n", comma(pair("host", 1500)), gains("host", 1500)
			printf "| a Fast Ethernet port | %s | %s |\n", pair("port", 1500), gains("port", 1500)
			printf "| a 32-bit bus of 33 MHz, a card without cost | %s | %s |\n", comma(pair("bus", 1500)), gains("bus", 1500)
			printf "| a serial server, four clients without lines of 400 kbit/s | %s | %s |\n", pair("serial", 0), gains("serial", 0)
		}' "$reference/rivals/sweep.csv"
}

# What the first page says of them.
readme() {
	awk -F, '
		{ all[$6]++; holding[$6] += $7 == "yes" }
		END {
			printf "**%d of %d predictions hold, and %d of %d chosen numbers.**\n",
				holding["predicted"], all["predicted"], holding["chosen"], all["chosen"]
		}' "$reference/claims.csv"
}

bad=0 n=0

# says FILE: that it has each sentence on standard input, however its lines are wrapped.
says() {
	local text sentence
	text=$(tr -s '\n ' '  ' <"$1")
	while read -r sentence; do
		n=$((n + 1))
		[[ $text == *"$sentence"* ]] && continue
		echo "${1#"$root/"} does not say: $sentence"
		bad=1
	done
}

says "$page" < <(
	claims
	intervals
	parts
	latency
	rivals
)
says "$root/README.md" < <(readme)
[ "$n" -ge 21 ] || bad=1
echo "$n sentences"
exit "$bad"
