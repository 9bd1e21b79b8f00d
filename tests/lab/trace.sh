#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A trace from the door: decoded without an unknown field, the same for the same seed, small, whole or not there.
# Usage: trace.sh SOPSIM SOURCE
. "$(dirname "$0")/expect.sh"
set -eo pipefail

web=(run "$root/scenarios/paper.ini" --experiment=fig5 --config=offload_sop --offered=600
	--set scenario.warmup=0s --set scenario.duration=1s)

"$sopsim" "${web[@]}" --out plain >/dev/null 2>&1
"$sopsim" "${web[@]}" --out traced --trace a.pftrace >/dev/null 2>&1
"$sopsim" "${web[@]}" --trace b.pftrace.gz >/dev/null 2>&1
gzip -dc b.pftrace.gz | cmp a.pftrace - || die "the same seed wrote another trace, or it was packed wrongly"
[ "$(stat -c %s b.pftrace.gz)" -lt 1200000 ] || die "packed it takes $(stat -c %s b.pftrace.gz) bytes"
cmp plain/summary.csv traced/summary.csv || die "who watches changes what happens"
size=$(stat -c %s a.pftrace)
[ "$size" -lt 3200000 ] || die "the first second of the web server takes $size bytes"
ls ./*.part 2>/dev/null && die "an unfinished file was left"

# weigh OFFERED LENGTH: bytes and requests of a trace so long, which no disk keeps.
mkfifo pipe
weigh() {
	wc -c <pipe >bytes &
	"$sopsim" "${web[@]}" --offered="$1" --set "scenario.duration=$2" --trace-limit 9000000 --trace pipe \
		--json 2>/dev/null >run.json
	wait $!
	echo "$(cat bytes) $(sed -n 's/.*"cost.user_request.count".*"value":\([0-9]*\).*/\1/p' run.json)"
}

# A full second: the users who waited for the first one are served, too.  Then as many as the server can.
for load in "600 3s 8s 6000000" "900 3s 5s 8300000"; do
	read -r offered short long most <<<"$load"
	read -r bytes requests < <(weigh "$offered" "$short")
	read -r more more_requests < <(weigh "$offered" "$long")
	seconds=$((${long%s} - ${short%s})) each=$(((more - bytes) / (more_requests - requests)))
	[ $((more_requests - requests)) -gt $((offered * seconds)) ] || die "few requests at $offered/s"
	[ $(((more - bytes) / seconds)) -lt "$most" ] || die "a second at $offered/s takes more than $most bytes"
	[ "$each" -lt 8200 ] || die "a request takes $each bytes"
done

if command -v protoc >/dev/null; then
	protoc --decode=perfetto.Trace -I "$root/src/trace" perfetto.proto <a.pftrace >a.txt
	grep -qE '^ *[0-9]+:' a.txt && die "protoc met a field that it does not know"
	[ "$(grep -c 'type: 1' a.txt)" -gt 50000 ] || die "few spans"
	[ "$(grep -c 'type: 1' a.txt)" -eq "$(grep -c 'type: 2' a.txt)" ] || die "spans without end"
fi

# The other format, and its nesting.
"$sopsim" run "$root/scenarios/paper.ini" --experiment=table1 --config=offload_sop --set bench.repetitions=1 \
	--set bench.sends=20 --trace s.speedscope.json >/dev/null
python3 - <<-'END'
	import json
	d = json.load(open('s.speedscope.json'))
	n = len(d['shared']['frames'])
	assert n > 20 and len(d['profiles']) > 8
	# It opens on the task that is looked at.
	first = d['profiles'][d['activeProfileIndex']]['name']
	assert first == 'server / tasks / sendbench[1]', first
	for p in d['profiles']:
	    open_, last = [], 0
	    for e in p['events']:
	        assert last <= e['at'] <= p['endValue'] and e['frame'] < n
	        last = e['at']
	        if e['type'] == 'O':
	            open_.append(e['frame'])
	        else:
	            assert open_.pop() == e['frame'], p['name']
	    assert not open_, p['name']
END

# A script of packets.
cat >hello.pkt <<-'END'
	0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
	+0  bind(3, ..., ...) = 0
	+0  listen(3, 1) = 0
	+0  < S 0:0(0) win 32792 <mss 1460>
	+0  > S. 0:0(0) ack 1 <mss 1460>
	+.1 < . 1:1(0) ack 1 win 32792
	+0  accept(3, ..., ...) = 4
END
"$sopsim" pkt --via sop-toe --trace p.pftrace hello.pkt >/dev/null
grep -q accept p.pftrace || die "a script's trace lacks its calls"

# What cannot be is said at once, and leaves what was there.
expect "allowed: a file in a folder that is there" "$sopsim" run "$root/scenarios/first.ini" --trace none/a.pftrace
expect "allowed: a whole number from 1" "$sopsim" run "$root/scenarios/first.ini" --trace x.pftrace --trace-limit 0
echo before >kept.pftrace
"$sopsim" run "$root/scenarios/first.ini" --set pci0.latency=nonsense --trace kept.pftrace >/dev/null 2>&1 &&
	die "nonsense was taken"
[ "$(cat kept.pftrace)" = before ] || die "a run that failed spoilt an earlier trace"
"$sopsim" run "$root/scenarios/first.ini" --trace l.pftrace --trace-limit 50 >out 2>&1
grep -q "after 50 spans" out || die "the limit was not told"
exit $status
