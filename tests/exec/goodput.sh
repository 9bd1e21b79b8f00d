#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# iperf3's goodput is that of the same transfer in the language of scenarios, within a per cent, on each way:
# sockets that do not block, 128 KiB asked for or written until nothing more goes, then select().  As iperf3 does, the
# server asks for three sockets, and for something quick (iperf3: the time) before and after: on a card the number of
# bytes that a read finds, and so the goodput, depends on when it comes.
# Usage: goodput.sh SOPSIM ROOT
. "$(dirname "$0")/exec.sh"
need iperf3

cat >"$out/bulk.ini" <<END
[scenario]
include = $machines
[program server]
machine = server
text = {
	s = socket(stream)
	control = socket(dgram)
	bind(s, any:5000)
	listen(s, 5)
	c = accept(s)
	fcntl(c, F_SETFL, O_NONBLOCK)
	t = now()
	repeat {
		fcntl(c, F_GETFL)
		select(c:POLLIN, s:POLLIN, control:POLLIN, 10s)
		fcntl(c, F_GETFL)
		got = 0
		n = 0
		repeat {
			n = read(c, 131072 - got)
			if n <= 0 { break }
			got = got + n
			if got >= 131072 { break }
		}
		if n = 0 { break }
	}
	t = now() - t
	print "took \$t"
}
[program client]
machine = client
at = 1s
text = {
	s = socket(stream)
	connect(s, HOST:5000)
	fcntl(s, F_SETFL, O_NONBLOCK)
	repeat 400 {
		left = 131072
		repeat {
			n = write(s, left)
			if n > 0 { left = left - n } else { select(s:POLLOUT, 10s) }
			if left = 0 { break }
		}
	}
	shutdown(s, SHUT_WR)
	sleep 3s
}
END

for way in "${ways[@]}"; do
	way_options "$way"
	address=10.0.0.1
	[ "$host" = eth0 ] || address=10.0.1.1
	sed "s/HOST/$address/" "$out/bulk.ini" >"$out/now.ini"
	took=$("$sopsim" run "$out/now.ini" "${options[@]}" --set 'exec server.enabled=no' --set 'exec client.enabled=no' |
		sed -n 's/.*took \([0-9.]*\)s$/\1/p; s/.*took \([0-9.]*\)ms$/\1e-3/p')
	rate=$("$sopsim" run "$machines" "${options[@]}" --set 'exec server.command=iperf3 -s -1' \
		--set "exec client.command=iperf3 -f k -c $host -n 50M" | awk '/ client .*receiver/ { print $(NF - 2) }')
	# 50 MiB in that time, in kbit/s
	awk -v way="$way" -v took="$took" -v rate="$rate" 'BEGIN {
		if (took > 0) same = 400 * 131072 * 8 / 1000 / took
		print way ": iperf3 " rate " kbit/s, in the language " same
		exit !(same > 0 && rate > same * 0.99 && rate < same * 1.01)
	}' || complain "$way: they differ"
done
exit "$bad"
