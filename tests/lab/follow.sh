#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --follow: what is told of a connection is what the capture says, on hosts, cards and peers; whole or not at all.
# Usage: follow.sh SOPSIM SOURCE
. "$(dirname "$0")/expect.sh"
set -eo pipefail

# A sender whose processor takes no time: what its engine does lies on the wire at once.
cat >peers.ini <<-'END'
	[scenario]
	title = two peers
	duration = 6s
	[near]
	type = peer
	address = 10.0.0.2/24
	[far]
	type = peer
	address = 10.0.0.3/24
	[lan]
	type = network
	members = near, far
	rate = 100Mbit/s
	propagation = 5ms
	loss = 1%
	[echo sink]
	peer = far
	mode = sink
	port = 7
	[echo sender]
	peer = near
	mode = connect
	address = 10.0.0.3
	port = 7
	bytes = 500000B
	times = 1
	answer = no
END
run() { "$sopsim" run peers.ini --out "$@" >said 2>complaint; }

run near --pcap near --follow 1 --series 100ms --report || die "$(cat complaint)"
grep -q '^tcp-1.csv: near.0, 10.0.0.2:[0-9]* to 10.0.0.3:7: [0-9]* changes$' said || die "$(cat said)"
run again --follow 1
cmp near/tcp-1.csv again/tcp-1.csv && cmp near/tcp-1.svg again/tcp-1.svg || die "the same seed wrote something else"
run plain
cmp plain/summary.csv again/summary.csv || die "who follows changes what happens"
[ ! -e plain/connections.csv ] || die "nobody asked for connections.csv"
run far --follow 10.0.0.3:7
[ -s far/tcp-2.csv ] && [ ! -e far/tcp-1.csv ] || die "not the far end: $(ls far)"
grep -q 'id="connections"' near/report.html && grep -q '>near.0, 10.0.0.2:' near/report.html ||
	die "the report lacks the connection"

