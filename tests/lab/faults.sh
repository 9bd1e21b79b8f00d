#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Faults of a switched network are where the scenario says: on the links of the members that it names,
# in the direction that it names.  A fetch over a good link takes what it takes without any.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/lan.ini" <<INI
[scenario]
include = $root/scenarios/server.ini
[eth0]
type = nic
address = 10.0.0.1/24
[good]
type = peer
address = 10.0.0.2/24
[bad]
type = peer
count = 2
address = 10.0.0.3/24
[lan]
type = network
members = eth0, good, bad
[file]
type = fileset
path = /index.html
size = 100KiB
[web]
type = web
[fetch_good]
type = fetch
peer = good
target = eth0
fileset = file
[fetch_bad]
type = fetch
peer = bad
target = eth0
fileset = file
start = 5s
INI

# times ARGUMENT...: "good bad" in microseconds.
times() {
	"$sopsim" run "$dir/lan.ini" "$@" --out "$dir/out" >/dev/null
	echo "$(sed -n 's/^fetch_good.total_us,//p' "$dir/out/summary.csv")" \
		"$(sed -n 's/^fetch_bad.total_us,//p' "$dir/out/summary.csv")"
}

read -r good bad <<<"$(times)"
# On all links, and on one only: the fifth frame of a link is a segment or an ACK of the fetch.
read -r g b <<<"$(times --set lan.drop_back=5)"
test "$g" != "$good" && test "$b" != "$bad"
read -r g b <<<"$(times --set lan.drop_back=5 --set lan.faults_at=bad)"
test "$g" = "$good" && test "$b" != "$bad"
# A way: what comes to the client is data, and costs a recovery; what it sends are ACKs, and costs little.
read -r g back <<<"$(times --set lan.loss=10% --set lan.faults_at=bad --set lan.faults_go=back)"
test "$g" = "$good"
read -r g forth <<<"$(times --set lan.loss=10% --set lan.faults_at=bad --set lan.faults_go=forward)"
test "$g" = "$good"
awk -v bad="$bad" -v back="$back" -v forth="$forth" \
	'BEGIN { exit !(back > 2 * bad && back > forth && forth != bad) }'

if "$sopsim" run "$dir/lan.ini" --set lan.faults_at=nobody 2>"$dir/error"; then exit 1; else test $? = 2; fi
grep -q "\[lan\] faults_at: there is no 'nobody'" "$dir/error"
