#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs all the TCP scripts over one kind of socket and with one preset.  A skip is a failure here, since
# these scripts need nothing that the runner lacks, unless the script says that it shows the rules of
# another preset; then it must say what differs, and it must be true: without that line it fails.  So
# is a script a failure that does not say where its rule is written.
#     scripts.sh SOPSIM DIR VIA PRESET [OPTION...]
set -uo pipefail

sopsim=$1
dir=$2
via=$3
preset=$4
shift 4
run=("$sopsim" pkt --complete --via "$via" --set "tcp.preset=$preset" "$@")
output=$("${run[@]}" "$dir"/*.pkt 2>&1)
grep -v '^pass ' <<<"$output"
read -r passed _ failed _ skipped _ < <(tail -n 1 <<<"$output")

elsewhere=$(grep -c "^[^ ]*:[0-9]*: not of $preset: " <<<"$output")
place=$(mktemp -d)
trap 'rm -r "$place"' EXIT
mapfile -t others < <(sed -n 's/^skip //p' <<<"$output")
for script in "${others[@]}"; do
	sed '/^--presets=/d' "$script" >"$place/${script##*/}"
done
like_the_rest=0
if [ ${#others[@]} -gt 0 ]; then
	like_the_rest=$("${run[@]}" "$place"/*.pkt 2>&1 | sed -n 's/^pass .*\//it holds for '"$preset"' too: /p' |
		tee /dev/stderr | wc -l)
fi

# The first comment ends with the first empty line.
mapfile -t nameless < <(awk '
	function told() {
		if (script != "" && !named)
			print script ": its first comment names neither an RFC nor a paper of a year"
	}
	FNR == 1 { told(); script = FILENAME; head = 1; named = 0 }
	head && /RFC [0-9]|(19|20)[0-9][0-9]/ { named = 1 }
	/^ *$/ { head = 0 }
	END { told() }' "$dir"/*.pkt)
[ ${#nameless[@]} -eq 0 ] || printf '%s\n' "${nameless[@]}"
wrong=$((failed + skipped - elsewhere + ${#nameless[@]} + like_the_rest))
echo "$passed scripts show the rules of $preset, $elsewhere those of another preset"
echo "Checks: $((passed + failed + skipped)), Failures: $wrong, Errors: 0"
[ $wrong -eq 0 ] && [ "$passed" -gt 100 ]