python3 - <<-'END'
	import csv, struct
	from fractions import Fraction

	def frames(path):
	    data, at = open(path, 'rb').read(), 24
	    while at < len(data):
	        s, ns, length, _ = struct.unpack('<IIII', data[at:at + 16])
	        yield s * 10**9 + ns, data[at + 16:at + 16 + length]
	        at += 16 + length

	rows = list(csv.DictReader(open('near/tcp-1.csv')))
	ps = [int(Fraction(r['t_s']) * 10**12) for r in rows]
	assert ps == sorted(ps)

	# Sent, less acknowledged, at each date of the sender's wire.
	una = high = None
	wire, again = {}, 0
	for t, frame in frames('near/near.pcap'):
	    if frame[12:14] != b'\x08\x00' or frame[23] != 6:
	        continue
	    ip, tcp = frame[14:], frame[34:]
	    seq, ack = struct.unpack('>II', tcp[4:12])
	    size = struct.unpack('>H', ip[2:4])[0] - 20 - (tcp[12] >> 4) * 4
	    if ip[12:16] == bytes([10, 0, 0, 2]):
	        end = seq + size + (tcp[13] & 1) + (tcp[13] >> 1 & 1)
	        if una is None:
	            una, high = seq, seq
	        again += end > seq and seq < high
	        high = max(high, end)
	    else:
	        una = max(una, ack)
	    wire[t] = high - una
	told = {}
	for t, r in zip(ps, rows):
	    told[t // 1000] = int(r['in_flight'])
	# The SYN waited for the other's hardware address.
	del told[ps[0] // 1000]
	assert len(told) > 100 and all(wire[t] == told[t] for t in told), [(t, wire.get(t), told[t]) for t in told if wire.get(t) != told[t]][:5]
	now = 1
	for t in sorted(wire):
	    now = told.get(t, now)
	    assert wire[t] == now, (t, wire[t], now)

	# Retransmissions by their names; each of them that begins a recovery halves the window (2.4: in whole segments).
	events = [r['event'].split('; ') for r in rows]
	assert 'open' in events[0] and 'TIME_WAIT' in events[-1] and rows[-1]['state'] == 'TIME_WAIT'
	fast = [i for i, e in enumerate(events) if 'fast retransmit' in e]
	assert len(fast) >= 3 and sum('retransmission' in e for e in events) <= again
	for i in fast:
	    segments = int(rows[i - 1]['cwnd']) // 1448
	    assert int(rows[i]['ssthresh']) == max(segments // 2, 2) * 1448, rows[i]
	assert sum('recovery end' in e for e in events) == len(fast)
	# RFC 3390.
	assert next(r['cwnd'] for r in rows if 'established' in r['event']) == '4380'
	assert rows[0]['ssthresh'] == '' and rows[0]['srtt_us'] == '' and float(rows[0]['rto_us']) == 3e6

	# The series has the window as a counter: its means over the bins are those of the steps.
	series = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(open('near/series.csv'))]
	for column in 'cwnd', 'in_flight':
	    end = sum(r['length_s'] for r in series)
	    dates = [float(r['t_s']) for r in rows] + [end]
	    steps = sum(int(r[column]) * (dates[i + 1] - dates[i]) for i, r in enumerate(rows))
	    bins = sum(r[f'tcp_1.{column}_mean'] * r['length_s'] for r in series)
	    assert abs(steps - bins) < 1e-6 * steps, (column, steps, bins)
	    assert max(int(r[column]) for r in rows) == max(r[f'tcp_1.{column}_max'] for r in series)
END

# A host's engine, and a card's, of which there are more ends than are followed.
"$sopsim" run "$root/scenarios/first.ini" --out host --follow 10.0.0.1:80 >said 2>complaint ||
	die "host: $(cat complaint)"
grep -q '^2,server,10.0.0.1:80,.*,1$' host/connections.csv || die "host: $(cat host/connections.csv)"
grep -q ',ESTABLISHED,open; established; slow start$' host/tcp-2.csv || die "host: $(head -3 host/tcp-2.csv)"
"$sopsim" run "$root/scenarios/paper.ini" --experiment=fig5 --config=offload_sop --offered=600 --set clients.ramp=50ms \
	--set scenario.warmup=50ms --set scenario.duration=50ms --out card --follow :80 >said 2>complaint ||
	die "card: $(cat complaint)"
grep -q 'first 16 ends that fit are followed' complaint || die "card: $(cat complaint)"
python3 - <<-'END'
	import csv
	ends = list(csv.DictReader(open('card/connections.csv')))
	assert [int(e['number']) for e in ends] == list(range(1, len(ends) + 1))
	followed = [e for e in ends if e['followed'] == '1']
	assert len(followed) == 16 < sum(e['local'].endswith(':80') for e in ends)
	assert all(e['stack'] == 'toe0' and e['local'].endswith(':80') for e in followed), followed
	for e in followed:
	    rows = list(csv.DictReader(open(f'card/tcp-{e["number"]}.csv')))
	    assert rows[0]['t_s'] == e['t_s'] and rows[0]['event'].startswith('open; established')
END

# A real program's connection, of which nothing else is written.
cat >ask.py <<-'END'
	import socket
	asks = socket.create_connection(("eth0", 80))
	asks.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
	while asks.recv(65536):
	    pass
END
if "$sopsim" exec "$root/scenarios/first.ini" -- true 2>complaint; then
	"$sopsim" exec "$root/scenarios/first.ini" --set fetch.enabled=no --out real --follow :80 -- python3 ask.py \
		>said 2>complaint </dev/null || die "exec: $(cat complaint)"
	[ ! -s said ] && [ "$(cd real && echo *)" = 'connections.csv tcp-2.csv tcp-2.pdf tcp-2.svg' ] ||
		die "exec: $(cat said) $(ls real)"
	grep -q '^2,server,10.0.0.1:80,10.0.0.1:' real/connections.csv || die "exec: $(cat real/connections.csv)"
	"$sopsim" exec "$root/scenarios/first.ini" --out real -- true 2>complaint && die "exec --out wrote nothing"
	grep -q -- '--out: nothing to write there; allowed: with --follow END' complaint || die "$(cat complaint)"
else
	grep -q 'real programs need of this machine' complaint || die "$(cat complaint)"
fi

# No longer than asked for; the run goes on.
run short --follow 1 --follow-limit 20
[ "$(wc -l <short/tcp-1.csv)" = 21 ] && cmp <(head -21 near/tcp-1.csv) short/tcp-1.csv || die "not 20 rows: $(wc -l <short/tcp-1.csv)"
grep -q '^sopsim run: tcp-1.csv ends after 20 rows (--follow-limit); the run went on$' complaint || die "$(cat complaint)"
cmp plain/summary.csv short/summary.csv || die "a limit changes what happens"

# Whole or not at all, in one line.
refused() { # WORDS OPTION...
	local wanted=$1 rc=0
	shift
	run "$@" || rc=$?
	[ $rc = 2 ] && [ "$(wc -l <complaint)" = 1 ] && grep -q -- "$wanted" complaint ||
		die "status $rc: $(cat complaint)"
}
cp -r near before
refused 'no such connection; allowed: one of the 2 ends that began.*: 1 near.0 10.0.0.2:[0-9]* 10.0.0.3:7, 2 far.0' near --follow 3
diff -r before near || die "a run that failed changed an earlier one's files"
refused 'no such connection' near --follow 10.0.0.3:80
for name in 0 x 10.0.0.3: any:7 :0 :65536 10.0.0.300:7 -1 1x ''; do
	refused "'$name': no connection is called so; allowed: " near --follow "$name"
done
rc=0
"$sopsim" run peers.ini --follow 1 >said 2>complaint || rc=$?
[ $rc = 2 ] && grep -q -- '--follow: nowhere to write to; allowed: with --out DIR' complaint || die "$(cat complaint)"
refused '--follow-limit: -5; allowed: a whole number from 1' near --follow 1 --follow-limit -5
# Files of an earlier run go with it.
run near
[ -z "$(find near -name 'tcp-*' -o -name connections.csv -o -name series.csv)" ] || die "files of another run: $(ls near)"
echo "Checks: 11, Failures: 0, Errors: 0"
