#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: exit status 2 and one line that names file, group, key and what is allowed.
set -u
sopsim=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

# expect WORDS... -- COMMAND...: status 2, one line on stderr with all the words.
expect() {
	local words=() said rc word
	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	shift
	said=$("$@" 2>&1 >/dev/null </dev/null)
	rc=$?
	[ $rc -eq 2 ] || { echo "status $rc, not 2: $*"; status=1; }
	[ "$(wc -l <<<"$said")" -eq 1 ] || { echo "not one line: $said"; status=1; }
	for word in "${words[@]}" allowed; do
		[[ $said == *"$word"* ]] || { echo "'$said' does not say '$word'"; status=1; }
	done
}

first=$root/scenarios/first.ini
scenario() {
	printf '[scenario]\ninclude = %s\n%s\n' "$first" "$1" >"$dir/s.ini"
}

expect 's.ini' '[pci0] latencey' "'latency'" -- "$sopsim" run "$(scenario $'[pci0]\nlatencey = 1us'; echo "$dir/s.ini")"
expect '[pci0] latency' 'missing unit' -- "$sopsim" run "$first" --set pci0.latency=5
expect '[pci0] latency' 'negative' -- "$sopsim" run "$first" --set pci0.latency=-5us
expect '[pci0] latency' 'out of range' -- "$sopsim" run "$first" --set pci0.latency=5s
expect '--set' "'pci0'" -- "$sopsim" run "$first" --set pcy0.latency=5us
expect '--set' -- "$sopsim" run "$first" --set nonsense
expect '[eth0]' 'address' -- "$sopsim" run "$first" --set client.address=10.0.0.1/24
expect 'include' 'nowhere.ini' -- "$sopsim" run "$(printf '[scenario]\ninclude = nowhere.ini\n' >"$dir/i.ini"; echo "$dir/i.ini")"
expect 'includes itself' -- "$sopsim" run "$(printf '[scenario]\ninclude = c.ini\n' >"$dir/c.ini"; echo "$dir/c.ini")"
expect 'none.ini' -- "$sopsim" run "$dir/none.ini"
expect '--vary' -- "$sopsim" sweep "$first" --vary pci0.latency
expect '[pci0] latency' -- "$sopsim" sweep "$first" --vary pci0.latency=1us,2 --out "$dir/sweep"
expect '--out' -- "$sopsim" run "$first" --out /proc/nothing
expect '--out' -- "$sopsim" reproduce --quick --out /dev/null
expect 'repro' -- "$sopsim" reprodce
expect '[config nix]' -- "$sopsim" run "$first" --config nix
expect 'check' -- "$sopsim" check "$dir/empty"
expect 'duration' -- "$sopsim" run "$root/scenarios/paper.ini" --set scenario.duration=0s
if [ -c /dev/full ] && [ -d /dev/shm ]; then
	expect 'option' -- "$sopsim" run "$first" --no-such-option
fi
[ ! -e "$dir/sweep/sweep.csv" ] || { echo "a refused sweep wrote files"; status=1; }
exit $status
