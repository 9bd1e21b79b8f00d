#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A run that fails or is interrupted leaves earlier results as they were, and no half-written file
# or process behind.
set -u
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

mkdir "$dir/out"
echo earlier >"$dir/out/fig5.csv"

# Interrupted by Ctrl-C's signal.
"$sopsim" reproduce --out "$dir/out" >"$dir/log" 2>&1 </dev/null &
pid=$!
sleep 1
children=$(ps -o pid= --ppid $pid)
kill -INT $pid
wait $pid
rc=$?
[ $rc -ne 0 ] || { echo "interrupted, yet status 0"; exit 1; }
for child in $children; do
	if kill -0 "$child" 2>/dev/null; then
		echo "child $child outlived its parent"
		exit 1
	fi
done
[ "$(cat "$dir/out/fig5.csv")" = earlier ] || { echo "the earlier result is gone"; exit 1; }
[ "$(ls -A "$dir/out")" = fig5.csv ] || { echo "left behind: $(ls -A "$dir/out")"; exit 1; }

# A capture that is interrupted.
mkdir "$dir/pcap"
echo earlier >"$dir/pcap/eth0.pcap"
"$sopsim" run "$root/scenarios/first.ini" --set fetch.times=1000000 --set scenario.limit=86400s \
	--pcap "$dir/pcap" >"$dir/log" 2>&1 </dev/null &
pid=$!
sleep 1
kill -INT $pid
wait $pid
rc=$?
[ $rc -eq 2 ] || { echo "a capture interrupted: status $rc"; cat "$dir/log"; exit 1; }
[ "$(ls -A "$dir/pcap")" = eth0.pcap ] && [ "$(cat "$dir/pcap/eth0.pcap")" = earlier ] ||
	{ echo "a capture interrupted left: $(ls -A "$dir/pcap")"; exit 1; }

# A full disk.
if [ "$(id -u)" -eq 0 ] && mkdir "$dir/small" && mount -t tmpfs -o size=64k none "$dir/small" 2>/dev/null; then
	"$sopsim" run "$root/scenarios/first.ini" --out "$dir/small" >"$dir/log" 2>&1
	rc=$?
	left=$(ls -A "$dir/small")
	umount "$dir/small"
	[ $rc -eq 2 ] || { echo "full disk: status $rc"; cat "$dir/log"; exit 1; }
	[ -z "$left" ] || { echo "full disk: left $left"; exit 1; }
fi
exit 0
