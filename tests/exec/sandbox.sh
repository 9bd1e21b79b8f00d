#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile programs are refused or contained, and nothing is left behind.
# Usage: sandbox.sh SOPSIM ROOT
. "$(dirname "$0")/exec.sh"
need python3 ip
first=$root/scenarios/first.ini

# does STATUS TEXT PROGRAM...: what it prints has the text, and sopsim ends with that status.
does() {
	local status=$1 text=$2 rc
	shift 2
	timeout 60 "$sopsim" exec "$first" --check-fds "${options[@]}" -- "$@" >"$out/out" 2>"$out/said" </dev/null
	rc=$?
	[ $rc -eq "$status" ] || complain "status $rc, not $status: $*: $(tail -n 3 "$out/said")"
	grep -q -- "$text" "$out/out" "$out/said" ||
		complain "'$*' does not say '$text': $(tail -n 3 "$out/out" "$out/said")"
}
options=()

# Nothing but its own places is written, and those are empty.
does 0 'places 0$' sh -c 'for dir in etc usr home root; do set -- "$@" "/$dir/x"; done
touch "$@" ./x 2>/dev/null
echo places $(ls "$@" ./x /run/secrets 2>/dev/null | wc -l)' sh
does 0 '^mine$' sh -c 'echo mine >/tmp/file; cat /tmp/file'
[ ! -e /tmp/file ] || complain "/tmp was written"

# Nothing of the real machine or network is reached, or seen.
does 0 'names server localhost$' sh -c 'echo names $(hostname) $(sed -n "1s/.* //p" /etc/hosts)'
does 0 '^10.0.0.1 *eth0 server$' getent hosts server
python3 -m http.server 18642 --bind 127.0.0.1 >/dev/null 2>&1 &
listener=$!
sleep 0.5
does 1 'status 7' curl -s http://127.0.0.1:18642/
kill $listener
does 0 'processes 3$' python3 -c 'import os
print("processes", sum(name.isdigit() for name in os.listdir("/proc")) + 1)'

# What it may not do is refused, and told by name.
call() { printf 'import ctypes; c = ctypes.CDLL(None, use_errno=True); print("ret", c.syscall(%s), ctypes.get_errno())' "$1"; }
does 0 'refused: io_uring_setup' python3 -c "$(call '425, 1, 0')"
grep -q 'ret -1 38' "$out/out" || complain "io_uring: $(cat "$out/out")"
does 0 'refused: ptrace' python3 -c "$(call '101, 16, 1, 0, 0')"
does 0 'refused: call 9999' python3 -c "$(call 9999)"
does 0 'ret -1 97' python3 -c "$(call '41, 17, 3, 0')"  # AF_PACKET
does 0 'ret -1 93' python3 -c "$(call '41, 16, 3, 15')" # AF_NETLINK, of device events
does 1 'refused: netlink request 20' ip addr add 10.0.0.9/24 dev eth0
does 1 'killed by signal 31' python3 -c 'import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()'
does 1 'killed by signal 11' python3 -c 'import ctypes; ctypes.string_at(1)'
does 1 'ended with status 255' sh -c 'exit 255'
does 1 'killed by signal 9' sh -c 'kill -9 $$'

does 0 'refused: process_vm_readv' python3 -c "$(call '310, 1, 0, 0, 0, 0, 0')"
does 0 'refused: pidfd_getfd' python3 -c "$(call '438, 1, 1, 0')"
does 0 'refused: unshare' python3 -c "$(call '272, 0x10000000')"
does 0 'refused: mount' python3 -c "$(call '165, 0, 0, 0, 0, 0')"
# Process 1 is one of the simulated machine's (here its web server), not the sandbox's.
does 1 'still here' sh -c 'kill -9 1; sleep 1; echo still here'

# What takes all it can get.
options=(--set server.max_tasks=30)
does 1 'Cannot fork\|Resource temporarily' sh -c 'for i in $(seq 60); do sleep 100 & done'
options=(--set scenario.limit=200ms)
can_trace && does 1 'computes without system calls' sh -c 'while :; do :; done'
options=()
does 1 'killed by signal 25' sh -c 'exec head -c 1G /dev/zero >/tmp/big'
grep -q 'stopped at: max_output, 67108864 bytes' "$out/said" || complain "$(cat "$out/said")"
# Printed, by a pipe or into a file: one limit, told.  What passes through a pipe alone has none.
options=(--set 'exec command.max_output=64KiB')
for program in 'exec seq 100000' 'seq 100000 | cat' 'seq 100000 >/tmp/big' 'seq 100000 >&2'; do
	does 1 'stopped at: max_output, 65536 bytes' sh -c "$program"
	[ "$(wc -c <"$out/out")" -le 65536 ] || complain "$program: $(wc -c <"$out/out") bytes"
done
does 1 'stopped at: max_output' python3 -c 'import sys; sys.stdout.write("line\n" * 20000)'
does 0 '^588895$' sh -c 'seq 100000 | wc -c'
options=()

# Descriptors may be closed and overwritten as one likes.
does 0 'still here' python3 -c 'import ctypes, os, socket
s = socket.socket(); t = socket.socket(); os.dup2(1, s.fileno())
os.write(s.fileno(), b"through a copy\n"); os.dup2(t.fileno(), 50); ctypes.CDLL(None).syscall(436, 3, 0xffffffff, 0)
try: os.write(50, b"x")
except OSError: print("still here")'

# A simulator that is killed leaves no process and no mount.
# Of the places that a machine mounts something at, those where there is something now; others' come and go.
mounted() { awk '$2 ~ "^/(proc|run|tmp|var|dev/shm|dev/pts|dev/ptmx|etc/hosts)$" { print $1, $2 }' /proc/self/mounts | sort; }
mounts=$(mounted)
"$sopsim" exec "$first" --check-fds -- sh -c 'sleep 0.01; while :; do sleep 0.00001; : sopsim-sandbox-test; done' >/dev/null 2>&1 &
simulator=$!
sleep 1
kill -9 $simulator
sleep 1
if pgrep -f 'sopsim-sandbox-test' >"$out/left"; then
	complain "left behind: $(xargs -r ps -fp <"$out/left")"
	xargs -r kill -9 <"$out/left"
fi
[ "$(mounted)" = "$mounts" ] || complain "mounts were left behind"
exit $bad
