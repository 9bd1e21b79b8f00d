#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The interval that one run prints holds what it measures in 95 of 100 cases: 20 seeds at each of four points of
# Fig. 5.  Prints the table of docs/figures.md: mean of all seeds (what is to be held), the deviation of the
# seeds, the mean half of their intervals, and how many of these hold the mean.
set -eu
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
seeds=${3:-20}

one() {
	"$sopsim" run "$root/scenarios/paper.ini" --experiment fig5 --config "$1" --offered "$2" --seed "$3" --set scenario.warmup=15s --set scenario.duration=20s \
		--out "$dir/$1-$2-$3" >/dev/null
}
export -f one
export sopsim root dir
points=('leg_tcpip 300' 'leg_tcpip 700' 'leg_tcpip 1200' 'offload_sop 900')
for point in "${points[@]}"; do
	for ((seed = 1; seed <= seeds; seed++)); do
		echo "$point $seed"
	done
done | xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' _

for point in "${points[@]}"; do
	for measure in clients.requests server.cpu_total; do
		cat "$dir/${point/ /-}"-*/summary.csv | awk -F, -v p="$point" -v m="$measure" '
			$1 == m { x[++n] = $2; sum += $2 }
			$1 == m "_ci95" { half[n] = $2; halves += $2 }
			END {
				mean = sum / n
				for (i = 1; i <= n; i++) {
					d = x[i] - mean
					squares += d * d
					# Full processors: nothing varies but the last digits.
					held += d * d <= (half[i] + 1e-6) ^ 2
				}
				printf "%-16s %-16s %9.3f %7.3f %7.3f %3d of %d\n",
					p, m, mean, sqrt(squares / (n - 1)), halves / n, held, n
			}'
	done
done | tee "$dir/table"

# The page has the table of 20 seeds.
[ "$seeds" != 20 ] || while read -r _ _ _ mean deviation half held; do
	grep -qF "| $mean | $deviation | $half | $held |" "$root/docs/figures.md" || {
		echo "docs/figures.md has not: $mean | $deviation | $half | $held"
		exit 1
	}
done <"$dir/table"

# Nine of ten of all, and not all of them, as intervals that are too wide hold.
awk '{ held += $(NF - 2); all += $NF; }
	END {
		printf "%d of %d hold it, %.1f %%\n", held, all, 100 * held / all
		exit !(held >= 0.9 * all && held < all)
	}' "$dir/table"
