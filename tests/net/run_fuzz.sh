#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the engine and its fuzz target with libFuzzer, AddressSanitizer and UBSan, and runs it with
# a fixed seed, for so many inputs: a fast machine sees the same as a slow one.  77 (skipped) where
# clang or its runtime is missing.
#
#     run_fuzz.sh INPUTS SOURCE_ROOT SOURCE...
set -u
inputs=$1 root=$2
shift 2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/../fuzz/libfuzzer.sh"
find_clang
read -ra glib <<<"$(pkg-config --cflags --libs glib-2.0)"
# Short runs take longer to compile than to run.
optimise=-O1
[ "$inputs" -ge 2000 ] || optimise=-O0
target "$root" "engine$optimise" "$optimise" "$@" "${glib[@]}"
mkdir "$work/corpus"
cd "$work" || exit 1
# Inputs are programs, and any bytes are one: long ones from the start, so that the work is spent on
# what lies deep.
seeds=$((inputs < 500 ? inputs : 500))
perl -e 'srand(20050415); for my $n (1 .. shift) { open my $f, ">", "corpus/$n" or die;
	print $f pack("C*", map { int rand 256 } 1 .. 2048) }' $seeds || exit 1
./fuzz -seed=20050415 -runs="$inputs" -len_control=0 -max_len=2048 -timeout=60 \
	-rss_limit_mb=1024 corpus >log 2>&1
tell $?
