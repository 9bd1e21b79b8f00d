#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The simulated stack beside the machine's own kernel: the same transfers over good and bad wires, and
# short connections that end in every way.  The bytes must be the same, and the captures of both ends
# of the wire must stand up to beside_check.pl: who may send what, and for how long there may be silence.
#
#     tests/live/beside.sh SOPSIM [full|short]      the table of docs/tcp.md, or a few lines of it
#
# Exit status 1 if something does not hold; 77: skipped, with the reason.
set -euo pipefail

sopsim=$(realpath "$1")
extent=${2:-full}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
	echo "skipped: $*"
	exit 77
}

# What the machine must have; then everything again inside a namespace.
if [ "${3:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
	for program in ip unshare perl; do
		command -v "$program" >/dev/null || skip "there is no $program"
	done
	unshare --net true 2>/dev/null || skip "no network namespaces"
	exec unshare --net "$0" "$sopsim" "$extent" inside
fi

work=$(mktemp -d)
live=''
finish() {
	[ -z "$live" ] || kill "$live" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT
ip link set lo up
ip tuntap add dev probe mode tap 2>/dev/null || skip "TAP devices cannot be made"
ip link del probe
# What 2.4 and BSD do too; the namespace's alone.
echo reno >/proc/sys/net/ipv4/tcp_congestion_control || skip "no Reno"

# The network of a name, as --set's.
network() {
	case $1 in
	good) ;;
	loss\ *) echo --set lan.loss="${1#loss }" ;;
	reordering) echo --set lan.reorder=2% --set lan.reorder_delay=300us ;;
	20\ ms) echo --set lan.propagation=20ms --set lan.rate=100Mbit/s ;;
	20\ ms,\ loss\ *) echo --set lan.propagation=20ms --set lan.rate=100Mbit/s --set lan.loss="${1##* }" ;;
	esac
}

# Starts the simulation and waits until it is tied.
start_live() {
	local end=$((SECONDS + 100))
	: >"$work/live.err"
	"$sopsim" live "$here/beside.ini" --tap sim0 --pcap "$work/captures" "$@" \
		>"$work/live.out" 2>"$work/live.err" </dev/null &
	live=$!
	until grep -q 'tied to sim0' "$work/live.err"; do
		[ $SECONDS -lt $end ] && kill -0 "$live" 2>/dev/null || return 1
		sleep 0.1
	done
}

# Until the kernel has no connection that is open or closing; it may be late.
all_closed() {
	local end=$((SECONDS + 100))
	while awk 'FNR > 1 && $4 != "06" && $4 != "0A" { open = 1 } END { exit !open }' /proc/net/tcp; do
		[ $SECONDS -lt $end ] || return 0
		sleep 0.1
	done
}

stop_live() {
	local status=0
	kill -INT "$live"
	wait "$live" || status=$?
	live=''
	[ $status -eq 0 ]
}

lag() {
	sed -n 's/^ *real time: .* lag at most \([0-9.]*\) ms.*/\1/p' "$work/live.out" |
		awk '{ print $1 / 1000 }'
}

complain() {
	echo "FAILED: $place, $net, $what: $*" >&2
	failures=$((failures + 1))
	[ -z "${BESIDE_KEEP:-}" ] || cp -r "$work" "$BESIDE_KEEP/$runs"
}

# Runs one line of the table: PLACE NETWORK TRANSFER BYTES-OR-COUNT.
run_line() {
	local place=$1 net=$2 what=$3 amount=$4 address=10.0.0.1 interface=eth0 rto_min=0.2
	local config=() client=() simulated real good=yes
	runs=$((runs + 1))
	if [ "$place" = card ]; then
		address=10.0.0.11 interface=toe0 rto_min=1 config=(--config card)
	fi
	case $what in
	'to and fro') client=(bulk "$address" 9 "$amount") ;;
	'both at once') client=(bulk "$address" 7 "$amount") ;;
	short) client=(short "$address" "$amount" "$((10000 + first))") first=$((first + amount)) ;;
	esac
	# shellcheck disable=SC2046 # words on purpose
	if ! start_live "${config[@]}" $(network "$net"); then
		complain "it did not start: $(tail -1 "$work/live.err")"
		return
	fi
	perl "$here/beside_client.pl" "${client[@]}" >"$work/client.out" 2>&1 ||
		complain "$(head -1 "$work/client.out")"
	all_closed
	sleep "$settle" # the last FIN and its acknowledgement
	stop_live || complain "the simulation: $(tail -1 "$work/live.err")"
	simulated=$(perl "$here/beside_check.pl" "$work/captures/$interface.pcap" "$address" \
		"$rto_min" 0) || good=no
	real=$(perl "$here/beside_check.pl" "$work/captures/tap0.pcap" 10.0.0.2 0.2 "$(lag)") || good=no
	[ $good = yes ] || complain "the captures, see above"
	print_line "$simulated" "$real"
}

print_line() {
	local s r
	read -r -a s <<<"$1"
	read -r -a r <<<"$2"
	if [ "$what" = short ]; then
		printf '| %s | %s | %s connections, %s/s | resets %s | %s | %s of %s | resets %s | %s | %s of %s |\n' \
			"$place" "$net" "${s[0]}" "$(awk "BEGIN { printf \"%.0f\", ${s[0]} / ${s[8]} }")" \
			"${r[4]}" "${r[2]}" "${r[5]}" "${r[6]}" "${s[4]}" "${s[2]}" "${s[5]}" "${s[6]}"
	else
		printf '| %s | %s | %s | %s | %s (%s) | %s of %s | %s | %s (%s) | %s of %s |\n' \
			"$place" "$net" "$what" "${r[1]}" "${r[2]}" "${r[3]}" "${r[5]}" "${r[6]}" \
			"${s[1]}" "${s[2]}" "${s[3]}" "${s[5]}" "${s[6]}"
	fi
}

runs=0 failures=0 first=0 settle=4
cat <<'HEAD'
| server | wire | transfer | kernel sends: Mbit/s | sent again (time-outs) | silence, ms | simulation sends: Mbit/s | sent again (time-outs) | silence, ms |
|---|---|---|---|---|---|---|---|---|
HEAD
case $extent in
full)
	for place in nic card; do
		for net in good 'loss 1%' 'loss 3%' reordering '20 ms' '20 ms, loss 1%'; do
			for what in 'to and fro' 'both at once'; do
				run_line "$place" "$net" "$what" "${BESIDE_BYTES:-5000000}"
			done
		done
		run_line "$place" good short "${BESIDE_COUNT:-10000}"
		run_line "$place" 'loss 1%' short 500
	done
	;;
short)
	settle=2
	run_line nic 'loss 3%' 'to and fro' 300000
	run_line nic reordering 'both at once' 300000
	run_line nic good short 120
	run_line card 'loss 1%' 'both at once' 300000
	run_line card good short 120
	;;
*)
	echo "beside.sh: '$extent'; allowed: full, short" >&2
	exit 2
	;;
esac
echo "Checks: $runs, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
