#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A run that fails or is interrupted, at whatever moment, leaves earlier results as they were, and no
# half-written file or process behind.
. "$(dirname "$0")/expect.sh"

# A shell starts what stands before & with SIGINT ignored; here it must not be.
start() {
	env --default-signal=INT,TERM,HUP "$@" >printed 2>told </dev/null &
	pid=$!
}

# until_true COMMAND...: waits for it, half a minute at most.
until_true() {
	for _ in $(seq 600); do
		"$@" && return
		sleep 0.05
	done
	complain "waited in vain: $*"
}

# SIGHUP, SIGINT and SIGTERM are blocked: bits 0, 1 and 14.
takes_signals() { grep -q '^SigBlk:.*4003$' "/proc/$pid/status"; }
has_children() { children=$(ps -o pid= --ppid $pid); [ -n "$children" ]; }

# interrupted SIGNAL WHAT: the process of start() ends as promised.
interrupted() {
	local rc
	kill -s "$1" $pid
	wait $pid
	rc=$?
	[ $rc -eq 2 ] || complain "$2, SIG$1: status $rc"
	[ "$(wc -l <told)" -eq 1 ] && grep -q '^sopsim: interrupted; ' told || complain "$2, SIG$1: $(cat told)"
	for child in $children; do
		! kill -0 "$child" 2>/dev/null || complain "$2, SIG$1: child $child outlived its parent"
	done
}

endless=(--set fetch.times=1000000 --set scenario.limit=86400s)
mkdir results pcap
echo earlier >results/sweep.csv
echo earlier >results/fig5.csv
echo earlier >pcap/eth0.pcap
for signal in INT TERM HUP; do
	start "$sopsim" reproduce --out results
	until_true has_children
	interrupted $signal reproduce
	start "$sopsim" run "$first" "${endless[@]}" --out results --pcap pcap
	until_true test -s pcap/.captures-in-progress/eth0.pcap
	has_children
	interrupted $signal run
	start "$sopsim" sweep "$first" "${endless[@]}" --vary lan.loss=0%,1% --out results
	until_true has_children
	interrupted $signal sweep
	# What it was to run is noted; of runs that had ended nothing would be lost.
	rm -rf results/sweep.json results/runs
	start "$sopsim" calibrate "$root/scenarios/paper.ini"
	until_true has_children
	interrupted $signal calibrate
	[ "$(ls -A results pcap)" = "$(printf 'pcap:\neth0.pcap\n\nresults:\nfig5.csv\nsweep.csv\n')" ] ||
		complain "SIG$signal left: $(ls -A results pcap)"
	[ "$(cat results/* pcap/*)" = "$(printf 'earlier\nearlier\nearlier\n')" ] ||
		complain "SIG$signal: an earlier result is gone"
done

# While a figure is drawn: the numbers are whole, and nothing else is there.
mkdir bin
printf '#!/bin/sh\ntouch %s/drawing\nexec sleep 60\n' "$dir" >bin/gnuplot
chmod +x bin/gnuplot
for signal in INT TERM HUP; do
	rm -rf drawing sweep
	start env PATH="$dir/bin:$PATH" "$sopsim" sweep "$first" --vary lan.loss=0%,1% --out sweep
	until_true test -e drawing
	has_children
	interrupted $signal drawing
	[ "$(names sweep)" = 'about.json results.csv runs sweep.csv sweep.json' ] || complain "drawing left: $(ls -A sweep)"
done

# While thousands of runs are planned, none of which has begun.
perl -e 'print "[scenario]\ninclude = '"$first"'\n", (map { "[config c$_]\n" } 1 .. 4000),
	"[experiment e]\nconfigs = ", join(", ", map { "c$_" } 1 .. 4000), "\n"' >many.ini
start "$sopsim" sweep many.ini --vary lan.loss=0% --out planned
until_true takes_signals
children=
interrupted TERM planning
[ ! -e planned ] || complain "planning left: $(ls -A planned)"

# Who starts it with nohup wants it to outlive the terminal.
(
	trap '' HUP
	exec "$sopsim" run "$first" --set fetch.times=1000 --out hangup >printed 2>said </dev/null
) &
pid=$!
until_true has_children
kill -HUP $pid
wait $pid || complain "nohup: status $?: $(cat said)"

# --- folders -----------------------------------------------------------------------------------------

