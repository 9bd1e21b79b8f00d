#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The same seed gives the same bytes, whatever the number of jobs; another seed gives others.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sweep() {
	"$sopsim" sweep "$root/scenarios/two-cards.ini" --vary pci0.latency=100ns,1us \
		--set scenario.warmup=500ms --set scenario.duration=1s --out "$dir/$1" \
		--jobs "$2" --seed "$3" >/dev/null
}
sweep a 1 1
sweep b 2 1
sweep c 2 2
cmp "$dir/a/sweep.csv" "$dir/b/sweep.csv"
cmp "$dir/a/sweep.svg" "$dir/b/sweep.svg"
if cmp -s "$dir/a/sweep.csv" "$dir/c/sweep.csv"; then
	echo "another seed gave the same bytes"
	exit 1
fi
