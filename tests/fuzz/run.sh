#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds a fuzz target with libFuzzer, AddressSanitizer and UBSan, and runs it with a fixed seed from
# the inputs of a folder: so many runs, or, with an s behind the number, so many seconds.
# 77 (skipped) where clang or its runtime is missing.
#
#     run.sh RUNS|SECONDSs SOURCE_ROOT CORPUS SOURCE... -- LIBRARY...
#
# CORPUS: has *.pkt, or *.ini with programs.  WORDS, in the environment: what the language is made of.
# SOURCE: the target, and what of the project is watched.  LIBRARY: where the rest comes from.
set -u
bound=$1 root=$2 corpus=$3
shift 3
sources=()
while [ "$1" != -- ]; do
	sources+=("$1")
	shift
done
shift
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/libfuzzer.sh"
find_clang
if nm -u "$@" 2>/dev/null | grep -q __asan_init; then
	echo "skipped: the libraries have the sanitizers of another compiler"
	exit 77
fi
read -ra flags <<<"$(pkg-config --cflags --libs glib-2.0 json-glib-1.0 gsl libpcap)"
target "$root" "$(basename "${sources[0]}" .c)" -O1 -fexceptions "${sources[@]}" \
	-Wl,--start-group "$@" -Wl,--end-group "${flags[@]}"
mkdir "$work/found" "$work/seeds"
# The texts of programs stand in scenarios.
for file in "$corpus"/*.ini "$corpus"/*.pkt; do
	[ -f "$file" ] || continue
	awk 'FILENAME ~ /pkt$/ || (on && !/^}/); /^text = \{/ { on = 1 } /^}/ { on = 0 }' "$file" \
		>"$work/seeds/$(basename "$file")"
done
cd "$work" || exit 1
case $bound in
*s) limit=-max_total_time=${bound%s} ;;
*) limit=-runs=$bound ;;
esac
read -ra words <<<"${WORDS:-}"
for word in "${words[@]}"; do
	echo "\"$word\""
done >dictionary
./fuzz -seed=20050415 "$limit" -dict=dictionary -len_control=0 -max_len=4096 -timeout=10 \
	-rss_limit_mb=1024 found seeds >log 2>&1
tell $?