# One writer at a time, whatever it writes; a folder is free again when its writer ended.
start "$sopsim" run "$first" "${endless[@]}" --out busy --pcap busy
until_true test -s busy/.captures-in-progress/eth0.pcap
has_children
expect "--out|'busy'|another run" "$sopsim" run "$first" --out busy
expect "--pcap|'busy'|another run" "$sopsim" run "$first" --pcap busy
expect "--out|'busy'|another run" "$sopsim" sweep "$first" --vary lan.loss=0% --out busy
expect "--out|'busy'|another run" "$sopsim" reproduce --quick --out busy
interrupted INT busy
"$sopsim" run "$first" --out busy --pcap busy >printed 2>said || complain "free again: $(cat said)"
[ "$(ls -A busy)" = "$(printf 'about.json\nclient.pcap\neth0.pcap\nrun.json\nsummary.csv\n')" ] ||
	complain "in one folder: $(ls -A busy)"

# removed OPTION: its folder goes while the run is under way, which then ends with one line.
removed() {
	start "$sopsim" run "$first" --set fetch.times=3000 --set scenario.limit=86400s "$1" gone
	until_true has_children
	[ "$1" = --out ] || until_true test -s gone/.captures-in-progress/eth0.pcap
	rm -rf gone
	wait $pid
	rc=$?
	[ $rc -eq 2 ] && [ "$(wc -l <told)" -eq 1 ] && grep -q -- "$1.*gone" told ||
		complain "$1 removed: status $rc: $(cat told)"
	[ ! -e gone ] || complain "$1 removed: it came back"
}
removed --out
removed --pcap

# A reader of the output that goes away, and a limit on the size of files, are no defects.
printf '[scenario]\ninclude = %s\n[program p]\ntext = {\n\trepeat 20000 {\n\t\tprint "x"\n\t}\n}\n' "$first" >chatty.ini
"$sopsim" run chatty.ini --pcap pipe 2>told | head -1 >/dev/null
[ "${PIPESTATUS[0]}" -ne 3 ] && [ "$(wc -l <told)" -le 1 ] && ! grep -q defect told ||
	complain "a reader that goes away: $(cat told)"
[ -z "$(ls -A pipe)" ] || complain "a reader that goes away left: $(ls -A pipe)"
(
	ulimit -f 1
	exec "$sopsim" run "$first" --out large
) >printed 2>told
[ $? -eq 2 ] && [ "$(wc -l <told)" -eq 1 ] && [ -z "$(ls -A large)" ] ||
	complain "ulimit -f: $(cat told), left: $(ls -A large)"

# --- names -------------------------------------------------------------------------------------------

# A name is no path.
mkdir names
for name in ../../x /x a/b . .. -x a,b "$(printf 'a%.0s' {1..65})" 'x;y' 'é'; do
	printf '[scenario]\ninclude = %s\n[%s]\ntype = nic\naddress = 10.0.7.1/24\n[lan7]\ntype = network\nmembers = %s, client\n' \
		"$first" "$name" "$name" >named.ini
	expect 'named.ini|name of a group' "$sopsim" run named.ini --pcap names
done
printf '[scenario]\ninclude = %s\n[program ../x]\ntext = {\nexit\n}\n' "$first" >named.ini
expect 'named.ini|[program ../x]' "$sopsim" run named.ini
# Nor do two captures share one.
sed 's/^\[eth0\]$/[toe0-pci]/; s/^members = .*/members = toe0-pci, client/; s/^target = .*/target = toe0-pci/' "$first" >named.ini
printf '[toe0]\ntype = toe\naddress = 10.0.7.1/24\n[far]\ntype = peer\naddress = 10.0.7.2/24\n[lan7]\ntype = network\nmembers = toe0, far\n' >>named.ini
sed -i "s|^include = .*|include = $root/scenarios/server.ini, $root/scenarios/card.ini|" named.ini
expect 'toe0-pci.pcap' "$sopsim" run named.ini --pcap names
[ -z "$(ls -A names)" ] || complain "names left: $(ls -A names)"

# --- a full disk ---------------------------------------------------------------------------------------

if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=64k none small 2>/dev/null; then
	"$sopsim" run "$first" --out small >printed 2>said
	rc=$?
	left=$(ls -A small)
	umount small
	[ $rc -eq 2 ] || complain "full disk: status $rc: $(cat said)"
	[ -z "$left" ] || complain "full disk: left $left"
fi
exit $status
