#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The engine is a library of its own: no other room's headers but those of time and lists, no SimGrid,
# nothing but GLib and libc in what links it.
#
#     pure.sh PROGRAM LIBRARY INCLUDE_DIR SOURCE...
set -u
program=$1 library=$2 inc=$3
shift 3
if nm -u "$library" | grep -qE ' __(asan|ubsan)_'; then
	echo "skipped: the library has sanitizers, and calls theirs"
	exit 77
fi
failures=0
check() { # what, and what should not be
	[ -z "$2" ] && return
	printf '%s:\n%s\n' "$1" "$2"
	failures=$((failures + 1))
}

read -ra glib <<<"$(pkg-config --cflags glib-2.0)"
check "headers of other rooms" "$(cc -MM -D_GNU_SOURCE -I"$inc" "${glib[@]}" "$@" | tr ' ' '\n' |
	grep "^$inc/" | grep -vE "^$inc/(net/engine/[^/]*|sim/(units|list))\.h$" | grep -v '\.c$' | sort -u)"
check "symbols that are neither its own, GLib's nor libc's" "$(comm -23 \
	<(nm -u "$library" | awk '$1 == "U" && $2 !~ /^(g_|_GLOBAL_OFFSET_TABLE_$|__tls_)/ {print $2}' | sort -u) \
	<({ nm --defined-only "$library"
	    nm -D --defined-only "$(ldd "$program" | awk '$1 ~ /^libc\.so/ {print $3}')"; } |
	  awk 'NF == 3 {sub(/@.*/, "", $3); print $3}' | sort -u))"
check "libraries of a program that links only the engine" "$(ldd "$program" |
	awk '{print $1}' | grep -vE '^(linux-vdso|/lib.*/ld-|libc|libm|libglib-2.0|libpcre2?(-8)?)\b')"
echo "Checks: 3, Failures: $failures, Errors: 0"
exit $((failures > 0))
