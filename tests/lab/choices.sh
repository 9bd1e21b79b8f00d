#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The cost of each design choice: every sweep of scenarios/choices/ against results/reference/choices/,
# whole, since they take seconds.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

n=0
for reference in "$root"/results/reference/choices/*/; do
	name=$(basename "$reference")
	"$sopsim" sweep "$root/scenarios/choices/$name.ini" --out "$dir/$name" >/dev/null
	"$sopsim" check --no-intervals --against "$reference" "$dir/$name"
	n=$((n + 1))
done
test $n = "$(($(find "$root/scenarios/choices" -name '*.ini' | wc -l) - 1))" # machine.ini is no choice

# The comparison can fail: a number, a row too few, a row too many.
for edit in '2s/,/,9/8' '2d' '2s/^/x/;2p;2s/^x//'; do
	cp -r "$dir/accept" "$dir/edited"
	sed -i "$edit" "$dir/edited/sweep.csv"
	if "$sopsim" check --no-intervals --against "$root/results/reference/choices/accept" "$dir/edited" >/dev/null; then
		echo "not noticed: $edit"
		exit 1
	fi
	rm -r "$dir/edited"
done
