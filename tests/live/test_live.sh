#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real programs against simulated machines, in a network namespace of their own.
# Usage: test_live.sh SOPSIM CASE.  Exit status 77: skipped, with the reason.
set -euo pipefail

sopsim=$1
case=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scenarios=$here/../../scenarios

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "FAILED: $*" >&2
	for log in "$work"/live.out "$work"/live.err; do
		[ -s "$log" ] && sed "s,^,  ${log##*/}: ," "$log" >&2
	done
	exit 1
}

# What the machine must have; then everything again inside the namespace.
if [ "${3:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
	for program in curl ip unshare perl; do
		command -v "$program" >/dev/null || skip "there is no $program"
	done
	unshare --net true 2>/dev/null || skip "no network namespaces"
	exec unshare --net "$0" "$sopsim" "$case" inside
fi

work=$(mktemp -d)
live='' server=''
finish() {
	[ -z "$live" ] || kill "$live" 2>/dev/null || true
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT
ip link set lo up
ip tuntap add dev probe mode tap 2>/dev/null || skip "TAP devices cannot be made"
ip link del probe

# Curl that neither asks a proxy nor waits for ever.
get() {
	curl --silent --show-error --noproxy '*' --max-time 400 "$@"
}

# Tries a command until it holds, for as long as a busy machine may need.
eventually() {
	local end=$((SECONDS + 100))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Starts the simulation and waits until it is tied.
start_live() {
	"$sopsim" live "$@" --tap sim0 >"$work/live.out" 2>"$work/live.err" </dev/null &
	live=$!
	eventually tied_or_ended || fail "it did not start"
	is_tied || fail "it ended at once"
}

is_tied() { grep -q 'tied to sim0' "$work/live.err"; }
tied_or_ended() { is_tied || ! kill -0 "$live" 2>/dev/null; }

# Waits until the server at $1 answers, whether it is simulated or real.
await_server() {
	eventually get --max-time 5 --output /dev/null "http://$1/" 2>/dev/null || fail "no server at $1"
}

# Ends it with signal $1; its exit status must be 0 and its summary whole.
stop_live() {
	local status=0
	kill -"$1" "$live"
	wait "$live" || status=$?
	live=''
	[ "$status" -eq 0 ] || fail "exit status $status after SIG$1"
	grep -q 'real time: .* lag at most .* on average' "$work/live.out" || fail "no lag reported"
	grep 'real time:' "$work/live.out"
}

# A number of the summary: of group $1, under heading $2.
summary() {
	"$here/../cell" "$work/live.out" "$1" "$2"
}

make_files() {
	mkdir -p "$work/files/deep"
	: >"$work/files/empty"
	printf x >"$work/files/one"
	head -c 1460 /dev/urandom >"$work/files/segment"
	head -c 3000000 /dev/urandom >"$work/files/deep/big"
}

# Fetches each file of the folder from $1 and compares.
fetch_files() {
	local file
	for file in empty one segment deep/big; do
		get --fail --output "$work/got" "http://$1/$file" || fail "$1/$file"
		cmp "$work/files/$file" "$work/got" || fail "$1/$file differs"
	done
	[ "$(get --output /dev/null --write-out '%{http_code}' "http://$1/none")" = 404 ] ||
		fail "$1/none is there"
}

ping_it() {
	if ! command -v ping >/dev/null; then
		echo "note: there is no ping"
		return
	fi
	ping -c 5 -i 0.2 -W 60 "$1" | grep -q ' 0% packet loss' || fail "ping $1"
	ping -c 2 -i 0.2 -W 60 -s 4000 "$1" | grep -q ' 0% packet loss' || fail "ping $1 in fragments"
}

# A thousand connections, one after the other, a file of 1,460 bytes each.
thousand() {
	local good
	for _ in $(seq 1000); do
		printf 'url = "http://%s/segment"\noutput = "/dev/null"\n' "$1"
	done >"$work/urls"
	good=$(get --config "$work/urls" --write-out '%{http_code} %{size_download}\n' |
		grep -c '^200 1460$' || true)
	[ "$good" -eq 1000 ] || fail "$good of 1000 connections"
}

# 100 MB from $1 over a wire that loses one frame in a hundred, both ways.
hundred_megabytes() {
	mkdir "$work/files"
	head -c 100000000 /dev/urandom >"$work/files/large"
	start_live "$here/wire.ini" --set files.folder="$work/files" \
		--set lan.loss=1% "${@:2}"
	await_server "$1"
	get --fail --output "$work/got" --write-out '%{size_download} bytes in %{time_total} s\n' \
		"http://$1/large" || fail "100 MB"
	cmp "$work/files/large" "$work/got" || fail "100 MB differ"
	stop_live INT
}

case $case in
nic)
	make_files
	start_live "$scenarios/live.ini" --set files.folder="$work/files"
	await_server 10.0.0.1
	ping_it 10.0.0.1
	fetch_files 10.0.0.1
	thousand 10.0.0.1
	stop_live TERM
	;;
sop)
	make_files
	start_live "$scenarios/live-sop.ini" --set files.folder="$work/files"
	await_server 10.0.0.1
	await_server 10.0.0.11
	ping_it 10.0.0.11
	fetch_files 10.0.0.1
	fetch_files 10.0.0.11
	thousand 10.0.0.11
	stop_live INT
	[ "$(summary toe0 accepts)" != 0 ] || fail "nothing came by the card"
	;;
loss-nic)
	hundred_megabytes 10.0.0.1
	sent=$(summary eth0 'sent')
	arrived=$(summary tap0 'to the kernel')
	echo "$sent frames sent, $arrived arrived"
	[ $((sent - arrived)) -gt $((sent / 200)) ] || fail "the wire lost too little to be a test"
	;;
loss-card)
	# BSD's smallest time-out, a second, would make this a matter of minutes.
	hundred_megabytes 10.0.0.11 --config card --set toe0.stack=linux-2.4
	;;
