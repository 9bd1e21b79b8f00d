#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The figures' regression: a quick reproduction against results/reference/quick, and a check that
# the comparison can fail.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$sopsim" check --no-intervals "$root/results/reference" >/dev/null
"$sopsim" reproduce --quick --out "$dir/now" >/dev/null
"$sopsim" check --no-intervals --against "$root/results/reference/quick" "$dir/now"
sed -i '2s/,/,9/3' "$dir/now/table1.csv"
if "$sopsim" check --no-intervals --against "$root/results/reference/quick" "$dir/now" >/dev/null; then
	echo "a figure ten times as large was not noticed"
	exit 1
fi
