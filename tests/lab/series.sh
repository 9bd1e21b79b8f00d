#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Series: the means over the bins are the summary's, whatever the bins' length; queues are those of the trace.
# Usage: series.sh SOPSIM SOURCE
set -euo pipefail
sopsim=$(realpath "$1")
root=$(realpath "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

die() {
	echo "series.sh: $*"
	exit 1
}

run() { # CONFIG OPTION...
	"$sopsim" run "$root/scenarios/paper.ini" --experiment=fig5 --config="$1" --offered=600 \
		--set clients.ramp=100ms --set scenario.warmup=130ms --set scenario.duration=400ms "${@:2}" >/dev/null 2>&1
}

run offload_sop --out card --series 7ms
run offload_sop --out same --series 7ms
cmp card/series.csv same/series.csv || die "the same seed wrote another series"
run leg_sop --out nic --series auto
run leg_sop --out plain
# The bins' edges are events of the simulator's; nothing else may differ.
diff <(grep -v '^sim\.' plain/summary.csv) <(grep -v '^sim\.' nic/summary.csv) || die "who watches changes what happens"

python3 - <<-'END'
	import csv

	def read(dir):
	    rows = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(open(dir + '/series.csv'))]
	    return rows, {r['measure']: float(r['value'] or 'nan') for r in csv.DictReader(open(dir + '/summary.csv'))}

	def mean(rows, column):
	    return sum(r[column] * r['length_s'] for r in rows) / sum(r['length_s'] for r in rows)

	def near(a, b, what):
	    assert abs(a - b) <= 2e-8 * max(abs(a), abs(b), 1e-3), f'{what}: {a} in the series, {b} in the summary'

	for dir, bins in ('card', None), ('nic', 200):
	    rows, summary = read(dir)
	    at = 0
	    for r in rows:
	        assert abs(r['t_s'] - at) < 1e-9 and r['length_s'] > 0, (dir, r['t_s'], at)
	        at += r['length_s']
	    assert abs(at - summary['sim.time_s']) < 1e-9
	    assert any(r['warmup'] for r in rows) and abs(sum(r['length_s'] for r in rows if r['warmup']) - 0.13) < 1e-9
	    window = [r for r in rows if not r['warmup']]
	    assert bins is None or bins <= len(window) <= bins + 1
	    for mode in 'user', 'system', 'process', 'softirq', 'irq', 'total':
	        near(mean(window, f'server.cpu_{mode}_pct'), summary[f'server.cpu_{mode}'], mode)
	    near(mean(window, 'pci0.busy_pct'), summary['pci0.busy'], 'bus')
	    near(mean(window, 'pci0.dma_bytes_per_s') * 0.4, summary['pci0.dma_bytes'], 'DMA')
	    near(mean(window, 'web.requests_per_s') * 0.4, summary['web.requests'], 'requests')
	    near(mean(window, 'web.body_bytes_per_s') * 0.4, summary['web.body_bytes'], 'bytes')
	    if dir == 'card':
	        near(mean(window, 'toe0.busy_pct'), summary['toe0.busy'], 'firmware')
	        near(mean(window, 'toe0.commands_per_s') * 0.4, summary['toe0.commands'], 'commands')
	        queues = ['server.run_queue', 'pci0.toe0.command_ring', 'toe0.accept_queue']
	    else:
	        near(mean(window, 'eth0.tx_frames_per_s') * 0.4, summary['eth0.tx_frames'], 'frames')
	        queues = ['server.run_queue', 'server.accept_queue', 'pci0.eth0.tx_ring', 'pci0.eth0.rx_ring']
	    for q in queues:
	        assert all(0 <= r[q + '_mean'] <= r[q + '_max'] for r in rows), q
	        assert any(r[q + '_max'] > 0 for r in rows), q
	    # Nobody works while nobody can run: a bin's share of tasks is no larger than its run queue is long.
	    for r in rows:
	        assert r['server.cpu_user_pct'] + r['server.cpu_process_pct'] <= 100 * min(1, r['server.run_queue_mean']) + 2
END

refused() { # TEXT OPTION...
	local text=$1
	shift
	"$sopsim" run "$root/scenarios/first.ini" "$@" >out 2>&1 && die "taken: $*"
	grep -q -- "$text" out || die "not told '$text': $(cat out)"
}
refused "no folder to write to" --series 1ms
refused "allowed: a time such as" --out x --series 5
refused "allowed: a time such as" --out x --series 0s
[ ! -e x/series.csv ] || die "a series without a run"
