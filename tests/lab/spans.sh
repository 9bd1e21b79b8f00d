#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# explain send: the spans of each processor and of the bus are as long together as its account says, within
# 0.1 %, in all configurations; with both kinds of card.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for kind in interrupt polling; do
	printf '[scenario]\ninclude = %s\n[toe0]\nkind = %s\n' "$root/scenarios/paper.ini" $kind >"$dir/$kind.ini"
	"$sopsim" explain send "$dir/$kind.ini" | tee "$dir/$kind.txt" | awk '
	$1 ~ /^(host|card|bus)$/ && NF == 5 { for (i = 2; i <= 5; i++) spans[$1, i] = $i; next }
	$1 ~ /^(host|card|bus),$/ {
		for (i = 4; i <= 7; i++) {
			difference = spans[substr($1, 1, length($1) - 1), i - 2] - $i
			if (difference < 0)
				difference = -difference
			bad += difference > 0.001 * $i + 0.0005 # as printed
			seen += $i > 0
		}
	}
	END { exit bad || seen < 10 }' || { cat "$dir/$kind.txt"; exit 1; }
done
