#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each number of the figures that was changed has a row in docs/history-of-numbers.md, and what was
# changed after looking is still said.  Skipped (77) where git does not have the whole history.
set -eu
command -v git >/dev/null || exit 77
root=$2
list=$root/tests/lab/changed_numbers
page=$root/docs/history-of-numbers.md
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

grep -q 'had given 67 to 68 %' <(tr -s '\n>' '  ' <"$page")
grep -q 'had given 67 to 68 %' <(tr '\n' ' ' <"$root/docs/figures.md")

# It can fail: a cost, a tolerance and a scenario changed without a row, committed or not.
fake=$dir/fake
mkdir -p "$fake/scenarios" "$fake/src/lab"
git -C "$dir" init -q fake
commit() {
	git -C "$fake" add -A
	git -C "$fake" -c user.name=test -c user.email=test@localhost commit -q -m "$1"
}
printf '[cost]\nfork = 9us | calibrated | Fig. 6\n' >"$fake/scenarios/server.ini"
printf '\t    {"x_us", 29.4, 0.3, "predicted", us[0], false},\n' >"$fake/src/lab/paper.c"
commit first
sed -i 's/9us/8us/' "$fake/scenarios/server.ini"
mkdir "$fake/src/lab/campaign"
git -C "$fake" mv src/lab/paper.c src/lab/campaign/paper.c # a file that moves is no change
commit 'A fit'
sed -i 's/0\.3/0.4/' "$fake/src/lab/campaign/paper.c"
missing() {
	local rc=0
	"$list" "$fake" "$dir/page" >"$dir/said" || rc=$?
	[ $rc -eq "$1" ] && grep -q "$2" "$dir/said" || {
		echo "status $rc, not $1 with '$2': $(cat "$dir/said")"
		exit 1
	}
}
: >"$dir/page"
missing 1 '`cost.fork` | 9us | 8us'
missing 1 '`x_us.tolerance` | 0.3 | 0.4'
missing 1 '2 changes, 2 without'
echo '| 2026-01-01 | `cost.fork` | 9us | 8us | ...' >"$dir/page"
missing 1 '2 changes, 1 without'
echo '| 2026-01-01 | `x_us.tolerance` | 0.3 | 0.4 | ...' >>"$dir/page"
missing 0 '2 changes, 0 without'

"$list" "$root" "$page"
