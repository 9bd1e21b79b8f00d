#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# calibrate --write: values take the place of the old ones, in the file that says them, and all else in it stays; or
# nothing is written.  Usage: fitted.sh SOPSIM ROOT
. "$(dirname "$0")/expect.sh"
set -e

cat >"$dir/costs.ini" <<'END'
# What things cost.

[cost]
# Of each call.
syscall = 5us         | calibrated | a loop; 1-50 us
tcp_sendmsg = 1us     | assumed    | nobody knows
END
cat >"$dir/a.ini" <<'END'
[scenario]
include = costs.ini   # both in one folder
[server]
type = host
[pci0]
type = pci
[eth0]
type = nic
address = 10.0.0.1/24
[c]
type = peer
address = 10.0.0.2/24
[lan]
type = network
members = eth0, c
rate = 1Gbit/s
[cost]
nic_tx = 2us
[bench]
type = sendbench
peer = c
sends = 10
repetitions = 4
message = 10B
[config one]
[experiment e]
configs = one
[calibrate k]
experiment = e
config = one
parameter = cost.syscall
measure = bench.latency_us
target = 20
tolerance = 0.01
low = 1us
high = 50us
END
sed -i 's/ *# both.*//' "$dir/a.ini"
cp -r "$dir" "$dir.was"
trap 'rm -rf "$dir" "$dir.was"' EXIT

"$sopsim" calibrate "$dir/a.ini" >/dev/null
diff -r "$dir.was" "$dir" || complain 'written without --write'

"$sopsim" calibrate "$dir/a.ini" --write >"$dir.was/out"
value=$(sed -n 's/^cost.syscall *= \([^ ]*\) .*/\1/p' "$dir.was/out" | tail -1)
printf -v line 'syscall = %-11s | calibrated | a loop; 1-50 us' "$value"
diff <(sed "s/^syscall .*/$line/" "$dir.was/costs.ini") "$dir/costs.ini" || complain 'not as wanted'
cmp "$dir/a.ini" "$dir.was/a.ini" || complain 'another file changed'
[ "$value" != 5us ] || complain 'nothing was fitted'
# What was written agrees at once.
"$sopsim" calibrate "$dir/a.ini" | grep -q "^cost.syscall *= $value .*agrees" || complain 'it does not agree'

# unchanged STATUS EXPECTED OPTION...: nothing is written, and one line says why.
unchanged() {
	local rc=0
	cp "$dir.was/costs.ini" "$dir/costs.ini"
	"$sopsim" calibrate "$dir/a.ini" --write "${@:3}" >"$dir.was/out" 2>"$dir.was/err" || rc=$?
	[ "$rc" = "$1" ] || complain "$2: status $rc"
	cmp "$dir/costs.ini" "$dir.was/costs.ini" || complain "$2: written"
	grep -q "$2" "$dir.was/err" || complain "wanted '$2': $(cat "$dir.was/err")"
	[ "$(wc -l <"$dir.was/err")" = 1 ] || complain "$2: more than one line"
}
unchanged 1 'nothing is written, since not all agree' --set k.high=6us
unchanged 2 'calibrate: \[calibrate k\] parameter: cost.syscall is 5us, and its range 6us to 50us' --set k.low=6us
unchanged 2 'not with --quick' --quick
sed -i '/^syscall/d' "$dir.was/costs.ini"
unchanged 2 'no line of the scenario says cost.syscall' --set cost.syscall=5us
exit $status
