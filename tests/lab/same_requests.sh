#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The three configurations of the paper are asked for the same files in the same order, whatever they
# do with the requests; another seed asks for others.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# digest OUT ARGUMENT...: what the first thousand requests of a run were.
digest() {
	local out=$dir/$1
	shift
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --set clients.offered=700/s \
		--set scenario.warmup=1s --set scenario.duration=2s --out "$out" "$@" >/dev/null
	awk -F, '$1 == "clients.completed" && $2 < 1000 { exit 1 }' "$out/summary.csv"
	grep '^clients.digest' "$out/summary.csv"
}

legacy=$(digest legacy --config leg_tcpip)
test "$(digest offload --config offload_no_sop)" = "$legacy"
test "$(digest sop --config offload_sop)" = "$legacy"
test "$(digest slow --config offload_sop --set toe0.clock_scale=0.7)" = "$legacy"
test "$(digest other --config leg_tcpip --seed 2)" != "$legacy"
