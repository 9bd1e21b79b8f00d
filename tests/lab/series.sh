#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Series: the means over the bins are the summary's, whatever the bins' length; queues are those of the trace.
# Usage: series.sh SOPSIM SOURCE
. "$(dirname "$0")/expect.sh"
set -eo pipefail

run() { # CONFIG OPTION...
	"$sopsim" run "$root/scenarios/paper.ini" --experiment=fig5 --config="$1" --offered=600 \
		--set clients.ramp=100ms --set scenario.warmup=130ms --set scenario.duration=200ms "${@:2}" >/dev/null 2>&1
}

run offload_sop --out card --series 7ms --trace card.pftrace
run offload_sop --out same --series 7ms
cmp card/series.csv same/series.csv || die "the same seed wrote another series"
run leg_sop --out nic --series auto --trace nic.pftrace
run leg_sop --out plain
# The bins' edges are events of the simulator's; nothing else may differ.
diff <(grep -v '^sim\.' plain/summary.csv) <(grep -v '^sim\.' nic/summary.csv) || die "who watches changes what happens"

# Columns that the web server has not.
"$sopsim" run "$root/scenarios/streaming.ini" --set stream_nic.ramp=20ms --set stream_toe.ramp=20ms --set scenario.warmup=50ms \
	--set scenario.duration=100ms --out streaming --series 9ms >/dev/null
"$sopsim" run "$root/scenarios/first.ini" --out first --series 100us >/dev/null
"$sopsim" run "$root/scenarios/open-loop.ini" --set scenario.warmup=100ms --set scenario.duration=200ms --out poisson --series 9ms >/dev/null