fetch)
	# The pattern file comes out of the simulation first; the real server then offers it.
	mkdir "$work/files"
	start_live "$scenarios/live.ini" --set files.size=5MB --out "$work/followed" --follow 10.0.0.1:80
	await_server 10.0.0.1
	get --fail --output "$work/files/index.html" http://10.0.0.1/index.html || fail "get"
	stop_live INT
	# Its connection was followed, from the handshake to the end, and grew.
	last=$(tail -1 "$work/followed/connections.csv" | cut -d, -f1)
	[ -s "$work/followed/tcp-$last.svg" ] || fail "no picture: $(ls "$work/followed")"
	# (How much is in flight, and how far the window grows, is up to the real client, too.)
	awk -F, 'NR == 2 { open = /open; established/; first = $2 } NR > 2 && $2 > 2 * first { grown = 1 }
		END { exit !(open && grown && /FIN sent|closed|TIME_WAIT|FIN_WAIT|LAST_ACK/) }' \
		"$work/followed/tcp-$last.csv" || fail "not followed: $(tail -3 "$work/followed/tcp-$last.csv")"
	perl "$here/httpd.pl" 8000 "$work/files/index.html" &
	server=$!
	await_server 127.0.0.1:8000
	status=0
	"$sopsim" live "$scenarios/live.ini" --tap sim0 --for 300 --set files.size=5MB \
		--set fetch.enabled=yes --set fetch.times=20 --set fetch.start=500ms \
		>"$work/live.out" 2>"$work/live.err" </dev/null || status=$?
	grep '^  fetch' "$work/live.out" || fail "status $status"
	[ "$(summary fetch fetched) $(summary fetch failed) $(summary fetch 'received B') $(summary fetch 'wrong B')" = \
		'20 0 100000000 0' ] || fail "fetch"
	[ "$status" -eq 0 ] || fail "status $status"
	;;
programs)
	# What programs do is printed as it happens, and an expectation that does not hold counts.
	{
		printf '[scenario]\ninclude = %s/live.ini\n' "$scenarios"
		printf '%s\n' '[program hello]' 'text = {' '	s = socket(stream)' '	listen(s) = 1' \
			'	accept(s)' '}'
	} >"$work/programs.ini"
	status=0
	"$sopsim" live "$work/programs.ini" --tap sim0 --for 1 >"$work/live.out" 2>"$work/live.err" ||
		status=$?
	grep -q 'hello  *socket(stream) = 0' "$work/live.out" || fail "the program's lines are not there"
	grep -q '\*\* line 2: expected listen = 1' "$work/live.out" || fail "no expectation"
	grep -q 'cut short' "$work/live.out" && fail "what --for ends is not cut short"
	grep -q '\[program hello\] 1 expectation did not hold' "$work/live.err" || fail "no reason"
	[ "$status" -eq 1 ] || fail "status $status"
	;;
ends)
	before=$(date +%s%N)
	"$sopsim" live "$scenarios/live.ini" --tap sim0 --for 1.5 >"$work/live.out" || fail "--for"
	took=$((($(date +%s%N) - before) / 1000000))
	echo "--for 1.5: $took ms"
	[ "$took" -ge 1490 ] || fail "--for 1.5 took $took ms"
	start_live "$scenarios/live.ini"
	ip link del sim0
	status=0
	wait "$live" || status=$?
	live=''
	[ "$status" -eq 2 ] || fail "status $status when its device was deleted"
	for bad in "$scenarios/live.ini --tap a/b" "$scenarios/live.ini --tap lo" \
		"$scenarios/live.ini --tap sim0 --tap sim1" "$scenarios/first.ini --tap sim0"; do
		status=0
		# shellcheck disable=SC2086 # words on purpose
		"$sopsim" live $bad >/dev/null 2>"$work/live.err" || status=$?
		cat "$work/live.err"
		[ "$status" -eq 2 ] || fail "status $status: live $bad"
		[ "$(wc -l <"$work/live.err")" -eq 1 ] || fail "not one line: live $bad"
	done
	;;
*)
	fail "unknown case $case"
	;;
esac