python3 - <<-'END'
	import bisect, csv

	def read(dir):
	    rows = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(open(dir + '/series.csv'))]
	    return rows, {r['measure']: float(r['value'] or 'nan') for r in csv.DictReader(open(dir + '/summary.csv'))}

	def mean(rows, column):
	    return sum(r[column] * r['length_s'] for r in rows) / sum(r['length_s'] for r in rows)

	def near(a, b, what):
	    assert abs(a - b) <= 2e-8 * max(abs(a), abs(b), 1e-3), f'{what}: {a} in the series, {b} in the summary'

	# Shares and rates; those that are rates in the summary too; queues.
	rates = 'users.requests',
	queues_of = {
	    'card': ['server.run_queue', 'pci0.toe0.command_ring', 'toe0.accept_queue'],
	    'nic': ['server.run_queue', 'server.accept_queue', 'pci0.eth0.tx_ring', 'pci0.eth0.rx_ring', 'pci0.toe0.command_ring'],
	}
	def number(data, at):
	    value = shift = 0
	    while True:
	        value |= (data[at] & 127) << shift
	        shift, at = shift + 7, at + 1
	        if data[at - 1] < 128:
	            return value, at

	def fields(data):
	    at = 0
	    while at < len(data):
	        key, at = number(data, at)
	        if key & 7 == 0:
	            value, at = number(data, at)
	        else:
	            size, at = (8, at) if key & 7 == 1 else number(data, at)
	            value, at = data[at:at + size], at + size
	        yield key >> 3, value

	# The trace's counters: by their names the dates, in ns, and the values.
	def counters(path):
	    tracks, now, default, told = {}, {}, {}, {}
	    for _, packet in fields(open(path, 'rb').read()):
	        p = {}
	        for field, value in fields(packet):
	            p[field] = value
	        sequence = p[10]
	        if 60 in p:
	            track = dict(fields(p[60]))
	            tracks[track[1]] = track
	        if 59 in p:
	            default[sequence] = dict(fields(dict(fields(p[59])).get(11, b''))).get(11)
	        if 6 in p:
	            clocks = [dict(fields(c)) for _, c in fields(p[6])]
	            now[sequence] = 0 if any(c.get(3) for c in clocks) else None
	        date = p.get(8, 0)
	        if now.get(sequence) is not None:
	            now[sequence] = date = now[sequence] + date
	        event = p.get(11, b'')
	        if b'\x48\4' not in event and b'\xf8\1' not in event:
	            continue  # neither a value nor one that goes with it
	        event = list(fields(event))
	        # Values that go with it: of counters, in their order.
	        for track, value in zip([v for f, v in event if f == 31], [v for f, v in event if f == 12]):
	            told.setdefault(track, []).append((date, value))
	        event = dict(event)
	        if event.get(9) == 4:
	            told.setdefault(event.get(11) or default[sequence], []).append((date, event[30]))
	    names = {}
	    for nr, values in told.items():
	        words, track = [], tracks[nr]
	        while True:
	            words.insert(0, track[2].decode().replace(' ', '_'))
	            if 5 not in track:
	                break
	            track = tracks[track[5]]
	        names['.'.join(words)] = sorted(values, key=lambda v: v[0])
	    return names

	# Mean and most of a counter between two dates.
	def between(values, begin, end):
	    at = bisect.bisect_right(values, begin, key=lambda v: v[0] * 1e-9)
	    before = most = values[at - 1][1] if at else 0
	    sum_, since = 0, begin
	    while at < len(values) and values[at][0] * 1e-9 < end:
	        date, value = values[at][0] * 1e-9, values[at][1]
	        sum_, most = sum_ + before * (date - since), max(most, value)
	        before, since, at = value, date, at + 1
	    return (sum_ + before * (end - since)) / (end - begin), most

	for dir, bins, warmup, counts in (('card', None, 0.13, 14), ('nic', 200, 0.13, 14), ('streaming', None, 0.05, 14),
	                                  ('first', None, 0, 13), ('poisson', None, 0.1, 13)):
	    rows, summary = read(dir)
	    at = 0
	    for r in rows:
	        assert abs(r['t_s'] - at) < 1e-9 and r['length_s'] > 0, (dir, r['t_s'], at)
	        at += r['length_s']
	    assert abs(at - summary['sim.time_s']) < 1e-9
	    assert abs(sum(r['length_s'] for r in rows if r['warmup']) - warmup) < 1e-9
	    window = [r for r in rows if not r['warmup']]
	    assert bins is None or bins <= len(window) <= bins + 1
	    # Each column: what counts is the summary's; of a closed loop's rate that takes off the luck of the window.
	    length, checked = sum(r['length_s'] for r in window), 0
	    for column in rows[0]:
	        name, _, unit = column.rpartition('_')
	        if unit == 'pct':
	            near(mean(window, column), summary[name], column)
	        elif unit == 's' and name.endswith('_per') and column != 'clients.requests_per_s':
	            name = name.removesuffix('_per')
	            near(mean(window, column) * (1 if name in rates else length), summary[name], column)
	        elif column not in ('t_s', 'length_s', 'warmup', 'clients.requests_per_s') and unit not in ('mean', 'max'):
	            assert False, column
	        else:
	            continue
	        checked += 1
	    assert checked == counts, (dir, checked)
	    if dir not in queues_of:
	        continue
	    queues = queues_of[dir]
	    assert sorted(queues) == sorted(c.removesuffix('_mean') for c in rows[0] if c.endswith('_mean')), rows[0].keys()
	    for q in queues:
	        assert all(0 <= r[q + '_mean'] <= r[q + '_max'] for r in rows), q
	        assert any(r[q + '_max'] > 0 for r in rows), q
	    # Each bin has what the trace tells, whose dates are cut to the nanosecond.
	    told = counters(dir + '.pftrace')
	    for q in queues:
	        for r in rows:
	            m, most = between(told[q], r['t_s'], r['t_s'] + r['length_s'])
	            assert abs(m - r[q + '_mean']) < 1e-3 * max(1, m) and most == r[q + '_max'], (q, r['t_s'], m, most, r[q + '_mean'], r[q + '_max'])
	    # Nobody works while nobody can run: a bin's share of tasks is no larger than its run queue is long.
	    for r in rows:
	        assert r['server.cpu_user_pct'] + r['server.cpu_process_pct'] <= 100 * min(1, r['server.run_queue_mean']) + 2
END

expect "no folder to write to" "$sopsim" run "$root/scenarios/first.ini" --series 1ms
expect "allowed: a time such as" "$sopsim" run "$root/scenarios/first.ini" --out x --series 5
expect "allowed: a time such as" "$sopsim" run "$root/scenarios/first.ini" --out x --series 0s
[ ! -e x/series.csv ] || die "a series without a run"
exit $status
